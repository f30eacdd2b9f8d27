"""Lines of the log: what they are about, and their form as JSON for programs (LOG_FORMAT=json).

Belongs here: noting run, session and ticket while something is at work, the form of a line. Does
not: logs of Dagster's own programs, which have an option of their own (`cli/serving`).
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TextIO

from typing_extensions import override

from jira_pipeline.context.settings import Settings

OURS = "jira_pipeline"
FIELDS = "{levelname}{name}{message}"
NAMES = {"levelname": "level", "name": "logger"}


@dataclass(eq=False)
class _Work:
    """One thing at work, and its names."""

    names: Mapping[str, str | int]
    is_over: bool = False
    """Said here and not by the context alone: Dagster ends a resource in another context."""


_AT_WORK: ContextVar[tuple[_Work, ...]] = ContextVar("at_work", default=())


class JsonLog(logging.StreamHandler[TextIO]):
    """Writes each line as one object: time, level, logger, message, and what it is about."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to standard error, or elsewhere."""
        from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 - only where it is wanted

        super().__init__(stream or sys.stderr)
        self.setFormatter(JsonFormatter(FIELDS, style="{", rename_fields=NAMES, timestamp=True))

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Add what the line is about as fields."""
        vars(record).update(logged_about())
        return super().format(record)


def begin_logs(settings: Settings) -> None:
    """Write the log of this process as the settings want it; once, however often it is asked."""
    root = logging.getLogger()
    if settings.log_format != "json" or any(
        isinstance(handler, JsonLog) for handler in root.handlers
    ):
        return
    root.addHandler(JsonLog())
    logging.getLogger(OURS).setLevel(logging.INFO)


def logged_about() -> Mapping[str, str | int]:
    """Return what is at work now, by `run`, `session` and `ticket`; the innermost wins."""
    about: dict[str, str | int] = {}
    for work in _AT_WORK.get():
        if not work.is_over:
            about.update(work.names)
    return about


@contextmanager
def logs_about(**names: str | int | None) -> Iterator[None]:
    """Add to the lines of the log what they are about, by name, while the block runs; None adds nothing."""
    work = _Work({name: value for name, value in names.items() if value is not None})
    _AT_WORK.set((*_still_at_work(), work))
    try:
        yield
    finally:
        work.is_over = True
        _AT_WORK.set(_still_at_work())


def _still_at_work() -> tuple[_Work, ...]:
    return tuple(work for work in _AT_WORK.get() if not work.is_over)
