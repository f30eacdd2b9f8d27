"""What programs that watch the installation ask: is it alive, and is it ready.

Anybody may ask: load balancers have no token, and the answers name nothing.
"""

from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse, Response

from jira_pipeline.model.errors import DagsterStartingError, PipelineError
from jira_pipeline.sessions.status import readable_daemon
from jira_pipeline.web.context import TheWeb

router = APIRouter()


@router.get("/health")
def health() -> Response:
    """Say that this process answers; nothing else is looked at."""
    return PlainTextResponse("alive\n")


@router.get("/ready")
def ready(web: TheWeb) -> Response:
    """Say whether requests can be answered: the store can be read, and Dagster is there."""
    daemon, is_store_usable = None, True
    try:
        daemon = readable_daemon(web.pipeline)
    except PipelineError:
        is_store_usable = False
    try:
        is_dagster_there = web.dagster.runs is not None
    except DagsterStartingError:
        is_dagster_there = False
    is_ready = is_store_usable and is_dagster_there
    said = {
        "is_ready": is_ready,
        "store": "usable" if is_store_usable else "unusable",
        "dagster": "there" if is_dagster_there else "starting",
        "daemon": "none" if daemon is None else "running",
    }
    return JSONResponse(said, status_code=200 if is_ready else 503)
