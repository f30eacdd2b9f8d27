"""Which status a session has after its run ended or failed.

Belongs here: the ways in which a run ends, the status after each and after each error, which ends
people are notified of. Does not: storing it (`ended_runs`, `run_errors`), the message
(`sessions/notifying`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jira_pipeline.model.errors import CancelledError, ErrorCategory, GateError, PipelineError
from jira_pipeline.model.runs import RunEvent, UnexpectedFailure
from jira_pipeline.model.sessions import AT_WORK, SessionStage, SessionStatus, UploadSession

_EVENTS = {
    SessionStage.REVIEW: RunEvent.READY_FOR_REVIEW,
    SessionStage.COMPLETED: RunEvent.EXPORT_COMPLETED,
}


def status_after_error(error: PipelineError) -> SessionStatus:
    """Return what a session shows after an error of its run."""
    if isinstance(error, CancelledError):
        return SessionStatus.CANCELLED
    if error.category is ErrorCategory.TEMPORARY or isinstance(error, GateError):
        return SessionStatus.WAITING
    return SessionStatus.FAILED


class RunEnd(StrEnum):
    """How a run ended.

    A run that ends as it should writes that to the store itself; the rules below are for the
    others: terminated, killed, or never started. Word of one may come twice, late, or of a run that
    has nothing to do with what the session is doing now.
    """

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DIED = "died"
    """Its process ended without reporting."""
    UNREPORTED = "untold"
    """How it ended could not be stored."""
    NOT_STARTED = "not_started"
    """Dagster could not start it, and starts it no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRun:
    run_id: str
    end: RunEnd
    ended_at: datetime
    failure: UnexpectedFailure | None = None
    """What Dagster's log says of a run that failed without storing an error."""


def notification_for(
    session: UploadSession, ended: EndedRun, *, is_validation: bool
) -> RunEvent | None:
    """Return what is posted about the end of a run; None where nothing came of it.

    `is_validation`: it validated tickets again, which sessions have done by themselves.
    """
    if ended.end is not RunEnd.SUCCEEDED:
        return RunEvent.RUN_CANCELLED if ended.end is RunEnd.CANCELLED else RunEvent.RUN_FAILED
    is_its_work = session.run_id == ended.run_id and not is_validation
    return _EVENTS.get(session.stage) if is_its_work else None


def status_after(
    session: UploadSession, ended: EndedRun, *, is_stored: bool
) -> SessionStatus | None:
    """Return the status a session gets by the end of a run; None where it stays as it is.

    `is_stored`: the run stored an error itself, so it has set the status itself too.
    """
    is_its_run = session.run_id == ended.run_id
    if ended.end is RunEnd.CANCELLED:
        return SessionStatus.CANCELLED if is_its_run and session.status in AT_WORK else None
    if is_its_run:
        is_waited_for = ended.end is RunEnd.FAILED and is_stored
        open_states = {SessionStatus.RUNNING} if is_waited_for else AT_WORK
        return SessionStatus.FAILED if session.status in open_states else None
    never_began = (
        not is_stored
        and session.status is SessionStatus.IDLE
        and session.updated_at <= ended.ended_at
    )
    return SessionStatus.FAILED if never_began else None
