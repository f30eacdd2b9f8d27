"""What stands against approving ("signing") tickets: empty forms, and texts that a model did not write.

Only what is certain is reported; nobody reads the prose for faults here. `quality_of(tickets)` has
the reasons of each ticket, for people as rows and a summary, for programs as JSON.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jira_pipeline.model.forms_in_text import is_waiting_for_answers
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.tickets import Ticket

COLUMNS = ("no.", "ticket", "questions", "where to look")


@json_fields(
    "ticket_id=ticket.ticket_id number=ticket.number title=ticket.title "
    "writer=ticket.revision.writer signable=is_signable waiting_for_answers=is_waiting "
    "questions=len(ticket.unanswered) reasons"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketQuality:
    """What somebody has to know of one ticket before signing it."""

    ticket: Ticket
    is_waiting: bool
    """Whether its form is empty, so that nobody can build it."""

    @property
    def is_signable(self) -> bool:
        """Whether nothing stands against signing it."""
        return not self.reasons

    @property
    def reasons(self) -> tuple[str, ...]:
        """What stands against signing it, for people; empty where nothing does."""
        reasons = []
        if self.is_waiting:
            reasons.append("waiting for answers: its form is empty")
        fallback_reason = self.ticket.revision.fallback_reason
        if fallback_reason:
            reasons.append(f"by the template: {fallback_reason}")
        return tuple(reasons)


@json_fields(
    "tickets_judged=len(tickets) signable=signable_count waiting_for_answers=waiting_count "
    "fallbacks=fallback_count tickets"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SessionQuality:
    """What somebody has to know of the tickets of a session that are not skipped."""

    tickets: tuple[TicketQuality, ...]
    """In the order of their numbers."""

    @property
    def flagged(self) -> tuple[TicketQuality, ...]:
        """The tickets with a reason not to sign them."""
        return tuple(ticket for ticket in self.tickets if not ticket.is_signable)

    @property
    def signable_count(self) -> int:
        """How many tickets nothing stands against."""
        return len(self.tickets) - len(self.flagged)

    @property
    def waiting_count(self) -> int:
        return sum(ticket.is_waiting for ticket in self.tickets)

    @property
    def fallback_count(self) -> int:
        """How many the template wrote although a model was asked."""
        return sum(bool(quality.ticket.revision.fallback_reason) for quality in self.tickets)


def quality_of(tickets: Iterable[Ticket]) -> SessionQuality:
    """Return what stands against signing tickets as they are now; excluded ones are left out."""
    qualities = []
    for ticket in tickets:
        if ticket.exclusion is None:
            is_waiting = is_waiting_for_answers(ticket.analysis)
            qualities.append(TicketQuality(ticket=ticket, is_waiting=is_waiting))
    return SessionQuality(tickets=tuple(qualities))


def summary_of(session_quality: SessionQuality) -> str:
    """Return a sentence on how many tickets somebody has to look at, and why."""
    tickets = session_quality.tickets
    if not tickets:
        return "There are no tickets."
    counts = {
        "wait for answers": session_quality.waiting_count,
        "were written by the template instead of the model": session_quality.fallback_count,
        "have open questions": sum(bool(quality.ticket.unanswered) for quality in tickets),
    }
    clauses = [f"{count} {words}" for words, count in counts.items() if count]
    return f"Of {len(tickets)} tickets, {', '.join(clauses) or 'none need answers'}."


def quality_rows(tickets: Sequence[TicketQuality]) -> list[tuple[str, ...]]:
    """Return tickets as rows with the columns `COLUMNS`, in the order given."""
    rows: list[tuple[str, ...]] = []
    for quality in tickets:
        ticket = quality.ticket
        question_count = str(len(ticket.unanswered) or "")
        rows.append((str(ticket.number), ticket.title, question_count, "; ".join(quality.reasons)))
    return rows
