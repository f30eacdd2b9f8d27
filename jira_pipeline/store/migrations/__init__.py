"""How the tables came to be, step by step.

Belongs here: `migrate` (starts Alembic), `env` (what Alembic runs), `versions` (the steps, never
edited after merge). Does not: what the tables look like now (`store/tables`).
"""
