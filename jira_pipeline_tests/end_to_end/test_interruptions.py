"""Ctrl-C, by real signals: noticed and said wherever a step is, and at the second time obeyed."""

import importlib.util
import os
import signal
import tempfile
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path

import pytest

from jira_pipeline.context.interruptions import ENDING, STOPPING
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.end_to_end.interrupted import (
    HANDLED,
    become_interrupted,
    wait_for_another_try,
    work_on,
)
from jira_pipeline_tests.end_to_end.processes import Forked, finished
from jira_pipeline_tests.forking import CHILDREN
from jira_pipeline_tests.projects import SESSION, SMALL_TICKETS
from jira_pipeline_tests.writing.scripted_models import (
    Say,
    ScriptedServer,
    always,
    scripted_server,
)

pytestmark = pytest.mark.small_site

ENDED_SECONDS = 60.0
"""Far less than what is waited for."""


def fork_interrupted(project: Path, *command: object, at: str) -> Forked:
    """Start a command of ours that is interrupted where the function `at` begins."""
    output_path = Path(tempfile.mkdtemp(dir=project.parent)) / "output"
    environment = os.environ | {"DAGSTER_HOME": str(project)}  # noqa: TID251 - for the child
    child = CHILDREN.Process(
        target=become_interrupted,
        args=([str(part) for part in command],),
        kwargs={
            "at": at,
            "folder": project,
            "environment": environment,
            "output_path": output_path,
        },
    )
    child.start()
    return Forked(child, output_path)


def tries_of_tickets(server: ScriptedServer) -> list[int]:
    """Return of each request about a ticket how often that one was asked about by then."""
    return [asked.attempt for asked in server.asked if "<ticket>" in asked.last]


def test_an_upload_interrupted_while_it_reads_leaves_nothing(project: Path, sheets: Path) -> None:
    at = "jira_pipeline.sheets.upload_reading:group_tables"

    code, output = finished(fork_interrupted(project, "jira-pipeline", "upload", sheets, at=at))
    left = run_json("sessions")
    again = run_json("upload", sheets)

    assert (code, output) == (1, "Stopped. Finished work is kept.\n")
    assert left == []
    assert again["session_key"] == SESSION


@pytest.mark.skipif(
    importlib.util.find_spec("pydantic_ai") is None, reason="the extra llm is not installed"
)
def test_an_answer_that_is_being_parsed_at_ctrl_c_is_kept_and_that_it_stops_said_before(
    project: Path, sheets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_json("upload", sheets)
    monkeypatch.setenv("WRITER_MODEL", "a-model")
    monkeypatch.setenv("WRITER_CONCURRENCY", "1")
    at = "jira_pipeline.writing.models.conversation:json_in"

    with scripted_server(always(Say())) as server:
        monkeypatch.setenv("WRITER_BASE_URL", server.base_url("compatible"))
        code, output = finished(
            fork_interrupted(project, "jira-pipeline", "generate", SESSION, at=at)
        )
        before = tries_of_tickets(server)
        resumed = run_json("resume", SESSION)

    assert code == 1
    assert STOPPING in output
    assert "✗ Stopped. Finished work is kept.\n" in output
    assert "Traceback" not in output
    assert before in (
        [1],
        [1, 1],
    )  # the second is sent or not, by when the main thread has its turn
    assert tries_of_tickets(server) == [1] * SMALL_TICKETS
    assert resumed["tickets"] == SMALL_TICKETS


def test_a_wait_for_another_try_ends_at_the_first_ctrl_c() -> None:
    """Dagster kept it until the wait was over, which may be an hour, and the second one, too."""
    begun = CHILDREN.Event()
    child = CHILDREN.Process(target=wait_for_another_try, args=(begun,), daemon=True)
    child.start()
    assert begun.wait(ENDED_SECONDS)

    # The wait begins a moment later; one that comes before ends it all the same.
    os.kill(child.pid or 0, signal.SIGINT)
    child.join(ENDED_SECONDS)

    assert child.exitcode == 1


@pytest.mark.parametrize(
    ("ends_after", "ending_seconds", "said", "exit_code"),
    [
        pytest.param(2, 600.0, [STOPPING, "ended by itself"], 0, id="the command ends"),
        pytest.param(3, 0.1, [STOPPING, ENDING], 1, id="it goes on, and is ended"),
    ],
)
def test_a_second_ctrl_c_ends_what_does_not_end_by_itself(
    ends_after: int, ending_seconds: float, said: list[str], exit_code: int
) -> None:
    receiving, sending = Pipe(duplex=False)
    child = CHILDREN.Process(
        target=work_on,
        args=(sending,),
        kwargs={"ends_after": ends_after, "ending_seconds": ending_seconds},
        daemon=True,
    )
    child.start()
    sending.close()
    assert receiving.recv() == "ready"

    os.kill(child.pid or 0, signal.SIGINT)
    heard = [receiving.recv(), receiving.recv()]
    os.kill(child.pid or 0, signal.SIGINT)
    with suppress(EOFError):
        while receiving.poll(ENDED_SECONDS):
            heard.append(receiving.recv())
    child.join(ENDED_SECONDS)

    assert [text for text in heard if text != HANDLED] == said
    assert heard.count(HANDLED) == 2
    assert child.exitcode == exit_code
