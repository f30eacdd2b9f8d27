"""A session on its way through all subjects: it comes, work on it starts and ends, where it stands.

`composition` opens the pipeline of a home, `review/open_session` one session of it with all its
facts. In the order of the work: `incoming` and `upload`, `starting`, `status`, `notifying`.
`search` finds tickets in one session or in all, `listing` sessions; `accounts` let people in.

Who names what is not there gets a `NotFoundError`; a file or folder that cannot be written is a
`StoreError`, in the home itself a `ConfigurationError`.

Belongs here: what needs more than one subject. Does not: verbs of one (`review/decisions`,
`export/exporting`, `writing/generation`), Dagster (`defs`), a terminal (`cli`).
"""
