"""What is done with an export: its steps measured, its start, resume, undo, settle.

Belongs here: calling `stages/jira_export` with the pipeline's adapters. Does not: rules (there),
runs (`launching`), terminal words (`cli`).
"""

import contextlib
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from jira_pipeline.domain.export_ledger import LedgerEntry, Target, standing_entries
from jira_pipeline.domain.manual_fixes import FixState, ManualFix
from jira_pipeline.domain.next_step import Step, first_writing
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.domain.tickets import Ticket, link_count_of
from jira_pipeline.domain.work_records import Work
from jira_pipeline.errors import (
    ErrorCategory,
    GateError,
    LeaseBusyError,
    PipelineError,
    StoreBusyError,
    StoreError,
)
from jira_pipeline.ports.export import MeasuredStep
from jira_pipeline.sessions import opened_exports, session_results, session_status
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.ended_runs import close_dead, left_where_untold, seen_closed
from jira_pipeline.sessions.lease_holders import holder_name
from jira_pipeline.sessions.observed_sessions import ObservedSessions, Tell
from jira_pipeline.stages.jira_export.export_run import ExportOrder, ExportTools
from jira_pipeline.stages.jira_export.pace import (
    StartedExport,
    in_minutes,
    measured_pace,
    seconds_left,
)
from jira_pipeline.stages.jira_export.retrying import (
    ResumedExport,
    check_retry,
    is_begun,
    resumed_from,
)
from jira_pipeline.stages.jira_export.settle import SettleReport, settle_session
from jira_pipeline.stages.jira_export.undo import UndoReport, undo_export
from jira_pipeline.stages.jira_export.undo_choice import UndoPlan, plan_undo
from jira_pipeline.stages.session_status import SessionReport

UNDO_STEP = "undo"
SETTLE_STEP = "settle"
UPLOADS = frozenset({"session_registered", "upload_replaced"})
"""What the audit trail calls uploads."""
logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class MeasuredExport:
    """An export step at work."""

    tools: ExportTools
    order: ExportOrder
    done_count: int = 0
    """How many issues, files or links it wrote; told by the step when it ends."""


@contextmanager
def measured_export(
    pipeline: Pipeline,
    session: UploadSession,
    *,
    run_id: str | None,
    step: str,
    rendered: tuple[RenderedTicket, ...] | None = None,
    tell: Tell | None = None,
) -> Iterator[MeasuredExport]:
    """Bring together what an export step needs, and store what it took however it ends.

    `tell` is told the session as its progress is stored.
    """
    with opened_exports.opened_export(pipeline, session, run_id=run_id, rendered=rendered) as (
        tools,
        order,
    ):
        export = MeasuredExport(tools=tools, order=order)
        if tell is not None:
            export.tools = replace(tools, sessions=ObservedSessions(tools.sessions, tell))
        started_at, began = pipeline.clock.now(), time.monotonic()
        try:
            yield export
        finally:
            seconds = time.monotonic() - began
            _record_step(
                pipeline, session, export=export, step=step, started_at=started_at, seconds=seconds
            )


def _record_step(
    pipeline: Pipeline,
    session: UploadSession,
    *,
    export: MeasuredExport,
    step: str,
    started_at: datetime,
    seconds: float,
) -> None:
    """Store what a step took; a figure that cannot be stored must not hide how the step ended."""
    try:
        target = session_results.current_target(pipeline, session)
        if target is None:
            return
        pipeline.store.export_runs.record(
            MeasuredStep(
                session_key=session.session_key,
                target_id=target.target_id,
                step=step,
                run_id=export.order.run_id,
                started_at=started_at,
                seconds=seconds,
                done_count=export.done_count,
                requests=export.tools.tracker.request_counts(),
            )
        )
    except (StoreError, StoreBusyError) as error:
        logger.info("what %s took could not be stored: %s", step, error.message)


def wanted_as_new_by(
    pipeline: Pipeline, session: UploadSession, *, asked_by: str | None
) -> str | None:
    """Return who wants new issues even where another session has them, or None.

    Whoever asks for it now, else whoever uploaded a manifest that says so.
    """
    if asked_by is not None or not session.manifest.as_new:
        return asked_by
    uploads = pipeline.store.audit.entries(session.session_key, actions=UPLOADS)
    return next((entry.actor for entry in reversed(uploads)), "session.yaml")


def started_export(
    pipeline: Pipeline, session: UploadSession, *, run_id: str, order: ExportOrder
) -> StartedExport:
    """Answer the start of an export (S0-6)."""
    left = _left_to_write(pipeline, session, [r.ticket for r in order.in_build_order])
    return StartedExport(
        task_id=run_id,
        session_key=session.session_key,
        total_tickets=len(order.in_build_order),
        estimated_minutes=in_minutes(_estimate(pipeline, left)),
        project_key=order.project_key or "",
        started_at=pipeline.clock.now(),
        progress_percentage=session.progress_percentage,
    )


