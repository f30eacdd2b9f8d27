"""The columns of a sheet of view modes."""

from jira_pipeline.drupal.view_mode.entity_type import COLUMN as ENTITY_TYPE
from jira_pipeline.drupal.view_mode.name import COLUMN as NAME
from jira_pipeline.drupal.view_mode.note import COLUMN as NOTES
from jira_pipeline.drupal.view_mode.used_on import COLUMN as USED_ON
from jira_pipeline.model.columns import ID, PEOPLE, Column, Holds

FORMAT = Column("Format", holds=Holds.ANYTHING)

VIEW_MODE_COLUMNS = (ID, NAME, ENTITY_TYPE, *PEOPLE, USED_ON, NOTES, FORMAT)
"""From left to right as in the spreadsheet of the tool."""
