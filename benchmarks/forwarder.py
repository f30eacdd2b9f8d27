"""A server as one machine reaches it: over TCP that can be cut.

Belongs here: carrying bytes, what both ends notice of a cut. Does not: when it is cut (`machines`).

While it is cut nothing passes, and nobody is told: a new connection gets no answer. What was open is
ended after as long as keepalives take to notice (`store/postgres`), at both ends in the same moment:
the server lets go of what the machine held just when the machine may go on.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeAlias

from jira_pipeline.store.postgres import SESSION_SETTINGS

NOTICED_SECONDS = int(SESSION_SETTINGS["tcp_keepalives_idle"]) + int(
    SESSION_SETTINGS["tcp_keepalives_interval"]
) * int(SESSION_SETTINGS["tcp_keepalives_count"])
Ends: TypeAlias = tuple[asyncio.StreamWriter, ...]
"""To a client, and to the server for it."""
_CHUNK_BYTES = 65_536


class Forwarder:
    """Carries what clients and a server on this machine say to each other, until it is cut."""

    def __init__(self, server_port: int) -> None:
        """Listen on a port of its own."""
        self._server_port = server_port
        self._loop = asyncio.new_event_loop()
        self._passes = asyncio.Event()
        self._passes.set()
        self._pairs: set[Ends] = set()
        self._end: asyncio.TimerHandle | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._listening = self._done(asyncio.start_server(self._take, "127.0.0.1", 0))
        self.port: int = self._listening.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Let nothing pass from now on."""
        self._done(self._cut())

    def mend(self) -> None:
        """Let everything pass again; what waited to connect does so now."""
        self._done(self._mend())

    def close(self) -> None:
        """End it, with all it carries."""
        self._done(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _done(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _cut(self) -> None:
        self._passes.clear()
        self._end = self._loop.call_later(NOTICED_SECONDS, self._end_all)

    async def _mend(self) -> None:
        if self._end is not None:
            self._end.cancel()
        self._passes.set()

    async def _close(self) -> None:
        self._listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._end_all()

    def _end_all(self) -> None:
        for ends in self._pairs:
            _abort(ends)
        self._pairs.clear()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends: Ends = (writer,)
        try:
            await self._passes.wait()
            there, to_there = await asyncio.open_connection("127.0.0.1", self._server_port)
            ends = (writer, to_there)
            self._pairs.add(ends)
            ways = (self._carry(reader, to_there, ends), self._carry(there, writer, ends))
            await asyncio.gather(*ways)
        except (OSError, asyncio.CancelledError):
            _abort(ends)  # one was reset, as that of a client that is killed, or this is closed
        finally:
            self._pairs.discard(ends)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ends: Ends
    ) -> None:
        sent = b"first"
        while sent:
            sent = await reader.read(_CHUNK_BYTES)
            await self._passes.wait()
            if ends not in self._pairs:  # it was ended meanwhile
                return
            if sent:
                writer.write(sent)
                await writer.drain()
            else:
                writer.close()


def _abort(ends: Ends) -> None:
    for writer in ends:
        writer.transport.abort()
