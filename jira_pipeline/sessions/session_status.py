"""Where a session stands, for whoever asks.

Belongs here: gathering the facts. Does not: what follows from them (`stages/session_status`).
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from jira_pipeline.domain.manual_fixes import FixState, ManualFix
from jira_pipeline.domain.next_step import NextStep, Situation, next_step
from jira_pipeline.domain.sessions import SessionStage, UploadSession
from jira_pipeline.domain.staleness import SHEETS_CHANGED, Stale, changes_since
from jira_pipeline.domain.tickets import TicketTally
from jira_pipeline.domain.validations import ValidationVerdict
from jira_pipeline.domain.work_records import RETRIES_MAX, Work
from jira_pipeline.errors import GateError
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.daemon_ticks import is_validated_by_daemon
from jira_pipeline.sessions.self_approval import approves_itself, missing_in
from jira_pipeline.sessions.session_pages import review_written_at
from jira_pipeline.sessions.session_results import (
    changes_in_jira,
    current_target,
    idle_reason,
    ledger_marks,
    places,
    record_of,
    retry_count,
    same_specifications,
)
from jira_pipeline.sessions.session_withdrawals import withdrawn_by_itself
from jira_pipeline.stages.jira_export.later_changes import LaterChange
from jira_pipeline.stages.jira_export.results import TicketExport, tickets_with_errors
from jira_pipeline.stages.review.withdrawals import proposed_among
from jira_pipeline.stages.session_status import (
    LeftToPeople,
    SessionReport,
    is_export_awaited,
    left_to_people,
    standing_error,
)
from jira_pipeline.stages.situations import is_untouched, staleness_of

_WRITING = {SessionStage.UPLOAD, SessionStage.PROCESSING}


def status(pipeline: Pipeline, session: UploadSession) -> SessionReport:
    """Return where a session stands."""
    tally = pipeline.store.tickets.tally(session.session_key)
    verdict = pipeline.store.validations.verdict(session.session_key)
    stale = _stale_reasons(pipeline, session, verdict) if tally.exportable else ()
    left = _left_to_people(pipeline, session, tally)
    standing = _places_if_exported(pipeline, session)
    return SessionReport(
        situation=_situation(
            pipeline,
            session,
            tally=tally,
            verdict=verdict,
            is_stale=bool(stale),
            left=left,
            standing=standing,
        ),
        stale=stale,
        tickets_with_errors=tickets_with_errors(standing),
        record=record_of(pipeline, session),
        target=_target_name(pipeline, session),
        left=left,
        writer=pipeline.writer_name(session),
        spending=pipeline.store.writing.spending(session.session_key),
    )


def what_is_next(pipeline: Pipeline, session_key: str) -> NextStep:
    """Say what a person does next, as `status` does; tickets are rendered only where it matters."""
    session = pipeline.store.sessions.get(session_key)
    tally = pipeline.store.tickets.tally(session_key)
    verdict = pipeline.store.validations.verdict(session_key)
    is_stale = bool(tally.exportable) and (
        _is_touched(session) or bool(_stale_reasons(pipeline, session, verdict))
    )
    is_completed = session.stage is SessionStage.COMPLETED and not is_stale
    left = _left_to_people(pipeline, session, tally, is_comparing=is_completed)
    return next_step(
        _situation(
            pipeline,
            session,
            tally=tally,
            verdict=verdict,
            is_stale=is_stale,
            left=left,
            standing=_places_if_exported(pipeline, session),
        )
    )


def _situation(
    pipeline: Pipeline,
    session: UploadSession,
    *,
    tally: TicketTally,
    verdict: ValidationVerdict | None,
    is_stale: bool,
    left: LeftToPeople,
    standing: Collection[TicketExport],
) -> Situation:
    """Bring together what decides the next step."""
    store, key = pipeline.store, session.session_key
    marks = ledger_marks(pipeline, session)
    error = standing_error(session, store.errors.list_all(key))
    exported_count = sum(place.jira_key is not None for place in standing)
    is_anything_left = exported_count < tally.exportable
    groups = store.tickets.exported_groups(key) if is_anything_left else ()
    return Situation(
        session=session,
        is_validated=verdict is not None,
        is_stale=is_stale,
        is_validated_again=left.is_page_renewed,
        failed_count=verdict.failed_count if verdict is not None else 0,
        ticket_count=tally.exportable,
        ready_count=tally.ready,
        exported_count=exported_count,
        approves_itself=approves_itself(pipeline, session),
        nothing_to_do="" if tally.exportable else idle_reason(pipeline, session),
        error=error,
        is_export_awaited=is_export_awaited(left.export_request, error),
        is_undo_open=marks.is_undo_open,
        given_up_count=marks.given_up_count,
        withdrawals=len(left.withdrawals),
        same_specification=same_specifications(pipeline, session, groups) if groups else (),
        open_fixes=left.open_fixes,
        jira_changes=left.jira_changes,
        has_retries=retry_count(
            pipeline, session, Work.WRITING if session.stage in _WRITING else Work.EXPORT
        )
        < RETRIES_MAX,
    )


def _is_touched(session: UploadSession) -> bool:
    """Tell whether something was done to a session since it was validated."""
    validated_at = session.last_validated_at
    return validated_at is not None and bool(
        changes_since(
            last_validated_at=validated_at,
            last_invalidated_at=session.last_invalidated_at,
            generated_from_sha256=session.generated_from_sha256,
            content_sha256=session.content_sha256,
        )
    )


def _left_to_people(
    pipeline: Pipeline, session: UploadSession, tally: TicketTally, *, is_comparing: bool = True
) -> LeftToPeople:
    """Gather what waits for people; without comparing, no ticket is rendered to look at issues."""
    store, key = pipeline.store, session.session_key
    target = current_target(pipeline, session)
    changes: tuple[LaterChange, ...] = ()
    fixes: tuple[ManualFix, ...] = ()
    if target is not None:
        fixes = store.manual_fixes.list_all(key, target_id=target.target_id)
    if target is not None and is_comparing:
        with suppress(GateError):  # a ticket without its rows: told as stale
            changes = changes_in_jira(pipeline, session, target)
    proposed = proposed_among(store.tickets.list_vanished(key))
    by_itself = withdrawn_by_itself(pipeline, session) if proposed else ()
    return left_to_people(
        tally,
        jira_changes=len(changes),
        missing_sheets=missing_in(pipeline, session),
        withdrawals=[t.number for t in proposed if t not in by_itself],
        older_page_at=_older_page_at(pipeline, session),
        is_page_renewed=is_validated_by_daemon(pipeline, session),
        open_fixes=sum(fix.state is FixState.OPEN for fix in fixes),
        requests=[r for r in store.export_requests.waiting() if r.session_key == key],
        comparison=None
        if target is None
        else store.comparisons.latest(key, target_id=target.target_id),
    )


def _older_page_at(pipeline: Pipeline, session: UploadSession) -> datetime | None:
    """Return when the review page was written, where tickets changed since."""
    written_at = review_written_at(pipeline, session.session_key)
    changed_at = session.last_invalidated_at
    if written_at is None or changed_at is None or changed_at < written_at:
        return None
    return written_at


def _target_name(pipeline: Pipeline, session: UploadSession) -> str:
    """Say where issues are, or would go; without asking that site."""
    target = current_target(pipeline, session)
    if target is not None:
        return target.name
    site = "sandbox" if pipeline.settings.is_sandbox else str(pipeline.settings.jira_base_url)
    project = session.manifest.jira_project_key or pipeline.settings.jira_project_key
    return f"{site}, project {project}" if project else site


def _places_if_exported(pipeline: Pipeline, session: UploadSession) -> Collection[TicketExport]:
    """Return where the tickets stand; nothing is read of them before any export."""
    if current_target(pipeline, session) is None:
        return ()
    return places(pipeline, session).values()


def _stale_reasons(
    pipeline: Pipeline, session: UploadSession, verdict_then: ValidationVerdict | None
) -> tuple[str, ...]:
    """Tell why the session is stale; nothing is rendered where nothing changed since it was."""
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
