"""A cell that is too long to be read: no sentence rests on it, and its ticket has to say so.

A list of names, such as the permissions of a role, is read however long it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows, TicketRows
from jira_pipeline.model.entities import NOT_READ, Entity, EntityKind
from jira_pipeline.model.entity_groups import GroupKind

_SAY_WHO_MAY = frozenset(
    {GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS, GroupKind.WORKFLOW, GroupKind.USER_ROLES}
)
"""Tickets that say who may do what, and so rest on the rows of all roles."""


@dataclass(frozen=True, slots=True)
class PartlyRead:
    """Some cells of the row are too long."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhollyRead:
    """Every cell of the row was read."""


ReadFact: TypeAlias = PartlyRead | WhollyRead


def reading_of(row: Entity) -> ReadFact:
    """Tell which cells of a row were not read."""
    columns = tuple(column for column, cell in row.cells.items() if cell == NOT_READ)
    return PartlyRead(columns) if columns else WhollyRead()


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Say which cells that the ticket rests on were too long to be read.

    `Notes of “Hull” is over 10,000 characters long and was not read: …`
    """
    rows_by_column: dict[str, list[Entity]] = {}
    for row in _rows_used(ticket):
        match reading_of(row):
            case PartlyRead(columns):
                for column in columns:
                    rows_by_column.setdefault(column, []).append(row)
            case WhollyRead():
                pass
    for column, rows in rows_by_column.items():
        yield from claims_about("analysis.not_read", rows, column, values=(), column=text(column))


def _rows_used(ticket: TicketRows) -> list[Entity]:
    """Return the rows that a ticket rests on, once each."""
    rows = {row.source: row for row in ticket.distinct_rows}
    if ticket.group.kind in _SAY_WHO_MAY:
        for role in _partly_read_roles(ticket.session):
            rows[role.source] = role
    return list(rows.values())


@once_per_session
def _partly_read_roles(session: SessionRows) -> tuple[Entity, ...]:
    """Return the roles with cells that were not read; nearly always none."""
    partly_read = []
    for role in session.specification.live[EntityKind.USER_ROLE]:
        match reading_of(role):
            case PartlyRead():
                partly_read.append(role)
            case WhollyRead():
                pass
    return tuple(partly_read)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield which cells were not read, for each row of the ticket."""
    return facts_by_row(reading_of, ticket.distinct_rows)


RULE = Rule(key="any_kind.not_read", facts=facts, say=say)
