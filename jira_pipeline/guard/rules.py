"""Which requests a browser sends on behalf of our own pages, and which for others'.

Belongs here: the decision. Does not: answering (`asgi`).

Source: Fetch Metadata Request Headers (W3C working draft, 2025); RFC 6454, 7; tried with the
attack of November 2026 on dagster-webserver 1.13.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_OURS = frozenset({"same-origin", "none"})
"""`none`: typed, bookmarked, or opened by a program."""
_GRAPHQL = "/graphql"
_QUERY_WORDS = frozenset({"query", "variables", "operationname", "extensions"})
_FORM_TYPES = frozenset(
    {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}
)
"""Content types that a page of others may send without asking first."""


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
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name in request.trusted_names:
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
    return "GraphQL is taken as JSON only" if kind in _FORM_TYPES else None
