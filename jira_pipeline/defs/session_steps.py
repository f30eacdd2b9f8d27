"""The steps of a session, as assets and the command line both take them.

Belongs here: calling a stage with the pipeline's adapters, writing the pages. Does not: rules
(`stages`), Dagster words (`assets`, `export_ops`), terminal words (`cli`).
"""

import os
import socket
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from jira_pipeline.defs.composition import Pipeline
from jira_pipeline.defs.quality_steps import quality_as_validated
from jira_pipeline.domain.export_ledger import (
    LedgerEntry,
    Target,
    standing_entries,
    was_taken_back,
)
from jira_pipeline.domain.manual_fixes import FixState, ManualFix
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.staleness import SHEETS_CHANGED, Stale
from jira_pipeline.domain.tickets import ListedTicket, Ticket, TicketTally, nothing_to_do
from jira_pipeline.domain.validations import Validation
from jira_pipeline.errors import GateError, StoreError
from jira_pipeline.stages.adf_validation import validate_session
from jira_pipeline.stages.jira_export.gate import is_untouched, staleness_of
from jira_pipeline.stages.jira_export.later_changes import LaterChange, later_changes
from jira_pipeline.stages.jira_export.ledger_comparison import LedgerComparison, compare_ledger
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools
from jira_pipeline.stages.jira_export.plan import ExportPlan, plan_export
from jira_pipeline.stages.jira_export.results import (
    ExportResults,
    TicketExport,
    export_results,
    sent_contents,
    ticket_exports,
    unexported,
)
from jira_pipeline.stages.pages import report_page, review_page
from jira_pipeline.stages.review.approval import (
    AUTO_APPROVAL,
    approve_automatically,
    may_approve_automatically,
    rendered_as_approved,
)
from jira_pipeline.stages.review.withdrawals import (
    agreed_automatically,
    proposed_among,
    without_rows,
)
from jira_pipeline.stages.session_status import (
    LeftToPeople,
    SessionReport,
    left_to_people,
    standing_error,
)
from jira_pipeline.stages.upload_reading import (
    SpecificationReading,
    UploadOutcome,
    read_session,
    upload_folder,
)

REVIEW_PAGE = "review.html"
REPORT_PAGE = "report.html"


def upload(
    pipeline: Pipeline,
    folder: Path,
    *,
    session_key: str | None,
    auto_approve: bool,
    actor: str,
) -> UploadOutcome:
    """Register a folder as a session."""
    return upload_folder(
        folder,
        session_key=session_key,
        auto_approve=auto_approve,
        source=pipeline.source,
        sessions=pipeline.store.sessions,
        ledger=pipeline.store.ledger,
        uploads_path=pipeline.settings.uploads_path,
        now=pipeline.clock.now(),
        actor=actor,
    )


def read_files(pipeline: Pipeline, session: UploadSession) -> SpecificationReading:
    """Read the sheets of a session and store its findings."""
    return read_session(
        session,
        source=pipeline.source,
        sessions=pipeline.store.sessions,
        uploads_path=pipeline.settings.uploads_path,
    )


def validate(pipeline: Pipeline, session: UploadSession, *, run_id: str | None) -> Validation:
    """Check every ticket of a session and store the result."""
    read_at = pipeline.clock.now()
    validation = validate_session(
        session,
        rendered=pipeline.rendered(session),
        read_at=read_at,
        rendering=pipeline.rendering,
        body_max_bytes=pipeline.settings.adf_body_max_bytes,
        sessions=pipeline.store.sessions,
        validations=pipeline.store.validations,
        now=pipeline.clock.now,
        run_id=run_id,
    )
    write_review(pipeline, session)
    return validation


def write_review(pipeline: Pipeline, session: UploadSession) -> Path:
    """Write the review page of a session and return its path."""
    page = review_page(
        session,
        pipeline.rendered(session),
        contents=pipeline.contents(session),
        vanished=pipeline.store.tickets.list_vanished(session.session_key),
        validation=pipeline.store.validations.latest(session.session_key),
        quality=quality_as_validated(pipeline, session),
    )
    return write_page(pipeline, session, name=REVIEW_PAGE, content=page)


