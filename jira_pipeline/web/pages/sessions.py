"""Page 1, Sessions: which sites there are and what each needs."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from jira_pipeline.sessions.listing import listed_sessions
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import TheWeb
from jira_pipeline.web.pages.showing import show

router = APIRouter()


@router.get("/")
def sessions(request: Request, web: TheWeb, person: Reader) -> Response:
    """List all sessions, newest first."""
    return show(request, "sessions.html", person=person, sessions=listed_sessions(web.pipeline))
