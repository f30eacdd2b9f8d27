"""Asking an application of this process without a socket."""

import anyio
import anyio.to_thread
import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from jira_pipeline.web.dagster import InThisProcess


def test_a_handler_of_its_loop_is_answered_and_so_is_any_other_thread() -> None:
    """The thread that waits for the daemon died of the question, and never took over."""

    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.url.path)

    application = Starlette(routes=[Route("/asked", answer)])

    def ask() -> str:
        with httpx.Client(base_url="http://here", transport=InThisProcess(application)) as client:
            return client.get("/asked").text

    assert ask() == "/asked"
    assert anyio.run(anyio.to_thread.run_sync, ask) == "/asked"