def approve(pipeline: Pipeline, session: UploadSession) -> int:
    """Mark valid tickets ready where the session approves itself; return how many.

    It agrees to withdrawals, too, where `agreed_automatically` says so. Behind an undo it does
    neither: exporting again is for people to decide.
    """
    if is_undone(pipeline, session):
        return 0
    pipeline.store.tickets.withdraw(
        session.session_key,
        [ticket.ticket_id for ticket in withdrawn_by_itself(pipeline, session)],
        reason="",
        by=AUTO_APPROVAL,
        at=pipeline.clock.now(),
    )
    return approve_automatically(
        session,
        pipeline.rendered(session),
        is_sandbox=pipeline.settings.is_sandbox,
        tickets=pipeline.store.tickets,
        validations=pipeline.store.validations,
        at=pipeline.clock.now(),
    )


def withdrawn_by_itself(pipeline: Pipeline, session: UploadSession) -> tuple[Ticket, ...]:
    """Return the proposed withdrawals that the session agrees to at its next export."""
    store, key = pipeline.store, session.session_key
    proposed = proposed_among(store.tickets.list_vanished(key))
    if not proposed or is_undone(pipeline, session):
        return ()
    return agreed_automatically(
        session,
        proposed,
        is_sandbox=pipeline.settings.is_sandbox,
        ticket_count=store.tickets.tally(key).total,
        files=store.sessions.files(key),
        sent={
            entry.ticket_id
            for target in store.ledger.targets_of(key)
            for entry in store.ledger.entries(target_id=target.target_id, session_key=key)
        },
    )


def left_by_sheets(pipeline: Pipeline, session: UploadSession) -> tuple[Ticket, ...]:
    """Return the tickets the sheets no longer ask for, as far as nobody agreed to withdraw them.

    Where other sheets were uploaded since the tickets were written, it is what the next generation
    would leave without rows.
    """
    store, key = pipeline.store, session.session_key
    if session.generated_at is None:
        return ()
    proposed = proposed_among(store.tickets.list_vanished(key))
    if session.generated_from_sha256 == session.content_sha256:
        return proposed
    groups = pipeline.contents(session).groups_by_key
    everyone = (*store.tickets.list_all(key), *proposed)
    return without_rows(everyone, group_keys=groups.keys())


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
            holder=f"run {run_id or '-'} on {socket.gethostname()}, process {os.getpid()}",
            content_sha256=session.content_sha256,
            run_id=run_id,
            settle_horizon_seconds=pipeline.settle_horizon_seconds,
            create_delay_seconds=settings.jira_create_delay_seconds,
            batch_size=settings.jira_batch_size,
        )
        yield tools, order


def plan(pipeline: Pipeline, session: UploadSession) -> ExportPlan:
    """Tell what an export would do now, auto approval included; only reads are sent."""
    try:
        rendered, blocked = pipeline.rendered(session), None
    except GateError as error:
        rendered, blocked = (), error
    with opened_export(pipeline, session, run_id=None, rendered=rendered) as (tools, order):
        approved = order.rendered
        if not is_undone(pipeline, session):
            approved = rendered_as_approved(
                session,
                order.rendered,
                is_sandbox=pipeline.settings.is_sandbox,
                validations=pipeline.store.validations,
            )
        found = plan_export(
            tools,
            replace(order, rendered=approved),
            agreed=withdrawn_by_itself(pipeline, session),
        )
    return found if blocked is None else replace(found, blocked=blocked)


def compare_with_jira(pipeline: Pipeline, session: UploadSession) -> LedgerComparison:
    """Compare the ledger of a session with what Jira holds; only reads are sent."""
    target = required_results(pipeline, session).target
    with opened_export(pipeline, session, run_id=None) as (tools, order):
        return compare_ledger(tools, order, target_id=target.target_id)


def current_target(pipeline: Pipeline, session: UploadSession) -> Target | None:
    """Return the target this session was last exported to with the settings as they are.

    A site may call itself by another address than the configured one; it is taken for that site
    where the session went to no other.
    """
    base_url = pipeline.settings.jira_base_url
    used = [
        target
        for target in reversed(pipeline.store.ledger.targets_of(session.session_key))
        if target.is_sandbox == (base_url is None)
    ]
    if base_url is None:
        return next(iter(used), None)
    named = [target for target in used if target.base_url == base_url.rstrip("/")]
    is_one_site = len({target.site_id for target in used}) == 1
    return next(iter(named or (used if is_one_site else ())), None)


def is_undone(pipeline: Pipeline, session: UploadSession) -> bool:
    """Tell whether issues of the session were taken back and not created again."""
    target = current_target(pipeline, session)
    if target is None:
        return False
    by_identity: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in pipeline.store.ledger.entries(
        target_id=target.target_id, session_key=session.session_key
    ):
        by_identity[entry.identity].append(entry)
    return any(was_taken_back(entries) for entries in by_identity.values())


