"""Starting work on a session: at once, in the queue, or when its time has come.

Belongs here: whether it may start, which run is wanted, what is answered. Does not: the run itself
(`model/runs`), what a resume carries on with (`resume`).

For pages and programs, which do not wait for the end: where such work is queued or under way
already, nothing new is started and its run is named: by Dagster, so that runs of a terminal and of
other hosts count. Somebody at a terminal has seen the plan, and waits.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from jira_pipeline.context.runs import close_dead, in_flight, new_run_id
from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.context.trackers import one_answer
from jira_pipeline.export.durations import StartedExport
from jira_pipeline.export.export_run import creation_order
from jira_pipeline.export.exporting import (
    announced_export,
    located,
    refuse_at_gate,
    refuse_at_jira,
    refuse_on_target,
    refuse_unknown_tickets,
)
from jira_pipeline.export.gate import is_broken_off, question_of, refuse_exhausted
from jira_pipeline.export.left_in_jira import (
    idle_reason,
    refuse_never_exported,
    same_specifications,
)
from jira_pipeline.export.undo import nothing_to_end
from jira_pipeline.model.errors import GateError, GateRule, SessionLockedError
from jira_pipeline.model.records import Work
from jira_pipeline.model.runs import (
    EXPORT_JOBS,
    LAST_STEP,
    TICKETS_STEP,
    WRITING_JOBS,
    KnownRun,
    RunHistory,
    RunJob,
    RunRequest,
    Runs,
    UpdateChoice,
    WantedRun,
)
from jira_pipeline.model.sessions import AsNew, SessionStage
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.resume import (
    BegunResume,
    begin_export_again,
    begin_generation_again,
)
from jira_pipeline.writing.generation import (
    StartedGeneration,
    ordered,
    refuse_while_writing,
    started_generation,
)
from jira_pipeline.writing.writers import WHOLE_SESSION, WritingOrder, refuse_unknown_writer

Given = ParamSpec("Given")
Begun = TypeVar("Begun")


def _in_turn(
    start: Callable[Concatenate[OpenSession, Given], Begun],
) -> Callable[Concatenate[OpenSession, Given], Begun]:
    """Let one thread at a time start something for a session: the second one finds its run."""

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
) -> StartedExport:
    """Have a session exported, or name the export that is queued or at work.

    With `is_as_new` new issues are wanted beside those that are there already, or on another
    target; this is stored. With an update, issues of tickets that changed follow them. Jira is
    asked first what an export asks first.

    Raises:
        NotFoundError: Something is to become of the issue of a ticket that there is not.
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
    is_retry = is_broken_off(session.stored)
    if is_retry:
        refuse_exhausted(session.key, retry_count=session.retry_count(Work.EXPORT))
    refuse_at_gate(session)
    idle = idle_reason(session)
    if idle:
        raise GateError(
            f"Session {session.key} has nothing to export. {idle}", rule=GateRule.NOTHING_TO_EXPORT
        )
    budget = one_answer()
    session = located(session, budget=budget)
    refuse_on_target(session, is_as_new=is_as_new)
    beside: list[AsNew] = []
    target = session.coming_target
    if target is not None:
        same = same_specifications(session, session.store.tickets.exported_groups(session.key))
        question = question_of(same, session_key=session.key, target=target)
        if question is not None and not is_as_new:
            raise question
        if question is not None:
            beside = [AsNew(target_id=target.target_id, session_key=s.session_key) for s in same]
    refuse_at_jira(session, budget=budget)
    _remember(session, beside, by=by)
    if is_retry:
        session.store.run_requests.add_retry(
            session.key, by=by, at=session.clock.now(), is_forced=False
        )
    announced = announced_export(session, run_id="")
    as_new_by = by if is_as_new else None
    wanted = WantedRun(
        session_key=session.key, job=RunJob.EXPORT, by=by, as_new_by=as_new_by, update=update
    )
    return replace(announced, task_id=runs.start(wanted))


def begin_export(
    session: OpenSession,
    *,
    beside: Collection[AsNew] = (),
    is_as_new: bool = False,
    update: UpdateChoice | None = None,
    by: str,
) -> tuple[StartedExport, WantedRun]:
    """Say what an export that somebody saw the plan of starts with, and which run carries it out.

    `beside` are the issues beside which new ones are wanted; this is stored. It is no retry, even
    where one broke off: the person looked.
    """
    _remember(session, beside, by=by)
    wanted = WantedRun(
        session_key=session.key,
        job=RunJob.EXPORT,
        by=by,
        run_id=new_run_id(),
        as_new_by=by if is_as_new else None,
        update=update,
    )
    started = announced_export(session.again(), run_id=wanted.run_id or "")
    return started, wanted


def queue_export(session: OpenSession, *, beside: Collection[AsNew] = (), by: str) -> RunRequest:
    """Leave the export of a session to the daemon; one that waits already is named."""
    _remember(session, beside, by=by)
    return session.store.run_requests.request(
        session.key, job_name=RunJob.EXPORT, task_id=new_run_id(), by=by, at=session.clock.now()
    )


def _remember(session: OpenSession, beside: Collection[AsNew], *, by: str) -> None:
    if beside:
        session.store.sessions.answer_as_new(
            session.key, tuple(beside), by=by, at=session.clock.now()
        )


