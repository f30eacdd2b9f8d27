"""Whether a cell puts a row off that is to be built by its status: `Phase 2`, `after the launch`.

One of the two is wrong. Until somebody says which, the row is built.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import rows_to_build
from jira_pipeline.drupal.meaning.notes import (
    is_not_now,
    is_not_now_beside,
    puts_off,
    puts_off_beside,
    readable,
    sentences_of,
)
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows, to_build
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import Entity

# The fact: what the cells of a row to build say of the time of building.


@dataclass(frozen=True, slots=True)
class BuiltLater:
    """A cell says that the row is not built now."""

    column: str
    quote: str
    """The whole cell, or of a note the sentence."""


@dataclass(frozen=True, slots=True)
class BuiltNow:
    """No cell puts the row off."""


BuildingTime: TypeAlias = BuiltLater | BuiltNow


def building_time_of(row: Entity) -> BuildingTime:
    """Read from a row the first cell that puts it off: unknown columns first, then its notes."""
    for column in row.unexplained:
        cell = row.cell(column)
        if is_not_now_beside(cell, column) or puts_off_beside(cell, column):
            return BuiltLater(column, cell)
    for column in NOTE_COLUMNS:
        for sentence in sentences_of(readable(row.cell(column))):
            if is_not_now(sentence, column) or puts_off(sentence):
                return BuiltLater(column, sentence)
    return BuiltNow()


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a row to build is built now, although a cell puts it off.

    `“Remarks” of “Hull” says “Phase 2”: is it to be built now?`
    """
    match building_time_of(row):
        case BuiltLater(column, quote):
            yield question_about("rows.not_now", row, column, quote=quote, header=column)
        case BuiltNow():
            return


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield whether a cell puts a row off, for each row to build."""
    return facts_by_row(building_time_of, to_build(ticket.own_rows))


RULE = Rule(key="any_kind.not_now", facts=facts, asked_rows=rows_to_build, ask=ask)
