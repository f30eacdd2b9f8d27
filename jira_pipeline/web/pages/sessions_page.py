"""Page 1, Sessions: which sites there are, how far each is and what it needs; the search in them.

Belongs here: how a hit is shown, in the frame of every page as one types and as a page. Does not:
which tickets are found (`sessions/search`).
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
from jira_pipeline.sessions.accounts import logo_in
from jira_pipeline.sessions.listing import listed_sessions, session_lines
from jira_pipeline.sessions.search import QUERY_MAX, Hit, search
from jira_pipeline.web.context import Reader, TheWeb
from jira_pipeline.web.labels import HISTORY_LABELS, ago
from jira_pipeline.web.pages.showing import PAGE_MAX, go_to, page_of, picture_file, rendered, show

SESSIONS_SHOWN = 50
router = APIRouter()
HITS_WHILE_TYPING = 8
Words = Annotated[str, Query(max_length=QUERY_MAX)]
SessionKey = Annotated[str, Query(max_length=64)]
_ROLE_TAGS = {NameRole.CREATES: " ok", NameRole.REUSES: " info"}


@router.get("/logo")
def logo(web: TheWeb, _person: Reader) -> Response:
    """Send the picture of who builds the sites."""
    return picture_file(logo_in(web.pipeline.settings.logo_path))


@router.get("/")
def sessions(
    request: Request,
    web: TheWeb,
    person: Reader,
    text: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """List all sessions, newest first."""
    every_session = listed_sessions(web.pipeline)
    wanted = text.strip().casefold()
    matching = [
        one
        for one in every_session
        if wanted in one.session.session_key or wanted in one.session.site_name.casefold()
    ]
    listed = page_of(request, matching, number=page, size=SESSIONS_SHOWN)
    return show(
        request,
        "sessions.html",
        listed=listed,
        lines=session_lines(web.pipeline, listed.items, by=person.name),
        known_count=len(every_session),
        **HISTORY_LABELS,
        ago=lambda at: ago((web.pipeline.clock.now() - at).total_seconds()),
        text=text,
        agency=web.pipeline.settings.agency,
        has_example=web.pipeline.settings.is_sandbox,
    )


@router.get("/search")
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


@router.get("/search/hits")
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
