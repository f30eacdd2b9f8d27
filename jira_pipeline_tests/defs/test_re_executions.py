"""Runs that are executed again: counted where people do it; what a terminal's run says instead."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.dagster_runs import DagsterRuns
from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.dagster_port.partitions import register_partition
from jira_pipeline.dagster_port.re_executions import RETRY_NUMBER_TAG
from jira_pipeline.dagster_port.run_launchers import InProcessRuns, QueuedRuns
from jira_pipeline.defs.build import job_named
from jira_pipeline.model.runs import RunJob, WantedRun
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.model.work_records import RETRIES_MAX
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.starting import begin_resume, start_export
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION

pytestmark = pytest.mark.small_site
OF_SESSION = {"dagster/partition": SESSION}
INSTEAD = f"Instead: jira-pipeline resume {SESSION}, or launch export_to_jira for its partition."


@pytest.fixture
def of_home(reviewed: Path) -> Iterator[Pipeline]:
    with projects.opened(reviewed) as pipeline:
        yield pipeline


@pytest.fixture
def home(of_home: Pipeline) -> Iterator[dg.DagsterInstance]:
    """The instance of a home whose one session waits for a review."""
    with opened_instance() as instance:
        register_partition(instance, of_home.store.sessions.get(SESSION).session_key)
        yield instance


def executed(
    instance: dg.DagsterInstance,
    job_name: str = RunJob.EXPORT,
    *,
    of: str | None = None,
    tags: dict[str, str] | None = None,
    run_config: dict[str, object] | None = None,
) -> dg.DagsterRun:
    """Execute a job as `dagster job execute` does, or what failed of a run once more."""
    job = dg.build_reconstructable_job(job_named.__module__, job_named.__name__, (str(job_name),))
    again = None if of is None else dg.ReexecutionOptions.from_failure(of, instance)
    # Its result is not opened: that sets the resources up again, and logs it.
    result = dg.execute_job(
        job,
        instance=instance,
        tags=OF_SESSION | (tags or {}),
        reexecution_options=again,
        run_config=run_config,
    )
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    return run


def last_event(instance: dg.DagsterInstance, run_id: str) -> str:
    """Return what the last event of a run says, with its error."""
    records = instance.get_records_for_run(run_id).records
    event = max(records, key=lambda record: record.storage_id).event_log_entry.dagster_event
    assert event is not None
    error = event.job_failure_data.error if event.is_failure else None
    return f"{event.message} {error.message if error else ''}".strip()


def steps_of(instance: dg.DagsterInstance, run_id: str) -> set[str | None]:
    logs = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_START)
    return {entry.step_key for entry in logs}


def test_a_run_of_a_terminal_says_last_why_it_failed_and_what_to_do_instead_of_re_executing_it(
    home: dg.DagsterInstance,
) -> None:
    """The button of Dagster's pages ends in a Python error for it."""
    run = executed(home)

    said = last_event(home, run.run_id)
    assert "Step jira_issues.create_issues failed:" in said
    assert "tickets wait for review" in said
    assert said.endswith(INSTEAD)
    assert run.tags["jira_pipeline/instead_of_re_execution"] == (
        f"jira-pipeline resume {SESSION}, or launch export_to_jira for its partition"
    )
    assert run.tags["dagster/max_retries"] == "0"


def test_a_run_of_a_command_says_it_after_its_end(
    home: dg.DagsterInstance, of_home: Pipeline
) -> None:
    runs = InProcessRuns(home, of_home, job_named)

    run_id = runs.start(WantedRun(session_key=SESSION, job=RunJob.EXPORT, by="test"))

    assert last_event(home, run_id).endswith(INSTEAD)


def test_a_re_execution_by_a_person_counts_and_after_three_retries_nothing_begins(
    home: dg.DagsterInstance, of_home: Pipeline
) -> None:
    """Three retries had failed, and a click went to Jira once more."""
    retries = of_home.store.run_requests
    failed = executed(home)
    for _ in range(RETRIES_MAX - 1):
        retries.add_retry(SESSION, by="test", at=of_home.clock.now(), is_forced=False)

    break_off(of_home)
    by_daemon = executed(home, of=failed.run_id, tags={RETRY_NUMBER_TAG: "1"})
    after_daemon = retries.retry_count(SESSION)
    break_off(of_home)
    counted = executed(home, of=failed.run_id)
    after_person = retries.retry_count(SESSION)
    break_off(of_home)
    refused = executed(home, of=failed.run_id)

    create = {"jira_issues.create_issues"}
    assert (steps_of(home, by_daemon.run_id), after_daemon) == (create, RETRIES_MAX - 1)
    assert (steps_of(home, counted.run_id), after_person) == (create, RETRIES_MAX)
    assert steps_of(home, refused.run_id) == set()
    assert "Maximum retry attempts (3) exceeded for the export" in last_event(home, refused.run_id)
    assert retries.retry_count(SESSION) == RETRIES_MAX
    assert of_home.store.sessions.get(SESSION).status is SessionStatus.FAILED


def break_off(pipeline: Pipeline) -> None:
    """Let the export of the session have failed."""
    projects.show_run(pipeline, SessionStatus.FAILED)


def test_a_retry_is_counted_where_something_broke_off(
    home: dg.DagsterInstance, of_home: Pipeline
) -> None:
    failed = executed(home)  # a gate refused it, and nothing was begun

    executed(home, of=failed.run_id)

    assert of_home.store.run_requests.retry_count(SESSION) == 0


def test_what_does_other_work_than_broke_off_is_no_retry(
    home: dg.DagsterInstance, of_home: Pipeline
) -> None:
    """It could not even be settled any more, in which a person looks up what broke off."""
    config: dict[str, object] = {
        "ops": {"act": {"config": {"action": {"settle": {}}}}},
    }
    failed = executed(home, "session_action", run_config=config)

    break_off(of_home)
    executed(home, "session_action", of=failed.run_id, run_config=config)

    assert of_home.store.run_requests.retry_count(SESSION) == 0


def test_two_starts_of_one_export_say_the_same_time(
    home: dg.DagsterInstance, of_home: Pipeline
) -> None:
    session = open_session(of_home, SESSION)
    mark_ready(session, None, by="test")
    runs = QueuedRuns(home, of_home)

    first = start_export(session.reload(), runs, by="test")
    second = start_export(session.reload(), runs, by="test")

    assert (second.task_id, second.is_already_running) == (first.task_id, True)
    assert second.started_at == first.started_at


def test_an_upload_that_went_on_in_a_terminal_is_carried_on_as_the_job_whose_work_it_did(
    home: dg.DagsterInstance, of_home: Pipeline
) -> None:
    """Its run is of a job that takes another configuration, and was not known to export."""
    config = {"register_session": {"config": {"session_key": SESSION, "then": "export"}}}
    writing = {"tickets": {"config": {"writer": "nonesuch"}}}
    executed(home, "upload_session", run_config={"ops": config | writing})
    session = open_session(of_home, SESSION)
    runs = InProcessRuns(home, of_home, job_named)

    _, wanted = begin_resume(session, runs, by="test", is_forced=False)
    run_id = runs.start(wanted)

    latest = DagsterRuns(home, of_home).latest(SESSION)
    assert wanted.job is RunJob.WHOLE
    assert latest is not None
    assert (latest.run_id, latest.status) == (run_id, "success")
