"""Asking a language model: the wire, how fast and how often, one conversation, and its health.

`model_calls` is the wire, `asking_step` has many conversations at once and says how fast,
`conversation` what may still be spent. Does not belong here: the prompt and which changes hold
(`writing/completion`), what becomes of a session (`writing/writers`).
"""
