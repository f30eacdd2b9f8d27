"""Asking a language model: the wire, how fast and how often, one conversation, and its health.

`model_calls` is the wire, `request_pace` and `model_requests` say how fast and how often,
`request_account` counts money. Does not belong here: the prompt and which changes hold
(`writing/completion`), what becomes of a session (`writing/model`).
"""
