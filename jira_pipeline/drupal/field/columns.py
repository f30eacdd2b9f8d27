"""The columns of a sheet of fields from left to right: those of rules, and those without a rule yet."""

from dataclasses import replace

from jira_pipeline.drupal import shared_columns
from jira_pipeline.drupal.field.required import COLUMN as REQUIRED
from jira_pipeline.drupal.field.settings_notes import COLUMN as NOTES
from jira_pipeline.drupal.field.target import COLUMN as TARGET
from jira_pipeline.drupal.field.type import COLUMN as FIELD_TYPE
from jira_pipeline.drupal.field.widget import COLUMN as WIDGET
from jira_pipeline.drupal.row_notes import (
    ALLOWED_VALUES,
    DEFAULT_VALUE,
    FILE_EXTENSIONS,
    MAXIMUM_LENGTH,
    UPLOAD_SIZE,
)
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.model.columns import (
    CUSTOM_LABEL_COLUMNS,
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
LABEL = replace(label_column("Field label"), loosely=(*CUSTOM_LABEL_COLUMNS, "Field", "Field name"))
MACHINE_NAME = replace(
    shared_columns.MACHINE_NAME,
    spellings=(
        *shared_columns.MACHINE_NAME.spellings,
        "Field machine name",
        "Field machine names",
    ),
)
REUSED = Column(
    "Reused Field",
    ("Reused", "Re-used field"),
    Holds.FLAG,
    loss="which fields already exist on another bundle",
    is_second=True,
)
FIELD_GROUP = Column(
    "Field group",
    ("Fieldset", "Field set", "Form tab"),
    loosely=("Tab", "Group"),
    loss="the field groups on the form",
    is_second=True,
)
CARDINALITY = Column(
    "Vals.",
    (
        "Values",
        "Cardinality",
        "Number of values",
        "Allowed number of values",
        "How many",
        "How many values",
        "Card.",
        "No. of values",
        "Max. values",
        "Qty",
        "Quantity",
    ),
    Holds.COUNT,
    loss="how many values fields take",
)
TRANSLATABLE = replace(shared_columns.TRANSLATABLE, loss="which fields are translatable")
HELP_TEXT = Column(
    "Help text",
    (
        "Help",
        "Help for editors",
        "Editor help",
        "Guidance",
        "Instructions",
        "Help text for editor",
        "Help text for editors",
        "Hint",
        "Hint for editors",
    ),
    Holds.PROSE,
    loss="the help texts",
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
