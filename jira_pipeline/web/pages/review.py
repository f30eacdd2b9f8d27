"""The way through a review: which ticket of a list waits next, how far it is, what was decided last.

Belongs here: where somebody is in the list they came from, the page at its end. Does not: which
tickets an address asks for (`list_addresses`), what a ticket says and what is decided about it
(`ticket_page`).

The address carries the list and the last decision, so the way is the same with and without
scripts, in two windows, and for whoever gets the link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from jira_pipeline.export.left_in_jira import changes_in_jira
from jira_pipeline.model.tickets import GIVEN_REASONS, ListedTicket
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.ready_marks import seconds_a_ticket
from jira_pipeline.review.ticket_selection import next_waiting, progress_of
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import Opened
from jira_pipeline.web.labels import about
from jira_pipeline.web.pages.list_addresses import Asked, AskedOf, asked_tickets, list_query
from jira_pipeline.web.pages.showing import go_to, show
from jira_pipeline.web.pages.tickets_page import TICKETS_SHOWN

AHEAD = {"cache-control": "private, max-age=300"}
"""Of a page that is fetched ahead: a browser asks again for what it may not keep while one reads."""
router = APIRouter(prefix="/sessions/{key}/review")
LEADS_ON = {"ready": "ready"} | {kind.taken_by: kind.state.value for kind in GIVEN_REASONS}
"""What addresses call the decisions after which the next ticket comes, by verb."""
Did = Annotated[str, Query(pattern=rf"^(({'|'.join(LEADS_ON.values())})-[\w-]{{1,64}})?$")]
"""The last decision: what was decided, and the id of the ticket."""


@router.get("")
def review(
    request: Request, person: Reader, opened: Opened, asked: AskedOf, *, did: Did = ""
) -> Response:
    """Open the first ticket of a list that waits; where none does, say what is next."""
    waiting = next_waiting(asked_tickets(opened, asked, by=person.name))
    if waiting is not None:
        address = f"/sessions/{opened.key}/tickets/{waiting.number}{list_query(request)}"
        return go_to(request, address)
    listed = f"/sessions/{opened.key}/tickets"
    return show(
        request,
        "review.html",
        opened=opened,
        review=place_in_review(request, opened, asked, "", did=did, by=person.name),
        elsewhere=next_waiting(opened.listed),
        tally=opened.tally,
        updates=[each for each in changes_in_jira(opened) if each.is_text],
        to_create=any(
            each.exclusion is None and opened.places[each.ticket_id].jira_key is None
            for each in opened.listed
        ),
        asking_address=f"{listed}{list_query(request, readiness='ready', questions='1')}",
        skipped_address=f"{listed}{list_query(request, readiness='skipped')}",
    )


def next_address(
    request: Request, opened: OpenSession, listed: Sequence[ListedTicket], *, after: str, did: str
) -> str:
    """Return where a decision about a ticket leads: to the next that waits, else to the end."""
    waiting = next_waiting(listed, after=after)
    where = "review" if waiting is None else f"tickets/{waiting.number}"
    return f"/sessions/{opened.key}/{where}{list_query(request, did=f'{did}-{after}')}"


def is_ahead(request: Request) -> bool:
    """Tell whether a browser fetches a page before somebody wants it."""
    return "prefetch" in request.headers.get("sec-purpose", "")


def place_in_review(
    request: Request, opened: OpenSession, asked: Asked, ticket_id: str, *, did: str, by: str
) -> Mapping[str, Any]:
    """Say where a ticket is in the list that the address asks for."""
    listed = asked_tickets(opened, asked, by=by, staying=ticket_id)
    ids = [each.ticket_id for each in listed]
    here = ids.index(ticket_id) if ticket_id in ids else None
    what, _, decided_id = did.partition("-")
    reviewed = listed
    if asked.query.readiness:
        anyhow = replace(asked, query=replace(asked.query, readiness=()))
        reviewed = asked_tickets(opened, anyhow, by=by)
    if is_ahead(request) and what == "ready":  # it will be, once somebody gets here
        reviewed = [
            each._replace(is_ready=each.is_ready or each.ticket_id == decided_id)
            for each in reviewed
        ]
    waiting = next_waiting(listed, after=ticket_id)
    query, page = list_query(request), ""
    if here is not None and here >= TICKETS_SHOWN:
        page = f"{'&' if query else '?'}page={here // TICKETS_SHOWN + 1}"
    among = reviewed if is_ahead(request) else opened.listed
    of_id = next((each for each in among if each.ticket_id == decided_id), None)
    states = {"ready"} if of_id and of_id.is_ready else set[str]()
    states |= {of_id.exclusion.state} if of_id and of_id.exclusion is not None else set()
    decided = of_id if what in states else None
    progress = progress_of(reviewed)
    pace = seconds_a_ticket(opened.ready_marks.values(), by=by)
    at = "" if here is None else f"#ticket-{listed[here].number}"
    return {
        "list_query": query,  # of addresses that stay in the list
        "along_query": list_query(request, did=did) if decided else query,  # what was decided, too
        "list_address": f"/sessions/{opened.key}/tickets{query}{page}{at}",
        "is_whole": asked.is_whole,
        "progress": progress,  # of the list, whatever it asks about readiness
        "remaining": about(pace * progress.waiting) if pace and progress.waiting else "",
        "position": None if here is None else here + 1,
        "count": len(listed),
        "earlier": listed[here - 1] if here else None,
        "later": listed[here + 1] if here is not None and here + 1 < len(listed) else None,
        "waiting": waiting,  # the next that nobody decided about
        "ahead_address": next_address(request, opened, listed, after=ticket_id, did="ready")
        if waiting
        else "",
        "decided": decided,  # what the last decision was about, where it still holds
    }
