"""The two ways of starting a run: both answer with an id, by which its outcome is read.

The queue is asked through Dagster's own webserver with a code server, so an upgrade that changes
either is seen; no daemon runs what is queued.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import dagster as dg
import httpx
import pytest
from dagster._core.workspace.context import (  # noqa: TID251 - what a webserver is made of
    WorkspaceProcessContext,
)
from dagster._core.workspace.load_target import (  # noqa: TID251 - as above
    WorkspaceFileTarget,
)
from dagster._daemon import controller  # noqa: TID251 - one look of the daemon
from dagster._daemon.daemon import SpanMarker  # noqa: TID251 - as above
from dagster_webserver.app import create_app_from_workspace_process_context
from sqlalchemy import update

from jira_pipeline.cli import dagster_child
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.dagster_port.partitions import PARTITION_TAG, register_partition
from jira_pipeline.dagster_port.queue import BACKFILL_TAG, PROJECT_TAG, AttributedQueue
from jira_pipeline.dagster_port.requested_runs import RUN_KEY_TAG, run_key_of_task
from jira_pipeline.dagster_port.run_launchers import InProcessRuns, QueuedRuns
from jira_pipeline.defs.build import build_definitions, job_named
from jira_pipeline.model.errors import NotFoundError, StoreBusyError
from jira_pipeline.model.runs import (
    PERSON_HEADER,
    PERSON_TAG,
    KnownRun,
    RunJob,
    RunRequest,
    WantedRun,
    person_header_of,
)
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.cancelling import Cancelling, cancel
from jira_pipeline.store import tables
from jira_pipeline.store.run_request_store import CLAIM_SECONDS, RunRequestStore
from jira_pipeline_tests import projects

pytestmark = [
    pytest.mark.small_site,
    # By it Dagster says that a look was interrupted, as by the end of a test or of a daemon.
    pytest.mark.filterwarnings("ignore:The 'warn' method:DeprecationWarning"),
]

Home = tuple[Pipeline, dg.DagsterInstance]
WORKSPACE = projects.CHECKOUT / "workspace.yaml"
EXPORT = WantedRun(session_key=projects.SESSION, job=RunJob.EXPORT, by="cd", as_new_by="ab")


@pytest.fixture(scope="module")
def home(small_reviewed_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A reviewed session, and Dagster as its home has it; no ticket is ready."""
    folder = tmp_path_factory.mktemp("launching") / "project"
    with pytest.MonkeyPatch.context() as environment:
        projects.adopt(small_reviewed_project, folder, environment)
        environment.setenv("UPLOAD_SETTLE_SECONDS", "0")
        with projects.opened(folder) as pipeline, opened_instance() as instance:
            yield pipeline, instance


@pytest.fixture(scope="module")
def workspace(home: Home) -> Iterator[WorkspaceProcessContext]:
    """What webserver and daemon know of our definitions, from a code server."""
    target = WorkspaceFileTarget(paths=[str(WORKSPACE)])
    with pytest.MonkeyPatch.context() as here:
        here.chdir(home[0].settings.home_path.parent)  # not where a checkout has a `.env`
        with WorkspaceProcessContext(home[1], target) as workspace:
            yield workspace


PREFIX = "/dagster"


@pytest.fixture(scope="module")
def webserver(workspace: WorkspaceProcessContext) -> httpx.ASGITransport:
    """Dagster's webserver, as `serve` has it."""
    return httpx.ASGITransport(create_app_from_workspace_process_context(workspace, PREFIX))


def test_a_run_here_has_ended_once_it_was_started(home: Home) -> None:
    pipeline, instance = home
    runs = InProcessRuns(instance, pipeline, job_named)

    run_id = runs.start(WantedRun(session_key=projects.SESSION, job=RunJob.VALIDATION, by="cd"))

    outcome, known = runs.outcome(run_id), runs.latest(projects.SESSION)
    assert outcome is not None
    assert outcome.is_success
    assert known is not None
    assert (known.run_id, known.is_finished) == (run_id, True)
    assert runs.unfinished_steps(run_id) == frozenset()


