"""Page 3, Tickets: the list with its filters and orders, to look at and to choose from.

Belongs here: reading an address into a query. Does not: which tickets a query means
(`review/ticket_selection`), what its forms decide (`decisions`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import Parameter, Signature, signature
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.errors import StoreError
from jira_pipeline.model.tickets import ListedTicket, TicketState
from jira_pipeline.review import validating
from jira_pipeline.review.hours import hours_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.ticket_selection import (
    CONDITIONS,
    Condition,
    ReviewProgress,
    SeenTicket,
    TicketOrder,
    TicketQuery,
    progress_of,
    query_of,
    selected_tickets,
)
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import Opened
from jira_pipeline.web.pages.paging import BLANK_IS_NONE, PAGE_MAX, address_with, page_of
from jira_pipeline.web.pages.showing import go_to, show

TICKETS_SHOWN = 100
NUMBERS_NAMED = 20
HOLLOW_SHOWN_MAX = 2_000
"""Which tickets are hollow is in the sheets: larger ones are read only where somebody asks."""
NOBODY = "-"
"""In an address or a form: the field is empty."""
VALUE_MAX = 300
router = APIRouter(prefix="/sessions/{key}/tickets")
_FIRST = {"", "text", "group", "readiness", "lost", "assignee", "sprint"}
Text = Annotated[str, Query(max_length=VALUE_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address of the list asks for."""

    query: TicketQuery
    is_unseen: bool
    page: int

    @property
    def is_whole(self) -> bool:
        """It asks for all tickets, in the order people gave them."""
        return self.query == TicketQuery() and not self.is_unseen

    @property
    def is_of_more(self) -> bool:
        """It asks for something that the form has among its further filters."""
        return self.is_unseen or any(one.name not in _FIRST for one, _ in self.query.asked)


def _read(
    *,
    unseen: bool = False,
    sort: TicketOrder = TicketOrder.PLACE,
    down: bool = False,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
    **named: Any,
) -> Asked:
    wanted = {
        field: _wanted(value) if condition.label else value
        for field, condition in CONDITIONS.items()
        if (value := named.get(condition.name)) is not None
    }
    query = query_of(wanted, order=sort, is_descending=down)
    return Asked(query=query, is_unseen=unseen, page=page)


def _kind_of(condition: Condition) -> Any:
    return (
        Text if condition.kind is str else Annotated[condition.kind | None, BLANK_IS_NONE, Query()]
    )


def asked_of(**given: Any) -> Asked:
    """Read the address of a list: by the name of each condition, with its order and page."""
    return _read(**given)


