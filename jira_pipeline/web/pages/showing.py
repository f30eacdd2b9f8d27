"""What pages share: rendering a page in its frame, notices after a form, lists whose address says all.

A handler answers a request for a page with `show`, and a form with `go_to`: a redirect to a page, which
says once what became of the form. A cookie carries that `Notice` there, since an address that carries
words could be made by anybody. The address of a list of tickets holds its filters, order and page
(`?text=news&sort=number&page=2`), which `ListFilters` is the value of.

Belongs here: the values of the frame, notices, which tickets an address asks for, pages of a list and
links that change it; style sheets and scripts, below an address that changes with their content, so
that a browser asks for each once, and how long it keeps them. Does not: what a page shows, how
templates are found (`model/look/rendering`), these files (`static`, `model/look/static`), which tickets
a query means (`review/ticket_selection`).

Scripts import each other by relative addresses, so one name is for all files of a folder: where one
changes, a browser fetches all of them again, 28 kB packed.
"""

import base64
import hashlib
import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Form, Query
from jinja2 import Environment
from markupsafe import escape
from pydantic import BeforeValidator, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

from jira_pipeline.model import look
from jira_pipeline.model.errors import DagsterStartingError, PipelineError, StoreError
from jira_pipeline.model.look.rendering import templates_of
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.signatures import keyword, offer_parameters
from jira_pipeline.model.ticket_decisions import GIVEN_REASONS, LEFT_OUT
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import NAME_MAX, REASON_MAX
from jira_pipeline.review.ticket_selection import (
    CONDITIONS,
    TicketOrder,
    TicketQuery,
    find_startable_ids,
    query_of,
    selected_tickets,
)
from jira_pipeline.web.context import UNDO_SECONDS
from jira_pipeline.web.labels import initials_of, text_of

STATIC_FOLDERS = (Path(__file__).parents[1] / "static", Path(look.__file__).parent / "static")
STATIC_ADDRESS = "/static"
_FOR_EVER = "public, max-age=31536000, immutable"
"""A year, the longest that browsers know."""


@cache
def static_address() -> str:
    """Return the address of the folder of our files, `/static/HASH`; the hash is that of their content."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in STATIC_FOLDERS for path in folder.iterdir()):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return f"{STATIC_ADDRESS}/{digest.hexdigest()[:12]}"


class NamedFiles(StaticFiles):
    """Serves static files below a hash of all of them; a browser keeps a file of the current hash for ever.

    Below another hash, as a page has it that was open before an upgrade, or below none, the file is the
    same, but a browser asks each time. There are no folders: what is before a file's name is the hash.
    """

    def __init__(self) -> None:
        super().__init__(directory=STATIC_FOLDERS[0])
        self.all_directories = list(STATIC_FOLDERS)

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        hash_and_name = Path(path)
        response = await super().get_response(hash_and_name.name, scope)
        if STATIC_ADDRESS / hash_and_name.parent == Path(static_address()):
            response.headers["cache-control"] = _FOR_EVER
        return response


Value = TypeVar("Value")
SheetsShown = Annotated[str, Form(alias="sheets", max_length=200)]
"""The SHA-256 of the session's sheets when a form was shown, or how it begins; a program sends none.

