"""What a responsive image style cannot do without: its breakpoints, the image style of each, a fallback.

Its form refuses to be saved without them. A note may say the first two.

Source: Drupal core, Responsive Image, `ResponsiveImageStyleForm`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jira_pipeline.drupal.asked_rows import responsive_styles_to_build
from jira_pipeline.drupal.image_style.breakpoint_group import COLUMN as BREAKPOINT_GROUP
from jira_pipeline.drupal.image_style.fallback import (
    COLUMN as FALLBACK,
    MACHINE_NAME as FALLBACK_MACHINE_NAME,
)
from jira_pipeline.drupal.image_style.style_mapping import COLUMN as IMAGE_STYLES
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import Entity

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "fallback image style": (FALLBACK.name, FALLBACK_MACHINE_NAME.name),
    "image styles": (IMAGE_STYLES.name, *NOTE_COLUMNS),
    "breakpoint group": (BREAKPOINT_GROUP.name, *NOTE_COLUMNS),
}
"""What people call each, and the columns that may say it."""


# The fact: what of that a row does not say.


@dataclass(frozen=True, slots=True)
class MissingCell:
    """Something that no cell says."""

    noun: str
    column: str
    """The first column that may say it."""


def missing_cells_of(style: Entity) -> tuple[MissingCell, ...]:
    """Read from a row what its style lacks."""
    missing = []
    for noun, columns in _NEEDED.items():
        if not any(style.cell(column) for column in columns):
            missing.append(MissingCell(noun, columns[0]))
    return tuple(missing)


# What follows from it.


def ask(style: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask for each thing that a responsive image style needs and no cell says.

    `Which fallback image style does “Hero” have? Fallback is blank.`
    """
    for cell in missing_cells_of(style):
        yield question_about("lists.blank", style, cell.column, noun=cell.noun, blank=cell.column)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what each style to build lacks, one thing after the other."""
    for style in ticket.to_build:
        for cell in missing_cells_of(style):
            yield StatedFact(fact=cell, rows=(style,))


RULE = Rule(
    key="image_style.needed_cells", facts=facts, asked_rows=responsive_styles_to_build, ask=ask
)
