"""Runs seen from outside of Dagster: who is at work, what a failed or dead one means for its session.

Belongs here: what needs no Dagster, which takes long to import; storing how a run ended; what follows
from a stored error, its ticket and its session, in plain language; what is done for sessions by
themselves (validated again, exported when asked), decided from facts that were gathered, and
whether a daemon looks at all. Does not: gathering these and starting runs
(`defs/sessions/automation`), which sessions the clock removes (`retention`), what an end means
(`context/states`), what the code of an error means (`model/errors`), showing it (`cli/console`),
whether a step or a run is tried again (`dagster_port/steps`), ending a run in Dagster (`dagster_port/dead_runs`), starting one (`model/sessions`).
"""

import logging
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from typing_extensions import override

from jira_pipeline.context.facts import SessionFacts
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import (
    EndedRun,
    RunEnd,
    RunState,
    Situation,
    Step,
    changes_since_validation,
    current_error,
    next_step,
    source_changed,
    status_after,
    status_after_error,
)
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.errors import (
    ErrorCategory,
    GateError,
    PipelineError,
    RunDiedError,
    SessionKeyError,
    StoreBusyError,
    StoreError,
    UnavailableError,
    UnexpectedError,
    meanings,
    system_message,
)
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.records import AuditAction, StoredError
from jira_pipeline.model.runs import KnownRun, RunHistory, UnexpectedFailure
from jira_pipeline.model.sessions import (
    AT_WORK,
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadSession,
)
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.store.session_store import SessionStore
from jira_pipeline.store.store import Store

DIED = "This run's process ended without reporting: killed, out of memory or shut down."
PASS_ON_INTERVAL_SECONDS = 5.0
"""Dagster keeps each line of a log for good."""
_ENDED = frozenset({SessionStatus.FAILED, SessionStatus.CANCELLED, SessionStatus.COMPLETED})
logger = logging.getLogger(__name__)

Session = TypeVar("Session", bound=SessionFacts)
PassOn = Callable[[UploadSession], None]


def new_run_id() -> str:
    """Return an id for a run that is announced before it begins, as Dagster makes them."""
    return str(uuid.uuid4())  # noqa: TID251 - nothing is derived from it


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


def close_ended(session: SessionFacts, ended: EndedRun) -> bool:
    """Set the status of a session whose run ended without setting it; return whether it was needed.

    The error is stored first: where that fails, the session is closed when it is looked at next. An
    error that the run stored itself stays the only one: it says more than that the run died.
    """
    stored = session.stored
    key = session.key
    at = session.clock.now()
    is_stored = any(e.run_id == ended.run_id for e in session.store.errors.list_all(key))
    status = status_after(stored, ended, is_stored=is_stored)
    if status is None:
        return False
    if status is SessionStatus.FAILED and not is_stored:
        session.store.errors.record(
            _error_of_end(stored, ended),
            session_key=key,
            stage=stored.stage.value,
            at=at,
            run_id=ended.run_id,
        )
    session.store.sessions.set_stage(
        key, stage=stored.stage, status=status, at=at, run_id=ended.run_id
    )
    return True


def _error_of_end(stored: UploadSession, ended: EndedRun) -> PipelineError:
    """Return the error by which a run ended that stored none itself."""
    key = stored.session_key
    failure = ended.failure
    reason = _REASONS[ended.end]
    if failure is not None and not failure.is_of_database:
        return mistake_of_run(ended.run_id, failure)
    if failure is not None:
        reason = f"its database could not be used ({failure.kind} at {failure.place})."
    step = next_step(Situation(session=replace(stored, status=SessionStatus.FAILED)))
    action = Action.of(ActionKind.SHOW_STATUS, "{} shows the next step.", session_key=key)
    if step.step is Step.RESUME:
        action = replace(step.action, sentence=f"{step.action.sentence[:-1]}; nothing is repeated.")
    return RunDiedError(
        session_key=key, run_id=ended.run_id, reason=reason, recovery_actions=(action,)
    )


def mistake_of_run(run_id: str, failure: UnexpectedFailure) -> UnexpectedError:
    """Name the error by which a run failed; nobody is told to resume: the next one meets it too."""
    what = f"Step {failure.step} of run {run_id}" if failure.step else f"Run {run_id}"
    return UnexpectedError(what=what, kind=failure.kind, place=failure.place)


