"""The columns of the sheets of image styles, of their effects and of responsive image styles."""

from jira_pipeline.drupal.image_style.breakpoint_group import COLUMN as BREAKPOINT_GROUP
from jira_pipeline.drupal.image_style.breakpoints import COLUMN as BREAKPOINTS
from jira_pipeline.drupal.image_style.effect import EFFECT, STYLE, SUMMARY
from jira_pipeline.drupal.image_style.effects import COLUMN as EFFECTS
from jira_pipeline.drupal.image_style.fallback import (
    COLUMN as FALLBACK_STYLE,
    MACHINE_NAME as FALLBACK_MACHINE_NAME,
)
from jira_pipeline.drupal.image_style.name import COLUMN as STYLE_NAME
from jira_pipeline.drupal.image_style.responsive_name import COLUMN as RESPONSIVE_STYLE_NAME
from jira_pipeline.drupal.image_style.responsive_note import COLUMN as RESPONSIVE_NOTES
from jira_pipeline.drupal.image_style.style_mapping import COLUMN as IMAGE_STYLES
from jira_pipeline.drupal.shared_columns import MACHINE_NAME
from jira_pipeline.model import columns
from jira_pipeline.model.columns import ID, PEOPLE

IMAGE_STYLE_COLUMNS = (ID, STYLE_NAME, MACHINE_NAME, *PEOPLE, EFFECTS)
IMAGE_EFFECT_COLUMNS = (ID, STYLE, EFFECT, *PEOPLE, SUMMARY, columns.NOTES)
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