def test_a_run_that_is_asked_for_waits_under_its_session_until_it_is_cancelled(home: Home) -> None:
    pipeline, instance = home
    runs = QueuedRuns(instance, pipeline)

    task_id = runs.start(EXPORT)

    (known,) = runs.in_flight(projects.SESSION)
    (request,) = pipeline.store.run_requests.waiting()
    again = runs.start(EXPORT)
    runs.dequeue(task_id)
    cancelled = runs.latest(projects.SESSION)
    assert (known.task_id, known.job_name, known.is_queued) == (task_id, "export_to_jira", True)
    assert request.run_config == {"ops": {"jira_issues": {"config": {"as_new": True, "by": "ab"}}}}
    assert (again, runs.outcome(task_id), request.requested_by) == (task_id, None, "cd")
    assert cancelled is not None
    assert (cancelled.task_id, cancelled.is_cancelled) == (task_id, True)
    assert runs.in_flight(projects.SESSION) == []


def test_a_run_is_carried_on_by_the_same_job_with_the_same_choices(home: Home) -> None:
    """Whoever began it, here or in the queue: kept revisions and the ledger skip what is done."""
    pipeline, instance = home
    config = {"ops": {"tickets": {"config": {"tickets": [2]}}}}
    run = instance.create_run_for_job(
        build_definitions().resolve_job_def("generate_tickets"),
        tags={PARTITION_TAG: projects.SESSION},
        run_config=config,
    )
    again = WantedRun(
        session_key=projects.SESSION,
        job=RunJob.GENERATION,
        by="ef",
        continued_run_id=run.run_id,
    )

    task_id = QueuedRuns(instance, pipeline).start(again)
    request = pipeline.store.run_requests.find(task_id)
    QueuedRuns(instance, pipeline).dequeue(task_id)
    run_id = InProcessRuns(instance, pipeline, job_named).start(again)

    ended, repeated = instance.get_run_by_id(run.run_id), instance.get_run_by_id(run_id)
    assert ended is not None
    assert repeated is not None
    assert request is not None
    assert (request.job_name, request.run_config) == ("generate_tickets", config)
    assert (ended.is_failure, ended.is_complete_and_waiting_to_retry) == (True, False)
    assert repeated.run_config["ops"] == config["ops"]
    assert (repeated.tags[PERSON_TAG], repeated.is_success) == ("ef", True)


def test_what_is_no_session_is_refused_before_it_is_launched(home: Home) -> None:
    pipeline, instance = home
    before = len(instance.get_run_ids())

    for runs in (QueuedRuns(instance, pipeline), InProcessRuns(instance, pipeline, job_named)):
        with pytest.raises(NotFoundError):
            runs.start(replace(EXPORT, session_key="nowhere"))

    assert len(instance.get_run_ids()) == before


LAUNCHED = """mutation Launch($tags: [ExecutionTag!]!, $job: String = "validate_adf") {
  launchRun(executionParams: {
    selector: {
      repositoryLocationName: "jira_pipeline.definitions", repositoryName: "__repository__",
      jobName: $job
    },
    runConfigData: {}, executionMetadata: {tags: $tags}
  }) { __typename ... on LaunchRunSuccess { run { runId } } }
}"""
REPEATED = """mutation Repeat($run: String!, $tags: [ExecutionTag!]!) {
  launchRunReexecution(reexecutionParams: {
    parentRunId: $run, strategy: ALL_STEPS, extraTags: $tags, useParentRunTags: true
  }) { __typename ... on LaunchRunSuccess { run { runId } } }
}"""
FORGED = {PARTITION_TAG: projects.SESSION, PERSON_TAG: "somebody"}


def launched(
    webserver: httpx.ASGITransport, query: str, *, by: str | None, tags: dict[str, str], **more: str
) -> str:
    """Send what Dagster's pages send, as the web program passes it on; return the run's id."""
    listed = [{"key": key, "value": value} for key, value in tags.items()]

    async def ask() -> Any:
        async with httpx.AsyncClient(transport=webserver, base_url="http://dagster.test") as client:
            answer = await client.post(
                f"{PREFIX}/graphql",
                json={"query": query, "variables": {"tags": listed, **more}},
                headers={} if by is None else {PERSON_HEADER: person_header_of(by)},
            )
            return answer.json()

    (found,) = asyncio.run(ask())["data"].values()
    return str(found["run"]["runId"])


