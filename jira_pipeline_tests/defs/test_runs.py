"""What Dagster knows of the runs of a session: for people who watch, and for a resume."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import new_run_id, run_state
from jira_pipeline.context.states import RunState
from jira_pipeline.dagster_port.dagster_runs import DagsterRuns
from jira_pipeline.dagster_port.partitions import PARTITION_TAG
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline_tests.sessions.test_session_status import SESSION

AddRun = Callable[..., str]
BEGUN = dg.DagsterRunStatus.STARTED


@pytest.fixture
def add_run(instance: dg.DagsterInstance) -> AddRun:
    """Add a run of a session with a status, or one that carries on with another; return its id."""

    def add(
        status: dg.DagsterRunStatus = dg.DagsterRunStatus.NOT_STARTED,
        *,
        session_key: str = "site",
        of: str | None = None,
        tags: Mapping[str, str] = {},
    ) -> str:
        run = dg.DagsterRun(
            job_name="export_to_jira",
            run_id=new_run_id(),
            status=status,
            tags={PARTITION_TAG: session_key, **tags},
            parent_run_id=of,
            root_run_id=of,
        )
        return instance.add_run(run).run_id

    return add


@pytest.mark.parametrize(
    ("added", "changes", "word", "is_in_flight"),
    [
        ({"status": BEGUN, "session_key": "other"}, {"run_id": None}, None, False),
        ({"status": dg.DagsterRunStatus.NOT_STARTED}, {}, "not_started", True),
        ({"status": BEGUN}, {}, "started", True),
        ({"status": BEGUN}, {"status": SessionStatus.FAILED}, "started", False),
        ({"status": dg.DagsterRunStatus.SUCCESS}, {}, "success", False),
        ({}, {"run_id": "undo-20260329T010000-7"}, None, False),
    ],
    ids=["of another session", "to begin", "at work", "killed", "ended", "of an undo"],
)
def test_the_last_run_of_a_session_is_shown_and_is_in_flight_until_it_ended(
    pipeline: Pipeline,
    instance: dg.DagsterInstance,
    add_run: AddRun,
    *,
    added: dict[str, Any],
    changes: dict[str, Any],
    word: str | None,
    is_in_flight: bool,
) -> None:
    """Watching a killed one, which Dagster takes for started, would never end without a daemon."""
    run_id = add_run(**added) if added else None
    session = replace(SESSION, **{"run_id": run_id} | changes)
    opened = OpenSession(pipeline=pipeline, stored=session)

    found = run_state(opened, DagsterRuns(instance, pipeline))

    assert found == RunState(word=word, is_in_flight=is_in_flight)


def test_what_the_daemon_executes_again_stays_the_task_that_was_asked_for(
    add_run: AddRun, instance: dg.DagsterInstance, pipeline: Pipeline
) -> None:
    """Whoever polled got another task id with each re-execution; a retry of people is a new task."""
    first = add_run()
    second = add_run(of=first, tags={"dagster/retry_number": "1"})
    third = add_run(of=second, tags={"dagster/retry_number": "2"})
    retried = add_run(of=third)

    runs = [
        DagsterRuns(instance, pipeline).find(run_id) for run_id in (retried, third, second, first)
    ]

    assert [run and run.task_id for run in runs] == [retried, first, first, first]
