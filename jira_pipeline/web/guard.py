"""Keeps web pages of others from driving a server of ours through somebody's browser.

Belongs here: which requests a browser sends on behalf of our own pages, which for others', and the
layer around an ASGI application that refuses the latter. Does not: who may do what (`web/context`).

The Dagster webserver has no login: `GET /graphql?query=mutation…` starts runs, and any `Host` is
taken. Being reachable from this machine only does not help, since the browser is on this machine.
Here is no login either: whoever reaches the port with a program of their own is not kept out.

Source: Fetch Metadata Request Headers (W3C working draft, 2025); RFC 6454, 7; tried with the
attack of November 2026 on dagster-webserver 1.13.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.web.program_steps import steps_of

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
_WAY_OUT = Action.of(
    ActionKind.CORRECT,
    "Use the address that the server printed; docs/operations.md has the rules.",
)
_HEADERS = {
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
}
"""Added to every answer: other pages neither frame ours nor learn their addresses."""


@dataclass(frozen=True, slots=True)
class Guard:
    """An ASGI application that lets another one see only what the rules let pass."""

    application: ASGIApp
    trusted_names: frozenset[str] = LOOPBACK_NAMES
    """Host names this server is known by, without port, in lower case."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a connection on, or refuse it before anything but its head is read."""
        if scope["type"] not in {"http", "websocket"}:
            await self.application(scope, receive, send)
            return
        reason = refusal_of(scope, self.trusted_names)
        if reason is None:
            await self.application(scope, receive, with_headers(send, _HEADERS))
        elif scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
            await _refused(f"Refused: {reason}.")(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": reason})


def with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    """Return a `send` that adds headers to an answer; those that it has itself stay."""

    async def send_more(message: Message) -> None:
        if message["type"] == "http.response.start":
            message.setdefault("headers", [])  # they may be left out
            headers_of_answer = MutableHeaders(scope=message)
            for name, value in headers.items():
                headers_of_answer.setdefault(name, value)
        await send(message)

    return send_more


def _refused(detail: str) -> JSONResponse:
    """Answer a problem (RFC 9457) with the fields that `web/problems` gives those of the framework."""
    problem = {
        "type": "about:blank",
        "title": "Forbidden",
        "status": _FORBIDDEN,
        "detail": detail,
        "code": "forbidden",
        "error_category": "user_fixable",
        "user_message": detail,
        "recovery_actions": [_WAY_OUT.sentence],
        "actions": [step.model_dump(mode="json") for step in steps_of([_WAY_OUT])],
    }
    return JSONResponse(
        problem,
        status_code=_FORBIDDEN,
        headers={"connection": "close"},
        media_type="application/problem+json",
    )


def refusal_of(scope: Scope, trusted_names: frozenset[str] = LOOPBACK_NAMES) -> str | None:
    """Return why a request is refused, by its head alone; None where it may pass."""
    headers = Headers(scope=scope)
    for name in ("host", "origin", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"):
        if len(headers.getlist(name)) > 1:
            return f"it has two headers {name}"
    return (
        _foreign_host(headers, trusted_names)
        or _foreign_origin(headers)
        or _foreign_page(scope, headers)
        or _smuggled_query(scope, headers)
    )


def _foreign_host(headers: Headers, trusted_names: frozenset[str]) -> str | None:
    """Return a refusal where the host name is not ours: another may be made to lead here (DNS rebinding)."""
    host = headers.get("host", "").casefold()
    name = host
    port = ""
    if ":" in host and not host.endswith("]"):
        name, _, port = host.rpartition(":")
    if name in trusted_names and (port.isdigit() or not port):
        return None
    return "it is addressed to a host name that is not trusted"


def _foreign_origin(headers: Headers) -> str | None:
    """Return a refusal where the page that sends the request is of another origin; programs name none."""
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


def _foreign_page(scope: Scope, headers: Headers) -> str | None:
    """Return a refusal where a page of another site sends the request; opening our page by a link is fine."""
    site = headers.get("sec-fetch-site")
    if site is None or site in _OURS:
        return None
    is_opened = (
        scope["type"] == "http"
        and scope["method"] in _SAFE_METHODS
        and not scope["path"].casefold().endswith(_GRAPHQL)
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
    return None if is_opened else "it comes from a page of another site"


def _smuggled_query(scope: Scope, headers: Headers) -> str | None:
    """Return a refusal of GraphQL in an address or a form: browsers send those for anybody."""
    is_query = scope["path"].casefold().rstrip("/").endswith(_GRAPHQL)
    if scope["type"] == "websocket" or not is_query:
        return None
    address = scope.get("query_string", b"").decode("latin-1")
    try:
        given = parse_qsl(address, keep_blank_values=True, max_num_fields=_PARAMETERS_MAX)
    except ValueError:  # more parameters than any page of ours sends
        given = [("query", "")]
    if not _QUERY_WORDS.isdisjoint(name.casefold() for name, _ in given):
        return "GraphQL is taken by POST only"
    if scope["method"] in _SAFE_METHODS:
        return None
    kind = headers.get("content-type", "").partition(";")[0].strip().casefold()
    return "GraphQL is taken as JSON only" if kind != _JSON else None
