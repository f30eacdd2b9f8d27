"""What the end of a run means for its session, so that nothing shows as running for ever.

Belongs here: the decision and what is stored of it. Does not: learning that a run ended (`defs`).

A run that ends as it should writes that to the store itself. This is for the others: terminated,
killed, or never started. Word of one may come twice, late, or of a run that has nothing to do with
what the session is doing now.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.next_step import Situation, Step, next_step
from jira_pipeline.domain.sessions import RunEvent, SessionStage, SessionStatus, UploadSession
from jira_pipeline.errors import RunDiedError
from jira_pipeline.ports.records import ErrorStore
from jira_pipeline.ports.sessions import SessionStore

START_REPEATED = "Dagster could not start the run yet; it is started again"
AT_WORK = frozenset({SessionStatus.RUNNING, SessionStatus.WAITING})


class RunEnd(StrEnum):
    """How a run ended."""

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
    """A run that ended."""

    run_id: str
    end: RunEnd
    ended_at: datetime


def event_of(session: UploadSession, ended: EndedRun, *, is_validation: bool) -> RunEvent | None:
    """Return what is posted about the end of a run; None where nothing came of it.

    `is_validation`: it validated tickets again, which sessions have done by themselves.
    """
    if ended.end is not RunEnd.SUCCEEDED:
        is_cancelled = ended.end is RunEnd.CANCELLED
        return RunEvent.RUN_CANCELLED if is_cancelled else RunEvent.RUN_FAILED
    if session.run_id != ended.run_id or is_validation:
        return None
    if session.stage is SessionStage.COMPLETED:
        return RunEvent.EXPORT_COMPLETED
    return RunEvent.READY_FOR_REVIEW if session.stage is SessionStage.REVIEW else None


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


def close_run(
    session: UploadSession,
    ended: EndedRun,
    *,
    sessions: SessionStore,
    errors: ErrorStore,
    at: datetime,
) -> bool:
    """Close what a run left open; return whether anything was. Safe to repeat.

    The error goes first: where it cannot be stored, the session is closed by the next look. One
    that the run stored itself says more than that it died.
    """
    key = session.session_key
    is_stored = any(error.run_id == ended.run_id for error in errors.list_all(key))
    status = status_after(session, ended, is_stored=is_stored)
    if status is None:
        return False
    if status is SessionStatus.FAILED and not is_stored:
        reason = _REASONS[ended.end]
        step = next_step(Situation(session=replace(session, status=SessionStatus.FAILED)))
        action = Action.of(ActionKind.SHOW_STATUS, "{} names the next step.", session_key=key)
        if step.step is Step.RESUME:
            action = replace(step.action, sentence=f"{step.words}: {{}}; nothing is done twice.")
        errors.record(
            RunDiedError(session_key=key, run_id=ended.run_id, reason=reason, action=action),
            session_key=key,
            stage=session.stage.value,
            at=at,
            run_id=ended.run_id,
        )
    sessions.set_stage(key, stage=session.stage, status=status, at=at, run_id=ended.run_id)
    return True


def show_start_repeated(
    session: UploadSession, run_id: str, *, sessions: SessionStore, at: datetime
) -> None:
    """Say that a run could not be started and is started again, once."""
    is_shown = session.run_id == run_id and session.progress_text == START_REPEATED
    is_over = session.stage is SessionStage.COMPLETED
    if is_shown or is_over or session.status is SessionStatus.RUNNING:
        return
    key, status = session.session_key, SessionStatus.WAITING
    sessions.set_stage(key, stage=session.stage, status=status, at=at, run_id=run_id)
    percentage = session.progress_percentage
    sessions.set_progress(
        key, percentage=percentage, text=START_REPEATED, at=at, details=session.progress_details
    )


_REASONS = {
    RunEnd.FAILED: "it failed without saying why; the Dagster UI shows its log.",
    RunEnd.CANCELLED: "somebody stopped it.",
    RunEnd.DIED: "its process was killed or crashed.",
    RunEnd.NOT_STARTED: (
        "Dagster could not start it, such as on a machine that has too much to do; the Dagster UI "
        "shows its attempts."
    ),
    RunEnd.UNREPORTED: (
        "it could not store why, because the disk was full or the store could not be written. Make "
        "room before it continues."
    ),
}
