"""Which tickets a list shows or a decision means, and in which order: for terminal and pages.

Belongs here: filters and orders. Does not: reading tickets (`store/ticket_lists`), how one is shown
(`ticket_reading`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.errors import WrongUseError, unknown_ticket
from jira_pipeline.model.ticket_places import TicketExport
from jira_pipeline.model.tickets import ListedTicket, Skipped, TicketState
from jira_pipeline.review.hours import hours_in


class Readiness(StrEnum):
    """What people decided about exporting a ticket."""

    READY = "ready"
    WAITING = "waiting"
    SKIPPED = "skipped"


class TicketOrder(StrEnum):
    """What a list is ordered by."""

    PLACE = "place"
    """As people put them, else in build order."""
    NUMBER = "number"
    TITLE = "title"
    GROUP = "group"
    STATE = "state"
    READINESS = "readiness"
    QUESTIONS = "questions"
    WAITS = "waits"
    """For how many others it waits."""
    HOURS = "hours"
    ASSIGNEE = "assignee"
    SPRINT = "sprint"
    PRIORITY = "priority"
    REVISED = "revised"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketQuery:
    """Which tickets are shown; conditions that are named hold all together, None asks nothing."""

    numbers: Sequence[int] = ()
    title_has: str = ""
    """Occurs in the title, whatever its case."""
    text: str = ""
    """Occurs in the title, whatever its case; or is the number."""
    groups: Collection[DisplayGroup] = ()
    states: Collection[TicketState] = ()
    readiness: Collection[Readiness] = ()
    assignee: str | None = None
    """An empty text: nobody. The same holds for the three that follow."""
    sprint: str | None = None
    priority: str | None = None
    label: str | None = None
    has_questions: bool | None = None
    """Nobody answered at least one."""
    is_hollow: bool | None = None
    """No row of the sheets says what is to be configured."""
    is_source_changed: bool | None = None
    """Cells changed since people edited the text."""
    is_fallback: bool | None = None
    """The template wrote it although a model was asked."""
    has_lost_mark: bool | None = None
    """It was ready, and a change took the mark away."""
    revised_since: datetime | None = None
    order: TicketOrder = TicketOrder.PLACE
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewProgress:
    """How far the review of a list is."""

    total: int
    ready: int
    skipped: int
    asking: int
    """Tickets that are not skipped and have open questions."""
    asking_ready: int
    """Those of them that are ready all the same."""

    @property
    def waiting(self) -> int:
        """Tickets that nobody decided about."""
        return self.total - self.ready - self.skipped


def progress_of(tickets: Iterable[ListedTicket]) -> ReviewProgress:
    """Count what was decided about the tickets of a list."""
    found = [(readiness_of(ticket), bool(ticket.unanswered_count)) for ticket in tickets]
    return ReviewProgress(
        total=len(found),
        ready=sum(readiness is Readiness.READY for readiness, _ in found),
        skipped=sum(readiness is Readiness.SKIPPED for readiness, _ in found),
        asking=sum(asks and readiness is not Readiness.SKIPPED for readiness, asks in found),
        asking_ready=sum(asks and readiness is Readiness.READY for readiness, asks in found),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfReview:
    """How far the review of tickets is that have something in common."""

    name: str | None
    """What they have in common; None: nobody is assigned."""
    progress: ReviewProgress


def review_by_group(tickets: Iterable[ListedTicket]) -> tuple[PartOfReview, ...]:
    """Say how far the review of each display group is, in their order."""
    places = {group.value: place for place, group in enumerate(DisplayGroup)}
    return _parts(tickets, lambda one: one.display_group.value, lambda name: places[name or ""])


def review_by_assignee(tickets: Iterable[ListedTicket]) -> tuple[PartOfReview, ...]:
    """Say how far the review of each person's tickets is, those of nobody last."""
    return _parts(
        tickets,
        lambda one: one.assignee or None,
        lambda name: (name is None, (name or "").casefold()),
    )


def _parts(
    tickets: Iterable[ListedTicket],
    name_of: Callable[[ListedTicket], str | None],
    place_of: Callable[[str | None], Any],
) -> tuple[PartOfReview, ...]:
    found: dict[str | None, list[ListedTicket]] = defaultdict(list)
    for ticket in tickets:
        found[name_of(ticket)].append(ticket)
    return tuple(
        PartOfReview(name=name, progress=progress_of(found[name]))
        for name in sorted(found, key=place_of)
    )


def next_waiting(tickets: Sequence[ListedTicket], *, after: str = "") -> ListedTicket | None:
    """Return the first ticket of a list that nobody decided about.

    After the ticket of an id come those that follow it, then those before it, which were passed
    over; never that ticket itself.
    """
    here = next((n for n, ticket in enumerate(tickets, 1) if ticket.ticket_id == after), 0)
    waiting = (
        ticket
        for ticket in (*tickets[here:], *tickets[: max(here - 1, 0)])
        if readiness_of(ticket) is Readiness.WAITING
    )
    return next(waiting, None)


