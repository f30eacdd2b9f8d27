"""The columns of a sheet of views."""

from dataclasses import replace

from jira_pipeline.drupal import shared_columns
from jira_pipeline.drupal.shared_columns import MACHINE_NAME, label_column
from jira_pipeline.model import columns
from jira_pipeline.model.columns import EPIC, ID, PEOPLE, Column, Holds

NAME = label_column("View name")
BASE_TABLE = Column(
    "Base table",
    ("Base",),
    Holds.BASE_TABLE,
    loss="what views list, and their dependencies on content types",
)
ENABLED = Column("Status", holds=Holds.SWITCH, loss="which views are enabled")
DESCRIPTION = replace(shared_columns.DESCRIPTION, spellings=("What it shows", "Shows", "Purpose"))
NOTES = replace(columns.NOTES, loss="the notes, with the restrictions and questions in them")

VIEW_COLUMNS = (
    ID,
    NAME,
    MACHINE_NAME,
    *PEOPLE,
    BASE_TABLE,
    ENABLED,
    DESCRIPTION,
    NOTES,
    EPIC,
)
"""From left to right as in the spreadsheet of the tool."""
