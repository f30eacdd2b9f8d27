"""A sandbox as an httpx transport: the same requests and answers, without a socket.

Not here: serving it to other programs (`jira/sandbox/server`).
"""

from typing import Protocol

import httpx
from typing_extensions import override

from jira_pipeline.jira.sandbox_http.requests import SandboxRequest, SandboxResponse
from jira_pipeline.model.errors import StoreBusyError, StoreError


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
