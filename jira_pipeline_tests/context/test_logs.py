"""Lines of the log as JSON."""

import json
import logging
from contextvars import Context, copy_context
from io import StringIO

from jira_pipeline.context.logs import JsonLog, logged_about, logs_about

LINE = {"name": "jira_pipeline.export.sending", "levelname": "WARNING"}


def test_a_line_is_one_object_that_says_what_it_is_about() -> None:
    stream = StringIO()
    log = JsonLog(stream)
    fault = ValueError("no\nsuch thing")
    plain = logging.makeLogRecord(LINE | {"msg": "waits %d s", "args": (7,)})
    failed = logging.makeLogRecord(
        LINE | {"msg": "it failed", "exc_info": (ValueError, fault, None)}
    )

    log.handle(plain)
    with logs_about(run="r1", session="museum"), logs_about(ticket=3, session=None):
        log.handle(failed)
    bare, rich = (json.loads(line) for line in stream.getvalue().splitlines())

    assert bare.pop("timestamp").endswith("+00:00")
    assert bare == {
        "level": "WARNING",
        "logger": "jira_pipeline.export.sending",
        "message": "waits 7 s",
    }
    assert (rich["run"], rich["session"], rich["ticket"]) == ("r1", "museum", 3)
    assert "no\nsuch thing" in rich["exc_info"]
    assert logged_about() == {}


def test_a_run_ends_after_one_that_began_later() -> None:
    earlier, later = logs_about(run="r1", session="museum"), logs_about(run="r2")
    earlier.__enter__()
    later.__enter__()

    earlier.__exit__(None, None, None)

    assert logged_about() == {"run": "r2"}
    later.__exit__(None, None, None)
    assert logged_about() == {}


def test_a_run_ends_in_another_context_than_it_began_in() -> None:
    about = logs_about(run="r1")
    about.__enter__()
    of_a_thread = copy_context()

    Context().run(about.__exit__, None, None, None)

    assert logged_about() == {}
    assert of_a_thread.run(logged_about) == {}
