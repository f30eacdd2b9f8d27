"""Answers that never come whole; over a socket, those alone that are cut.

Belongs here: how a connection ends. Does not: when it does (`faulty_sandbox`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import httpx
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from jira_pipeline.jira.sandbox_http import SandboxResponse


class Breakage(StrEnum):
    """How a connection ends without an answer."""

    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect_timeout"
    PROXY_REFUSED = "proxy_refused"
    RESET = "reset"
    DISCONNECTED = "disconnected"
    TIMEOUT = "timeout"


ERRORS: Mapping[Breakage, type[httpx.TransportError]] = {
    Breakage.REFUSED: httpx.ConnectError,
    Breakage.CONNECT_TIMEOUT: httpx.ConnectTimeout,
    Breakage.PROXY_REFUSED: httpx.ProxyError,
    Breakage.RESET: httpx.ReadError,
    Breakage.DISCONNECTED: httpx.RemoteProtocolError,
    Breakage.TIMEOUT: httpx.ReadTimeout,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenAnswer(SandboxResponse):
    """The end of a connection in the place of an answer."""

    status: int = 0
    breakage: Breakage

    @override
    def over_httpx(self) -> httpx.Response:
        raise ERRORS[self.breakage](f"injected: {self.breakage}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CutAnswer(SandboxResponse):
    """Half of a body, whose length was promised whole."""

    @property
    def part(self) -> bytes:
        return self.body[: len(self.body) // 2]

    @override
    def over_httpx(self) -> httpx.Response:
        headers = {**self.headers, "content-length": str(len(self.body))}
        return httpx.Response(self.status, headers=headers, stream=CutStream(self.part))

    @override
    def over_socket(self) -> Response:
        return CutResponse(self)


class CutStream(httpx.SyncByteStream):
    def __init__(self, part: bytes) -> None:
        self._part = part

    @override
    def __iter__(self) -> Iterator[bytes]:
        yield self._part
        raise httpx.RemoteProtocolError("injected: cut body")


class CutResponse(Response):
    def __init__(self, answer: CutAnswer) -> None:
        super().__init__(answer.body, status_code=answer.status, headers=dict(answer.headers))
        self._part = answer.part

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise all of it and send a part: the server ends the connection."""
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        await send({"type": "http.response.body", "body": self._part, "more_body": True})
