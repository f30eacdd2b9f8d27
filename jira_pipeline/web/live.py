"""How far a session's work is, as values computed from the store: for polling, WebSockets and pages.

Two works are followed: the writing of tickets and the export. `look_at` reads a session with its runs at
one moment (`Look`), `writing_state` and `export_state` make a `WorkState` of it, and the message
functions make the JSON of one. A `task_id` names a run for whoever asked for it, before Dagster starts
it and after.

Belongs here: these states and messages. Does not: connections (`api/progress`), the whole status of a
session (`sessions/status`).

Nothing here remembers what was sent before. Whoever lost a connection asks again and gets the state as
it is then, which is all that an earlier message could say.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jira_pipeline.context.ended_runs import seen_closed
from jira_pipeline.context.runs import in_flight, run_state_of
from jira_pipeline.context.states import UNASKED, RunState, current_error
from jira_pipeline.export.session_results import results
from jira_pipeline.export.work_history import record_of
from jira_pipeline.model.actions import Action
from jira_pipeline.model.errors import (
    CancelledError,
    DagsterStartingError,
    ErrorCategory,
    WritingCancelledError,
)
from jira_pipeline.model.json_values import select_fields
from jira_pipeline.model.runs import EXPORT_JOBS, WRITING_JOBS, KnownRun, RunJob
from jira_pipeline.model.sessions import (
    WRITING_STAGES,
    SessionStage,
    SessionStatus,
    TicketProgress,
    WaitCause,
    WaitTarget,
    shown_percentage,
)
from jira_pipeline.model.work_records import RETRIES_MAX, Work, WorkRecord
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions.starting import creation_place_of
from jira_pipeline.sessions.status import stopped_at_ticket, what_is_next
from jira_pipeline.web.context import Web
from jira_pipeline.web.program_steps import ProgramStep, steps_out_of, ways_out

WAITING_IN_QUEUE = "Waiting in the queue"
STARTING = "Starting"
_OF_RUN = "session_id=session_key task_id run_id run_url"
"""What every message says of its session and its run, as `select_fields` reads it: `name=attribute`."""
_CODES_OF_CANCELLED = {
    Work.EXPORT: CancelledError.code,
    Work.WRITING: WritingCancelledError.code,
}
_BROKEN_OFF = {SessionStatus.FAILED, SessionStatus.WAITING, SessionStatus.CANCELLED}


class Phase(StrEnum):
    """How far a work on a session is."""

    NOT_STARTED = "not_started"
    AT_WORK = "at_work"
    """Queued, starting or running."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def of_export(self) -> str:
        """The word for it in messages about an export."""
        return "exporting" if self is Phase.AT_WORK else self.value