def announced_export(pipeline: Pipeline, session: UploadSession, *, run_id: str) -> StartedExport:
    """Answer the start of an export before its run exists."""
    order = ExportOrder(
        session_key=session.session_key,
        project_key=pipeline.project_key(session),
        rendered=pipeline.rendered(session),
        is_sandbox=pipeline.settings.is_sandbox,
        holder=holder_name("an announcement"),
    )
    return started_export(pipeline, session, run_id=run_id, order=order)


def running_export(pipeline: Pipeline, session: UploadSession) -> StartedExport | None:
    """Return the export of this session that is at work now (S0-1), or None.

    The lease tells: it is held by a live process only.
    """
    target = session_results.current_target(pipeline, session)
    is_export = session.stage is SessionStage.JIRA_EXPORT
    if target is None or not is_export or session.status is not SessionStatus.RUNNING:
        return None
    try:
        with pipeline.store.leases.hold(target.target_id, holder=holder_name("a look")):
            return None
    except LeaseBusyError:
        tickets = _exported_tickets(pipeline, session)
        left = _left_to_write(pipeline, session, tickets)
        record = session_results.record_of(pipeline, session, work=Work.EXPORT)
        return StartedExport(
            task_id=session.run_id or "",
            session_key=session.session_key,
            total_tickets=len(tickets),
            estimated_minutes=in_minutes(_estimate(pipeline, left)),
            project_key=target.project_key,
            started_at=record.started_at or session.updated_at,
            progress_percentage=session.progress_percentage,
            is_already_running=True,
            current_ticket_title=record.current_ticket_title or "",
        )


def status(pipeline: Pipeline, session: UploadSession) -> SessionReport:
    """Return where a session stands; one whose run died is closed first."""
    session = seen_closed(pipeline, session)
    report = session_status.status(pipeline, session)
    return replace(report, remaining_seconds=remaining_seconds(pipeline, session))


def remaining_seconds(pipeline: Pipeline, session: UploadSession) -> float | None:
    """Estimate how long the work under way still takes, by its pace; None where none is."""
    details = session.progress_details
    if session.status is not SessionStatus.RUNNING:
        return None
    if session.stage is not SessionStage.JIRA_EXPORT:
        return None if details is None else details.remaining_seconds
    left = _left_to_write(pipeline, session, _exported_tickets(pipeline, session))
    return _estimate(pipeline, left)


@dataclass(frozen=True, slots=True, kw_only=True)
class _LeftToWrite:
    target: Target | None
    entries: tuple[LedgerEntry, ...]
    issue_count: int
    link_count: int


def _left_to_write(
    pipeline: Pipeline, session: UploadSession, tickets: list[Ticket]
) -> _LeftToWrite:
    """Count what has no receipt yet."""
    links = link_count_of(tickets)
    target = session_results.current_target(pipeline, session)
    if target is None:
        return _LeftToWrite(target=None, entries=(), issue_count=len(tickets), link_count=links)
    places = session_results.places(pipeline, session)
    entries = pipeline.store.ledger.entries(
        target_id=target.target_id, session_key=session.session_key
    )
    return _LeftToWrite(
        target=target,
        entries=standing_entries(entries),
        issue_count=sum(places[t.ticket_id].jira_key is None for t in tickets),
        link_count=links,
    )


def _estimate(pipeline: Pipeline, left: _LeftToWrite) -> float:
    return seconds_left(
        left.entries,
        pace=measured_pace(opened_exports.latest_steps(pipeline, left.target)),
        issue_count=left.issue_count,
        link_count=left.link_count,
        create_delay_seconds=pipeline.settings.jira_create_delay_seconds,
    )


def _exported_tickets(pipeline: Pipeline, session: UploadSession) -> list[Ticket]:
    tickets = pipeline.store.tickets.list_all(session.session_key)
    return [ticket for ticket in tickets if ticket.skipped_reason is None]


