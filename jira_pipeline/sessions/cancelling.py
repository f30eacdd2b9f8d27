"""Cancelling the runs of a session.

A run that is at work is asked to stop, and does so before its next ticket; one that waits in the
queue is taken out; one that is dead already is closed, so that the session no longer shows it as at
work. The answer says which of these happened to each run.

Belongs here: which runs a cancel stops, what is answered. Does not: starting and resuming
(`starting`), runs that died (`context/ended_runs`).
"""

from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.context.ended_runs import close_dead, close_failed
from jira_pipeline.context.runs import in_flight
from jira_pipeline.context.states import NextStep
from jira_pipeline.model.errors import GateError, GateRule
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.runs import KnownRun, RunHistory, run_or_request
from jira_pipeline.model.sessions import AT_WORK, SessionStatus, UploadSession
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.status import what_is_next


class Cancelling(StrEnum):
    """What happened to a run that somebody cancelled."""

    ASKED = "asked"
    """It is at work, and stops before its next ticket."""
    DEQUEUED = "dequeued"
    """It had not begun, and never will."""
    CLOSED = "closed"
    """It was dead already; the session no longer shows it as at work."""


@json_fields("task_id run_id became user_message")
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledRun:
    """A run that was cancelled, and how."""

    task_id: str
    """The id of the request for the run."""
    run_id: str | None
    """Dagster's id of the run; None where it was requested and there was no run yet."""
    became: Cancelling

    @property
    def sentence(self) -> str:
        """The predicate of a sentence whose subject is the run."""
        return {
            Cancelling.ASKED: "stops before its next ticket",
            Cancelling.DEQUEUED: "had not begun, and does not begin",
            Cancelling.CLOSED: "was dead already; it is closed",
        }[self.became]

    @property
    def user_message(self) -> str:
        name = run_or_request(run_id=self.run_id, task_id=self.task_id)
        return f"{name.capitalize()} {self.sentence}."


@json_fields("session_key run_id status runs")
@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The answer to a cancel."""

    session_key: str
    status: SessionStatus
    """The status of the session after the cancel."""
    runs: tuple[CancelledRun, ...]

    @property
    def run_id(self) -> str | None:
        """The id of the first run; None where that was only requested."""
        return self.runs[0].run_id


def cancel(session: OpenSession, runs: RunHistory, *, by: str) -> Cancelled:
    """Stop all runs of a session that are at work or queued, and close one that is dead.

    The lock of a run shows whether it is at work on this host; about other hosts Dagster is asked.

    Raises:
        GateError: Nothing is at work.
    """
    locks = session.store.run_locks
    shown = session.stored.run_id  # the run that the session shows as at work
    is_shown = shown is not None and session.stored.status in AT_WORK
    stopped: list[CancelledRun] = []
    if shown is not None and close_dead(session) is not session:
        stopped.append(_cancelled_run(runs, shown, Cancelling.CLOSED))
    elif shown is not None and is_shown and locks.is_alive(shown):
        _ask_to_stop(session, shown, by=by)
        stopped.append(_cancelled_run(runs, shown, Cancelling.ASKED))

    for run in in_flight(session, runs):
        is_over = run.run_id in {ended.run_id for ended in stopped} or locks.is_dead(run.run_id)
        if not is_over:
            stopped.append(stop_run(session, runs, run, by=by))

    if not stopped and shown is not None and is_shown:
        ended = runs.find(shown)
        is_running = session.stored.status is SessionStatus.RUNNING
        if ended is None and is_running:  # on another host, such as an undo
            _ask_to_stop(session, shown, by=by)
            stopped.append(_cancelled_run(runs, shown, Cancelling.ASKED))
        # Dagster says that it ended, but the session still shows it; a waiting run has no lock.
        elif ended is not None and (is_running or ended.is_cancelled):
            close_failed(
                session,
                run_id=shown,
                is_cancelled=ended.is_cancelled,
                failure=runs.unexpected_failure(shown),
            )
            stopped.append(_cancelled_run(runs, shown, Cancelling.CLOSED))
    if not stopped:
        raise _nothing_to_cancel(session.stored, step=what_is_next(session.reload()))
    status = session.reload().stored.status
    return Cancelled(session_key=session.key, status=status, runs=tuple(stopped))


def _nothing_to_cancel(session: UploadSession, *, step: NextStep) -> GateError:
    return GateError(
        f"Nothing to cancel: nothing is running in session {session.session_key}; it is in "
        f"{session.stage.value}, {session.status.value}.",
        rule=GateRule.NOTHING_TO_CANCEL,
        recovery_actions=(step.action,),
    )


def stop_run(session: OpenSession, runs: RunHistory, run: KnownRun, *, by: str) -> CancelledRun:
    """Stop one run: ask it to stop where it is at work, take it out of the queue where it waits.

    A run that starts at this moment gets both.
    """
    run_id = run.started_run_id
    if not run.is_queued:
        _ask_to_stop(session, run.run_id, by=by)  # also where its process begins at this moment
        if not run.is_starting:
            return CancelledRun(task_id=run.task_id, run_id=run_id, became=Cancelling.ASKED)
    runs.dequeue(run.run_id)
    return CancelledRun(task_id=run.task_id, run_id=run_id, became=Cancelling.DEQUEUED)


def _ask_to_stop(session: OpenSession, run_id: str, *, by: str) -> None:
    at = session.clock.now()
    session.store.sessions.request_cancel(session.key, at=at, by=by, run_id=run_id)


def _cancelled_run(runs: RunHistory, run_id: str, became: Cancelling) -> CancelledRun:
    """Return what happened to the run that a session shows, which Dagster may not know any more."""
    run = runs.find(run_id)
    task_id = run_id if run is None else run.task_id
    return CancelledRun(task_id=task_id, run_id=run_id, became=became)
