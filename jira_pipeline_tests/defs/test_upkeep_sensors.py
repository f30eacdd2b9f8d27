"""What the daemon does for sessions by itself: validate again, export when asked, remove."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.context.upkeep import (
    TICK_FILE,
    TICKS_UP_TO,
    Upkeep,
    is_validated_by_daemon,
    upkeep_of,
)
from jira_pipeline.dagster_port.dagster_runs import DagsterRuns
from jira_pipeline.dagster_port.partitions import (
    PARTITION_TAG,
    PARTITIONS_NAME,
    register_partition,
    remove_partition,
)
from jira_pipeline.dagster_port.reports import report_out_of_date
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.sessions.request_sensor import requests_sensor
from jira_pipeline.defs.sessions.schedules import schedules_at
from jira_pipeline.defs.sessions.upkeep_sensors import outbox_sensor
from jira_pipeline.defs.sessions.upload_sensor import upload_sensor
from jira_pipeline.export import session_results
from jira_pipeline.export.exporting import compare_with_jira
from jira_pipeline.export.manual_fixes import finish_fixes
from jira_pipeline.jira.sandbox.sandbox_site import DONE
from jira_pipeline.model.errors import StoreError
from jira_pipeline.model.model_requests import KeptAnswer
from jira_pipeline.model.runs import DAEMON, RunRequest
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions import status
from jira_pipeline.sessions.cancelling import Cancelling, cancel
from jira_pipeline.sessions.upload import files_of_session, remove_session, sessions_with_files_left
from jira_pipeline_tests import projects
from jira_pipeline_tests.defs.looks import (
    Asked,
    checked,
    evaluated,
    latest,
    requests_of,
    rows_of,
    run_keys_of,
)
from jira_pipeline_tests.tables import each

Tick = Callable[[dg.SensorDefinition], Asked]


@pytest.fixture
def project(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A copy of the project whose session is exported, where a test asks for that, or validated."""
    is_completed = "completed" in request.fixturenames
    prepared = request.getfixturevalue(
        "small_exported_project" if is_completed else "small_reviewed_project"
    )
    return projects.adopt(prepared, tmp_path / "project", monkeypatch)


@pytest.fixture
def tick(instance: dg.DagsterInstance) -> Tick:
    return partial(evaluated, instance)


