"""Ends runs that Dagster still shows as at work though their processes are gone.

Belongs here: telling Dagster. Does not: looking whether a process lives and closing its session
(`context/ended_runs`), which needs no Dagster.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from jira_pipeline.context.ended_runs import close_dead
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.partitions import PARTITION_TAG, disable_retries
from jira_pipeline.dagster_port.re_executions import instead_for, is_of_terminal, sentence_instead
from jira_pipeline.dagster_port.requested_runs import requested_task_id
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.review.open_session import OpenSession, open_session

IN_FLIGHT = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
DIED = "This run's process ended without reporting: killed, out of memory or shut down."
QUEUED_WITHIN = timedelta(seconds=30)
"""Making a run and queueing it took at most 0.5 s; a machine may be busy."""


def end_dead_runs(
    instance: dg.DagsterInstance, pipeline: Pipeline, session_key: str | None = None
) -> tuple[str, ...]:
    """End every run at work whose process is gone; return the keys of the sessions it closed.

    With a session only its runs, which the caller carries on: the daemon does not start them again.
    Else it may start them again, except those that people terminated.
    """
    dead_sessions = _sessions_of_dead_runs(pipeline, session_key)
    # `close_dead` returns the session itself where nothing was to be closed.
    closed = [session.key for session in dead_sessions if close_dead(session) is not session]
    for run in _dead_runs(instance, pipeline, session_key):
        end_run(instance, pipeline, run, is_carried_on=session_key is not None)
    # The lock goes last. It alone shows that a run is dead: without it, one that Dagster still shows
    # as at work could be on another host, and nobody might carry on with it. Only the runs found dead
    # above are forgotten: an undo that died since, which is no run of Dagster's, is still to be closed.
    for session in dead_sessions:
        pipeline.store.run_locks.forget(session.stored.run_id or "")
    return tuple(closed)


def _sessions_of_dead_runs(pipeline: Pipeline, session_key: str | None) -> list[OpenSession]:
    """Return the sessions whose run is dead: one session, or all without a key."""
    if session_key is None:
        stored_sessions: Sequence[UploadSession] = pipeline.store.sessions.list_all()
    else:
        stored_sessions = [open_session(pipeline, session_key).stored]
    run_ids = [stored.run_id for stored in stored_sessions if stored.run_id]
    dead = pipeline.store.run_locks.find_dead_runs(run_ids)
    return [
        OpenSession(pipeline=pipeline, stored=stored)
        for stored in stored_sessions
        if stored.run_id in dead
    ]


def _dead_runs(
    instance: dg.DagsterInstance, pipeline: Pipeline, session_key: str | None
) -> list[dg.DagsterRun]:
    """Return the runs in flight whose process is gone, or that were never queued."""
    now = pipeline.clock.now()
    tags = {} if session_key is None else {PARTITION_TAG: session_key}
    records = instance.get_run_records(dg.RunsFilter(tags=tags, statuses=list(IN_FLIGHT)))
    run_ids = [record.dagster_run.run_id for record in records]
    dead = pipeline.store.run_locks.find_dead_runs(run_ids)
    return [
        record.dagster_run
        for record in records
        if record.dagster_run.run_id in dead or is_abandoned(record, now=now)
    ]


def is_abandoned(record: dg.RunRecord, *, now: datetime) -> bool:
    """Tell whether the process that made a run died before it was queued, so that it never starts.

    The run of a request does: `requests_sensor` has it queued.
    """
    if record.dagster_run.status is not dg.DagsterRunStatus.NOT_STARTED:
        return False
    if requested_task_id(record.dagster_run) is not None:
        return False
    return now - record.create_timestamp.astimezone(UTC) > QUEUED_WITHIN


def end_run(
    instance: dg.DagsterInstance, pipeline: Pipeline, run: dg.DagsterRun, *, is_carried_on: bool
) -> None:
    """Tell Dagster that a run died; the daemon starts none in place of one that is carried on."""
    if run.is_finished:
        return
    if is_carried_on:
        disable_retries(instance, run.run_id)
    if run.status is dg.DagsterRunStatus.CANCELING and not is_carried_on:
        instance.report_run_canceled(run, DIED)
    else:
        instance.report_run_failed(run, _died_text(run, is_carried_on=is_carried_on))
    pipeline.store.run_locks.forget(run.run_id)


def _died_text(run: dg.DagsterRun, *, is_carried_on: bool) -> str:
    if is_carried_on or not is_of_terminal(run):
        return DIED
    return f"{DIED} {sentence_instead(instead_for(run))}"
