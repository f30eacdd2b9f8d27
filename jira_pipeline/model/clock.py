"""The roles of a clock and of what waits."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class Timer(Protocol):
    """Waits, and measures how long something took."""

    def monotonic(self) -> float:
        """Return seconds from some moment on; they never run backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        ...
