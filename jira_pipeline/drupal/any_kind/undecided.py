"""Cells of a few words that say in brackets that nobody has decided: `? (only in May)`.

Such cells hold a status, yes or no, a number or a type. They are read as blank; what is in the
brackets would be lost.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jira_pipeline.drupal.asked_rows import rows_to_build
from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows, to_build
from jira_pipeline.model.blank_cells import undecided_words
from jira_pipeline.model.columns import HOLDS_OF_FEW_WORDS, STATUS_COLUMN
from jira_pipeline.model.entities import Entity

_SPOKEN_NAMES: Mapping[str, str] = {
    "Field type": "The field type",
    "Req'd": "“Required”",
    "Vals.": "The number of values",
    STATUS_COLUMN: "The status",
}
"""What people call columns whose own name does not say what is in them."""


# The fact: the cells of a row that nobody has decided.


@dataclass(frozen=True, slots=True)
class UndecidedCell:
    """A cell in which somebody wrote why or until when it is open."""

    column: str
    words: str
    """What is in the brackets."""


def undecided_cells_of(row: Entity) -> tuple[UndecidedCell, ...]:
    """Read the undecided cells of a row as its sheet has them, from left to right."""
    as_written = row.as_in_sheet
    cells = []
    for column in columns_of(row.kind):
        if column.holds not in HOLDS_OF_FEW_WORDS:
            continue
        words = undecided_words(as_written.cell(column.name))
        if words:
            cells.append(UndecidedCell(column.name, words))
    return tuple(cells)


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask what holds in each cell of a row that is marked as undecided.

    `Widget of “Hull” is not decided; the sheet says “? (only in May)”: what holds?`
    """
    for cell in undecided_cells_of(row):
        header = _SPOKEN_NAMES.get(cell.column, f"“{cell.column}”")
        yield question_about("rows.undecided", row, cell.column, quote=cell.words, header=header)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the undecided cells of each row to build, one after the other."""
    for row in to_build(ticket.own_rows):
        for cell in undecided_cells_of(row):
            yield StatedFact(fact=cell, rows=(row,))


RULE = Rule(key="any_kind.undecided", facts=facts, asked_rows=rows_to_build, ask=ask)
