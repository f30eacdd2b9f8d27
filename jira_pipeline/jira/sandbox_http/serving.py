"""A sandbox on a port of this machine: a thin ASGI application for other programs and for people.

Belongs here: reading a request to its end, handing it on, sending what comes of it. Does not:
answering (the sandboxes).

Bound to this machine only; a foreign Host header is refused, so that no web page can reach a
sandbox through a name of its own (DNS rebinding).
"""

import socket
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

from jira_pipeline.jira.sandbox_http.requests import (
    SandboxRequest,
    SandboxResponse,
    answer_json,
)
from jira_pipeline.model.actions import Action
from jira_pipeline.model.errors import ConfigurationError, system_message

HOST = "127.0.0.1"
TRUSTED_HOSTS = ("127.0.0.1", "localhost")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH")


def create_sandbox_app(
    answer_request: Callable[[SandboxRequest], SandboxResponse], *, max_body_bytes: int
) -> Starlette:
    """Make the application over whatever answers a request."""

    async def answer(request: Request) -> Response:
        raw: bytes | None = request.scope.get("raw_path")
        body = await _read_body(request, max_bytes=max_body_bytes)
        if body is None:
            return answer_json({"message": "Request body too large."}, status=413).over_socket()
        asked = SandboxRequest(
            method="GET" if request.method == "HEAD" else request.method,
            path=request.url.path if raw is None else raw.decode("ascii").partition("?")[0],
            query=request.url.query,
            headers=dict(request.headers),
            body=body,
            origin=str(request.base_url).rstrip("/"),
        )
        answered = await run_in_threadpool(answer_request, asked)
        return answered.over_socket()

    return Starlette(
        routes=[Route("/{path:path}", answer, methods=list(METHODS))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(TRUSTED_HOSTS))],
    )


def run_app(app: Starlette, listener: socket.socket) -> None:
    """Serve an application until interrupted."""
    config = uvicorn.Config(app, log_level="warning")
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
