"""Asking a language model: the wire, how fast and how often, one conversation, and its health.

Belongs here: everything between a prompt and an answer that may be used. Does not: the prompt, the
schema and which changes hold (`writing/completion`), what becomes of a session (`writing/model`).
"""
