"""Lines of the log: what they are about, and their form as JSON for programs (LOG_FORMAT=json).

Belongs here: noting run, session and ticket while something is at work, the form of a line. Does
not: logs of Dagster's own programs, which have an option of their own (`cli/serving`).
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

from typing_extensions import override

from jira_pipeline.context.settings import Settings

OURS = "jira_pipeline"
FIELDS = "{levelname}{name}{message}"
NAMES = {"levelname": "level", "name": "logger"}

_ABOUT: ContextVar[Mapping[str, str | int]] = ContextVar("about")


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
    """Return what is at work now, by `run`, `session` and `ticket`."""
    return _ABOUT.get({})


@contextmanager
def logs_about(**known: str | int | None) -> Iterator[None]:
    """Add to the lines of the log what they are about, by name, while the block runs; None adds nothing."""
    before = logged_about()
    _ABOUT.set({**before, **{name: value for name, value in known.items() if value is not None}})
    try:
        yield
    finally:
        _ABOUT.set(before)  # not by a token: a resource of Dagster's ends in another context
