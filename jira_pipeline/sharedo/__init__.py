"""ShareDo, the other source: its packages, its environments, what differs, and its sandbox.

The verbs are in `export_jobs` and `environment_comparison`. `reading` reads `packages`, of whose
components `component_settings` says what they set; `comparison` finds what differs. Not here: what
a ticket says of them (`tickets/claims/lists`).
"""
