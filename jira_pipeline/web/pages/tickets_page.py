"""Page 3, Tickets: the list with its filters and orders, to look at and to choose from.

Does not belong here: reading an address into a query (`list_addresses`), which tickets a query means
(`review/ticket_selection`), what its forms decide (`decisions`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from jira_pipeline.model.tickets import ListedTicket, TicketState
from jira_pipeline.review import validating
from jira_pipeline.review.hours import hours_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.ticket_selection import (
    CONDITIONS,
    Condition,
    SeenTicket,
    TicketOrder,
    progress_of,
)
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import Opened
from jira_pipeline.web.pages.list_addresses import (
    NOBODY,
    AskedOf,
    address_with,
    asked_tickets,
    hollow_ids_of,
    list_query,
    page_of,
)
from jira_pipeline.web.pages.showing import go_to, show

TICKETS_SHOWN = 100
NUMBERS_NAMED = 20
HOLLOW_SHOWN_MAX = 2_000
"""Which tickets are hollow is in the sheets: larger ones are read only where somebody asks."""
router = APIRouter(prefix="/sessions/{key}/tickets")


@router.get("")
def tickets(request: Request, person: Reader, opened: Opened, asked: AskedOf) -> Response:
    """List the tickets that the address asks for."""
    every_ticket, seen_at = opened.listed, validating.seen_at(opened, by=person.name)
    is_hollow_shown = len(every_ticket) <= HOLLOW_SHOWN_MAX or bool(asked.query.is_hollow)
    chosen = asked_tickets(opened, asked, by=person.name)
    listed = page_of(request, chosen, number=asked.page, size=TICKETS_SHOWN)
    order, is_down = asked.query.order, asked.query.is_descending
    states = {*asked.query.states, *(opened.places[each.ticket_id].state for each in every_ticket)}

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
        have_issues={opened.places[each.ticket_id].jira_key is not None for each in chosen},
        hollow_ids=hollow_ids_of(opened) if is_hollow_shown else frozenset(),
        known_count=len(every_ticket),
        hours=hours_of(chosen),
        list_query=list_query(request),
        lost_ids=opened.lost_marks,
        seen_at=seen_at,
        states={each: each.label for each in TicketState if each in states},
        **facets_in(opened),
        sorting=sorting,
        vanished_count=len(opened.vanished),
        is_ordered=order is TicketOrder.PLACE and not is_down,
        nobody=NOBODY,
        chosen_by={field: each for field, each in CONDITIONS.items() if each.label},
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


def facets_in(opened: OpenSession) -> Mapping[str, Any]:
    """Return what the page says of all tickets of a session, by name."""
    known = opened.listed
    return opened.pipeline.memory.as_of(known, "facets", opened.key, lambda: _facets_of(known))


def _facets_of(tickets: Sequence[ListedTicket]) -> Mapping[str, Any]:
    labels = {ticket.labels for ticket in tickets}
    return {
        "numbers": {ticket.ticket_id: ticket.number for ticket in tickets},
        "progress": progress_of(tickets),
        "fallback_count": sum(ticket.is_fallback for ticket in tickets),
        "choices": {one.name: _held(one, tickets) for one in CONDITIONS.values() if one.label},
        # Said once: under each title those of all made the list twice as long.
        "common_labels": sorted(set.intersection(*map(set, labels))) if len(tickets) > 1 else [],
    }


def _held(condition: Condition, known: Sequence[ListedTicket]) -> list[str]:
    values = {condition.value_of(SeenTicket(ticket, TicketState.PENDING)) for ticket in known}
    each = (value if isinstance(value, tuple) else (value,) for value in values)
    return sorted({text for texts in each for text in texts if text})
