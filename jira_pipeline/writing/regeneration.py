"""Regenerating all tickets of a session, though their rows did not change: what that takes.

A text stays where nothing changed. Who wants all of them otherwise, such as after an upgrade, is told
before which tickets that are, what it costs, and which approvals go.

Belongs here: the tickets, and what people are told before. Does not: writing them (`generation`), what
a ticket costs (`cost_estimate`), asking at a terminal (`cli/generate`).
"""

from dataclasses import dataclass

from jira_pipeline.model.errors import InputError
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import format_count, ticket_numbers_text
from jira_pipeline.model.revisions import is_of_people
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.writing.cost_estimate import CostEstimate
from jira_pipeline.writing.generation import refuse_tickets_of_other_sheets
from jira_pipeline.writing.writers import estimate


@json_fields("numbers left approved estimate")
@dataclass(frozen=True, slots=True, kw_only=True)
class Regeneration:
    """What regenerating all tickets of a session means; numbers are those of tickets."""

    numbers: tuple[int, ...]
    """The tickets that are written."""
    left: tuple[int, ...]
    """The tickets whose text people edited: it stays."""
    approved: tuple[int, ...]
    """Those of `numbers` that are ready now; where their text changes, the approval goes."""
    estimate: CostEstimate

    @property
    def sentences(self) -> tuple[str, ...]:
        """What people read before they agree."""
        written = (
            f"{format_count(len(self.numbers), 'ticket')} would be written anew by "
            f"{self.estimate.writer}; cost: {self.estimate.cost_text}."
        )
        sentences = [written]
        if self.left:
            sentences.append(
                f"As people edited them, these stay: {ticket_numbers_text(self.left)}."
            )
        if self.approved:
            sentences.append(
                "Where the text changes, these lose their approval: "
                f"{ticket_numbers_text(self.approved)}."
            )
        return tuple(sentences)


def plan_regeneration(session: OpenSession, *, writer: str | None = None) -> Regeneration:
    """Return what regenerating all tickets takes, by the named writer or else the session's.

    Raises:
        ConfigurationError: Nobody serves a model of that name.
        GateError: There are no tickets yet, or they were written from other sheets.
        InputError: People edited the text of every ticket.
    """
    refuse_tickets_of_other_sheets(session)
    numbers = []
    left = []
    approved = []
    for ticket in session.tickets:
        if ticket.withdrawal is not None:
            continue
        if is_of_people(session.revisions(ticket)):
            left.append(ticket.number)
            continue
        numbers.append(ticket.number)
        if ticket.is_ready:
            approved.append(ticket.number)
    if not numbers:
        raise InputError(
            "People edited the text of every ticket, and a writer leaves their text alone.",
            recovery_actions=("Bring back what was generated of those to be written anew.",),
        )
    expected = estimate(session, writer=writer or session.writer_name, numbers=tuple(numbers))
    return Regeneration(
        numbers=tuple(numbers),
        left=tuple(left),
        approved=tuple(approved),
        estimate=expected.estimate,
    )
