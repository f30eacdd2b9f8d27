"""Cuts connections that begin a request and do not go on with it.

Belongs here: the time a head of a request may take. Does not: bodies (`request_limits`).
"""

import asyncio
from typing import Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_SECONDS: Final = 10.0
"""From the connection, or the first byte of the next request on it, to the end of its head."""


class PromptHeads(HttpToolsProtocol):
    """Speaks HTTP with whoever sends the head of each request in time."""

    _cut: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in the parent
        """Begin to wait for a first request."""
        super().connection_made(transport)
        self._wait()

    @override
    def data_received(self, data: bytes) -> None:
        """Wait on where a head is not whole."""
        super().data_received(data)
        is_handed_over = self.transport.get_protocol() is not self  # to that of WebSockets
        cycle: RequestResponseCycle | None = self.cycle
        if not is_handed_over and (cycle is None or cycle.response_complete):
            if self._cut is None:
                self._wait()
        elif self._cut is not None:
            self._cut.cancel()
            self._cut = None

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        if self._cut is not None:
            self._cut.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._cut = self.loop.call_later(HEAD_SECONDS, self.transport.close)
