"""Dagster as the web program has it: absent while it starts, then in this process.

Belongs here: waiting for it, and asking its application without a socket. Does not: starting it
(`cli/serving`), which requests reach it from outside (`switch`), what is asked (`defs/launching`).
"""

import anyio
import anyio.from_thread
import httpx
from starlette.types import ASGIApp
from typing_extensions import override

from jira_pipeline.model.errors import DagsterStartingError
from jira_pipeline.model.runs import Runs


class LateDagster:
    """Dagster, once it is there."""

    def __init__(self) -> None:
        self._arrived: tuple[ASGIApp, Runs] | None = None

    def arrive(self, application: ASGIApp, runs: Runs) -> None:
        self._arrived = application, runs

    @property
    def application(self) -> ASGIApp:
        """Its pages.

        Raises:
            DagsterStartingError: It is not there yet.
        """
        return self._there()[0]

    @property
    def runs(self) -> Runs:
        """Its runs, and its queue.

        Raises:
            DagsterStartingError: It is not there yet.
        """
        return self._there()[1]

    def _there(self) -> tuple[ASGIApp, Runs]:
        if self._arrived is None:
            raise DagsterStartingError
        return self._arrived


class InThisProcess(httpx.BaseTransport):
    """Asks an application that the loop of this process serves, from any other thread."""

    def __init__(self, application: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app=application)

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Have the loop ask, and wait for the whole answer."""

        async def ask() -> httpx.Response:
            answer = await self._transport.handle_async_request(request)
            content = await answer.aread()
            return httpx.Response(answer.status_code, headers=answer.headers, content=content)

        try:
            return anyio.from_thread.run(ask)
        except anyio.NoEventLoopError:  # no handler of that loop asks, but a thread of ours
            return anyio.run(ask)
