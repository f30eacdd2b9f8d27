"""The sandbox on a socket: a thin ASGI application for other programs and for people.

Belongs here: reading a request to its end, handing it on, sending what comes of it; ending a
connection the hard way; `/_sandbox/…`, the sandbox's own API for whoever tests a client against it
(faults, rules and the journal, which can be read here and changed nowhere). Does not: answering
(`sandbox`, `pages`), when a connection breaks (`fault_effects`).

Bound to this machine only; a foreign Host header is refused, so that no web page can reach the
sandbox through a name of its own (DNS rebinding).
"""

import asyncio
import contextlib
import socket
import struct
from asyncio.transports import Transport
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.errors import ConfigurationError, StoreBusyError, StoreError
from jira_pipeline.jira_sandbox.exchange import SandboxRequest, SandboxResponse, answer_json
from jira_pipeline.jira_sandbox.fault_effects import Breakage, Delivery
from jira_pipeline.jira_sandbox.faults import FaultPlan
from jira_pipeline.jira_sandbox.pages import answer_page
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.site import UPLOAD_LIMIT_BYTES
from jira_pipeline.jira_sandbox.site_file import SiteFile, apply_site_file
from jira_pipeline.jira_sandbox.site_rules import SiteRules
from jira_pipeline.jira_sandbox.site_worlds import WORLDS

HOST = "127.0.0.1"
DEFAULT_PORT = 8765
TRUSTED_HOSTS = ("127.0.0.1", "localhost")
MAX_BODY_BYTES = 8 * UPLOAD_LIMIT_BYTES
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")
COMMIT_EVERY_SECONDS = 0.1
"""How late held work may be done."""
CALL_PREFIXES = ("/rest/", "/_edge/", "/ex/jira/")

SILENCE_SECONDS = 120.0
"""How long a connection stays open without a word; clients give up earlier."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER for no time: closing sends RST instead of FIN."""
_connections: dict[tuple[str, int], Transport] = {}
CONTROL_PREFIX = "/_sandbox/"
Control = Callable[[JiraSandbox, SandboxRequest], SandboxResponse]


def create_app(sandbox: JiraSandbox) -> Starlette:
    """Make the application over a sandbox whoever made it closes."""

    async def answer(request: Request) -> Response:
        raw: bytes | None = request.scope.get("raw_path")
        body = await _read_body(request)
        if body is None:
            refusal = answer_json({"message": "Request body too large."}, status=413)
            return _response(Delivery(response=refusal))
        asked = SandboxRequest(
            method="GET" if request.method == "HEAD" else request.method,
            path=request.url.path if raw is None else raw.decode("ascii").partition("?")[0],
            query=request.url.query,
            headers=dict(request.headers),
            body=body,
            origin=str(request.base_url).rstrip("/"),
        )
        return _response(await run_in_threadpool(_answer, sandbox, asked))

    return Starlette(
        routes=[Route("/{path:path}", answer, methods=list(METHODS))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(TRUSTED_HOSTS))],
        lifespan=partial(_keep_committing, sandbox),
    )


def serve(
    path: Path,
    *,
    port: int = DEFAULT_PORT,
    site: SiteFile | None = None,
    faults: FaultPlan | None = None,
    tell: Callable[[str], None] | None = None,
) -> None:
    """Serve the sandbox in a file until interrupted; `tell` gets its address.

    A site is applied first; faults replace those of the site.
    Like Jira it calls itself by the address it is reached at, so links to its issues work.

    Raises:
        ConfigurationError: Another program has the port.
    """
    with _listener(port) as listener, JiraSandbox(path, clock=_now) as sandbox:
        address = f"http://{HOST}:{port}"
        sandbox.set_base_url(address)
        if site is not None:
            apply_site_file(sandbox, site)
        if faults is not None:
            sandbox.faults.set_plan(faults)
        if tell is not None:
            tell(address)
        config = uvicorn.Config(create_app(sandbox), log_level="warning", http=TraceableProtocol)
        with suppress(KeyboardInterrupt):  # the ordinary way to stop it
            uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def _listener(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} of {HOST} cannot be used: {error.strerror}.",
                recovery_actions=(
                    f"Open http://{HOST}:{port}: a sandbox may be there already.",
                    Action.of(ActionKind.SERVE_SANDBOX, "Choose another: {}.", port="N"),
                ),
            ) from error
        yield listener


@asynccontextmanager
async def _keep_committing(sandbox: JiraSandbox, _app: Starlette) -> AsyncIterator[None]:
    """Do the work of held requests when it is due, whether or not another request comes."""

    async def commit() -> None:
        while True:
            await asyncio.sleep(COMMIT_EVERY_SECONDS)
            with suppress(StoreBusyError):  # what is due stays due; the next round does it
                await run_in_threadpool(sandbox.commit_due)

    committing = asyncio.create_task(commit())
    yield
    committing.cancel()
    with suppress(asyncio.CancelledError):
        await committing


