"""Talks to ShareDo: tokens, export jobs, downloads.

Belongs here: the HTTP protocol, renewal, rate limits, what a failure means. Does not: when a job is
created or watched (`jobs`), what a package holds (`reading`).
"""