_REASONS = {
    RunEnd.FAILED: "it failed without saying why; the Dagster UI shows its log.",
    RunEnd.CANCELLED: "somebody stopped it.",
    RunEnd.DIED: "its process was killed or crashed.",
    RunEnd.NOT_STARTED: (
        "Dagster could not start it, perhaps because the machine is overloaded; the Dagster UI "
        "shows its attempts."
    ),
    RunEnd.UNREPORTED: (
        "it could not store the reason, because the disk was full or the store could not be "
        "written. Free up space before resuming."
    ),
}


def was_killed(error: StoredError) -> bool:
    """Tell whether an error says that a process died, not that none began or that its end is lost."""
    return error.code == RunDiedError.code and error.message.endswith(_REASONS[RunEnd.DIED])


def close_failed(
    session: SessionFacts,
    *,
    run_id: str,
    is_cancelled: bool = False,
    failure: UnexpectedFailure | None = None,
) -> None:
    """Close what a run of this process left open, as the sensors do where a daemon runs."""
    end = RunEnd.CANCELLED if is_cancelled else _end_of(session, run_id, RunEnd.FAILED)
    with dead_if_unstored(session.pipeline, run_id):
        ended = EndedRun(run_id=run_id, end=end, ended_at=session.clock.now(), failure=failure)
        close_ended(session.reload(), ended)


def close_dead(session: Session) -> Session:
    """Close the session where its run died, and return it as it is then; else return it as given.

    The lock stays: by it `dagster_port/dead_runs` knows that Dagster's run is to be ended, too.
    """
    run_id = session.stored.run_id
    is_shown_at_work = session.stored.status in AT_WORK
    if run_id is None or not is_shown_at_work or not session.store.run_locks.is_dead(run_id):
        return session
    end = _end_of(session, run_id, RunEnd.DIED)
    close_ended(session, EndedRun(run_id=run_id, end=end, ended_at=session.clock.now()))
    return session.reload()


def _end_of(session: SessionFacts, run_id: str, otherwise: RunEnd) -> RunEnd:
    was_left = session.store.run_locks.find_dead_runs([run_id]).get(run_id, False)
    return RunEnd.UNREPORTED if was_left else otherwise


def seen_closed(session: Session) -> Session:
    """Return the session as `close_dead` leaves it; where that cannot be stored, as it would.

    The disk may be full, or the store may only be read.
    """
    try:
        return close_dead(session)
    except (StoreError, StoreBusyError) as unstored:
        run_id = session.stored.run_id
        logger.info("that run %s died could not be stored: %s", run_id, unstored.message)
        failed = replace(session.stored, status=SessionStatus.FAILED)
        return replace(session, stored=failed, elsewhere=None)


def in_flight(session: SessionFacts, runs: RunHistory) -> tuple[KnownRun, ...]:
    """Return the runs of a session that are queued or at work, the newest first.

    A killed run stays `started` until the daemon looks; where the session shows how its run ended,
    that run is not at work.
    """
    stored = session.elsewhere or session.stored
    return tuple(
        run
        for run in runs.in_flight(session.key)
        if run.run_id != stored.run_id or stored.status not in _ENDED
    )


def run_state(session: SessionFacts, runs: RunHistory) -> RunState:
    """Return what is known of a session's runs: one at work or queued, else the last."""
    at_work = in_flight(session, runs)
    run_id = session.stored.run_id
    return run_state_of(at_work, None if at_work or run_id is None else runs.find(run_id))


def run_state_of(at_work: Sequence[KnownRun], shown: KnownRun | None) -> RunState:
    """Return the state of a session from its runs at work or queued, else from the run it shows."""
    counting = next(iter(at_work), shown)
    word = None if counting is None else counting.status
    return RunState(word=word, is_in_flight=bool(at_work))


