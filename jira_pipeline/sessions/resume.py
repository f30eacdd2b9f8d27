"""Carrying on with what did not end, and stopping what is at work.

Belongs here: what a resume carries on with, whether people may, which runs a cancel stops. Does
not: starting the run (`model/runs`), the rules of an export (`export/gate`).

What was finished is not done again: issues are in the ledger, tickets and answers of models in the
store.
"""

from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.context.runs import close_dead, close_failed, in_flight
from jira_pipeline.context.states import BROKEN_OFF, Step, first_writing
from jira_pipeline.export.export_run import ExportOrder
from jira_pipeline.export.exporting import located, refuse_at_gate, refuse_at_jira, refuse_on_target
from jira_pipeline.export.gate import (
    ResumedExport,
    check_retry,
    is_begun,
    nothing_to_cancel,
    resumed_from,
)
from jira_pipeline.jira.client.connection import TimeBudget
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import UPLOADING
from jira_pipeline.model.errors import GateError, GateRule, RetriesExhaustedError
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.records import RETRIES_MAX
from jira_pipeline.model.runs import (
    GENERATION_STEPS,
    INTAKE_STEP,
    LAST_STEP,
    TICKETS_STEP,
    KnownRun,
    RunHistory,
    RunJob,
    WantedRun,
)
from jira_pipeline.model.sessions import AT_WORK, SessionStage, SessionStatus
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.status import what_is_next
from jira_pipeline.writing.writers import require_writer


@json_fields("retry_attempt remaining_retries resuming_from preserved_steps")
@dataclass(frozen=True, slots=True, kw_only=True)
class ResumedGeneration:
    retry_attempt: int
    remaining_retries: int
    resuming_from: str
    """Name of the first step that has something left to do."""
    preserved_steps: tuple[str, ...]
    """Those before it, which find what they made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunResume:
    """A resume that was counted, and the run that carries it out."""

    resumed: ResumedExport | ResumedGeneration
    wanted: WantedRun
    is_exporting: bool
    """It ends with issues."""


def begin_resume(
    session: OpenSession, runs: RunHistory, *, by: str, is_forced: bool
) -> BegunResume:
    """Count a resume and say what it carries on with: the writing that did not end, or an export.

    Raises:
        GateError: There is nothing to resume, it goes on by itself, or a person must act first.
        RetriesExhaustedError: People retried three times already.
        WriterError: The writer of tickets that are to be written cannot be used.
    """
    if session.stored.stage is not SessionStage.JIRA_EXPORT:
        begun = _begin_generation(session, runs, by=by, is_forced=is_forced)
        if begun is not None:
            return begun
    return begin_export_again(session, runs, by=by, is_forced=is_forced)


def begin_generation_again(session: OpenSession, runs: RunHistory, *, by: str) -> BegunResume:
    """Count a resume of the writing of tickets, and say what it carries on with.

    Raises:
        GateError: There is no writing that did not end, it goes on by itself, or an export began.
        RetriesExhaustedError: People retried three times already.
        WriterError: The writer of tickets that are to be written cannot be used.
    """
    is_exporting = session.stored.stage is SessionStage.JIRA_EXPORT
    begun = None if is_exporting else _begin_generation(session, runs, by=by, is_forced=False)
    if begun is None:
        raise GateError(
            f"Session {session.key} has no interrupted writing of tickets to resume.",
            rule=GateRule.NOTHING_TO_RETRY,
            recovery_actions=(what_is_next(session).action,),
        )
    return begun


def _begin_generation(
    session: OpenSession, runs: RunHistory, *, by: str, is_forced: bool
) -> BegunResume | None:
    """Carry on with the last run of a session; None where it was not to write tickets, or has.

    By force also with one whose process may have died on another host. One whose writer cannot be
    used is not counted.
    """
    run = runs.latest(session.key)
    unfinished = runs.unfinished_steps(run.run_id) if run is not None else frozenset()
    if run is None or LAST_STEP not in unfinished:
        return None
    left = [step for step in GENERATION_STEPS if step in unfinished]
    key, locks, stored = session.key, session.store.run_locks, session.stored
    is_shown_ended = stored.run_id == run.run_id and stored.status in BROKEN_OFF
    is_over = (is_shown_ended or is_forced) and not locks.is_alive(run.run_id)
    if not run.is_finished and not is_over and not locks.is_dead(run.run_id):
        raise GateError(
            f"Run {run.run_id} of session {key} is {run.status}; it continues by itself.",
            rule=GateRule.GENERATION_RUNNING,
            recovery_actions=(
                Action.of(ActionKind.SHOW_STATUS, "Watch it: {}.", session_key=key, watch=True),
                Action.of(
                    ActionKind.RESUME,
                    "If its machine is gone: {}; nothing is written twice.",
                    session_key=key,
                    force=True,
                ),
            ),
        )

    close_dead(session)
    retries = session.store.run_requests
    if retries.retry_count(key, what="generation") >= RETRIES_MAX and not is_forced:
        raise RetriesExhaustedError(session_key=key, retries_max=RETRIES_MAX, what="the tickets")
    if TICKETS_STEP in left:
        require_writer(session)
    attempt = retries.add_retry(
        key, by=by, at=session.clock.now(), is_forced=is_forced, what="generation"
    )

    is_ours = run.job_name in set(RunJob)
    uploads = session.store.audit.latest(key, actions=UPLOADING, most=1)
    is_same_again = is_ours and all(entry.at <= run.created_at for entry in uploads)
    done = GENERATION_STEPS[: GENERATION_STEPS.index(left[0])] if is_same_again else ()
    return BegunResume(
        resumed=ResumedGeneration(
            retry_attempt=attempt,
            remaining_retries=max(0, RETRIES_MAX - attempt),
            resuming_from=left[0] if is_same_again else INTAKE_STEP,
            preserved_steps=done,
        ),
        wanted=WantedRun(
            session_key=key,
            job=RunJob(run.job_name) if is_ours else RunJob.GENERATION,
            by=by,
            continued_run_id=run.run_id,
            is_from_start=not is_same_again,
        ),
        is_exporting=run.job_name == RunJob.WHOLE,
    )


def begin_export_again(
    session: OpenSession,
    runs: RunHistory,
    *,
    by: str,
    is_forced: bool,
    budget: TimeBudget | None = None,
) -> BegunResume:
    """Count a resume of an export; one the gate would refuse is not counted.

    Somebody who is not patient learns at once what Jira would refuse; that is not counted either.

    The ledger carries on, whichever step the last run ended at.

    Raises:
        GateError: There is no failed, cancelled or interrupted export, or a person must act first:
            an undo has not ended, or the settings name a target that the session was never at.
        RetriesExhaustedError: People retried three times already.
        UpstreamError: Jira cannot say whether these settings name a target it was at, or refuses.
    """
    session = located(close_dead(session), budget=budget)
    refuse_on_target(session, is_as_new=False)
    retries, key = session.store.run_requests, session.key
    step = what_is_next(session)
    if step.step is Step.RESUME and session.stored.stage is not SessionStage.JIRA_EXPORT:
        step = first_writing(key)  # Dagster no longer knows the run that broke off
    check_retry(
        session.stored,
        retry_count=retries.retry_count(key),
        is_begun=is_begun(session.places.values()) and not session.ledger_marks.is_undone,
        is_forced=is_forced,
        step=step,
    )
    refuse_at_gate(session)
    if budget is not None:
        refuse_at_jira(session, budget=budget)
    order = ExportOrder(
        session_key=key,
        project_key=None,
        rendered=session.judged,
        is_sandbox=session.settings.is_sandbox,
        holder=by,
    )
    attempt = retries.add_retry(key, by=by, at=session.clock.now(), is_forced=is_forced)
    resumed = resumed_from(order, session.places, retry_attempt=attempt)
    last = runs.find(session.stored.run_id) if session.stored.run_id else None
    return BegunResume(
        resumed=resumed,
        wanted=WantedRun(
            session_key=key,
            job=RunJob.EXPORT,
            by=by,
            update=last.update if last is not None else None,
        ),
        is_exporting=True,
    )


class Cancelling(StrEnum):
    """What became of a run that somebody cancelled."""

    ASKED = "asked"
    """It is at work and stops before its next ticket."""
    DEQUEUED = "dequeued"
    """It had not begun, and does not."""
    CLOSED = "closed"
    """It was over; the session no longer shows it as at work."""


@json_fields("run_id became user_message")
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledRun:
    run_id: str
    became: Cancelling

    @property
    def sentence(self) -> str:
        """Finish a sentence that begins with the run."""
        return {
            Cancelling.ASKED: "stops before its next ticket",
            Cancelling.DEQUEUED: "had not begun, and does not begin",
            Cancelling.CLOSED: "was dead already; it is closed",
        }[self.became]

    @property
    def user_message(self) -> str:
        return f"Run {self.run_id} {self.sentence}."


@json_fields("session_key run_id status runs")
@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The answer to a cancel."""

    session_key: str
    status: SessionStatus
    """As the session shows now."""
    runs: tuple[CancelledRun, ...]

    @property
    def run_id(self) -> str:
        """The first of them."""
        return self.runs[0].run_id


