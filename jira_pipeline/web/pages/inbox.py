"""The inbox: what concerns whoever is signed in, over all sessions.

Belongs here: the list and its forms. Does not: what is in it, and its sentences (`flow/inbox`).
"""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from starlette.responses import Response

from jira_pipeline.flow.digests import choose_mail, mail_choice
from jira_pipeline.flow.inbox import InboxItem, inbox_items, inbox_of, mark_inbox
from jira_pipeline.kernel.notifications import NotificationMark
from jira_pipeline.kernel.tickets import ListedTicket
from jira_pipeline.web.access import AnyClient
from jira_pipeline.web.context import TheWeb
from jira_pipeline.web.pages.paging import PAGE_MAX, page_of
from jira_pipeline.web.pages.showing import go_to, refused_at, show

NOTIFICATIONS_PER_PAGE = 50
ID_MAX = 2**31 - 1
router = APIRouter(prefix="/inbox")


@router.get("")
def inbox(
    request: Request,
    web: TheWeb,
    person: AnyClient,
    *,
    done: bool = False,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """List what is open, or what is done, newest first."""
    found = inbox_of(web.pipeline, person, is_done=done)
    listed = page_of(request, found, number=page, size=NOTIFICATIONS_PER_PAGE)
    return show(
        request,
        "inbox.html",
        person=person,
        listed=listed,
        items=inbox_items(web.pipeline, listed.items),
        is_done=done,
        newest=found[0] if found else None,
        query=f"?{request.url.query}" if request.url.query else "",
        address_of=_address_of,
        mail=mail_choice(web.pipeline, person),
    )


@router.post("")
def mark_all(
    request: Request,
    web: TheWeb,
    person: AnyClient,
    *,
    mark: Annotated[NotificationMark, Form()],
    up_to: Annotated[int, Form(ge=1, le=ID_MAX)],
) -> Response:
    """Mark everything up to the newest that the page showed."""
    mark_inbox(web.pipeline, person, mark, up_to=up_to)
    return _shown_again(request)


@router.post("/mail")
def choose(
    request: Request,
    web: TheWeb,
    person: AnyClient,
    *,
    address: Annotated[str, Form(max_length=300)] = "",
    do: Annotated[str, Form(max_length=20)] = "mail",
) -> Response:
    """Get mail at an address, or none."""
    wanted = address if do == "mail" else ""
    refused_at(request, "/inbox")
    choose_mail(web.pipeline, person, wanted)
    return go_to(
        request, "/inbox", f"You get mail at {wanted.strip()}." if wanted else "You get no mail."
    )


@router.post("/{notification_id}")
def mark_one(
    request: Request,
    web: TheWeb,
    person: AnyClient,
    *,
    notification_id: Annotated[int, Path(ge=1, le=ID_MAX)],
    mark: Annotated[NotificationMark, Form()],
) -> Response:
    """Mark one notification, and show the list as it was."""
    mark_inbox(web.pipeline, person, mark, notification_ids=[notification_id])
    return _shown_again(request)


def _shown_again(request: Request) -> Response:
    query = request.url.query
    return go_to(request, f"/inbox?{query}" if query else "/inbox")


def _address_of(item: InboxItem, ticket: ListedTicket) -> str:
    place = "#comments" if item.notification.entry.action == "comment_added" else ""
    return f"/sessions/{item.notification.session_key}/tickets/{ticket.number}{place}"