class ObservedSessions(SessionStore):
    """Passes a part of the stored progress on to somebody who follows the work on a session."""

    def __init__(
        self, store: Store, pass_on: PassOn, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(store.database)
        self._pass_on = pass_on
        self._monotonic = monotonic
        self._passed_on_at: float | None = None

    @override
    def set_progress(
        self,
        session_key: str,
        *,
        percentage: float,
        text: str,
        at: datetime,
        details: TicketProgress | None = None,
    ) -> None:
        """Store progress; pass it on as it is stored, which never goes backwards."""
        super().set_progress(session_key, percentage=percentage, text=text, at=at, details=details)
        now = self._monotonic()
        if self._passed_on_at is None or now - self._passed_on_at >= PASS_ON_INTERVAL_SECONDS:
            self._passed_on_at = now
            self._pass_on(self.get(session_key))


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
    text = error.message
    if isinstance(error, UnavailableError):
        moves = run.pipeline.store.audit.latest(run.session_key, actions={AuditAction.STAGE_SET})
        state = [stage.value, SessionStatus.WAITING.value]
        waits = takewhile(lambda entry: entry.details["to"] == state, moves)
        # Since the first of the tries in a row that ended in waiting.
        since = min((entry.at for entry in waits), default=now)
        again = now + timedelta(seconds=wait_seconds)
        tries = "once" if tried_count == 1 else f"{tried_count} times"
        exist = f"{details.done} of {details.total} issues exist, and none" if details else "None"
        # In words for whoever waits; the log has what the network said.
        text = (
            f"Jira has not answered since {since:%H:%M:%S} UTC: tried {tries}, last at "
            f"{now:%H:%M:%S}; next attempt at {again:%H:%M:%S}. {exist} will be created twice."
        )
    run.pipeline.store.sessions.set_progress(
        session.session_key,
        percentage=session.progress_percentage if is_same_stage else 0.0,
        text=text,
        at=now,
        details=None if details is None else replace(details, remaining_seconds=None),
    )


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
    meanings_now = meanings()
    meaning = meanings_now.get(error.code) or replace(meanings_now[RunDiedError.code], **_UNKNOWN)
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


TICK_FILE = "outbox_sensor.tick"
TICKS_UP_TO = timedelta(seconds=120)
"""It looks every 30 s, and later where the machine is busy."""
ANSWERS_KEPT_DAYS = 90.0
"""At least: a site is specified in weeks, and its sheets come again for corrections for months."""


class Upkeep(StrEnum):
    """What a stale session needs."""

    NOTHING = "nothing"
    WAIT = "wait"
    """Somebody is still editing, or a run is at work."""
    VALIDATE = "validate"
    PERSON = "person"
    """Other sheets were uploaded: somebody decides to write the tickets again."""


def upkeep_of(session: UploadSession, *, now: datetime, settle_seconds: float) -> Upkeep:
    """Decide what a session needs now; an edit counts once nobody edited for `settle_seconds`.

    Whether a run of it is queued or at work is for who starts one to ask.
    """
    stale = changes_since_validation(session)
    if session.last_validated_at is None or not stale:
        return Upkeep.NOTHING
    if source_changed(session.source_word) in stale:
        return Upkeep.PERSON
    is_exporting = (session.stage, session.status) == (
        SessionStage.JIRA_EXPORT,
        SessionStatus.RUNNING,
    )
    rested = now - (session.last_invalidated_at or session.last_validated_at)
    if is_exporting or rested < timedelta(seconds=settle_seconds):
        return Upkeep.WAIT
    return Upkeep.VALIDATE


def answers_used_since(now: datetime, *, keep_days: float | None) -> datetime:
    """Return the time answers of models must have been used after to be kept.

    `keep_days` is how long sessions are kept at least, None where none is removed.
    """
    return now - timedelta(days=max(ANSWERS_KEPT_DAYS, keep_days or 0.0))


def note_tick(pipeline: Pipeline) -> None:
    """Note that the daemon looks for tickets to validate; where that cannot be written, it looks on.

    It is a file, since a command must not wait for Dagster to be imported.
    """
    try:
        (pipeline.settings.home_path / TICK_FILE).touch()
    except OSError as error:
        logger.info("the look of the daemon could not be noted: %s", system_message(error))


def is_validated_by_daemon(session: SessionFacts) -> bool:
    """Tell whether the daemon validates a session by itself, once nobody edits it.

    A daemon whose sensor is switched off, or which runs elsewhere with a home of its own, does not
    count: it may not validate.
    """
    now = session.clock.now()
    if upkeep_of(session.stored, now=now, settle_seconds=0.0) is not Upkeep.VALIDATE:
        return False
    try:
        seconds = (session.settings.home_path / TICK_FILE).stat().st_mtime
    except OSError:
        return False
    return now - datetime.fromtimestamp(seconds, UTC) <= TICKS_UP_TO
