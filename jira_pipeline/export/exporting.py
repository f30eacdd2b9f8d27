"""The export of a session: its plan, its steps, undo, settling, comparing and decisions.

Belongs here: calling the rules with what the session holds, one function a verb. Does not: rules,
starting runs (`sessions/starting`), what an export left in Jira (`session_results`).

An export is `plan`, then the steps `create_issues`, `update_issues`, `attach_files` and `link_issues`.
Each may be called again: what the ledger has is not sent twice.
"""

import logging
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from jira_pipeline.context.observed_progress import ObservedSessions, PassOn
from jira_pipeline.context.pipeline import holder_name
from jira_pipeline.context.run_errors import dead_if_unstored
from jira_pipeline.context.trackers import opened_jira
from jira_pipeline.export import (
    adoption,
    adoption_proposals,
    attachments,
    creation,
    links,
    updating,
)
from jira_pipeline.export.adoption import AdoptedTicket
from jira_pipeline.export.adoption_proposals import ProposedAdoption
from jira_pipeline.export.durations import (
    ATTACH_STEP,
    CREATE_STEP,
    LINK_STEP,
    UNDO_STEP,
    UPDATE_STEP,
    StartedExport,
    latest_steps,
    measured_pace,
    seconds_to_export,
)
from jira_pipeline.export.epics import epics_of
from jira_pipeline.export.export_run import (
    ExportOrder,
    ExportTools,
    Preflight,
    is_epic,
    send_in_parallel,
)
from jira_pipeline.export.gate import check_gate
from jira_pipeline.export.issue_decisions import (
    DecidedTicket,
    DecisionReport,
    decide_differences,
    plan_decision as plan_decision_where_exported,
)
from jira_pipeline.export.issue_progress import SessionProgress, read_progress
from jira_pipeline.export.jira_names import names_of
from jira_pipeline.export.outdated_issues import changes_in_jira
from jira_pipeline.export.plan import ExportPlan, check_access, plan_export
from jira_pipeline.export.session_results import refuse_never_exported
from jira_pipeline.export.settle import SettleReport, compare_where_exported, settle_session
from jira_pipeline.export.target import find_target
from jira_pipeline.export.target_questions import question_of_new_target, unfinished_undo_of
from jira_pipeline.export.undo import UndoPlan, UndoReport, plan_undo, undo_export
from jira_pipeline.export.work_history import record_of
from jira_pipeline.jira.client.connection import TimeBudget
from jira_pipeline.model.audit_actions import UPLOADING, AuditAction
from jira_pipeline.model.differences import Decision, FiledComparison
from jira_pipeline.model.errors import (
    ErrorCategory,
    GateError,
    GateRule,
    LeaseBusyError,
    PipelineError,
    StoreBusyError,
    StoreError,
    WrongUseError,
    unknown_ticket,
)
from jira_pipeline.model.export_steps import MeasuredStep
from jira_pipeline.model.rendered_tickets import RenderedTicket, without_documents
from jira_pipeline.model.runs import AUTO_APPROVAL, MANIFEST_ACTOR
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.ticket_hashes import content_of
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.model.work_records import Work
from jira_pipeline.review.approvals import approve_automatically, as_export_begins
from jira_pipeline.review.open_session import OpenSession

if TYPE_CHECKING:  # an HTTP client: loaded where one is opened
    from jira_pipeline.jira.client.client import JiraClient

SETTLE_STEP = "settle"
PLAN_HOLDS = timedelta(minutes=1)
"""How long a page shows the same plan, which costs more than the rest of it; an export asks anew."""
logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@contextmanager
def opened_export(
    session: OpenSession,
    *,
    run_id: str | None,
    rendered: tuple[RenderedTicket, ...] | None = None,
    budget: TimeBudget | None = None,
) -> Iterator[tuple[ExportTools, ExportOrder]]:
    """Bring together what an export step needs; the connection to Jira is closed at the end.

    Without `rendered`, the tickets are rendered as they are now. A `budget` is for callers who wait
    for the answer: then no request is repeated, and all end in time.
    """
    with opened_jira(session, budget=budget) as jira:
        tools = _tools(session, jira, run_id=run_id)
        yield tools, _order(session, run_id=run_id, rendered=rendered)


