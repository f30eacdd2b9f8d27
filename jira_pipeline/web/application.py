"""What is served on one port: Dagster's application under /dagster, ours for the rest.

`guarded_web` makes all of it: the guard in front refuses what pages of others send, the `Switch` behind it
sends a connection to Dagster or to our application, and `create_app` makes ours of its routers.

Belongs here: putting these together (routes, error handlers, headers, static files), what load balancers
ask, which have no token, the address of agents, the pages of the embedded sandbox below ours; who may see
Dagster. Does not: what another route does (`api`, `pages`), what the sandbox shows (`jira/sandbox/pages`),
the guard's rules (`guard`), serving and starting Dagster (`cli/serving`).

Dagster has no roles, and one address of it can launch, delete and wipe: so all of it is for admins.
The path that chooses is the one that Dagster routes by, so no spelling of it gets around the check.

The framework reads a form or JSON before it asks a route's dependencies who sends it. So whoever
sends a body is looked up here first: of strangers none is read.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.trackers import open_sandbox
from jira_pipeline.export.export_run import marker_in
from jira_pipeline.jira.sandbox.pages import Origin, answer_page
from jira_pipeline.jira.sandbox_http import SandboxRequest
from jira_pipeline.model.errors import (
    ConfigurationError,
    DagsterStartingError,
    NotSignedInError,
    PipelineError,
    WrongUseError,
)
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.runs import PERSON_HEADER, person_header_of
from jira_pipeline.model.user_agent import program_version
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.status import readable_daemon
from jira_pipeline.web import problems
from jira_pipeline.web.agent_tools import AgentWork
from jira_pipeline.web.api import (
    layout_work,
    progress,
    tasks,
    ticket_work,
    upload_work,
    verb_routes,
    work,
)
from jira_pipeline.web.api.described import describe, operation_id
from jira_pipeline.web.context import Reader, TheWeb, Web, allowed
from jira_pipeline.web.guard import LOOPBACK_NAMES, Guard, with_headers
from jira_pipeline.web.pages import (
    client_page,
    export_page,
    layout_page,
    model_layout_page,
    people_page,
    questions_page,
    session_page,
    site_page,
    ticket_page,
    tickets_page,
    uploads,
    view_forms_page,
)
from jira_pipeline.web.pages.showing import SANDBOX_ROOT, STATIC_ADDRESS, NamedFiles
from jira_pipeline.web.problems import answer, close_websocket, deny_websocket
from jira_pipeline.web.request_limits import BodyLimit, is_open_form

INSTALL = "Install it: `make mcp` in a checkout, otherwise `pip install 'jira-pipeline[mcp]'`."
router = APIRouter()


@router.get("/health")
def health() -> Response:
    """Say that this process answers; nothing else is looked at."""
    return PlainTextResponse("alive\n")


@router.get("/ready")
def ready(web: TheWeb) -> Response:
    """Say whether requests can be answered: the store can be read, and Dagster is there."""
    daemon = None
    is_store_usable = True
    try:
        daemon = readable_daemon(web.pipeline)
    except PipelineError:
        is_store_usable = False
    try:
        is_dagster_there = bool(web.dagster.there)
    except DagsterStartingError:
        is_dagster_there = False
    is_ready = is_store_usable and is_dagster_there
    events = {
        "is_ready": is_ready,
        "store": "usable" if is_store_usable else "unusable",
        "dagster": "there" if is_dagster_there else "starting",
        "daemon": "none" if daemon is None else "running",
    }
    return JSONResponse(events, status_code=200 if is_ready else 503)


@router.get(SANDBOX_ROOT)
@router.get(f"{SANDBOX_ROOT}/{{address:path}}")
def sandbox_page(request: Request, web: TheWeb, _person: Reader, address: str = "") -> Response:
    """Show a page of the sandbox; nothing there is changed."""
    settings = web.pipeline.settings
    if not settings.sandbox_path.is_file():
        raise WrongUseError("Nothing has been exported to this data folder's sandbox yet.")
    site_request = SandboxRequest(method="GET", path=f"/{quote(address)}", query=request.url.query)
    with open_sandbox(settings) as sandbox:
        answer = answer_page(
            sandbox, site_request, root=SANDBOX_ROOT, origin_of=partial(_origin_of, web.pipeline)
        )
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))


def _origin_of(pipeline: Pipeline, issue: Mapping[str, Any]) -> Origin | None:
    """Return the link from an issue of the sandbox to its ticket here.

    It leads to the session where no ticket has the issue any more. None where the issue is of no session.
    """
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


def the_protocol() -> ModuleType:
    """Return the module that serves agents, `agent_server`.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    try:
        from jira_pipeline.web import agent_server  # noqa: PLC0415 - of an extra
    except ImportError as error:
        raise ConfigurationError(
            "The package that serves agents is not installed.",
            recovery_actions=(INSTALL,),
        ) from error
    return agent_server


