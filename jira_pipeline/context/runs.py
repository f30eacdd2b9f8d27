"""Runs seen from outside of Dagster: who is at work, what a dead run left open.

Belongs here: what needs no Dagster, which takes long to import. Does not: what an end means
(`context/states`), ending a run in Dagster (`dagster_port/dagster_runs`), starting one (`model/runs`).
"""

import logging
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from typing_extensions import override

from jira_pipeline.context.facts import SessionFacts
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import (
    EndedRun,
    RunEnd,
    RunState,
    Situation,
    Step,
    next_step,
    status_after,
)
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import RunDiedError, StoreBusyError, StoreError, UnexpectedError
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.runs import KnownRun, RunHistory
from jira_pipeline.model.sessions import AT_WORK, SessionStatus, TicketProgress, UploadSession
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

    People learn what failed at first; an error from storing it must not hide that.
    """
    try:
        yield
    except (StoreError, StoreBusyError) as unstored:
        pipeline.store.run_locks.leave(run_id)
        logger.info("how run %s ended could not be stored: %s", run_id, unstored.message)


def close_ended(session: SessionFacts, ended: EndedRun) -> bool:
    """Close what a run left open; return whether anything was. Safe to repeat.

    The error goes first: where it cannot be stored, the session is closed by the next look. One
    that the run stored itself says more than that it died.
    """
    stored, key, at = session.stored, session.key, session.clock.now()
    is_stored = any(e.run_id == ended.run_id for e in session.store.errors.list_all(key))
    status = status_after(stored, ended, is_stored=is_stored)
    if status is None:
        return False
    if status is SessionStatus.FAILED and not is_stored:
        step = next_step(Situation(session=replace(stored, status=SessionStatus.FAILED)))
        action = Action.of(ActionKind.SHOW_STATUS, "{} shows the next step.", session_key=key)
        if step.step is Step.RESUME:
            action = replace(step.action, sentence=f"{step.sentence}: {{}}; nothing is repeated.")
        reason = _REASONS[ended.end]
        session.store.errors.record(
            RunDiedError(
                session_key=key, run_id=ended.run_id, reason=reason, recovery_actions=(action,)
            ),
            session_key=key,
            stage=stored.stage.value,
            at=at,
            run_id=ended.run_id,
        )
    session.store.sessions.set_stage(
        key, stage=stored.stage, status=status, at=at, run_id=ended.run_id
    )
    return True


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


def close_failed(session: SessionFacts, *, run_id: str, is_cancelled: bool) -> None:
    """Close what a run of this process left open, as the sensors do where a daemon runs."""
    end = RunEnd.CANCELLED if is_cancelled else _end_of(session, run_id, RunEnd.FAILED)
    with dead_if_unstored(session.pipeline, run_id):
        ended = EndedRun(run_id=run_id, end=end, ended_at=session.clock.now())
        close_ended(session.again(), ended)


def close_dead(session: Session) -> Session:
    """Close the session where its run died, and return it as it is then; else return it as given.

    The lock stays: by it `dagster_port/dagster_runs` knows that Dagster's run is to be ended, too.
    """
    run_id = session.stored.run_id
    is_shown_at_work = session.stored.status in AT_WORK
    if run_id is None or not is_shown_at_work or not session.store.run_locks.is_dead(run_id):
        return session
    end = _end_of(session, run_id, RunEnd.DIED)
    close_ended(session, EndedRun(run_id=run_id, end=end, ended_at=session.clock.now()))
    return session.again()


def _end_of(session: SessionFacts, run_id: str, otherwise: RunEnd) -> RunEnd:
    return RunEnd.UNREPORTED if session.store.run_locks.was_left(run_id) else otherwise


def seen_closed(session: Session) -> Session:
    """Close the session where its run died, for a look; what cannot be stored is shown all the same.

    A disk may be full, or the store one that may only be read.
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
    at_work, run_id = in_flight(session, runs), session.stored.run_id
    return run_state_of(at_work, None if at_work or run_id is None else runs.find(run_id))


def run_state_of(at_work: Sequence[KnownRun], shown: KnownRun | None) -> RunState:
    """Say it of the runs at work or queued, and of the one the session shows."""
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
