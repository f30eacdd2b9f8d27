"""The pages of the embedded sandbox, below our address: links to its issues work without another program.

Belongs here: who may look, where they are. Does not: what they show (`jira/sandbox/pages`).
"""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.trackers import open_sandbox
from jira_pipeline.export.export_run import marker_in
from jira_pipeline.jira.sandbox.pages import Origin, answer_page
from jira_pipeline.jira.sandbox_http import SandboxRequest
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.review.open_session import open_session
from jira_pipeline.web.context import Reader, TheWeb
from jira_pipeline.web.pages.showing import SANDBOX_ROOT

router = APIRouter()


@router.get(SANDBOX_ROOT)
@router.get(f"{SANDBOX_ROOT}/{{address:path}}")
def sandbox_page(request: Request, web: TheWeb, _person: Reader, address: str = "") -> Response:
    """Show a page of the sandbox; nothing there is changed."""
    settings = web.pipeline.settings
    if not settings.sandbox_path.is_file():
        raise WrongUseError("Nothing has been exported to this data folder's sandbox yet.")
    asked = SandboxRequest(method="GET", path=f"/{quote(address)}", query=request.url.query)
    with open_sandbox(settings) as sandbox:
        answer = answer_page(
            sandbox, asked, root=SANDBOX_ROOT, origin_of=partial(_origin_of, web.pipeline)
        )
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))


def _origin_of(pipeline: Pipeline, issue: Mapping[str, Any]) -> Origin | None:
    """Lead to the ticket of an issue; of one that no ticket has any more, to the session."""
    marker = marker_in(issue["properties"])
    stored = pipeline.store.sessions.find(marker.session_key) if marker else None
    if stored is None:
        return None
    session = open_session(pipeline, stored.session_key)
    here = f"/sessions/{session.key}"
    for ticket in session.listed:
        if session.places[ticket.ticket_id].issue_id == issue["id"]:
            return Origin(
                address=f"{here}/tickets/{ticket.number}", label=f"Ticket {ticket.number}"
            )
    return Origin(address=here, label=stored.site_name)
