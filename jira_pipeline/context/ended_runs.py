"""Runs that ended without saying so: what that means for the session that still shows them at work.

Belongs here: finding a session whose run died, and storing the error and status that follow; where
that cannot be stored, showing the session so. Does not: what an end means (`states`), errors that a
run stores itself (`run_errors`), ending a run in Dagster (`dagster_port/dead_runs`).

Example: the machine restarts during an export. The next command sees a lock that nobody holds,
stores the error `run_died` and shows the session as failed, so that it can be resumed.
"""

import logging
from dataclasses import replace
from typing import TypeVar

from jira_pipeline.context.facts import SessionFacts
from jira_pipeline.context.run_errors import dead_if_unstored, mistake_of_run
from jira_pipeline.context.run_statuses import EndedRun, RunEnd, status_after
from jira_pipeline.context.states import Situation, Step, next_step
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import PipelineError, RunDiedError, StoreBusyError, StoreError
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.runs import UnexpectedFailure
from jira_pipeline.model.sessions import AT_WORK, SessionStatus, UploadSession

logger = logging.getLogger(__name__)

_REASONS = {
    RunEnd.FAILED: "it failed without saying why; the Dagster UI shows its log.",
    RunEnd.CANCELLED: "someone stopped it.",
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
"""Why a run ended, as its session says it, where the run stored no error itself."""

Session = TypeVar("Session", bound=SessionFacts)


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
        reason = f"its database could not be used ({failure.place}); the log of the run says why."
    step = next_step(Situation(session=replace(stored, status=SessionStatus.FAILED)))
    action = Action.of(ActionKind.SHOW_STATUS, "{} shows the next step.", session_key=key)
    if step.step is Step.RESUME:
        action = replace(step.action, sentence=f"{step.action.sentence[:-1]}; nothing is repeated.")
    return RunDiedError(
        session_key=key, run_id=ended.run_id, reason=reason, recovery_actions=(action,)
    )


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
