"""resume, cancel: what they refuse, what they carry on with, what they count."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import (  # noqa: TID251 - nothing public makes a queued run
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from jira_pipeline.cli.console import new_screen
from jira_pipeline.cli.context import run_for_session
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import new_run_id
from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.dagster_port.partitions import MAX_RETRIES_TAG, PARTITION_TAG
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.model.actions import action_text, line_of
from jira_pipeline.model.errors import CancelledError, RunDiedError
from jira_pipeline.model.runs import RunJob, RunOutcome, WantedRun
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions import status
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SMALL_TICKETS
from jira_pipeline_tests.unwritable_stores import only_read

pytestmark = pytest.mark.small_site
CREATED_BEFORE = 3
"""As in the trigger of `full_site`."""
EXPORT = WantedRun(session_key="museum", job=RunJob.EXPORT, by="ab")


class ScriptedRun:
    """A launcher whose only run does what a test says."""

    def __init__(self, work: Callable[[], RunOutcome]) -> None:
        self._work = work
        self._ended: RunOutcome | None = None

    def start(self, _wanted: WantedRun) -> str:
        self._ended = self._work()
        return self._ended.run_id

    def outcome(self, _run_id: str) -> RunOutcome | None:
        return self._ended


@contextmanager
def full_site(project: Path) -> Iterator[None]:
    """A site that breaks at the creation after the first few issues, as long as the block runs."""
    with closing(sqlite3.connect(load_settings(project).sandbox_path)) as connection:
        connection.execute(
            "CREATE TRIGGER full AFTER INSERT ON issue "
            "WHEN (SELECT count(*) FROM issue) > 3 "
            "BEGIN SELECT RAISE(ABORT, 'the disk of the site is full'); END"
        )
        connection.commit()
        yield
        connection.execute("DROP TRIGGER full")
        connection.commit()


@pytest.fixture(scope="module")
def failed_project(small_reviewed_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a session whose export failed after the first few issues; copied only."""
    folder = tmp_path_factory.mktemp("failed") / "project"
    with pytest.MonkeyPatch.context() as environment:
        projects.adopt(small_reviewed_project, folder, environment)
        run("tickets", "ready", "museum", "--all")
        run("export", "museum", "--plan")
        with full_site(folder):
            assert run("export", "museum").exit_code == 1
    return folder


@pytest.fixture
def failed(failed_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return projects.adopt(failed_project, tmp_path / "project", monkeypatch)


def issues_of(project: Path) -> int:
    with closing(sqlite3.connect(load_settings(project).sandbox_path)) as connection:
        return int(connection.execute("SELECT count(*) FROM issue").fetchone()[0])


def test_an_edit_does_not_wear_off_the_limit_of_retries(failed: Path) -> None:
    """One edit and the daemon's validation let people retry three times more."""
    with projects.opened(failed) as pipeline:
        for _ in range(3):
            at = pipeline.clock.now()
            pipeline.store.run_requests.add_retry("museum", by="ab", at=at, is_forced=False)
    run("tickets", "edit", "museum", "5", "--title", "Another title")
    run("validate", "museum")
    run("tickets", "ready", "museum", "--all")

    refused = run("resume", "museum", "--json")
    next_command = run_json("status", "museum")["next_command"]
    forced = run_json("resume", "museum", "--force")

    assert refused.json["error"]["code"] == "retries_exhausted"
    assert next_command == "jira-pipeline resume museum --force"
    assert forced["resumed"]["preserved_tickets"] == CREATED_BEFORE
    with projects.opened(failed) as pipeline:  # the export is completed
        assert pipeline.store.run_requests.retry_count("museum") == 0


@pytest.mark.parametrize("state", ["reviewed", "exported"])
def test_there_is_nothing_to_cancel_where_nothing_runs(
    state: str, request: pytest.FixtureRequest
) -> None:
    """A session that waited for its review was told that its run, long over, stops."""
    project = request.getfixturevalue(state)

    answer = run("cancel", "museum")

    assert answer.exit_code == 3
    assert "Nothing to cancel: nothing is running in session museum" in answer.words
    with projects.opened(project) as pipeline:
        assert not pipeline.store.sessions.is_cancel_requested("museum")


def test_a_session_whose_run_is_over_is_closed(reviewed: Path) -> None:
    run_id = a_run_of_dagster(dg.DagsterRunStatus.FAILURE)
    with projects.opened(reviewed) as pipeline:
        projects.show_run(pipeline, SessionStatus.RUNNING, run_id=run_id)

    answer = run_json("cancel", "museum")

    message = f"Run {run_id} was dead already; it is closed."
    ids = {"task_id": run_id, "run_id": run_id}
    closed = ids | {"became": "closed", "user_message": message}
    assert (answer["runs"], answer["status"]) == ([closed], "failed")


def test_a_session_that_waits_is_closed_where_its_run_was_terminated(reviewed: Path) -> None:
    """Between two tries it holds no lock; cancel said that nothing was running."""
    run_id = a_run_of_dagster(dg.DagsterRunStatus.CANCELED)
    with projects.opened(reviewed) as pipeline:
        waiting, stage = SessionStatus.WAITING, SessionStage.PROCESSING
        projects.show_run(pipeline, waiting, stage=stage, run_id=run_id)

    answer = run_json("cancel", "museum")

    assert ([one["became"] for one in answer["runs"]], answer["status"]) == (
        ["closed"],
        "cancelled",
    )


def a_run_of_dagster(
    status: dg.DagsterRunStatus, *, run_config: Mapping[str, object] | None = None
) -> str:
    """Let Dagster know of a run of the session, and return its id."""
    run_id, job = new_run_id(), "export_to_jira"
    location = RegisteredCodeLocationOrigin("jira_pipeline")
    with opened_instance() as instance:
        instance.add_run(
            dg.DagsterRun(
                job_name=job,
                run_id=run_id,
                status=status,
                run_config=run_config or {},
                tags={PARTITION_TAG: "museum"},
                remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(location, "all"), job),
            )
        )
    return run_id


