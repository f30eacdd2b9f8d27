"""Limits for those who ask again and again how far a session is: by requests, or by open connections.

`StatusPace` refuses a caller who asks too often, `Followers` counts open connections by person, and
`SharedLooks` reads a session once for all connections that follow it.

Does not belong here: the size of a body (`request_limits`), what they are told (`live`).
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar, cast

from jira_pipeline.context.background import OneByOne
from jira_pipeline.model.errors import TooManyRequestsError

STATUS_SECONDS = 2.0
"""One request of a status in this time, by caller and session."""
CALLERS_MAX = 10_000
"""Callers whose last request is remembered, so that many of them do not fill the memory."""
LOOK_SHARED_SECONDS = 0.5
"""How old a look may be that another connection takes over: each looks once a second."""
LOOKS_KEPT = 8
"""Sessions whose last look is kept: each holds all tickets of one."""
LookValue = TypeVar("LookValue")


def remember(entries: dict[Any, Any], key: object, value: object, *, most: int) -> None:
    """Put a value into a dictionary as its newest; the oldest go where it has more than `most`."""
    entries.pop(key, None)
    while len(entries) >= most:
        del entries[next(iter(entries))]
    entries[key] = value


class StatusPace:
    """Lets every caller ask for each status of a session once in two seconds."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._asked_at: dict[tuple[str, str, str], float] = {}

    def count(self, caller: str, status: str, session_key: str) -> None:
        """Count a request for a status, such as that of the export; another one has its own count.

        Raises:
            TooManyRequestsError: The one before it was less than two seconds ago.
        """
        now = self._monotonic()
        request = (caller, status, session_key)
        with self._lock:
            since = now - self._asked_at.get(request, -math.inf)
            if since < STATUS_SECONDS:
                raise TooManyRequestsError(
                    what=f"The status of {session_key} was requested {since:.1f} s ago.",
                    retry_after_seconds=math.ceil(STATUS_SECONDS - since),
                )
            remember(self._asked_at, request, now, most=CALLERS_MAX)


class Followers:
    """Counts the connections that are open, by person."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, *, most: int) -> None:
        """Count one more.

        Raises:
            TooManyRequestsError: There are so many already.
        """
        with self._lock:
            if self._counts[name] >= most:
                raise TooManyRequestsError(
                    what=f"{most} connections of {name} are already open.", retry_after_seconds=10
                )
            self._counts[name] += 1

    def remove(self, name: str) -> None:
        """Count one less."""
        with self._lock:
            self._counts[name] -= 1
            if not self._counts[name]:
                del self._counts[name]


class SharedLooks:
    """Keeps what was read of a session for a moment, for all connections that follow it."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._one_by_one = OneByOne()
        self._looks: dict[str, tuple[float, object]] = {}
        """When each was read, by a monotonic clock, and what was read."""

    def at(self, key: str, look: Callable[[], LookValue]) -> LookValue:
        """Return what another connection read of a session a moment ago, or call `look` now.

        Of one session only one connection reads at a time: the others wait for what it reads.
        """
        with self._one_by_one.of(key):
            read_at, value = self._looks.get(key, (-math.inf, None))
            if self._monotonic() - read_at >= LOOK_SHARED_SECONDS:
                read_at = self._monotonic()
                value = look()
            with self._lock:
                remember(self._looks, key, (read_at, value), most=LOOKS_KEPT)
            return cast("LookValue", value)
