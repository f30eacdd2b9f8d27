"""Lists whose address holds their state: which tickets one asks for, pages, links that change it.

Belongs here: what every long list shares, and what everybody needs who goes along a list of tickets.
Does not: what a list shows, which tickets a query means (`review/ticket_selection`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query
from pydantic import BeforeValidator
from starlette.requests import Request

from jira_pipeline.model.errors import StoreError
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.review import validating
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.ticket_selection import (
    CONDITIONS,
    TicketOrder,
    TicketQuery,
    query_of,
    selected_tickets,
    startable,
)

PAGE_MAX = 100_000
BLANK_IS_NONE = BeforeValidator(lambda value: None if value == "" else value)
"""A form sends what nobody chose as an empty text."""
NOBODY = "-"
"""In an address or a form: the field is empty."""
_FIRST = {"", "text", "group", "kind", "readiness", "lost", "assignee", "sprint"}
Text = Annotated[str, Query(max_length=300)]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Generic[Item]):
    items: Sequence[Item]
    total: int
    number: int
    count: int
    earlier: str
    """Address of the page before; empty where there is none."""
    later: str


def page_of(request: Request, items: Sequence[Item], *, number: int, size: int) -> ListPage[Item]:
    """Return a page of a list, the last one where there are fewer."""
    count = max(1, -(-len(items) // size))
    number = min(number, count)
    return ListPage(
        items=items[(number - 1) * size :][:size],
        total=len(items),
        number=number,
        count=count,
        earlier=address_with(request, page=number - 1) if number > 1 else "",
        later=address_with(request, page=number + 1) if number < count else "",
    )


def address_with(request: Request, **changes: str | int | None) -> str:
    """Return the address of this list with other values; empty ones and None are left out."""
    values: dict[str, str | int | None] = {**dict(request.query_params.multi_items()), **changes}
    query = urlencode({name: value for name, value in values.items() if value not in (None, "")})
    return f"{request.url.path}?{query}" if query else request.url.path


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


def asked_of(
    *,
    unseen: bool = False,
    sort: TicketOrder = TicketOrder.PLACE,
    down: bool = False,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
    **named: Any,
) -> Asked:
    """Read the address of a list: by the name of each condition, with its order and page."""
    wanted = {  # None asks nothing, an empty text for nobody
        field: ("" if value == NOBODY else value or None) if condition.label else value
        for field, condition in CONDITIONS.items()
        if (value := named.get(condition.name)) is not None
    }
    return Asked(
        query=query_of(wanted, order=sort, is_descending=down), is_unseen=unseen, page=page
    )


_CONDITIONS = [
    Parameter(one.name, Parameter.KEYWORD_ONLY, annotation=Text, default="")
    if one.kind is str
    else Parameter(
        one.name,
        Parameter.KEYWORD_ONLY,
        annotation=Annotated[one.kind | None, BLANK_IS_NONE, Query()],
        default=None,
    )
    for one in CONDITIONS.values()
    if one.name
]
_OTHERS = [one for one in signature(asked_of).parameters.values() if one.name != "named"]
setattr(asked_of, "__signature__", Signature([*_CONDITIONS, *_OTHERS]))  # noqa: B010 - read by FastAPI
AskedOf = Annotated[Asked, Depends(asked_of)]
LIST_NAMES = frozenset(signature(asked_of).parameters) - {"page"}


def list_query(request: Request, **more: str) -> str:
    """Return what an address says of the list somebody goes along; empty for the whole list."""
    given = request.query_params.multi_items()
    kept = {name: value for name, value in given if name in LIST_NAMES and value} | more
    return f"?{urlencode(kept)}" if kept else ""


def asked_tickets(
    opened: OpenSession, asked: Asked, *, by: str, staying: str = ""
) -> Sequence[ListedTicket]:
    """Return all tickets the address asks for, and the one that is `staying`."""
    if asked.is_whole:
        return opened.listed
    seen_at = validating.seen_at(opened, by=by) if asked.is_unseen else None
    return selected_tickets(
        opened.listed,
        replace(asked.query, revised_since=seen_at),
        places=opened.places,
        hollow_ids=hollow_ids_of(opened) if asked.query.is_hollow is not None else frozenset(),
        lost_ids=opened.lost_marks if asked.query.has_lost_mark is not None else (),
        startable_ids=startable(opened.listed, opened.progress)
        if asked.query.can_begin is not None
        else (),
        kept=staying,
    )


def hollow_ids_of(opened: OpenSession) -> frozenset[str]:
    """Return the tickets that the sheets say nothing to configure for; none where they are gone."""
    try:
        return opened.hollow_ids
    except StoreError:
        return frozenset()
