"""Where a session stands, for whoever asks.

Belongs here: gathering the facts. Does not: what follows from them (`stages/session_status`).
"""

from contextlib import suppress

from jira_pipeline.defs.composition import Pipeline
from jira_pipeline.defs.session_results import (
    changes_in_jira,
    current_target,
    idle_reason,
    is_undone,
    places,
)
from jira_pipeline.defs.session_withdrawals import withdrawn_by_itself
from jira_pipeline.domain.manual_fixes import FixState, ManualFix
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.staleness import SHEETS_CHANGED, Stale
from jira_pipeline.domain.tickets import TicketTally
from jira_pipeline.errors import GateError
from jira_pipeline.stages.jira_export.gate import is_untouched, staleness_of
from jira_pipeline.stages.jira_export.later_changes import LaterChange
from jira_pipeline.stages.review.approval import may_approve_automatically
from jira_pipeline.stages.review.withdrawals import proposed_among
from jira_pipeline.stages.session_status import (
    LeftToPeople,
    SessionReport,
    left_to_people,
    standing_error,
)


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
            changes = changes_in_jira(pipeline, session, target)
    proposed = proposed_among(store.tickets.list_vanished(key))
    by_itself = withdrawn_by_itself(pipeline, session) if proposed else ()
    return left_to_people(
        tally,
        jira_changes=len(changes),
        withdrawals=[t.number for t in proposed if t not in by_itself],
        questions=store.tickets.questions_left(key),
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