def _tools(session: OpenSession, jira: "JiraClient", *, run_id: str | None) -> ExportTools:
    """Return what the steps of an export talk to."""
    store = session.store
    return ExportTools(
        tracker=jira,
        store=store,
        sessions=store.sessions,
        clock=session.clock,
        sleep=time.sleep,
        monotonic=time.monotonic,
        is_cancelled=lambda: store.sessions.is_cancel_requested(session.key),
        send_all=send_in_parallel,
        preflights=_preflights(session, run_id),
    )


def _preflights(session: OpenSession, run_id: str | None) -> list[Preflight]:
    """Return the list in which each step of a run leaves its answers about the target to the next.

    It is kept in memory as long as the run. Outside of a run there is no next step. A run that begins
    in the process of a plan, within a minute of it, begins with the answers of that.
    """
    if not run_id:
        return []
    plan_preflights = _plan_preflights(session)
    recent: list[Preflight] = []
    for plan_preflight in plan_preflights:
        if session.clock.now() - plan_preflight.asked_at < PLAN_HOLDS:
            recent.append(plan_preflight.preflight)
    plan_preflights.clear()
    return session.pipeline.memory.as_of(run_id, "preflight", session.key, lambda: recent)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPreflight:
    """What a plan asked about its target, for a run that begins right after it."""

    preflight: Preflight
    asked_at: datetime


def _plan_preflights(session: OpenSession) -> list[PlanPreflight]:
    """Return the list in which a plan leaves its answers about the target: for this address alone."""
    settings = session.settings
    address = (settings.jira_site_url, settings.jira_email, session.project_key)
    return session.pipeline.memory.as_of(address, "preflight of a plan", session.key, list)


def _order(
    session: OpenSession, *, run_id: str | None, rendered: tuple[RenderedTicket, ...] | None
) -> ExportOrder:
    """Return what an export is to do, by the settings, the manifest and the tickets as they are."""
    settings = session.settings
    steps = latest_steps(session, session.target)
    return ExportOrder(
        session_key=session.key,
        project_key=session.project_key,
        rendered=session.rendered if rendered is None else rendered,
        is_sandbox=settings.is_sandbox,
        destination=session.destination,
        holder=holder_name(f"run {run_id or '-'}"),
        content_sha256=session.stored.content_sha256,
        content_of=partial(_content_of, session),
        run_id=run_id,
        names=names_of(settings, session.stored),
        settle_horizon_seconds=session.pipeline.settle_horizon_seconds,
        create_delay_seconds=settings.jira_create_delay_seconds,
        body_max_bytes=settings.adf_body_max_bytes,
        batch_size=settings.jira_batch_size,
        pace=measured_pace(steps),
        find_epics=lambda: epics_of(session.stored, session.tickets, session.groups),
    )


def _content_of(session: OpenSession, ticket: Ticket) -> Mapping[str, str] | None:
    """Return what a ticket says, part by part; an epic says nothing."""
    if is_epic(ticket):
        return None
    return content_of(ticket, session.groups[ticket.group_key])


def _ask_jira(
    session: OpenSession,
    ask: Callable[[ExportTools, ExportOrder], Answer],
    *,
    rendered: tuple[RenderedTicket, ...],
    run_id: str | None = None,
    budget: TimeBudget | None = None,
) -> Answer:
    """Ask the Jira of a session one question about the tickets given; return the answer."""
    with opened_export(session, run_id=run_id, rendered=rendered, budget=budget) as (tools, order):
        return ask(tools, order)


def _run_step(
    session: OpenSession,
    work: Callable[[ExportTools, ExportOrder], Answer],
    *,
    run_id: str | None,
    step: str,
    count: Callable[[Answer], int] = lambda _: 0,
    rendered: tuple[RenderedTicket, ...] | None = None,
    pass_on: PassOn | None = None,
) -> Answer:
    """Do one step of an export, and store how long it took, however it ends.

    `count` says how many issues, files or links it wrote; `pass_on` gets the session whenever
    progress is stored.
    """
    with opened_export(session, run_id=run_id, rendered=rendered) as (tools, order):
        sessions = ObservedSessions(session.store, pass_on) if pass_on else tools.sessions
        started_at = session.clock.now()
        began = time.monotonic()
        done_count = 0
        try:
            report = work(replace(tools, sessions=sessions), order)
            done_count = count(report)
            return report
        finally:
            seconds = time.monotonic() - began
            try:
                target = session.reload().target  # the first export of a session makes it known
                if target is not None:
                    session.store.export_runs.record(
                        MeasuredStep(
                            session_key=session.key,
                            target_id=target.target_id,
                            step=step,
                            run_id=run_id,
                            started_at=started_at,
                            seconds=seconds,
                            done_count=done_count,
                            requests=tools.tracker.request_counts(),
                        )
                    )
            except (StoreError, StoreBusyError) as error:
                # A figure that cannot be stored must not hide how the step ended.
                logger.info("what %s took could not be stored: %s", step, error.message)


