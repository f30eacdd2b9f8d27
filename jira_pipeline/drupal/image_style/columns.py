"""The columns of the sheets of image styles and of responsive image styles."""

from dataclasses import replace

from jira_pipeline.drupal.image_style.effects import COLUMN as EFFECTS
from jira_pipeline.drupal.image_style.name import COLUMN as STYLE_NAME
from jira_pipeline.drupal.shared_columns import MACHINE_NAME, label_column
from jira_pipeline.model import columns
from jira_pipeline.model.columns import ID, PEOPLE, Column, Holds

RESPONSIVE_STYLE_NAME = label_column("Responsive style", "Responsive image style")
BREAKPOINT_GROUP = Column("Breakpoint Group", loss="the breakpoint groups")
BREAKPOINTS = Column("Breakpoints Used", ("Breakpoints",), loss="the breakpoints")
FALLBACK_STYLE = Column(
    "Fallback Style",
    ("Fallback image style",),
    names="image_style",
    loss="the fallback styles",
)
IMAGE_STYLES = Column(
    "Image Style Group(s)",
    ("Image styles",),
    names="image_style",
    names_several=True,
    loss="the image styles they use, and the dependencies on them",
)
RESPONSIVE_NOTES = replace(columns.NOTES, loss="the notes, with what applies at which breakpoint")
FALLBACK_MACHINE_NAME = Column("Fallback machine name", (), Holds.MACHINE_NAME)

IMAGE_STYLE_COLUMNS = (ID, STYLE_NAME, MACHINE_NAME, *PEOPLE, EFFECTS)
RESPONSIVE_IMAGE_STYLE_COLUMNS = (
    ID,
    RESPONSIVE_STYLE_NAME,
    MACHINE_NAME,
    BREAKPOINT_GROUP,
    BREAKPOINTS,
    FALLBACK_STYLE,
    IMAGE_STYLES,
    *PEOPLE,
    RESPONSIVE_NOTES,
    FALLBACK_MACHINE_NAME,
)
"""Each from left to right as in the spreadsheet of the tool."""
