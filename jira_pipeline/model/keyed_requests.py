"""Requests that a program sends with a key of its own, so that it can send them again.

Belongs here: the value, how long it is remembered. Does not: reading and answering requests
(`web/api/repeatable_route`).

Source: draft-ietf-httpapi-idempotency-key-header-06, read 1 December 2026.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

REMEMBERED_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(minutes=2)
"""A request without an answer and without a trace of its program was killed by then.

That is seldom: a program that dies leaves the lock of its request, and is known to be dead at once.
"""
TASK_ID: ContextVar[str | None] = ContextVar("task_id", default=None)
"""The id of the task that a request with a key starts, while it is done; None: it has no key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A request with its key, and once it was done its answer."""

    scope_sha256: str
    """Of who sent it, where to, and its key."""
    content_sha256: str
    """Of what it asks for."""
    received_at: datetime
    """When it came, or came again after the program that did it was killed."""
    status: int | None = None
    """Of its answer; None: it is under way."""
    location: str | None = None
    """What its answer names as the address of its task."""
    answer: str = ""
    task_id: str = ""
    """Of the task that it starts, if it starts one: the same however often it is begun."""
    has_written: bool = False
    """It changed something in the store; committed with the first such change."""

    @property
    def lock_id(self) -> str:
        """What the program that does it holds among the locks of runs."""
        return f"request {self.scope_sha256}"
