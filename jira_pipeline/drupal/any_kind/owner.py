"""What a row belongs to: a field to its bundle, a display to its view, a state to its workflow.

Drupal has no such thing without an owner. Sheets name it in a column of their own; of a bundle they
name the type, such as a vocabulary, in the same way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import ownerless_rows_to_build
from jira_pipeline.drupal.bundle.columns import TYPE
from jira_pipeline.drupal.columns import OWNER_COLUMNS, owner_column_of
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows, to_build
from jira_pipeline.model.entities import Entity

# The fact: whether the sheet of a row has a column for its owner that the row leaves blank.


@dataclass(frozen=True, slots=True)
class BlankOwner:
    """The sheet has the column, and the row says nothing in it."""

    column: str
    """Its name, which is what people call the owner, such as `Workflow`."""


@dataclass(frozen=True, slots=True)
class NamedOwner:
    """The row names its owner, or its sheet has no column for one."""


OwnerFact: TypeAlias = BlankOwner | NamedOwner


def owner_of(row: Entity) -> OwnerFact:
    """Read from a row whether it leaves open what it belongs to."""
    column = owner_column_of(row.kind)
    if column is None or not row.has_column(column.name) or row.cell(column.name):
        return NamedOwner()
    return BlankOwner(column.name)


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask what a row belongs to whose cell for it is blank.

    `Which bundle does “Hull” have? Bundle is blank.`
    """
    match owner_of(row):
        case BlankOwner(column):
            noun = column.casefold()
            yield question_about("lists.blank", row, column, noun=noun, blank=column)
        case NamedOwner():
            return


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield whether the cell for its owner is blank, for each row to build."""
    return facts_by_row(owner_of, to_build(ticket.own_rows))


_IN_FILE_NAME = Counterpart(how=Comparison.KEY, where="the name of its file")
COUNTERPARTS = dict.fromkeys((*OWNER_COLUMNS, TYPE.name), _IN_FILE_NAME)
"""The name of a file is made of the owner of a thing, or the type of a bundle, and its own name."""
RULE = Rule(
    key="any_kind.owner",
    facts=facts,
    asked_rows=ownerless_rows_to_build,
    ask=ask,
    counterparts=COUNTERPARTS,
)
