"""Starting work on a session, and carrying on with what did not end.

Work is a run of Dagster that exports, writes, validates, undoes or settles. `start_…` functions are
for pages and programs, which do not wait for its end: they check what can be checked at once, start a
`WantedRun`, and answer. Where such work is queued or under way already, by what Dagster knows of all
hosts, nothing is started and that run is the answer. `begin_…` functions are for a terminal, where
somebody has seen the plan and waits: they return the wanted run for the caller to carry out.

A resume does not repeat what is done: issues are in the ledger, tickets and answers of models in the
store. People may retry the same work three times.

Belongs here: whether work may start, which run is wanted, what a resume carries on with, what is
answered. Does not: the run itself (`model/runs`), stopping one (`cancelling`), the rules of an export
(`export/gate`, `export/resumed_exports`).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from jira_pipeline.context.ended_runs import close_dead
from jira_pipeline.context.runs import in_flight, new_run_id
from jira_pipeline.context.states import (
    BROKEN_OFF,
    NextStep,
    Step,
    first_writing,
    refuse_without_tickets,
)
from jira_pipeline.context.trackers import answer_deadline
from jira_pipeline.export.durations import StartedExport
from jira_pipeline.export.export_run import ExportOrder, creation_order
from jira_pipeline.export.exporting import (
    announce_export,
    refuse_at_gate,
    refuse_at_jira,
    refuse_on_target,
    refuse_unknown_tickets,
    with_target,
)
from jira_pipeline.export.resumed_exports import (
    ResumedExport,
    check_retry,
    is_begun,
    is_broken_off,
    refuse_exhausted,
    resumed_from,
)
from jira_pipeline.export.session_results import idle_reason, refuse_never_exported
from jira_pipeline.export.target_questions import duplicate_sessions_of, question_of
from jira_pipeline.export.undo import nothing_to_end
from jira_pipeline.jira.client.connection import TimeBudget
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import UPLOADING
from jira_pipeline.model.errors import (
    GateError,
    GateRule,
    RetriesExhaustedError,
    SessionLockedError,
)
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.runs import (
    EXPORT_JOBS,
    GENERATION_STEPS,
    INTAKE_STEP,
    LAST_STEP,
    TICKETS_STEP,
    WRITING_JOBS,
    KnownRun,
    RunHistory,
    RunJob,
    RunRequest,
    Runs,
    WantedRun,
)
from jira_pipeline.model.sessions import WRITING_STAGES, AsNew, SessionStage, UploadSession
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.model.work_records import RETRIES_MAX, Retried, Work
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.status import what_is_next
from jira_pipeline.writing.generation import (
    StartedGeneration,
    accept_writing_order,
    refuse_while_writing,
    started_generation,
)
from jira_pipeline.writing.writers import (
    WHOLE_SESSION,
    WritingOrder,
    refuse_unknown_writer,
    require_writer,
)

_RETRIED_WORK: Mapping[Retried, str] = {"export": "the export", "generation": "the tickets"}

Given = ParamSpec("Given")
Begun = TypeVar("Begun")


def _in_turn(
    start: Callable[Concatenate[OpenSession, Given], Begun],
) -> Callable[Concatenate[OpenSession, Given], Begun]:
    """Decorate a start so that one thread at a time starts something for a session.

    So the second of two clicks finds the run of the first.
    """

    @wraps(start)
    def started(session: OpenSession, /, *args: Given.args, **given: Given.kwargs) -> Begun:
        with session.pipeline.starting.of(session.key):
            return start(session, *args, **given)

    return started


@_in_turn
def start_export(
    session: OpenSession,
    runs: Runs,
    *,
    by: str,
    is_as_new: bool = False,
    update: UpdateChoice | None = None,
    agreed_hash: str | None = None,
) -> StartedExport:
    """Start an export, or return the export of the session that is queued or at work.

    `is_as_new` says that new issues are wanted although there are some already, or on another
    target; that is stored. With `update`, issues of tickets that changed are updated. With
    `agreed_hash` (`agreed_export_hash`) the run refuses what changed since. What Jira would refuse at
    once is asked before the start.

    Raises:
        NotFoundError: The update names a ticket that does not exist.
        GateError: A person must act first.
        RetriesExhaustedError: It would carry on with an export that people retried three times.
        ConfigurationError: A real Jira is configured and nobody named a project.
        UpstreamError: Jira refuses, does not let us in, or cannot be asked.
    """
    refuse_unknown_tickets(session, update)
    session = close_dead(session)
    running = _run_at_work(session, runs, jobs=EXPORT_JOBS)
    if running is not None:
        return _export_at_work(session, running)
    _refuse_while_taking_back(session, runs)
    is_retry = is_broken_off(session.stored)
    if is_retry:
        refuse_exhausted(session.key, retry_count=session.retry_count(Work.EXPORT))
    refuse_at_gate(session)
    idle = idle_reason(session)
    if idle:
        raise GateError(
            f"Session {session.key} has nothing to export. {idle}", rule=GateRule.NOTHING_TO_EXPORT
        )
    budget = answer_deadline()
    session = with_target(session, budget=budget)
    refuse_on_target(session, is_as_new=is_as_new)
    target = session.coming_target
    same = duplicate_sessions_of(session, session.store.tickets.exported_groups(session.key))
    issues_beside: list[AsNew] = []
    question = question_of(same, session_key=session.key, target=target) if target else None
    if target and question:
        if not is_as_new:
            raise question
        issues_beside = [
            AsNew(target_id=target.target_id, session_key=other.session_key) for other in same
        ]
    refuse_at_jira(session, budget=budget)
    _store_as_new(session, issues_beside, by=by)
    if is_retry:
        session.store.run_requests.add_retry(
            session.key, by=by, at=session.clock.now(), is_forced=False
        )
    announced = announce_export(session, task_id="")
    as_new_by = by if is_as_new else None
    wanted = WantedRun(
        session_key=session.key,
        job=RunJob.EXPORT,
        by=by,
        as_new_by=as_new_by,
        update=update,
        agreed_hash=agreed_hash,
    )
    task_id = runs.start(wanted)
    started_at = _requested_at(session, task_id) or announced.started_at
    return replace(announced, task_id=task_id, started_at=started_at)


def _refuse_while_taking_back(session: OpenSession, runs: RunHistory) -> None:
    """Refuse an export that would begin after an undo: nobody has seen what that leaves to create.

    Raises:
        GateError: An undo is queued or at work.
    """
    running = _run_at_work(session, runs, jobs={RunJob.UNDO})
    if running is not None:
        raise GateError(
            f"An undo of session {session.key} is {running.status}: {running.shown_name}.",
            rule=GateRule.UNDO_OPEN,
            session_key=session.key,
            recovery_actions=(
                Action.of(ActionKind.WAIT, "Wait until it has ended, and look at the plan again."),
            ),
        )


def _requested_at(session: OpenSession, task_id: str) -> datetime | None:
    """Return when a run was requested; None where there is no request for it.

    Every answer about the same work has this time, also that of a second click.
    """
    request = session.store.run_requests.find(task_id)
    return None if request is None else request.requested_at


def begin_export(
    session: OpenSession,
    *,
    answers: Collection[AsNew] = (),
    is_as_new: bool = False,
    update: UpdateChoice | None = None,
    by: str,
) -> tuple[StartedExport, WantedRun]:
    """Return the announcement of an export whose plan somebody saw, and the run to carry out.

    `answers` name the sessions beside whose issues new ones are wanted; they are stored. It does not
    count as a retry, even where an export broke off, as the person has seen the plan.
    """
    _store_as_new(session, answers, by=by)
    wanted = WantedRun(
        session_key=session.key,
        job=RunJob.EXPORT,
        by=by,
        run_id=new_run_id(),
        as_new_by=by if is_as_new else None,
        update=update,
    )
    run_id = wanted.run_id
    return announce_export(session.reload(), task_id=run_id or "", run_id=run_id), wanted


def queue_export(session: OpenSession, *, answers: Collection[AsNew] = (), by: str) -> RunRequest:
    """Request an export that the daemon starts; return the request, or the one that waits already."""
    _store_as_new(session, answers, by=by)
    return session.store.run_requests.request(
        session.key, job_name=RunJob.EXPORT, task_id=new_run_id(), by=by, at=session.clock.now()
    )


def _store_as_new(session: OpenSession, answers: Collection[AsNew], *, by: str) -> None:
    """Store that new issues are wanted beside those of other sessions; nothing without answers."""
    if answers:
        session.store.sessions.answer_as_new(
            session.key, tuple(answers), by=by, at=session.clock.now()
        )


def _export_at_work(session: OpenSession, running: KnownRun) -> StartedExport:
    """Describe an export that is queued or at work; it has progress once its run has begun."""
    has_begun = session.stored.run_id == running.run_id
    is_carried_on = session.stored.stage is SessionStage.JIRA_EXPORT
    details = session.stored.progress_details if has_begun else None
    return replace(
        announce_export(session, task_id=running.task_id, run_id=running.started_run_id),
        started_at=_requested_at(session, running.task_id) or running.created_at,
        progress_percentage=session.stored.progress_percentage if is_carried_on else 0.0,
        is_already_running=True,
        current_ticket_title=(details.ticket_title or "") if details else "",
    )


@_in_turn
def start_generation(
    session: OpenSession, runs: Runs, *, by: str, order: WritingOrder = WHOLE_SESSION
) -> StartedGeneration:
    """Start writing tickets, or return the run that writes all of them or is queued to do so.

    The writer is checked first. A writer that the order names is the session's from then on.

    Raises:
        GateError: Certain tickets are ordered, but a run writes already, or the sheets are newer.
        InputError: No ticket has a number of the order, people wrote its text, or the writer reads
            no remarks.
        WrongUseError: There is no writer of that name.
        WriterError: The writer cannot be used now, or not as configured; nothing was started.
        SessionLockedError: The session is being exported.
    """
    session = close_dead(session)
    for run in in_flight(session, runs):
        if run.job_name in WRITING_JOBS and TICKETS_STEP in runs.unfinished_steps(run.run_id):
            running = started_generation(
                session,
                task_id=run.task_id,
                run_id=run.started_run_id,
                started_at=_requested_at(session, run.task_id) or run.created_at,
            )
            refuse_while_writing(running, order)
            return running
    if _run_at_work(session, runs, jobs=EXPORT_JOBS) is not None:
        raise SessionLockedError(session_key=session.key)
    session.refuse_without_layout()
    refuse_unknown_writer(session.pipeline, order.writer, where="writer")
    session = accept_writing_order(session, order, by=by)
    announced = started_generation(session, task_id="", numbers=order.numbers)
    wanted = WantedRun(session_key=session.key, job=RunJob.GENERATION, by=by, tickets=order.numbers)
    task_id = runs.start(wanted)
    started_at = _requested_at(session, task_id) or announced.started_at
    return replace(announced, task_id=task_id, started_at=started_at)


@_in_turn
def start_validation(session: OpenSession, runs: Runs, *, by: str) -> bool:
    """Start validating tickets; return False where a run is queued or at work that does so.

    Raises:
        GateError: There are no tickets yet.
    """
    session = close_dead(session)
    refuse_without_tickets(session.stored)
    for run in in_flight(session, runs):
        if run.job_name == RunJob.VALIDATION or LAST_STEP in runs.unfinished_steps(run.run_id):
            return False
    runs.start(WantedRun(session_key=session.key, job=RunJob.VALIDATION, by=by))
    return True


@_in_turn
def start_undo(
    session: OpenSession,
    runs: Runs,
    *,
    by: str,
    keeps_rest: bool = False,
    agreed_issue_ids: tuple[str, ...] | None = None,
) -> bool:
    """Start undoing the export of a session; return False where an undo is queued or at work.

    An undo that did not end is carried on. With `keeps_rest` it is ended instead, and the issues that
    are left stay. With `agreed_issue_ids` (of a plan) the run deletes these and no others.

    Raises:
        GateError: An export is queued or at work, there was none, or there is no undo to end.
    """
    refuse_while_exporting(session, runs)
    refuse_never_exported(session)
    if keeps_rest and session.ledger_marks.open_undo is None:
        raise nothing_to_end(session.key, where=session.target_name)
    wanted = WantedRun(
        session_key=session.key,
        job=RunJob.UNDO,
        by=by,
        keeps_rest=keeps_rest,
        agreed_issue_ids=agreed_issue_ids,
    )
    return _is_started(session, runs, wanted)


@_in_turn
def start_settling(session: OpenSession, runs: Runs, *, by: str) -> bool:
    """Start looking up unconfirmed issues; return False where a run is queued or at work for it.

    Raises:
        GateError: An export is queued or at work, or there was none.
    """
    refuse_while_exporting(session, runs)
    refuse_never_exported(session)
    wanted = WantedRun(session_key=session.key, job=RunJob.SETTLE, by=by)
    return _is_started(session, runs, wanted)


def _is_started(session: OpenSession, runs: Runs, wanted: WantedRun) -> bool:
    """Start a run unless one of its job is queued or at work; return whether it was started."""
    is_idle = _run_at_work(session, runs, jobs={wanted.job}) is None
    if is_idle:
        runs.start(wanted)
    return is_idle


def creation_place_of(session: OpenSession, number: int | None) -> int | None:
    """Return the position of a ticket in the order of creation, from 0; None where it has none."""
    listed = session.store.tickets.listed(session.key)
    numbers = {ticket.ticket_id: ticket.number for ticket in listed}
    for place, ticket_id in enumerate(creation_order(listed)):
        if numbers[ticket_id] == number:
            return place
    return None


def refuse_while_exporting(session: OpenSession, runs: RunHistory) -> None:
    """Refuse to go on while an export is queued or at work.

    Raises:
        GateError: An export is queued or at work.
    """
    running = _run_at_work(close_dead(session), runs, jobs=EXPORT_JOBS)
    if running is not None:
        raise GateError(
            f"An export of session {session.key} is {running.status}: {running.shown_name}.",
            rule=GateRule.EXPORT_RUNNING,
            session_key=session.key,
        )


def _run_at_work(
    session: OpenSession, runs: RunHistory, *, jobs: Collection[RunJob]
) -> KnownRun | None:
    """Return the first run of one of these jobs that is queued or at work; None where none is."""
    for run in in_flight(session, runs):
        if run.job_name in set(jobs):
            return run
    return None


@json_fields("retry_attempt remaining_retries resuming_from preserved_steps")
@dataclass(frozen=True, slots=True, kw_only=True)
class ResumedGeneration:
    """What carrying on with an interrupted writing of tickets is answered with."""

    retry_attempt: int
    """The number of this retry, from 1."""
    remaining_retries: int
    resuming_from: str
    """Name of the first step that has something left to do."""
    preserved_steps: tuple[str, ...]
    """Names of the steps before it, whose results are used again."""


def begin_resume(
    session: OpenSession, runs: RunHistory, *, by: str, is_forced: bool
) -> tuple[ResumedExport | ResumedGeneration, WantedRun]:
    """Count a resume as a retry; return what it carries on with, and the run to carry out.

    That is the writing of tickets that did not end, or else the export.

    Raises:
        GateError: There is nothing to resume, it goes on by itself, or a person must act first.
        RetriesExhaustedError: People retried three times already, and `is_forced` is false.
        WriterError: Tickets are to be written, but the writer cannot be used.
    """
    if session.stored.stage is not SessionStage.JIRA_EXPORT:
        begun = _begin_generation(session, runs, by=by, is_forced=is_forced)
        if begun is not None:
            return begun
    return begin_export_again(session, runs, by=by, is_forced=is_forced)


def _begin_generation(
    session: OpenSession, runs: RunHistory, *, by: str, is_forced: bool
) -> tuple[ResumedGeneration, WantedRun] | None:
    """Count a resume of the last run that writes tickets; None where there is none, or it is done.

    By force this is also done for a run of another host, whose process may have died there. Where the
    writer cannot be used, the retry is not counted.

    Raises:
        GateError: The run is at work, or may be.
        RetriesExhaustedError: People retried three times already.
        WriterError: The writer cannot be used.
    """
    run = runs.latest(session.key)
    unfinished = runs.unfinished_steps(run.run_id) if run is not None else frozenset()
    if run is None or LAST_STEP not in unfinished:
        return None
    steps_left = [step for step in GENERATION_STEPS if step in unfinished]
    key = session.key
    locks = session.store.run_locks
    stored = session.stored
    is_shown_ended = stored.run_id == run.run_id and stored.status in BROKEN_OFF
    is_over = (is_shown_ended or is_forced) and not locks.is_alive(run.run_id)
    if not run.is_finished and not is_over and not locks.is_dead(run.run_id):
        raise _running_generation_error(run, session_key=key)

    close_dead(session)
    retries = session.store.run_requests
    if retries.retry_count(key, what="generation") >= RETRIES_MAX and not is_forced:
        raise RetriesExhaustedError(session_key=key, retries_max=RETRIES_MAX, what="the tickets")
    if TICKETS_STEP in steps_left:
        require_writer(session)
    attempt = retries.add_retry(
        key, by=by, at=session.clock.now(), is_forced=is_forced, what="generation"
    )

    is_ours = run.job_name in set(RunJob)
    uploads = session.store.audit.latest(key, actions=UPLOADING, most=1)
    # Only over the same sheets are the results of its steps of use.
    is_same_again = is_ours and all(entry.at <= run.created_at for entry in uploads)
    first_step = INTAKE_STEP
    done_steps: tuple[str, ...] = ()
    if is_same_again:
        first_step = steps_left[0]
        done_steps = GENERATION_STEPS[: GENERATION_STEPS.index(first_step)]
    resumed = ResumedGeneration(
        retry_attempt=attempt,
        remaining_retries=max(0, RETRIES_MAX - attempt),
        resuming_from=first_step,
        preserved_steps=done_steps,
    )
    return resumed, WantedRun(
        session_key=key,
        job=RunJob(run.job_name) if is_ours else RunJob.GENERATION,
        by=by,
        continued_run_id=run.run_id,
        is_from_start=not is_same_again,
    )


def _running_generation_error(run: KnownRun, *, session_key: str) -> GateError:
    """Return the error for a resume while a run writes tickets, or may still do so."""
    watch = Action.of(ActionKind.SHOW_STATUS, "Watch it: {}.", session_key=session_key, watch=True)
    force = Action.of(
        ActionKind.RESUME,
        "If its machine is gone: {}; nothing is written twice.",
        session_key=session_key,
        force=True,
    )
    return GateError(
        f"{run.shown_name.capitalize()} of session {session_key} is {run.status}; it continues by "
        "itself.",
        rule=GateRule.GENERATION_RUNNING,
        recovery_actions=(watch, force),
    )


def begin_export_again(
    session: OpenSession,
    runs: RunHistory,
    *,
    by: str,
    is_forced: bool,
    budget: TimeBudget | None = None,
) -> tuple[ResumedExport, WantedRun]:
    """Count a resume of an export; return what it carries on with, and the run to carry out.

    The new run carries on by the ledger, whichever step the last one ended at. What the gate refuses
    is not counted as a retry; with a `budget` of time Jira is asked, too, what it would refuse.

    Raises:
        GateError: There is no failed, cancelled or interrupted export, or a person must act first:
            an undo has not ended, or the settings name a target that the session was never at.
        RetriesExhaustedError: People retried three times already.
        UpstreamError: Jira cannot say whether these settings name a target it was at, or refuses.
    """
    session = with_target(close_dead(session), budget=budget)
    refuse_on_target(session, is_as_new=False)
    retries = session.store.run_requests
    key = session.key
    step = _step_without_run(session)
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
        rendered=session.hashed_tickets,
        is_sandbox=session.settings.is_sandbox,
        holder=by,
    )
    attempt = retries.add_retry(key, by=by, at=session.clock.now(), is_forced=is_forced)
    resumed = resumed_from(order, session.places, retry_attempt=attempt)
    last = runs.find(session.stored.run_id) if session.stored.run_id else None
    update = last.update if last is not None else None
    return resumed, WantedRun(session_key=key, job=RunJob.EXPORT, by=by, update=update)


def _step_without_run(session: OpenSession) -> NextStep:
    """Return the next step of a session whose writing no run can resume."""
    step = what_is_next(session)
    if step.step is Step.RESUME and session.stored.stage is not SessionStage.JIRA_EXPORT:
        return first_writing(session.key)  # it broke off in a run that Dagster no longer knows
    return step


def count_re_execution(session: OpenSession, *, works: Collection[Retried], by: str) -> None:
    """Count a re-execution in Dagster as a retry, if that run does the work that broke off.

    `works` is what the run does.

    Raises:
        RetriesExhaustedError: People retried three times already.
    """
    session = close_dead(session)
    work = _broken_off_work(session.stored)
    if work is None or work not in works:
        return
    retries = session.store.run_requests
    if retries.retry_count(session.key, what=work) >= RETRIES_MAX:
        raise RetriesExhaustedError(
            session_key=session.key, retries_max=RETRIES_MAX, what=_RETRIED_WORK[work]
        )
    retries.add_retry(session.key, by=by, at=session.clock.now(), is_forced=False, what=work)


def _broken_off_work(stored: UploadSession) -> Retried | None:
    """Return the work that broke off in a session, as its retries are counted; None for none."""
    if is_broken_off(stored):
        return "export"
    is_writing = stored.stage in WRITING_STAGES and stored.status in BROKEN_OFF
    return "generation" if is_writing else None


@_in_turn
def retry_export(session: OpenSession, runs: Runs, *, by: str) -> tuple[str, ResumedExport]:
    """Start a run that carries on with a failed or cancelled export; return its id and the answer.

    Raises:
        GateError: An export is queued or at work, there is none to retry, or a person must act first.
        RetriesExhaustedError: People retried three times already.
    """
    refuse_while_exporting(session, runs)
    budget = answer_deadline()
    resumed, wanted = begin_export_again(session, runs, by=by, is_forced=False, budget=budget)
    return runs.start(wanted), resumed


@_in_turn
def retry_generation(session: OpenSession, runs: Runs, *, by: str) -> tuple[str, ResumedGeneration]:
    """Start a run that carries on with interrupted writing; return its id and the answer.

    Raises:
        GateError: It goes on by itself, there is none to retry, or an export began.
        RetriesExhaustedError: People retried three times already.
        WriterError: The writer cannot be used.
    """
    is_exporting = session.stored.stage is SessionStage.JIRA_EXPORT
    begun = None if is_exporting else _begin_generation(session, runs, by=by, is_forced=False)
    if begun is None:
        raise GateError(
            f"Session {session.key} has no interrupted writing of tickets to resume.",
            rule=GateRule.NOTHING_TO_RETRY,
            recovery_actions=(_step_without_run(session).action,),
        )
    resumed, wanted = begun
    return runs.start(wanted), resumed
