"""A sandbox as an httpx transport: the same requests, answers and faults, without a socket.

A fault that ends the connection raises what httpx raises then, after the site did its work or
before, as the fault says.

Not here: serving it to other programs (`serving`).
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

import httpx
from typing_extensions import override

from jira_pipeline.jira.sandbox_http.requests import Breakage, Delivery, SandboxRequest
from jira_pipeline.model.errors import StoreBusyError, StoreError

ERRORS: Mapping[Breakage, type[httpx.TransportError]] = {
    Breakage.REFUSED: httpx.ConnectError,
    Breakage.CONNECT_TIMEOUT: httpx.ConnectTimeout,
    Breakage.PROXY_REFUSED: httpx.ProxyError,
    Breakage.RESET: httpx.ReadError,
    Breakage.DISCONNECTED: httpx.RemoteProtocolError,
    Breakage.TIMEOUT: httpx.ReadTimeout,
}


class Sandbox(Protocol):
    """What takes a request and says what the client gets."""

    def receive(self, request: SandboxRequest) -> Delivery:
        """Take a request as it comes in from outside, with whatever goes wrong on the way."""


class CutStream(httpx.SyncByteStream):
    """A body that breaks off."""

    def __init__(self, body: bytes, request: httpx.Request) -> None:
        self._body = body
        self._request = request

    @override
    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        raise httpx.RemoteProtocolError("injected: cut body", request=self._request)


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
            httpx.TransportError: A fault ended the connection.
        """
        try:
            delivery = self._sandbox.receive(
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
        if delivery.breakage is not None:
            kind = ERRORS[delivery.breakage]
            raise kind(f"injected: {delivery.breakage}", request=request)
        answer = delivery.response
        if answer is None:
            raise httpx.ReadTimeout("injected: silence", request=request)
        if delivery.cut_after_bytes is not None:
            part = CutStream(answer.body[: delivery.cut_after_bytes], request)
            headers = {**answer.headers, "content-length": str(len(answer.body))}
            return httpx.Response(answer.status, headers=headers, stream=part)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)
