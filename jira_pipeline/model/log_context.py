"""What a line of the log is about: run, session, ticket.

Belongs here: noting it while something is at work. Does not: how lines look (`context/logs`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_ABOUT: ContextVar[Mapping[str, str | int]] = ContextVar("about")


def logged_about() -> Mapping[str, str | int]:
    """Return what is at work now, by `run`, `session` and `ticket`."""
    return _ABOUT.get({})


@contextmanager
def logs_about(**known: str | int | None) -> Iterator[None]:
    """Have lines of the log say what they are about while the block runs; what is None is left out."""
    before = logged_about()
    _ABOUT.set({**before, **{name: value for name, value in known.items() if value is not None}})
    try:
        yield
    finally:
        _ABOUT.set(before)  # not by a token: a resource of Dagster's ends in another context
