"""What a display shows of each item, and how: a view mode, or fields in a list, a table or a grid.

An export shows a format and its columns, an attachment another display: the parts differ by kind.

Source: Drupal core, `style`, `row` and `fields` of `display_options`; `shows` of `modules.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.display_settings import FORMAT, setting_fact
from jira_pipeline.drupal.meaning.notes import pattern_of
from jira_pipeline.drupal.row_names import joined
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.view.path import file_format_of
from jira_pipeline.drupal.view.plugin import DisplayPlugin, plugin_of
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.forms_in_text import OPEN

COLUMN = Column("Shows", holds=Holds.ANYTHING, is_of_tool=False)
_FORMAT_ALONE = pattern_of("format_alone")


# The fact: what the row of a display says of what it shows.


@dataclass(frozen=True, slots=True)
class FormatWithoutFields:
    """A format, such as `Table`, and not which fields it shows."""

    name: str


ShowsFact: TypeAlias = CellWords | FormatWithoutFields | BlankCell


def shows_of(display: Entity) -> ShowsFact:
    """Read what a display shows from its row."""
    fact = setting_fact(display, FORMAT)
    match fact:
        case CellWords(text) if _FORMAT_ALONE.fullmatch(text):
            return FormatWithoutFields(text)
        case CellWords() | BlankCell():
            return fact


# What the form of a view makes of it.


def parts_in_row(display: Entity) -> str:
    """Return what the row of a display says that it shows, and whether fields are open; else empty."""
    match shows_of(display):
        case CellWords(text):
            return text
        case FormatWithoutFields(name):
            return f"{name}, of which fields: {OPEN}"
        case BlankCell():
            return ""


def parts_to_show(display: Entity) -> str:
    """Say which parts of what a display shows are open; the path of an export says its format."""
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


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield what the row of each display says that it shows."""
    return facts_by_row(shows_of, view.displays)


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`style`, `row`, the labels of `fields` and `use_ajax`, own or inherited",
)
RULE = Rule(key="view.shows", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
