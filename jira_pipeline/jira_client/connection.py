"""Sends requests to one host, and to no other.

Belongs here: addresses, credentials and their redaction, timeouts, how much of an answer is read,
request counts. Does not: what an answer means (`answers`) or says (`responses`), which calls there
are (`client`).
"""

import base64
import ipaddress
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from jira_pipeline.errors import ConfigurationError

API = "/rest/api/3"
AGILE_API = "/rest/agile/1.0"
REDACTED = "[redacted]"
CONNECT_TIMEOUT_SECONDS = 10.0
ANSWER_MAX_BYTES = 32_000_000
"""Unpacked. A hundred issues with a hundred links and files each stay below 10 MB."""
ANSWER_TIMEOUTS_MAX = 4
"""How many times the timeout a whole answer may take: each timeout of httpx is for one piece."""
_PACKED = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
"""Headers that do not describe an answer any more once it is unpacked."""


class AnswerTooLargeError(httpx.ReadError):
    """More came than is read of one answer."""


class AnswerTooSlowError(httpx.ReadTimeout):
    """An answer came in pieces, none of them late, and took too long as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request; `path` is a template such as `/rest/api/3/project/{key}`."""

    method: str
    path: str
    action: str
    """What is attempted, for messages: `Creating an issue`."""
    path_values: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str | int] = field(default_factory=dict)
    json: Any = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_fresh: bool = False
    """Use a connection that nothing was sent over before: a reused one may be half closed."""
    is_idempotent: bool = False
    """Sent twice it does no more than once, so a lost answer may be asked for again."""
    written_issue_ids: tuple[str, ...] = ()
    """Issues it changes, for the limits of single issues."""

    @property
    def filled_path(self) -> str:
        """The path with its values in place, quoted."""
        return self.path.format(**{k: quote(v, safe="") for k, v in self.path_values.items()})


class JiraConnection:
    """Connections to one Jira site."""

    def __init__(
        self,
        base_url: str,
        *,
        auth: tuple[str, str] | None,
        transport: httpx.BaseTransport | None,
        timeout_seconds: float,
        connect_timeout_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Check the address; nothing is sent yet."""
        self.base_url = checked_base_url(base_url)
        self._monotonic = monotonic
        self._answer_max_seconds = ANSWER_TIMEOUTS_MAX * timeout_seconds
        self._secrets = _secrets_of(auth)
        self.request_counts: Counter[str] = Counter()
        timeout = httpx.Timeout(timeout_seconds, connect=connect_timeout_seconds)
        self._kept = self._client(auth, transport, timeout, keepalive_count=5)
        self._fresh = self._client(auth, transport, timeout, keepalive_count=0)

    def send(self, call: Call) -> httpx.Response:
        """Send one request once and read its whole answer.

        Raises:
            httpx.HTTPError: There was no complete answer, or one without end.
        """
        self.request_counts[f"{call.method} {call.path}"] += 1
        client = self._fresh if call.is_fresh else self._kept
        with client.stream(
            call.method,
            call.filled_path,
            params=dict(call.query),
            json=call.json,
            files=dict(call.files) if call.files else None,
            headers=dict(call.headers),
        ) as response:
            content = self._content_of(response)
        headers = [(k, v) for k, v in response.headers.raw if k.lower() not in _PACKED]
        return httpx.Response(
            response.status_code, headers=headers, content=content, request=response.request
        )

    def _content_of(self, response: httpx.Response) -> bytes:
        """Read and unpack an answer, up to a size and a time."""
        until = self._monotonic() + self._answer_max_seconds
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > ANSWER_MAX_BYTES:
                raise AnswerTooLargeError(f"more than {ANSWER_MAX_BYTES} bytes came")
            if self._monotonic() > until:
                raise AnswerTooSlowError(f"it took more than {self._answer_max_seconds:g} s")
        return bytes(content)

    def redacted(self, text: str) -> str:
        """Return the text without our credentials."""
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return text

    def close(self) -> None:
        """Close all connections."""
        self._kept.close()
        self._fresh.close()

    def _client(
        self,
        auth: tuple[str, str] | None,
        transport: httpx.BaseTransport | None,
        timeout: httpx.Timeout,
        *,
        keepalive_count: int,
    ) -> httpx.Client:
        return httpx.Client(
            base_url=self.base_url,
            auth=auth,
            transport=transport,
            timeout=timeout,
            limits=httpx.Limits(max_keepalive_connections=keepalive_count),
            follow_redirects=False,
            trust_env=False,
            headers={"Accept": "application/json", "User-Agent": "jira-pipeline"},
        )


def checked_base_url(base_url: str) -> str:
    """Return the address without a slash at the end, if requests may go there.

    Raises:
        ConfigurationError: It is no address, not https (plain http only to this host), or carries
            a user, a query or a fragment.
    """
    try:
        parts = urlsplit(base_url)
        is_address = bool(httpx.URL(base_url).host) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        raise _unusable("it is no address") from None  # the cause shows the address, user and all
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    is_bare = "@" not in parts.netloc and not parts.query and not parts.fragment
    if not is_address or not is_safe or not is_bare or any(c.isspace() for c in base_url):
        raise _unusable(f"{parts.scheme or 'no scheme'}://{parts.hostname or 'no host'}")
    return base_url.rstrip("/")


def _unusable(what: str) -> ConfigurationError:
    return ConfigurationError(
        f"JIRA_BASE_URL is not usable: {what}; "
        "it must be https and hold nothing but host and path.",
        recovery_actions=("Set JIRA_BASE_URL to the site, as https://example.atlassian.net.",),
    )


def _is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _secrets_of(auth: tuple[str, str] | None) -> tuple[str, ...]:
    """List what must never be shown: the token, and the header made of it."""
    if auth is None or not auth[1]:
        return ()
    token = auth[1]
    header = base64.b64encode(f"{auth[0]}:{token}".encode()).decode()
    return (header, token, quote(token, safe=""))
