"""The roles of a clock and of what waits, and what an HTTP answer asks to wait.

Belongs here: the header Retry-After and the dates of HTTP, read once for every client. Does not:
how long is waited, and with what (`jira/client/pacing`, `sharedo/client/exchange`).

Source: RFC 9110, § 5.6.7 and § 10.2.3.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""


class Timer(Protocol):
    """Waits, and measures how long something took; the module `time` does both."""

    def monotonic(self) -> float:
        """Return seconds from some moment on; they never run backwards."""

    def sleep(self, seconds: float, /) -> None:
        """Let so many seconds pass."""


def asked_seconds(retry_after: str, *, answered_at: datetime | None) -> float | None:
    """Return the wait that a Retry-After asks for; None where it says nothing that can be read.

    A date is compared with when the server answered, by its own clock: ours may differ.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    until = http_date(text)
    if until is None or answered_at is None:
        return None
    return max(0.0, (until - answered_at).total_seconds())


def http_date(text: str) -> datetime | None:
    """Read a date in any of the three forms of HTTP, all in UTC; None where it is none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