@dataclass(frozen=True, kw_only=True)
class Look:
    """A session and its runs, seen at one moment."""

    session: OpenSession
    runs: tuple[KnownRun, ...]
    """Queued or at work, newest first; none where Dagster is not there yet."""
    shown: KnownRun | None
    """The run that the session shows, where Dagster knows it."""
    run: RunState = UNASKED
    """What Dagster knows of the run in flight, or else of the one that the session shows."""
    dequeued: KnownRun | None = None
    """The newest run, where it was cancelled before it began: the session shows nothing of it."""

    @property
    def task_id(self) -> str | None:
        """The id by which the run that the session shows was asked for; None where it shows none."""
        return self.session.stored.run_id if self.shown is None else self.shown.task_id

    @property
    def mark(self) -> object:
        """A value that is the same for two looks only where their messages are the same."""
        dequeued = None if self.dequeued is None else self.dequeued.run_id
        return self.session.stored, [(run.run_id, run.status) for run in self.runs], dequeued


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a work broke off, and where."""

    failed_at_ticket_order: int | None
    """The place of that ticket in the order of creation, from 0; None where it was at no ticket."""
    failed_at_ticket_number: int | None
    error_category: str
    user_message: str
    recovery_actions: tuple[Action, ...]
    code: str
    retry_available: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkState:
    """An export, or the writing of tickets, as it is now."""

    session_key: str
    phase: Phase
    task_id: str | None
    """By which whoever asked knows it, before there is a run and after."""
    run_id: str | None
    """Of its run in Dagster; None before there is one."""
    run_url: str | None
    run_status: str | None
    """Dagster's word for its run, such as `queued`; None where no run is in flight."""
    progress_percentage: float
    tickets_completed: int
    tickets_failed: int
    total_tickets: int
    current_stage: str
    """What is done now, in words for people: a wait with its reason."""
    waiting_for: WaitTarget | None
    """What its run waits for before it tries again; None: for nothing."""
    retry_at: datetime | None
    """When it tries again."""
    problem: WaitCause | None
    """The error that makes it wait."""
    current_ticket_title: str | None
    remaining_minutes: float | None
    record: WorkRecord
    failure: Failure | None
    jira_project_key: str | None
    entity_group: str | None = None
    entities_in_group: int | None = None

    @property
    def short_stage(self) -> str:
        """What is done now, in words for programs: they get the reason of a wait as data."""
        return self.current_stage if self.waiting_for is None else self.waiting_for.stage

    @property
    def steps_out(self) -> list[ProgramStep]:
        """What leads out of its failure; nothing where it did not fail."""
        if self.failure is None:
            return []
        code = self.failure.code
        actions = self.failure.recovery_actions
        return steps_out_of(code, actions, session_key=self.session_key)

    @property
    def whole_minutes(self) -> int | None:
        """How long it still takes for programs, where a part of a minute counts as one."""
        return None if self.remaining_minutes is None else math.ceil(self.remaining_minutes)


def look_at(web: Web, session_key: str) -> Look:
    """Read a session and its runs as they are now; a session whose run died is closed first.

    Where Dagster is still starting there are no runs in it.
    """
    session = seen_closed(open_session(web.pipeline, session_key))
    run_id = session.stored.run_id
    shown = None
    try:
        runs = in_flight(session, web.runs)
        newest = None if runs else web.runs.latest(session.key)
        shown = next((run for run in (*runs, newest) if run and run.run_id == run_id), None)
        if shown is None and run_id is not None:
            shown = web.runs.find(run_id)
        run = run_state_of(runs, shown)
    except DagsterStartingError:
        runs = ()
        newest = None
        run = UNASKED
    is_dequeued = (
        newest is not None and newest.is_cancelled and newest.run_id != session.stored.run_id
    )
    return Look(
        session=session,
        runs=runs,
        shown=shown,
        run=run,
        dequeued=newest if is_dequeued else None,
    )


def export_state(look: Look) -> WorkState:
    """Return how far the export of a session is."""
    session = look.session
    stored = session.stored
    is_stage = stored.stage is SessionStage.JIRA_EXPORT
    # A run that also writes the tickets is no export before it has come so far.
    jobs = EXPORT_JOBS if is_stage else {RunJob.EXPORT}
    record = record_of(session, work=Work.EXPORT)
    error = current_error(stored, session.errors)
    has_error = error is not None and error.stage == SessionStage.JIRA_EXPORT.value
    is_broken_off = is_stage and stored.status in _BROKEN_OFF
    is_completed = stored.stage is SessionStage.COMPLETED
    return _state(
        look,
        run=_newest_run(look, jobs),
        work=Work.EXPORT,
        is_stage=is_stage,
        is_dequeued=look.dequeued is not None and look.dequeued.job_name in EXPORT_JOBS,
        has_failed=not is_completed and (has_error or is_broken_off),
        is_done=is_completed or record.completed_at is not None,
    )


def _newest_run(look: Look, jobs: Collection[str]) -> KnownRun | None:
    """Return the newest run of some jobs that is queued or at work."""
    return next((run for run in look.runs if run.job_name in jobs), None)