@pytest.fixture
def museum(project: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a validated session; edits need no rest."""
    monkeypatch.setenv("VALIDATE_SETTLE_SECONDS", "0")
    register_partition(instance, "museum")
    return project


def _edit(pipeline: Pipeline, title: str = "Another title") -> None:
    projects.rename_ticket(pipeline, "museum", 3, title)


def _reported(instance: dg.DagsterInstance) -> list[tuple[str | None, str | None]]:
    found = instance.fetch_materializations(dg.AssetKey("review"), limit=5).records
    events = [record.asset_materialization for record in found]
    return [(event.partition, event.description) for event in events if event is not None]


def _begun(
    instance: dg.DagsterInstance,
    job_name: str = "export_to_jira",
    status: dg.DagsterRunStatus = dg.DagsterRunStatus.NOT_STARTED,
    *,
    run_key: str | None = None,
) -> dg.DagsterRun:
    """A run of the session as the daemon makes it of a request."""
    tags = {PARTITION_TAG: "museum"} | ({"dagster/run_key": run_key} if run_key else {})
    job = build_definitions().resolve_job_def(job_name)
    return instance.create_run_for_job(job, tags=tags, status=status)


@pytest.mark.usefixtures("museum")
def test_decisions_are_reported_once_their_session_rests(
    pipeline: Pipeline, instance: dg.DagsterInstance, tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that wrote the tickets would hide what is newer."""
    run = _begun(instance, "validate_adf")
    _edit(pipeline)
    _edit(pipeline, "Another title again")

    tick(outbox_sensor)
    at_work = _reported(instance)
    instance.report_run_canceled(run)
    monkeypatch.setenv("VALIDATE_SETTLE_SECONDS", "3600")
    tick(outbox_sensor)
    edited = _reported(instance)
    monkeypatch.setenv("VALIDATE_SETTLE_SECONDS", "0")
    for _ in range(2):
        tick(outbox_sensor)

    assert (at_work, edited) == ([], [])
    assert _reported(instance) == [("museum", "edited 3, by ab.")]
    rows = rows_of(latest(instance, "review").metadata, "changes")
    assert [row["part"] for row in rows] == ["title", "title"]
    assert rows[0]["after"] == rows[1]["before"]
    assert rows[1]["after"] == "Another title again"


@pytest.mark.usefixtures("museum")
def test_a_configuration_in_the_inbox_is_compared_with_its_session_once_it_rests(
    pipeline: Pipeline, tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = pipeline.settings.inbox_path
    inbox.mkdir(exist_ok=True)
    for key in ("museum", "unknown"):
        (inbox / f"{key}.config.zip").write_bytes(b"PK")
    monkeypatch.setenv("UPLOAD_SETTLE_SECONDS", "3600")
    copied = tick(upload_sensor)
    monkeypatch.setenv("UPLOAD_SETTLE_SECONDS", "0")

    first, again = (run_keys_of(tick(upload_sensor)) for _ in range(2))
    (inbox / "museum.config.zip").write_bytes(b"PK another")
    (other,) = run_keys_of(tick(upload_sensor))

    assert run_keys_of(copied) == []
    assert first == again
    assert [str(key).split(":")[:2] for key in first] == [["verify_site", "museum"]]
    assert other not in first


@pytest.mark.usefixtures("museum")
def test_a_configuration_that_was_compared_is_not_compared_again_by_a_new_dagster(
    pipeline: Pipeline, instance: dg.DagsterInstance, tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster's run key alone remembered it: an older file would have replaced a newer comparison."""
    monkeypatch.setenv("UPLOAD_SETTLE_SECONDS", "0")
    pipeline.settings.inbox_path.mkdir(exist_ok=True)
    configuration = pipeline.settings.inbox_path / "museum.config.zip"
    configuration.write_bytes(b"PK")
    (run_key,) = run_keys_of(tick(upload_sensor))
    run = _begun(instance, "session_action", run_key=run_key)
    while_it_runs = run_keys_of(tick(upload_sensor))

    instance.delete_run(run.run_id)
    by_new_dagster = run_keys_of(tick(upload_sensor))
    configuration.touch()
    touched = run_keys_of(tick(upload_sensor))
    configuration.write_bytes(b"PK other")
    changed = run_keys_of(tick(upload_sensor))

    assert (while_it_runs, by_new_dagster, touched) == ([], [], [])
    assert len(changed) == 1


@pytest.mark.filterwarnings("ignore::dagster.BetaWarning")  # of Dagster's own, about itself
def test_an_edit_has_its_session_validated_once_and_what_is_no_edit_nothing(
    museum: Path, pipeline: Pipeline, instance: dg.DagsterInstance, tick: Tick
) -> None:
    definitions = build_definitions()
    cursor: dg.AssetDaemonCursor | None = None
    asked = []

    def evaluate() -> None:
        nonlocal cursor
        tick(outbox_sensor)
        found = dg.evaluate_automation_conditions(definitions, instance, cursor=cursor)
        cursor = found.cursor
        asked.append(found.get_requested_partitions(dg.AssetKey("adf_validation")))

    evaluate()
    for title in ("Another title", "A third title", "Another title"):
        _edit(pipeline, title)
        evaluate()
        evaluate()
        projects.execute(instance, museum, "validate_adf")
        evaluate()
    _edit(pipeline, "Validated by whoever marks it ready")
    approvals.mark_ready(open_session(pipeline, "museum"), [3], by="ab")
    evaluate()
    evaluate()

    edited = [{"museum"}, set(), set()]
    assert asked == [set(), *edited * 3, set(), set()]
    assert _reported(instance)[0] == ("museum", "edited 3; approved 3, by ab.")


def test_the_daemon_is_known_to_validate_as_long_as_it_looks(
    museum: Path, pipeline: Pipeline, tick: Tick
) -> None:
    """Commands advised to validate by hand what the daemon was about to validate."""
    _edit(pipeline)
    session = pipeline.store.sessions.get("museum")
    known = [is_validated_by_daemon(OpenSession(pipeline=pipeline, stored=session))]

    tick(outbox_sensor)
    known.append(is_validated_by_daemon(OpenSession(pipeline=pipeline, stored=session)))
    path = load_settings(museum).home_path / TICK_FILE
    long_ago = (pipeline.clock.now() - 2 * TICKS_UP_TO).timestamp()
    os.utime(path, (long_ago, long_ago))
    known.append(is_validated_by_daemon(OpenSession(pipeline=pipeline, stored=session)))

    assert known == [False, True, False]


@pytest.mark.usefixtures("museum")
def test_an_edit_while_tickets_are_validated_never_looks_validated(pipeline: Pipeline) -> None:
    """It was older than the validation and not in it: blocked, and nobody validated again."""

    class EditedMeanwhile:
        is_edited = False

        def now(self) -> datetime:
            if not self.is_edited:
                self.is_edited = True
                _edit(pipeline)
            return pipeline.clock.now()

    session = pipeline.store.sessions.get("museum")
    edited = replace(pipeline, clock=EditedMeanwhile())

    approvals.validate(OpenSession(pipeline=edited, stored=session), run_id=None)

    after = pipeline.store.sessions.get("museum")
    is_blocked = status.status(OpenSession(pipeline=pipeline, stored=after)).stale != ()
    needs = upkeep_of(after, now=pipeline.clock.now(), settle_seconds=0)
    assert is_blocked is (needs is Upkeep.VALIDATE)


def requested(pipeline: Pipeline, *, by: str, job_name: str = "export_to_jira") -> RunRequest:
    return pipeline.store.run_requests.request(
        "museum", job_name=job_name, task_id=by, by=by, at=pipeline.clock.now()
    )


@pytest.mark.usefixtures("museum")
def test_a_run_that_began_while_its_request_was_cancelled_is_stopped(
    pipeline: Pipeline, instance: dg.DagsterInstance, tick: Tick
) -> None:
    runs, request = DagsterRuns(instance, pipeline), requested(pipeline, by="ab")
    (key,) = run_keys_of(tick(requests_sensor))
    (cancelled,) = cancel(open_session(pipeline, "museum"), runs, by="cd").runs
    run = _begun(instance, status=dg.DagsterRunStatus.STARTING, run_key=key)

    after = tick(requests_sensor)

    assert cancelled.became is Cancelling.DEQUEUED
    assert requests_of(after) == []
    found = runs.find(request.task_id)
    assert found is not None
    assert (found.run_id, found.task_id, found.is_cancelled) == (run.run_id, request.task_id, True)
    assert pipeline.store.run_requests.unstarted() == ()


@pytest.mark.usefixtures("museum")
def test_a_daemon_beside_serve_starts_nothing_and_its_tick_says_why(
    pipeline: Pipeline, tick: Tick
) -> None:
    requested(pipeline, by="ab")

    with pipeline.store.leases.hold(DAEMON, holder="serve on front-1:3000, process 1"):
        refused = tick(requests_sensor)
    started = tick(requests_sensor)

    assert isinstance(refused, dg.SkipReason)
    assert "as serve on front-1:3000, process 1, since " in str(refused.skip_message)
    assert requests_of(started) == [("museum", "export_to_jira")]


@pytest.mark.usefixtures("museum")
def test_an_export_that_was_asked_for_is_started_once(
    pipeline: Pipeline, instance: dg.DagsterInstance, tick: Tick
) -> None:
    first, second = (requested(pipeline, by=person) for person in ("ab", "cd"))

    asked, again = tick(requests_sensor), tick(requests_sensor)
    (key,) = run_keys_of(asked)
    _begun(instance, status=dg.DagsterRunStatus.STARTED, run_key=key)
    started = tick(requests_sensor)

    assert first == second
    assert requests_of(asked) == [("museum", "export_to_jira")]
    assert requests_of(again) == []  # its own claim is not over yet
    assert requests_of(started) == []
    assert pipeline.store.run_requests.unstarted() == ()


@pytest.mark.usefixtures("museum")
def test_requests_of_a_session_that_dagster_forgot_are_started_in_one_look(
    pipeline: Pipeline, instance: dg.DagsterInstance, tick: Tick
) -> None:
    """Asking for a run of an unknown partition fails the whole tick, every time."""
    instance.delete_dynamic_partition(PARTITIONS_NAME, "museum")
    jobs = ("export_to_jira", "validate_adf")
    for job_name in jobs:
        requested(pipeline, by=job_name, job_name=job_name)

    result = tick(requests_sensor)

    assert requests_of(result) == [("museum", job_name) for job_name in jobs]
    assert instance.has_dynamic_partition(PARTITIONS_NAME, "museum")


def scheduled(
    name: str, *, export_at: time | None = None, zone: str = "UTC", **hours: str
) -> dg.ScheduleDefinition:
    found = schedules_at(export_at=export_at, timezone=zone, **hours)
    return next(one for one in found if one.name == f"{name}_schedule")


@each("name", ["retention", "comparison"])
def test_the_night_asks_for_one_run(name: str) -> None:
    schedule = scheduled(name)

    evaluated = schedule.evaluate_tick(dg.build_schedule_context())

    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert len(evaluated.run_requests or ()) == 1


def test_jira_is_compared_in_the_hours_that_are_set_too() -> None:
    schedule = scheduled("comparison", compare_hours="8-18")

    assert schedule.cron_schedule == ["0 4 * * *", "0 8-18 * * 1-5"]


def test_exports_are_due_at_the_time_that_is_set_and_never_without_one() -> None:
    at_eight = scheduled("export", export_at=time(20, 15), zone="Europe/Berlin")

    assert scheduled("export").default_status is dg.DefaultScheduleStatus.STOPPED
    assert at_eight.default_status is dg.DefaultScheduleStatus.RUNNING
    assert (at_eight.cron_schedule, at_eight.execution_timezone) == ("15 20 * * *", "Europe/Berlin")


def test_settings_that_cannot_be_used_do_not_keep_the_code_from_loading(project: Path) -> None:
    (project / ".env").write_text("EXPORT_AT=half past nine\n", encoding="utf-8")

    found = build_definitions(project_path=project).resolve_schedule_def("export_schedule")

    assert found.default_status is dg.DefaultScheduleStatus.STOPPED


@pytest.fixture
def completed(museum: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The session exported and completed, uploaded just now; RETENTION_DAYS is short."""
    os.utime(pipeline.settings.uploads_path / "museum")  # a copy is as old as what was copied
    monkeypatch.setenv("RETENTION_DAYS", "10")
    return museum


def _age(pipeline: Pipeline, *, days: int) -> None:
    """Put back everything that was done in the store, as if so many days had passed."""
    with closing(sqlite3.connect(pipeline.settings.home_path / "store.sqlite")) as store, store:
        refusing = "SELECT sql FROM sqlite_master WHERE name = 'audit_refuses_update'"
        (trigger,) = store.execute(refusing).fetchone()
        store.execute("DROP TRIGGER audit_refuses_update")
        for row_id, at in store.execute("SELECT sequence, at FROM audit").fetchall():
            store.execute(
                "UPDATE audit SET at = ? WHERE sequence = ?", (_earlier(at, days), row_id)
            )
        (created_at,) = store.execute("SELECT created_at FROM sessions").fetchone()
        store.execute("UPDATE sessions SET created_at = ?", (_earlier(created_at, days),))
        store.execute(trigger)


def _earlier(at: str, days: int) -> str:
    return (datetime.fromisoformat(at) - timedelta(days=days)).isoformat()


def _finish(pipeline: Pipeline) -> None:
    """Have people do all issues and manual fixes, and have Jira looked at."""
    session = open_session(pipeline, "museum")
    fixes = pipeline.store.manual_fixes.list_all("museum")
    finish_fixes(session, [fix.fix_id for fix in fixes], by="ab")
    with closing(sqlite3.connect(pipeline.settings.sandbox_path)) as sandbox, sandbox:
        sandbox.execute("UPDATE issue SET status_id = ?", (DONE.id,))
    compare_with_jira(session)


def test_an_issue_that_no_longer_says_what_its_ticket_says_shows_in_dagster(
    completed: Path, pipeline: Pipeline, instance: dg.DagsterInstance, tick: Tick
) -> None:
    """After changed sheets everything was green, and only the terminal knew.

    Dagster refused the second verdict, and every run that had one to report failed.
    """
    projects.execute(instance, completed, "export_to_jira")
    _edit(pipeline)
    tick(outbox_sensor)
    report_out_of_date(instance, open_session(pipeline, "museum"), run_id=None)

    found, _ = checked(instance, "jira_issues", "issues_match_tickets")

    assert found.partition == "museum"
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert found.metadata["out_of_date"].value == 1
    assert found.target_materialization_data is not None, "the page of partitions shows it as none"
    assert "export_to_jira" in str(found.metadata["next_step"].value)
    [change] = [str(row["change"]) for row in rows_of(found.metadata, "issues")]
    assert "its ticket, as `adf_validation` shows it" in change
    assert "or launch `export_to_jira` with `update: true`" in change


def test_an_export_that_is_refused_leaves_what_checks_said(
    completed: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    """Both were shown as failed themselves, though Jira is as it was."""
    projects.execute(instance, completed, "export_to_jira")
    _edit(pipeline)

    refused = projects.execute(instance, completed, "export_to_jira", raise_on_error=False)

    names = ("issues_match_tickets", "ledger_matches_jira")
    assert not refused.success
    assert [checked(instance, "jira_issues", name)[0].passed for name in names] == [False, True]


def _removed(pipeline: Pipeline, instance: dg.DagsterInstance, *, last_entry: int) -> bool:
    forget = partial(remove_partition, instance)
    return remove_session(pipeline, "museum", remove_partition=forget, last_entry=last_entry)


def _clean(project: Path, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    job = build_definitions(project_path=project).resolve_job_def("remove_expired_sessions")
    return job.execute_in_process(instance=instance, raise_on_error=False)


def test_a_completed_session_is_removed_with_files_and_partition_and_the_audit_stays(
    completed: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    """A week after it was announced, with answers of models that nobody used for long."""
    _finish(pipeline)
    _age(pipeline, days=10)
    files = files_of_session(pipeline, "museum")
    now = pipeline.clock.now()
    for answer_key, days in (("a" * 64, 91), ("b" * 64, 89)):
        pipeline.store.writing.keep_answer(
            KeptAnswer(
                answer_key=answer_key,
                writer="openai:small/1",
                answer_json="{}",
                fallback_reason="",
                at=now - timedelta(days=days),
            )
        )

    announced = _clean(completed, instance)
    is_there = pipeline.store.sessions.find("museum") is not None
    _age(pipeline, days=7)
    result = _clean(completed, instance)

    kept = [pipeline.store.writing.answer(letter * 64) is not None for letter in "ab"]
    assert announced.success
    assert is_there
    assert result.success
    assert {path.parent.name for path in files} >= {"uploads", "pages"}
    assert files_of_session(pipeline, "museum") == ()
    assert pipeline.store.sessions.find("museum") is None
    assert not instance.has_dynamic_partition(PARTITIONS_NAME, "museum")
    assert pipeline.store.audit.entries("museum")[-1].action == "session_removed"
    assert len(pipeline.store.ledger.targets_of("museum")) == 1
    assert kept == [False, True]


def test_a_session_with_a_run_in_flight_is_kept(
    completed: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    _finish(pipeline)
    _age(pipeline, days=10)
    _clean(completed, instance)
    _age(pipeline, days=7)
    _begun(instance)

    _clean(completed, instance)

    assert pipeline.store.sessions.get("museum").stage is SessionStage.COMPLETED
    assert instance.has_dynamic_partition(PARTITIONS_NAME, "museum")


def test_nothing_is_removed_where_nobody_set_how_long_sessions_are_kept(
    completed: Path,
    pipeline: Pipeline,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was on by default. Answers of models go after 90 days, uploads that nobody took after one."""
    monkeypatch.delenv("RETENTION_DAYS")
    _finish(pipeline)
    _age(pipeline, days=4_000)
    old = KeptAnswer(
        answer_key="a" * 64,
        writer="openai:small/1",
        answer_json="{}",
        fallback_reason="",
        at=pipeline.clock.now() - timedelta(days=91),
    )
    pipeline.store.writing.keep_answer(old)
    received = pipeline.settings.home_path / "incoming" / ".receiving-x"
    received.mkdir(parents=True)
    os.utime(received, (0, 0))

    results = [_clean(completed, instance) for _ in range(2)]

    assert [result.success for result in results] == [True, True]
    assert pipeline.store.sessions.find("museum") is not None
    assert pipeline.store.writing.answer(old.answer_key) is None
    assert not received.exists()


def test_what_an_interrupted_removal_left_is_removed_by_the_next(
    completed: Path,
    pipeline: Pipeline,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    last_entry = pipeline.store.audit.newest("museum")
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", refuse)
        with pytest.raises(StoreError, match="cannot be removed: access is denied"):
            _removed(pipeline, instance, last_entry=last_entry)
    left = files_of_session(pipeline, "museum")
    young = sessions_with_files_left(pipeline)
    os.utime(pipeline.settings.uploads_path / "museum", (0, 0))

    _clean(completed, instance)

    assert (left != (), young) == (True, ())
    assert files_of_session(pipeline, "museum") == ()


def test_a_session_that_was_taken_up_after_it_was_found_to_be_old_is_kept(
    completed: Path, pipeline: Pipeline, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """Between looking and removing somebody uploads corrected sheets: they were deleted."""
    last_entry = pipeline.store.audit.newest("museum")
    sheets = projects.copy_small_sheets(tmp_path / "corrected" / "museum")
    (sheets / "session.yaml").write_text("site_name: Another museum\n", "utf-8")
    projects.upload(completed, sheets, session_key="museum")

    is_removed = _removed(pipeline, instance, last_entry=last_entry)

    assert not is_removed
    assert pipeline.store.sessions.get("museum").site_name == "Another museum"
    assert instance.has_dynamic_partition(PARTITIONS_NAME, "museum")
    assert files_of_session(pipeline, "museum") != ()


def test_a_session_that_comes_back_after_its_removal_creates_no_issue_twice(
    completed: Path, pipeline: Pipeline, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    before = session_results.required_results(open_session(pipeline, "museum"))
    _clean(completed, instance)

    projects.upload(
        completed,
        projects.copy_small_sheets(tmp_path / "back" / "museum", is_auto_approved=True),
        session_key="museum",
        auto_approve=True,
    )
    projects.execute(instance, completed, "csv_to_jira")

    after = session_results.required_results(open_session(pipeline, "museum"))
    assert [t.jira_key for t in after.tickets] == [t.jira_key for t in before.tickets]
