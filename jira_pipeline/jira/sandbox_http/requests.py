"""What goes in and out of a sandbox: one request, one response, also by httpx without a socket.

Does not belong here: reading bodies, answering (the sandboxes), serving (`jira/sandbox/server`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs

import httpx
from typing_extensions import override

from jira_pipeline.model.errors import StoreBusyError, StoreError

if TYPE_CHECKING:
    from starlette.responses import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRequest:
    """One HTTP request, already read to its end."""

    method: str
    path: str
    """As sent, percent-encoded, without the query."""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    origin: str | None = None
    """Scheme, host and port the request came to; links in the answer lead back there."""
    cloud_id: str | None = None
    """Of the site it was sent to through Atlassian's gateway; None when sent to the site itself."""

    def query_values(self) -> dict[str, list[str]]:
        """Return the query's values by name, in order, blanks kept."""
        return parse_qs(self.query, keep_blank_values=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResponse:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def over_httpx(self) -> httpx.Response:
        """Give it to a client of this process."""
        return httpx.Response(self.status, headers=dict(self.headers), content=self.body)

    def over_socket(self) -> "Response":
        """Give it to a server."""
        from starlette.responses import Response  # noqa: PLC0415 - of the few that are served

        return Response(self.body, status_code=self.status, headers=dict(self.headers))


def compact_json(value: object) -> str:
    """Write a value as JSON without spaces, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer_json(value: object, *, status: int = 200) -> SandboxResponse:
    return SandboxResponse(
        status=status,
        headers={"content-type": "application/json;charset=UTF-8"},
        body=compact_json(value).encode("utf-8"),
    )


class Sandbox(Protocol):
    """What answers a request."""

    def receive(self, request: SandboxRequest) -> SandboxResponse:
        """Take a request as it comes in from outside."""


class SandboxTransport(httpx.BaseTransport):
    """Hands every request of an httpx client to a sandbox in this process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.ConnectTimeout: The sandbox stayed busy; nothing was done.
            httpx.ReadError: The sandbox broke down; what was done is in doubt.
        """
        try:
            response = self._sandbox.receive(
                SandboxRequest(
                    method=request.method,
                    path=request.url.raw_path.decode("ascii").partition("?")[0],
                    query=request.url.query.decode("ascii"),
                    headers={name.lower(): value for name, value in request.headers.items()},
                    body=request.read(),
                )
            )
        except StoreBusyError as error:
            raise httpx.ConnectTimeout(error.message, request=request) from error
        except StoreError as error:
            raise httpx.ReadError(error.message, request=request) from error
        return response.over_httpx()