def cancel(session: OpenSession, runs: RunHistory, *, by: str) -> Cancelled:
    """Stop what is at work or queued in a session; what only shows as at work is closed instead.

    The lock of a run shows that it is at work on this host; about others Dagster is asked.

    Raises:
        GateError: Nothing is at work.
    """
    locks, shown = session.store.run_locks, session.stored.run_id
    is_shown = shown is not None and session.stored.status in AT_WORK
    found: list[CancelledRun] = []
    if shown is not None and close_dead(session) is not session:
        found.append(CancelledRun(run_id=shown, became=Cancelling.CLOSED))
    elif shown is not None and is_shown and locks.is_alive(shown):
        found.append(_asked(session, shown, by=by))

    for run in in_flight(session, runs):
        if run.run_id in {ended.run_id for ended in found} or locks.is_dead(run.run_id):
            continue
        found.append(stop_run(session, runs, run, by=by))

    if not found and shown is not None and session.stored.status is SessionStatus.RUNNING:
        if runs.find(shown) is not None:  # Dagster knows that it ended
            close_failed(session, run_id=shown, is_cancelled=False)
            found.append(CancelledRun(run_id=shown, became=Cancelling.CLOSED))
        else:  # on another host, such as an undo
            found.append(_asked(session, shown, by=by))
    if not found:
        raise nothing_to_cancel(session.stored, step=what_is_next(session.again()))
    status = session.again().stored.status
    return Cancelled(session_key=session.key, status=status, runs=tuple(found))


def stop_run(session: OpenSession, runs: RunHistory, run: KnownRun, *, by: str) -> CancelledRun:
    """Stop one run, whether it waits, starts or is at work."""
    if not run.is_queued:
        asked = _asked(session, run.run_id, by=by)  # also where its process begins at this moment
        if not run.is_starting:
            return asked
    runs.dequeue(run.run_id)
    return CancelledRun(run_id=run.run_id, became=Cancelling.DEQUEUED)


def _asked(session: OpenSession, run_id: str, *, by: str) -> CancelledRun:
    at = session.clock.now()
    session.store.sessions.request_cancel(session.key, at=at, by=by, run_id=run_id)
    return CancelledRun(run_id=run_id, became=Cancelling.ASKED)
