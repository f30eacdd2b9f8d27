"""ShareDo, the other source: its packages, its environments, what differs, and its sandbox.

No room imports this one, so it can be taken out; `model/other_source` finds what it brings:
`reading` for uploads, `commands`, `definitions`, and `upload`. The verbs are in `export_jobs` and
`upload`. `reading` reads `packages`; `comparison` finds what differs. Not here: what
rows of components mean (`tickets/grouping/component_rows`) and what a ticket says of them.
"""
