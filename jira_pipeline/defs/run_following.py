"""What Dagster knows of the runs of a session, for people who watch or cancel them.

Belongs here: asking its instance, stopping what is at work. Does not: what is stored of a session
(`sessions/status`), starting runs (`launching`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import dagster as dg

from jira_pipeline.defs.instances import opened_instance
from jira_pipeline.defs.partitions import PARTITION_TAG
from jira_pipeline.defs.retention import IN_FLIGHT
from jira_pipeline.domain.sessions import SessionStatus, UploadSession
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.sessions.runs import close_dead, close_failed
from jira_pipeline.sessions.status import what_is_next
from jira_pipeline.stages.jira_export.retrying import nothing_to_cancel
from jira_pipeline.stages.run_outcomes import AT_WORK
from jira_pipeline.stages.session_status import RunState

_ENDED = frozenset({SessionStatus.FAILED, SessionStatus.CANCELLED, SessionStatus.COMPLETED})


@contextmanager
def followed_runs() -> Iterator[Callable[[UploadSession], RunState]]:
    """Open the Dagster instance of this home and yield a question to ask of it again and again.

    Raises:
        StoreError: The home cannot be written.
    """
    with opened_instance() as instance:
        yield partial(run_state, instance)


def run_state(instance: dg.DagsterInstance, session: UploadSession) -> RunState:
    """Return what Dagster knows of a session: a run at work or queued, else its last run.

    A killed run stays `started` until the daemon looks; where the session shows how its run ended,
    that run is not at work.
    """
    for run in _in_flight(instance, session):
        return RunState(word=run.status.value.lower(), is_in_flight=True)
    last = instance.get_run_by_id(session.run_id) if session.run_id is not None else None
    return RunState(word=None if last is None else last.status.value.lower(), is_in_flight=False)


class Cancelling(StrEnum):
    """What became of a run that somebody cancelled."""

    ASKED = "asked"
    """It is at work and stops before its next ticket."""
    DEQUEUED = "dequeued"
    """It had not begun, and does not."""
    CLOSED = "closed"
    """It was over; the session no longer shows it as at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledRun:
    """The answer to a cancel."""

    run_id: str
    became: Cancelling

    @property
    def said(self) -> str:
        """Say it of the run."""
        return {
            Cancelling.ASKED: "stops before its next ticket",
            Cancelling.DEQUEUED: "was queued; it does not begin",
            Cancelling.CLOSED: "was dead already; it is closed",
        }[self.became]


def cancel(session: OpenSession, *, by: str) -> tuple[CancelledRun, ...]:
    """Stop what is at work or queued in a session; what only shows as at work is closed instead.

    The lock of a run tells that it is at work on this host; of others Dagster is asked.

    Raises:
        GateError: Nothing is at work.
    """
    store, shown = session.store, session.stored.run_id
    is_shown = shown is not None and session.stored.status in AT_WORK
    found: list[CancelledRun] = []
    if shown is not None and close_dead(session) is not session:
        found.append(CancelledRun(run_id=shown, became=Cancelling.CLOSED))
    elif shown is not None and is_shown and store.run_locks.is_alive(shown):
        found.append(_asked(session, shown, by=by))
    with opened_instance() as instance:
        for run in _in_flight(instance, session.stored):
            if run.run_id in {one.run_id for one in found} or store.run_locks.is_dead(run.run_id):
                continue
            if run.status is dg.DagsterRunStatus.QUEUED:
                instance.run_coordinator.cancel_run(run.run_id)
                found.append(CancelledRun(run_id=run.run_id, became=Cancelling.DEQUEUED))
            else:
                found.append(_asked(session, run.run_id, by=by))
        is_told = shown is not None and instance.get_run_by_id(shown) is not None
    if not found and shown is not None and session.stored.status is SessionStatus.RUNNING:
        if is_told:  # Dagster knows that it ended
            close_failed(session, run_id=shown, is_cancelled=False)
            found.append(CancelledRun(run_id=shown, became=Cancelling.CLOSED))
        else:  # on another host, such as an undo
            found.append(_asked(session, shown, by=by))
    if not found:
        raise nothing_to_cancel(session.stored, step=what_is_next(session.again()))
    return tuple(found)


def _asked(session: OpenSession, run_id: str, *, by: str) -> CancelledRun:
    at = session.clock.now()
    session.store.sessions.request_cancel(session.key, at=at, by=by, run_id=run_id)
    return CancelledRun(run_id=run_id, became=Cancelling.ASKED)


def _in_flight(instance: dg.DagsterInstance, session: UploadSession) -> Iterator[dg.DagsterRun]:
    """Return the runs of a session that are queued or at work, the newest first."""
    wanted = dg.RunsFilter(tags={PARTITION_TAG: session.session_key}, statuses=list(IN_FLIGHT))
    for record in instance.get_run_records(wanted):
        run = record.dagster_run
        if run.run_id != session.run_id or session.status not in _ENDED:
            yield run
