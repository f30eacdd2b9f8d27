"""How often one caller may ask for the status of a session, and who follows it.

Belongs here: counting, and looks that are shared. Does not: the size of a body (`request_limits`).
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
"""One request of the status in this time, by caller and session."""
CALLERS_MAX = 10_000
LOOK_SHARED_SECONDS = 0.5
"""So old may be what a connection is told: each looks once a second."""
LOOKS_KEPT = 8
Seen = TypeVar("Seen")


def remember(entries: dict[Any, Any], key: object, value: object, *, most: int) -> None:
    """Keep a value as the newest one, in place of the oldest where there are so many already."""
    entries.pop(key, None)
    while len(entries) >= most:
        del entries[next(iter(entries))]
    entries[key] = value


class StatusPace:
    """Lets every caller ask for the status of a session once in two seconds."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._asked_at: dict[tuple[str, str], float] = {}

    def count(self, caller: str, session_key: str) -> None:
        """Count a request.

        Raises:
            TooManyRequestsError: The one before it was less than two seconds ago.
        """
        now = self._monotonic()
        with self._lock:
            since = now - self._asked_at.get((caller, session_key), -math.inf)
            if since < STATUS_SECONDS:
                raise TooManyRequestsError(
                    what=f"The status of {session_key} was requested {since:.1f} s ago.",
                    retry_after_seconds=math.ceil(STATUS_SECONDS - since),
                )
            remember(self._asked_at, (caller, session_key), now, most=CALLERS_MAX)


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
    """Looks once for all connections that follow the same."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._one_by_one = OneByOne()
        self._seen: dict[str, tuple[float, object]] = {}

    def at(self, key: str, look: Callable[[], Seen]) -> Seen:
        """Return what somebody else saw a moment ago, else look now."""
        with self._one_by_one.of(key):
            seen_at, seen = self._seen.get(key, (-math.inf, None))
            if self._monotonic() - seen_at >= LOOK_SHARED_SECONDS:
                seen_at = self._monotonic()
                seen = look()
            with self._lock:
                remember(self._seen, key, (seen_at, seen), most=LOOKS_KEPT)
            return cast("Seen", seen)
