"""The page that says of every error what it means; the `type` of a problem leads to its code."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from jira_pipeline.model.errors import meanings
from jira_pipeline.web.access import Reader
from jira_pipeline.web.labels import sentence_of
from jira_pipeline.web.pages.showing import show

router = APIRouter()
ERRORS_ADDRESS = "/docs/errors"


@router.get(ERRORS_ADDRESS)
def explained_errors(request: Request, person: Reader) -> Response:
    """Say of every error what it means and what to do."""
    explained = [
        (code, meaning, [sentence_of(action) for action in meaning.actions_on()])
        for code, meaning in sorted(meanings().items())
    ]
    return show(request, "errors.html", person=person, explained=explained)
