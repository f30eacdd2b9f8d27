"""Suggested dependencies as people see them: those that are still to be decided.

Belongs here: what is left of the suggestions of a ticket, and the command that accepts one. Does
not: finding them (`writing/suggestions`), adding a dependency (`store/reviews`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.kernel.tickets import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedDependency:
    """A ticket that another one may have to wait for."""

    ticket: Ticket
    reason: str
    proposed_by: str
    """Name of the model; empty where a cell mentions it."""

    @property
    def proposer(self) -> str:
        """Who says so, in words."""
        return f"proposed by {self.proposed_by}" if self.proposed_by else "a cell mentions it"

    def to_json(self) -> dict[str, object]:
        """Return it as programs read it."""
        return {
            "number": self.ticket.number,
            "ticket_id": self.ticket.ticket_id,
            "title": self.ticket.title,
            "reason": self.reason,
            "proposed_by": self.proposed_by or None,
        }


def suggested_dependencies(
    ticket: Ticket, tickets: Sequence[Ticket]
) -> tuple[SuggestedDependency, ...]:
    """Return what a person may still accept: not what it waits for, nor what waits for it."""
    if not ticket.revision.suggestions:
        return ()
    by_group = {other.group_key: other for other in tickets if other.withdrawal is None}

    # The ticket and all that wait for it, over any number of steps.
    dependents: dict[str, list[str]] = {}
    for one in tickets:
        for each in one.depends_on:
            dependents.setdefault(each, []).append(one.ticket_id)
    found, ahead = {ticket.ticket_id}, [ticket.ticket_id]
    while ahead:
        waiting = set(dependents.get(ahead.pop(), ())) - found
        found |= waiting
        ahead += waiting
    decided = {*ticket.depends_on, *found}
    return tuple(
        SuggestedDependency(ticket=other, reason=s.reason, proposed_by=s.proposed_by)
        for s in ticket.revision.suggestions
        if (other := by_group.get(s.group_key)) is not None and other.ticket_id not in decided
    )


def accepting(session_key: str, ticket: Ticket, others: Iterable[Ticket]) -> Action:
    """Return the action that makes a ticket wait for others."""
    numbers = " ".join(str(other.number) for other in others)
    return Action.of(
        ActionKind.DEPEND, "{}", session_key=session_key, number=ticket.number, on=numbers
    )