Forms name tickets by number, and newer sheets may give a number to another ticket.
"""
NOTICE_CHARACTERS_MAX = 1_000
"""A cookie holds about 4,000 bytes, and base64 and escapes take some of them."""
NOTICE_COOKIE = "jira_pipeline_notice"
PICTURE_LASTS = "private, max-age=3600"
"""Cache-Control of a logo."""
SANDBOX_ROOT = "/sandbox"
"""The pages of the embedded sandbox are below it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page says once about the form that led to it."""

    text: str
    """What was done, or why not. Backticks mark code."""
    kind: Literal["info", "ok", "warn", "error"] = "ok"
    """How the page shows it; `info` where nothing changed, or something only begins."""
    undo: str = ""
    """The name under which `web/context.UndoSteps` keeps what takes the decision back; else blank."""
    undone_at: str = ""
    """The place of the question that it is about, such as `12.1`, where an undo returns to."""
    tickets: Sequence[int] = ()
    """Numbers of tickets that lost their approval by it, to look at."""
    is_asked_again: bool = False
    """Scripts send the form once more, until it is done: Dagster is still starting."""


_NOTICES = TypeAdapter(list[Notice])


def show(
    request: Request,
    template: str,
    *,
    person: Person | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    notices: Sequence[Notice] = (),
    **values: object,
) -> HTMLResponse:
    """Answer with a page, and with the notices that the form before it left in a cookie.

    Its frame names the person who asks. `person` is for a route that everybody may open, which finds out
    by itself who asks, if anybody; for others the dependency on a role put them into the request.
    """
    notices_of_form = _notices_in_cookie(request)
    person_shown = person or getattr(request.state, "person", None)
    text = rendered(
        template,
        request=request,
        person=person_shown,
        notices=[*notices_of_form, *notices],
        **values,
    )
    response = HTMLResponse(text, status_code=status, headers=dict(headers or {}))
    if notices_of_form:  # they are said once
        response.delete_cookie(NOTICE_COOKIE, httponly=True, samesite="lax")
    return response


def rendered(template: str, **values: object) -> str:
    """Return a page, or a part of one, as HTML.

    A template with a `person` gets `may_review` and `may_export`, too. Where the session of the page,
    `opened`, exports to the sandbox, links to its issues lead to the pages that this program has of them.
    """
    person = values.get("person")
    if isinstance(person, Person):
        values["may_review"] = person.role.includes(Role.REVIEWER)
        values["may_export"] = person.role.includes(Role.EXPORTER)
    page = _templates().get_template(template)
    text = page.render(Role=Role, static=static_address(), **values)
    opened = values.get("opened")
    if 'href="http' not in text or not isinstance(opened, OpenSession):
        return text
    target = opened.target
    if target is None or not target.is_sandbox:
        return text
    return text.replace(f'href="{escape(target.base_url)}/', f'href="{SANDBOX_ROOT}/')


@cache
def _templates() -> Environment:
    templates = templates_of("jira_pipeline.web")
    templates.filters["initials"] = initials_of
    templates.globals |= {
        "reason_max": REASON_MAX,
        "name_max": NAME_MAX,
        "exclusions": GIVEN_REASONS,
        "left_out_label": LEFT_OUT,
    }
    return templates


def csv_file(name: str, text: str) -> Response:
    """Send a table for spreadsheet programs."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def picture_file(picture: tuple[bytes, str] | None) -> Response:
    """Send a picture, its content and its media type, which a browser keeps for an hour; 404 for None."""
    if picture is None:
        return Response(status_code=404)
    return Response(picture[0], media_type=picture[1], headers={"cache-control": PICTURE_LASTS})


def refused_at(request: Request, address: str, *, by: type[PipelineError] = PipelineError) -> str:
    """Choose the page that says why this request is refused, if it is; return its address.

    From here on in a handler, an error of the type `by` leads to that page with a notice
    (`refusal_of`); an error of another type gets the page for errors.
    """
    request.state.refused_at = (address, by)
    return address


def refusal_of(request: Request, error: PipelineError) -> Response | None:
    """Return the redirect to the page that says why a request is refused.

    None where its handler chose no page with `refused_at`, or none for such an error.
    """
    address, kind = getattr(request.state, "refused_at", ("", PipelineError))
    if not address or not isinstance(error, kind):
        return None
    return go_to(request, address, notice_of(error))


def ask_jira(ask: Callable[[], Value]) -> tuple[Value | None, PipelineError | None]:
    """Call what asks Jira for a page; return its answer and None, or None and why there is none."""
    try:
        return ask(), None
    except PipelineError as error:
        return None, error