def writing_state(look: Look) -> WorkState:
    """Return how far the writing of the tickets of a session is."""
    session = look.session
    stored = session.stored
    is_stage = stored.stage in WRITING_STAGES
    run = _newest_run(look, WRITING_JOBS)
    # A run of a job that also exports may be past the tickets: it writes them no more.
    has_run = any(run.run_id == stored.run_id for run in look.runs)
    if has_run and stored.stage in {SessionStage.JIRA_EXPORT, SessionStage.COMPLETED}:
        run = None
    # Once all tickets are written the session is in the review, and its run validates them.
    is_own = run is not None and run.run_id == stored.run_id
    is_validating = is_own and stored.stage is SessionStage.REVIEW
    is_dequeued = look.dequeued is not None and look.dequeued.job_name in WRITING_JOBS
    error = current_error(stored, session.errors)
    return _state(
        look,
        run=run,
        work=Work.WRITING,
        is_stage=is_stage or is_validating,
        all_are_done=is_validating,
        is_dequeued=is_dequeued,
        has_failed=is_stage and error is not None,
        is_done=stored.generated_at is not None,
    )


def _state(
    look: Look,
    *,
    run: KnownRun | None,
    work: Work,
    is_stage: bool,
    is_dequeued: bool,
    has_failed: bool,
    is_done: bool,
    all_are_done: bool = False,
) -> WorkState:
    """Return how far a work is, of what is known of it.

    `run` is its run in flight, `is_stage` says that the session is at this work, or was when it broke
    off, `is_dequeued` that its newest run was cancelled before it began, `has_failed` that it broke off
    with an error, `is_done` that it was done at least once, and `all_are_done` that its run is through
    with all tickets.
    """
    session = look.session
    stored = session.stored
    record = record_of(session, work=work)
    status = stored.status if is_stage else None
    if run is not None or status is SessionStatus.RUNNING:
        phase = Phase.AT_WORK
    elif is_dequeued or status is SessionStatus.CANCELLED:
        phase = Phase.CANCELLED
    elif has_failed:
        phase = Phase.FAILED
    else:
        phase = Phase.COMPLETED if is_done else Phase.NOT_STARTED

    details = None
    current_stage = ""
    # Where another run is queued, the session still shows what the one before it was at.
    is_shown = is_stage and (run is None or run.task_id == look.task_id)
    if is_shown:
        details = stored.progress_details
        current_stage = stored.progress_text
    if not current_stage and phase is Phase.AT_WORK:
        current_stage = _beginning(look, run)
    # A run that carries on with what was done shows the progress so far while it waits for its turn.
    percentage = round(shown_percentage(stored), 1) if is_stage else 0.0
    if phase is Phase.COMPLETED:
        percentage = 100.0
    total = session.tally.exportable
    if all_are_done:
        details = TicketProgress(done=total, total=total)
    progress = details or TicketProgress(done=0, total=total)

    task_id = None if phase is Phase.NOT_STARTED else look.task_id
    run_id = None
    shown_run = _last_run(look, phase) if run is None else run
    if shown_run is not None:
        task_id = shown_run.task_id
        run_id = shown_run.started_run_id
    wait = stored.wait if phase is Phase.AT_WORK and is_shown else None
    failure = None
    if phase in {Phase.FAILED, Phase.CANCELLED}:
        failure = _failure_of(look, phase, record=record, work=work)
    return WorkState(
        session_key=session.key,
        phase=phase,
        task_id=task_id,
        run_id=run_id,
        run_url=session.run_link(run_id),
        run_status=None if run is None else run.status,
        progress_percentage=percentage,
        tickets_completed=_done_count(session, phase, details),
        tickets_failed=progress.failed,
        total_tickets=progress.total,
        current_stage=current_stage,
        waiting_for=None if wait is None else wait.waiting_for,
        retry_at=None if wait is None else wait.retry_at,
        problem=None if wait is None else wait.cause,
        current_ticket_title=progress.ticket_title,
        remaining_minutes=_remaining_minutes(progress),
        record=record,
        failure=failure,
        jira_project_key=session.pipeline.known_project_key(stored),
        entity_group=progress.entity_group,
        entities_in_group=progress.entities_in_group,
    )


