"""What Dagster knows of the runs of a session, for people who watch it."""

from collections.abc import Callable
from dataclasses import replace

import dagster as dg
import pytest

from jira_pipeline.defs.partitions import PARTITION_TAG
from jira_pipeline.defs.run_following import run_state
from jira_pipeline.domain.sessions import SessionStatus
from jira_pipeline.stages.session_status import RunState
from jira_pipeline_tests.stages.test_session_status import SESSION

AddRun = Callable[..., str]


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


@pytest.mark.parametrize(
    "status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED], ids=str
)
def test_a_run_that_is_to_begin_or_at_work_is_in_flight(
    instance: dg.DagsterInstance, add_run: AddRun, status: dg.DagsterRunStatus
) -> None:
    add_run(status)

    assert run_state(instance, SESSION) == RunState(word=status.value.lower(), is_in_flight=True)


def test_runs_of_other_sessions_do_not_count(instance: dg.DagsterInstance, add_run: AddRun) -> None:
    add_run(dg.DagsterRunStatus.STARTED, session_key="other")

    assert run_state(instance, SESSION) == RunState(word=None, is_in_flight=False)


def test_the_last_run_of_a_session_is_told_when_it_ended(
    instance: dg.DagsterInstance, add_run: AddRun
) -> None:
    run_id = add_run(dg.DagsterRunStatus.SUCCESS)

    found = run_state(instance, replace(SESSION, run_id=run_id))

    assert found == RunState(word="success", is_in_flight=False)


def test_a_killed_run_that_dagster_takes_for_started_is_not_at_work(
    instance: dg.DagsterInstance, add_run: AddRun
) -> None:
    """Watching would never end where no daemon closes it."""
    run_id = add_run(dg.DagsterRunStatus.STARTED)
    failed = replace(SESSION, run_id=run_id, status=SessionStatus.FAILED)

    assert run_state(instance, failed) == RunState(word="started", is_in_flight=False)


def test_a_run_of_an_undo_is_none_of_dagsters(instance: dg.DagsterInstance) -> None:
    found = run_state(instance, replace(SESSION, run_id="undo-20260329T010000-7"))

    assert found == RunState(word=None, is_in_flight=False)
