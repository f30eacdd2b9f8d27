"""Keeps to the pace Jira asks for: what to wait before a request, and whether to send it again.

Belongs here: rate limits, pauses, back-off. Does not: sending (`exchange`), what an answer means
(`answers`), waiting of whole exports (`export/export_run`).

A limit of the quota pauses everything, a burst limit one endpoint and method, a limit of one issue
that issue. Nothing here lasts longer than one process: time is monotonic.
Source: Atlassian, "Rate limiting", August 2026.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import httpx

from jira_pipeline.errors import RateLimitedError
from jira_pipeline.jira_client.answers import asked_wait_seconds
from jira_pipeline.jira_client.connection import Call

logger = logging.getLogger(__name__)

BACKOFF_BASE_SECONDS = 2.0
BACKOFF_MAX_SECONDS = 30.0
RETRIES_MAX = 4
JITTER_MIN, JITTER_MAX = 0.7, 1.3
"""Source: Atlassian, "Rate limiting": base, cap, retries and jitter as recommended there."""
LONGEST_WAIT_SECONDS = 30.0
"""What is asked to wait longer ends the step with `RateLimitedError`; Dagster starts it again."""
NEAR_LIMIT_INTERVAL_SECONDS = 0.1
"""Ten requests a second are polite. Source: docs/export.md, Limits."""
EXHAUSTED_WAIT_SECONDS = 1.0
"""The burst limits count requests per second."""
RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
THROTTLING_STATUSES = frozenset({429, 503})
EVERYTHING = "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most so many requests in so many seconds."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingLimits:
    """What is not exceeded even before Jira says so; empty means to wait for its word."""

    per_endpoint: Mapping[str, Window] = field(default_factory=dict)
    """By method."""
    per_issue: tuple[Window, ...] = ()


JIRA_CLOUD_LIMITS = PacingLimits(
    per_endpoint={
        "GET": Window(count=90, seconds=1.0),
        "POST": Window(count=90, seconds=1.0),
        "PUT": Window(count=45, seconds=1.0),
        "DELETE": Window(count=45, seconds=1.0),
    },
    per_issue=(Window(count=18, seconds=2.0), Window(count=90, seconds=30.0)),
)
"""A tenth below the documented limits: requests may reach Jira closer together than they left."""
NO_LIMITS = PacingLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingClock:
    """Time and chance, given from outside."""

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]
    """Evenly between 0 and 1."""


class Pacing:
    """What one process knows of the pace of one site."""

    def __init__(self, clock: PacingClock, *, limits: PacingLimits = JIRA_CLOUD_LIMITS) -> None:
        """Begin without any pause."""
        self._clock = clock
        self._limits = limits
        self._free_at: dict[str, float] = {}
        self._sent_at: dict[str, deque[float]] = defaultdict(deque)

    def wait_seconds(self, call: Call) -> float:
        """Return how long a call has to wait from now."""
        now = self._clock.monotonic()
        pauses = [self._free_at.get(scope, 0.0) for scope in (EVERYTHING, *scopes_of(call))]
        windows = [self._window_free_at(scope, window) for scope, window in self._windows(call)]
        return max(0.0, *(at - now for at in (*pauses, *windows)))

    def admit(self, call: Call) -> None:
        """Wait until a call may be sent, and count it.

        Raises:
            RateLimitedError: It would have to wait longer than is waited within a step.
        """
        wait = self.wait_seconds(call)
        if wait > LONGEST_WAIT_SECONDS:
            raise RateLimitedError("Jira", wait_seconds=wait)
        if wait:
            self._clock.sleep(wait)
        now = self._clock.monotonic()
        for scope, window in self._windows(call):
            self._sent_at[f"{scope} {window.seconds}"].append(now)

    def learn(self, call: Call, response: httpx.Response) -> None:
        """Keep what an answer says of the limits."""
        if response.status_code in THROTTLING_STATUSES:
            asked = asked_wait_seconds(response)
            if asked is not None:  # spread, never below it: others were asked the same
                late = asked * (1.0 + (JITTER_MAX - 1.0) * self._clock.random())
                self._pause(throttled_scopes(call, response), late)
            elif response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                self._pause(throttled_scopes(call, response), self._backoff(0))
            return
        if response.headers.get("X-RateLimit-Remaining") == "0":
            self._pause((endpoint_of(call),), EXHAUSTED_WAIT_SECONDS)
        elif response.headers.get("X-RateLimit-NearLimit", "").lower() == "true":
            self._pause((endpoint_of(call),), NEAR_LIMIT_INTERVAL_SECONDS)

    def retry_wait_seconds(
        self, call: Call, outcome: httpx.Response | httpx.HTTPError, *, retries: int
    ) -> float | None:
        """Return what to wait before the same call is sent again; None is not to send it again."""
        if not call.is_idempotent or retries >= RETRIES_MAX:
            return None
        if isinstance(outcome, httpx.Response):
            if outcome.status_code not in RETRIED_STATUSES:
                return None
            if asked_wait_seconds(outcome):
                wait = self.wait_seconds(call)
                return wait if wait <= LONGEST_WAIT_SECONDS else None
        return self._backoff(retries)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._clock.sleep(seconds)

    def _pause(self, scopes: tuple[str, ...], seconds: float) -> None:
        until = self._clock.monotonic() + seconds
        for scope in scopes:
            self._free_at[scope] = max(self._free_at.get(scope, 0.0), until)
        if seconds > NEAR_LIMIT_INTERVAL_SECONDS:
            logger.info("Jira asks to wait %.1f s with %s", seconds, ", ".join(scopes))

    def _backoff(self, retries: int) -> float:
        """Double from base to cap, with jitter."""
        wait = min(BACKOFF_MAX_SECONDS, BACKOFF_BASE_SECONDS * 2.0**retries)
        jitter = JITTER_MIN + (JITTER_MAX - JITTER_MIN) * self._clock.random()
        return min(BACKOFF_MAX_SECONDS, wait * jitter)

    def _windows(self, call: Call) -> Iterator[tuple[str, Window]]:
        endpoint = self._limits.per_endpoint.get(call.method)
        if endpoint is not None:
            yield endpoint_of(call), endpoint
        for issue in issue_scopes_of(call):
            for window in self._limits.per_issue:
                yield issue, window

    def _window_free_at(self, scope: str, window: Window) -> float:
        """Return when the oldest request that fills the window leaves it."""
        sent = self._sent_at[f"{scope} {window.seconds}"]
        while sent and sent[0] <= self._clock.monotonic() - window.seconds:
            sent.popleft()
        return sent[-window.count] + window.seconds if len(sent) >= window.count else 0.0


def endpoint_of(call: Call) -> str:
    """Name the endpoint and method of a call, as the burst limit counts them."""
    return f"{call.method} {call.path}"


def issue_scopes_of(call: Call) -> tuple[str, ...]:
    """Name the issues a call writes to."""
    return tuple(f"issue {issue_id}" for issue_id in call.written_issue_ids)


def scopes_of(call: Call) -> tuple[str, ...]:
    """Name everything a call can be paused by, save the pause of everything."""
    return (endpoint_of(call), *issue_scopes_of(call))


def throttled_scopes(call: Call, response: httpx.Response) -> tuple[str, ...]:
    """Tell what a throttling answer asks to pause; without a known reason it is everything."""
    match response.headers.get("RateLimit-Reason", ""):
        case "jira-burst-based":
            return (endpoint_of(call),)
        case "jira-per-issue-on-write" if call.written_issue_ids:
            return issue_scopes_of(call)
        case "jira-per-issue-on-write":
            return (endpoint_of(call),)
        case _:
            is_about_us = response.status_code == httpx.codes.TOO_MANY_REQUESTS
            return (EVERYTHING,) if is_about_us else (endpoint_of(call),)
