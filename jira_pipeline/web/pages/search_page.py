"""The search that is in the frame of every page: its hits as one types, and as a page of their own.

Belongs here: how a hit is shown. Does not: which tickets are found (`sessions/search`).
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from jira_pipeline.model.line_numbers import lines_of_file
from jira_pipeline.model.search_words import NameRole, Passage, PlaceKind
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import PART_TITLES
from jira_pipeline.sessions.search import QUERY_MAX, Hit, search
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import TheWeb
from jira_pipeline.web.pages.showing import go_to, rendered, show

HITS_WHILE_TYPING = 8
router = APIRouter(prefix="/search")
Words = Annotated[str, Query(max_length=QUERY_MAX)]
SessionKey = Annotated[str, Query(max_length=64)]
_ROLE_TAGS = {NameRole.CREATES: " ok", NameRole.REUSES: " info"}


@router.get("")
def found_page(
    request: Request, web: TheWeb, _person: Reader, *, q: Words = "", session_key: SessionKey = ""
) -> Response:
    """Show what was found; a number or an issue of one ticket leads to that ticket."""
    found = search(web.pipeline, q, session_key=session_key or None)
    if found.meant is not None:
        return go_to(request, _address_of(found.meant))
    within: dict[str, Any] = {}
    if session_key:
        within = {"opened": open_session(web.pipeline, session_key)}
    return show(request, "search.html", found=found, searched=found.query, **_words(), **within)


@router.get("/hits")
def found_hits(
    web: TheWeb, _person: Reader, *, q: Words = "", session_key: SessionKey = ""
) -> Response:
    """Return the first hits as a part of a page."""
    found = search(
        web.pipeline, q, session_key=session_key or None, most=HITS_WHILE_TYPING, is_typing=True
    )
    return HTMLResponse(
        rendered("search_hits.html", found=found, is_within=bool(session_key), **_words())
    )


def _words() -> dict[str, Any]:
    return {"marked": marked, "address_of": _address_of, "where": where, "role_tags": _ROLE_TAGS}


def _address_of(hit: Hit) -> str:
    return f"/sessions/{hit.ticket.session_key}/tickets/{hit.ticket.number}"


def marked(text: str, marks: Sequence[tuple[int, int]]) -> Markup:
    """Show a text with what was searched for marked."""
    shown, end = Markup(), 0
    for begin, after in marks:
        shown += Markup("{}<mark>{}</mark>").format(text[end:begin], text[begin:after])
        end = after
    return shown + escape(text[end:])


def where(passage: Passage) -> str:
    """Say where in its ticket, or its sheet, a passage is."""
    line = passage.line
    cited = "" if line is None else lines_of_file(passage.file, [line], [passage.record or line])
    match passage.kind:
        case PlaceKind.CELL:
            return f"{passage.part}, {cited}"
        case PlaceKind.PROSE:
            return PART_TITLES[passage.part]
        case PlaceKind.ANSWER:
            return f"Answer to “{passage.part}”"
        case PlaceKind.NAME:
            return cited or PART_TITLES.get(passage.part, "")
        case _:
            return ", ".join(filter(None, [passage.kind.value.capitalize(), cited]))
