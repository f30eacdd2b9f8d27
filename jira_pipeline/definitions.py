"""The one name Dagster loads."""

import os

from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.warm_starts import start_runs_warm

os.umask(0o077)  # whoever loads this keeps runs, events and cells
defs = build_definitions()
start_runs_warm()
