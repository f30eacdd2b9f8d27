"""What Dagster knows of the runs of a session: for people who watch, and for a resume."""

from collections.abc import Callable
from dataclasses import replace

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import run_state
from jira_pipeline.context.states import RunState
from jira_pipeline.dagster_port.dagster_runs import DagsterRuns
from jira_pipeline.dagster_port.partitions import PARTITION_TAG
from jira_pipeline.model.sessions import SessionStatus, UploadSession
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline_tests.sessions.test_session_status import SESSION

AddRun = Callable[..., str]
Look = Callable[[UploadSession], RunState]


@pytest.fixture
def add_run(instance: dg.DagsterInstance) -> AddRun:
    """Add a run of a session with a status, and return its id."""

    def add(status: dg.DagsterRunStatus, *, session_key: str = "site") -> str:
        run = instance.add_run(
            dg.DagsterRun(
                job_name="export_to_jira",
                run_id=dg.DagsterRun(job_name="export_to_jira").run_id,
                status=status,
                tags={PARTITION_TAG: session_key},
            )
        )
        return run.run_id

    return add


@pytest.fixture
def look(instance: dg.DagsterInstance, pipeline: Pipeline) -> Look:
    """Look at a session as `status --watch` does."""

    def look(stored: UploadSession) -> RunState:
        return run_state(
            OpenSession(pipeline=pipeline, stored=stored), DagsterRuns(instance, pipeline)
        )

    return look


@pytest.mark.parametrize(
    "status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED], ids=str
)
def test_a_run_that_is_to_begin_or_at_work_is_in_flight(
    look: Look, add_run: AddRun, status: dg.DagsterRunStatus
) -> None:
    add_run(status)

    assert look(SESSION) == RunState(word=status.value.lower(), is_in_flight=True)


def test_runs_of_other_sessions_do_not_count(look: Look, add_run: AddRun) -> None:
    add_run(dg.DagsterRunStatus.STARTED, session_key="other")

    assert look(SESSION) == RunState(word=None, is_in_flight=False)


def test_the_last_run_of_a_session_is_shown_when_it_ended(look: Look, add_run: AddRun) -> None:
    run_id = add_run(dg.DagsterRunStatus.SUCCESS)

    found = look(replace(SESSION, run_id=run_id))

    assert found == RunState(word="success", is_in_flight=False)


def test_a_killed_run_that_dagster_takes_for_started_is_not_at_work(
    look: Look, add_run: AddRun
) -> None:
    """Watching would never end where no daemon closes it."""
    run_id = add_run(dg.DagsterRunStatus.STARTED)
    failed = replace(SESSION, run_id=run_id, status=SessionStatus.FAILED)

    assert look(failed) == RunState(word="started", is_in_flight=False)


def test_a_run_of_an_undo_is_none_of_dagsters(look: Look) -> None:
    found = look(replace(SESSION, run_id="undo-20260329T010000-7"))

    assert found == RunState(word=None, is_in_flight=False)


def test_what_the_daemon_executes_again_stays_the_task_that_was_asked_for(
    instance: dg.DagsterInstance, pipeline: Pipeline
) -> None:
    """Whoever polled got another task id with each re-execution; a retry of people is a new task."""
    first = add_execution(instance)
    second = add_execution(instance, of=first, tags={"dagster/retry_number": "1"})
    third = add_execution(instance, of=second, tags={"dagster/retry_number": "2"})
    retried = add_execution(instance, of=third)

    runs = [
        DagsterRuns(instance, pipeline).find(run_id) for run_id in (retried, third, second, first)
    ]

    assert [run and run.task_id for run in runs] == [retried, first, first, first]


def add_execution(
    instance: dg.DagsterInstance, *, of: str | None = None, tags: dict[str, str] | None = None
) -> str:
    """Add a run that carries on with another one; return its id."""
    run = dg.DagsterRun(
        job_name="export_to_jira",
        run_id=dg.DagsterRun(job_name="export_to_jira").run_id,
        tags={PARTITION_TAG: "site"} | (tags or {}),
        parent_run_id=of,
        root_run_id=of,
    )
    return instance.add_run(run).run_id