def plan(
    session: OpenSession,
    *,
    is_as_new: bool = False,
    update: UpdateChoice | None = None,
    budget: TimeBudget | None = None,
) -> ExportPlan:
    """Return what an export would do now, auto approval included; only reads are sent.

    With an `update`, the plan says what becomes of the issues of changed tickets, too. With
    `is_as_new`, issues that exist elsewhere do not block it: of this session on another target, or
    of other sessions with the same specification. A manifest may ask for the latter itself.
    """
    refuse_unknown_tickets(session, update)
    try:
        # Only an update needs the documents: the plan shows what it would overwrite.
        rendered = session.rendered_for_export if update is None else session.rendered
        blocked = None
    except GateError as error:
        rendered = ()
        blocked = error
    with opened_export(session, run_id=None, rendered=rendered, budget=budget) as (tools, order):
        approved_order = replace(
            order,
            update=update or UpdateChoice(),
            rendered=as_export_begins(session, order.rendered),
        )
        export_plan = plan_export(
            tools,
            approved_order,
            agreed=session.agreed_withdrawals,
            changes=None if update is None else changes_in_jira(session),
            is_as_new=is_as_new,
        )
        answers = PlanPreflight(preflight=tools.preflights.pop(), asked_at=session.clock.now())
        _plan_preflights(session)[:] = [answers]
    warnings = export_plan.warnings
    if session.settings.jira_site_note:
        warnings = (session.settings.jira_site_note, *warnings)
    return replace(export_plan, warnings=warnings, blocked=blocked or export_plan.blocked)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPlan:
    """What an export would do, as Jira answered."""

    plan: ExportPlan
    asked_at: datetime


def recent_plan(
    session: OpenSession,
    *,
    is_as_new: bool,
    update: UpdateChoice | None,
    is_fresh: bool,
    budget: TimeBudget,
) -> AskedPlan:
    """Return a plan to look at, as Jira answered within the last minute; only reads are sent.

    Jira is asked at once where the session changed since, or `is_fresh` asks for it.
    """
    version = (is_as_new, update, session.stored, session.plan_mark)
    # A list that the memory holds: empty, or with the last plan of this version of the session.
    last_plan: list[AskedPlan] = session.pipeline.memory.as_of(version, "plan", session.key, list)
    now = session.clock.now()
    if is_fresh or not last_plan or now - last_plan[0].asked_at >= PLAN_HOLDS:
        export_plan = plan(session, is_as_new=is_as_new, update=update, budget=budget)
        last_plan[:] = [AskedPlan(plan=export_plan, asked_at=now)]
    return last_plan[0]


def with_target(session: OpenSession, *, budget: TimeBudget | None = None) -> OpenSession:
    """Return the session with its target known, if it was exported there under another address.

    Jira is asked only where an export would go to an unknown address and the session has issues
    somewhere: a site may have several addresses.
    """
    if session.coming_target is not None or not session.exported_targets:
        return session
    with opened_export(session, run_id=None, rendered=(), budget=budget) as (tools, order):
        target = find_target(tools, order, is_reading=True)
        exported_ids = {exported.target_id for exported in session.exported_targets}
        if target.target_id not in exported_ids:
            return session
        at = session.clock.now()
        tools.store.ledger.record_target(target, at=at, destination=order.destination)
    return session.reload()


def refuse_at_jira(session: OpenSession, *, budget: TimeBudget) -> None:
    """Stop before a run begins whose first requests Jira would refuse; it is asked once."""
    _ask_jira(session, check_access, rendered=_names_only(session), budget=budget)


