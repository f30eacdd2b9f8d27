"""The runs of sessions, as Dagster's instance knows them and as they wait in the store.

Belongs here: `RunHistory` over both, how a run ended and why. Does not: opening the instance
(`instance`), starting runs (`run_launchers`), ending dead ones (`dead_runs`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Any

import dagster as dg
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.dead_runs import IN_FLIGHT, is_abandoned
from jira_pipeline.dagster_port.failure_events import failure_reason, unexpected_failure
from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.dagster_port.partitions import PARTITION_TAG
from jira_pipeline.dagster_port.re_executions import is_retry
from jira_pipeline.dagster_port.requested_runs import (
    RUN_KEY_TAG,
    requested_task_id,
    run_key_of_task,
)
from jira_pipeline.dagster_port.run_jobs import config_of_op, job_name_of, job_name_with
from jira_pipeline.model.runs import (
    GENERATION_STEPS,
    WRITING_JOBS,
    KnownRun,
    RunHistory,
    RunOutcome,
    RunRequest,
    UnexpectedFailure,
)
from jira_pipeline.model.update_choices import UpdateChoice

SUCCEEDED_KEPT = 1_000
"""Runs that a process remembers: a query of Dagster's SQLite takes as long as a small page."""
DATA_VERSION_TAG = "dagster/data_version"
"""Source: Dagster, concepts, asset versioning, 2026."""
_AUTO_RETRY_TAG = "dagster/auto_retry_run_id"
"""Tag of a run that the daemon re-executed: it names the other run."""
_WITHOUT_PROCESS = (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING)


class DagsterRuns(RunHistory):
    """Knows the runs of sessions from Dagster's instance, and those asked for from the store."""

    def __init__(self, instance: dg.DagsterInstance, pipeline: Pipeline) -> None:
        self.instance = instance
        self._pipeline = pipeline
        self._succeeded: dict[str, KnownRun] = {}

    @override
    def in_flight(self, session_key: str) -> Sequence[KnownRun]:
        """Return requests that no run was started for yet, then the runs at work or queued."""
        requested = [
            _requested_run(request)
            for request in self._pipeline.store.run_requests.waiting(session_key)
            if self.started_run_of(request) is None
        ]
        in_flight = dg.RunsFilter(tags={PARTITION_TAG: session_key}, statuses=list(IN_FLIGHT))
        # Mostly there is none, and asking for ids alone takes half as long.
        if not self.instance.get_run_ids(in_flight, limit=1):
            return requested
        records = self.instance.get_run_records(in_flight)
        now = self._pipeline.clock.now()
        started = [self._known_run(r) for r in records if not is_abandoned(r, now=now)]
        return [*requested, *started]

    @override
    def latest(self, session_key: str) -> KnownRun | None:
        """Return the newest run of a session, or a later request that was cancelled."""
        of_session = dg.RunsFilter(tags={PARTITION_TAG: session_key})
        run_ids = self.instance.get_run_ids(of_session, limit=1)
        newest = self.find(run_ids[0]) if run_ids else None
        requests = self._pipeline.store.run_requests.of_session(session_key)
        if not requests or requests[-1].cancelled_at is None:
            return newest
        request = requests[-1]
        if newest is not None and newest.created_at >= request.requested_at:
            return newest
        return self._run_of_request(request)

    @override
    def find(self, run_id: str) -> KnownRun | None:
        """Return a run by its id, or by that of the request for it."""
        if run_id in self._succeeded:  # nothing changes any more
            return self._succeeded[run_id]
        record = self.instance.get_run_record_by_id(run_id)
        if record is None:
            request = self._pipeline.store.run_requests.find(run_id)
            return None if request is None else self._run_of_request(request)
        run = self._known_run(record)
        if record.dagster_run.is_success:
            self._remember(run)
        return run

    def _remember(self, run: KnownRun) -> None:
        while len(self._succeeded) >= SUCCEEDED_KEPT:
            oldest = next(iter(self._succeeded))
            self._succeeded.pop(oldest, None)  # another thread may have been faster
        self._succeeded[run.run_id] = run

    def _run_of_request(self, request: RunRequest) -> KnownRun:
        return self.started_run_of(request) or _requested_run(request)

    @override
    def unfinished_steps(self, run_id: str) -> frozenset[str]:
        """Compare the plan of a run with its log; one that succeeded skipped what was not asked for."""
        run = self.instance.get_run_by_id(run_id)
        if run is None:
            request = self._pipeline.store.run_requests.find(run_id)
            is_writing = request is not None and request.job_name in WRITING_JOBS
            return frozenset(GENERATION_STEPS if is_writing else ())
        if run.execution_plan_snapshot_id is None or run.is_success:
            return frozenset()
        plan = self.instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id)
        successes = self.instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_SUCCESS)
        succeeded = {entry.step_key for entry in successes}
        return frozenset(plan.step_keys_to_execute) - succeeded

    @override
    def dequeue(self, run_id: str) -> None:
        """Cancel a run that waits; the process of one that starts finds that it was cancelled."""
        run = self.instance.get_run_by_id(run_id)
        if run is None:
            self._pipeline.store.run_requests.cancel(run_id, at=self._pipeline.clock.now())
            # It may just have been launched: then the cancelling came too late for the queue.
            request = self._pipeline.store.run_requests.find(run_id)
            run = self._bound_run(request) if request is not None else None
            if run is None or run.is_finished:
                return
        if run.status in _WITHOUT_PROCESS:
            # Dagster's own terminating fails for these: there is no process yet to signal.
            self.instance.report_run_canceled(run)
        else:
            self.instance.run_coordinator.cancel_run(run.run_id)

    def outcome(self, run_id: str) -> RunOutcome | None:
        """Return how a run ended, with the first reason that its log has; None while it has not."""
        run = self.instance.get_run_by_id(run_id)
        if run is None or not run.is_finished:
            return None
        reason, recovery_actions = self._first_failure_reason(run_id)
        was_interrupted = reason == dg.DagsterExecutionInterruptedError.__name__
        return RunOutcome(
            run_id=run_id,
            is_success=run.status is dg.DagsterRunStatus.SUCCESS,
            reason=reason,
            recovery_actions=recovery_actions,
            failure=None if run.is_success else self.unexpected_failure(run_id),
            is_cancelled=run.status is dg.DagsterRunStatus.CANCELED or was_interrupted,
        )

    def _first_failure_reason(self, run_id: str) -> tuple[str, tuple[str, ...]]:
        for entry in self.instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
            if entry.dagster_event is not None:
                reason, recovery_actions = failure_reason(entry.dagster_event)
                if reason:
                    return reason, recovery_actions
        return "", ()

    @override
    def unexpected_failure(self, run_id: str) -> UnexpectedFailure | None:
        """Look at the failed steps first: how the run failed follows from them."""
        for kind in (dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE):
            for entry in self.instance.all_logs(run_id, of_type=kind):
                failure = entry.dagster_event and unexpected_failure(entry.dagster_event)
                if failure:
                    return failure
        return None

    def started_run_of(self, request: RunRequest) -> KnownRun | None:
        """Return the run that was made for a request; not one that re-executed it since."""
        if request.run_id is not None:
            record = self.instance.get_run_record_by_id(request.run_id)
            if record is not None:
                return self._known_run(record)
        of_key = dg.RunsFilter(tags={RUN_KEY_TAG: run_key_of_task(request.task_id)})
        records = self.instance.get_run_records(of_key, limit=1, ascending=True)
        return self._known_run(records[0]) if records else None

    def _bound_run(self, request: RunRequest) -> dg.DagsterRun | None:
        return None if request.run_id is None else self.instance.get_run_by_id(request.run_id)

    def _known_run(self, record: dg.RunRecord) -> KnownRun:
        """Return what is known of a run from its record in Dagster."""
        run = record.dagster_run
        return KnownRun(
            run_id=run.run_id,
            task_id=self._task_id_of(run),
            job_name=job_name_of(run),
            status=run.status.value.lower(),
            created_at=record.create_timestamp.astimezone(UTC),
            update=_update_choice(run.run_config),
            session_key=run.tags.get(PARTITION_TAG, ""),
        )

    def _task_id_of(self, run: dg.DagsterRun) -> str:
        """Return the id of the request for a run, else of the run that the daemon retries by it."""
        original = run
        while is_retry(original) and original.parent_run_id is not None:
            parent = self.instance.get_run_by_id(original.parent_run_id)
            if parent is None:
                break
            original = parent
        return requested_task_id(original) or original.run_id


