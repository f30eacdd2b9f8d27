"""Where a session is: its state, what is left to people, how long the work under way takes.

Belongs here: gathering the facts. Does not: what follows from them (`context/states`,
`sessions/session_status`).
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import is_validated_by_daemon, seen_closed, was_killed
from jira_pipeline.context.states import (
    NextStep,
    Situation,
    changes_since_validation,
    current_error,
    is_export_awaited,
    is_unchanged,
    next_step,
    source_changed,
    stale_reasons,
)
from jira_pipeline.export.exporting import seconds_to_export
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.left_in_jira import (
    changes_in_jira,
    idle_reason,
    record_of,
    results,
    same_specifications,
)
from jira_pipeline.export.results import fixes_as_of
from jira_pipeline.export.todo import Todo, todo_items
from jira_pipeline.model.errors import GateError
from jira_pipeline.model.manual_fixes import FixState, ManualFix
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.runs import DAEMON
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.ticket_places import TicketExport, tickets_with_errors
from jira_pipeline.model.tickets import TicketState
from jira_pipeline.model.validations import ValidationVerdict
from jira_pipeline.model.work_records import RETRIES_MAX, Work
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.withdrawals import proposed_among
from jira_pipeline.sessions.session_status import LeftToPeople, SessionReport

_WRITING = {SessionStage.UPLOAD, SessionStage.PROCESSING}
CARRIED_ON_WITHIN = timedelta(seconds=120)
"""The daemon looks every 30 s, and later where the machine is busy; a run starts within seconds."""


def status(session: OpenSession) -> SessionReport:
    """Return where a session is; one whose run died is closed first."""
    session = seen_closed(session)
    verdict = session.verdict
    stale = _stale_reasons(session, verdict) if session.tally.exportable else ()
    left = _left_to_people(session, is_comparing=True)
    places = _places_if_exported(session)
    return SessionReport(
        situation=_situation(
            session, verdict=verdict, is_stale=bool(stale), left=left, places=places
        ),
        stale=stale,
        tickets_with_errors=tickets_with_errors(places.values()),
        record=record_of(session),
        target=session.target_name,
        shares=session.shares,
        left=left,
        writer=session.writer_name,
        spending=session.store.writing.spending(session.key),
        remaining_seconds=_remaining_seconds(session),
    )


def todo(session: OpenSession) -> Todo:
    """Return everything that waits for people in a session, whatever the next step is."""
    left = _left_to_people(session, is_comparing=False)
    found = results(session)
    items = todo_items(
        session.key,
        fixes=() if found is None else found.manual_fixes,
        changes=() if found is None or left.open_undo is not None else found.changes,
        in_doubt=[
            ticket
            for ticket in session.listed
            if session.places[ticket.ticket_id].state is TicketState.IN_DOUBT
        ],
        differences=() if found is None else found.differences,
    )
    others = replace(left, jira_changes=0, jira_updates=0, open_fixes=0, comparison=None)
    return Todo(
        session_key=session.key,
        items=tuple(items),
        questions=left.questions,
        also=others.actions(session.key),
    )


def what_is_next(session: OpenSession) -> NextStep:
    """Say what a person does next, as `status` does; tickets are rendered only where it matters."""
    verdict = session.verdict
    is_stale = bool(session.tally.exportable) and bool(
        changes_since_validation(session.stored) or _stale_reasons(session, verdict)
    )
    tally = session.tally
    is_ready = session.approves_itself or tally.ready >= tally.exportable
    is_completed = session.stored.stage is SessionStage.COMPLETED
    left = _left_to_people(session, is_comparing=(is_completed or is_ready) and not is_stale)
    places = _places_if_exported(session)
    return next_step(
        _situation(session, verdict=verdict, is_stale=is_stale, left=left, places=places)
    )


def _situation(
    session: OpenSession,
    *,
    verdict: ValidationVerdict | None,
    is_stale: bool,
    left: LeftToPeople,
    places: Mapping[str, TicketExport],
) -> Situation:
    """Bring together what decides the next step."""
    tally, begun = session.tally, session.ledger_marks.open_undo
    error = current_error(session.stored, session.errors)
    compared = () if session.comparison is None else session.comparison.differences
    exported_count = sum(
        place.jira_key is not None and ticket_id not in session.gone_ids
        for ticket_id, place in places.items()
    )
    is_anything_left = exported_count < tally.exportable
    groups = session.exported_groups if is_anything_left else ()
    work = Work.WRITING if session.stored.stage in _WRITING else Work.EXPORT
    shown = session.stored.run_id if session.stored.status is SessionStatus.RUNNING else None
    return Situation(
        session=session.stored,
        is_holder_unknown=shown is not None and not session.store.run_locks.is_alive(shown),
        is_carried_on=begun is None and _is_carried_on(session, error),
        is_validated=verdict is not None,
        is_stale=is_stale,
        is_validated_again=is_validated_by_daemon(session),
        failed_count=verdict.failed_count if verdict is not None else 0,
        ticket_count=tally.exportable,
        ready_count=tally.ready,
        exported_count=exported_count,
        approves_itself=session.approves_itself,
        nothing_to_do="" if tally.exportable else idle_reason(session),
        error=error,
        is_export_awaited=is_export_awaited(left.export_request, error),
        is_undo_open=begun is not None,
        given_up_count=session.ledger_marks.given_up_count,
        to_decide=tuple(difference for difference in compared if difference.is_open),
        withdrawals=len(left.withdrawals),
        same_specification=same_specifications(session, groups) if groups else (),
        new_target=session.new_target,
        open_questions=left.questions.count,
        finding_count=0 if is_anything_left else len(session.ranked_findings),
        open_fixes=left.open_fixes,
        jira_changes=left.jira_changes,
        jira_updates=left.jira_updates,
        has_retries=session.retry_count(work) < RETRIES_MAX,
    )


def readable_daemon(pipeline: Pipeline) -> str | None:
    """Return which program runs Dagster's daemon, once the ledger could be read.

    Raises:
        PipelineError: The store cannot be read.
    """
    pipeline.store.ledger.targets()
    return pipeline.store.leases.holder_of(DAEMON)


def _is_carried_on(session: OpenSession, error: StoredError | None) -> bool:
    """Tell whether there is a daemon for what died a moment ago; later on it would have acted."""
    return (
        error is not None
        and was_killed(error)
        and session.clock.now() - error.at <= CARRIED_ON_WITHIN
        and session.store.leases.holder_of(DAEMON) is not None
    )


def _stale_reasons(session: OpenSession, verdict_then: ValidationVerdict | None) -> tuple[str, ...]:
    """Return why the session is stale; nothing is rendered where nothing changed since it was."""
    if verdict_then is None or is_unchanged(
        session.stored, verdict=verdict_then, rendering=session.pipeline.rendering
    ):
        return ()
    checked = session.checked
    assert checked is not None  # noqa: S101 - there is a verdict, and none is ever removed
    try:
        judged = session.judged
    except GateError as error:
        return (source_changed(session.stored.source_word), error.message)
    return stale_reasons(session.stored, checked=checked, rendered=judged)


def _left_to_people(session: OpenSession, *, is_comparing: bool) -> LeftToPeople:
    """Gather what waits for people; without comparing, no ticket is rendered to look at issues."""
    store, key, target = session.store, session.key, session.target
    changes: tuple[LaterChange, ...] = ()
    fixes: tuple[ManualFix, ...] = ()
    if target is not None:
        fixes = store.manual_fixes.list_all(key, target_id=target.target_id)
    open_undo = session.ledger_marks.open_undo
    if target is not None and is_comparing and open_undo is None:
        with suppress(GateError):  # a ticket without its rows: the session is stale
            changes = changes_in_jira(session)

    proposed = proposed_among(session.vanished)
    tally = session.tally
    requests = [r for r in store.export_requests.waiting() if r.session_key == key]
    return LeftToPeople(
        open_undo=open_undo,
        jira_changes=len(changes),
        jira_updates=sum(change.is_updatable for change in changes),
        missing_sheets=session.missing_sheets,
        source_changed=tally.source_changed,
        questions=tally.questions,
        fallbacks=tally.fallbacks,
        withdrawals=tuple(t.number for t in proposed if t not in session.agreed_withdrawals),
        source_word=session.stored.source_word,
        open_fixes=sum(
            fix.state is FixState.OPEN for fix in fixes_as_of(fixes, gone=session.gone_ids)
        ),
        export_request=next(iter(requests), None),
        comparison=session.comparison,
    )


def _places_if_exported(session: OpenSession) -> Mapping[str, TicketExport]:
    """Return where the tickets are, by id; nothing is read of them before any export."""
    return {} if session.target is None else session.places


def _remaining_seconds(session: OpenSession) -> float | None:
    """Estimate how long the work under way still takes, by its pace; None where none is."""
    details = session.stored.progress_details
    if session.stored.status is not SessionStatus.RUNNING:
        return None
    if session.stored.stage is not SessionStage.JIRA_EXPORT:
        return None if details is None else details.remaining_seconds
    tickets = [ticket for ticket in session.tickets if ticket.exclusion is None]
    return seconds_to_export(session, tickets)
