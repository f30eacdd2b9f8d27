"""Runs whose process is gone: closed in the store and ended in Dagster.

Belongs here: telling Dagster, forgetting the locks. Does not: looking whether a process lives and
closing its session (`sessions/runs`), which do without Dagster so that looking starts fast.

The lock goes last. It alone tells that a run is dead: without it, one that Dagster still shows as
at work could be on another host, and nobody might carry on with it.
"""

from collections.abc import Iterable

import dagster as dg

from jira_pipeline.defs.failures import MAX_RETRIES_TAG
from jira_pipeline.defs.instances import opened_instance
from jira_pipeline.defs.partitions import PARTITION_TAG
from jira_pipeline.defs.retention import IN_FLIGHT
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.open_session import OpenSession, open_session
from jira_pipeline.sessions.runs import DIED, close_dead


def end_dead_runs(instance: dg.DagsterInstance, pipeline: Pipeline) -> tuple[str, ...]:
    """End every run at work whose process is gone; return the keys of the sessions it closed.

    The daemon may start them again.
    """
    over = _with_dead_lock(
        OpenSession(pipeline=pipeline, stored=stored)
        for stored in pipeline.store.sessions.list_all()
    )
    closed = [session for session in over if close_dead(session) is not session]
    for run in _dead_in(instance, pipeline, dg.RunsFilter(statuses=list(IN_FLIGHT))):
        instance.report_run_failed(run, DIED)
        pipeline.store.run_locks.forget(run.run_id)
    _forget_locks(over)
    return tuple(session.key for session in closed)


def end_dead_runs_of(pipeline: Pipeline, session_key: str) -> None:
    """End the dead runs of a session that is carried on here, so the daemon need not."""
    over = _with_dead_lock([open_session(pipeline, session_key)])
    for session in over:
        close_dead(session)
    wanted = dg.RunsFilter(tags={PARTITION_TAG: session_key}, statuses=list(IN_FLIGHT))
    with opened_instance() as instance:
        for run in _dead_in(instance, pipeline, wanted):
            end_for_good(instance, pipeline, run)
    _forget_locks(over)


def end_for_good(instance: dg.DagsterInstance, pipeline: Pipeline, run: dg.DagsterRun) -> None:
    """Tell Dagster that a run died and that the daemon starts no other in its place."""
    if run.is_finished:
        return
    instance.add_run_tags(run.run_id, {MAX_RETRIES_TAG: "0"})
    instance.report_run_failed(run, DIED)
    pipeline.store.run_locks.forget(run.run_id)


def _dead_in(
    instance: dg.DagsterInstance, pipeline: Pipeline, wanted: dg.RunsFilter
) -> tuple[dg.DagsterRun, ...]:
    runs = (record.dagster_run for record in instance.get_run_records(wanted))
    return tuple(run for run in runs if pipeline.store.run_locks.is_dead(run.run_id))


def _with_dead_lock(sessions: Iterable[OpenSession]) -> tuple[OpenSession, ...]:
    """Return the sessions whose last run is dead, whatever they show."""
    return tuple(
        session
        for session in sessions
        if session.stored.run_id is not None
        and session.store.run_locks.is_dead(session.stored.run_id)
    )


def _forget_locks(over: Iterable[OpenSession]) -> None:
    """Forget what no run of Dagster was ended for, such as an undo.

    Of those only that were dead before: one that died since is still to be closed and ended.
    """
    for session in over:
        if session.stored.run_id is not None:
            session.store.run_locks.forget(session.stored.run_id)
