"""Asking a language model: the wire, how fast and how often, one conversation, and its health.

Belongs here: everything between a prompt and an answer that may be used. Does not: the prompt and
the schema (`writers/prompt`, `writers/answers`), the check (`writers/provenance`), what becomes of
a session (`writers/model`).
"""
