"""The guard as a layer around an ASGI application.

Belongs here: reading what the rules need, refusing. Does not: the rules (`rules`), starting
servers (`cli`). Needs nothing but ASGI: HTTP and WebSockets pass through it untouched.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from jira_pipeline.guard.rules import LOOPBACK_NAMES, GuardedRequest, refusal_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_FORBIDDEN = 403
_POLICY_VIOLATION = 1008
_PARAMETERS_MAX = 1_000
_HEADERS = (
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
)
"""Added to every answer: other pages neither frame ours nor learn their addresses."""


@dataclass(frozen=True, slots=True)
class Guard:
    """An ASGI application that lets another one see only what the rules let pass."""

    application: Application
    trusted_names: frozenset[str] = field(default=LOOPBACK_NAMES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self.application(scope, receive, send)
            return
        reason = refusal_of(_request_of(scope, self.trusted_names))
        if reason is None:
            await self.application(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": reason})
        else:
            await _refuse(reason, send)


def _request_of(scope: Scope, trusted_names: frozenset[str]) -> GuardedRequest:
    try:
        query = parse_qsl(
            scope.get("query_string", b"").decode("latin-1"),
            keep_blank_values=True,
            max_num_fields=_PARAMETERS_MAX,
        )
    except ValueError:  # more parameters than any page of ours sends
        query = [("query", "")]
    return GuardedRequest(
        method=scope.get("method", "GET"),
        path=scope["path"].casefold(),
        query_names=frozenset(name.casefold() for name, _ in query),
        headers=[(n.decode("latin-1").lower(), v.decode("latin-1")) for n, v in scope["headers"]],
        is_websocket=scope["type"] == "websocket",
        trusted_names=trusted_names,
    )


def _with_headers(send: Send) -> Send:
    async def send_more(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message.get("headers", ())}
            added = [(name, value) for name, value in _HEADERS if name not in given]
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return send_more


async def _refuse(reason: str, send: Send) -> None:
    body = f"Refused: {reason}. docs/operations.md describes the guard.\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": _FORBIDDEN, "headers": headers})
    await send({"type": "http.response.body", "body": body})