def _remaining_minutes(progress: TicketProgress) -> float | None:
    if progress.remaining_seconds is None:
        return None
    return round(progress.remaining_seconds / 60, 2)


def _last_run(look: Look, phase: Phase) -> KnownRun | None:
    """Return the run by which a work is over; None where none was begun, or Dagster knows none."""
    if phase is Phase.CANCELLED and look.dequeued is not None:
        return look.dequeued
    return None if phase is Phase.NOT_STARTED else look.shown


def _done_count(session: OpenSession, phase: Phase, details: TicketProgress | None) -> int:
    """Return how many tickets are done: as the run says, or by the issues there are.

    An export that stopped said so for the last time before its last tickets, so its issues are counted.
    """
    is_export = session.stored.stage is SessionStage.JIRA_EXPORT
    if details is not None and (phase is Phase.AT_WORK or not is_export):
        return details.done
    if session.target is None:
        return 0
    return sum(place.jira_key is not None for place in session.places.values())


def _beginning(look: Look, run: KnownRun | None) -> str:
    """Return what a work is at whose run has not said so yet, in words."""
    stored = look.session.stored
    is_own = run is not None and run.run_id == stored.run_id
    if is_own and stored.stage is SessionStage.REVIEW:
        return "Validating"  # all tickets are written, and the run is not over
    return STARTING if run is None else beginning_of(run)


def beginning_of(run: KnownRun) -> str:
    """Return what a run waits for that has not begun, in words."""
    return WAITING_IN_QUEUE if run.is_queued else STARTING


def _failure_of(look: Look, phase: Phase, *, record: WorkRecord, work: Work) -> Failure:
    """Return why a work broke off: by its error, or because somebody cancelled it."""
    session = look.session
    number = stopped_at_ticket(session)
    place = None if number is None else creation_place_of(session, number)
    has_retries = record.retry_attempts_used < RETRIES_MAX
    is_over = session.stored.stage in {SessionStage.REVIEW, SessionStage.COMPLETED}
    retry_available = has_retries and not is_over
    error = None
    if phase is not Phase.CANCELLED:
        error = current_error(session.stored, session.errors)
    if error is not None:
        return Failure(
            failed_at_ticket_order=place,
            failed_at_ticket_number=number,
            error_category=error.category,
            user_message=error.message,
            recovery_actions=error.recovery_actions,
            code=error.code,
            retry_available=retry_available,
        )
    message = "It was cancelled. Finished work is kept."
    if look.dequeued is not None:
        message = "It was cancelled in the queue, before it started; nothing was done."
    return Failure(
        failed_at_ticket_order=place,
        failed_at_ticket_number=number,
        error_category=ErrorCategory.USER_FIXABLE.value,
        user_message=message,
        recovery_actions=(what_is_next(session).action,),
        code=_CODES_OF_CANCELLED[work],
        retry_available=retry_available,
    )


def export_message(look: Look) -> dict[str, object]:
    """Return the message of `WS /api/jira/export/progress/{id}` about the export as it is now."""
    state = export_state(look)
    if state.phase is Phase.COMPLETED:
        counts = counts_of_completed(look)
        created_count = counts.pop("jira_tickets_created")
        return {
            "type": "export_complete",
            **select_fields(state, f"{_OF_RUN} status=phase"),
            "tickets_created": created_count,
            **counts,
        }
    if state.failure is not None:
        return {
            "type": "export_failed",
            **select_fields(
                state,
                f"{_OF_RUN} status=phase "
                "failed_at_ticket=failure.failed_at_ticket_number "
                "error_category=failure.error_category retry_available=failure.retry_available "
                "error_message=failure.user_message",
            ),
            **_ways_out_of(state, state.failure),
        }
    return {"type": "export_progress"} | select_fields(
        state,
        f"{_OF_RUN} status=phase.of_export progress_percentage "
        "current_stage=short_stage waiting_for retry_at problem tickets_completed tickets_failed total_tickets "
        "estimated_time_remaining_minutes=whole_minutes current_jira_project=jira_project_key "
        "run_status",
    )


