"""Tickets whose rows are gone: proposed for withdrawal, agreed, proposed again.

Belongs here: what each of these steps does to the rows, with its audit entry. Does not: finding
out that rows are gone (`generations`), who may agree (`stages/review/withdrawals`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from jira_pipeline.domain.tickets import Withdrawal
from jira_pipeline.errors import NotVanishedError
from jira_pipeline.store import tables
from jira_pipeline.store.changed_tickets import change_and_record
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.ticket_rows import NOT_READY, change_tickets, tickets_of

_TICKETS = tables.tickets.c
NOT_VANISHED: Mapping[str, object] = {
    "withdrawal": None,
    "withdrawn_by": None,
    "withdrawal_reason": "",
}
_PROPOSED = {**NOT_VANISHED, "withdrawal": Withdrawal.PROPOSED}


def propose_to_withdraw(
    connection: Connection, session_key: str, ticket_ids: Sequence[str], *, first_number: int
) -> None:
    """Propose tickets of a locked session, and number all whose rows are gone behind the others.

    A ready mark stays: it is bound to what Jira would get, and counts again if that comes back.
    """
    change_tickets(connection, [{"of_ticket": key, **_PROPOSED} for key in ticket_ids])
    chosen = (
        select(_TICKETS.ticket_id)
        .where(_TICKETS.session_key == session_key, _TICKETS.withdrawal.is_not(None))
        .order_by(_TICKETS.number, _TICKETS.ticket_id)
    )
    vanished = connection.execute(chosen).scalars().all()
    change_tickets(
        connection,
        [
            {"of_ticket": key, "number": number}
            for number, key in enumerate(vanished, start=first_number)
        ],
    )


def agree_to_withdraw(
    connection: Connection,
    session_key: str,
    ticket_ids: Sequence[str],
    *,
    reason: str,
    by: str,
    at: datetime,
) -> int:
    """Agree to proposals of a locked session; returns how many there were among the tickets.

    Raises:
        NotVanishedError: The rows of one are in the sheets; nothing is agreed.
    """
    proposed = _standing_at(connection, session_key, ticket_ids, Withdrawal.PROPOSED)
    agreed = {
        "withdrawal": Withdrawal.AGREED,
        "withdrawn_by": by,
        "withdrawal_reason": storable_text(reason),
        **NOT_READY,
    }
    return change_and_record(
        connection,
        [{"of_ticket": key, **agreed} for key in proposed],
        session_key=session_key,
        action="withdrawals_agreed",
        details={"ticket_ids": proposed, "reason": storable_text(reason)},
        by=by,
        at=at,
    )


def propose_again(
    connection: Connection, session_key: str, ticket_ids: Sequence[str], *, by: str, at: datetime
) -> int:
    """Take agreements of a locked session back; returns how many there were among the tickets.

    Raises:
        NotVanishedError: The rows of one are in the sheets; nothing is changed.
    """
    agreed = _standing_at(connection, session_key, ticket_ids, Withdrawal.AGREED)
    return change_and_record(
        connection,
        [{"of_ticket": key, **_PROPOSED} for key in agreed],
        session_key=session_key,
        action="withdrawals_proposed_again",
        details={"ticket_ids": agreed},
        by=by,
        at=at,
    )


def _standing_at(
    connection: Connection, session_key: str, ticket_ids: Sequence[str], wanted: Withdrawal
) -> list[str]:
    """Return those of the tickets whose withdrawal stands there, in order of their ids."""
    vanished = {t.ticket_id: t for t in tickets_of(connection, session_key, is_vanished=True)}
    for ticket_id in ticket_ids:
        if ticket_id not in vanished:
            raise NotVanishedError(session_key=session_key, ticket=ticket_id)
    return sorted(key for key in set(ticket_ids) if vanished[key].withdrawal is wanted)
