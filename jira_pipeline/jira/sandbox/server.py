"""The sandbox on a socket, for other programs and for people.

Belongs here: a thin ASGI application; which requests are calls and which are pages. Does not:
answering (`sandbox`, `pages`).

Bound to this machine only; a foreign Host header is refused, so that no web page can reach a
sandbox through a name of its own (DNS rebinding).
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jira_pipeline.jira.sandbox.pages import answer_page
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import UPLOAD_LIMIT_BYTES
from jira_pipeline.jira.sandbox_http import SandboxRequest, SandboxResponse, answer_json
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import (
    ConfigurationError,
    StoreBusyError,
    StoreError,
    system_message,
)

HOST = "127.0.0.1"
TRUSTED_HOSTS = ("127.0.0.1", "localhost")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH")
DEFAULT_PORT = 8765
MAX_BODY_BYTES = 8 * UPLOAD_LIMIT_BYTES
CALL_PREFIXES = ("/rest/", "/_edge/", "/ex/jira/")


def create_app(sandbox: JiraSandbox) -> Starlette:
    """Make the application over a sandbox whoever made it closes."""

    async def answer(request: Request) -> Response:
        raw: bytes | None = request.scope.get("raw_path")
        body = await _read_body(request)
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
        answered = await run_in_threadpool(_answer, sandbox, asked)
        return answered.over_socket()

    return Starlette(
        routes=[Route("/{path:path}", answer, methods=list(METHODS))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(TRUSTED_HOSTS))],
    )


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
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
                    Action.of(ActionKind.SERVE_SANDBOX, "Choose another: {}.", port="N"),
                ),
            ) from error
        yield listener


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


def serve(
    path: Path,
    *,
    port: int = DEFAULT_PORT,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the sandbox in a file until interrupted; `announce` gets its address.

    Like Jira it calls itself by the address it is reached at, so links to its issues work.
    """
    with (
        _listening(port) as listener,
        # a program of its own has its own clock
        JiraSandbox(path, clock=lambda: datetime.now(UTC)) as sandbox,  # noqa: TID251
    ):
        address = f"http://{HOST}:{port}"
        sandbox.set_base_url(address)
        if announce is not None:
            announce(address)
        config = uvicorn.Config(create_app(sandbox), log_level="warning")
        with suppress(KeyboardInterrupt):  # the ordinary way to stop it
            uvicorn.Server(config).run(sockets=[listener])


def _answer(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    if request.path.startswith(CALL_PREFIXES):
        try:
            return sandbox.receive(request)
        except StoreBusyError as error:
            return answer_json({"message": error.message}, status=503)
        except StoreError as error:
            return answer_json({"message": error.message}, status=500)
    if request.method != "GET":
        return answer_json({"message": "Method Not Allowed"}, status=405)
    return answer_page(sandbox, request)
