"""The columns of a sheet of migrations."""

from dataclasses import replace

from jira_pipeline.drupal.shared_columns import DESCRIPTION, label_column
from jira_pipeline.model import columns
from jira_pipeline.model.columns import ID, PEOPLE

NAME = label_column("Migration", "Migration name")
NOTES = replace(columns.NOTES, loss="the notes, with the restrictions and questions in them")

MIGRATION_COLUMNS = (ID, NAME, *PEOPLE, DESCRIPTION, NOTES)
"""From left to right as in the spreadsheet of the tool."""
