"""The columns of sheets of views and of displays from left to right, most of them of rules."""

from jira_pipeline.drupal.shared_columns import MACHINE_NAME
from jira_pipeline.drupal.view.access import COLUMN as ACCESS
from jira_pipeline.drupal.view.base_table import COLUMN as BASE_TABLE
from jira_pipeline.drupal.view.description import COLUMN as DESCRIPTION
from jira_pipeline.drupal.view.display_note import COLUMN as DISPLAY_NOTES
from jira_pipeline.drupal.view.display_title import COLUMN as TITLE
from jira_pipeline.drupal.view.enabled import COLUMN as ENABLED
from jira_pipeline.drupal.view.filters import COLUMN as FILTERS
from jira_pipeline.drupal.view.lists import COLUMN as LISTS
from jira_pipeline.drupal.view.modules import COLUMN as NOTES
from jira_pipeline.drupal.view.name import COLUMN as NAME
from jira_pipeline.drupal.view.pager import COLUMN as PAGER
from jira_pipeline.drupal.view.path import COLUMN as PATH
from jira_pipeline.drupal.view.plugin import COLUMN as PLUGIN
from jira_pipeline.drupal.view.shows import COLUMN as SHOWS
from jira_pipeline.drupal.view.sort import COLUMN as SORT
from jira_pipeline.drupal.view.when_empty import COLUMN as WHEN_EMPTY
from jira_pipeline.model.columns import EPIC, ID, PEOPLE, Column, Holds, Role

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

VIEW = Column("View", ("View name",), Holds.LABEL, Role.OWNER, names="view", is_required=True)
VIEW_MACHINE_NAME = Column("View ID", ("View machine name",), Holds.MACHINE_NAME, Role.OWNER)
FORM = (LISTS, SHOWS, PATH, FILTERS, SORT, PAGER, ACCESS, WHEN_EMPTY)
"""What the form of a view asks for, where a sheet says it already."""

DISPLAY_COLUMNS = (
    ID,
    VIEW,
    TITLE,
    MACHINE_NAME,
    *PEOPLE,
    PLUGIN,
    DISPLAY_NOTES,
    VIEW_MACHINE_NAME,
    *FORM,
)
"""From left to right as in the spreadsheet of the tool."""
