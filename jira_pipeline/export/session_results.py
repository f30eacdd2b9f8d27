"""What a session has in Jira, gathered from its store and ledger; Jira is not asked.

Belongs here: the results of a session on its target, and the refusal where it was never exported.
Does not: adding up (`results`), what differs from the tickets (`outdated_issues`), what people have
to do (`todo`), how far they are (`issue_progress`), sending (`exporting`).
"""

from dataclasses import replace

from jira_pipeline.export.epics import epics_of
from jira_pipeline.export.outdated_issues import changes_in_jira, has_tickets_of_its_sheets
from jira_pipeline.export.results import ExportResults, export_results
from jira_pipeline.export.target_questions import never_exported
from jira_pipeline.export.work_history import record_of
from jira_pipeline.model.errors import GateError, GateRule
from jira_pipeline.model.exports import LedgerSubject
from jira_pipeline.model.tickets import Ticket, nothing_to_do
from jira_pipeline.model.work_records import Work
from jira_pipeline.review.open_session import OpenSession


def results(session: OpenSession) -> ExportResults | None:
    """Return what the session has on the current target, or None before any export."""
    target = session.target
    if target is None and idle_reason(session):  # there was nothing to export
        target = session.coming_target
    if target is None:
        return None
    store = session.store
    fixes = store.manual_fixes.list_all(session.key, target_id=target.target_id)
    steps = store.export_runs.steps(session.key, target_id=target.target_id)
    on_target = export_results(
        session.key,
        target=target,
        tickets=session.tickets,
        epics=_epics_sent(session),
        written=session.entries,
        fixes=fixes,
        steps=steps,
        comparison=session.comparison,
    )
    return replace(
        on_target,
        changes=changes_in_jira(session),
        is_behind_sheets=not has_tickets_of_its_sheets(session),
        spending=store.writing.spending(session.key),
        record=record_of(session, work=Work.EXPORT),
        shares=session.shares,
        open_undo=session.ledger_marks.open_undo,
    )


def _epics_sent(session: OpenSession) -> tuple[Ticket, ...]:
    """Return the epics of a session, where the ledger has issues that are no ticket's.

    Which they are is in the rows, and reading these takes long.
    """
    ticket_ids = {ticket.ticket_id for ticket in session.tickets}
    with_issue = {
        entry.ticket_id for entry in session.entries if entry.subject is LedgerSubject.ISSUE
    }
    if with_issue <= ticket_ids:
        return ()
    epics = epics_of(session.stored, session.tickets, session.groups)
    return tuple(rendered.ticket for rendered in epics.created)


def idle_reason(session: OpenSession) -> str:
    """Say why there is nothing to export and never was; empty where there is."""
    is_new = session.stored.generated_at is not None and session.target is None
    if not is_new or not has_tickets_of_its_sheets(session) or session.tally.exportable:
        return ""
    return nothing_to_do(session.store.tickets.listed(session.key))


def required_results(session: OpenSession) -> ExportResults:
    """Return what the session has on the current target; it must have been exported there."""
    on_target = results(session)
    if on_target is not None:
        return on_target
    idle = idle_reason(session)
    if idle:
        raise GateError(
            f"Session {session.key} has no issues. {idle}",
            rule=GateRule.NOTHING_TO_EXPORT,
            recovery_actions=(f"Change the {session.stored.source_word} and upload them again.",),
        )
    raise never_exported(
        session.key,
        where=session.target_name,
        others=[target.name for target in session.exported_targets],
    )


def refuse_never_exported(session: OpenSession) -> None:
    """Stop where there is nothing to look at in Jira, or to take back."""
    if session.target is None:
        required_results(session)