def results(pipeline: Pipeline, session: UploadSession) -> ExportResults | None:
    """Return what the session has on the current target, or None before any export."""
    target = current_target(pipeline, session) or _target_without_issues(pipeline, session)
    if target is None:
        return None
    store = pipeline.store
    return export_results(
        session.session_key,
        target=target,
        tickets=store.tickets.list_all(session.session_key),
        ledger=store.ledger,
        fixes=store.manual_fixes,
        changes=_later_changes(pipeline, session, target),
        steps=store.export_runs.steps(session.session_key, target_id=target.target_id),
        spending=store.writing.spending(session.session_key),
    )


def _later_changes(
    pipeline: Pipeline, session: UploadSession, target: Target
) -> tuple[LaterChange, ...]:
    """Return what people have to change in issues of a target; none before tickets are written."""
    if session.generated_from_sha256 != session.content_sha256:
        return ()
    store, key = pipeline.store, session.session_key
    vanished = store.tickets.list_vanished(key)
    entries = standing_entries(store.ledger.entries(target_id=target.target_id, session_key=key))
    rendered = pipeline.rendered(session)
    everyone = [*(r.ticket for r in rendered), *vanished]
    return later_changes(
        rendered,
        vanished,
        places=ticket_exports(everyone, target=target, entries=entries),
        sent=sent_contents(entries),
        revisions=store.tickets.revisions,
        groups=pipeline.contents(session).groups_by_key,
        groups_of=partial(pipeline.memory.earlier_groups, session),
    )


def idle_reason(pipeline: Pipeline, session: UploadSession) -> str:
    """Say why there is nothing to export and never was; empty where there is."""
    if session.generated_at is None or current_target(pipeline, session) is not None:
        return ""
    if session.generated_from_sha256 != session.content_sha256:
        return ""
    if pipeline.store.tickets.tally(session.session_key).exportable:
        return ""
    return nothing_to_do(pipeline.store.tickets.listed(session.session_key))


def _target_without_issues(pipeline: Pipeline, session: UploadSession) -> Target | None:
    """Return where a session without anything to export was exported to, if it was."""
    if not idle_reason(pipeline, session):
        return None
    base_url, project_key = pipeline.settings.jira_base_url, pipeline.project_key(session)
    for target in pipeline.store.ledger.targets():
        is_site = target.is_sandbox if base_url is None else target.base_url == base_url.rstrip("/")
        if is_site and target.project_key == project_key:
            return target
    return None


def required_results(pipeline: Pipeline, session: UploadSession) -> ExportResults:
    """Return what the session has on the current target.

    Raises:
        GateError: It was not exported there yet.
    """
    found = results(pipeline, session)
    if found is None:
        idle = idle_reason(pipeline, session)
        if idle:
            raise GateError(
                f"Session {session.session_key} has no issues. {idle}",
                rule="S0-21",
                recovery_actions=("Change the sheets and upload them again.",),
            )
        where = "the sandbox" if pipeline.settings.is_sandbox else pipeline.settings.jira_base_url
        raise GateError(
            f"Session {session.session_key} was not exported to {where} yet.",
            rule="S0-21",
            recovery_actions=(f"Run `jira-pipeline export {session.session_key}`.",),
        )
    return found


def places(pipeline: Pipeline, session: UploadSession) -> dict[str, TicketExport]:
    """Return where each ticket of the session stands, by ticket id."""
    return places_of(pipeline, session, pipeline.store.tickets.listed(session.session_key))


def places_of(
    pipeline: Pipeline, session: UploadSession, tickets: Sequence[Ticket | ListedTicket]
) -> dict[str, TicketExport]:
    """Return where each of these tickets of the session stands, by ticket id."""
    target = current_target(pipeline, session)
    if target is None:
        return {ticket.ticket_id: unexported(ticket) for ticket in tickets}
    entries = pipeline.store.ledger.entries(
        target_id=target.target_id, session_key=session.session_key
    )
    return ticket_exports(tickets, target=target, entries=entries)


