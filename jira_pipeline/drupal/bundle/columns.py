"""The columns of a sheet of bundles from left to right, most of them of rules."""

from dataclasses import replace

from jira_pipeline.drupal.bundle.description import COLUMN as DESCRIPTION
from jira_pipeline.drupal.bundle.layout import COLUMN as LAYOUT_BUILDER
from jira_pipeline.drupal.bundle.name import COLUMN as NAME
from jira_pipeline.drupal.bundle.translated import COLUMN as TRANSLATABLE
from jira_pipeline.drupal.bundle.url_alias import COLUMN as URL_ALIAS
from jira_pipeline.drupal.shared_columns import MACHINE_NAME, flag_column
from jira_pipeline.model.columns import EPIC, ID, PEOPLE, SETTINGS_AND_NOTES, Column, Holds, Role

CODE = replace(ID, spellings=("No.", "Code", "Short code", "Abbreviation", "Abbrev.", "Abbr."))
MODERATED = flag_column(
    "Mod.",
    "Moderation",
    "Moderated",
    "Goes through workflow",
    loss="which content types are moderated",
)
COMMENTS = Column("Cmnt.", ("Comments",), Holds.FLAG, is_of_tool=False)
MIGRATED = flag_column(
    "Migr.", "Migrated", "Migrate", loss="which bundles receive migrated content"
)
META_TAGS = flag_column("Meta", "Metatags", loss="which bundles have meta tags")
SCHEDULED = flag_column("Sched.", "Scheduled", "Scheduling", loss="which bundles can be scheduled")
SEARCHED = flag_column("Srch.", "Search", "Searchable", loss="which bundles are searched")
TYPE = Column(
    "Type",
    ("Bundle type",),
    Holds.BUNDLE_TYPE,
    Role.KEY,
    is_required=True,
    loosely=("Entity type", "Entity"),
)
NOTES = replace(SETTINGS_AND_NOTES, loss="the notes, with the restrictions and questions in them")
EXAMPLES = Column("Example(s)", ("Example",), Holds.PROSE, is_second=True, is_of_tool=False)

BUNDLE_COLUMNS = (
    CODE,
    NAME,
    MACHINE_NAME,
    *PEOPLE,
    DESCRIPTION,
    MODERATED,
    LAYOUT_BUILDER,
    TRANSLATABLE,
    COMMENTS,
    MIGRATED,
    META_TAGS,
    SCHEDULED,
    SEARCHED,
    TYPE,
    URL_ALIAS,
    NOTES,
    EXAMPLES,
    EPIC,
)
"""From left to right as in the spreadsheet of the tool."""
