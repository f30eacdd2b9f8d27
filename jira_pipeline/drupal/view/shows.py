"""What a display shows of each item, and how: a view mode, or fields in a list, a table or a grid.

An export shows a format and its columns, an attachment another display: the parts differ by kind.

Source: Drupal core, `style`, `row` and `fields` of `display_options`; `shows` of `modules.toml`.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.meaning.notes import pattern_of
from jira_pipeline.drupal.row_names import joined
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.view.path import file_format_of
from jira_pipeline.drupal.view.plugin import DisplayPlugin, plugin_of
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.forms_in_text import OPEN

COLUMN = Column("Shows", holds=Holds.ANYTHING, is_of_tool=False)
_FORMAT_ALONE = pattern_of("format_alone")


def with_open_fields(cell: str) -> str:
    """Return what a cell says; after a format alone, such as `Table`, that its fields are open."""
    if _FORMAT_ALONE.fullmatch(cell):
        return f"{cell}, of which fields: {OPEN}"
    return cell


def parts_to_show(display: Entity) -> str:
    """Say which parts of what a display shows are open, after the format that its path gives."""
    match plugin_of(display):
        case DisplayPlugin(shows=shows) if shows:
            parts = shows.split("; ")
        case _:
            return OPEN
    file_format = file_format_of(display)
    if file_format:
        # The first part is the format, which the path has said.
        return f"{file_format.upper()} by its path; {joined(parts[1:])}: {OPEN}"
    return f"{joined(parts)}: {OPEN}"


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`style`, `row` and the labels of `fields`, own or inherited",
)
RULE: Rule[object] = Rule(key="view.shows", columns=(COLUMN,), counterpart=COUNTERPART)
