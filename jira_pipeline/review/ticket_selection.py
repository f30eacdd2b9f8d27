"""Which tickets a list shows or a decision means, and in which order: for terminal and pages.

A `TicketQuery` has the filters, an order and nothing else. Each filter is a field with a `Condition`,
from which the options of commands, the address of a list and the form of the page are made; so a new
filter is one new field.

Belongs here: filters and orders, which ticket waits next, how far a review is. Does not: reading
tickets (`store/ticket_rows`), how one is shown (`ticket_reading`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import eq
from typing import Annotated, Any, NamedTuple

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.differences import ComparedIssue
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.errors import WrongUseError, unknown_ticket
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.ticket_decisions import GIVEN_REASONS, TicketState
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.review.hours import hours_in, natural_sort_key


class Readiness(StrEnum):
    """What people decided about exporting a ticket."""

    READY = "ready"
    WAITING = "waiting"
    EXCLUDED = "skipped"
    """People left it out of exports; its state says in which way."""


class TicketOrder(StrEnum):
    """What a list is ordered by."""

    PLACE = "place"
    """The order that people gave them, else build order."""
    NUMBER = "number"
    TITLE = "title"
    STATE = "state"
    READINESS = "readiness"
    QUESTIONS = "questions"
    WAITS = "waits"
    HOURS = "hours"
    ASSIGNEE = "assignee"
    SPRINT = "sprint"


class SeenTicket(NamedTuple):
    """A ticket, with all facts that a condition may ask for."""

    ticket: ListedTicket
    state: TicketState
    is_hollow: bool = False
    """Its rows say nothing to configure."""
    has_lost_mark: bool = False
    """It was ready, and a change took the mark away."""
    can_begin: bool = False
    """Everything it waits for is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A filter as every surface offers it: commands, the address of a list, its form."""

    value_of: Callable[[SeenTicket], Any]
    """Returns the value of a ticket that is compared."""
    holds: Callable[[Any, Any], bool] = eq
    """Compares the value of a ticket with the wanted one."""
    kind: type = str
    """The type of the wanted value: a text, a bool, or an enumeration."""
    name: str = ""
    """Its name in the address of a list, which links keep; empty where the page does not have it."""
    label: str = ""
    """The label of a choice among all values that tickets have; empty where the form has none."""
    option: str = ""
    """The option of every command that chooses tickets; empty where there is none."""
    example: str | None = None
    """What the help shows in place of a value."""
    help: str = ""
    """The help of the option."""


def _field(field: str, example: str, *, option: str, value: str, **more: Any) -> Condition:
    """Make the condition of a field that may be empty: an empty text asks for those without."""
    return Condition(
        value_of=lambda seen: getattr(seen.ticket, field) or "",
        name=value,
        label=value.capitalize(),
        option=option,
        example=example,
        **{"help": f"Tickets with this {value}; an empty value selects those without one."} | more,
    )


def _one_of(kind: type, name: str, value_of: Callable[[SeenTicket], Any], text: str) -> Condition:
    """Make the condition of an enumeration: one of several wanted values, or the one of the option."""
    return Condition(
        value_of=value_of,
        holds=lambda value, wanted: value in wanted,
        kind=kind,
        name=name,
        option=name,
        help=text,
    )


def _flag(name: str, value_of: Callable[[SeenTicket], bool]) -> Condition:
    """Make the condition of a yes-or-no value, which only pages offer."""
    return Condition(value_of=value_of, kind=bool, name=name)


def _has_text(value: tuple[str, int], wanted: str) -> bool:
    """Tell whether a title has a text, in any case, or the number is that text."""
    text = wanted.strip().casefold()
    return text in value[0].casefold() or text == str(value[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketQuery:
    """Which tickets are meant, and in which order: those for which all given conditions hold.

    None, and an empty collection, are no condition.
    """

    numbers: Annotated[
        Sequence[int],
        Condition(
            value_of=lambda seen: seen.ticket.number, holds=lambda value, wanted: value in wanted
        ),
    ] = ()
    groups: Annotated[
        Collection[DisplayGroup],
        _one_of(
            DisplayGroup,
            "group",
            lambda seen: seen.ticket.display_group,
            "Tickets in a display group: seven for sites, seven for ShareDo packages.",
        ),
    ] = ()
    kind: Annotated[
        str | None, Condition(value_of=lambda seen: seen.ticket.kind, name="kind", label="Kind")
    ] = None
    title_has: Annotated[
        str,
        Condition(
            value_of=lambda seen: seen.ticket.title.casefold(),
            holds=lambda title, wanted: wanted.casefold() in title,
            option="title_has",
            example="TEXT",
            help="Tickets with this text in the title.",
        ),
    ] = ""
    text: Annotated[
        str,
        Condition(
            value_of=lambda seen: (seen.ticket.title, seen.ticket.number),
            holds=_has_text,
            name="text",
        ),
    ] = ""
    """A text in the title, in any case, or the number."""
    states: Annotated[
        Collection[TicketState],
        _one_of(TicketState, "state", lambda seen: seen.state, "Tickets in this export state."),
    ] = ()
    readiness: Annotated[
        Collection[Readiness],
        _one_of(
            Readiness,
            "readiness",
            lambda seen: readiness_of(seen.ticket),
            "Tickets that people have marked this way, or that no one has decided on.",
        ),
    ] = ()
    assignee: Annotated[
        str | None,
        _field(
            "assignee",
            "WHO",
            option="assigned_to",
            value="assignee",
            help="Tickets assigned to this person; an empty value selects unassigned tickets.",
        ),
    ] = None
    sprint: Annotated[str | None, _field("sprint", "NAME", option="in_sprint", value="sprint")] = (
        None
    )
    priority: Annotated[
        str | None, _field("priority", "NAME", option="with_priority", value="priority")
    ] = None
    label: Annotated[
        str | None,
        _field(
            "labels",
            "NAME",
            option="with_label",
            value="label",
            holds=lambda labels, wanted: wanted in (labels or ("",)),
            help="Tickets with this label; an empty value selects those without one.",
        ),
    ] = None
    has_questions: Annotated[
        bool | None, _flag("questions", lambda seen: bool(seen.ticket.unanswered_count))
    ] = None
    """Whether at least one of its questions is open."""
    is_hollow: Annotated[bool | None, _flag("hollow", lambda seen: seen.is_hollow)] = None
    is_source_changed: Annotated[
        bool | None, _flag("changed", lambda seen: seen.ticket.is_source_changed)
    ] = None
    """Whether cells changed since people edited the text."""
    is_fallback: Annotated[bool | None, _flag("fallback", lambda seen: seen.ticket.is_fallback)] = (
        None
    )
    """Whether the template wrote it although a model was asked."""
    is_sent_back: Annotated[
        bool | None, _flag("sent_back", lambda seen: seen.ticket.sent_back is not None)
    ] = None
    has_lost_mark: Annotated[bool | None, _flag("lost", lambda seen: seen.has_lost_mark)] = None
    can_begin: Annotated[bool | None, _flag("begin", lambda seen: seen.can_begin)] = None
    revised_since: Annotated[
        datetime | None,
        Condition(
            value_of=lambda seen: seen.ticket.revised_at,
            holds=lambda at, since: at is not None and at > since,
        ),
    ] = None
    order: TicketOrder = TicketOrder.PLACE
    is_descending: bool = False

    @property
    def named_conditions(self) -> list[tuple[Condition, Any]]:
        """The given conditions, each with the wanted value."""
        named = []
        for name, condition in CONDITIONS.items():
            wanted = getattr(self, name)
            # False and an empty text are values to filter by; None and an empty collection are not.
            if wanted or isinstance(wanted, str | bool):
                named.append((condition, wanted))
        return named


CONDITIONS: Mapping[str, Condition] = {
    name: annotation.__metadata__[0]
    for name, annotation in TicketQuery.__annotations__.items()
    if hasattr(annotation, "__metadata__")
}
"""The condition of each field of a query that has one."""


def query_of(wanted: Mapping[str, object], **more: Any) -> TicketQuery:
    """Make a query of wanted values by field, such as options of a command; None is no condition."""
    conditions: dict[str, Any] = {}
    for name, value in wanted.items():
        if value is None:
            continue
        # The option of an enumeration names one value; the query has a collection.
        conditions[name] = (value,) if isinstance(value, StrEnum) else value
    return TicketQuery(**conditions, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewProgress:
    """How far the review of a list is."""

    total: int
    ready: int
    excluded: int
    asking: int
    """How many tickets have open questions, without excluded ones."""
    asking_ready: int
    """How many of these are ready even so."""

    @property
    def exportable(self) -> int:
        """How many tickets are not excluded."""
        return self.total - self.excluded

    @property
    def waiting(self) -> int:
        """How many tickets nobody decided about."""
        return self.exportable - self.ready


def progress_of(tickets: Iterable[ListedTicket]) -> ReviewProgress:
    """Count what was decided about the tickets of a list."""
    counts = Counter((readiness_of(ticket), ticket.unanswered_count > 0) for ticket in tickets)
    ready = counts[Readiness.READY, True] + counts[Readiness.READY, False]
    excluded = counts[Readiness.EXCLUDED, True] + counts[Readiness.EXCLUDED, False]
    return ReviewProgress(
        total=counts.total(),
        ready=ready,
        excluded=excluded,
        asking=counts[Readiness.READY, True] + counts[Readiness.WAITING, True],
        asking_ready=counts[Readiness.READY, True],
    )


def progress_by_name(
    tickets: Iterable[ListedTicket], name_of: Callable[[ListedTicket], str | None]
) -> Mapping[str | None, ReviewProgress]:
    """Return the progress of tickets by a name of each, such as its assignee.

    The name with most tickets comes first; None, for tickets without one, comes last.
    """
    groups = group_by(tickets, lambda ticket: name_of(ticket) or None)
    names = sorted(groups, key=lambda name: (name is None, -len(groups[name])))
    return {name: progress_of(groups[name]) for name in names}


def find_startable_ids(
    tickets: Collection[ListedTicket], progress: Mapping[str, ComparedIssue]
) -> frozenset[str]:
    """Return the ids of the tickets that could be begun in Jira now: all they depend on is done.

    `progress` has the issues by ticket id. Excluded tickets hold nothing back.
    """
    stages = {name: issue.stage for name, issue in progress.items()}
    not_done = []
    for ticket in tickets:
        if ticket.exclusion is None and stages.get(ticket.ticket_id) is not IssueStage.DONE:
            not_done.append(ticket)
    not_done_ids = {ticket.ticket_id for ticket in not_done}
    ids = set()
    for ticket in not_done:
        is_begun = stages.get(ticket.ticket_id) is IssueStage.DOING
        if not is_begun and not_done_ids.isdisjoint(ticket.depends_on):
            ids.add(ticket.ticket_id)
    return frozenset(ids)


def next_waiting(tickets: Sequence[ListedTicket], *, after: str = "") -> ListedTicket | None:
    """Return the next ticket of a list that nobody decided about; None where there is none.

    `after` is the id of the present ticket. Those that follow it come first, then those before it,
    never itself.
    """
    ids = [ticket.ticket_id for ticket in tickets]
    following = tickets
    passed: Sequence[ListedTicket] = ()
    if after in ids:
        position = ids.index(after)
        following = tickets[position + 1 :]
        passed = tickets[:position]
    for ticket in (*following, *passed):
        if readiness_of(ticket) is Readiness.WAITING:
            return ticket
    return None


def readiness_of(ticket: ListedTicket) -> Readiness:
    """Return what people decided about a ticket."""
    if isinstance(ticket.exclusion, GIVEN_REASONS):
        return Readiness.EXCLUDED
    return Readiness.READY if ticket.is_ready else Readiness.WAITING


def chosen_tickets(
    tickets: Sequence[ListedTicket],
    query: TicketQuery,
    *,
    places: Mapping[str, TicketExport],
    session_key: str,
) -> tuple[ListedTicket, ...]:
    """Return the tickets that a command's query means, in its order.

    Raises:
        NotFoundError: A number of the query names no ticket.
        WrongUseError: No ticket matches.
    """
    numbers = {ticket.number for ticket in tickets}
    for number in query.numbers:
        if number not in numbers:
            raise unknown_ticket(session_key=session_key, ticket=str(number))
    chosen = selected_tickets(tickets, query, places=places)
    if not chosen:
        raise WrongUseError(
            "No tickets match.",
            recovery_actions=(
                Action.of(ActionKind.LIST_TICKETS, "{} lists them all.", session_key=session_key),
            ),
        )
    return chosen


def selected_tickets(
    tickets: Sequence[ListedTicket],
    query: TicketQuery,
    *,
    places: Mapping[str, TicketExport],
    hollow_ids: Collection[str] = (),
    lost_ids: Collection[str] = (),
    startable_ids: Collection[str] = (),
    open_id: str = "",
) -> tuple[ListedTicket, ...]:
    """Return the tickets that match a query, in its order.

    `tickets` are in the order that people gave them; the sort is stable. A ticket without the value
    to order by comes last, also where the order is descending. The ticket `open_id` is always among
    them: somebody is reading it.
    """
    conditions = query.named_conditions
    chosen = list[ListedTicket]()
    for ticket in tickets:
        ticket_id = ticket.ticket_id
        seen = SeenTicket(
            ticket=ticket,
            state=places[ticket_id].state,
            is_hollow=ticket_id in hollow_ids,
            has_lost_mark=ticket_id in lost_ids,
            can_begin=ticket_id in startable_ids,
        )
        if ticket_id == open_id or _holds(conditions, seen):
            chosen.append(ticket)
    if query.order is TicketOrder.PLACE:
        return tuple(reversed(chosen) if query.is_descending else chosen)
    value_of = _VALUES[query.order]
    values = {
        ticket.ticket_id: value_of(ticket, places[ticket.ticket_id].state) for ticket in chosen
    }
    with_value = [ticket for ticket in chosen if values[ticket.ticket_id] is not None]
    with_value.sort(key=lambda ticket: values[ticket.ticket_id], reverse=query.is_descending)
    without_value = [ticket for ticket in chosen if values[ticket.ticket_id] is None]
    return (*with_value, *without_value)


def _holds(conditions: Iterable[tuple[Condition, Any]], seen: SeenTicket) -> bool:
    return all(
        condition.holds(condition.value_of(seen), wanted) for condition, wanted in conditions
    )


_STATES = {state: place for place, state in enumerate(TicketState)}
_READINESS = {readiness: place for place, readiness in enumerate(Readiness)}
_VALUES: Mapping[TicketOrder, Callable[[ListedTicket, TicketState], Any]] = {
    TicketOrder.NUMBER: lambda ticket, _: ticket.number,
    TicketOrder.TITLE: lambda ticket, _: ticket.title.casefold(),
    TicketOrder.STATE: lambda _, state: _STATES[state],
    TicketOrder.READINESS: lambda ticket, _: _READINESS[readiness_of(ticket)],
    TicketOrder.QUESTIONS: lambda ticket, _: ticket.unanswered_count,
    TicketOrder.WAITS: lambda ticket, _: len(ticket.depends_on),
    TicketOrder.HOURS: lambda ticket, _: hours_in(ticket.estimated_hours),
    TicketOrder.ASSIGNEE: lambda ticket, _: ticket.assignee and ticket.assignee.casefold(),
    TicketOrder.SPRINT: lambda ticket, _: ticket.sprint and natural_sort_key(ticket.sprint),
}
