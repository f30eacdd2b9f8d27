"""The sandbox as an httpx transport: the same requests and answers, without a socket.

Not here: serving it to other programs (`server`).
"""

import httpx
from typing_extensions import override

from jira_pipeline.jira_sandbox.exchange import SandboxRequest
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox


class SandboxTransport(httpx.BaseTransport):
    """Hands every request of an httpx client to a sandbox in this process."""

    def __init__(self, sandbox: JiraSandbox) -> None:
        """Use a sandbox whoever made it closes."""
        self._sandbox = sandbox

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        response = self._sandbox.handle(
            SandboxRequest(
                method=request.method,
                path=request.url.raw_path.decode("ascii").partition("?")[0],
                query=request.url.query.decode("ascii"),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.read(),
            )
        )
        return httpx.Response(
            response.status, headers=dict(response.headers), content=response.body
        )
