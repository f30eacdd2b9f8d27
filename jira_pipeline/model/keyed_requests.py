"""Requests that a program sends with a key of its own, so that it can send them again.

Belongs here: the value, how long it is remembered. Does not: reading and answering requests
(`web/api/repeatable_route`).

Source: draft-ietf-httpapi-idempotency-key-header-06, read 1 December 2026.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

REMEMBERED_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(minutes=2)
"""A request without an answer after so long was killed: a start is answered within one minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A request with its key, and once it was done its answer."""

    scope_sha256: str
    """Of who sent it, where to, and its key."""
    content_sha256: str
    """Of what it asks for."""
    received_at: datetime
    status: int | None = None
    """Of its answer; None: it is under way."""
    location: str | None = None
    """What its answer names as the address of its task."""
    answer: str = ""
