"""Runs in Dagster, visible in its UI: what its instance knows of them, starting, ending dead ones.

Belongs here: the instance of this home, `RunHistory` over it, the two adapters of `RunLauncher`, the
configuration of a run. Does not: which run is wanted (`sessions/starting`), the jobs (`defs`),
starting what waits in the store (a sensor there), looking whether a process lives and closing its
session (`context/runs`), which needs no Dagster.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, ClassVar

import dagster as dg
from filelock import FileLock
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline, SessionMemory, make_data_home
from jira_pipeline.context.runs import DIED, close_dead, new_run_id
from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.launchpad import recovery_actions_of
from jira_pipeline.dagster_port.partitions import (
    PARTITION_TAG,
    PARTITIONS_NAME,
    never_again,
    register_partition,
)
from jira_pipeline.model.errors import StoreError, system_message
from jira_pipeline.model.sessions import (
    ACTION_JOB,
    GENERATION_STEPS,
    PERSON_TAG,
    WRITING_JOBS,
    KnownRun,
    RunHistory,
    RunJob,
    RunLauncher,
    RunOutcome,
    RunRequest,
    UpdateChoice,
    WantedRun,
)
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.store.transactions import translated_errors

IN_FLIGHT = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
QUEUED_WITHIN = timedelta(seconds=30)
"""Making a run and queueing it took at most 0.5 s; a machine may be busy."""
SUCCEEDED_KEPT = 1_000
"""Runs that a process remembers: a query of Dagster's SQLite takes as long as a small page."""
RUN_KEY_TAG = "dagster/run_key"
_REQUEST = "request:"
DATA_VERSION_TAG = "dagster/data_version"
"""Source: Dagster, concepts, asset versioning, 2026."""
RETRY_NUMBER_TAG = "dagster/retry_number"
"""Tag of what the daemon re-executes, and nobody else."""
_AUTO_RETRY = "dagster/auto_retry_run_id"
"""Tag of a run that the daemon re-executed: it names the other run."""
MEMORY: ContextVar[SessionMemory | None] = ContextVar("memory", default=None)
"""What a command read that starts a run in its process: the run reads none of it again."""
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@contextmanager
def opened_instance() -> Iterator[dg.DagsterInstance]:
    """Open the Dagster instance of this home.

    Under a lock: of several that make Dagster's databases at once, some die of half-made tables.

    Raises:
        ConfigurationError: The home cannot be made.
        StoreError: It, or Dagster's own storage, cannot be used, so no run can be started.
        StoreBusyError: The database of Dagster's storage does not answer.
    """
    settings = load_settings()
    make_data_home(settings)
    lock = FileLock(settings.home_path / "dagster.lock")
    try:
        lock.acquire()
    except OSError as error:
        raise StoreError(
            f"No run can be started: {settings.home_path} cannot be written: "
            f"{system_message(error)}.",
            recovery_actions=("Use an account that can write to the data folder.",),
        ) from error
    with _translated_errors():
        try:
            instance = dg.DagsterInstance.get()
            instance.get_dynamic_partitions(PARTITIONS_NAME)
        finally:
            lock.release()
        with instance:
            yield instance


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn what the database of Dagster's storage says into an error of ours."""
    with translated_errors("Dagster's storage"):
        try:
            yield
        except _given_up() as error:
            raise (error.__cause__ or error) from None


def _given_up() -> tuple[type[Exception], ...]:
    """Return what Dagster makes of the last error of PostgreSQL; its package loads in 0.4 s."""
    package = sys.modules.get("dagster_postgres.utils")
    return () if package is None else (package.DagsterPostgresException,)


