"""What a run stores of an error that stops it or makes it wait: the error, and the status that follows.

Belongs here: failures, refusals, waiting for Jira, interruptions by people; naming errors that are
not ours. Does not: what the code of an error means (`model/errors`), explaining a stored error
(`error_explanations`), runs that ended without storing one (`ended_runs`), whether a step or a run
is tried again (`dagster_port/steps`).
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import takewhile
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.run_statuses import status_after_error
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import (
    SHAREDO_CODES,
    GateError,
    LeaseBusyError,
    LeaseLostError,
    PipelineError,
    SessionKeyError,
    StoreBusyError,
    StoreError,
    UnavailableError,
    UnexpectedError,
    UpstreamError,
    WriterError,
)
from jira_pipeline.model.runs import UnexpectedFailure
from jira_pipeline.model.sessions import (
    SessionStage,
    SessionStatus,
    UploadSession,
    Wait,
    WaitCause,
    WaitTarget,
)

logger = logging.getLogger(__name__)


def unexpected_error(what: str, error: Exception) -> UnexpectedError:
    """Name what failed by an error that is not ours: its kind and place, never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = (
        f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
    )
    return UnexpectedError(what=what, kind=type(error).__name__, place=place)


@contextmanager
def dead_if_unstored(pipeline: Pipeline, run_id: str) -> Iterator[None]:
    """Leave a run to be found dead where its end cannot be stored, such as on a full disk.

    The error that ended the run is raised, not the one from storing it.
    """
    try:
        yield
    except (StoreError, StoreBusyError) as unstored:
        pipeline.store.run_locks.leave(run_id)
        logger.info("how run %s ended could not be stored: %s", run_id, unstored.message)


def mistake_of_run(run_id: str, failure: UnexpectedFailure) -> UnexpectedError:
    """Name the error by which a run failed; nobody is told to resume: the next one meets it too."""
    what = f"Step {failure.step} of run {run_id}" if failure.step else f"Run {run_id}"
    return UnexpectedError(what=what, kind=failure.kind, place=failure.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOfSession:
    """A run at work on a session, which may not be in the store at all."""

    pipeline: Pipeline
    session_key: str
    run_id: str


def record_failure(run: RunOfSession, error: PipelineError, *, stage: SessionStage) -> None:
    """Store an error and what it means for the session, if it can be stored."""
    store = run.pipeline.store
    key = run.session_key
    number = error.failed_at_ticket_number
    with dead_if_unstored(run.pipeline, run.run_id):
        tickets = () if number is None else store.tickets.list_all(key)
        store.errors.record(
            error,
            session_key=key,
            stage=stage.value,
            at=run.pipeline.clock.now(),
            run_id=run.run_id,
            ticket_id=next((t.ticket_id for t in tickets if t.number == number), None),
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


def show_waiting(
    run: RunOfSession,
    error: PipelineError,
    *,
    stage: SessionStage,
    tried_count: int,
    wait_seconds: float,
) -> None:
    """Show what a session waits for and when it tries again; the time it still takes is not known."""
    session = _move_session(run, error, stage=stage)
    if session is None:
        return
    is_same_stage = session.stage is stage
    details = session.progress_details if is_same_stage else None
    now = run.pipeline.clock.now()
    again = now + timedelta(seconds=wait_seconds)
    text = f"{error.sentence} Next attempt at {again:%H:%M:%S} UTC."
    if isinstance(error, UnavailableError):
        moves = run.pipeline.store.audit.latest(run.session_key, actions={AuditAction.STAGE_SET})
        state = [stage.value, SessionStatus.WAITING.value]
        waits = takewhile(lambda entry: entry.details["to"] == state, moves)
        # Since the first of the tries in a row that ended in waiting.
        since = min((entry.at for entry in waits), default=now)
        tries = "once" if tried_count == 1 else f"{tried_count} times"
        exist = f"{details.done} of {details.total} issues exist, and none" if details else "None"
        # In words for whoever waits; the log has what the network said.
        text = (
            f"Jira has not answered since {since:%H:%M:%S} UTC: tried {tries}, last at "
            f"{now:%H:%M:%S}; next attempt at {again:%H:%M:%S}. {exist} will be created twice."
        )
    cause = WaitCause(code=error.code, message=error.message)
    wait = Wait(waiting_for=_waited_for(error), retry_at=again, cause=cause)
    run.pipeline.store.sessions.set_progress(
        session.session_key,
        percentage=session.progress_percentage if is_same_stage else 0.0,
        text=text,
        at=now,
        details=None if details is None else replace(details, remaining_seconds=None),
        wait=wait,
    )


def _waited_for(error: PipelineError) -> WaitTarget:
    """Return what has to come back before the step that failed with an error is tried again."""
    match error:
        case WriterError():
            return WaitTarget.WRITER
        case UpstreamError():
            return WaitTarget.JIRA
        case LeaseBusyError():
            return WaitTarget.OTHER_RUN
        case StoreError() | StoreBusyError() | LeaseLostError():
            return WaitTarget.STORE
        case _ if error.code.startswith(SHAREDO_CODES):
            return WaitTarget.SHAREDO
        case _:
            return WaitTarget.UNKNOWN


def record_interruption(run: RunOfSession, *, stage: SessionStage) -> None:
    """Store that people terminated the run, if that can be stored; it can be resumed."""
    sessions = run.pipeline.store.sessions
    with dead_if_unstored(run.pipeline, run.run_id):
        if sessions.find(run.session_key) is not None:
            sessions.set_stage(
                run.session_key,
                stage=stage,
                status=SessionStatus.CANCELLED,
                at=run.pipeline.clock.now(),
                run_id=run.run_id,
            )


def _move_session(
    run: RunOfSession, error: PipelineError, *, stage: SessionStage
) -> UploadSession | None:
    """Set stage and status of a session by an error of its run; return it as it was before.

    None: there is no such session.
    """
    session = run.pipeline.store.sessions.find(run.session_key)
    if isinstance(error, SessionKeyError) or session is None:
        return None
    next_stage = stage
    if isinstance(error, GateError):  # people must act in the review, if there are tickets
        next_stage = session.stage if session.generated_at is None else SessionStage.REVIEW
    run.pipeline.store.sessions.set_stage(
        session.session_key,
        stage=next_stage,
        status=status_after_error(error),
        at=run.pipeline.clock.now(),
        run_id=run.run_id,
        failed_at_ticket_number=error.failed_at_ticket_number,
    )
    return session