def test_the_person_of_a_run_is_who_asked_whatever_the_tags_say(
    home: Home, webserver: httpx.ASGITransport
) -> None:
    """Dagster's pages send any tags, and copy those of the run that is executed again."""
    instance = home[1]
    register_partition(instance, projects.SESSION)

    def person_of(run_id: str) -> str:
        run = instance.get_run_by_id(run_id)
        assert run is not None
        instance.run_coordinator.cancel_run(run_id)
        return run.tags[PERSON_TAG]

    first = launched(webserver, LAUNCHED, by="Jörg & Ana", tags=FORGED)
    again = launched(webserver, REPEATED, by="ef", tags=FORGED, run=first)
    of_backfill = launched(webserver, LAUNCHED, by=None, tags=FORGED | {BACKFILL_TAG: "abc"})

    found = [person_of(run_id) for run_id in (first, again, of_backfill)]
    assert found == ["Jörg & Ana", "ef", "backfill abc"]


def test_exports_to_one_project_take_turns_in_the_queue(
    home: Home, webserver: httpx.ASGITransport
) -> None:
    """Each waited for the other's lease with a slot of its own, and runs of others behind them."""
    instance = home[1]
    register_partition(instance, projects.SESSION)
    queue = instance.run_coordinator
    assert isinstance(queue, AttributedQueue)
    limits = queue.get_run_queue_config().tag_concurrency_limits

    tags = []
    for job in ("export_to_jira", "csv_to_jira", "validate_adf"):
        run_id = launched(webserver, LAUNCHED, by="cd", tags=FORGED, job=job)
        run = instance.get_run_by_id(run_id)
        tags.append(run and run.tags.get(PROJECT_TAG))
        queue.cancel_run(run_id)

    assert tags == ["UHR", "UHR", None]
    assert {"key": PROJECT_TAG, "value": {"applyLimitPerUniqueValue": True}, "limit": 1} in limits


def test_a_run_that_is_only_starting_can_be_cancelled(home: Home) -> None:
    """Dagster's own terminating fails until its process has begun, 3 to 6 seconds later."""
    pipeline, instance = home
    run = dg.DagsterRun(
        run_id="11111111-2222-4333-8444-555555555555",
        job_name="export_to_jira",
        status=dg.DagsterRunStatus.STARTING,
        tags={PARTITION_TAG: projects.SESSION},
    )
    instance.add_run(run)
    runs = InProcessRuns(instance, pipeline, job_named)

    (cancelled,) = cancel(open_session(pipeline, projects.SESSION), runs, by="cd").runs

    known = runs.find(run.run_id)
    assert known is not None
    assert (cancelled.became, known.status) == (Cancelling.DEQUEUED, "canceled")
    # Its process may have begun in the same moment: it finds that it is to stop.
    projects.show_run(pipeline, SessionStatus.RUNNING, run_id=run.run_id)
    assert pipeline.store.sessions.is_cancel_requested(projects.SESSION)


