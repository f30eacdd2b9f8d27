"""The columns of a sheet of user roles."""

from jira_pipeline.drupal.role.permission import COLUMN as PERMISSIONS
from jira_pipeline.drupal.shared_columns import MACHINE_NAME, label_column
from jira_pipeline.model.columns import ID, PEOPLE, Column, Holds

NAME = label_column("Name", "Role", "Role name")
DESCRIPTION = Column("Description", holds=Holds.PROSE, is_of_tool=False)

ROLE_COLUMNS = (ID, NAME, MACHINE_NAME, *PEOPLE, DESCRIPTION, PERMISSIONS)
"""From left to right as in the spreadsheet of the tool."""
