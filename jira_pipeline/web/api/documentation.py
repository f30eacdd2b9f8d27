"""The API's documentation as a page: Swagger UI with its own files, nothing from other hosts."""

from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, Request
from starlette.responses import Response

from jira_pipeline.web.access import Reader
from jira_pipeline.web.pages.showing import show

router = APIRouter(prefix="/api", include_in_schema=False)
FILES = Path(fastapi_offline.__file__).parent / "static"
FILES_ADDRESS = "/static/api-docs"


@router.get("/docs")
def documentation(request: Request, person: Reader) -> Response:
    """Show every operation with its examples."""
    return show(request, "api_docs.html", person=person, files=FILES_ADDRESS)
