"""Keeps to Jira's rate limits: how long to wait before a request, and whether to send it again.

A limit has a scope, a text: `everything` for the quota, `POST /rest/api/3/issue` for the burst limit
of an endpoint, `issue 10001` for writes to one issue. `Pacing` counts what was sent in each scope,
and pauses a scope when an answer says so. It counts for one process; where several use one site, each
learns from its own answers with status 429 that they send too much together.

Belongs here: rate limits, pauses, back-off. Does not: sending (`exchange`), which error an answer
means (`answers`), waiting of whole exports (`export/export_run`).
Source: Atlassian, "Rate limiting", August 2026.
"""

import logging
import math
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import httpx

from jira_pipeline.jira.client.answers import asked_wait_seconds
from jira_pipeline.jira.client.connection import Call
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import CancelledError, RateLimitedError

logger = logging.getLogger(__name__)

BACKOFF_BASE_SECONDS = 2.0
BACKOFF_MAX_SECONDS = 30.0
REQUEST_RETRIES_MAX = 4
JITTER_MIN = 0.7
JITTER_MAX = 1.3
"""Source: Atlassian, "Rate limiting": base, cap, retries and jitter as recommended there."""
LONGEST_WAIT_WITHIN_STEP_SECONDS = 30.0
"""A longer wait ends the step with `RateLimitedError`, and Dagster starts it again after that."""
NEAR_LIMIT_INTERVAL_SECONDS = 0.1
"""The pause near a limit: ten requests a second are polite. Source: docs/export.md, Limits."""
EXHAUSTED_WAIT_SECONDS = 1.0
"""The pause where nothing is left of a burst limit, which counts requests per second."""
NOTED_WAIT_SECONDS = 2.0
"""Waits from this length on are told to the watcher, and can be ended."""
WAIT_SLICE_SECONDS = 2.0
"""How often such a wait checks whether somebody ended it."""
RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
THROTTLING_STATUSES = frozenset({429, 503})
EVERYTHING = "everything"
HEADROOM = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most so many requests in so many seconds."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingLimits:
    """Limits that are kept before Jira says anything; empty ones wait for Jira's answers."""

    per_endpoint: Mapping[str, Window] = field(default_factory=dict)
    """The limit of each endpoint, by HTTP method."""
    per_issue: tuple[Window, ...] = ()
    """The limits of writes to one issue, all of which hold."""


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
    """Time and chance as functions, so that tests can replace them."""

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]
    """A number between 0 and 1, evenly distributed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Watches a run, and may end its waits."""

    note: Callable[[str, float], None] = lambda _what, _seconds: None
    """Gets what is waited for, as text, and the seconds."""
    is_over: Callable[[], bool] = lambda: False
    """Returns whether the run was cancelled."""


NOBODY = Watcher()


