"""Sessions under a real daemon and webserver: by themselves, through an outage, when asked for.

The site is the sandbox behind a socket, configured as a real Jira, so that faults strike on the
way to it. One set of programs serves all; what takes long is set in motion at its start.
"""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jira_pipeline.dagster_port.dagster_runs import opened_history
from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.end_to_end.live_dagster import (
    SITE_FILE,
    LiveDagster,
    Run,
    at_home,
    creations_in,
    run_that_waits,
    striking,
)
from jira_pipeline_tests.end_to_end.reading_back import read_issues
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultPlan
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import creation_fault

pytestmark = pytest.mark.xdist_group("live")

GENERATION = {"intake", "tickets", "adf_validation"}
CREATE, ATTACH, LINK = (
    f"jira_issues.{op}" for op in ("create_issues", "attach_files", "link_issues")
)
COPY_PAUSE_SECONDS = 0.1
PROJECT_OF = {"museum": "MUS", "outage": "OUT"}


def sheets_of(folder: Path, *, is_auto_approved: bool) -> Path:
    projects.copy_small_sheets(folder, is_auto_approved=is_auto_approved)
    wanted = f"jira_project_key: {PROJECT_OF[folder.name]}"
    projects.replace_in(folder / "session.yaml", "jira_project_key: UHR", wanted)
    return folder


def arrive(live: LiveDagster, folder: Path) -> None:
    folder.rename(live.inbox / folder.name)


@pytest.fixture(scope="module")
def _busy_site(live: LiveDagster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A session that approves itself arrives while Jira is busy."""
    folder = tmp_path_factory.mktemp("failing")
    for project_key in PROJECT_OF.values():
        live.site.ensure_project(project_key)
    with striking(live.site, creation_fault(kind=FaultKind.RATE_LIMITED, times=None, seconds=9)):
        arrive(live, sheets_of(folder / "outage", is_auto_approved=True))
        yield


@pytest.fixture(scope="module")
def outage(live: LiveDagster, _busy_site: None) -> tuple[Run, Run]:
    """The export is killed while it waits for Jira, which is well again before its next run."""
    with at_home(live.project), opened_instance() as instance:
        waiting = live.wait_for(lambda: run_that_waits(instance, "outage"), "an export that waits")
    os.kill(waiting.pid, signal.SIGKILL)
    failed = live.ended_run("outage", "csv_to_jira", status="FAILURE")
    live.site.faults.set_plan(FaultPlan())
    return failed, live.ended_run("outage", "csv_to_jira", status="SUCCESS", number=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What was seen of a folder that was copied slowly."""

    ticks_meanwhile: int
    runs_meanwhile: tuple[Run, ...]
    run: Run


@pytest.fixture(scope="module")
def arrival(
    live: LiveDagster, _busy_site: None, tmp_path_factory: pytest.TempPathFactory
) -> Arrival:
    """Half a folder is copied over two looks of the sensor, then the rest.

    A thread copies: the folder must not rest while Dagster is asked, however long that takes.
    """
    source = sheets_of(tmp_path_factory.mktemp("slow") / "museum", is_auto_approved=False)
    folder = live.inbox / "museum"
    folder.mkdir()
    first, *others = sorted(source.iterdir())
    before = live.tick_count("upload_sensor")

    content = first.read_bytes()
    (folder / first.name).write_bytes(content[: len(content) // 2])
    is_copied = threading.Event()

    def copy_on() -> None:
        while not is_copied.wait(COPY_PAUSE_SECONDS):
            (folder / first.name).write_bytes(content[: len(content) // 2])

    copying = threading.Thread(target=copy_on, daemon=True)
    copying.start()
    live.wait_for(lambda: live.tick_count("upload_sensor") >= before + 2, "two looks at the inbox")
    ticks, runs = live.tick_count("upload_sensor") - before, live.runs("museum")
    is_copied.set()
    copying.join()
    for path in (first, *others):
        shutil.copy(path, folder)
    run = live.ended_run("museum", "generate_tickets", status="SUCCESS")
    return Arrival(ticks_meanwhile=ticks, runs_meanwhile=runs, run=run)


def issues_of(live: LiveDagster, session_key: str) -> list[str]:
    found = read_issues(live.project.parent / SITE_FILE)
    return [one.summary for one in found if one.key.startswith(f"{PROJECT_OF[session_key]}-")]


def assert_exported_once(live: LiveDagster, session_key: str) -> None:
    with projects.opened(live.project) as pipeline:
        session = pipeline.store.sessions.get(session_key)
        titles = [ticket.title for ticket in pipeline.store.tickets.list_all(session_key)]
    assert sorted(issues_of(live, session_key)) == sorted(titles)
    assert creations_in(live, PROJECT_OF[session_key]) == projects.SMALL_TICKETS
    assert (session.stage, session.status) == (SessionStage.COMPLETED, SessionStatus.COMPLETED)


def test_a_folder_copied_slowly_becomes_validated_tickets_without_a_hand(
    live: LiveDagster, arrival: Arrival
) -> None:
    runs = [run.run_id for run in live.runs("museum") if run.job_name == "generate_tickets"]
    with projects.opened(live.project) as pipeline:
        validation = pipeline.store.validations.latest("museum")

    assert arrival.ticks_meanwhile >= 2
    assert arrival.runs_meanwhile == ()
    assert runs == [arrival.run.run_id]
    assert arrival.run.tags["dagster/sensor_name"] == "upload_sensor"
    assert arrival.run.step_keys >= GENERATION
    assert validation is not None
    assert [result.is_passed for result in validation.results] == [True] * projects.SMALL_TICKETS


def test_a_run_whose_process_is_killed_is_executed_again_from_where_it_was(
    live: LiveDagster, outage: tuple[Run, Run]
) -> None:
    killed, retried = outage

    assert killed.step_keys >= {*GENERATION, CREATE}
    assert ATTACH not in killed.step_keys
    assert retried.parent_run_id == killed.run_id
    with (
        at_home(live.project),
        projects.opened(live.project) as pipeline,
        opened_history(pipeline) as runs,
    ):
        seen = runs.find(retried.run_id)
    assert seen is not None
    assert seen.task_id == killed.run_id
    assert retried.step_keys >= {CREATE, ATTACH, LINK, "export_report"}
    assert retried.step_keys & GENERATION == set()
    assert_exported_once(live, "outage")


@pytest.mark.usefixtures("arrival", "outage")
def test_a_queued_export_is_started_by_the_daemon_and_completes(live: LiveDagster) -> None:
    with at_home(live.project):
        run_json("tickets", "ready", "museum", "--all")
        queued = run_json("export", "museum", "--queue", "--yes")

    run = live.ended_run("museum", "export_to_jira", status="SUCCESS")

    assert queued["queued"] is True
    assert run.tags["dagster/sensor_name"] == "requests_sensor"
    assert_exported_once(live, "museum")
