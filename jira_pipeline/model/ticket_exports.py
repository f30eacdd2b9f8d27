"""The state of each ticket on one target, by the ledger alone: not sent, in doubt, exported or failed.

Belongs here: the value, and working it out of entries. Does not: what entries add up to
(`exports`), how much of a session is on a target (`target_shares`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.exports import (
    Exists,
    InDoubt,
    LedgerEntry,
    LedgerSubject,
    LeftToPerson,
    NotSent,
    Target,
    ledger_state_of,
)
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.target_shares import issue_url_of
from jira_pipeline.model.ticket_decisions import TicketState
from jira_pipeline.model.tickets import ListedTicket, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketExport:
    """The issue of one ticket on one target."""

    state: TicketState
    issue_id: str | None = None
    jira_key: str | None = None
    jira_url: str | None = None
    exported_at: datetime | None = None
    """When it was known that its issue exists."""


def ticket_exports(
    tickets: Iterable[Ticket | ListedTicket],
    *,
    target: Target | None,
    entries: Iterable[LedgerEntry],
) -> dict[str, TicketExport]:
    """Return the state of each ticket on a target, by ticket id."""
    of_ticket = entries_by_ticket(entries)
    return {
        ticket.ticket_id: ticket_export(
            ticket, target=target, entries=of_ticket.get(ticket.ticket_id, ())
        )
        for ticket in tickets
    }


def entries_by_ticket(entries: Iterable[LedgerEntry]) -> Mapping[str, Sequence[LedgerEntry]]:
    """Return what the ledger says of issues, by ticket id."""
    issues = (entry for entry in entries if entry.subject is LedgerSubject.ISSUE)
    return group_by(issues, lambda entry: entry.ticket_id)


def ticket_export(
    ticket: Ticket | ListedTicket, *, target: Target | None, entries: Sequence[LedgerEntry]
) -> TicketExport:
    """Return the state of one ticket on a target, by what the ledger says of its issue there."""
    state = ledger_state_of(entries)
    match state:
        case Exists(receipt=receipt):
            key = receipt.remote_key
            return TicketExport(
                state=TicketState.EXPORTED,
                issue_id=receipt.remote_id,
                jira_key=key,
                jira_url=issue_url_of(target, key) if key and target else None,
                exported_at=receipt.at,
            )
        case InDoubt() | LeftToPerson():
            return TicketExport(state=TicketState.IN_DOUBT)
        case NotSent(attempts=attempts):
            wanted = TicketState.FAILED if attempts else TicketState.PENDING
            return TicketExport(state=ticket.exclusion.state if ticket.exclusion else wanted)


def tickets_with_errors(places: Iterable[TicketExport]) -> int:
    """Count the tickets that were sent and have no issue that is known."""
    return sum(place.state in {TicketState.FAILED, TicketState.IN_DOUBT} for place in places)
