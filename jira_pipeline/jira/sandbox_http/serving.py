"""A sandbox on a port of this machine: a thin ASGI application for other programs and for people.

Belongs here: reading a request to its end, handing it on, sending what comes of it; ending a
connection the hard way. Does not: answering (the sandboxes), when a connection breaks (their
faults).

Bound to this machine only; a foreign Host header is refused, so that no web page can reach a
sandbox through a name of its own (DNS rebinding).
"""

import asyncio
import contextlib
import socket
import struct
from asyncio.transports import Transport
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from jira_pipeline.jira.sandbox_http.requests import (
    Breakage,
    Delivery,
    SandboxRequest,
    SandboxResponse,
    answer_json,
)
from jira_pipeline.model.actions import Action
from jira_pipeline.model.errors import ConfigurationError, system_message

HOST = "127.0.0.1"
TRUSTED_HOSTS = ("127.0.0.1", "localhost")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH")

SILENCE_SECONDS = 120.0
"""How long a connection stays open without a word; clients give up earlier."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER for no time: closing sends RST instead of FIN."""
_connections: dict[tuple[str, int], Transport] = {}


def create_sandbox_app(
    answer_request: Callable[[SandboxRequest], Delivery], *, max_body_bytes: int
) -> Starlette:
    """Make the application over whatever answers a request."""

    async def answer(request: Request) -> Response:
        raw: bytes | None = request.scope.get("raw_path")
        body = await _read_body(request, max_bytes=max_body_bytes)
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
        return _response(await run_in_threadpool(answer_request, asked))

    return Starlette(
        routes=[Route("/{path:path}", answer, methods=list(METHODS))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(TRUSTED_HOSTS))],
    )


def run_app(app: Starlette, listener: socket.socket) -> None:
    """Serve an application until interrupted."""
    config = uvicorn.Config(app, log_level="warning", http=TraceableProtocol)
    with suppress(KeyboardInterrupt):  # the ordinary way to stop it
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def listening(port: int, *, other_port: Action) -> Iterator[socket.socket]:
    """Take a port of this machine while the block runs."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} of {HOST} cannot be used: {system_message(error)}.",
                recovery_actions=(
                    f"Open http://{HOST}:{port}: a sandbox may be there already.",
                    other_port,
                ),
            ) from error
        yield listener


async def _read_body(request: Request, *, max_bytes: int) -> bytes | None:
    """Read the body; None when it is larger than anything the sandbox takes."""
    pieces: list[bytes] = []
    size_bytes = 0
    async for piece in request.stream():
        size_bytes += len(piece)
        if size_bytes > max_bytes:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _response(delivery: Delivery) -> Response:
    answer = delivery.response
    if answer is None:
        return BrokenResponse(delivery.breakage or Breakage.TIMEOUT)
    if delivery.cut_after_bytes is not None:
        return CutResponse(answer, after_bytes=delivery.cut_after_bytes)
    return Response(content=answer.body, status_code=answer.status, headers=dict(answer.headers))


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


class CutResponse(Response):
    """An answer whose connection ends in the middle of its body."""

    def __init__(self, answer: SandboxResponse, *, after_bytes: int) -> None:
        """Break off after so many bytes of the body."""
        super().__init__(answer.body, status_code=answer.status, headers=dict(answer.headers))
        self._after_bytes = after_bytes

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise all of it, send a part, and end the connection."""
        client = scope["client"]
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        part = bytes(self.body)[: self._after_bytes]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        _connections[client[0], client[1]].close()
        await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
