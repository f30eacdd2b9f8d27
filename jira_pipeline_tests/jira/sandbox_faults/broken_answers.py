"""Answers that never come whole, for a client of this process and over a socket.

Belongs here: how a connection ends. Does not: when it does (`faulty_sandbox`).
"""

import asyncio
import contextlib
import socket
import struct
from asyncio.transports import Transport
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import httpx
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from jira_pipeline.jira.sandbox_http.requests import SandboxResponse

SILENCE_SECONDS = 120.0
"""How long a connection stays open without a word; clients give up earlier."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER for no time: closing sends RST instead of FIN."""
_connections: dict[tuple[str, int], Transport] = {}


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

    @override
    def over_socket(self) -> Response:
        return BrokenResponse(self.breakage)


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
    def __init__(self, answer: CutAnswer) -> None:
        super().__init__(answer.body, status_code=answer.status, headers=dict(answer.headers))
        self._part = answer.part

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise all of it, send a part, and end the connection."""
        client = scope["client"]
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        await send({"type": "http.response.body", "body": self._part, "more_body": True})
        _connections[client[0], client[1]].close()
        await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