def _export_at_work(session: OpenSession, running: KnownRun) -> StartedExport:
    """Answer with an export that is there; its progress is that of the session once it has begun."""
    has_begun = session.stored.run_id == running.run_id
    is_carried_on = session.stored.stage is SessionStage.JIRA_EXPORT
    details = session.stored.progress_details if has_begun else None
    return replace(
        announced_export(session, run_id=running.task_id),
        started_at=running.created_at,
        progress_percentage=session.stored.progress_percentage if is_carried_on else 0.0,
        is_already_running=True,
        current_ticket_title=(details.ticket_title or "") if details else "",
    )


@_in_turn
def start_generation(
    session: OpenSession, runs: Runs, *, by: str, order: WritingOrder = WHOLE_SESSION
) -> StartedGeneration:
    """Have tickets of a session written, or name the run that is to write them all or does.

    The writer is asked first whether it can be used; a named one writes from now on.

    Raises:
        GateError: Some tickets are wanted, and a run writes already, or other sheets came since.
        InputError: There is none of a number, its text is of people, or nobody reads the remark.
        WrongUseError: Nobody writes under that name.
        WriterError: It cannot be used now, or not as it is configured; nothing was started.
        SessionLockedError: It is being exported.
    """
    session = close_dead(session)
    for run in in_flight(session, runs):
        if run.job_name in WRITING_JOBS and TICKETS_STEP in runs.unfinished_steps(run.run_id):
            running = started_generation(session, run_id=run.task_id, started_at=run.created_at)
            refuse_while_writing(running, order)
            return running
    if _run_at_work(session, runs, jobs=EXPORT_JOBS) is not None:
        raise SessionLockedError(session_key=session.key)
    refuse_unknown_writer(session.pipeline, order.writer, where="writer")
    session = ordered(session, order, by=by)
    announced = started_generation(session, run_id="", numbers=order.numbers)
    wanted = WantedRun(session_key=session.key, job=RunJob.GENERATION, by=by, tickets=order.numbers)
    return replace(announced, task_id=runs.start(wanted))


@_in_turn
def start_validation(session: OpenSession, runs: Runs, *, by: str) -> bool:
    """Have the tickets of a session validated; False where a run is to do so already, or does.

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
def start_undo(session: OpenSession, runs: Runs, *, by: str, keeps_rest: bool = False) -> bool:
    """Have the export of a session taken back; False where an undo is queued or at work.

    One that did not end is carried on; with `keeps_rest` it is ended, and what is left stays.

    Raises:
        GateError: An export is queued or at work, there is none to take back, or no undo to end.
    """
    refuse_while_exporting(session, runs)
    refuse_never_exported(session)
    if keeps_rest and session.ledger_marks.open_undo is None:
        raise nothing_to_end(session.key, where=session.target_name)
    if _run_at_work(session, runs, jobs={RunJob.UNDO}) is not None:
        return False
    runs.start(WantedRun(session_key=session.key, job=RunJob.UNDO, by=by, keeps_rest=keeps_rest))
    return True


@_in_turn
def start_settling(session: OpenSession, runs: Runs, *, by: str) -> bool:
    """Have what is in doubt looked up; False where a run is to do so already, or does.

    Raises:
        GateError: An export is queued or at work, or there was none.
    """
    refuse_while_exporting(session, runs)
    refuse_never_exported(session)
    if _run_at_work(session, runs, jobs={RunJob.SETTLE}) is not None:
        return False
    runs.start(WantedRun(session_key=session.key, job=RunJob.SETTLE, by=by))
    return True


@_in_turn
def retry_export(session: OpenSession, runs: Runs, *, by: str) -> tuple[str, BegunResume]:
    """Carry on with a failed or cancelled export in a new run; return its id, too.

    Raises:
        GateError: One is queued or at work, there is none to retry, or a person must act first.
        RetriesExhaustedError: People retried three times already.
    """
    refuse_while_exporting(session, runs)
    begun = begin_export_again(session, runs, by=by, is_forced=False, budget=one_answer())
    return runs.start(replace(begun.wanted, by=by)), begun


@_in_turn
def retry_generation(session: OpenSession, runs: Runs, *, by: str) -> tuple[str, BegunResume]:
    """Carry on with the writing of tickets that did not end, in a new run; return its id, too.

    Raises:
        GateError: It goes on by itself, or there is none to retry.
        RetriesExhaustedError: People retried three times already.
        WriterError: The writer cannot be used.
    """
    begun = begin_generation_again(session, runs, by=by)
    return runs.start(replace(begun.wanted, by=by)), begun


def place_of(session: OpenSession, number: int | None) -> int | None:
    """Return the place of a ticket in the order of creation, from 0; None where it has none."""
    listed = session.store.tickets.listed(session.key)
    numbers = {ticket.ticket_id: ticket.number for ticket in listed}
    order = (numbers[ticket_id] for ticket_id in creation_order(listed))
    return next((place for place, known in enumerate(order) if known == number), None)


def refuse_while_exporting(session: OpenSession, runs: RunHistory) -> None:
    """Stop where an export is queued or at work.

    Raises:
        GateError: One is.
    """
    running = _run_at_work(close_dead(session), runs, jobs=EXPORT_JOBS)
    if running is not None:
        raise GateError(
            f"An export of session {session.key} is {running.status}: run {running.run_id}.",
            rule=GateRule.EXPORT_RUNNING,
            session_key=session.key,
        )


def _run_at_work(
    session: OpenSession, runs: RunHistory, *, jobs: Collection[RunJob]
) -> KnownRun | None:
    return next((run for run in in_flight(session, runs) if run.job_name in set(jobs)), None)
