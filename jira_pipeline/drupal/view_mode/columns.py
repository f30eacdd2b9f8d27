"""The columns of a sheet of view modes."""

from dataclasses import replace

from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.model import columns
from jira_pipeline.model.columns import ID, PEOPLE, Column, Holds, Role

NAME = label_column("View Modes", "View mode")
ENTITY_TYPE = Column("Entity Type", (), Holds.BUNDLE_TYPE, Role.KEY, is_required=True)
USED_ON = Column(
    "Entities Used On",
    ("Used on", "Used by", "Used in", "Used for"),
    names="bundle",
    names_several=True,
    loss="which bundles use a view mode",
)
NOTES = replace(columns.NOTES, loss="what view modes show")
FORMAT = Column("Format", holds=Holds.ANYTHING)

VIEW_MODE_COLUMNS = (ID, NAME, ENTITY_TYPE, *PEOPLE, USED_ON, NOTES, FORMAT)
"""From left to right as in the spreadsheet of the tool."""
