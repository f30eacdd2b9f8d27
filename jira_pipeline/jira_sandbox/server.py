"""The sandbox behind a socket: a thin ASGI application for other programs and for people.

Belongs here: reading a request to its end and handing it on. Does not: answering it (`sandbox`,
`pages`). Bound to this machine only; a foreign Host header is refused, so that no web page can
reach the sandbox through a name of its own (DNS rebinding).
"""

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

from jira_pipeline.errors import StoreBusyError, StoreError
from jira_pipeline.jira_sandbox.exchange import SandboxRequest, SandboxResponse, answer_json
from jira_pipeline.jira_sandbox.pages import answer_page
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.site import UPLOAD_LIMIT_BYTES

HOST = "127.0.0.1"
DEFAULT_PORT = 8765
TRUSTED_HOSTS = ("127.0.0.1", "localhost")
MAX_BODY_BYTES = 8 * UPLOAD_LIMIT_BYTES
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")
CALL_PREFIXES = ("/rest/", "/_edge/")


def create_app(sandbox: JiraSandbox) -> Starlette:
    """Make the application over a sandbox whoever made it closes."""

    async def answer(request: Request) -> Response:
        body = await _read_body(request)
        if body is None:
            return _response(answer_json({"message": "Request body too large."}, status=413))
        asked = SandboxRequest(
            method="GET" if request.method == "HEAD" else request.method,
            path=_raw_path(request),
            query=request.url.query,
            headers=dict(request.headers),
            body=body,
            origin=str(request.base_url).rstrip("/"),
        )
        return _response(await run_in_threadpool(_answer, sandbox, asked))

    return Starlette(
        routes=[Route("/{path:path}", answer, methods=list(METHODS))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(TRUSTED_HOSTS))],
    )


def serve(path: Path, *, port: int = DEFAULT_PORT) -> None:
    """Serve the sandbox in a file until interrupted."""
    with JiraSandbox(path, clock=_now) as sandbox:
        uvicorn.run(create_app(sandbox), host=HOST, port=port, log_level="warning")


def _answer(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    if request.path.startswith(CALL_PREFIXES):
        return _call(sandbox, request)
    if request.method != "GET":
        return answer_json({"message": "Method Not Allowed"}, status=405)
    return answer_page(sandbox, request)


def _call(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    try:
        return sandbox.handle(request)
    except StoreBusyError as error:
        return answer_json({"message": error.message}, status=503)
    except StoreError as error:
        return answer_json({"message": error.message}, status=500)


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


def _raw_path(request: Request) -> str:
    raw: bytes | None = request.scope.get("raw_path")
    return request.url.path if raw is None else raw.decode("ascii").partition("?")[0]


def _response(answer: SandboxResponse) -> Response:
    return Response(content=answer.body, status_code=answer.status, headers=dict(answer.headers))


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock of a program of its own
