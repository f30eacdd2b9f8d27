"""What programs are referred to: the API's documentation, and what each of its errors means.

Swagger UI comes with its own files, nothing from other hosts. What errors mean is in `errors.py`.
"""

from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, Request
from starlette.responses import Response

from jira_pipeline.errors import meanings
from jira_pipeline.web.access import Reader
from jira_pipeline.web.pages.showing import show
from jira_pipeline.web.problems import ERRORS_ADDRESS
from jira_pipeline.web.words import sentence_of

router = APIRouter(include_in_schema=False)
FILES = Path(fastapi_offline.__file__).parent / "static"
FILES_ADDRESS = "/static/api-docs"


@router.get("/api/docs")
def documentation(request: Request, person: Reader) -> Response:
    """Show every operation with its examples."""
    return show(request, "api_docs.html", person=person, files=FILES_ADDRESS)


@router.get(ERRORS_ADDRESS)
def explained_errors(request: Request, person: Reader) -> Response:
    """Say of every error what it means and what to do; problems lead to its code."""
    explained = [
        (code, meaning, [sentence_of(action) for action in meaning.actions_on()])
        for code, meaning in sorted(meanings().items())
    ]
    return show(request, "errors.html", person=person, explained=explained)
