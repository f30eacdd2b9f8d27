"""The columns of a sheet of fields from left to right: those of rules, and those without a rule yet."""

from dataclasses import replace

from jira_pipeline.drupal import shared_columns
from jira_pipeline.drupal.field.allowed_values import COLUMN as ALLOWED_VALUES
from jira_pipeline.drupal.field.cardinality import COLUMN as CARDINALITY
from jira_pipeline.drupal.field.default_value import COLUMN as DEFAULT_VALUE
from jira_pipeline.drupal.field.field_group import COLUMN as FIELD_GROUP
from jira_pipeline.drupal.field.help_text import COLUMN as HELP_TEXT
from jira_pipeline.drupal.field.label import COLUMN as LABEL
from jira_pipeline.drupal.field.other_forms import COLUMN as OTHER_FORMS
from jira_pipeline.drupal.field.required import COLUMN as REQUIRED
from jira_pipeline.drupal.field.reuse import COLUMN as REUSED
from jira_pipeline.drupal.field.settings_notes import COLUMN as NOTES
from jira_pipeline.drupal.field.target import COLUMN as TARGET
from jira_pipeline.drupal.field.translatable import COLUMN as TRANSLATABLE
from jira_pipeline.drupal.field.type import COLUMN as FIELD_TYPE
from jira_pipeline.drupal.field.widget import COLUMN as WIDGET
from jira_pipeline.drupal.row_notes import (
    FILE_EXTENSIONS,
    MAXIMUM_LENGTH,
    UPLOAD_SIZE,
)
from jira_pipeline.model.columns import (
    ID,
    PEOPLE,
    Column,
    Holds,
    Role,
)

BUNDLE = Column(
    "Bundle",
    ("Content type", "Vocabulary", "Paragraph type", "Media type", "Block type"),
    Holds.BUNDLE,
    Role.OWNER,
    names="bundle",
    is_required=True,
    loosely=("Paragraph", "Block", "Component", "Page type", "Type of page"),
)
BUNDLE_TYPE = Column(
    "Bundle type",
    ("Entity type", "Entity", "Kind of entity", "Type of bundle", "Content entity"),
    Holds.BUNDLE_TYPE,
    Role.KEY,
    is_of_tool=False,
)
MACHINE_NAME = replace(
    shared_columns.MACHINE_NAME,
    spellings=(
        *shared_columns.MACHINE_NAME.spellings,
        "Field machine name",
        "Field machine names",
    ),
)
BUNDLE_MACHINE_NAME = Column(
    "Bundle machine name",
    (),
    Holds.MACHINE_NAME,
    Role.OWNER,
    loosely=(shared_columns.MACHINE_NAME.name,),
)

FIELD_COLUMNS = (
    ID,
    BUNDLE,
    BUNDLE_TYPE,
    LABEL,
    MACHINE_NAME,
    REUSED,
    *PEOPLE,
    FIELD_GROUP,
    FIELD_TYPE,
    TARGET,
    REQUIRED,
    CARDINALITY,
    WIDGET,
    OTHER_FORMS,
    TRANSLATABLE,
    NOTES,
    HELP_TEXT,
    ALLOWED_VALUES,
    DEFAULT_VALUE,
    MAXIMUM_LENGTH,
    FILE_EXTENSIONS,
    UPLOAD_SIZE,
    BUNDLE_MACHINE_NAME,
)
"""From left to right as in the spreadsheet of the tool."""