def _answer(sandbox: JiraSandbox, request: SandboxRequest) -> Delivery:
    if request.path.startswith(CALL_PREFIXES):
        try:
            return sandbox.receive(request)
        except StoreBusyError as error:
            return Delivery(response=answer_json({"message": error.message}, status=503))
        except StoreError as error:
            return Delivery(response=answer_json({"message": error.message}, status=500))
    if request.path.startswith(CONTROL_PREFIX):
        return Delivery(response=answer_control(sandbox, request))
    if request.method != "GET":
        return Delivery(response=answer_json({"message": "Method Not Allowed"}, status=405))
    return Delivery(response=answer_page(sandbox, request))


async def _read_body(request: Request) -> bytes | None:
    """Read the body; None when it is larger than anything the sandbox takes."""
    pieces: list[bytes] = []
    size_bytes = 0
    async for piece in request.stream():
        size_bytes += len(piece)
        if size_bytes > MAX_BODY_BYTES:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _response(delivery: Delivery) -> Response:
    answer = delivery.response
    if answer is None:
        return BrokenResponse(delivery.breakage or Breakage.TIMEOUT)
    if delivery.delay_seconds:
        return _slow_response(answer, delay_seconds=delivery.delay_seconds)
    return Response(content=answer.body, status_code=answer.status, headers=dict(answer.headers))


def _slow_response(answer: SandboxResponse, *, delay_seconds: float) -> Response:
    async def halves() -> AsyncIterator[bytes]:
        middle = len(answer.body) // 2
        yield answer.body[:middle]
        await asyncio.sleep(delay_seconds)
        yield answer.body[middle:]

    headers = {**answer.headers, "content-length": str(len(answer.body))}
    return StreamingResponse(halves(), status_code=answer.status, headers=headers)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock of a program of its own


class TraceableProtocol(H11Protocol):
    """HTTP as uvicorn speaks it, remembering which socket belongs to which client."""

    @override
    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._peer: tuple[str, int] = (peer[0], peer[1])
        _connections[self._peer] = transport

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        _connections.pop(self._peer, None)
        super().connection_lost(exc)


class BrokenResponse(Response):
    """In place of an answer: the end of the connection."""

    def __init__(self, breakage: Breakage) -> None:
        """Break in this way."""
        super().__init__()
        self._breakage = breakage

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Break off; silence ends when the client has gone."""
        client = scope["client"]
        transport = _connections[client[0], client[1]]
        if self._breakage is Breakage.TIMEOUT:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(_until_gone(receive), SILENCE_SECONDS)
        elif self._breakage is not Breakage.DISCONNECTED:
            own_socket: socket.socket = transport.get_extra_info("socket")
            own_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        transport.abort()
        await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def answer_control(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    """Answer a call of the sandbox's own API."""
    name = request.path.removeprefix(CONTROL_PREFIX).rstrip("/")
    calls = CONTROLS.get(name)
    if calls is None:
        return answer_json({"message": f"known are {', '.join(CONTROLS)}"}, status=404)
    call = calls.get(request.method)
    if call is None:
        return answer_json({"message": "Method Not Allowed"}, status=405)
    try:
        return call(sandbox, request)
    except ValidationError as error:
        return answer_json({"message": str(error)}, status=400)


def show_faults(sandbox: JiraSandbox, _request: SandboxRequest) -> SandboxResponse:
    """Show the plan in force and what struck so far."""
    return answer_json(
        {
            "plan": sandbox.faults.plan.model_dump(mode="json"),
            "strikes": [asdict(one) for one in sandbox.faults.strikes()],
        }
    )


def put_faults(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    """Put a plan into force; everything is counted anew."""
    sandbox.faults.set_plan(FaultPlan.model_validate_json(request.body))
    return show_faults(sandbox, request)


def delete_faults(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    """Let nothing go wrong any more; held work is still done when it is due."""
    sandbox.faults.set_plan(FaultPlan())
    return show_faults(sandbox, request)


def show_rules(sandbox: JiraSandbox, _request: SandboxRequest) -> SandboxResponse:
    """Show the rules of the site, without what worlds change."""
    return answer_json(sandbox.rules().model_dump(mode="json"))


def put_rules(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    """Give the site other rules; they stay with the file."""
    sandbox.set_rules(SiteRules.model_validate_json(request.body))
    return show_rules(sandbox, request)


def show_worlds(_sandbox: JiraSandbox, _request: SandboxRequest) -> SandboxResponse:
    """List the site worlds."""
    return answer_json({name: world.summary for name, world in sorted(WORLDS.items())})


def show_journal(sandbox: JiraSandbox, _request: SandboxRequest) -> SandboxResponse:
    """Show every request of clients and what it changed."""
    entries = [asdict(entry) for entry in sandbox.journal()]
    return answer_json([{**one, "at": one["at"].isoformat()} for one in entries])


CONTROLS: Mapping[str, Mapping[str, Control]] = {
    "faults": {"GET": show_faults, "PUT": put_faults, "DELETE": delete_faults},
    "rules": {"GET": show_rules, "PUT": put_rules},
    "worlds": {"GET": show_worlds},
    "journal": {"GET": show_journal},
}
"""Calls by name and method."""