class Pacing:
    """The rate limits of one site, as far as one process knows and counts them."""

    def __init__(
        self,
        clock: PacingClock,
        *,
        limits: PacingLimits = JIRA_CLOUD_LIMITS,
        watcher: Watcher = NOBODY,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._watcher = watcher
        self._limit_of: dict[str, int] = {}
        """Requests per second that the site allows, by endpoint."""
        self._free_at: dict[str, float] = {}
        """When a scope's pause ends, by the monotonic clock."""
        self._sent_at: dict[tuple[str, int], deque[float]] = defaultdict(deque)
        """When the last requests were sent, by scope and number of the window."""
        self._turn = threading.RLock()
        """Held to look and count, so that parallel requests do so one after the other."""

    def await_turn(self, call: Call, *, is_counted: bool = False) -> None:
        """Wait until a call may be sent; with `is_counted` count it as sent then.

        Raises:
            RateLimitedError: The wait would be longer than a step may wait.
        """
        waited = 0.0
        while True:
            with self._turn:
                wait, scope = self._wait(call)
                if not wait:
                    for counted, number, _ in self._windows(call) if is_counted else ():
                        self._sent_at[counted, number].append(self._clock.monotonic())
                    return
            if waited + wait > LONGEST_WAIT_WITHIN_STEP_SECONDS:
                raise RateLimitedError("Jira", wait_seconds=wait)
            what = f"Jira's limit for {scope}"
            self.wait(wait, "Jira asked us to pause all requests" if scope == EVERYTHING else what)
            waited += wait

    def learn(self, call: Call, response: httpx.Response) -> None:
        """Take in what an answer says of the limits: a pause, or the site's own limit."""
        if response.status_code in THROTTLING_STATUSES:
            wait = asked_wait_seconds(response)
            if wait is not None:  # a bit longer, at random, as others were asked the same
                late = wait * (1.0 + (JITTER_MAX - 1.0) * self._clock.random())
                self._pause(throttled_scopes(call, response), late)
            elif response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                self._pause(throttled_scopes(call, response), self._backoff(0))
            return
        limit = response.headers.get("X-RateLimit-Limit", "")
        if limit.isdecimal() and int(limit):
            self._limit_of[endpoint_of(call)] = int(limit)
        if response.headers.get("X-RateLimit-Remaining") == "0":
            self._pause((endpoint_of(call),), EXHAUSTED_WAIT_SECONDS)
        elif response.headers.get("X-RateLimit-NearLimit", "").lower() == "true":
            self._pause((endpoint_of(call),), NEAR_LIMIT_INTERVAL_SECONDS)

    def retry_wait_seconds(
        self, call: Call, outcome: httpx.Response | httpx.HTTPError, *, retries: int
    ) -> float | None:
        """Return how long to wait before the call is sent again; None where it should not be."""
        if not call.is_idempotent or retries >= REQUEST_RETRIES_MAX:
            return None
        if isinstance(outcome, httpx.Response):
            if outcome.status_code not in RETRIED_STATUSES:
                return None
            if asked_wait_seconds(outcome):
                with self._turn:
                    wait, _ = self._wait(call)
                return wait if wait <= LONGEST_WAIT_WITHIN_STEP_SECONDS else None
        return self._backoff(retries)

    def has_waited(self, call: Call, seconds: float) -> bool:
        """Wait until a call may be sent again; return False where it may not, or the wait was ended."""
        try:
            self.wait(seconds, f"{call.action} is tried again")
            self.await_turn(call, is_counted=True)
        except (RateLimitedError, CancelledError):
            return False
        return True

    def wait(self, seconds: float, what: str) -> None:
        """Wait; a longer wait is told to the watcher, with `what` it is for.

        Raises:
            CancelledError: Somebody ended the wait.
        """
        if seconds < NOTED_WAIT_SECONDS:
            self._clock.sleep(seconds)
            return
        self._watcher.note(what, seconds)
        left = seconds
        while left > 0:
            if self._watcher.is_over():
                raise CancelledError(
                    f"Cancelled after {seconds - left:.0f} of {seconds:.0f} s of waiting: {what}.",
                    recovery_actions=(Action.of(ActionKind.RESUME, "Continue: {}."),),
                )
            self._clock.sleep(min(left, WAIT_SLICE_SECONDS))
            left -= WAIT_SLICE_SECONDS

    def _wait(self, call: Call) -> tuple[float, str]:
        """Return how long a call has to wait, 0 if it may be sent, and the scope that it waits for."""
        now = self._clock.monotonic()
        scopes = (EVERYTHING, endpoint_of(call), *issue_scopes_of(call))
        free_at = {scope: self._free_at.get(scope, 0.0) for scope in scopes}
        for scope, number, window in self._windows(call):
            sent = self._sent_at[scope, number]
            while sent and sent[0] <= now - window.seconds:
                sent.popleft()
            if len(sent) >= window.count:  # it is full until its oldest request leaves it
                free_at[scope] = max(free_at[scope], sent[-window.count] + window.seconds)
        scope = max(free_at, key=lambda scope: free_at[scope])
        return max(0.0, free_at[scope] - now), scope

    def _pause(self, scopes: tuple[str, ...], seconds: float) -> None:
        """Send nothing in these scopes for so long; a longer pause that holds already stays."""
        until = self._clock.monotonic() + seconds
        with self._turn:
            for scope in scopes:
                self._free_at[scope] = max(self._free_at.get(scope, 0.0), until)
        if seconds > NEAR_LIMIT_INTERVAL_SECONDS:
            logger.info("Jira asks to wait %.1f s with %s", seconds, ", ".join(scopes))

    def _backoff(self, retries: int) -> float:
        """Return a wait that doubles with each retry up to a cap, with jitter."""
        wait = min(BACKOFF_MAX_SECONDS, BACKOFF_BASE_SECONDS * 2.0**retries)
        jitter = JITTER_MIN + (JITTER_MAX - JITTER_MIN) * self._clock.random()
        return min(BACKOFF_MAX_SECONDS, wait * jitter)

    def _windows(self, call: Call) -> Iterator[tuple[str, int, Window]]:
        """Yield the windows that a call counts in: scope, number within the scope, and window."""
        endpoint = self._limits.per_endpoint.get(call.method)
        if endpoint is not None:
            # Ours, or a tenth below what the site says, whichever is less.
            site_count = HEADROOM * self._limit_of.get(endpoint_of(call), math.inf)
            count = max(1, int(min(endpoint.count, site_count)))
            yield endpoint_of(call), 0, Window(count=count, seconds=endpoint.seconds)
        for issue in issue_scopes_of(call):
            for number, window in enumerate(self._limits.per_issue):
                yield issue, number, window


def endpoint_of(call: Call) -> str:
    """Return the scope of a call's burst limit: method and path, without values."""
    return f"{call.method} {call.path}"


def issue_scopes_of(call: Call) -> tuple[str, ...]:
    """Return the scopes of the issues that a call writes to."""
    return tuple(f"issue {issue_id}" for issue_id in call.written_issue_ids)


def throttled_scopes(call: Call, response: httpx.Response) -> tuple[str, ...]:
    """Return the scopes that a throttling answer asks to pause; everything without a known reason."""
    match response.headers.get("RateLimit-Reason", ""):
        case "jira-burst-based":
            return (endpoint_of(call),)
        case "jira-per-issue-on-write":
            return issue_scopes_of(call) or (endpoint_of(call),)
        case _:
            is_about_us = response.status_code == httpx.codes.TOO_MANY_REQUESTS
            return (EVERYTHING,) if is_about_us else (endpoint_of(call),)
