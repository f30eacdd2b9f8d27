"""The one name Dagster loads."""

from jira_pipeline.defs.build import build_definitions

defs = build_definitions()