@router.post("/mcp")
async def answer_agent(request: Request, person: Reader, web: TheWeb) -> Response:
    """Answer one request of an agent, in the name of whose token it shows."""
    protocol = the_protocol()
    work = AgentWork(
        pipeline=web.pipeline,
        person=person,
        by=person.name,
        runs=lambda: web.runs,
        report_upload=web.report_to_dagster,
    )
    answer: Response = await protocol.answer_over_http(work, request)
    return answer


API = (
    work.router,
    work.writing_router,
    progress.router,
    layout_work.router,
    ticket_work.router,
    tasks.router,
    upload_work.router,
    questions_page.file_router,
    verb_routes.verb_router(),
)
PAGES = (
    problems.router,
    progress.page_router,
    session_page.sessions_router,
    uploads.router,
    uploads.settings_router,
    tickets_page.router,
    session_page.router,
    layout_page.router,
    model_layout_page.router,
    site_page.router,
    ticket_page.router,
    questions_page.router,
    view_forms_page.router,
    client_page.router,
    export_page.router,
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
        version=program_version(),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    application.state.web = web
    application.openapi = partial(describe, application)  # type: ignore[method-assign] # as FastAPI says
    problems.handle_errors(application)
    for router in API:
        application.include_router(router)
    for router in PAGES:
        application.include_router(router, include_in_schema=False)
    application.mount(STATIC_ADDRESS, NamedFiles(), name="static")
    application.router.default = problems.refuse_unknown_address
    application.add_middleware(
        BodyLimit, upload_max_bytes=web.pipeline.settings.upload_max_session_bytes
    )
    application.add_middleware(SecurityHeaders)
    # No page holds a secret that its length could give away beside words of the asker (BREACH):
    # forms have no token, the guard looks where they come from; links and tokens are shown once.
    application.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=GZIP_LEVEL)
    application.add_middleware(HeadAsGet)
    return application


@dataclass(frozen=True, slots=True)
class HeadAsGet:
    """Answers HEAD as GET; the server leaves out the body."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await self.app({**scope, "method": "GET"}, receive, send)
        else:
            await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class SecurityHeaders:
    """Adds headers to every answer of ours: what a page may load, and that nothing keeps a copy of it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_static = scope["type"] == "http" and scope["path"].startswith("/static/")
        headers = {
            "content-security-policy": CONTENT_SECURITY_POLICY,
            "x-content-type-options": "nosniff",
            "cache-control": "no-cache" if is_static else "no-store",
        }
        await self.app(scope, receive, with_headers(send, headers))


PREFIX = "/dagster"
FIRST_PAGE = f"{PREFIX}/asset-groups"
"""The assets and how they depend on each other; Dagster would show the timeline of the last hours."""
ASK_AGAIN_SECONDS = 1.0
"""How often a WebSocket asks whether its person may still do the same."""
REFRESH_SECONDS = 3
"""After which a browser loads a page again that has to wait for Dagster."""
_METHODS_OF_NO_ROUTE = frozenset({"TRACE", "CONNECT", "OPTIONS"})
"""Answered by 405 before anything of a body is read."""
_BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})


