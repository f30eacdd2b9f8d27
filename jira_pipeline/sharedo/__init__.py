"""ShareDo, the other source: its packages, its environments, what differs, and its sandbox.

The verbs are in `exporting` (environments, export jobs) and `comparing`.
"""
