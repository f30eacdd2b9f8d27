"""The page of machines, for admins: who is there, what each runs, what waits.

Belongs here: showing it. Does not: gathering it (`flow/operations`).
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from jira_pipeline.flow.operations import workplaces_of
from jira_pipeline.web.access import Admin
from jira_pipeline.web.context import TheWeb
from jira_pipeline.web.pages.showing import show

router = APIRouter()


@router.get("/machines")
def machines(request: Request, web: TheWeb, person: Admin) -> Response:
    """Show machines and hosts with their runs, and the runs that wait."""
    known = web.runs_under_way()
    return show(
        request,
        "machines.html",
        person=person,
        is_starting=known is None,
        found=workplaces_of(web.pipeline, known or ()),
        now=web.pipeline.clock.now(),
    )
