"""Sends requests to one host, and to no other.

Belongs here: addresses, credentials and their redaction, timeouts, request counts. Does not: what
an answer means (`answers`) or says (`responses`), which calls there are (`client`).
"""

import base64
import ipaddress
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from jira_pipeline.errors import ConfigurationError

API = "/rest/api/3"
AGILE_API = "/rest/agile/1.0"
REDACTED = "[redacted]"
CONNECT_TIMEOUT_SECONDS = 10.0


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
    ) -> None:
        """Check the address; nothing is sent yet."""
        self._base_url = checked_base_url(base_url)
        self._secrets = _secrets_of(auth)
        self.request_counts: Counter[str] = Counter()
        self._kept = self._client(auth, transport, timeout_seconds, keepalive_count=5)
        self._fresh = self._client(auth, transport, timeout_seconds, keepalive_count=0)

    def send(self, call: Call) -> httpx.Response:
        """Send one request once and read its whole answer.

        Raises:
            httpx.HTTPError: There was no complete answer.
        """
        self.request_counts[f"{call.method} {call.path}"] += 1
        client = self._fresh if call.is_fresh else self._kept
        return client.request(
            call.method,
            call.filled_path,
            params=dict(call.query),
            json=call.json,
            files=dict(call.files) if call.files else None,
            headers=dict(call.headers),
        )

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
        timeout_seconds: float,
        *,
        keepalive_count: int,
    ) -> httpx.Client:
        return httpx.Client(
            base_url=self._base_url,
            auth=auth,
            transport=transport,
            timeout=httpx.Timeout(timeout_seconds, connect=CONNECT_TIMEOUT_SECONDS),
            limits=httpx.Limits(max_keepalive_connections=keepalive_count),
            follow_redirects=False,
            trust_env=False,
            headers={"Accept": "application/json", "User-Agent": "jira-pipeline"},
        )


def checked_base_url(base_url: str) -> str:
    """Return the address without a slash at the end, if requests may go there.

    Raises:
        ConfigurationError: It is not https (plain http only to this host), or carries a user,
            a query or a fragment.
    """
    parts = urlsplit(base_url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    if not is_safe or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(
            f"JIRA_BASE_URL is not usable: {parts.scheme or 'no scheme'}://"
            f"{parts.hostname or 'no host'}; it must be https and hold nothing but host and path.",
            recovery_actions=("Set JIRA_BASE_URL to the site, as https://example.atlassian.net.",),
        )
    return base_url.rstrip("/")


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
