"""Keeps web pages of others from driving a server of ours through somebody's browser.

Belongs here: which requests a browser sends on behalf of our own pages, which for others', and the
layer around an ASGI application that refuses the latter. Does not: who may do what (`web/access`).

The Dagster webserver has no login: `GET /graphql?query=mutation…` starts runs, and any `Host` is
taken. Being reachable from this machine only does not help, since the browser is on this machine.
Here is no login either: whoever reaches the port with a program of their own is not kept out.

Source: Fetch Metadata Request Headers (W3C working draft, 2025); RFC 6454, 7; tried with the
attack of November 2026 on dagster-webserver 1.13.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_OURS = frozenset({"same-origin", "none"})
"""`none`: typed, bookmarked, or opened by a program."""
_GRAPHQL = "/graphql"
_QUERY_WORDS = frozenset({"query", "variables", "operationname", "extensions"})
_JSON = "application/json"
"""What pages of others cannot send without asking first."""
_FORBIDDEN = 403
_POLICY_VIOLATION = 1008
_PARAMETERS_MAX = 1_000
_HEADERS = (
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
)
"""Added to every answer: other pages neither frame ours nor learn their addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedRequest:
    """What is known of a request before its body is read."""

    method: str
    """`GET` for the handshake of a WebSocket."""
    path: str
    query_names: frozenset[str]
    """Names of the parameters after the question mark."""
    headers: Iterable[tuple[str, str]]
    """Names in lower case."""
    is_websocket: bool = False
    trusted_names: frozenset[str] = field(default=LOOPBACK_NAMES)
    """Host names this server is known by, without port, in lower case."""


@dataclass(frozen=True, slots=True)
class Guard:
    """An ASGI application that lets another one see only what the rules let pass."""

    application: Application
    trusted_names: frozenset[str] = field(default=LOOPBACK_NAMES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.application(scope, receive, send)
            return
        reason = refusal_of(_request_of(scope, self.trusted_names))
        if reason is None:

            async def send_more(message: Message) -> None:
                if message["type"] == "http.response.start":
                    given = {name.lower() for name, _ in message.get("headers", ())}
                    added = [(name, value) for name, value in _HEADERS if name not in given]
                    message = {**message, "headers": [*message.get("headers", ()), *added]}
                await send(message)

            await self.application(scope, receive, send_more)
        elif scope["type"] == "http":
            await _refuse(reason, send)
        elif "websocket.http.response" in scope.get("extensions", {}):
            await _refuse(reason, send, prefix="websocket.")
        else:
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": reason})


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


async def _refuse(reason: str, send: Send, *, prefix: str = "") -> None:
    """Answer a problem (RFC 9457) with the fields that `web/problems` gives those of the framework."""
    problem = {
        "type": "about:blank",
        "title": "Forbidden",
        "status": _FORBIDDEN,
        "detail": f"Refused: {reason}.",
        "code": "forbidden",
        "error_category": "user_fixable",
        "user_message": f"Refused: {reason}.",
        "recovery_actions": [
            "Use the address that the server printed; docs/operations.md has the rules."
        ],
    }
    body = json.dumps(problem).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    start = {"status": _FORBIDDEN, "headers": headers}
    await send({"type": f"{prefix}http.response.start", **start})
    await send({"type": f"{prefix}http.response.body", "body": body})


def refusal_of(request: GuardedRequest) -> str | None:
    """Say why a request is refused; None where it may pass."""
    values: dict[str, list[str]] = {}
    for name, value in request.headers:
        values.setdefault(name, []).append(value)
    for name in ("host", "origin", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"):
        if len(values.get(name, ())) > 1:
            return f"it has two headers {name}"
    headers = {name: found[0] for name, found in values.items()}
    return (
        _foreign_host(request, headers)
        or _foreign_origin(headers)
        or _foreign_page(request, headers)
        or _smuggled_query(request, headers)
    )


def _foreign_host(request: GuardedRequest, headers: dict[str, str]) -> str | None:
    """Refuse names that are not ours: another name may be made to lead here (DNS rebinding)."""
    host = headers.get("host", "").casefold()
    name, port = host, ""
    if ":" in host and not host.endswith("]"):
        name, _, port = host.rpartition(":")
    if name in request.trusted_names and (port.isdigit() or not port):
        return None
    return "it is addressed to a host name that is not trusted"


def _foreign_origin(headers: dict[str, str]) -> str | None:
    origin = headers.get("origin")
    if origin is None:
        return None
    try:
        parts = urlsplit(origin.casefold())
    except ValueError:
        return "its origin cannot be read"
    if parts.scheme in {"http", "https"} and parts.netloc == headers.get("host", "").casefold():
        return None
    return "it comes from a page of another origin"


def _foreign_page(request: GuardedRequest, headers: dict[str, str]) -> str | None:
    """Refuse what another page asks for; a link that opens one of our pages is fine."""
    site = headers.get("sec-fetch-site")
    if site is None or site in _OURS:
        return None
    is_opened = (
        request.method in _SAFE_METHODS
        and not request.is_websocket
        and not request.path.endswith(_GRAPHQL)
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
    return None if is_opened else "it comes from a page of another site"


def _smuggled_query(request: GuardedRequest, headers: dict[str, str]) -> str | None:
    """Refuse GraphQL in an address or a form: browsers send those for anybody, without asking."""
    if request.is_websocket or not request.path.rstrip("/").endswith(_GRAPHQL):
        return None
    if request.query_names & _QUERY_WORDS:
        return "GraphQL is taken by POST only"
    if request.method in _SAFE_METHODS:
        return None
    kind = headers.get("content-type", "").partition(";")[0].strip().casefold()
    return "GraphQL is taken as JSON only" if kind != _JSON else None
