"""What Dagster shows, a folder for each subject; `build` puts it together.

Belongs here: assets, checks, ops, jobs, sensors, schedules. Does not: rules and verbs (the rooms of
subjects), partitions, the resource, metadata, failures, runs (`dagster_port`).
"""
