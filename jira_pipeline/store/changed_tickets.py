"""What every change of tickets by people begins and ends with.

Belongs here: locking the session of the tickets that are meant, the audit entry, making stale what
changed. Does not: the changes (`tickets`, `withdrawals`, `edits`, `manual_dependencies`,
`answers`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.errors import UnknownTicketError
from jira_pipeline.store.audit import append_audit
from jira_pipeline.store.session_rows import CHANGED_CONTENT, lock_session, update_session
from jira_pipeline.store.ticket_rows import NOT_READY, change_tickets, tickets_of


def locked_tickets(
    connection: Connection, session_key: str, ticket_ids: Iterable[str]
) -> list[Ticket]:
    """Lock the session and return those tickets, in the order asked for.

    Raises:
        UnknownTicketError: One is no ticket of the session, or its rows are gone.
    """
    lock_session(connection, session_key)
    present = {ticket.ticket_id: ticket for ticket in tickets_of(connection, session_key)}
    wanted = list(dict.fromkeys(ticket_ids))
    for ticket_id in wanted:
        if ticket_id not in present:
            raise UnknownTicketError(session_key=session_key, ticket=ticket_id)
    return [present[ticket_id] for ticket_id in wanted]


def locked_pair(
    connection: Connection, session_key: str, ticket_id: str, other_ticket_id: str
) -> tuple[Ticket, Ticket]:
    """Lock the session and return two tickets, which may be the same."""
    found = locked_tickets(connection, session_key, (ticket_id, other_ticket_id))
    return found[0], found[-1]


def locked_ticket(connection: Connection, session_key: str, ticket_id: str) -> Ticket:
    """Lock the session and return one ticket."""
    return locked_tickets(connection, session_key, (ticket_id,))[0]


def change_and_record(
    connection: Connection,
    rows: Sequence[Mapping[str, object]],
    *,
    session_key: str,
    action: str,
    details: Mapping[str, object],
    by: str,
    at: datetime,
) -> int:
    """Update tickets as `change_tickets` does, with one audit entry; return how many there were."""
    change_tickets(connection, rows)
    if rows:
        append_audit(
            connection, at=at, session_key=session_key, actor=by, action=action, details=details
        )
    return len(rows)


def invalidate(
    connection: Connection, session_key: str, ticket_ids: Sequence[str], *, at: datetime
) -> None:
    """Take ready marks away and remember when something changed."""
    if not ticket_ids:
        return
    change_tickets(connection, [{"of_ticket": key, **NOT_READY} for key in ticket_ids])
    update_session(
        connection,
        session_key,
        {"last_invalidated_at": at, "updated_at": at, **CHANGED_CONTENT},
    )