def refuse_on_target(session: OpenSession, *, is_as_new: bool) -> None:
    """Stop before a run begins that its target would refuse, as far as the store knows.

    Raises:
        GateError: An undo there has not ended, or the session would begin there while it has issues
            on another target, and nobody said that this is wanted.
    """
    target = session.target
    begun = session.ledger_marks.open_undo
    if target is not None and begun is not None:
        raise unfinished_undo_of(begun, session_key=session.key, target=target)
    if session.new_target is not None and not is_as_new:
        raise question_of_new_target(session.new_target, session_key=session.key)


def refuse_at_gate(session: OpenSession) -> None:
    """Stop before a run begins that the gate would refuse, auto approval included.

    Jira is not asked.
    """
    agreed = {ticket.ticket_id for ticket in session.agreed_withdrawals}
    check_gate(
        session.stored,
        checked=session.store.validations.checked(session.key),
        rendered=as_export_begins(session, session.hashed_tickets),
        vanished=[ticket for ticket in session.vanished_tickets if ticket.ticket_id not in agreed],
    )


def approve(session: OpenSession, *, auto_approve: bool | None = None) -> int:
    """Mark valid tickets ready where the session approves itself; return how many.

    A given `auto_approve` counts for this run in place of the manifest's. Tickets that the sheets no
    longer ask for are withdrawn as well, where nobody has to agree to that. After an undo, and where
    sheets are missing, nothing is approved: that is for people to decide.
    """
    approving = session
    if auto_approve is not None:
        manifest = replace(session.stored.manifest, auto_approve=auto_approve)
        stored = replace(session.stored, manifest=manifest)
        approving = replace(session, stored=stored, elsewhere=None)
    if not approving.approves_itself:
        return 0
    approving.store.tickets.withdraw(
        approving.key,
        [ticket.ticket_id for ticket in approving.agreed_withdrawals],
        reason="",
        by=AUTO_APPROVAL,
        at=approving.clock.now(),
    )
    return approve_automatically(approving)


def create_issues(
    session: OpenSession,
    *,
    run_id: str,
    by: str,
    auto_approve: bool | None = None,
    as_new_by: str | None = None,
    is_retry: bool = False,
    on_started: Callable[[StartedExport], None],
    pass_on: PassOn,
) -> creation.CreationReport:
    """Create the issues of a session, after approving its tickets where it approves itself.

    A given `auto_approve` counts in place of the manifest's. `as_new_by` is the person who wants new
    issues beside whatever is there already. `on_started` is called with the answer
    to the start once the gate let the export pass.

    Raises:
        GateError: The run is a retry by itself, and the export was undone meanwhile.
    """
    if is_retry and session.ledger_marks.is_undone:
        raise GateError(
            f"The export of session {session.key} was undone after it failed; nothing was sent.",
            rule=GateRule.DECISION_CHANGED,
            session_key=session.key,
        )
    approve(session, auto_approve=auto_approve)
    approved = session.reload()  # with the tickets that were marked ready just now

    def create(tools: ExportTools, order: ExportOrder) -> creation.CreationReport:
        tickets = [rendered.ticket for rendered in order.in_build_order]
        project_key = order.project_key or ""
        started = _started(
            approved, tickets, task_id=run_id, run_id=run_id, project_key=project_key
        )
        creation_order = replace(
            order,
            started_by=by,
            as_new_by=as_new_by,
            beside_sessions_by=_person_of_as_new(approved),
        )
        return creation.create_issues(tools, creation_order, on_started=lambda: on_started(started))

    return _run_step(
        approved,
        create,
        run_id=run_id,
        step=CREATE_STEP,
        count=lambda report: report.created,
        pass_on=pass_on,
    )


def update_issues(
    session: OpenSession, *, run_id: str, choice: UpdateChoice, by: str, pass_on: PassOn
) -> updating.UpdateReport:
    """Update the issues of a session whose tickets changed; what people wrote there stays."""

    def update(tools: ExportTools, order: ExportOrder) -> updating.UpdateReport:
        update_order = replace(order, update=choice, started_by=by)
        # Called under the lease: by then earlier updates are settled, so the session is read again.
        return updating.update_issues(
            tools, update_order, changes=lambda: changes_in_jira(session.reload())
        )

    return _run_step(
        session,
        update,
        run_id=run_id,
        step=UPDATE_STEP,
        count=lambda report: len(report.updated),
        pass_on=pass_on,
    )


