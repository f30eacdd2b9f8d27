"""The columns of a sheet of user roles."""

from jira_pipeline.drupal.role.description import COLUMN as DESCRIPTION
from jira_pipeline.drupal.role.name import COLUMN as NAME
from jira_pipeline.drupal.role.permission import COLUMN as PERMISSIONS
from jira_pipeline.drupal.shared_columns import MACHINE_NAME
from jira_pipeline.model.columns import ID, PEOPLE

ROLE_COLUMNS = (ID, NAME, MACHINE_NAME, *PEOPLE, DESCRIPTION, PERMISSIONS)
"""From left to right as in the spreadsheet of the tool."""