def go_to(request: Request, address: str, *notices: Notice | str) -> Response:
    """Answer a form: the browser goes to a page of ours, which says these notices once.

    A notice that is a text says that something was done. A script that sent the form gets the address
    as JSON, and how many notices the page has: one that it fetched ahead has none of them.
    """
    response: Response = RedirectResponse(address, status_code=303)
    if request.headers.get("accept") == "application/json":
        response = JSONResponse({"address": address, "says": len(notices)})
    if notices:
        carried_notices = []
        for notice in notices:
            carried = notice if isinstance(notice, Notice) else Notice(notice)
            carried_notices.append(asdict(carried) | {"text": carried.text[:NOTICE_CHARACTERS_MAX]})
        value = base64.urlsafe_b64encode(json.dumps(carried_notices, ensure_ascii=False).encode())
        response.set_cookie(
            NOTICE_COOKIE,
            value.decode("ascii"),
            max_age=UNDO_SECONDS,  # as long as the undo button of a notice works
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    return response


def _notices_in_cookie(request: Request) -> list[Notice]:
    """Return the notices that `go_to` put into a cookie; none where somebody else made it up."""
    value = request.cookies.get(NOTICE_COOKIE, "")
    try:
        return _NOTICES.validate_json(base64.urlsafe_b64decode(value)) if value else []
    except (ValueError, ValidationError):  # ValueError: no base64
        return []


def notice_of(error: PipelineError) -> Notice:
    """Return the notice of an error: why something was not done, and what to do next."""
    if isinstance(error, DagsterStartingError):
        return Notice(error.sentence, "info", is_asked_again=True)
    return Notice(" ".join([error.sentence, *map(text_of, error.recovery_actions)]), "error")


PAGE_MAX = 100_000
BLANK_IS_NONE = BeforeValidator(lambda value: None if value == "" else value)
"""A form sends what nobody chose as an empty text."""
NOBODY = "-"
"""In an address or a form: the field of the ticket is empty, such as an assignee that is nobody."""
_FIRST_FILTERS = {"", "text", "group", "kind", "readiness", "lost", "assignee", "sprint"}
"""What the form of the list always shows; its other filters are folded. Blank: it is no filter of it."""
Text = Annotated[str, Query(max_length=300)]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Generic[Item]):
    """One page of a long list."""

    items: Sequence[Item]
    """Those of this page."""
    total: int
    """How many the whole list has."""
    number: int
    """Of this page, from 1."""
    count: int
    """How many pages there are, at least one."""
    earlier: str
    """Address of the page before; empty where there is none."""
    later: str
    """Address of the page after; empty where there is none."""


def page_of(request: Request, items: Sequence[Item], *, number: int, size: int) -> ListPage[Item]:
    """Return a page of a list with `size` items; the last page where there is none of that number."""
    count = max(1, math.ceil(len(items) / size))
    shown_number = min(number, count)
    begin = (shown_number - 1) * size
    earlier = ""
    if shown_number > 1:
        earlier = address_with(request, page=shown_number - 1)
    later = ""
    if shown_number < count:
        later = address_with(request, page=shown_number + 1)
    return ListPage(
        items=items[begin : begin + size],
        total=len(items),
        number=shown_number,
        count=count,
        earlier=earlier,
        later=later,
    )


def address_with(request: Request, **changes: str | int | None) -> str:
    """Return the address of this request with other values in its query; blank and None take one out."""
    values: dict[str, str | int | None] = {**dict(request.query_params.multi_items()), **changes}
    query = urlencode({name: value for name, value in values.items() if value not in (None, "")})
    return f"{request.url.path}?{query}" if query else request.url.path


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilters:
    """Which tickets the address of a list asks for, in which order, and which page of them."""

    query: TicketQuery
    """The conditions and the order."""
    is_unseen: bool
    """Only tickets that changed since the person said that they saw the list."""
    page: int

    @property
    def is_whole(self) -> bool:
        """It asks for all tickets, in the order people gave them."""
        return self.query == TicketQuery() and not self.is_unseen

    @property
    def is_of_more(self) -> bool:
        """It asks for something that is among the folded filters of the form."""
        return self.is_unseen or any(
            condition.name not in _FIRST_FILTERS for condition, _ in self.query.named_conditions
        )


