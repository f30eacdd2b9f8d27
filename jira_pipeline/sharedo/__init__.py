"""ShareDo, the other source: its packages, its environments, what differs, and its sandbox."""
