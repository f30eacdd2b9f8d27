"""What pages share: the frame, what is said after a form, lists whose address holds their state.

Belongs here: the values of the frame, the notice that is said once, which tickets an address asks for,
pages of a list and links that change it; style sheets and scripts, below an address that names what
they say, so that a browser asks for each once, and how long it keeps them. Does not: what a page
shows, how templates are found (`model/look/rendering`), these files (`static`, `model/look/static`),
which tickets a query means (`review/ticket_selection`).

A form answers with a redirect, and the page it leads to says what became of it: a cookie carries
the notice there, since an address that carries words could be made by anybody.

Scripts import each other by relative addresses, so one name is for all files of a folder: where one
changes, a browser fetches all of them again, 28 kB packed.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Generic, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Form, Query
from jinja2 import Environment
from markupsafe import escape
from pydantic import BeforeValidator, TypeAdapter, ValidationError
from starlette.datastructures import FormData, UploadFile
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


@cache
def static_address() -> str:
    """Return where our files are; another address where one of them says something else."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in STATIC_FOLDERS for path in folder.iterdir()):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return f"{STATIC_ADDRESS}/{digest.hexdigest()[:12]}"


class NamedFiles(StaticFiles):
    """Serves files below a name for all of them, and for ever where it is the one they have now.

    Below the name of an earlier version, as a page has it that is open since, and without a name a
    browser asks each time. There are no folders: what is before the name of a file is such a name.
    """

    def __init__(self) -> None:
        super().__init__(directory=STATIC_FOLDERS[0])
        self.all_directories = list(STATIC_FOLDERS)

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        named = Path(path)
        response = await super().get_response(named.name, scope)
        if STATIC_ADDRESS / named.parent == Path(static_address()):
            response.headers["cache-control"] = _FOR_EVER
        return response


Value = TypeVar("Value")
SheetsShown = Annotated[str, Form(alias="sheets", max_length=200)]
"""What a form shows of the sheets whose tickets it names by number; a program names none."""
NOTICE_CHARACTERS_MAX = 1_000
"""A cookie holds about 4,000 bytes, and base64 and escapes take some of them."""
NOTICE_COOKIE = "jira_pipeline_notice"
PICTURE_LASTS = "private, max-age=3600"
SANDBOX_ROOT = "/sandbox"
"""The pages of the embedded sandbox are below it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page says once."""

    text: str
    """Backticks mark code."""
    kind: Literal["info", "ok", "warn", "error"] = "ok"
    undo: str = ""
    """Of what was decided about many tickets: what `web/context.UndoSteps` calls the way back."""
    undone_at: str = ""
    """The place of the question that this was about, to return to it."""
    tickets: Sequence[int] = ()
    """Numbers of tickets that lost something by it, to look at."""
    is_asked_again: bool = False
    """Scripts send the form once more, until it is done."""


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
    """Answer with a page; it says who asks, or is known of one for which nobody has to sign in."""
    carried, person = _carried(request), person or getattr(request.state, "person", None)
    text = rendered(
        template,
        request=request,
        person=person,
        notices=[*carried, *notices],
        **values,
    )
    response = HTMLResponse(text, status_code=status, headers=dict(headers or {}))
    if carried:
        response.delete_cookie(NOTICE_COOKIE, httponly=True, samesite="lax")
    return response


def rendered(template: str, **values: object) -> str:
    """Return a page, or a part of one; links to issues of the sandbox lead to its pages here.

    Where a person is given, it knows whether they may review and export.
    """
    if isinstance(person := values.get("person"), Person):
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


def sent_files(form: FormData, name: str) -> list[tuple[str, BinaryIO]]:
    """Return the files that a form brings under a name, each by its name without folders."""
    files = [file for file in form.getlist(name) if isinstance(file, UploadFile)]
    return [(Path(file.filename or "").name, file.file) for file in files if file.filename]


