"""What a failure means for a session: where it is then, and what people can read about it.

Belongs here: storing it. Does not: whether a step or a run is tried again (`defs/failures`).
"""

from dataclasses import dataclass

from jira_pipeline.errors import GateError, PipelineError, SessionKeyError, UpstreamError
from jira_pipeline.kernel.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.session.pipeline import Pipeline
from jira_pipeline.session.states import status_left_by


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


def show_waiting(run: RunOfSession, error: PipelineError, *, stage: SessionStage) -> None:
    """Show what a session waits for."""
    session = _move_session(run, error, stage=stage)
    if session is not None:
        is_same_stage = session.stage is stage
        run.pipeline.store.sessions.set_progress(
            session.session_key,
            percentage=session.progress_percentage if is_same_stage else 0.0,
            text=error.message,
            at=run.pipeline.clock.now(),
            details=session.progress_details if is_same_stage else None,
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
