"""The two ways of starting a run: both answer with an id, by which its outcome is read.

The queue is asked through Dagster's own schema with a code server, so an upgrade that changes
either is seen; no daemon runs what is queued.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import httpx
import pytest
from dagster._core.workspace.context import (  # noqa: TID251 - what a webserver is made of
    WorkspaceProcessContext,
)
from dagster._core.workspace.load_target import (  # noqa: TID251 - as above
    WorkspaceFileTarget,
)
from dagster_graphql.schema import create_schema

from jira_pipeline.defs.launching import QueuedRuns, RunsHere
from jira_pipeline.defs.partitions import PARTITION_TAG
from jira_pipeline.defs.runs import opened_instance
from jira_pipeline.errors import StoreError
from jira_pipeline.ports.runs import RunJob, WantedRun
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline_tests import projects

WORKSPACE = projects.CHECKOUT / "workspace.yaml"
EXPORT = WantedRun(session_key=projects.SESSION, job=RunJob.EXPORT, by="cd", as_new_by="ab")


@pytest.fixture(scope="module")
def home(
    reviewed_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Pipeline, dg.DagsterInstance]]:
    """A reviewed session, and Dagster as its home has it; no ticket is ready."""
    folder = tmp_path_factory.mktemp("launching") / "project"
    with pytest.MonkeyPatch.context() as environment:
        projects.adopt(reviewed_project, folder, environment)
        with projects.opened(folder) as pipeline, opened_instance() as instance:
            yield pipeline, instance


@pytest.fixture(scope="module")
def webserver(home: tuple[Pipeline, dg.DagsterInstance]) -> Iterator[httpx.Client]:
    """Dagster's webserver, as far as it answers GraphQL."""
    schema = create_schema()
    target = WorkspaceFileTarget(paths=[str(WORKSPACE)])
    with WorkspaceProcessContext(home[1], target) as workspace:

        def answer(request: httpx.Request) -> httpx.Response:
            asked = json.loads(request.content)
            context = workspace.create_request_context()
            result = asyncio.run(
                schema.execute_async(
                    asked["query"], variable_values=asked["variables"], context_value=context
                )
            )
            errors = [{"message": str(error)} for error in result.errors or ()]
            return httpx.Response(200, json={"data": result.data, "errors": errors or None})

        transport = httpx.MockTransport(answer)
        with httpx.Client(base_url="http://dagster.test", transport=transport) as client:
            yield client


def test_a_run_here_has_ended_once_it_was_started(
    home: tuple[Pipeline, dg.DagsterInstance],
) -> None:
    pipeline, instance = home
    runs = RunsHere(instance, pipeline)

    run_id = runs.start(WantedRun(session_key=projects.SESSION, job=RunJob.VALIDATION, by="cd"))

    outcome, known = runs.outcome(run_id), runs.latest(projects.SESSION)
    assert outcome is not None
    assert outcome.is_success
    assert known is not None
    assert (known.run_id, known.is_finished) == (run_id, True)
    assert runs.unfinished_steps(run_id) == frozenset()


def test_a_queued_run_waits_under_its_session_with_what_it_is_told(
    home: tuple[Pipeline, dg.DagsterInstance], webserver: httpx.Client
) -> None:
    runs = QueuedRuns(home[1], home[0], webserver)

    run_id = runs.start(EXPORT)

    (known,) = runs.in_flight(projects.SESSION)
    outcome = runs.outcome(run_id)
    run = home[1].get_run_by_id(run_id)
    runs.dequeue(run_id)
    assert run is not None
    assert (known.run_id, known.job_name, known.is_queued) == (run_id, "export_to_jira", True)
    assert outcome is None
    assert run.tags[PARTITION_TAG] == projects.SESSION
    assert run.run_config == {"ops": {"jira_issues": {"config": {"as_new": True, "by": "ab"}}}}


def test_a_run_that_failed_here_is_carried_on_in_the_queue_from_its_failure(
    home: tuple[Pipeline, dg.DagsterInstance], webserver: httpx.Client
) -> None:
    """No ticket is ready, so the export fails at its first step."""
    pipeline, instance = home
    failed_id = RunsHere(instance, pipeline).start(EXPORT)
    runs = QueuedRuns(instance, pipeline, webserver)

    run_id = runs.start(
        WantedRun(
            session_key=projects.SESSION,
            job=RunJob.EXPORT,
            by="ef",
            continued_run_id=failed_id,
            is_from_failure=True,
        )
    )

    run = instance.get_run_by_id(run_id)
    steps = runs.unfinished_steps(run_id)
    runs.dequeue(run_id)
    assert run is not None
    assert (run.parent_run_id, run.root_run_id) == (failed_id, failed_id)
    assert any(step.endswith("create_issues") for step in steps)


def test_a_queue_that_cannot_be_asked_is_named(home: tuple[Pipeline, dg.DagsterInstance]) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    transport = httpx.MockTransport(refuse)
    with httpx.Client(base_url="http://dagster.test", transport=transport) as client:
        runs = QueuedRuns(home[1], home[0], client)

        with pytest.raises(StoreError, match=r"No run can be queued: .*ConnectError"):
            runs.start(EXPORT)