def refuse_unknown_tickets(session: OpenSession, update: UpdateChoice | None) -> None:
    """Stop where an update is to overwrite or leave the issue of a ticket that does not exist.

    The number was mistyped: the issue that was meant to be left would be updated.
    """
    if update is None or not (update.overwrites or update.leaves):
        return
    # An overwrite is a ticket's number and the hash of the text that people saw: "12:1a2b3c4d".
    overwritten = {int(overwrite.partition(":")[0]) for overwrite in update.overwrites}
    chosen = overwritten | set(update.leaves)
    listed = {ticket.number for ticket in session.listed}
    vanished = {ticket.number for ticket in session.vanished_tickets}
    unknown = chosen - listed - vanished
    if unknown:
        raise unknown_ticket(session_key=session.key, ticket=str(min(unknown)))


def attach_files(
    session: OpenSession, *, run_id: str, pass_on: PassOn
) -> attachments.AttachmentReport:
    """Attach the full text of tickets that exceed Jira's size limit."""
    return _run_step(
        session,
        attachments.attach_files,
        run_id=run_id,
        step=ATTACH_STEP,
        count=lambda report: report.attached,
        pass_on=pass_on,
    )


def link_issues(session: OpenSession, *, run_id: str, pass_on: PassOn) -> links.LinkReport:
    report = _run_step(
        session,
        links.link_issues,
        run_id=run_id,
        step=LINK_STEP,
        count=lambda report: report.linked,
        pass_on=pass_on,
    )
    _comparisons(session, run_id)[:] = [report.comparison]
    return report


def _comparisons(session: OpenSession, run_id: str) -> list[FiledComparison]:
    """Return the list in which the last step of a run leaves what it read after the last write.

    It is kept in memory as long as the run.
    """
    return session.pipeline.memory.as_of(run_id, "comparison of a run", session.key, list)


def _person_of_as_new(session: OpenSession) -> str | None:
    """Return who uploaded a manifest that wants new issues beside those of other sessions, or None."""
    if not session.stored.manifest.as_new:
        return None
    uploads = session.store.audit.entries(session.key, actions=UPLOADING)
    return next((entry.actor for entry in reversed(uploads)), MANIFEST_ACTOR)


def _started(
    session: OpenSession,
    tickets: Sequence[Ticket],
    *,
    task_id: str,
    run_id: str | None,
    project_key: str,
) -> StartedExport:
    """Describe an export that starts: of which tickets, by which run, and how long it may take."""
    return StartedExport(
        task_id=task_id,
        run_id=run_id,
        run_url=session.run_link(run_id),
        session_key=session.key,
        total_tickets=len(tickets),
        tickets_to_create=sum(
            session.places[ticket.ticket_id].jira_key is None for ticket in tickets
        ),
        estimated_duration_minutes=round(seconds_to_export(session, tickets) / 60, 2),
        project_key=project_key,
        started_at=session.clock.now(),
        progress_percentage=session.stored.progress_percentage,
    )


def announce_export(
    session: OpenSession, *, task_id: str, run_id: str | None = None
) -> StartedExport:
    """Answer the start of an export before its run exists; no ticket is rendered for it."""
    tickets = [ticket for ticket in session.tickets if ticket.exclusion is None]
    return _started(
        session, tickets, task_id=task_id, run_id=run_id, project_key=session.project_key
    )


def running_export(session: OpenSession) -> StartedExport | None:
    """Return the export of this session that is at work now, or None.

    A lease on its target that is taken shows it: only a live process holds one.
    """
    # Not the target of the settings here: another person's settings may have started the export.
    targets = session.exported_targets
    is_export = session.stored.stage is SessionStage.JIRA_EXPORT
    if not targets or not is_export or session.stored.status is not SessionStatus.RUNNING:
        return None
    target = targets[-1]
    try:
        with session.store.leases.hold(target.target_id, holder=holder_name("a look")):
            return None
    except LeaseBusyError:
        tickets = [ticket for ticket in session.tickets if ticket.exclusion is None]
        record = record_of(session, work=Work.EXPORT)
        run_id = session.stored.run_id
        started = _started(
            session, tickets, task_id=run_id or "", run_id=run_id, project_key=target.project_key
        )
        return replace(
            started,
            started_at=record.started_at or session.stored.updated_at,
            is_already_running=True,
            current_ticket_title=record.current_ticket_title or "",
        )