def test_an_update_whose_process_was_killed_is_carried_on_as_one(
    exported: Path, tmp_path: Path
) -> None:
    folder = projects.copy_small_sheets(tmp_path / "museum")
    projects.rename_a_field(folder)
    run_json("upload", folder)
    run_json("generate", "museum")
    run("tickets", "ready", "museum", "--all")
    asked = {"ops": {"jira_issues": {"config": {"update": True, "leave": [1]}}}}
    run_id = a_run_of_dagster(dg.DagsterRunStatus.STARTED, run_config=asked)
    with projects.opened(exported) as pipeline:
        projects.show_run(pipeline, SessionStatus.RUNNING, run_id=run_id)
    leave_dead_lock(exported, run_id)

    answer = run_json("resume", "museum")

    assert len(answer["updated"]) == 1


def test_a_killed_export_is_ended_in_dagster_by_what_carries_on_with_it(failed: Path) -> None:
    """It showed as at work in Dagster for ever once somebody had looked at the session."""
    run_id = leave_dead_run(failed, "export_to_jira", stage=SessionStage.JIRA_EXPORT)
    seen = [run_json("status", "museum")["status"] for _ in range(2)]

    answer = run_json("resume", "museum")

    assert seen == ["failed", "failed"]
    assert answer["resumed"]["preserved_tickets"] == CREATED_BEFORE
    assert_ended_for_good(failed, run_id)


