"""The use cases: what people do with a session, whoever asks.

Belongs here: upload, generate, review, export, results, in terms of stages and ports. Does not:
Dagster (`defs`), a terminal (`cli`), rules (`stages`, `domain`).
"""