class DagsterRuns(RunHistory):
    """Knows the runs of sessions from Dagster's instance, and those asked for from the store."""

    def __init__(self, instance: dg.DagsterInstance, pipeline: Pipeline) -> None:
        self.instance = instance
        self._pipeline = pipeline
        self._succeeded: dict[str, KnownRun] = {}

    @override
    def in_flight(self, session_key: str) -> Sequence[KnownRun]:
        """Ask for the runs of a session with such a status.

        Where there is none, as mostly, their ids alone are asked for: that takes half as long.
        """
        waiting = [
            _asked_for(request)
            for request in self._pipeline.store.run_requests.waiting(session_key)
            if self.begun(request.task_id) is None
        ]
        wanted = dg.RunsFilter(tags={PARTITION_TAG: session_key}, statuses=list(IN_FLIGHT))
        if not self.instance.get_run_ids(wanted, limit=1):
            return waiting
        records, now = self.instance.get_run_records(wanted), self._pipeline.clock.now()
        return [*waiting, *(self._known(one) for one in records if not _was_left(one, now=now))]

    @override
    def latest(self, session_key: str) -> KnownRun | None:
        """Ask for the newest run of a session; one that was asked for and cancelled counts, too."""
        wanted = dg.RunsFilter(tags={PARTITION_TAG: session_key})
        run_ids = self.instance.get_run_ids(wanted, limit=1)
        newest = self.find(run_ids[0]) if run_ids else None
        for request in self._pipeline.store.run_requests.of_session(session_key)[-1:]:
            is_newer = newest is None or newest.created_at < request.requested_at
            if is_newer and request.cancelled_at is not None:
                return self.begun(request.task_id) or _asked_for(request)
        return newest

    @override
    def find(self, run_id: str) -> KnownRun | None:
        """Ask for a run by its id; of one that succeeded nothing changes any more."""
        if run_id in self._succeeded:
            return self._succeeded[run_id]
        record = self.instance.get_run_record_by_id(run_id)
        if record is None:
            request = self._pipeline.store.run_requests.find(run_id)
            return None if request is None else self.begun(run_id) or _asked_for(request)
        known = self._known(record)
        if record.dagster_run.is_success:
            while len(self._succeeded) >= SUCCEEDED_KEPT:
                self._succeeded.pop(next(iter(self._succeeded)), None)
            self._succeeded[run_id] = known
        return known

    @override
    def unfinished_steps(self, run_id: str) -> frozenset[str]:
        """Compare the plan of a run with its log."""
        run = self.instance.get_run_by_id(run_id)
        if run is None:
            request = self._pipeline.store.run_requests.find(run_id)
            is_writing = request is not None and request.job_name in WRITING_JOBS
            return frozenset(GENERATION_STEPS if is_writing else ())
        plan_id = run.execution_plan_snapshot_id
        plan = self.instance.get_execution_plan_snapshot(plan_id) if plan_id else None
        if plan is None:
            return frozenset()
        succeeded = self.instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_SUCCESS)
        return frozenset(plan.step_keys_to_execute) - {entry.step_key or "" for entry in succeeded}

    @override
    def dequeue(self, run_id: str) -> None:
        """Cancel a run in the queue; of one that starts, its process finds that it was cancelled.

        Dagster's own terminating fails for those: there is no process yet to signal.
        """
        run = self.instance.get_run_by_id(run_id)
        if run is None:
            self._pipeline.store.run_requests.cancel(run_id, at=self._pipeline.clock.now())
        elif run.status is dg.DagsterRunStatus.STARTING:
            self.instance.report_run_canceled(run)
        else:
            self.instance.run_coordinator.cancel_run(run_id)

    def outcome(self, run_id: str) -> RunOutcome | None:
        """Read it from the log; of an error that is not ours only its kind, as its text may hold more."""
        run = self.instance.get_run_by_id(run_id)
        if run is None or not run.is_finished:
            return None
        failures = self.instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
        events = [entry.dagster_event for entry in failures if entry.dagster_event is not None]
        reason, actions = next((why for why in map(_reason_of, events) if why[0]), ("", ()))
        return RunOutcome(
            run_id=run_id,
            is_success=run.status is dg.DagsterRunStatus.SUCCESS,
            reason=reason,
            recovery_actions=actions,
            is_cancelled=run.status is dg.DagsterRunStatus.CANCELED
            or reason == dg.DagsterExecutionInterruptedError.__name__,
        )

    def begun(self, task_id: str) -> KnownRun | None:
        """Return the run that was started for a request; not what was executed again since."""
        of_key = dg.RunsFilter(tags={RUN_KEY_TAG: run_key_of_task(task_id)})
        found = self.instance.get_run_records(of_key, limit=1, ascending=True)
        return self._known(found[0]) if found else None

    def _known(self, record: dg.RunRecord) -> KnownRun:
        run = asked_for = record.dagster_run
        while is_retry(asked_for) and asked_for.parent_run_id is not None:
            parent = self.instance.get_run_by_id(asked_for.parent_run_id)
            if parent is None:
                break
            asked_for = parent
        key = asked_for.tags.get(RUN_KEY_TAG, "")  # a re-execution has a copy of it
        is_its_own = key.startswith(_REQUEST) and asked_for.parent_run_id is None
        return KnownRun(
            run_id=run.run_id,
            task_id=key.removeprefix(_REQUEST) if is_its_own else asked_for.run_id,
            job_name=_job_of(run.job_name, run.run_config),
            status=run.status.value.lower(),
            created_at=record.create_timestamp.astimezone(UTC),
            update=_update_of(run.run_config),
        )

    def _made_way(self, wanted: WantedRun) -> Mapping[str, Any]:
        """End what died before a run starts; return the configuration of that run."""
        # it refuses what is no session, of which there shall be no partition
        end_dead_runs(self.instance, self._pipeline, wanted.session_key)
        register_partition(self.instance, wanted.session_key)
        before = self.instance.get_run_by_id(wanted.continued_run_id or "")
        if before is not None:
            end_run(self.instance, self._pipeline, before, is_carried_on=True)
        if before is None or wanted.is_from_start:
            return run_config_of(wanted)
        return before.run_config


