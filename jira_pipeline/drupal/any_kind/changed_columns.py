"""The columns in which a row differs from an older export of its site, where their comparison wrote them.

Such a note names columns and says nothing else; of a role, whose note lists what it may do, it names
permissions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.meaning.notes import changes_in
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import Entity, EntityKind, Status


@dataclass(frozen=True, slots=True)
class ChangedColumns:
    """A comparison of two exports wrote what changes."""

    columns: str
    """As the note lists them."""


@dataclass(frozen=True, slots=True)
class NoneCompared:
    """The row changes nothing, or nobody compared it with an older export."""


ChangedColumnsFact: TypeAlias = ChangedColumns | NoneCompared


def changed_columns_of(row: Entity) -> ChangedColumnsFact:
    """Read from the note of a row in which columns it differs from an older export."""
    if row.status is not Status.CHANGED:
        return NoneCompared()
    columns = changes_in(note_of(row))
    return ChangedColumns(columns) if columns else NoneCompared()


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Say which columns change of which rows; rows with the same changes share a sentence.

    `What changes of hull: Label, Help text.`
    """
    rows_by_change: dict[ChangedColumnsFact, list[Entity]] = {}
    for row in ticket.distinct_rows:
        change = changed_columns_of(row)
        rows_by_change.setdefault(change, []).append(row)
    for change, rows in rows_by_change.items():
        match change:
            case ChangedColumns():
                yield from _claim_of(change, rows)
            case NoneCompared():
                pass


def _claim_of(change: ChangedColumns, rows: Sequence[Entity]) -> tuple[Claim, ...]:
    """Return the claim of rows that change in the same columns."""
    columns = change.columns
    if rows[0].kind is EntityKind.USER_ROLE:
        # The notes of a role list what it may do.
        columns = columns.replace("Notes (", "permissions (")
    return claims_about("analysis.columns_changed", rows, *NOTE_COLUMNS, columns=text(columns))


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what changes of each row."""
    return facts_by_row(changed_columns_of, ticket.distinct_rows)


RULE = Rule(key="any_kind.changed_columns", facts=facts, say=say)
