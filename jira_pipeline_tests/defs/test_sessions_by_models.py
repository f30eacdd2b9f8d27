"""Whole sessions written by a model that fails in every way: completed, or stopped as it must be.

The failures one by one are in `writing/test_model_writer`, the budget too, since nobody knows the
prices of a server on loopback; how long is waited is there, too: here nothing waits.
"""

import os
import signal
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.kernel.sessions import SessionStatus
from jira_pipeline.writing.models import model_requests
from jira_pipeline_tests import projects
from jira_pipeline_tests.writing.asked_models import LONG_SECONDS, wait_notice
from jira_pipeline_tests.writing.asked_tickets import tickets_asked
from jira_pipeline_tests.writing.scripted_models import (
    Act,
    Asked,
    Fail,
    Raw,
    Say,
    Script,
    ScriptedServer,
    always,
    scripted_server,
)

pytestmark = pytest.mark.xdist_group("models")

INTERRUPTED_AT = 4
SOON = {"Retry-After": "0"}
PASSING: tuple[Act, ...] = (
    Fail(status=429, headers=SOON),
    Say(text="no JSON"),
    Say(text='{"user', end="length"),
    Say(text=Say().text.replace("the table", "`field_unheard`")),
    Raw(body=b'{"id": 1', missing_bytes=9),
)
"""One for each of the first tickets; the health check is answered."""


@pytest.fixture
def asking(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A project with an uploaded session, and an environment that names a model."""
    monkeypatch.setattr(model_requests, "BACKOFF_BASE_SECONDS", 0.0)
    projects.upload(project, projects.copy_small_sheets(tmp_path / "museum"))
    monkeypatch.setenv("WRITER_MODEL", "a-model")
    return monkeypatch


def generated(project: Path, server: ScriptedServer, asking: pytest.MonkeyPatch) -> bool:
    """Write the tickets of the session, and tell whether the run succeeded."""
    asking.setenv("WRITER_BASE_URL", server.base_url("openai"))
    with dg.DagsterInstance.ephemeral() as instance:
        result = projects.execute(instance, project, "generate_tickets", raise_on_error=False)
    return result.success


def failing_at_first() -> Script:
    """Fail each of the first tickets in its own way, once; their second tries come in between."""
    left = iter(PASSING)

    def script(asked: Asked) -> Act:
        is_first_try = asked.number > 1 and asked.attempt == 1
        return next(left, Say()) if is_first_try else Say()

    return script


def test_a_session_is_completed_over_every_fault_that_passes(
    project: Path, asking: pytest.MonkeyPatch
) -> None:
    with scripted_server(failing_at_first()) as server:
        is_done = generated(project, server, asking)

    with projects.opened(project) as pipeline:
        tickets = pipeline.store.tickets.list_all("museum")
        spent = pipeline.store.writing.spending("museum")
    assert is_done
    assert {t.revision.fallback_reason for t in tickets} == {""}
    assert spent.requests == len(server.asked) == 1 + len(tickets) + len(PASSING)


def test_a_run_that_is_interrupted_keeps_the_answers_under_way(
    project: Path, asking: pytest.MonkeyPatch
) -> None:
    """Ctrl-C and Dagster's Terminate are this signal; the model answers once the run waits."""
    asking.setenv("WRITER_CONCURRENCY", "2")
    with wait_notice() as waits:

        def interrupt_at_one(asked: Asked) -> Act:
            if asked.number == INTERRUPTED_AT:
                os.kill(os.getpid(), signal.SIGINT)
            if asked.number >= INTERRUPTED_AT:
                assert waits.wait(LONG_SECONDS)
            return Say()

        with scripted_server(interrupt_at_one) as server:
            is_done = generated(project, server, asking)
            asked = len(server.asked)
            with projects.opened(project) as pipeline:
                status = pipeline.store.sessions.get("museum").status
                spent = pipeline.store.writing.spending("museum")
            server.script = always(Say())
            is_done_then = generated(project, server, asking)

    assert (is_done, status) == (False, SessionStatus.CANCELLED)
    assert INTERRUPTED_AT <= asked == spent.requests < projects.SMALL_TICKETS
    assert spent.unseen_requests == 0
    assert is_done_then
    assert len(tickets_asked(server)) == projects.SMALL_TICKETS