def filters_in_address(
    *,
    unseen: bool = False,
    sort: TicketOrder = TicketOrder.PLACE,
    down: bool = False,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
    **values: Any,
) -> ListFilters:
    """Read the address of a list of tickets; `values` are those of conditions, by their names."""
    wanted: dict[str, Any] = {}
    for field, condition in CONDITIONS.items():
        value = values.get(condition.name)
        if value is None:
            continue
        # A choice among values: the form sends an empty text for any, and `-` for none of them.
        if condition.label:
            value = "" if value == NOBODY else value or None
        wanted[field] = value
    query = query_of(wanted, order=sort, is_descending=down)
    return ListFilters(query=query, is_unseen=unseen, page=page)


def _parameters_of_lists() -> Iterator[Parameter]:
    """Yield what an address of a list may name: conditions, then what `filters_in_address` has itself."""
    for condition in CONDITIONS.values():
        if not condition.name:
            continue
        if condition.kind is str:
            yield keyword(condition.name, Text, default="")
        else:
            yield keyword(
                condition.name,
                Annotated[condition.kind | None, BLANK_IS_NONE, Query()],
                default=None,
            )
    for name, parameter in signature(filters_in_address).parameters.items():
        if name != "values":
            yield parameter


offer_parameters(filters_in_address, _parameters_of_lists())
FiltersInAddress = Annotated[ListFilters, Depends(filters_in_address)]
_NAMES_IN_ADDRESS = frozenset(signature(filters_in_address).parameters) - {"page"}


def list_query(request: Request, **more: str) -> str:
    """Return the query by which a page stays in the list that it was opened from, with its `?`.

    The filters and the order are in it, and what is named by `more`; it is empty for the whole list.
    """
    pairs: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in _NAMES_IN_ADDRESS and value:
            pairs[name] = value
    pairs |= more
    return f"?{urlencode(pairs)}" if pairs else ""


def tickets_matching(
    opened: OpenSession, filters: ListFilters, *, by: str, kept_id: str = ""
) -> Sequence[ListedTicket]:
    """Return the tickets that the filters ask for, in their order.

    The ticket with the id `kept_id` is among them in any case: somebody is at it, and what they decide
    must not take it out of the list that they go through.
    """
    if filters.is_whole:
        return opened.listed
    query = filters.query
    seen_at = None
    if filters.is_unseen:
        seen_at = approvals.last_seen_at(opened, by=by)
    # What follows takes long to find out, so only for a list that asks for it.
    hollow_ids = frozenset[str]()
    if query.is_hollow is not None:
        hollow_ids = hollow_ids_of(opened)
    lost_ids: Collection[str] = ()
    if query.has_lost_mark is not None:
        lost_ids = opened.lost_marks
    startable_ids: Collection[str] = ()
    if query.can_begin is not None:
        startable_ids = find_startable_ids(opened.listed, opened.progress)
    return selected_tickets(
        opened.listed,
        replace(query, revised_since=seen_at),
        places=opened.places,
        hollow_ids=hollow_ids,
        lost_ids=lost_ids,
        startable_ids=startable_ids,
        open_id=kept_id,
    )


def hollow_ids_of(opened: OpenSession) -> frozenset[str]:
    """Return the ids of tickets for which the sheets have nothing to configure.

    Where the kept copy of the sheets is gone nobody knows, and none is returned.
    """
    try:
        return opened.hollow_ids
    except StoreError:
        return frozenset()
