"""Page 1, Sessions: which sites there are, how far each is and what it needs."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from jira_pipeline.sessions.accounts import logo_in
from jira_pipeline.sessions.listing import listed_sessions, session_lines
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import TheWeb
from jira_pipeline.web.labels import HISTORY_LABELS, ago
from jira_pipeline.web.pages.list_addresses import PAGE_MAX, page_of
from jira_pipeline.web.pages.showing import picture_file, show

SESSIONS_SHOWN = 50
router = APIRouter()


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
