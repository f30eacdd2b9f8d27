"""Dagster as we use it: nothing here is a definition, and each module is loaded by who needs it.

Belongs here: its instance and its runs, the queue, what a failure means to it, metadata and reports,
what all definitions share. Does not: the definitions (`defs`).
"""
