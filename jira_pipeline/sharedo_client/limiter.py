"""One limit of requests per environment, for all threads of this process.

Belongs here: waiting for a turn, and the pause a server asked for. Does not: sending (`exchange`).
"""

import threading
from collections import deque

from jira_pipeline.ports.clock import Timer

WINDOW_SECONDS = 60.0
SHARE_USED = 0.9
"""Of the limit: requests may reach the server closer together than they left."""


class RateLimiter:
    """Lets nine tenths of so many requests through in any minute."""

    def __init__(self, timer: Timer, *, requests_per_minute: int) -> None:
        """Begin with no request counted."""
        self._timer = timer
        self._limit = max(1, int(SHARE_USED * requests_per_minute))
        self._turn = threading.Lock()
        self._sent_at: deque[float] = deque()
        self._free_at = 0.0

    def admit(self) -> None:
        """Wait until a request may be sent, and count it."""
        while True:
            with self._turn:
                now = self._timer.monotonic()
                while self._sent_at and self._sent_at[0] <= now - WINDOW_SECONDS:
                    self._sent_at.popleft()
                is_full = len(self._sent_at) >= self._limit
                full_until = self._sent_at[0] + WINDOW_SECONDS if is_full else now
                wait = max(full_until, self._free_at) - now
                if wait <= 0:
                    self._sent_at.append(now)
                    return
            self._timer.sleep(wait)

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long: the server said so to one of us, and means all."""
        with self._turn:
            self._free_at = max(self._free_at, self._timer.monotonic() + seconds)
