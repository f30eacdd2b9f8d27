"""What people may take back for a minute; this process alone keeps it.

Belongs here: keeping it, once and for whom it is. Does not: what takes a decision back
(`review/decisions`), its button (`pages`).
"""

import secrets
import threading
import time
from collections.abc import Callable

from jira_pipeline.review.outcomes import Step

UNDO_SECONDS = 60.0
KEPT_MAX = 100


class UndoSteps:
    """Keeps how the last decisions about many tickets are taken back."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin without any."""
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str, str], tuple[float, tuple[Step, ...]]] = {}

    def keep(self, steps: tuple[Step, ...], *, session_key: str, by: str) -> str:
        """Keep what takes a decision back, and return its name; empty where nothing does."""
        if not steps:
            return ""
        name = secrets.token_urlsafe(12)
        with self._lock:
            while len(self._kept) >= KEPT_MAX:
                del self._kept[next(iter(self._kept))]
            self._kept[session_key, by, name] = self._monotonic(), steps
        return name

    def take(self, name: str, *, session_key: str, by: str) -> tuple[Step, ...]:
        """Return what takes a decision of somebody back, once; none after a minute."""
        with self._lock:
            kept_at, steps = self._kept.pop((session_key, by, name), (0.0, ()))
        return steps if self._monotonic() - kept_at < UNDO_SECONDS else ()