def guarded_web(web: Web, *, trusted_names: frozenset[str] = LOOPBACK_NAMES) -> ASGIApp:
    """Return all that is served on one port, behind the guard."""
    return Guard(Switch(ours=create_app(web), web=web), trusted_names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Sends each connection to Dagster or to our application."""

    ours: FastAPI
    web: Web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection, once it is known that its person may use what it asks for.

        That is an administrator for Dagster; for ours a reader, and only where a body comes or the
        connection stays open: other requests are asked by their route.
        """
        if scope["type"] not in {"http", "websocket"}:
            await self.ours(scope, receive, send)
            return
        is_dagster = scope["path"] == PREFIX or scope["path"].startswith(f"{PREFIX}/")
        role = Role.ADMIN if is_dagster else Role.READER
        application: ASGIApp = self.ours
        is_accepted = False

        async def send_and_note(message: Message) -> None:
            nonlocal is_accepted  # a WebSocket that was accepted can only be closed, not refused
            is_accepted = is_accepted or message["type"] == "websocket.accept"
            await send(message)

        try:
            if is_dagster:
                scope = _in_name_of(scope, await self._allowed(scope, role))
                application = BodyLimit(
                    self.web.dagster.there[0],
                    upload_max_bytes=self.web.pipeline.settings.upload_max_session_bytes,
                )
                if scope["type"] == "http" and scope["path"] == PREFIX:
                    application = RedirectResponse(FIRST_PAGE)
            elif _is_read(scope) and not is_open_form(scope["path"]):
                await self._allowed(scope, role)
            if scope["type"] == "websocket":
                await self._serve_until_revoked(application, role, scope, receive, send_and_note)
            else:
                await application(scope, receive, send)
        except PipelineError as error:
            if is_accepted:
                await close_websocket(send, error)
            else:
                await self._refuse(error, scope, receive, send)

    async def _allowed(self, scope: Scope, role: Role) -> Person:
        return await run_in_threadpool(allowed, self.web.access, HTTPConnection(scope), role)

    async def _serve_until_revoked(
        self, application: ASGIApp, role: Role, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Serve a WebSocket for as long as its person has the same role.

        Raises:
            NotSignedInError: The person was revoked, or has another role: they connect again with it.
        """
        person = await self._allowed(scope, role)
        serving = asyncio.ensure_future(application(scope, receive, send))
        try:
            while not (await asyncio.wait({serving}, timeout=ASK_AGAIN_SECONDS))[0]:
                if await self._allowed(scope, role) != person:
                    raise NotSignedInError("Your role changed.")
            await serving
        finally:
            serving.cancel()

    async def _refuse(
        self, error: PipelineError, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer a connection that got no other answer yet with an error."""
        if scope["type"] == "websocket":
            await deny_websocket(scope, receive, send, error)
            return
        response = answer(Request({**scope, "app": self.ours}), error)
        if isinstance(error, DagsterStartingError):
            response.headers["refresh"] = str(REFRESH_SECONDS)
        await SecurityHeaders(response)(scope, receive, send)


def _is_read(scope: Scope) -> bool:
    """Tell whether a request announces a body, and has a method of which one is read."""
    if scope["type"] == "http" and scope["method"] in _METHODS_OF_NO_ROUTE:
        return False
    headers = {name: value for name, value in scope["headers"] if name in _BODY_HEADERS}
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def _in_name_of(scope: Scope, person: Person) -> Scope:
    """Return a connection with a header that tells Dagster who asks; one that it had itself is dropped."""
    name = PERSON_HEADER.encode()
    headers = [(key, value) for key, value in scope["headers"] if key.lower() != name]
    headers.append((name, person_header_of(person.name).encode()))
    return {**scope, "headers": headers}
