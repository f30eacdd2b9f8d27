"""Dependencies that people add, and those of the sheets that they release.

Belongs here: the rows of both. Does not: dependencies that the sheets state, and what becomes of
these in a new generation (`generations`).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from jira_pipeline.domain.dependencies import path_between
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.errors import DependencyCycleError
from jira_pipeline.store import tables
from jira_pipeline.store.audit import append_audit
from jira_pipeline.store.changed_tickets import invalidate

_DEPENDENCIES = tables.dependencies.c
_RELEASED = tables.released_dependencies.c


def add_dependency(
    connection: Connection,
    ticket: Ticket,
    other: Ticket,
    *,
    tickets: Sequence[Ticket],
    by: str,
    at: datetime,
) -> None:
    """Make a ticket wait for another one, among all tickets of the session.

    Raises:
        DependencyCycleError: The other one waits for it already, or they are the same.
    """
    _refuse_cycle(ticket, other, tickets)
    connection.execute(
        delete(tables.released_dependencies).where(
            _RELEASED.ticket_id == ticket.ticket_id, _RELEASED.other_ticket_id == other.ticket_id
        )
    )
    if not _is_blocking(connection, ticket, other):
        connection.execute(
            insert(tables.dependencies).values(
                session_key=ticket.session_key,
                ticket_id=ticket.ticket_id,
                other_ticket_id=other.ticket_id,
                kind="blocks",
                origin="manual",
            )
        )
    _record(connection, ticket, other, action="dependency_added", by=by, at=at)


def remove_dependency(
    connection: Connection, ticket: Ticket, other: Ticket, *, by: str, at: datetime
) -> None:
    """Let a ticket no longer wait for another one; what the sheets state is released."""
    connection.execute(
        delete(tables.dependencies).where(
            _blocking_pair(ticket, other), _DEPENDENCIES.origin == "manual"
        )
    )
    if _is_blocking(connection, ticket, other):
        connection.execute(
            insert(tables.released_dependencies).values(
                session_key=ticket.session_key,
                ticket_id=ticket.ticket_id,
                other_ticket_id=other.ticket_id,
            )
        )
    _record(connection, ticket, other, action="dependency_removed", by=by, at=at)


def _refuse_cycle(ticket: Ticket, other: Ticket, tickets: Sequence[Ticket]) -> None:
    """Refuse when the other one waits for the ticket, directly or through more of them."""
    by_id = {t.ticket_id: t for t in tickets}
    waits_for = {ticket_id: t.depends_on for ticket_id, t in by_id.items()}
    path = path_between(other.ticket_id, ticket.ticket_id, waits_for)
    if path is not None:
        named = [ticket.ticket_id, *path]
        raise DependencyCycleError([f"{by_id[i].number} {by_id[i].title}" for i in named])


def _blocking_pair(ticket: Ticket, other: Ticket) -> ColumnElement[bool]:
    return and_(
        _DEPENDENCIES.ticket_id == ticket.ticket_id,
        _DEPENDENCIES.other_ticket_id == other.ticket_id,
        _DEPENDENCIES.kind == "blocks",
    )


def _is_blocking(connection: Connection, ticket: Ticket, other: Ticket) -> bool:
    """Tell whether a row says that a ticket waits for another one, released or not."""
    chosen = select(_DEPENDENCIES.origin).where(_blocking_pair(ticket, other))
    return connection.execute(chosen).first() is not None


def _record(
    connection: Connection, ticket: Ticket, other: Ticket, *, action: str, by: str, at: datetime
) -> None:
    invalidate(connection, ticket.session_key, [ticket.ticket_id], at=at)
    append_audit(
        connection,
        at=at,
        session_key=ticket.session_key,
        actor=by,
        action=action,
        details={"ticket_id": ticket.ticket_id, "other_ticket_id": other.ticket_id},
    )
