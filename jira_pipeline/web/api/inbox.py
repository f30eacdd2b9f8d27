"""What concerns whoever asks, over all sessions.

Does not: which change concerns whom (`store/concerns`), its sentences (`flow/inbox`).
"""

from typing import Annotated, Any

from fastapi import Query
from pydantic import AliasPath, BeforeValidator, ConfigDict, Field

from jira_pipeline.flow.inbox import inbox_items, inbox_of, mark_inbox
from jira_pipeline.flow.people import mentionable
from jira_pipeline.kernel.notifications import NotificationKind, NotificationMark
from jira_pipeline.web.access import AnyClient, Reader
from jira_pipeline.web.api.paging import Paged
from jira_pipeline.web.api.shapes import (
    INTEGER_MAX,
    NUMBERS_MAX,
    JsonObject,
    Shape,
    Time,
    new_router,
)
from jira_pipeline.web.context import TheWeb

USUAL_LIMIT = 50
router = new_router("inbox", prefix="/api/inbox")
mentions_router = new_router("inbox", prefix="/api/sessions/{key}/people")
NotificationId = Annotated[int, Field(ge=1, le=INTEGER_MAX)]
EXAMPLE: JsonObject = {
    "notification_id": 7,
    "kind": "mentioned",
    "text": "anna@example.org mentioned you in a comment on a ticket",
    "session_key": "my_site",
    "site_name": "My site",
    "ticket_numbers": [12],
    "ticket_count": 1,
    "by": "anna@example.org",
    "at": "2026-03-29T09:00:00+00:00",
    "is_read": False,
    "is_done": False,
}


def _of_notification(*names: str) -> Any:
    return Field(validation_alias=AliasPath("notification", *names))


class InboxNotification(Shape):
    """That something concerns whoever asks."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    notification_id: int = _of_notification("notification_id")
    kind: NotificationKind = _of_notification("kind")
    text: str = Field(
        validation_alias="sentence", description="Who did what, without the text of a ticket."
    )
    session_key: str = _of_notification("session_key")
    site_name: str
    ticket_numbers: Annotated[
        list[int], BeforeValidator(lambda tickets: [ticket.number for ticket in tickets])
    ] = Field(validation_alias="tickets", description="Of the first three that are still there.")
    ticket_count: int
    by: str = _of_notification("entry", "actor")
    at: Time = _of_notification("entry", "at")
    is_read: Annotated[bool, BeforeValidator(bool)] = _of_notification("read_at")
    is_done: Annotated[bool, BeforeValidator(bool)] = _of_notification("done_at")


class WantedMark(Shape):
    """What somebody read, is done with, or has left to do after all."""

    mark: NotificationMark
    notification_ids: Annotated[list[NotificationId], Field(max_length=NUMBERS_MAX)] | None = None
    up_to: NotificationId | None = Field(
        default=None, description="All up to this one, in place of `notification_ids`."
    )


class Marked(Shape):
    """How many notifications a mark changed."""

    changed: int


class PeopleOfSession(Shape):
    """Who may read the tickets of a session."""

    names: list[str]


@router.get("")
def list_inbox(
    web: TheWeb, person: AnyClient, paging: Paged, *, done: Annotated[bool, Query()] = False
) -> list[InboxNotification]:
    """List what concerns whoever asks, newest first: what is open, or what is done."""
    shown = paging.page_of(
        inbox_of(web.pipeline, person, is_done=done),
        key_of=lambda one: one,
        usual_limit=USUAL_LIMIT,
    )
    return [*map(InboxNotification.model_validate, inbox_items(web.pipeline, shown))]


@router.post("/marks")
def mark(web: TheWeb, person: AnyClient, body: WantedMark) -> Marked:
    """Mark notifications of whoever asks; those of others stay as they are."""
    changed = mark_inbox(
        web.pipeline,
        person,
        body.mark,
        notification_ids=body.notification_ids,
        up_to=body.up_to,
    )
    return Marked(changed=changed)


@mentions_router.get("")
def list_mentionable(web: TheWeb, _person: Reader, key: str) -> PeopleOfSession:
    """List who can be mentioned in comments and answers, by `@` and the name."""
    return PeopleOfSession(names=list(mentionable(web.pipeline, key)))
