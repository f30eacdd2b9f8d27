"""Dagster's words around the use cases of `sessions`, one module per concept.

Belongs here: partitions, assets, checks, ops, jobs, sensors, schedules, resources, runs; `build`
puts them together. Does not: what happens to a session (`sessions`), rules (the rooms
of subjects).
"""