@pytest.mark.parametrize("options", [(), ("--force",)], ids=["same sheets", "other sheets since"])
def test_a_run_whose_lock_was_forgotten_is_ended_and_carried_on(
    reviewed: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """The folder of locks may be deleted, and an earlier version forgot single ones.

    On a lost machine it showed as at work in Dagster for ever, and the daemon might start another
    in its place, though other sheets came since.
    """
    run_id = leave_dead_run(reviewed, "generate_tickets", stage=SessionStage.PROCESSING)
    run_json("status", "museum")
    with projects.opened(reviewed) as pipeline:
        pipeline.store.run_locks.forget(run_id)
    if options:
        folder = projects.copy_small_sheets(tmp_path / "museum")
        projects.rename_a_field(folder)
        run_json("upload", folder)

    answer = run_json("resume", "museum", *options)

    assert answer["resumed"]["resuming_from"] == "intake"
    assert answer["tickets"] == SMALL_TICKETS
    assert_ended_for_good(reviewed, run_id)


def test_a_look_at_a_killed_export_need_not_store_what_it_found(failed: Path) -> None:
    """On a full disk, or with a store that may only be read, looking failed."""
    leave_dead_run(failed, "export_to_jira", stage=SessionStage.JIRA_EXPORT)
    with projects.opened(failed) as pipeline:
        stored = pipeline.store.sessions.get("museum")
        with only_read(pipeline):
            report = status.status(OpenSession(pipeline=pipeline, stored=stored))

        assert pipeline.store.sessions.get("museum").status is SessionStatus.RUNNING
    assert report.session.status is SessionStatus.FAILED
    assert line_of(report.next.action) == "Resume: jira-pipeline resume museum"


def leave_dead_run(project: Path, job_name: str, *, stage: SessionStage) -> str:
    """Leave what a killed run leaves: at work for Dagster and the store, a dead lock."""
    run_id = new_run_id()
    with opened_instance() as instance:
        instance.create_run_for_job(
            build_definitions().resolve_job_def(job_name),
            run_id=run_id,
            status=dg.DagsterRunStatus.STARTED,
            tags={"dagster/partition": "museum"},
        )
    with projects.opened(project) as pipeline:
        projects.show_run(pipeline, SessionStatus.RUNNING, stage=stage, run_id=run_id)
    leave_dead_lock(project, run_id)
    return run_id


def assert_ended_for_good(project: Path, run_id: str) -> None:
    """Dagster shows a run as failed, the daemon starts none in its place, its lock is gone."""
    with opened_instance() as instance:
        ended = instance.get_run_by_id(run_id)
    with projects.opened(project) as pipeline:
        is_dead = pipeline.store.run_locks.is_dead(run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE
    assert ended.tags[MAX_RETRIES_TAG] == "0"
    assert not is_dead


def test_an_export_that_was_broken_off_is_resumed_from_the_review_after_it(failed: Path) -> None:
    """A change and its validation lead there, and resume knew of no failed export any more.

    What the gate refuses is neither announced nor counted as a retry.
    """
    run("tickets", "edit", "museum", "1", "--title", "Another title")
    stale = run("resume", "museum")
    run("validate", "museum")
    waiting = run("resume", "museum")
    with projects.opened(failed) as pipeline:
        retries = pipeline.store.run_requests.retry_count("museum")
    run("tickets", "ready", "museum", "--all")

    answer = run_json("resume", "museum")

    assert (stale.exit_code, waiting.exit_code, retries) == (3, 3, 0)
    assert "✗ Re-validation required" in stale.words
    assert "mark them ready; 1 ticket is still to be reviewed." in stale.words
    assert "Retry" not in stale.words
    assert "for review" in waiting.words
    assert answer["resumed"]["preserved_tickets"] == CREATED_BEFORE
    assert answer["total_tickets_created"] == issues_of(failed) == SMALL_TICKETS


def test_a_run_that_was_stopped_between_two_steps_leaves_no_session_running(reviewed: Path) -> None:
    """No step hears of it there, so nobody stored it and the session showed as running."""
    with projects.opened(reviewed) as pipeline:

        def stop() -> RunOutcome:
            projects.show_run(pipeline, SessionStatus.RUNNING, run_id="r1")
            return RunOutcome(run_id="r1", is_success=False, is_cancelled=True)

        with pytest.raises(CancelledError):
            run_scripted(pipeline, stop)

        assert pipeline.store.sessions.get("museum").status is SessionStatus.CANCELLED


def run_scripted(pipeline: Pipeline, work: Callable[[], RunOutcome]) -> None:
    session = open_session(pipeline, "museum")
    run_for_session(new_screen(is_json=True), session, ScriptedRun(work), EXPORT)


def test_a_run_that_failed_without_storing_why_reports_it(reviewed: Path) -> None:
    failed = RunOutcome(
        run_id="r1", is_success=False, reason="The disk is full.", recovery_actions=("Make room.",)
    )
    with projects.opened(reviewed) as pipeline, pytest.raises(RunDiedError) as caught:
        run_scripted(pipeline, lambda: failed)

    assert caught.value.message == "Run r1 of session museum ended: The disk is full."
    actions = [action_text(action) for action in caught.value.recovery_actions]
    assert [text.split()[0] for text in actions] == ["Make", "Then"]


def leave_dead_lock(project: Path, run_id: str) -> None:
    """Leave what a killed process leaves: the file of its lock, which nobody holds."""
    with projects.opened(project) as pipeline, pipeline.store.run_locks.hold(run_id):
        (path,) = (pipeline.settings.home_path / "runs").glob("*.run")
        content = path.read_bytes()
    path.write_bytes(content)


def test_an_export_that_is_running_is_reported_instead_of_a_second_one(failed: Path) -> None:
    with projects.opened(failed) as pipeline:
        projects.show_run(pipeline, SessionStatus.RUNNING, run_id="r1")
        began = pipeline.store.sessions.get("museum").updated_at
        pipeline.store.sessions.set_progress("museum", percentage=50, text="x", at=began)
        (target,) = pipeline.store.ledger.targets_of("museum")

        with pipeline.store.leases.hold(target.target_id, holder="run r1"):
            answer = run_json("export", "museum")
            status = run_json("status", "museum")

    assert (answer["already_running"], answer["task_id"]) == (True, "r1")
    assert (answer["progress_percentage"], answer["total_tickets"]) == (50, SMALL_TICKETS)
    assert answer["started_at"] == began.isoformat()
    assert status["estimated_seconds_remaining"] >= 0
    assert issues_of(failed) == CREATED_BEFORE