def csv_file(name: str, text: str) -> Response:
    """Send a table for spreadsheet programs."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def picture_file(picture: tuple[bytes, str] | None) -> Response:
    """Send a picture with its type, which a browser keeps for an hour."""
    if picture is None:
        return Response(status_code=404)
    return Response(picture[0], media_type=picture[1], headers={"cache-control": PICTURE_LASTS})


def refused_at(request: Request, address: str, *, by: type[PipelineError] = PipelineError) -> str:
    """Have the page of this address say what a form is refused from now on; return the address.

    What is refused by an error of another kind gets a page of its own.
    """
    request.state.refused_at = (address, by)
    return address


def refusal_of(request: Request, error: PipelineError) -> Response | None:
    """Return the answer of a form that is refused on another page; None where it is not."""
    address, kind = getattr(request.state, "refused_at", ("", PipelineError))
    return (
        go_to(request, address, notice_of(error)) if address and isinstance(error, kind) else None
    )


def asked_of_jira(ask: Callable[[], Value]) -> tuple[Value | None, PipelineError | None]:
    """Return the answer to a question that a page puts to Jira, or why there is none."""
    try:
        return ask(), None
    except PipelineError as error:
        return None, error


def go_to(request: Request, address: str, *notices: Notice | str) -> Response:
    """Answer a form: the browser goes to a page of ours, which says these notices once.

    A text says what was done. A script that sends a form for it gets the address, and how much
    the page says: one that was fetched ahead does not.
    """
    response: Response = RedirectResponse(address, status_code=303)
    if request.headers.get("accept") == "application/json":
        response = JSONResponse({"address": address, "says": len(notices)})
    if notices:
        in_order = (notice if isinstance(notice, Notice) else Notice(notice) for notice in notices)
        shown = [
            asdict(notice) | {"text": notice.text[:NOTICE_CHARACTERS_MAX]} for notice in in_order
        ]
        value = base64.urlsafe_b64encode(json.dumps(shown, ensure_ascii=False).encode())
        response.set_cookie(
            NOTICE_COOKIE,
            value.decode("ascii"),
            max_age=UNDO_SECONDS,  # as long as its button works
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    return response


def _carried(request: Request) -> list[Notice]:
    value = request.cookies.get(NOTICE_COOKIE, "")
    try:
        return _NOTICES.validate_json(base64.urlsafe_b64decode(value)) if value else []
    except (ValueError, ValidationError):  # ValueError: no base64
        return []


def notice_of(error: PipelineError) -> Notice:
    """Say why something was not done, and what to do next."""
    if isinstance(error, DagsterStartingError):
        return Notice(error.sentence, "info", is_asked_again=True)
    return Notice(" ".join([error.sentence, *map(text_of, error.recovery_actions)]), "error")


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
        return self.is_unseen or any(
            condition.name not in _FIRST for condition, _ in self.query.named_conditions
        )


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


def _parameters_of_lists() -> Iterator[Parameter]:
    """Yield what an address of a list may name: each condition, then what `asked_of` has itself."""
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
    for name, parameter in signature(asked_of).parameters.items():
        if name != "named":
            yield parameter


offer_parameters(asked_of, _parameters_of_lists())
AskedOf = Annotated[Asked, Depends(asked_of)]
LIST_NAMES = frozenset(signature(asked_of).parameters) - {"page"}


def list_query(request: Request, **more: str) -> str:
    """Return what an address says of the list somebody goes along; empty for the whole list."""
    given = request.query_params.multi_items()
    pairs = {name: value for name, value in given if name in LIST_NAMES and value} | more
    return f"?{urlencode(pairs)}" if pairs else ""


def asked_tickets(
    opened: OpenSession, asked: Asked, *, by: str, staying: str = ""
) -> Sequence[ListedTicket]:
    """Return all tickets the address asks for, and the one that is `staying`."""
    if asked.is_whole:
        return opened.listed
    seen_at = approvals.last_seen_at(opened, by=by) if asked.is_unseen else None
    return selected_tickets(
        opened.listed,
        replace(asked.query, revised_since=seen_at),
        places=opened.places,
        hollow_ids=hollow_ids_of(opened) if asked.query.is_hollow is not None else frozenset(),
        lost_ids=opened.lost_marks if asked.query.has_lost_mark is not None else (),
        startable_ids=find_startable_ids(opened.listed, opened.progress)
        if asked.query.can_begin is not None
        else (),
        open_id=staying,
    )


def hollow_ids_of(opened: OpenSession) -> frozenset[str]:
    """Return the tickets that the sheets say nothing to configure for; none where they are gone."""
    try:
        return opened.hollow_ids
    except StoreError:
        return frozenset()
