"""How many requests one command sent to Jira: its plan, the steps of its run, each comparison.

Belongs here: the sum over all clients that a command opens. Does not: what one client sent
(`jira/client/connection`), what the runs of a session sent (`store/run_records`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_SENT: ContextVar[Counter[str] | None] = ContextVar("sent", default=None)
"""By method and path; None where nobody counts."""


@contextmanager
def counted_requests() -> Iterator[None]:
    """Count what is sent from here on; a request that is repeated counts each time."""
    token = _SENT.set(Counter())
    try:
        yield
    finally:
        _SENT.reset(token)


def note_sent_requests(counts: Mapping[str, int]) -> None:
    """Add what a client sent until it was closed."""
    sent = _SENT.get()
    if sent is not None:
        sent.update(counts)


def sent_request_count() -> int:
    """Return how many requests were sent since counting began; 0 where nobody counts."""
    sent = _SENT.get()
    return 0 if sent is None else sent.total()
