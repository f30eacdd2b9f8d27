"""Lines of the log as JSON, for programs that collect them (LOG_FORMAT=json).

Belongs here: the form of a line. Does not: what a line is about (`model/log_context`), logs of
Dagster's own programs, which have an option of their own (`cli/serving`).
"""

import logging
import sys
from typing import TextIO

from typing_extensions import override

from jira_pipeline.context.settings import Settings
from jira_pipeline.model.log_context import logged_about

OURS = "jira_pipeline"
FIELDS = "{levelname}{name}{message}"
NAMES = {"levelname": "level", "name": "logger"}


class _About(logging.Filter):
    """Adds to each line what it is about."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Add it as fields; keep every line."""
        vars(record).update(logged_about())
        return True


class JsonLog(logging.StreamHandler[TextIO]):
    """Writes each line as one object: time, level, logger, message, and what it is about."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to standard error, or elsewhere."""
        from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 - only where it is wanted

        super().__init__(stream or sys.stderr)
        self.setFormatter(JsonFormatter(FIELDS, style="{", rename_fields=NAMES, timestamp=True))
        self.addFilter(_About())


def begin_logs(settings: Settings) -> None:
    """Write the log of this process as the settings want it; once, however often it is asked."""
    root = logging.getLogger()
    if settings.log_format != "json" or any(isinstance(one, JsonLog) for one in root.handlers):
        return
    root.addHandler(JsonLog())
    logging.getLogger(OURS).setLevel(logging.INFO)
