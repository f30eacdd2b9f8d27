"""Two real processes and one session: who writes its tickets, and who is told to wait or to stop."""

import importlib.util
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.end_to_end.processes import finished, fork, wait_until
from jira_pipeline_tests.writing.asked_tickets import tickets_asked
from jira_pipeline_tests.writing.scripted_models import (
    Act,
    Asked,
    Say,
    ScriptedServer,
    scripted_server,
)

pytestmark = [
    pytest.mark.xdist_group("processes"),
    pytest.mark.skipif(
        importlib.util.find_spec("pydantic_ai") is None, reason="the extra llm is not installed"
    ),
]
ANSWERS_BEFORE = 3
UNDER_WAY_MAX = 2
"""With one place: a request whose answer is taken, and the next one, sent meanwhile."""
SHARE_BEFORE = 100 * ANSWERS_BEFORE / projects.SMALL_TICKETS


@contextmanager
def waiting_model() -> Iterator[tuple[ScriptedServer, threading.Event]]:
    """Serve a model that answers a few times and then only when it is let go."""
    let_go = threading.Event()

    def answer(_asked: Asked) -> Act:
        if len(tickets_asked(server)) > ANSWERS_BEFORE:
            let_go.wait()
        return Say()

    with scripted_server(answer) as server:
        yield server, let_go
        let_go.set()


def progress_of(project: Path) -> float:
    """Return how far the session is, in percent."""
    with projects.opened(project) as pipeline:
        return pipeline.store.sessions.get(projects.SESSION).progress_percentage


def test_a_second_start_is_answered_with_the_first_and_a_cancel_stops_it_for_a_resume(
    project: Path, tmp_path: Path
) -> None:
    run_json("upload", projects.copy_small_sheets(tmp_path / "museum"))
    with waiting_model() as (server, let_go):
        lines = (
            "WRITER_MODEL=a-model",
            f"WRITER_BASE_URL={server.base_url('openai')}",
            "WRITER_CONCURRENCY=1",
        )
        (project / ".env").write_text("\n".join(lines), encoding="utf-8")
        first = fork(project, "jira-pipeline", "generate", "museum")
        wait_until(first, lambda: progress_of(project) > SHARE_BEFORE - 1)

        second = run_json("generate", "museum")
        some = run("generate", "museum", "--tickets", "1", "--json")
        refused = run("resume", "museum", "--json")
        run_json("cancel", "museum")
        let_go.set()
        code, output = finished(first)
        status = run_json("status", "museum")
        resumed = run_json("resume", "museum")

    started = second["started"]
    assert started["already_running"] is True
    assert started["task_id"] == status["run_id"]
    assert started["progress_percentage"] == pytest.approx(SHARE_BEFORE)
    assert (some.exit_code, some.json["error"]["code"]) == (3, "generation_running")
    assert refused.exit_code == 3
    assert "it goes on by itself" in refused.json["error"]["message"]
    assert code == 1, output[-3000:]
    assert f"cancelled after {ANSWERS_BEFORE + 1} of {projects.SMALL_TICKETS}" in " ".join(
        output.split()
    )
    assert (status["stage"], status["status"]) == ("processing", "cancelled")
    assert status["next_step"] == "Carry on: jira-pipeline resume museum"
    assert resumed["tickets"] == projects.SMALL_TICKETS
    assert len({asked.request for asked in tickets_asked(server)}) == projects.SMALL_TICKETS
    assert len(tickets_asked(server)) <= projects.SMALL_TICKETS + UNDER_WAY_MAX
