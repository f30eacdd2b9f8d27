"""An export opened: what its steps are given, and what it would do.

Belongs here: bringing together tools and order, calling what only reads. Does not: the steps that
send (`export_steps`).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from jira_pipeline.domain.export_ledger import Target
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.errors import GateError
from jira_pipeline.ports.export import FiledComparison, MeasuredStep
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.lease_holders import holder_name
from jira_pipeline.sessions.self_approval import approves_itself
from jira_pipeline.sessions.session_results import current_target, required_results
from jira_pipeline.sessions.session_withdrawals import withdrawn_by_itself
from jira_pipeline.stages.jira_export.export_run import ExportOrder, ExportTools
from jira_pipeline.stages.jira_export.gate import check_gate
from jira_pipeline.stages.jira_export.ledger_comparison import (
    LedgerComparison,
    compare_ledger,
    findings_of,
)
from jira_pipeline.stages.jira_export.pace import measured_pace
from jira_pipeline.stages.jira_export.plan import ExportPlan, plan_export
from jira_pipeline.stages.review.approval import rendered_as_approved

LATEST_STEPS = 20
"""So many earlier steps on a target tell its pace."""


def latest_steps(pipeline: Pipeline, target: Target | None) -> tuple[MeasuredStep, ...]:
    """Return what exports to a target took lately, of all sessions: they tell its pace."""
    if target is None:
        return ()
    return pipeline.store.export_runs.latest_steps(target.target_id, limit=LATEST_STEPS)


@contextmanager
def opened_export(
    pipeline: Pipeline,
    session: UploadSession,
    *,
    run_id: str | None,
    rendered: tuple[RenderedTicket, ...] | None = None,
) -> Iterator[tuple[ExportTools, ExportOrder]]:
    """Bring together what an export step needs; the connection is closed at the end.

    Tickets are rendered as they are now where none are given.
    """
    store, settings = pipeline.store, pipeline.settings
    with pipeline.opened_jira(session) as jira:
        tools = ExportTools(
            tracker=jira,
            ledger=store.ledger,
            lease=store.leases,
            sessions=store.sessions,
            tickets=store.tickets,
            validations=store.validations,
            fixes=store.manual_fixes,
            clock=pipeline.clock,
            sleep=time.sleep,
            monotonic=time.monotonic,
            is_cancelled=lambda: store.sessions.is_cancel_requested(session.session_key),
        )
        order = ExportOrder(
            session_key=session.session_key,
            project_key=pipeline.project_key(session),
            rendered=pipeline.rendered(session) if rendered is None else rendered,
            is_sandbox=settings.is_sandbox,
            holder=holder_name(f"run {run_id or '-'}"),
            content_sha256=session.content_sha256,
            run_id=run_id,
            names=pipeline.jira_names(session),
            settle_horizon_seconds=pipeline.settle_horizon_seconds,
            create_delay_seconds=settings.jira_create_delay_seconds,
            batch_size=settings.jira_batch_size,
            pace=measured_pace(latest_steps(pipeline, current_target(pipeline, session))),
            attaches_refused_descriptions=settings.jira_description_fallback == "attach",
        )
        yield tools, order


def plan(pipeline: Pipeline, session: UploadSession, *, is_as_new: bool = False) -> ExportPlan:
    """Tell what an export would do now, auto approval included; only reads are sent.

    With `is_as_new`, or as the manifest says it, issues of other sessions are no obstacle.
    """
    try:
        rendered, blocked = pipeline.rendered(session), None
    except GateError as error:
        rendered, blocked = (), error
    with opened_export(pipeline, session, run_id=None, rendered=rendered) as (tools, order):
        found = plan_export(
            tools,
            replace(order, rendered=_as_approved(pipeline, session, order.rendered)),
            agreed=withdrawn_by_itself(pipeline, session),
            is_as_new=is_as_new or session.manifest.as_new,
        )
    return found if blocked is None else replace(found, blocked=blocked)


def refuse_behind_gate(
    pipeline: Pipeline, session: UploadSession, rendered: tuple[RenderedTicket, ...]
) -> None:
    """Stop before a run begins that the gate would refuse, auto approval included.

    Jira is not asked.

    Raises:
        GateError: A person must act first.
    """
    store, key = pipeline.store, session.session_key
    agreed = {ticket.ticket_id for ticket in withdrawn_by_itself(pipeline, session)}
    check_gate(
        session,
        checked=store.validations.checked(key),
        rendered=_as_approved(pipeline, session, rendered),
        vanished=[t for t in store.tickets.list_vanished(key) if t.ticket_id not in agreed],
    )


def _as_approved(
    pipeline: Pipeline, session: UploadSession, rendered: tuple[RenderedTicket, ...]
) -> tuple[RenderedTicket, ...]:
    """Return the tickets as the start of an export would leave them; nothing is stored."""
    if not approves_itself(pipeline, session):
        return rendered
    return rendered_as_approved(
        session,
        rendered,
        is_sandbox=pipeline.settings.is_sandbox,
        validations=pipeline.store.validations,
    )


def compare_with_jira(pipeline: Pipeline, session: UploadSession) -> LedgerComparison:
    """Compare the ledger of a session with what Jira holds, and file the findings.

    Only reads are sent.

    Raises:
        GateError: The session was not exported to the current target.
        UpstreamError: Jira cannot be asked.
    """
    key, target = session.session_key, current_target(pipeline, session)
    if target is None:
        target = required_results(pipeline, session).target
    with opened_export(pipeline, session, run_id=None, rendered=()) as (tools, order):
        comparison = compare_ledger(tools, order, target_id=target.target_id)
    pipeline.store.comparisons.record(
        FiledComparison(
            session_key=key,
            target_id=target.target_id,
            compared_at=pipeline.clock.now(),
            confirmed=comparison.confirmed,
            findings=findings_of(comparison, session_key=key),
        )
    )
    return comparison
