"""The columns of the sheets of migrations and of their mappings, most of them of rules."""

from dataclasses import replace

from jira_pipeline.drupal.migration.dependencies import COLUMN as DEPENDS_ON
from jira_pipeline.drupal.migration.destination import COLUMN as DESTINATION
from jira_pipeline.drupal.migration.mapping import DESTINATION_FIELD, PROCESS, SOURCE_FIELD
from jira_pipeline.drupal.migration.run import COLUMN as NAME
from jira_pipeline.drupal.migration.source import COLUMN as SOURCE
from jira_pipeline.drupal.shared_columns import DESCRIPTION
from jira_pipeline.model import columns
from jira_pipeline.model.columns import ID, PEOPLE, Column, Holds, Role

NOTES = replace(columns.NOTES, loss="the notes, with the restrictions and questions in them")
MIGRATION = Column(
    "Migration",
    ("Migration name",),
    Holds.LABEL,
    Role.OWNER,
    names="migration",
    is_required=True,
)

MIGRATION_COLUMNS = (ID, NAME, *PEOPLE, SOURCE, DESTINATION, DEPENDS_ON, DESCRIPTION, NOTES)
MAPPING_COLUMNS = (
    ID,
    MIGRATION,
    SOURCE_FIELD,
    *PEOPLE,
    DESTINATION_FIELD,
    PROCESS,
    columns.NOTES,
)
"""Each from left to right as in our blank workbook."""