def write_report(pipeline: Pipeline, session: UploadSession, results: ExportResults) -> Path:
    """Write the export report of a session and return its path."""
    is_current = session.generated_from_sha256 == session.content_sha256
    page = report_page(
        session,
        pipeline.store.tickets.list_all(session.session_key),
        vanished=pipeline.store.tickets.list_vanished(session.session_key),
        results=results,
        places=places(pipeline, session),
        findings=pipeline.store.sessions.findings(session.session_key),
        quality=quality_as_validated(pipeline, session) if is_current else None,
    )
    return write_page(pipeline, session, name=REPORT_PAGE, content=page)


def status(pipeline: Pipeline, session: UploadSession) -> SessionReport:
    """Return where a session stands."""
    tally = pipeline.store.tickets.tally(session.session_key)
    return SessionReport(
        session=session,
        tickets_total=tally.exportable,
        tickets_ready=tally.ready,
        tickets_exported=_exported_count(pipeline, session),
        stale=_stale_reasons(pipeline, session) if tally.exportable else (),
        approves_itself=may_approve_automatically(session, is_sandbox=pipeline.settings.is_sandbox)
        and not is_undone(pipeline, session),
        target=_target_name(pipeline, session),
        nothing_to_do="" if tally.exportable else idle_reason(pipeline, session),
        error=standing_error(session, pipeline.store.errors.list_all(session.session_key)),
        left=_left_to_people(pipeline, session, tally),
        writer=pipeline.writer_name(session),
        spending=pipeline.store.writing.spending(session.session_key),
    )


def _left_to_people(pipeline: Pipeline, session: UploadSession, tally: TicketTally) -> LeftToPeople:
    store, key = pipeline.store, session.session_key
    target = current_target(pipeline, session)
    changes: tuple[LaterChange, ...] = ()
    fixes: tuple[ManualFix, ...] = ()
    if target is not None:
        fixes = store.manual_fixes.list_all(key, target_id=target.target_id)
        with suppress(GateError):  # a ticket without its rows: told as stale
            changes = _later_changes(pipeline, session, target)
    proposed = proposed_among(store.tickets.list_vanished(key))
    by_itself = withdrawn_by_itself(pipeline, session) if proposed else ()
    return left_to_people(
        tally,
        jira_changes=len(changes),
        withdrawals=[t.number for t in proposed if t not in by_itself],
        open_fixes=sum(fix.state is FixState.OPEN for fix in fixes),
        requests=[r for r in store.export_requests.waiting() if r.session_key == key],
    )


def _target_name(pipeline: Pipeline, session: UploadSession) -> str:
    """Say where issues are, or would go; without asking that site."""
    target = current_target(pipeline, session)
    if target is not None:
        return target.name
    site = "sandbox" if pipeline.settings.is_sandbox else str(pipeline.settings.jira_base_url)
    project = session.manifest.jira_project_key or pipeline.settings.jira_project_key
    return f"{site}, project {project}" if project else site


def _exported_count(pipeline: Pipeline, session: UploadSession) -> int:
    if current_target(pipeline, session) is None:
        return 0
    return sum(place.jira_key is not None for place in places(pipeline, session).values())


def _stale_reasons(pipeline: Pipeline, session: UploadSession) -> tuple[str, ...]:
    """Tell why the session is stale; nothing is rendered where nothing changed since it was."""
    verdict_then = pipeline.store.validations.verdict(session.session_key)
    if verdict_then is None or is_untouched(
        session, verdict=verdict_then, rendering=pipeline.rendering
    ):
        return ()
    checked = pipeline.store.validations.checked(session.session_key)
    assert checked is not None  # noqa: S101 - there is a verdict, and none is ever removed
    try:
        rendered = pipeline.rendered(session)
    except GateError as error:
        return (SHEETS_CHANGED, error.message)
    verdict = staleness_of(session, checked=checked, rendered=rendered)
    return verdict.reasons if isinstance(verdict, Stale) else ()


def page_path(pipeline: Pipeline, session: UploadSession, name: str) -> Path:
    """Return where a page of a session is written."""
    return pipeline.settings.pages_path / session.session_key / name


def write_page(pipeline: Pipeline, session: UploadSession, *, name: str, content: str) -> Path:
    """Put a page in place in one step and return its path."""
    path = page_path(pipeline, session, name)
    incoming = path.with_name(f".{name}.{os.getpid()}.incoming")  # a run may write it too
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        incoming.write_text(content, encoding="utf-8")
        incoming.rename(path)
    except OSError as error:
        raise StoreError(
            f"{path} could not be written: {error.strerror}.",
            recovery_actions=("Check that the disk has room, then run the job again.",),
        ) from error
    return path
