"""Dagster's words around the verbs, one module per concept.

Belongs here: partitions, assets, checks, ops, jobs, sensors, schedules, resources, runs; `build`
puts them together. Does not: rules and verbs (the rooms of subjects).
"""
