"""What a failure means for a session: where it is then, and what people can read about it.

Belongs here: storing it. Does not: whether a step or a run is tried again (`defs/failures`).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import status_left_by
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import (
    GateError,
    PipelineError,
    SessionKeyError,
    UnavailableError,
    UpstreamError,
)
from jira_pipeline.model.sessions import (
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadSession,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOfSession:
    """A run at work on a session, which may not be in the store at all."""

    pipeline: Pipeline
    session_key: str
    run_id: str


def record_failure(run: RunOfSession, error: PipelineError, *, stage: SessionStage) -> None:
    """Store an error and what it means for the session."""
    store, key = run.pipeline.store, run.session_key
    number = failure_point_of(error)
    ticket_id = None
    if number is not None:
        tickets = store.tickets.list_all(key)
        ticket_id = next((t.ticket_id for t in tickets if t.number == number), None)
    store.errors.record(
        error,
        session_key=key,
        stage=stage.value,
        at=run.pipeline.clock.now(),
        run_id=run.run_id,
        ticket_id=ticket_id,
    )
    _move_session(run, error, stage=stage)


def record_refusal(run: RunOfSession, error: PipelineError) -> None:
    """Store why a run did nothing, once; the session stays as it is."""
    errors = run.pipeline.store.errors
    if all(stored.run_id != run.run_id for stored in errors.list_all(run.session_key)):
        errors.record(
            error,
            session_key=run.session_key,
            stage=SessionStage.REVIEW.value,
            at=run.pipeline.clock.now(),
            run_id=run.run_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A try of a step that came to nothing and is made again."""

    number: int
    wait_seconds: float
    """Until the next."""


def show_waiting(
    run: RunOfSession, error: PipelineError, attempt: Attempt, *, stage: SessionStage
) -> None:
    """Show what a session waits for; how long that takes nobody knows."""
    session = _move_session(run, error, stage=stage)
    if session is None:
        return
    is_same_stage = session.stage is stage
    details = session.progress_details if is_same_stage else None
    now = run.pipeline.clock.now()
    is_away = isinstance(error, UnavailableError)
    run.pipeline.store.sessions.set_progress(
        session.session_key,
        percentage=session.progress_percentage if is_same_stage else 0.0,
        text=_outage(attempt, details, now=now, since=_waiting_since(run, stage, now=now))
        if is_away
        else error.message,
        at=now,
        details=None if details is None else replace(details, remaining_seconds=None),
    )


def _waiting_since(run: RunOfSession, stage: SessionStage, *, now: datetime) -> datetime:
    """Return when a session began to wait in this stage, whatever was tried since."""
    since = now
    for entry in run.pipeline.store.audit.latest(run.session_key, actions={AuditAction.STAGE_SET}):
        if entry.details["to"] != [stage.value, SessionStatus.WAITING.value]:
            break
        since = entry.at
    return since


def _outage(
    attempt: Attempt, details: TicketProgress | None, *, now: datetime, since: datetime
) -> str:
    """Say that Jira is away as who waits wants to know it; the log has what the network said."""
    tries = "once" if attempt.number == 1 else f"{attempt.number} times"
    again = now + timedelta(seconds=attempt.wait_seconds)
    exist = "" if details is None else f"{details.done} of {details.total} issues exist, and "
    none = f"{exist}none is created twice."
    return (
        f"Jira has not answered since {since:%H:%M:%S} UTC: asked {tries}, last at "
        f"{now:%H:%M:%S}, next at {again:%H:%M:%S}. {none[:1].upper()}{none[1:]}"
    )


def record_interruption(run: RunOfSession, *, stage: SessionStage) -> None:
    """Store that people terminated the run; it can be resumed."""
    if run.pipeline.store.sessions.find(run.session_key) is not None:
        run.pipeline.store.sessions.set_stage(
            run.session_key,
            stage=stage,
            status=SessionStatus.CANCELLED,
            at=run.pipeline.clock.now(),
            run_id=run.run_id,
        )


def _move_session(
    run: RunOfSession, error: PipelineError, *, stage: SessionStage
) -> UploadSession | None:
    """Put the session where an error leaves it; return it as it was."""
    session = run.pipeline.store.sessions.find(run.session_key)
    if isinstance(error, SessionKeyError) or session is None:
        return None
    if isinstance(error, GateError):  # people must act in the review, if there are tickets
        stage = session.stage if session.generated_at is None else SessionStage.REVIEW
    run.pipeline.store.sessions.set_stage(
        session.session_key,
        stage=stage,
        status=status_left_by(error),
        at=run.pipeline.clock.now(),
        run_id=run.run_id,
        failed_at_ticket_number=failure_point_of(error),
    )
    return session


def failure_point_of(error: PipelineError) -> int | None:
    """Return the number of the ticket the export stopped at."""
    return error.failed_at_ticket_number if isinstance(error, UpstreamError) else None