def readiness_of(ticket: ListedTicket) -> Readiness:
    """Say what people decided about a ticket."""
    if isinstance(ticket.exclusion, Skipped):
        return Readiness.SKIPPED
    return Readiness.READY if ticket.is_ready else Readiness.WAITING


def chosen_tickets(
    tickets: Sequence[ListedTicket],
    query: TicketQuery,
    *,
    places: Mapping[str, TicketExport],
    session_key: str,
) -> tuple[ListedTicket, ...]:
    """Return the tickets that are meant, in their order.

    Raises:
        NotFoundError: A number names none.
        WrongUseError: Nothing is left.
    """
    known = {ticket.number for ticket in tickets}
    for number in query.numbers:
        if number not in known:
            raise unknown_ticket(session_key=session_key, ticket=str(number))
    found = selected_tickets(tickets, query, places=places)
    if not found:
        raise WrongUseError(
            "No ticket matches this choice.",
            recovery_actions=(
                Action.of(ActionKind.LIST_TICKETS, "{} shows them all.", session_key=session_key),
            ),
        )
    return found


def selected_tickets(
    tickets: Sequence[ListedTicket],
    query: TicketQuery,
    *,
    places: Mapping[str, TicketExport],
    hollow_ids: Collection[str] = (),
    lost_ids: Collection[str] = (),
    kept: str = "",
) -> tuple[ListedTicket, ...]:
    """Return the tickets a list shows, in its order; `tickets` come as people put them.

    What has no value to order by comes last, either way. Tickets that are equal stay in the order
    they came in. The ticket whose id is `kept` stays, whatever it is by now: somebody is there.
    """
    found = [
        ticket
        for ticket in tickets
        if ticket.ticket_id == kept
        or (
            _is_wanted(ticket, query, state=places[ticket.ticket_id].state)
            and query.is_hollow in (None, ticket.ticket_id in hollow_ids)
            and query.has_lost_mark in (None, ticket.ticket_id in lost_ids)
        )
    ]
    if query.order is TicketOrder.PLACE:
        return tuple(reversed(found) if query.is_descending else found)
    value_of = _VALUES[query.order]
    state_of = {ticket.ticket_id: places[ticket.ticket_id].state for ticket in found}
    known = [t for t in found if value_of(t, state_of[t.ticket_id]) is not None]
    unknown = [t for t in found if value_of(t, state_of[t.ticket_id]) is None]
    known.sort(
        key=lambda ticket: value_of(ticket, state_of[ticket.ticket_id]),
        reverse=query.is_descending,
    )
    return (*known, *unknown)


def _is_wanted(ticket: ListedTicket, query: TicketQuery, *, state: TicketState) -> bool:
    text = query.text.strip().casefold()
    return (
        (not query.numbers or ticket.number in query.numbers)
        and query.title_has.casefold() in ticket.title.casefold()
        and (not text or text in ticket.title.casefold() or text == str(ticket.number))
        and (not query.groups or ticket.display_group in query.groups)
        and (not query.states or state in query.states)
        and (not query.readiness or readiness_of(ticket) in query.readiness)
        and query.assignee in (None, ticket.assignee or "")
        and query.sprint in (None, ticket.sprint or "")
        and query.priority in (None, ticket.priority or "")
        and (query.label is None or query.label in (ticket.labels or ("",)))
        and query.has_questions in (None, bool(ticket.unanswered_count))
        and query.is_source_changed in (None, ticket.is_source_changed)
        and query.is_fallback in (None, ticket.is_fallback)
        and (
            query.revised_since is None
            or (ticket.revised_at is not None and ticket.revised_at > query.revised_since)
        )
    )


_STATES = {state: place for place, state in enumerate(TicketState)}
_READINESS = {readiness: place for place, readiness in enumerate(Readiness)}
_GROUPS = {group: place for place, group in enumerate(DisplayGroup)}
_VALUES: Mapping[TicketOrder, Callable[[ListedTicket, TicketState], Any]] = {
    TicketOrder.NUMBER: lambda ticket, _: ticket.number,
    TicketOrder.TITLE: lambda ticket, _: ticket.title.casefold(),
    TicketOrder.GROUP: lambda ticket, _: _GROUPS[ticket.display_group],
    TicketOrder.STATE: lambda _, state: _STATES[state],
    TicketOrder.READINESS: lambda ticket, _: _READINESS[readiness_of(ticket)],
    TicketOrder.QUESTIONS: lambda ticket, _: ticket.unanswered_count,
    TicketOrder.WAITS: lambda ticket, _: len(ticket.depends_on),
    TicketOrder.HOURS: lambda ticket, _: hours_in(ticket.estimated_hours),
    TicketOrder.ASSIGNEE: lambda ticket, _: ticket.assignee and ticket.assignee.casefold(),
    TicketOrder.SPRINT: lambda ticket, _: ticket.sprint and ticket.sprint.casefold(),
    TicketOrder.PRIORITY: lambda ticket, _: ticket.priority and ticket.priority.casefold(),
    TicketOrder.REVISED: lambda ticket, _: ticket.revised_at,
}