def test_a_run_that_is_asked_for_wakes_the_sensors_and_several_wakes_start_it_once(
    home: Home,
    workspace: WorkspaceProcessContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A click waited five seconds for the sensor; nobody else looks here before an hour is over."""
    pipeline, instance = home
    monkeypatch.setattr(dagster_child, "LOOK_SECONDS", 3_600)
    for name in ("SensorDaemon", "QueuedRunCoordinatorDaemon"):
        monkeypatch.setattr(controller, name, getattr(controller, name))
    dagster_child.wait_by_wakes()
    stop, runs = Event(), QueuedRuns(instance, pipeline, wake=dagster_child.WOKEN.set)
    sensors = controller.create_daemon_of_type("SENSOR", instance)
    looks = sensors.core_loop(workspace, stop)

    def look_when_woken() -> None:
        next(True for _ in looks if stop.is_set())
        looks.close()  # here: in another thread, Dagster's contexts are none of its own

    looking = Thread(target=look_when_woken, daemon=True)
    before = runs.start(EXPORT)  # before it looks for the first time

    looking.start()
    _wait_until(lambda: started_run_of(home, before))
    runs.dequeue(before)
    with ThreadPoolExecutor() as two:
        task_id, same = two.map(runs.start, [EXPORT, EXPORT])
    _wait_until(lambda: started_run_of(home, task_id))
    dagster_child.WOKEN.set()
    _wait_until(lambda: not pipeline.store.run_requests.unstarted())

    stop.set()
    looking.join()
    begun = [
        instance.get_runs(dg.RunsFilter(tags={RUN_KEY_TAG: run_key_of_task(one)}))
        for one in (before, task_id)
    ]
    runs.dequeue(begun[1][0].run_id)
    assert task_id == same != before
    assert [len(each) for each in begun] == [1, 1]


def _wait_until(look: Callable[[], object]) -> None:
    while not look():
        Event().wait(0.1)  # the limit of the whole suite ends it


def started_run_of(home: Home, task_id: str) -> KnownRun | None:
    """Return the run that is queued for a request."""
    pipeline, instance = home
    request = pipeline.store.run_requests.find(task_id)
    assert request is not None
    run = QueuedRuns(instance, pipeline).started_run_of(request)
    return None if run is None or run.is_not_queued_yet else run


class Killed(KeyboardInterrupt):
    """Stands for the end of the daemon's process: Dagster notes no other error of a look as little."""


def requested(pipeline: Pipeline, *tickets: int) -> RunRequest:
    """Ask for a run of its own: another request with the same words is the same one."""
    return pipeline.store.run_requests.request(
        projects.SESSION,
        job_name="generate_tickets",
        run_config={"ops": {"tickets": {"config": {"tickets": list(tickets)}}}},
        task_id="-".join(map(str, ("task", *tickets))),
        by="Jörg & Ana",
        at=pipeline.clock.now(),
    )


def look(workspace: WorkspaceProcessContext) -> None:
    """Have every sensor of the daemon look once, as early as it may be."""
    instance = workspace.instance
    for state in instance.all_instigator_state():
        instance.delete_instigator_state(state.instigator_origin_id, state.selector_id)
    stop = Event()
    stop.set()
    with controller.create_daemon_of_type("SENSOR", instance) as sensors:
        spans = sensors.core_loop(workspace, stop)
        next(span for span in spans if span is SpanMarker.END_SPAN)


def end_claims(pipeline: Pipeline) -> None:
    """Have a minute pass since every claim."""
    claimed_at = pipeline.clock.now() - timedelta(seconds=CLAIM_SECONDS)
    with pipeline.store.database.writing() as connection:
        connection.execute(update(tables.run_requests).values(claimed_at=claimed_at))


def statuses_of(instance: dg.DagsterInstance, request: RunRequest) -> list[dg.DagsterRunStatus]:
    """Return how the runs are that were made for a request."""
    of_key = dg.RunsFilter(tags={RUN_KEY_TAG: run_key_of_task(request.task_id)})
    return sorted((run.status for run in instance.get_runs(of_key)), key=lambda one: one.value)


def test_a_requested_run_is_queued_by_one_look_and_bound_to_its_request(
    home: Home, workspace: WorkspaceProcessContext
) -> None:
    pipeline, instance = home
    request = requested(pipeline, 1)

    look(workspace)

    (run,) = instance.get_runs(dg.RunsFilter(tags={RUN_KEY_TAG: run_key_of_task(request.task_id)}))
    stored = pipeline.store.run_requests.find(request.task_id)
    assert stored is not None
    assert (run.status, run.run_config) == (dg.DagsterRunStatus.QUEUED, request.run_config)
    assert run.tags[PERSON_TAG] == request.requested_by
    assert stored.run_id == run.run_id


def killed_after(call: Callable[..., object]) -> Callable[..., object]:
    def die(*arguments: object, **named: object) -> object:
        call(*arguments, **named)
        raise Killed

    return die


def killed_before(*_: object, **__: object) -> object:
    raise Killed


def test_a_daemon_killed_at_any_step_of_a_launch_leaves_one_queued_run(
    home: Home, workspace: WorkspaceProcessContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made and not queued is queued later; Dagster carries a look on that it kept."""
    pipeline, instance = home
    faults: dict[str, tuple[type, str, Callable[..., object]]] = {
        "asked for": (dg.DagsterInstance, "create_run", killed_before),
        "made": (dg.DagsterInstance, "create_run", killed_after(dg.DagsterInstance.create_run)),
        "bound": (dg.QueuedRunCoordinator, "submit_run", killed_before),
        "queued": (
            dg.QueuedRunCoordinator,
            "submit_run",
            killed_after(dg.QueuedRunCoordinator.submit_run),
        ),
    }
    left, after = {}, {}
    for number, (step, (owner, name, dying)) in enumerate(faults.items()):
        request = requested(pipeline, 2, number)
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, dying)
            # A process that is gone reports no failure, either.
            patched.setattr(dg.DagsterInstance, "report_engine_event", killed_before)
            with pytest.raises(Killed):
                look(workspace)
        left[step] = statuses_of(instance, request)
        end_claims(pipeline)
        look(workspace)
        look(workspace)
        after[step] = statuses_of(instance, request)

    not_queued = [dg.DagsterRunStatus.NOT_STARTED]
    queued = [dg.DagsterRunStatus.QUEUED]
    assert left == {"asked for": [], "made": not_queued, "bound": not_queued, "queued": queued}
    assert after == dict.fromkeys(faults, queued)
    assert not pipeline.store.run_requests.unstarted()


def test_a_claim_without_a_run_is_free_again_after_a_minute(
    home: Home, workspace: WorkspaceProcessContext
) -> None:
    """A daemon claimed it and was killed before Dagster knew what it asks for."""
    pipeline, instance = home
    request = requested(pipeline, 3)
    requests = pipeline.store.run_requests
    assert requests.claim(request.request_id, by="another daemon", at=pipeline.clock.now())

    look(workspace)
    within_the_minute = statuses_of(instance, request)
    end_claims(pipeline)
    look(workspace)

    assert within_the_minute == []
    assert statuses_of(instance, request) == [dg.DagsterRunStatus.QUEUED]


def test_a_second_run_of_a_request_is_cancelled_by_the_queue(
    home: Home, workspace: WorkspaceProcessContext, webserver: httpx.ASGITransport
) -> None:
    """A machine was asleep with a claim: nobody can tell it from one that died."""
    pipeline, instance = home
    request = requested(pipeline, 4)
    look(workspace)

    launch_late(webserver, request)

    found = QueuedRuns(instance, pipeline).find(request.task_id)
    assert found is not None
    assert found.status == "queued"
    expected = [dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.QUEUED]
    assert statuses_of(instance, request) == expected


def launch_late(webserver: httpx.ASGITransport, request: RunRequest) -> None:
    """Make a run of a request that whoever claimed it launches long after that."""
    tags = {PARTITION_TAG: request.session_key, RUN_KEY_TAG: run_key_of_task(request.task_id)}
    launched(webserver, LAUNCHED, by="cd", tags=tags)


def test_a_request_whose_run_dagster_lost_gets_another(
    home: Home, workspace: WorkspaceProcessContext
) -> None:
    """A restored store, beside a Dagster that never had the run."""
    pipeline, instance = home
    request = requested(pipeline, 5)
    pipeline.store.run_requests.bind(request.task_id, run_id="11111111-2222-4333-8444-666666666666")

    look(workspace)

    assert statuses_of(instance, request) == [dg.DagsterRunStatus.QUEUED]


def test_a_request_that_is_cancelled_as_it_is_launched_has_no_run_in_the_queue(
    home: Home, workspace: WorkspaceProcessContext, webserver: httpx.ASGITransport
) -> None:
    pipeline, instance = home
    register_partition(instance, projects.SESSION)
    runs = QueuedRuns(instance, pipeline)
    early = requested(pipeline, 6)
    runs.dequeue(early.task_id)
    late = requested(pipeline, 7)

    launch_late(webserver, early)
    look(workspace)
    runs.dequeue(late.task_id)

    for request in (early, late):
        assert statuses_of(instance, request) == [dg.DagsterRunStatus.CANCELED]


def test_a_run_is_queued_later_where_the_store_could_not_bind_it(
    home: Home, workspace: WorkspaceProcessContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster shows a run as failed whose queue raises an error."""
    pipeline, instance = home
    request = requested(pipeline, 8)

    def is_busy(*_: object, **__: object) -> bool:
        raise StoreBusyError("The store is busy.")

    with monkeypatch.context() as patched:
        patched.setattr(RunRequestStore, "bind", is_busy)
        look(workspace)
    left = statuses_of(instance, request)
    end_claims(pipeline)
    look(workspace)

    assert left == [dg.DagsterRunStatus.NOT_STARTED]
    assert statuses_of(instance, request) == [dg.DagsterRunStatus.QUEUED]
