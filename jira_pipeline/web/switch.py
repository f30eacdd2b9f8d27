"""What is served on one port: Dagster's application under /dagster, ours for the rest.

Belongs here: the choice between both, who may see Dagster, the guard in front. Does not: the
guard's rules (`guard`), starting Dagster (`cli/serving`).

Dagster has no roles, and one address of it can launch, delete and wipe: so all of it is for admins.
The path that chooses is the one that Dagster routes by, so no spelling of it gets around the check.

The framework reads a form or JSON before it asks a route's dependencies who sends it. So whoever
sends a body is looked up here first: of strangers none is read.
"""

import asyncio
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jira_pipeline.model.errors import DagsterStartingError, NotSignedInError, PipelineError
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.sessions import PERSON_HEADER, person_header_of
from jira_pipeline.web.application import OurHeaders, create_app
from jira_pipeline.web.context import Web, allowed
from jira_pipeline.web.guard import LOOPBACK_NAMES, Guard
from jira_pipeline.web.problems import answer, close_websocket, deny_websocket
from jira_pipeline.web.request_limits import BodyLimit, is_open_form

PREFIX = "/dagster"
FIRST_PAGE = f"{PREFIX}/asset-groups"
"""The assets and how they depend on each other; Dagster would show the timeline of the last hours."""
ASK_AGAIN_SECONDS = 1.0
"""So often a WebSocket asks whether its person was revoked, or may now do or see something else."""
REFRESH_SECONDS = 3
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
        if scope["type"] not in {"http", "websocket"}:
            await self.ours(scope, receive, send)
            return
        is_dagster = scope["path"] == PREFIX or scope["path"].startswith(f"{PREFIX}/")
        role = Role.ADMIN if is_dagster else Role.READER
        application: ASGIApp = self.ours
        is_accepted = False

        async def send_noted(message: Message) -> None:
            nonlocal is_accepted
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
            elif _has_body(scope) and not is_open_form(scope["path"]):
                await self._allowed(scope, role)
            if scope["type"] == "websocket":
                await self._until_revoked(application, role, scope, receive, send_noted)
            else:
                await application(scope, receive, send)
        except PipelineError as error:
            if is_accepted:
                await close_websocket(send, error)
            else:
                await self._refuse(error, scope, receive, send)

    async def _allowed(self, scope: Scope, role: Role) -> Person:
        return await run_in_threadpool(allowed, self.web.access, HTTPConnection(scope), role)

    async def _until_revoked(
        self, application: ASGIApp, role: Role, scope: Scope, receive: Receive, send: Send
    ) -> None:
        person = await self._allowed(scope, role)
        serving = asyncio.ensure_future(application(scope, receive, send))
        try:
            while not (await asyncio.wait({serving}, timeout=ASK_AGAIN_SECONDS))[0]:
                if await self._allowed(scope, role) != person:  # it connects again as that one
                    raise NotSignedInError("Your role changed.")
            await serving
        finally:
            serving.cancel()

    async def _refuse(
        self, error: PipelineError, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] == "websocket":
            await deny_websocket(scope, receive, send, error)
            return
        response = answer(Request({**scope, "app": self.ours}), error)
        if isinstance(error, DagsterStartingError):
            response.headers["refresh"] = str(REFRESH_SECONDS)
        await OurHeaders(response)(scope, receive, send)


def _has_body(scope: Scope) -> bool:
    announced = {name: value for name, value in scope["headers"] if name in _BODY_HEADERS}
    return announced.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in announced


def _in_name_of(scope: Scope, person: Person) -> Scope:
    """Tell Dagster who asks; what the request says of that itself is dropped."""
    name = PERSON_HEADER.encode()
    headers = [(key, value) for key, value in scope["headers"] if key.lower() != name]
    headers.append((name, person_header_of(person.name).encode()))
    return {**scope, "headers": headers}
