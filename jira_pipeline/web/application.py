"""The application: routes, error handlers, headers, static files.

Belongs here: putting it together, what load balancers ask, which have no token. Does not: what a
route does (`api`, `pages`), Dagster and the guard in front of both (`switch`), serving
(`cli/serving`).
"""

from dataclasses import dataclass
from importlib import metadata

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jira_pipeline.model.errors import DagsterStartingError, PipelineError
from jira_pipeline.sessions.status import readable_daemon
from jira_pipeline.web import agents, problems, static_files
from jira_pipeline.web.api import export_api, for_pages, generation, progress
from jira_pipeline.web.context import TheWeb, Web
from jira_pipeline.web.guard import with_headers
from jira_pipeline.web.pages import (
    client_page,
    export_page,
    forms_page,
    people_page,
    questions_page,
    sandbox_page,
    session_page,
    sessions_page,
    site_page,
    ticket_page,
    tickets_page,
    uploads,
)
from jira_pipeline.web.request_limits import BodyLimit

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
        is_dagster_there = bool(web.dagster.there)
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


API = (export_api.router, generation.router, progress.router)
PAGES = (
    agents.router,
    for_pages.router,
    problems.router,
    progress.page_router,
    sessions_page.router,
    uploads.router,
    uploads.settings_router,
    tickets_page.router,
    session_page.router,
    site_page.router,
    ticket_page.router,
    questions_page.router,
    forms_page.router,
    client_page.router,
    export_page.router,
    sandbox_page.router,
    people_page.router,
    router,
)
GZIP_LEVEL = 5
"""A list of 89 kB becomes 7.2 kB in 0.4 ms; level 9 takes 1.3 ms for 0.3 kB less."""
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def create_app(web: Web) -> FastAPI:
    """Make the application over what `web` holds; whoever made that closes it."""
    application = FastAPI(
        title="jira_pipeline",
        version=metadata.version("jira-pipeline"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    application.state.web = web
    problems.handle_errors(application)
    for router in API:
        application.include_router(router)
    for router in PAGES:
        application.include_router(router, include_in_schema=False)
    application.mount(static_files.ADDRESS, static_files.NamedFiles(), name="static")
    application.add_middleware(
        BodyLimit, upload_max_bytes=web.pipeline.settings.upload_max_session_bytes
    )
    application.add_middleware(OurHeaders)
    # No page holds a secret that its length could give away beside words of the asker (BREACH):
    # forms have no token, the guard looks where they come from; links and tokens are shown once.
    application.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=GZIP_LEVEL)
    application.add_middleware(HeadAsGet)
    return application


@dataclass(frozen=True, slots=True)
class HeadAsGet:
    """Answers HEAD wherever GET is answered; a server sends no body where it was asked for none."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self.app({**scope, "method": "GET"} if is_head else scope, receive, send)


@dataclass(frozen=True, slots=True)
class OurHeaders:
    """Adds what every answer of ours says: what a page may load, and that nobody else keeps it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_static = scope["type"] == "http" and scope["path"].startswith("/static/")
        headers = {
            "content-security-policy": CONTENT_SECURITY_POLICY,
            "x-content-type-options": "nosniff",
            "cache-control": "no-cache" if is_static else "no-store",
        }
        await self.app(scope, receive, with_headers(send, headers))
