"""Ending a connection the hard way: what uvicorn and ASGI have no word for.

Belongs here: finding the socket behind a request, resetting it, keeping silent on it. Does not:
when that happens (`fault_effects`), the application (`server`).
"""

import asyncio
import contextlib
import socket
import struct
from asyncio.transports import Transport

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from jira_pipeline.jira_sandbox.fault_effects import Breakage

SILENCE_SECONDS = 120.0
"""How long a connection stays open without a word; clients give up earlier."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER for no time: closing sends RST instead of FIN."""

_connections: dict[tuple[str, int], Transport] = {}


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
