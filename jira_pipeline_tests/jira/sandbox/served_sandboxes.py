"""A sandbox behind a socket, for tests.

Belongs here: starting and stopping the server on a free port. Does not: what is sent to it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from jira_pipeline.jira.sandbox.pages import create_app
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox


class AnnouncingServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_listening = threading.Event()

    @override
    async def startup(self, sockets: Any = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.is_listening.set()


@contextmanager
def served(sandbox: JiraSandbox) -> Iterator[str]:
    """Serve a sandbox on a port of its own; give its address."""
    with serving(create_app(sandbox)) as address:
        yield address


@contextmanager
def serving(app: ASGIApp, **options: Any) -> Iterator[str]:
    """Serve an application on a port of its own; give its address."""
    config = uvicorn.Config(app, port=0, log_level="warning", **options)
    server = AnnouncingServer(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.is_listening.wait()
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
