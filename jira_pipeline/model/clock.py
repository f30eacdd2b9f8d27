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
    """Return the seconds that a header Retry-After asks to wait; None where it cannot be read.

    It holds seconds, or a date, which is compared with `answered_at`, the time of the answer by the
    clock of the server: ours may differ. Without that time a date gives None.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    until = http_date(text)
    if until is None or answered_at is None:
        return None
    return max(0.0, (until - answered_at).total_seconds())


def http_date(text: str) -> datetime | None:
    """Return the time that a date of HTTP states, in any of its three forms; None where it is none."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # The form without a zone is in UTC, too.
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
