"""What goes in and out of a sandbox: one request, one delivery.

Belongs here: requests, responses, and how a connection may end instead. Does not: reading bodies,
answering (the sandboxes), carrying them (`transport`, `serving`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRequest:
    """One HTTP request, already read to its end."""

    method: str
    path: str
    """As sent, percent-encoded, without the query."""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    origin: str | None = None
    """Scheme, host and port the request came to; links in the answer lead back there."""
    cloud_id: str | None = None
    """Of the site it was sent to through Atlassian's gateway; None when sent to the site itself."""

    def query_values(self) -> dict[str, list[str]]:
        """Return the query's values by name, in order, blanks kept."""
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResponse:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Breakage(StrEnum):
    """How a connection ends without an answer."""

    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect_timeout"
    PROXY_REFUSED = "proxy_refused"
    RESET = "reset"
    DISCONNECTED = "disconnected"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the client gets: an answer, or a broken connection."""

    response: SandboxResponse | None = None
    breakage: Breakage | None = None
    cut_after_bytes: int | None = None
    """Of the body; then the connection ends. None: all of it comes."""


def compact_json(value: object) -> str:
    """Write a value as JSON without spaces, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer_json(value: object, *, status: int = 200) -> SandboxResponse:
    return SandboxResponse(
        status=status,
        headers={"content-type": "application/json;charset=UTF-8"},
        body=compact_json(value).encode("utf-8"),
    )
