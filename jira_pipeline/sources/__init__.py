"""What a site is specified by, and what it means: sheets, exported configurations, packages.

`sheets` reads what people upload, `grouping` makes entity groups of entities, `questions` asks what
rows leave open. `drupal` knows what cells mean there, `drupal_config` reads a site as it was
exported, `verification` compares it with the sheets. `sharedo` is the other source, whole:
packages, jobs, client, sandbox, comparison. Each can be read, and taken out, alone.

Belongs here: everything that follows from files. Does not: what people decide (`review`), prose
(`writing`), a session on its way (`sessions`).
"""
