"""What a failure means for a session: where it is then, what people read about it, what is safe.

Belongs here: storing it; what follows from a stored error, its ticket and its session, in plain
language. Does not: what its code means (`model/errors`), showing it (`cli/console`), whether a step
or a run is tried again (`dagster_port/steps`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import current_error, status_left_by
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.errors import (
    ErrorCategory,
    GateError,
    PipelineError,
    RunDiedError,
    SessionKeyError,
    UnavailableError,
    UpstreamError,
    meanings,
)
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.records import AuditAction, StoredError
from jira_pipeline.model.sessions import SessionStage, SessionStatus, TicketProgress, UploadSession
from jira_pipeline.model.tickets import Ticket


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
    none = f"{exist}none will be created twice."
    return (
        f"Jira has not answered since {since:%H:%M:%S} UTC: tried {tries}, last at "
        f"{now:%H:%M:%S}; next attempt at {again:%H:%M:%S}. {none[:1].upper()}{none[1:]}"
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


@json_fields(
    "**error session_key=error.session_key run_id=error.run_id ticket_number=ticket.number "
    "ticket_title=ticket.title what_happened who_acts safe next_steps is_over docs"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorExplanation:
    """One stored error in plain language."""

    error: StoredError
    ticket: Ticket | None
    what_happened: str
    who_acts: str
    safe: tuple[str, ...]
    next_steps: tuple[Action, ...]
    is_over: bool
    """The session went on since; nothing waits for this error any more."""
    docs: Mapping[str, str]
    """`page` and `section` of the documents that explain it."""


def chosen_errors(
    errors: Sequence[StoredError],
    *,
    category: ErrorCategory | None = None,
    stage: SessionStage | None = None,
    limit: int | None = None,
) -> tuple[StoredError, ...]:
    """Return the errors of a category and a stage; with a limit the newest, in the same order."""
    chosen = tuple(
        error
        for error in errors
        if (category is None or error.category == category.value)
        and (stage is None or error.stage == stage.value)
    )
    return chosen if limit is None else chosen[max(0, len(chosen) - limit) :]


def explain_error(
    error: StoredError,
    *,
    ticket: Ticket | None = None,
    session: UploadSession | None = None,
    errors: Sequence[StoredError] = (),
) -> ErrorExplanation:
    """Explain a stored error; `errors` are all of its session, oldest first."""
    known = meanings()
    meaning = known.get(error.code) or replace(known[RunDiedError.code], **_UNKNOWN)
    page, section = meaning.read_more
    is_over = session is not None and current_error(session, errors) != error
    steps = error.recovery_actions or meaning.actions_on()
    if is_over:
        steps = (Action.of(ActionKind.SHOW_STATUS, "{} shows the next step."),)
    if error.session_key is not None:
        steps = tuple(step.on(session_key=error.session_key) for step in steps)
    return ErrorExplanation(
        error=error,
        ticket=ticket,
        what_happened=meaning.means,
        who_acts=_WHO_ACTS.get(error.category, ""),
        safe=tuple(dict.fromkeys((meaning.safe, _SAFE_IN_STAGE.get(error.stage, meaning.safe)))),
        next_steps=steps,
        is_over=is_over,
        docs={"page": page, "section": section},
    )


_WHO_ACTS = {
    ErrorCategory.USER_FIXABLE.value: "Whoever uploaded or reviews the session.",
    ErrorCategory.ADMIN_REQUIRED.value: "Whoever administers the installation or the Jira site.",
    ErrorCategory.TEMPORARY.value: (
        "Whoever works on the session: nothing has to be fixed, but it must be started again."
    ),
}
_SAFE_IN_STAGE = {
    SessionStage.UPLOAD.value: "This stage writes nothing to Jira.",
    SessionStage.PROCESSING.value: "This stage writes nothing to Jira; people's edits are kept.",
    SessionStage.REVIEW.value: (
        "Validation and review write nothing to Jira; the next undo finishes one that stopped here."
    ),
}
_UNKNOWN: Mapping[str, Any] = {
    "means": "This version of the program does not know the code, which another version stored.",
    "actions": (advice("Read the message, or run the version that stored it."),),
}