@contextmanager
def opened_history(pipeline: Pipeline) -> Iterator[DagsterRuns]:
    """Open what knows the runs of this home."""
    with opened_instance() as instance:
        yield DagsterRuns(instance, pipeline)


def has_run_in_flight(instance: dg.DagsterInstance, pipeline: Pipeline, session_key: str) -> bool:
    """Tell whether a run of a session is asked for, queued, not started yet, or at work."""
    return bool(DagsterRuns(instance, pipeline).in_flight(session_key))


def is_started(instance: dg.DagsterInstance, run_key: str | None) -> bool:
    """Tell whether there is a run of that key, whoever asked for it."""
    return bool(instance.get_run_ids(dg.RunsFilter(tags={RUN_KEY_TAG: run_key or ""}), limit=1))


def is_final_failure(run: dg.DagsterRun) -> bool:
    """Tell whether a run failed, and the daemon neither starts another in its place, nor did."""
    is_retried = run.is_complete_and_waiting_to_retry or _AUTO_RETRY_TAG in run.tags
    return run.status is dg.DagsterRunStatus.FAILURE and not is_retried


def _requested_run(request: RunRequest) -> KnownRun:
    """Show a request as the run that it asks for and that does not exist."""
    return KnownRun(
        run_id=request.task_id,
        task_id=request.task_id,
        job_name=job_name_with(request.job_name, request.run_config),
        status="queued" if request.cancelled_at is None else "canceled",
        created_at=request.requested_at,
        is_requested=True,
        session_key=request.session_key,
        update=_update_choice(request.run_config),
    )


def _update_choice(run_config: Mapping[str, Any]) -> UpdateChoice | None:
    """Return what a run is to do with issues whose tickets changed; None: nothing."""
    config = config_of_op(run_config, "jira_issues")
    if not config.get("update"):
        return None
    return UpdateChoice(
        overwrites=tuple(config.get("overwrite", ())), leaves=tuple(config.get("leave", ()))
    )
