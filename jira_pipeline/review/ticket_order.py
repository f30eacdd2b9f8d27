"""The order of the tickets, and which of them waits for which, as people change it.

Belongs here: the verbs `order`, `move` and `depend`, and what they answer. Does not: other decisions
(`decisions`), the order that the sheets give (`model/dependencies`), the table of the verbs (`verbs`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.errors import PipelineError, WrongUseError
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.outcomes import (
    NOTHING,
    Decided,
    Number,
    Waits,
    decision_outcome,
    ids_of,
    numbers_of,
    outdated_issue_sentences,
    tickets_of,
)

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.review.open_session import OpenSession


def order(
    session: "OpenSession",
    numbers: Annotated[
        Sequence[int], Field(title="N N...", description="Two or more ticket numbers, in order.")
    ],
    *,
    by: str,
) -> Decided:
    """Set the order of tickets in a display group; the tickets they wait for still come first.

    Raises:
        WrongUseError: They are fewer than two, one comes twice, or they are of different groups.
    """
    chosen = tickets_of(session, numbers)
    if len(chosen) != len(numbers) or len(chosen) < 2:  # noqa: PLR2004 - an order of one is none
        raise WrongUseError(
            "An order needs two or more different tickets.",
            recovery_actions=("Name two or more tickets.",),
        )
    groups = sorted({ticket.display_group.value for ticket in chosen})
    if len(groups) > 1:
        list_tickets = Action.of(
            ActionKind.LIST_TICKETS, "{} shows the groups.", session_key=session.key
        )
        raise WrongUseError(
            f"These tickets belong to {' and '.join(groups)}; an order applies within one group.",
            recovery_actions=(list_tickets,),
        )
    at = session.clock.now()
    moved_count = session.store.reviews.reorder(session.key, ids_of(chosen), by=by, at=at)
    sentences = [f"{format_count(moved_count, 'ticket')} moved."]
    waiting = _waiting_texts(chosen)
    if waiting:
        sentences.append(f"Dependencies still come first: {', '.join(waiting)}.")
    return decision_outcome(session, chosen, moved_count, *sentences, moved=moved_count)


def _waiting_texts(tickets: Sequence[Ticket]) -> list[str]:
    """Return texts such as `3 waits for 5`, for tickets that come before one they depend on."""
    texts: list[str] = []
    for place, ticket in enumerate(tickets, start=1):
        for later in tickets[place:]:
            if later.ticket_id in ticket.depends_on:
                texts.append(f"{ticket.number} waits for {later.number}")
    return texts


def move(session: "OpenSession", number: Number, places: int, *, by: str) -> Decided:
    """Move a ticket among those of its group, up by so many places where negative.

    It goes no further than the first and the last place of the group.
    """
    (ticket,) = tickets_of(session, [number])
    peers = [peer for peer in session.tickets if peer.display_group is ticket.display_group]
    peers.sort(key=lambda peer: peer.place)
    here = peers.index(ticket)
    target = min(max(here + places, 0), len(peers) - 1)
    if target == here:
        return decision_outcome(session, (ticket,), 0, NOTHING, moved=0)
    if target > here:
        passed = numbers_of(peers[here + 1 : target + 1])
        return order(session, [*passed, number], by=by)
    passed = numbers_of(peers[target:here])
    return order(session, [number, *passed], by=by)


def depend(
    session: "OpenSession",
    number: Number,
    on: Annotated[
        Sequence[int], Field(title="ON...", description="Numbers of the tickets it waits for.")
    ],
    *,
    is_not: Annotated[bool, Field(description="Remove these dependencies.")] = False,
    by: str,
) -> Waits:
    """Make a ticket wait for others, or stop it waiting; circular dependencies are reported.

    Raises:
        DependencyCycleError: Tickets would wait for each other; the dependencies before are stored.
    """
    (ticket,) = tickets_of(session, [number])
    others = tickets_of(session, on)
    changed: list[Ticket] = []
    try:
        for other in others:
            pair = (ticket.ticket_id, other.ticket_id)
            at = session.clock.now()
            if session.store.reviews.set_dependency(
                session.key, *pair, waits=not is_not, by=by, at=at
            ):
                changed.append(other)
    except PipelineError as error:
        if changed:
            saved = ", ".join(str(other.number) for other in changed)
            note = advice(f"{saved}: already saved, nothing to repeat.")
            error.recovery_actions = (*error.recovery_actions, note)
        raise
    if not changed:
        return Waits(session_key=session.key, number=number, changed=())
    numbers = numbers_of(changed)
    verb = "no longer waits" if is_not else "waits"
    return Waits(
        session_key=session.key,
        number=number,
        changed=numbers,
        sentences=(
            f"Ticket {number} {verb} for {', '.join(map(str, numbers))}.",
            *outdated_issue_sentences(session, [ticket]),
        ),
        numbers=(number,),
    )
