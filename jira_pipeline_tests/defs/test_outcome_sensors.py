"""Sensors that close what ended runs left open: failed, cancelled, killed; and who is told."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.ended_runs import close_dead
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import Step
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.sessions.delivery_sensor import webhook_sensor
from jira_pipeline.defs.sessions.outcome_sensors import (
    dead_run_sensor,
    run_cancel_sensor,
    run_failure_sensor,
)
from jira_pipeline.model.runs import DAEMON
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.status import what_is_next
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.test_carrying_on import leave_dead_lock
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.defs.looks import evaluated

HOOK = "https://hooks.example.org/canary-path-81c2"


@pytest.fixture
def at_work(project: Path, sheets: Path, pipeline: Pipeline) -> Pipeline:
    """A pipeline whose session `museum` shows as being exported."""
    projects.upload(project, sheets)
    return pipeline


@dg.op
def _work() -> None:
    """Do nothing."""


@dg.job
def _some_job() -> None:
    _work()


def run_of(instance: dg.DagsterInstance, pipeline: Pipeline) -> dg.DagsterRun:
    """Run a job for the session, and leave the session as if it were still at work."""
    result = _some_job.execute_in_process(instance=instance, tags={"dagster/partition": "museum"})
    projects.show_run(pipeline, SessionStatus.RUNNING, run_id=result.run_id)
    return result.dagster_run


def status_of(pipeline: Pipeline) -> str:
    return pipeline.store.sessions.get("museum").status.value


def begun(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED
) -> dg.DagsterRun:
    """A run of the session that does nothing."""
    tags = {"dagster/partition": "museum"}
    return instance.create_run_for_job(_some_job, tags=tags, status=status)


def report_failure(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    context = dg.build_run_status_sensor_context(
        sensor_name="run_failure_sensor",
        dagster_event=instance.report_run_failed(run, "it could not be started"),
        dagster_instance=instance,
        dagster_run=run,
    )
    with context.for_run_failure() as failure:
        run_failure_sensor(failure)


def look_for_the_dead(instance: dg.DagsterInstance) -> str | None:
    reason = evaluated(instance, dead_run_sensor)
    assert isinstance(reason, dg.SkipReason)
    return reason.skip_message


def test_a_cancelled_run_leaves_its_session_cancelled(
    at_work: Pipeline, instance: dg.DagsterInstance
) -> None:
    run = run_of(instance, at_work)
    event = instance.report_run_canceled(run, "terminated")
    context = dg.build_run_status_sensor_context(
        sensor_name="run_cancel_sensor",
        dagster_event=event,
        dagster_instance=instance,
        dagster_run=run,
    )

    with context:
        run_cancel_sensor(context)

    assert status_of(at_work) == "cancelled"
    assert at_work.store.errors.list_all("museum") == ()


def test_a_run_that_could_not_be_started_is_waited_for_until_dagster_gives_up(
    at_work: Pipeline, instance: dg.DagsterInstance
) -> None:
    """Ten of ten sessions failed "without saying why", while Dagster started their runs again."""
    run = begun(instance, dg.DagsterRunStatus.STARTING)
    shown = []

    for will_retry in ("true", "false"):
        instance.add_run_tags(run.run_id, {"dagster/will_retry": will_retry})
        report_failure(instance, run)
        shown.append((status_of(at_work), len(at_work.store.errors.list_all("museum"))))

    assert shown == [("idle", 0), ("failed", 1)]
    [error] = at_work.store.errors.list_all("museum")
    assert "Dagster could not start it" in error.message


@pytest.mark.usefixtures("at_work")
def test_ended_runs_of_which_one_is_passed_over_are_looked_at_in_one_tick(
    instance: dg.DagsterInstance,
) -> None:
    """Dagster took a reason for a skip beside them as a mistake, and looked no further."""
    sensor = build_definitions().resolve_sensor_def("run_failure_sensor")
    with dg.build_sensor_context(instance=instance) as context:
        sensor.evaluate_tick(context)
    for tags in ({"dagster/partition": "museum"}, {}):
        result = _some_job.execute_in_process(instance=instance, tags=tags)
        instance.report_run_failed(result.dagster_run, "it failed")

    cursor = context.cursor
    with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
        looked = sensor.evaluate_tick(context)

    assert len(looked.dagster_run_reactions or ()) == 2


def test_a_run_of_no_session_is_passed_over(
    at_work: Pipeline, instance: dg.DagsterInstance
) -> None:
    run = _some_job.execute_in_process(instance=instance).dagster_run
    projects.show_run(at_work, SessionStatus.RUNNING, run_id="another")

    report_failure(instance, run)

    assert status_of(at_work) == "running"


@pytest.mark.parametrize(
    ("is_looked_at", "before", "after"),
    [
        (False, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE),
        (True, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE),
        (False, dg.DagsterRunStatus.CANCELING, dg.DagsterRunStatus.CANCELED),
    ],
    ids=["unseen", "seen", "terminated"],
)
def test_a_killed_run_is_ended_in_dagster_and_in_the_store(
    at_work: Pipeline,
    project: Path,
    instance: dg.DagsterInstance,
    *,
    is_looked_at: bool,
    before: dg.DagsterRunStatus,
    after: dg.DagsterRunStatus,
) -> None:
    """A look with `status` closes the session, and Dagster's run was at work for ever after it.

    One that people terminated is not started again where its machine was gone.
    """
    run = begun(instance, before)
    projects.show_run(at_work, SessionStatus.RUNNING, run_id=run.run_id)
    leave_dead_lock(project, run.run_id)
    if is_looked_at:
        close_dead(open_session(at_work, "museum"))

    reasons = [look_for_the_dead(instance) for _ in range(2)]

    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.status is after
    assert status_of(at_work) == "failed"
    ended_now = "Every active run is alive." if is_looked_at else "Ended: museum."
    assert reasons == [ended_now, "Every active run is alive."]
    assert not at_work.store.run_locks.is_dead(run.run_id)


def test_for_two_minutes_after_the_death_of_a_run_its_next_step_is_the_daemons(
    at_work: Pipeline, project: Path
) -> None:
    """Where there is one; people were told to carry on."""
    projects.show_run(at_work, SessionStatus.RUNNING, run_id="r1")
    leave_dead_lock(project, "r1")
    session = close_dead(open_session(at_work, "museum"))
    later = replace(at_work, clock=MovableClock(ahead=timedelta(minutes=3)))

    alone = what_is_next(session).step
    with at_work.store.leases.hold(DAEMON, holder="another program"):
        beside = [what_is_next(open_session(one, "museum")).step for one in (at_work, later)]

    assert (alone, *beside) == (Step.WRITE, Step.WAIT, Step.WRITE)


@pytest.mark.parametrize("lives", [False, True])
def test_an_undo_is_closed_and_its_lock_forgotten_once_it_was_killed(
    at_work: Pipeline, project: Path, instance: dg.DagsterInstance, *, lives: bool
) -> None:
    """It is no run of Dagster, so nothing ends there."""
    projects.show_run(at_work, SessionStatus.RUNNING, run_id="undo-1")
    if not lives:
        leave_dead_lock(project, "undo-1")

    with at_work.store.run_locks.hold("undo-1") if lives else nullcontext():
        look_for_the_dead(instance)

    assert status_of(at_work) == ("running" if lives else "failed")
    assert not at_work.store.run_locks.is_dead("undo-1")


def test_a_run_that_died_before_it_came_to_its_session_is_ended_too(
    project: Path, at_work: Pipeline, instance: dg.DagsterInstance
) -> None:
    """Reading the sheets leaves no trace in the store, and retention waited for such a run."""
    run = begun(instance)
    projects.show_run(at_work, SessionStatus.WAITING, stage=SessionStage.REVIEW, run_id="earlier")
    leave_dead_lock(project, run.run_id)

    look_for_the_dead(instance)

    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE
    assert status_of(at_work) == "waiting"
    assert not at_work.store.run_locks.is_dead(run.run_id)


@pytest.mark.parametrize(("webhook", "is_running"), [(HOOK, True), ("", False)])
def test_ends_that_nobody_is_told_of_are_not_looked_for(
    project: Path, webhook: str, *, is_running: bool
) -> None:
    """Each look took a tenth of a second, every half minute, to find that there is no webhook."""
    (project / ".env").write_text(f"NOTIFY_WEBHOOK_URL={webhook}\n", encoding="utf-8")

    definitions = build_definitions(project_path=project)

    sensors = ("run_success_sensor", "webhook_sensor")
    statuses = {definitions.resolve_sensor_def(name).default_status for name in sensors}
    assert statuses == {dg.DefaultSensorStatus("RUNNING" if is_running else "STOPPED")}


@pytest.mark.usefixtures("at_work")
def test_the_sensor_of_messages_says_what_it_delivered(instance: dg.DagsterInstance) -> None:
    reason = evaluated(instance, webhook_sensor(is_notifying=True))

    assert isinstance(reason, dg.SkipReason)
    assert reason.skip_message == "Nothing to deliver."


def test_the_end_of_a_run_that_is_seen_twice_waits_once_in_the_outbox(
    at_work: Pipeline, project: Path, instance: dg.DagsterInstance
) -> None:
    """It names the task that the API answered, and the run."""
    (project / ".env").write_text(f"NOTIFY_WEBHOOK_URL={HOOK}\n", encoding="utf-8")
    run = run_of(instance, at_work)

    for _ in range(2):
        report_failure(instance, run)

    [waiting] = at_work.store.webhook_deliveries.of_session("museum", limit=9)
    assert waiting.message is not None
    assert (waiting.message["event"], waiting.message["status"]) == ("run_failed", "failed")
    assert (waiting.message["task_id"], waiting.message["run_id"]) == (run.run_id, run.run_id)
