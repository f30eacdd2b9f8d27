"""Sends requests to one site, and to no other.

A `Call` is one request, with a path such as `/rest/api/3/project/{key}` and the values for it.
`JiraConnection.send` sends it once and returns the whole answer, within limits of size and time.

Belongs here: credentials and their redaction, proxies and certificates, timeouts, how much of an
answer is read, request counts. Does not: which addresses are usable (`addresses`), what an answer
means (`answers`) or says (`responses`), which calls there are (`client`).
"""

import base64
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx

from jira_pipeline.jira.client.addresses import checked_base_url
from jira_pipeline.model.errors import ConfigurationError, system_message
from jira_pipeline.model.redacted_secrets import SecretRedaction
from jira_pipeline.model.user_agent import user_agent

API = "/rest/api/3"
AGILE_API = "/rest/agile/1.0"
REDACTED = "[redacted]"
CONNECT_TIMEOUT_SECONDS = 10.0
ANSWER_MAX_BYTES = 32_000_000
"""The largest answer, unpacked. A hundred issues with a hundred links and files each have 10 MB."""
ANSWER_TIMEOUTS_MAX = 4
"""How many times the timeout a whole answer may take: each timeout of httpx is for one piece."""
_PACKED = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
"""Headers that are wrong for an answer once it is unpacked."""


class AnswerTooLargeError(httpx.ReadError):
    """An answer was larger than `ANSWER_MAX_BYTES`."""


class AnswerTooSlowError(httpx.ReadTimeout):
    """An answer came in pieces, none of them late, and took too long as a whole."""


