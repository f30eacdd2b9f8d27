"""The columns of a sheet of displays of views."""

from dataclasses import replace

from jira_pipeline.drupal.shared_columns import MACHINE_NAME
from jira_pipeline.model import columns
from jira_pipeline.model.columns import ID, PEOPLE, Column, Holds, Role
from jira_pipeline.model.forms_in_text import FORM_COLUMNS

VIEW = Column("View", ("View name",), Holds.LABEL, Role.OWNER, names="view", is_required=True)
TITLE = Column(
    "Title",
    ("Display title", "Display name", "Display"),
    Holds.LABEL,
    Role.LABEL,
    loss="the titles of displays",
)
PLUGIN = Column(
    "Display plugin",
    ("Display type", "Type of display"),
    Holds.DISPLAY_PLUGIN,
    loosely=("Type",),
)
NOTES = replace(columns.NOTES, loss="what displays show, filter and sort")
VIEW_MACHINE_NAME = Column("View ID", ("View machine name",), Holds.MACHINE_NAME, Role.OWNER)
FORM = tuple(Column(name, holds=Holds.ANYTHING, is_of_tool=False) for name in FORM_COLUMNS)
"""What the form of a view asks for, where a sheet says it already."""

DISPLAY_COLUMNS = (
    ID,
    VIEW,
    TITLE,
    MACHINE_NAME,
    *PEOPLE,
    PLUGIN,
    NOTES,
    VIEW_MACHINE_NAME,
    *FORM,
)
"""From left to right as in the spreadsheet of the tool."""