_CONDITIONS = [
    Parameter(
        one.name,
        Parameter.KEYWORD_ONLY,
        annotation=_kind_of(one),
        default="" if one.kind is str else None,
    )
    for one in CONDITIONS.values()
    if one.name
]
_OTHERS = [one for one in signature(_read).parameters.values() if one.name != "named"]
setattr(asked_of, "__signature__", Signature([*_CONDITIONS, *_OTHERS]))  # noqa: B010 - read by FastAPI


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What the page says of all tickets of a session."""

    numbers: Mapping[str, int]
    """By ticket id."""
    progress: ReviewProgress
    fallback_count: int
    choices: Mapping[str, Sequence[str]]
    """What fields hold, each once, by field."""
    common_labels: Sequence[str]
    """Of every ticket, said once: under each title they made the list twice as long."""


AskedOf = Annotated[Asked, Depends(asked_of)]
LIST_NAMES = frozenset(signature(asked_of).parameters) - {"page"}


def list_query(request: Request, **more: str) -> str:
    """Return what an address says of the list somebody goes along; empty for the whole list."""
    given = request.query_params.multi_items()
    kept = {name: value for name, value in given if name in LIST_NAMES and value} | more
    return f"?{urlencode(kept)}" if kept else ""


@router.get("")
def tickets(request: Request, person: Reader, opened: Opened, asked: AskedOf) -> Response:
    """List the tickets that the address asks for."""
    known, seen_at = opened.listed, validating.seen_at(opened, by=person.name)
    is_hollow_shown = len(known) <= HOLLOW_SHOWN_MAX or bool(asked.query.is_hollow)
    found = asked_tickets(opened, asked, by=person.name)
    listed = page_of(request, found, number=asked.page, size=TICKETS_SHOWN)
    order, is_down = asked.query.order, asked.query.is_descending
    states = {*asked.query.states, *(opened.places[one.ticket_id].state for one in known)}
    facets = facets_in(opened)

    def sorting(name: str) -> str:
        """Return the address that sorts by a column, the other way where it does already."""
        is_again = order == name and not is_down
        return address_with(request, sort=name, down="1" if is_again else None, page=None)

    return show(
        request,
        "tickets.html",
        opened=opened,
        asked=asked,
        listed=listed,
        places=opened.places,
        have_issues={opened.places[one.ticket_id].jira_key is not None for one in found},
        numbers=facets.numbers,
        hollow_ids=_hollow_ids(opened) if is_hollow_shown else frozenset(),
        known_count=len(known),
        hours=hours_of(found).hours,
        progress=facets.progress,
        list_query=list_query(request),
        fallback_count=facets.fallback_count,
        lost_ids=opened.lost_marks,
        seen_at=seen_at,
        choices=facets.choices,
        groups=groups_of(known, *asked.query.groups),
        states={one: one.label for one in TicketState if one in states},
        common_labels=facets.common_labels,
        sorting=sorting,
        vanished_count=len(opened.vanished),
        is_ordered=order is TicketOrder.PLACE and not is_down,
        nobody=NOBODY,
        chosen_by={field: one for field, one in CONDITIONS.items() if one.label},
    )


@router.post("/seen")
def seen(request: Request, person: Reader, opened: Opened) -> Response:
    """Note that somebody looked at the tickets as they are now, and show the list as it was."""
    validating.note_seen(opened, by=person.name)
    address = address_with(request).removeprefix(request.url.path)
    return go_to(
        request,
        f"/sessions/{opened.key}/tickets{address}",
        "Marked as seen. Changes from now on count as new.",
    )


def asked_tickets(
    opened: OpenSession, asked: Asked, *, by: str, kept: str = ""
) -> Sequence[ListedTicket]:
    """Return all tickets the address asks for, and the one that is `kept`."""
    if asked.is_whole:
        return opened.listed
    seen_at = validating.seen_at(opened, by=by) if asked.is_unseen else None
    return selected_tickets(
        opened.listed,
        replace(asked.query, revised_since=seen_at),
        places=opened.places,
        hollow_ids=_hollow_ids(opened) if asked.query.is_hollow is not None else frozenset(),
        lost_ids=opened.lost_marks if asked.query.has_lost_mark is not None else (),
        kept=kept,
    )


def groups_of(listed: Sequence[ListedTicket], *asked: DisplayGroup) -> list[DisplayGroup]:
    """Return the groups a filter offers: those that tickets are in, and what is asked for."""
    held = {*asked, *(one.display_group for one in listed)}
    return [one for one in DisplayGroup if one in held]


def _hollow_ids(opened: OpenSession) -> frozenset[str]:
    """Return the tickets that the sheets say nothing to configure for; none where they are gone."""
    try:
        return opened.hollow_ids
    except StoreError:
        return frozenset()


def _wanted(value: str) -> str | None:
    """Return what a field has to hold: None asks nothing, an empty text for nobody."""
    return "" if value == NOBODY else value or None


def facets_in(opened: OpenSession) -> Facets:
    known = opened.listed
    return opened.pipeline.memory.as_of(known, "facets", opened.key, lambda: _facets_of(known))


def _facets_of(known: Sequence[ListedTicket]) -> Facets:
    labels = {ticket.labels for ticket in known}
    return Facets(
        numbers={ticket.ticket_id: ticket.number for ticket in known},
        progress=progress_of(known),
        fallback_count=sum(ticket.is_fallback for ticket in known),
        choices={one.name: _held(one, known) for one in CONDITIONS.values() if one.label},
        common_labels=sorted(set.intersection(*map(set, labels))) if len(known) > 1 else [],
    )


def _held(condition: Condition, known: Sequence[ListedTicket]) -> list[str]:
    values = {condition.value_of(SeenTicket(ticket, TicketState.PENDING)) for ticket in known}
    each = (value if isinstance(value, tuple) else (value,) for value in values)
    return sorted({text for texts in each for text in texts if text})
