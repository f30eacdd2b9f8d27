"""Where the issues of tickets are on one target, by the ledger alone.

Belongs here: the state of a ticket there. Does not: what an export came to as a whole
(`export/results`), asking Jira.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.export_ledger import (
    Exists,
    GivenUp,
    InDoubt,
    LedgerEntry,
    LedgerSubject,
    NotSent,
    Target,
    ledger_state_of,
)
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.tickets import ListedTicket, Ticket, TicketState


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
    tickets: Iterable[Ticket | ListedTicket], *, target: Target, entries: Iterable[LedgerEntry]
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
    return grouped(issues, lambda entry: entry.ticket_id)


def ticket_export(
    ticket: Ticket | ListedTicket, *, target: Target, entries: Sequence[LedgerEntry]
) -> TicketExport:
    """Return the state of one ticket on a target, by what the ledger says of its issue."""
    state = ledger_state_of(entries)
    match state:
        case Exists(receipt=receipt):
            key = receipt.remote_key
            return TicketExport(
                state=TicketState.EXPORTED,
                issue_id=receipt.remote_id,
                jira_key=key,
                jira_url=issue_url_of(target, key) if key else None,
                exported_at=receipt.at,
            )
        case InDoubt() | GivenUp():
            return TicketExport(state=TicketState.IN_DOUBT)
        case NotSent(attempts=attempts):
            never = unexported(ticket)
            is_failed = attempts > 0 and never.state is TicketState.PENDING
            return TicketExport(state=TicketState.FAILED) if is_failed else never


def unexported(ticket: Ticket | ListedTicket) -> TicketExport:
    """Return the state of a ticket that was never exported anywhere."""
    excluded = ticket.exclusion
    return TicketExport(state=TicketState.PENDING if excluded is None else excluded.state)


def tickets_with_errors(places: Iterable[TicketExport]) -> int:
    """Count the tickets that were sent and have no issue that is known."""
    return sum(place.state in {TicketState.FAILED, TicketState.IN_DOUBT} for place in places)


def issue_url_of(target: Target, key: str) -> str:
    return f"{target.base_url}/browse/{key}"
