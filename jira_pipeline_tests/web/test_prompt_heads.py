"""Connections that begin a request and do not go on: cut, and others are not."""

import asyncio
from typing import Any

import pytest
import uvicorn
from starlette.exceptions import HTTPException
from typing_extensions import override
from uvicorn.server import ServerState

from jira_pipeline.web import request_limits
from jira_pipeline.web.prompt_heads import PromptHeads
from jira_pipeline.web.request_limits import BodyLimit

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


class Wire(asyncio.Transport):
    """A connection to nobody."""

    protocol: Any = None

    @override
    def get_protocol(self) -> Any:
        return self.protocol

    @override
    def close(self) -> None:
        """Nobody is there to notice."""

    @override
    def is_closing(self) -> bool:
        return False


async def answer(scope: Any, receive: Any, send: Any) -> None:
    del scope, receive, send
    await asyncio.Event().wait()


def cut(*parts: bytes, is_upgraded: bool = False) -> list[float]:
    """Return after how many seconds a connection would be cut that sent these parts."""

    async def run() -> list[float]:
        loop = asyncio.get_running_loop()
        config = uvicorn.Config(answer, http=PromptHeads, lifespan="off", log_config=None)
        config.load()
        protocol = PromptHeads(config, ServerState(), {}, _loop=loop)
        wire = Wire()
        wire.protocol = protocol
        protocol.connection_made(wire)
        for part in parts:
            protocol.data_received(part)
        if is_upgraded:
            wire.protocol = None
            protocol.data_received(b"")
        handle = protocol._cut
        protocol.connection_lost(None)
        return [] if handle is None else [round(handle.when() - loop.time())]

    return asyncio.run(run())


def test_a_head_has_ten_seconds_and_a_whole_request_as_long_as_it_takes() -> None:
    assert cut() == [10]
    assert cut(HEAD) == [10]
    assert cut(HEAD, b"\r\n") == []
    assert cut(HEAD, is_upgraded=True) == [], "a WebSocket is open for long"


def test_a_body_that_stops_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "PART_SECONDS", 0.01)

    async def read(scope: Any, receive: Any, send: Any) -> None:
        del scope, send
        await receive()
        await receive()

    parts = iter([{"type": "http.request", "body": b"a", "more_body": True}])

    async def send(_message: Any) -> None:
        return None

    async def receive() -> Any:
        for part in parts:
            return part
        return await asyncio.Event().wait()

    scope = {"type": "http", "path": "/", "headers": []}
    with pytest.raises(HTTPException) as caught:
        asyncio.run(BodyLimit(read, upload_max_bytes=1)(scope, receive, send))

    assert caught.value.status_code == 408
