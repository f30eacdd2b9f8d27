"""ShareDo, the other source: its packages, its environments, what differs, and its sandbox.

The verbs are in `export_jobs` and `environment_comparison`.
"""