def begin_resume(
    pipeline: Pipeline, session: UploadSession, *, by: str, is_forced: bool
) -> ResumedExport:
    """Count a resume and say what it carries on from; one the gate would refuse is not counted.

    Raises:
        GateError: There is no failed, cancelled or interrupted export, or a person must act first.
        RetriesExhaustedError: People retried three times already.
    """
    session = close_dead(pipeline, session)
    runs, key = pipeline.store.export_runs, session.session_key
    step = session_status.what_is_next(pipeline, key)
    if step.step is Step.RESUME and session.stage is not SessionStage.JIRA_EXPORT:
        step = first_writing(key)  # Dagster no longer knows the run that broke off
    places = session_results.places(pipeline, session)
    check_retry(
        session,
        retry_count=runs.retry_count(key),
        is_begun=is_begun(places.values()) and not session_results.is_undone(pipeline, session),
        is_forced=is_forced,
        step=step,
    )
    rendered = pipeline.rendered(session)
    opened_exports.refuse_behind_gate(pipeline, session, rendered)
    order = ExportOrder(
        session_key=key,
        project_key=None,
        rendered=rendered,
        is_sandbox=pipeline.settings.is_sandbox,
        holder=by,
    )
    attempt = runs.add_retry(key, by=by, at=pipeline.clock.now(), is_forced=is_forced)
    return resumed_from(order, places, retry_attempt=attempt)


def plan_undoing(pipeline: Pipeline, session: UploadSession) -> UndoPlan:
    """Tell what an undo would do; only reads are sent."""
    rendered = _rendered_or_none(pipeline, session)
    with opened_exports.opened_export(pipeline, session, run_id=None, rendered=rendered) as (
        tools,
        order,
    ):
        return plan_undo(tools, order)


def undo(
    pipeline: Pipeline, session: UploadSession, *, by: str, run_id: str | None = None
) -> UndoReport:
    """Take the export of a session back, in the Dagster run named or outside of any."""
    with _at_work(pipeline, session, step=UNDO_STEP, run_id=run_id) as export:
        report = undo_export(export.tools, export.order, tickets=pipeline.store.tickets, by=by)
        export.done_count = len(report.removed)
        return report


def settle(
    pipeline: Pipeline,
    session: UploadSession,
    *,
    is_waiting: bool,
    by: str,
    run_id: str | None = None,
) -> SettleReport:
    """Look up what is in doubt and store what was found."""
    rendered = _rendered_or_none(pipeline, session)
    with measured_export(
        pipeline, session, run_id=run_id, step=SETTLE_STEP, rendered=rendered
    ) as export:
        return settle_session(export.tools, export.order, is_waiting=is_waiting, by=by)


def finish_fix(pipeline: Pipeline, session: UploadSession, fix_id: int, *, by: str) -> ManualFix:
    """Store that a person did what a manual fix asks for; audited."""
    return pipeline.store.manual_fixes.set_state(
        session.session_key, fix_id, FixState.DONE, by=by, at=pipeline.clock.now()
    )


@contextmanager
def _at_work(
    pipeline: Pipeline, session: UploadSession, *, step: str, run_id: str | None
) -> Iterator[MeasuredExport]:
    """Work on a session; the session shows how it ended. A Dagster run holds its lock itself."""
    held = contextlib.nullcontext() if run_id else None
    run_id = run_id or f"{step}-{pipeline.clock.now():%Y%m%dT%H%M%S%f}-{os.getpid()}"
    rendered = _rendered_or_none(pipeline, session)
    with held or pipeline.store.run_locks.hold(run_id):
        try:
            with measured_export(
                pipeline, session, run_id=run_id, step=step, rendered=rendered
            ) as export:
                yield export
        except PipelineError as error:
            with left_where_untold(pipeline, run_id):
                _show_failed(pipeline, session, error=error, run_id=run_id)
            raise
        except KeyboardInterrupt:
            with left_where_untold(pipeline, run_id):
                _show(pipeline, session, status=SessionStatus.CANCELLED, run_id=run_id)
            raise


def _show_failed(
    pipeline: Pipeline, session: UploadSession, *, error: PipelineError, run_id: str
) -> None:
    now = pipeline.clock.now()
    pipeline.store.errors.record(
        error,
        session_key=session.session_key,
        stage=SessionStage.REVIEW.value,
        at=now,
        run_id=run_id,
    )
    is_waiting = error.category is ErrorCategory.TEMPORARY or isinstance(error, GateError)
    status = SessionStatus.WAITING if is_waiting else SessionStatus.FAILED
    _show(pipeline, session, status=status, run_id=run_id)


def _show(
    pipeline: Pipeline, session: UploadSession, *, status: SessionStatus, run_id: str
) -> None:
    """Show how the work ended, where it had begun: before that the session stays as it was."""
    current = pipeline.store.sessions.get(session.session_key)
    if current.run_id == run_id:
        pipeline.store.sessions.set_stage(
            session.session_key, stage=current.stage, status=status, at=pipeline.clock.now()
        )


def _rendered_or_none(pipeline: Pipeline, session: UploadSession) -> tuple[RenderedTicket, ...]:
    """Render the tickets where the sheets still allow it: undo and settle need only names."""
    try:
        return pipeline.rendered(session)
    except GateError:
        return ()
