"""The sandbox as an httpx transport: the same requests and answers, without a socket.

Not here: serving it to other programs (`server`).
"""

import httpx
from typing_extensions import override

from jira_pipeline.errors import StoreBusyError, StoreError
from jira_pipeline.jira_sandbox.exchange import SandboxRequest
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox


class SandboxTransport(httpx.BaseTransport):
    """Hands every request of an httpx client to a sandbox in this process."""

    def __init__(self, sandbox: JiraSandbox) -> None:
        """Use a sandbox whoever made it closes."""
        self._sandbox = sandbox

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.ConnectTimeout: The sandbox stayed busy; nothing was done.
            httpx.ReadError: The sandbox broke down; what was done is in doubt.
        """
        try:
            response = self._sandbox.handle(_sandbox_request(request))
        except StoreBusyError as error:
            raise httpx.ConnectTimeout(error.message, request=request) from error
        except StoreError as error:
            raise httpx.ReadError(error.message, request=request) from error
        return httpx.Response(
            response.status, headers=dict(response.headers), content=response.body
        )


def _sandbox_request(request: httpx.Request) -> SandboxRequest:
    return SandboxRequest(
        method=request.method,
        path=request.url.raw_path.decode("ascii").partition("?")[0],
        query=request.url.query.decode("ascii"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.read(),
    )
