"""The one name Dagster loads; nothing else happens when it is imported."""

from jira_pipeline.defs.build import build_definitions

defs = build_definitions()