def run_key_of_task(task_id: str) -> str:
    """Return the key under which the run of a request is started once."""
    return f"{_REQUEST}{task_id}"


def is_begun(instance: dg.DagsterInstance, run_key: str | None) -> bool:
    """Tell whether there is a run of that key, whoever asked for it."""
    return bool(instance.get_run_ids(dg.RunsFilter(tags={RUN_KEY_TAG: run_key or ""}), limit=1))


def _asked_for(request: RunRequest) -> KnownRun:
    """Show a run that somebody asked for, and that does not exist."""
    return KnownRun(
        run_id=request.task_id,
        task_id=request.task_id,
        job_name=_job_of(request.job_name, request.run_config),
        status="queued" if request.cancelled_at is None else "canceled",
        created_at=request.requested_at,
        update=_update_of(request.run_config),
    )


def _job_of(job_name: str, config: Mapping[str, Any]) -> str:
    if job_name != ACTION_JOB:
        return job_name
    actions = config.get("ops", {}).get("act", {}).get("config", {}).get("action", {})
    return next(iter(actions), job_name)


def _update_of(config: Mapping[str, Any]) -> UpdateChoice | None:
    """Read from the configuration of a run what it was to do with issues whose tickets changed."""
    chosen = config.get("ops", {}).get("jira_issues", {}).get("config", {})
    if not chosen.get("update"):
        return None
    overwrites, leaves = chosen.get("overwrite", ()), chosen.get("leave", ())
    return UpdateChoice(overwrites=tuple(overwrites), leaves=tuple(leaves))


@contextmanager
def opened_history(pipeline: Pipeline) -> Iterator[DagsterRuns]:
    """Open what knows the runs of this home."""
    with opened_instance() as instance:
        yield DagsterRuns(instance, pipeline)


def _was_left(record: dg.RunRecord, *, now: datetime) -> bool:
    """Tell whether whoever made a run died before it was queued: nobody ever begins it."""
    is_unqueued = record.dagster_run.status is dg.DagsterRunStatus.NOT_STARTED
    return is_unqueued and now - record.create_timestamp.astimezone(UTC) > QUEUED_WITHIN


def _reason_of(event: dg.DagsterEvent) -> tuple[str, tuple[str, ...]]:
    failure = event.step_failure_data
    ours = failure.user_failure_data
    if ours is not None and ours.description:
        message = ours.metadata.get("message")
        reason = ours.description if message is None else str(message.value)
        return reason, recovery_actions_of(ours.metadata)
    error = failure.error.cause or failure.error if failure.error else None
    return (error.cls_name if error else None) or "", ()


def has_run_in_flight(instance: dg.DagsterInstance, pipeline: Pipeline, session_key: str) -> bool:
    """Tell whether a run of a session is asked for, queued, not started yet, or at work."""
    return bool(DagsterRuns(instance, pipeline).in_flight(session_key))


def end_dead_runs(
    instance: dg.DagsterInstance, pipeline: Pipeline, session_key: str | None = None
) -> tuple[str, ...]:
    """End every run at work whose process is gone; return the keys of the sessions it closed.

    The daemon may start them again, but none that people terminated, and none of the session that
    is named, which is carried on here. The lock goes last. It alone shows that a run is dead:
    without it, one that Dagster still shows as at work could be on another host, and nobody might
    carry on with it.
    """
    if session_key is None:
        sessions, tags = pipeline.store.sessions.list_all(), dict[str, str]()
    else:
        sessions, tags = (open_session(pipeline, session_key).stored,), {PARTITION_TAG: session_key}
    dead = pipeline.store.run_locks.dead_among(one.run_id for one in sessions if one.run_id)
    over = [OpenSession(pipeline=pipeline, stored=one) for one in sessions if one.run_id in dead]
    closed = [session.key for session in over if close_dead(session) is not session]

    now = pipeline.clock.now()
    records = instance.get_run_records(dg.RunsFilter(tags=tags, statuses=list(IN_FLIGHT)))
    lost = pipeline.store.run_locks.dead_among(record.dagster_run.run_id for record in records)
    for record in records:
        if record.dagster_run.run_id in lost or _was_left(record, now=now):
            end_run(instance, pipeline, record.dagster_run, is_carried_on=session_key is not None)
    for session in over:  # an undo is no run; one that died since is still to be closed
        pipeline.store.run_locks.forget(session.stored.run_id or "")
    return tuple(closed)