def _ways_out_of(state: WorkState, failure: Failure) -> dict[str, object]:
    return ways_out(failure.code, failure.recovery_actions, session_key=state.session_key)


def counts_of_completed(look: Look) -> dict[str, object]:
    """Return the counts of an export that is done, by their names in messages; 0 without results."""
    outcome = results(look.session)
    if outcome is None:
        return {
            "jira_tickets_created": 0,
            "tickets_adopted": 0,
            "dependencies_created": 0,
            "manual_fixes_needed": 0,
            "total_processing_time_minutes": 0,
        }
    return {
        "jira_tickets_created": len(outcome.created),
        "tickets_adopted": len(outcome.adopted),
        "dependencies_created": outcome.dependencies_created,
        "manual_fixes_needed": outcome.open_fixes,
        "total_processing_time_minutes": outcome.total_processing_time_minutes or 0,
    }


def writing_status_json(look: Look) -> dict[str, object]:
    """Return what `GET /api/sessions/{id}/processing/status` answers."""
    message = writing_message(look)
    state = writing_state(look)
    return {name: value for name, value in message.items() if name != "type"} | {
        "retry_attempts_used": state.record.retry_attempts_used,
        "run_status": state.run_status,
        "needs_layout": look.session.needs_layout,
    }


def writing_message(look: Look) -> dict[str, object]:
    """Return the message of `WS /api/sessions/{id}/processing/progress` as of now."""
    state = writing_state(look)
    if state.phase is Phase.COMPLETED:
        return {
            "type": "processing_complete",
            **select_fields(state, _OF_RUN),
            "status": "completed",
            "progress_percentage": 100.0,
            "ready_for_review": True,
            "tickets": look.session.tally.exportable,
        }
    if state.failure is not None:
        return _failed_message(state, state.failure)
    return _progress_message(look, state)


def _failed_message(state: WorkState, failure: Failure) -> dict[str, object]:
    """Return the message that the writing of tickets broke off, and what to do about it."""
    return {
        "type": "processing_failed",
        **select_fields(state, f"{_OF_RUN} status=phase"),
        **select_fields(failure, "error_category error_message=user_message"),
        **_ways_out_of(state, failure),
        **select_fields(failure, "code retry_available"),
    }


def _progress_message(look: Look, state: WorkState) -> dict[str, object]:
    """Return the message that says how far the writing of tickets is, also before it begins."""
    status = "processing" if state.phase is Phase.AT_WORK else state.phase.value
    details = {
        "entity_group": state.entity_group,
        "entities_in_group": state.entities_in_group,
        "current_ticket_title": state.current_ticket_title,
        "tickets_completed": state.tickets_completed,
        "total_tickets": state.total_tickets,
    }
    return {
        "type": "processing_progress",
        **select_fields(state, _OF_RUN),
        "status": status,
        "progress_percentage": state.progress_percentage,
        "current_stage": _stage_of_writing(look, state),
        **select_fields(state, "waiting_for retry_at problem"),
        "details": details,
        "estimated_time_remaining_minutes": state.whole_minutes,
    }


def _stage_of_writing(look: Look, state: WorkState) -> str:
    """Say which display group is written, as in `Processing Content entities (1 of 5 groups)`."""
    if state.waiting_for is not None or state.entity_group is None:
        return state.short_stage
    groups = look.session.groups.values()
    names = list(dict.fromkeys(group.display_group.value for group in groups))
    if state.entity_group not in names:
        return state.current_stage
    number = names.index(state.entity_group) + 1
    return f"Processing {state.entity_group} entities ({number} of {len(names)} groups)"