class AllAnswersTooSlowError(httpx.ConnectTimeout):
    """Nothing was sent, as the calls before it used up the budget of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request; `path` is a template such as `/rest/api/3/project/{key}`."""

    method: str
    path: str
    action: str
    """What the call does, for messages: `Creating an issue`."""
    path_values: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str | int] = field(default_factory=dict)
    json: Any = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_anonymous: bool = False
    """Whether it is sent without credentials."""
    is_idempotent: bool = False
    """Whether sending it twice does no more than once, so that it may be sent again."""
    deciding_statuses: frozenset[int] = frozenset()
    """Statuses which say, whoever answers, that it was not done; beside those of every call."""
    written_issue_ids: tuple[str, ...] = ()
    """Ids of the issues that it changes, for the limits of single issues."""

    @classmethod
    def get(
        cls, path: str, action: str, *, query: Mapping[str, str | int] | None = None, **values: str
    ) -> "Call":
        """Make a call that reads; `values` fill the places in braces in the path."""
        return cls(method="GET", path=path, action=action, query=query or {}, path_values=values)

    @property
    def filled_path(self) -> str:
        """The path with its values in place, quoted."""
        return self.path.format(**{k: quote(v, safe="") for k, v in self.path_values.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How Jira is reached from this machine."""

    proxy_url: str | None = field(default=None, repr=False)
    """The address of a proxy for https, maybe with a user and a password."""
    ca_bundle_path: Path | None = None
    """PEM file of certificate authorities that are trusted besides the usual ones."""
    is_environment_trusted: bool = False
    """Whether HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and the like are obeyed."""


DIRECTLY = Network()


class TimeBudget:
    """How long all requests for one answer may take together, whichever connections send them."""

    def __init__(self, seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Store the budget, which begins with the first request."""
        self.seconds = seconds
        self._monotonic = monotonic
        self._until: float | None = None

    def left_seconds(self) -> float:
        """Return how many seconds are left; the first call begins the budget."""
        now = self._monotonic()
        self._until = now + self.seconds if self._until is None else self._until
        return self._until - now


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
        network: Network = DIRECTLY,
        budget: TimeBudget | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Check the address; nothing is sent yet."""
        self.base_url = checked_base_url(base_url)
        self._monotonic = monotonic
        self._answer_max_seconds = ANSWER_TIMEOUTS_MAX * timeout_seconds
        self._timeout_seconds = timeout_seconds
        self._connect_timeout_seconds = connect_timeout_seconds
        self._budget = budget
        password = urlsplit(network.proxy_url).password if network.proxy_url else None
        secrets_of_proxy = (password, unquote(password)) if password else ()
        self._secrets = SecretRedaction((*_secrets_of(auth), *secrets_of_proxy), mark=REDACTED)
        self.request_counts: Counter[str] = Counter()
        self._counting = threading.Lock()
        is_plain = self.base_url.startswith("http:")
        reach: dict[str, Any] = {"transport": transport}
        if transport is None and not is_plain:  # in the clear a proxy would read the token
            reach = {
                "proxy": network.proxy_url,
                "trust_env": network.is_environment_trusted,
                "verify": _tls_of(network),
            }
        self._options: dict[str, Any] = {
            "auth": auth if auth is None or auth[0] else _bearing(auth[1]),
            "follow_redirects": False,
            "trust_env": False,
            "headers": {
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",  # brotli may hold far more than is read
                "User-Agent": user_agent(),
            },
            **reach,
        }
        self._kept = self._client(keepalive_count=5)
        self._fresh = self._client(keepalive_count=0)

    def move_to(self, base_url: str) -> None:
        """Send all further requests to another address of the same site."""
        self.base_url = self._kept.base_url = self._fresh.base_url = checked_base_url(base_url)

    def send(self, call: Call) -> httpx.Response:
        """Send one request once and read its whole answer.

        Raises:
            httpx.HTTPError: There was no complete answer, or one without end.
        """
        timeout_seconds = self._timeout_seconds
        connect_seconds = self._connect_timeout_seconds
        if self._budget is not None:
            left = self._budget.left_seconds()
            if left <= 0:
                raise AllAnswersTooSlowError(
                    f"its responses took more than {self._budget.seconds:g} s in total"
                )
            timeout_seconds = min(timeout_seconds, left)
            connect_seconds = min(connect_seconds, left)
        timeout = httpx.Timeout(timeout_seconds, connect=connect_seconds)
        with self._counting:
            self.request_counts[f"{call.method} {call.path}"] += 1
        # A reused connection may be closed by the site already. What is lost on it could not be sent
        # again unless the call is idempotent.
        client = self._kept if call.is_idempotent else self._fresh
        with client.stream(
            call.method,
            call.filled_path,
            params=dict(call.query),
            json=call.json,
            files=dict(call.files) if call.files else None,
            headers=dict(call.headers),
            auth=None if call.is_anonymous else httpx.USE_CLIENT_DEFAULT,
            timeout=timeout,
        ) as response:
            content = self._content_of(response)
        headers = [
            (name, value) for name, value in response.headers.raw if name.lower() not in _PACKED
        ]
        return httpx.Response(
            response.status_code, headers=headers, content=content, request=response.request
        )

    def _content_of(self, response: httpx.Response) -> bytes:
        """Read and unpack an answer, within limits of size and time.

        Raises:
            AnswerTooLargeError: It is larger than `ANSWER_MAX_BYTES`.
            AnswerTooSlowError: It takes too long as a whole.
        """
        begun_at = self._monotonic()
        max_seconds = self._answer_max_seconds
        if self._budget is not None:
            max_seconds = min(max_seconds, max(self._budget.left_seconds(), 0.0))
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > ANSWER_MAX_BYTES:
                raise AnswerTooLargeError(f"it sent more than {ANSWER_MAX_BYTES} bytes")
            if self._monotonic() - begun_at > max_seconds:
                raise AnswerTooSlowError(f"it took more than {max_seconds:g} s")
        return bytes(content)

    def redact(self, text: str) -> str:
        """Return the text without our credentials."""
        return self._secrets.redacted(text)

    def close(self) -> None:
        self._kept.close()
        self._fresh.close()

    def _client(self, *, keepalive_count: int) -> httpx.Client:
        limits = httpx.Limits(max_keepalive_connections=keepalive_count)
        return httpx.Client(base_url=self.base_url, limits=limits, **self._options)


def _tls_of(network: Network) -> ssl.SSLContext:
    """Return which certificates are trusted: the usual ones and those of the network's file.

    Raises:
        ConfigurationError: The file cannot be read, or has no certificates.
    """
    context = httpx.create_ssl_context(trust_env=network.is_environment_trusted)
    if network.ca_bundle_path is None:
        return context
    try:
        context.load_verify_locations(cafile=network.ca_bundle_path)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"JIRA_CA_BUNDLE: {network.ca_bundle_path} contains no readable certificates "
            f"({system_message(error)}).",
            recovery_actions=("Set it to a PEM file from your network's administrators.",),
        ) from error
    return context


def _bearing(token: str) -> Callable[[httpx.Request], httpx.Request]:
    """Return what adds a token without a user name to requests, as service accounts have one."""

    def authorize(request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return authorize


def _secrets_of(auth: tuple[str, str] | None) -> tuple[str, ...]:
    """Return what must never be shown: the token, the pair with it, and the header made of both."""
    if auth is None or not auth[1]:
        return ()
    token = auth[1]
    pair = f"{auth[0]}:{token}"
    return (token, pair, base64.b64encode(pair.encode()).decode())