def end_run(
    instance: dg.DagsterInstance, pipeline: Pipeline, run: dg.DagsterRun, *, is_carried_on: bool
) -> None:
    """Tell Dagster that a run died; the daemon starts none in place of one that is carried on."""
    if run.is_finished:
        return
    if is_carried_on:
        never_again(instance, run.run_id)
    if run.status is dg.DagsterRunStatus.CANCELING and not is_carried_on:
        instance.report_run_canceled(run, DIED)
    else:
        instance.report_run_failed(run, DIED)
    pipeline.store.run_locks.forget(run.run_id)


def is_given_up(run: dg.DagsterRun) -> bool:
    """Tell whether a run failed, and the daemon neither starts another in its place, nor did."""
    is_retried = run.is_complete_and_waiting_to_retry or _AUTO_RETRY in run.tags
    return run.status is dg.DagsterRunStatus.FAILURE and not is_retried


def is_retry(run: dg.DagsterRun) -> bool:
    """Tell whether the daemon started it in place of one that failed, and nobody else did."""
    return RETRY_NUMBER_TAG in run.tags


class RunsHere(DagsterRuns, RunLauncher):
    """Starts runs in this process, and waits for their end; the first loads the definitions."""

    _turn: ClassVar[Lock] = Lock()
    """Of two runs in threads of one process Dagster ends neither."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        pipeline: Pipeline,
        job_named: Callable[[str], dg.JobDefinition],
    ) -> None:
        super().__init__(instance, pipeline)
        self._job_named = job_named

    @override
    def start(self, wanted: WantedRun) -> str:
        """Run a job."""
        with self._turn:
            shared = MEMORY.set(self._pipeline.memory)
            try:
                result = self._job_named(wanted.job.job_name).execute_in_process(
                    run_config={**self._made_way(wanted), **_QUIET},
                    instance=self.instance,
                    partition_key=wanted.session_key,
                    tags={PERSON_TAG: wanted.by},
                    raise_on_error=False,
                    run_id=wanted.run_id,
                )
            finally:
                MEMORY.reset(shared)
            return result.run_id


class QueuedRuns(DagsterRuns, RunLauncher):
    """Leaves runs to the daemon: what is asked for waits in the store until `requests_sensor` looks."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        pipeline: Pipeline,
        *,
        wake: Callable[[], None] | None = None,
    ) -> None:
        """Leave them to a daemon that `wake` has look now, else at its next look."""
        super().__init__(instance, pipeline)
        self._wake = wake

    @override
    def start(self, wanted: WantedRun) -> str:
        """Ask for a run and return as soon as it waits."""
        request = self._pipeline.store.run_requests.request(
            wanted.session_key,
            run_config=self._made_way(wanted),
            job_name=wanted.job.job_name,
            task_id=new_run_id(),
            by=wanted.by,
            at=self._pipeline.clock.now(),
        )
        if self._wake is not None:
            self._wake()
        return request.task_id


def run_config_of(wanted: WantedRun) -> dict[str, object]:
    """Return the configuration of a run beyond its session."""
    match wanted.job:
        case RunJob.UNDO:
            return action_config("undo", by=wanted.by, delete=True, keep_rest=wanted.keeps_rest)
        case RunJob.SETTLE:
            return action_config("settle", by=wanted.by)
        case RunJob.GENERATION if wanted.tickets:
            return {"ops": {"tickets": {"config": {"tickets": list(wanted.tickets)}}}}
        case _:
            chosen: dict[str, object] = {}
            if wanted.as_new_by is not None:
                chosen |= {"as_new": True, "by": wanted.as_new_by}
            if (update := wanted.update) is not None:
                lists = {"overwrite": list(update.overwrites), "leave": list(update.leaves)}
                chosen |= {"update": True, **lists}
            return {"ops": {"jira_issues": {"config": chosen}}} if chosen else {}


def action_config(action: str, *, by: str = "", **given: object) -> dict[str, Any]:
    return {"ops": {"act": {"config": {"action": {action: given}, "by": by}}}}
