"""The use cases: what people do with a session, whoever asks.

`composition` opens the pipeline of a home, `open_session` one session of it with its facts. Then,
in the order of the work: `upload`, `generation` (with `writing`), `review` (with `quality` and
`pages`), `export`, `results`; `status` says where a session is, `runs` who is at work on it.

Belongs here: gathering what a stage needs, calling it, storing what follows. Does not: Dagster
(`defs`), a terminal (`cli`), rules (the rooms of subjects).
"""