def plan_undoing(session: OpenSession, *, budget: TimeBudget | None = None) -> UndoPlan:
    """Return what an undo would do; only reads are sent."""
    return _ask_jira(session, plan_undo, rendered=_rendered_or_names(session), budget=budget)


def undo(
    session: OpenSession,
    *,
    by: str,
    keeps_rest: bool = False,
    agreed_issue_ids: frozenset[str] | None = None,
    run_id: str | None = None,
) -> UndoReport:
    """Take the export of a session back, in the Dagster run `run_id` or outside of any.

    With `keeps_rest` an undo that did not end is ended as it is: nothing more is deleted. With
    `agreed_issue_ids` (of a plan) no other issue is deleted. A failure shows at the session only if the undo had begun; before that the session stays as it was.
    """
    current = session.reload()  # people may have thought about the plan for long
    undo_id = run_id or f"{UNDO_STEP}-{current.clock.now():%Y%m%dT%H%M%S%f}-{os.getpid()}"
    rendered = _rendered_or_names(current)
    # A Dagster run holds its own lock already.
    lock = nullcontext() if run_id else current.store.run_locks.hold(undo_id)
    with lock:
        try:
            # The export report is out of date from here on; the run writes it anew at the end.
            on_begun = partial(current.report_path.unlink, missing_ok=True)
            report = _run_step(
                current,
                partial(
                    undo_export,
                    by=by,
                    keeps_rest=keeps_rest,
                    agreed_issue_ids=agreed_issue_ids,
                    on_begun=on_begun,
                ),
                run_id=undo_id,
                step=UNDO_STEP,
                count=lambda report: len(report.removed),
                rendered=rendered,
            )
            if report.deleted_keys:
                current.note(AuditAction.ISSUES_DELETED, by=by, issues=report.deleted_keys)
        except (PipelineError, KeyboardInterrupt) as error:
            with dead_if_unstored(current.pipeline, undo_id):
                _record_failed_undo(current, error, run_id=undo_id)
            raise
        return report


def _record_failed_undo(
    session: OpenSession, error: PipelineError | KeyboardInterrupt, *, run_id: str
) -> None:
    """Store why an undo ended early; the session shows it only if that undo had begun."""
    at = session.clock.now()
    status = SessionStatus.CANCELLED
    if isinstance(error, PipelineError):
        stage = SessionStage.REVIEW.value
        session.store.errors.record(
            error, session_key=session.key, stage=stage, at=at, run_id=run_id
        )
        is_temporary = error.category is ErrorCategory.TEMPORARY
        is_waiting = is_temporary or isinstance(error, GateError)
        status = SessionStatus.WAITING if is_waiting else SessionStatus.FAILED
    stored = session.store.sessions.get(session.key)
    if stored.run_id == run_id:
        session.store.sessions.set_stage(session.key, stage=stored.stage, status=status, at=at)


def settle(
    session: OpenSession, *, is_waiting: bool, by: str, run_id: str | None = None
) -> SettleReport:
    """Look up the writes whose outcome is unknown, and record what was found."""
    current = session.reload()
    work = partial(settle_session, is_waiting=is_waiting, by=by)
    rendered = _rendered_or_names(current)
    return _run_step(current, work, run_id=run_id, step=SETTLE_STEP, rendered=rendered)


def decide(
    session: OpenSession,
    *,
    decision: Decision,
    names: Collection[str] = (),
    is_all: bool = False,
    by: str,
    run_id: str | None = None,
    budget: TimeBudget | None = None,
) -> DecisionReport:
    """Do what a person decided about issues that are gone or there twice; audited.

    `names` are numbers of tickets or keys of issues; `is_all` means all that wait for a decision.

    Raises:
        WrongUseError: Neither tickets nor all are meant, or both.
        PipelineError: What `decide_differences` raises.
    """
    chosen = _names_of_tickets(names, is_all=is_all)
    current = session.reload()
    work = partial(decide_differences, decision=decision, names=chosen, by=by)
    report = _ask_jira(current, work, rendered=_names_only(current), run_id=run_id, budget=budget)
    if report.done:
        current.note(
            AuditAction.DIFFERENCES_DECIDED,
            by=by,
            decision=decision.value,
            ticket_ids=[ticket.ticket_id for ticket in report.done],
        )
    return report


