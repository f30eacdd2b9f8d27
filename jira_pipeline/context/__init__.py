"""What one process works with, and one session opened: its facts, its state, who is at work on it.

`settings` is every setting; `pipeline` joins it with store, source and clock, and `session_memory`
keeps what was read. `facts` reads what
the store says of a session, each fact once; `states` says what comes next, `session_needs` what it waits for,
`freshness` whether its validation still counts, `run_statuses` how a run leaves it; `trackers` opens the Jira
that settings name. `runs` sees runs from outside of Dagster; `run_errors` and `ended_runs` store what
a failed or dead one means for its session, `error_explanations` says it in plain language. `upkeep`
and `retention` decide what happens to a session by itself; `logs` writes the lines of the log.

Belongs here: what verbs of every subject begin with. Does not: verbs, a session on its way
(`sessions`).
"""
