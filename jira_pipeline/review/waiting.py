"""What stands against approving ("signing") tickets: empty forms, and work of a model to look at.

Only what is certain is reported; nobody reads the prose for faults here. `quality_of(tickets)` has
the reasons of each ticket, for people as rows and a summary, for programs as JSON.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jira_pipeline.model.forms_in_text import is_waiting_for_answers
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import format_count, ticket_numbers_text
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.revisions import changes_to_look_at

COLUMNS = ("no.", "ticket", "questions", "where to look")


@json_fields(
    "ticket_id=ticket.ticket_id number=ticket.number title=ticket.title "
    "writer=ticket.revision.writer signable=is_signable waiting_for_answers=is_waiting "
    "questions=len(ticket.unanswered) proposed_drops=drop_count unproven_changes=unproven_count "
    "reasons"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketQuality:
    """What somebody has to know of one ticket before signing it."""

    ticket: Ticket
    is_waiting: bool
    """Whether its form is empty, so that nobody can build it."""
    drop_count: int = 0
    """How many sentences and questions a model proposes to drop."""
    unproven_count: int = 0
    """How many changes of a model no row proves."""

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
        if self.drop_count:
            reasons.append(f"a model proposes to drop {format_count(self.drop_count, 'item')}")
        if self.unproven_count:
            reasons.append(f"{format_count(self.unproven_count, 'change')} that no row proves")
        return tuple(reasons)


@json_fields(
    "tickets_judged=len(tickets) signable=signable_count waiting_for_answers=waiting_count "
    "fallbacks=fallback_count proposed_drops=drop_count unproven_changes=unproven_count tickets"
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

    @property
    def drop_count(self) -> int:
        """How many sentences and questions a model proposes to drop."""
        return sum(quality.drop_count for quality in self.tickets)

    @property
    def unproven_count(self) -> int:
        """How many changes of a model no row proves."""
        return sum(quality.unproven_count for quality in self.tickets)


def quality_of(tickets: Iterable[Ticket]) -> SessionQuality:
    """Return what stands against signing tickets as they are now; excluded ones are left out."""
    qualities = []
    for ticket in tickets:
        if ticket.exclusion is None:
            to_look_at = changes_to_look_at(ticket)
            drop_count = sum(shown.can_be_taken_out for shown in to_look_at)
            quality = TicketQuality(
                ticket=ticket,
                is_waiting=is_waiting_for_answers(ticket.analysis),
                drop_count=drop_count,
                unproven_count=len(to_look_at) - drop_count,
            )
            qualities.append(quality)
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
    sentence = f"Of {len(tickets)} tickets, {', '.join(clauses) or 'none need answers'}."
    return " ".join(filter(None, [sentence, proposals_text(session_quality)]))


def proposals_text(session_quality: SessionQuality) -> str:
    """Return a sentence on what a model proposes to drop and cannot prove; empty: nothing."""
    drops = session_quality.drop_count
    unproven = session_quality.unproven_count
    clauses = []
    if drops:
        dropped = format_count(drops, "sentence or question", plural="sentences or questions")
        clauses.append(f"proposes to drop {dropped}")
    if unproven:
        clauses.append(f"made {format_count(unproven, 'change')} that no row proves")
    if not clauses:
        return ""
    concerned = [
        quality.ticket.number
        for quality in session_quality.tickets
        if quality.drop_count or quality.unproven_count
    ]
    return f"A model {' and '.join(clauses)}, in {ticket_numbers_text(concerned)}: look at them."


def quality_rows(tickets: Sequence[TicketQuality]) -> list[tuple[str, ...]]:
    """Return tickets as rows with the columns `COLUMNS`, in the order given."""
    rows: list[tuple[str, ...]] = []
    for quality in tickets:
        ticket = quality.ticket
        question_count = str(len(ticket.unanswered) or "")
        rows.append((str(ticket.number), ticket.title, question_count, "; ".join(quality.reasons)))
    return rows