def plan_decision(
    session: OpenSession,
    *,
    decision: Decision,
    names: Collection[str] = (),
    is_all: bool = False,
    by: str,
    budget: TimeBudget | None = None,
) -> tuple[DecidedTicket, ...]:
    """Return what `decide` would do about each issue, and what would be lost; only reads are sent."""
    chosen = _names_of_tickets(names, is_all=is_all)
    ask = partial(plan_decision_where_exported, decision=decision, names=chosen, by=by)
    return _ask_jira(session, ask, rendered=_names_only(session), budget=budget)


def _names_of_tickets(names: Collection[str], *, is_all: bool) -> Collection[str] | None:
    """Return the names that people gave; None: they said all.

    Raises:
        WrongUseError: Neither tickets nor all are meant, or both.
    """
    if bool(names) == is_all:
        raise WrongUseError("Name tickets, or say all.")
    return None if is_all else names


def jira_progress(session: OpenSession, *, budget: TimeBudget | None = None) -> SessionProgress:
    """Read how far people are with the issues of a session; nothing is sent."""
    refuse_never_exported(session)
    ask = partial(read_progress, changes=changes_in_jira(session))
    return _ask_jira(session, ask, rendered=_names_only(session), budget=budget)


def propose_adoption(session: OpenSession, *, budget: TimeBudget | None = None) -> ProposedAdoption:
    """Say which issues of the project people may have made for tickets; nothing is sent."""
    ask = partial(adoption_proposals.propose_adoption, groups=session.groups)
    return _ask_jira(session, ask, rendered=_names_only(session), budget=budget)


def adopt(
    session: OpenSession,
    *,
    pairs: Mapping[int, str],
    by: str,
    run_id: str | None = None,
    budget: TimeBudget | None = None,
) -> tuple[AdoptedTicket, ...]:
    """Record issues that people made as those of tickets, as a person paired them; audited.

    `pairs` gives the key of an issue by the number of a ticket.
    """
    current = session.reload()

    def record_in_audit_trail(adopted: Sequence[AdoptedTicket]) -> None:
        numbers = {adopted_ticket.number for adopted_ticket in adopted if adopted_ticket.is_done}
        ids = [ticket.ticket_id for ticket in current.tickets if ticket.number in numbers]
        if ids:
            current.note(AuditAction.ISSUES_ADOPTED, by=by, ticket_ids=ids)

    work = partial(adoption.adopt_issues, pairs=pairs, by=by, on_decided=record_in_audit_trail)
    return _ask_jira(current, work, rendered=_names_only(current), run_id=run_id, budget=budget)


def _rendered_or_names(session: OpenSession) -> tuple[RenderedTicket, ...]:
    """Render the tickets where the sheets still allow it, else only name them.

    Undo and settle can do without the texts.
    """
    try:
        return session.rendered
    except GateError:
        return _names_only(session)


def _names_only(session: OpenSession) -> tuple[RenderedTicket, ...]:
    """Return the tickets without their texts, for what needs only names."""
    return without_documents(session.tickets, {})


def comparison_of_run(session: OpenSession, *, run_id: str) -> FiledComparison:
    """Return what the last step of this run read in Jira after the last write, else compare now.

    A run that only compares, or begins after that step, reads Jira.

    Raises:
        GateError: The session was not exported to the current target.
    """
    comparisons = _comparisons(session, run_id)
    if comparisons:
        return comparisons[0]
    return compare_with_jira(session, run_id=run_id)


def compare_with_jira(session: OpenSession, *, run_id: str | None = None) -> FiledComparison:
    """Compare the ledger of a session with what Jira holds, and file what differs.

    Only reads are sent, and only to the site whose ids the ledger has: it is asked who it is.

    Raises:
        GateError: The session was not exported to the current target.
    """
    refuse_never_exported(session)
    return _ask_jira(session, compare_where_exported, rendered=_names_only(session), run_id=run_id)
