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
    entries_of_tickets = entries_by_ticket(entries)
    exports: dict[str, TicketExport] = {}
    for ticket in tickets:
        entries_of_ticket = entries_of_tickets.get(ticket.ticket_id, ())
        exports[ticket.ticket_id] = ticket_export(ticket, target=target, entries=entries_of_ticket)
    return exports


def entries_by_ticket(entries: Iterable[LedgerEntry]) -> Mapping[str, Sequence[LedgerEntry]]:
    """Return the entries about issues by ticket id, in their order."""
    about_issues = (entry for entry in entries if entry.subject is LedgerSubject.ISSUE)
    return group_by(about_issues, lambda entry: entry.ticket_id)


def ticket_export(
    ticket: Ticket | ListedTicket, *, target: Target | None, entries: Sequence[LedgerEntry]
) -> TicketExport:
    """Return the state of one ticket on a target; `entries` are those about its issue there."""
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
            if ticket.exclusion:
                return TicketExport(state=ticket.exclusion.state)
            return TicketExport(state=TicketState.FAILED if attempts else TicketState.PENDING)


def tickets_with_errors(exports: Iterable[TicketExport]) -> int:
    """Return how many tickets were sent without an issue that is known: failed, or in doubt."""
    return sum(export.state in {TicketState.FAILED, TicketState.IN_DOUBT} for export in exports)
