"""The report of an export: one self-contained HTML file with issues, fixes, questions and pictures.

Belongs here: gathering what it shows, rendering it, writing its file. Does not: the results of an
export (`export/results`), its pictures (`pictures`).
"""

import os
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit

from jira_pipeline.export.results import ExportResults
from jira_pipeline.model.actions import Action, ActionKind, action_text
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.errors import StoreError, system_message
from jira_pipeline.model.exports import Target
from jira_pipeline.model.findings import Finding, causes_of
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.look.rendering import rendered_page
from jira_pipeline.model.manual_fixes import FixState, ManualFix, alike
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.ticket_decisions import Withdrawal
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.tickets import Ticket, questions_left
from jira_pipeline.review.hours import hour_totals, hours_of
from jira_pipeline.review.marks import after_undo_text
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import AskedQuestion, merge_same_questions
from jira_pipeline.review.waiting import quality_of, quality_rows, summary_of
from jira_pipeline.sessions.pictures import Pictures, pictures_of

ROOM = "jira_pipeline.sessions"
KEYS_OF_ADDRESS = 200
"""How many keys one address has: servers take some 8,000 characters, a key with its comma up to 27."""


def report_of(session: OpenSession, exported: ExportResults) -> str:
    """Render the report of a session's export as it is now."""
    return report_page(
        session.stored,
        session.tickets,
        vanished=session.vanished_tickets,
        results=exported,
        questions=session.questions,
        findings=session.ranked_findings,
        pictures=pictures_of(session),
    )


def report_page(
    session: UploadSession,
    tickets: Sequence[Ticket],
    *,
    vanished: Sequence[Ticket],
    results: ExportResults,
    questions: Sequence[AskedQuestion],
    findings: Sequence[Finding],
    pictures: Pictures,
) -> str:
    """Render the export report: issues, what is left to do, the build order, questions, findings.

    `vanished` are tickets whose rows are gone, and who agreed to withdraw them.
    """
    quality = quality_of(tickets)
    by_group = group_by(tickets, lambda ticket: ticket.display_group)
    return rendered_page(
        ROOM,
        "report.html",
        title=f"Export report: {session.site_name}",
        site_name=session.site_name,
        session_key=session.session_key,
        source_word=session.source_word,
        target_name=results.target.name,
        finished=f"{session.updated_at:%Y-%m-%d %H:%M} UTC.",
        ticket_groups=[(g.value, by_group[g]) for g in DisplayGroup if g in by_group],
        hours=hour_totals(pictures.tickets),
        chain_hours=hours_of(pictures.critical_path.tickets).hours,
        issues=_issue_rows(tickets, pictures.places),
        fixes=[_fix_row(same) for same in alike(results.manual_fixes)],
        changes=results.changes,
        is_behind_sheets=results.is_behind_sheets,
        removed=results.removed,
        after_undo=after_undo_text(tickets, {removed.number for removed in results.removed}),
        vanished=[_vanished_row(ticket) for ticket in vanished],
        agreeing=(),
        link_count=results.dependencies_created,
        minutes=results.total_processing_time_minutes,
        requests=results.requests,
        instead=[ticket for ticket in tickets if ticket.revision.fallback_reason],
        writing_cost=spending_text(results.spending) if results.spending.requests else "",
        steps=results.steps,
        questions=_questions(tickets, questions),
        findings=findings,
        causes=causes_of(findings),
        quality={"summary": summary_of(quality), "rows": quality_rows(quality.flagged)},
        pictures=pictures,
        jql=results.jql,
        jql_url=results.jql_url,
        served=_served_by(results.target),
    )


def _vanished_row(ticket: Ticket) -> dict[str, object]:
    return {
        "number": ticket.number,
        "title": ticket.title,
        "group": ticket.display_group.value,
        "rows": [source.citation for source in ticket.source_lines],
        "is_worked_on": ticket.is_worked_on,
        "is_proposed": ticket.withdrawal is Withdrawal.PROPOSED,
        "by": ticket.withdrawn_by or "an older version",
        "reason": ticket.withdrawal_reason,
    }


def _served_by(target: Target) -> str:
    """Return a sentence on the command that serves a sandbox's issues; empty for a real Jira."""
    if not target.is_sandbox:
        return ""
    address = urlsplit(target.base_url)
    kind = ActionKind.RUN_DAEMON if address.path else ActionKind.SERVE_SANDBOX
    return action_text(
        Action.of(kind, "Links to issues work while {} runs.", port=address.port or 80)
    )


def issues_urls(target: Target, keys: Sequence[str]) -> tuple[str, ...]:
    """Return addresses where Jira lists these issues, so that people can change them together."""
    urls = []
    for start in range(0, len(keys), KEYS_OF_ADDRESS):
        keys_of_url = ", ".join(keys[start : start + KEYS_OF_ADDRESS])
        jql = f"key in ({keys_of_url}) ORDER BY key"
        urls.append(f"{target.base_url}/issues/?jql={quote(jql)}")
    return tuple(urls)


def _questions(tickets: Sequence[Ticket], questions: Sequence[AskedQuestion]) -> dict[str, object]:
    """Return each question once, with the tickets that ask it, and how many are to be answered."""
    rows = []
    for once in merge_same_questions(questions):
        row = {
            "tickets": [question.ticket for question in once.everywhere],
            "asked": once.asked,
            "is_open": any(question.is_open for question in once.everywhere),
        }
        rows.append(row)
    return {"left": questions_left(tickets), "rows": rows}


def _issue_rows(
    tickets: Sequence[Ticket], places: Mapping[str, TicketExport]
) -> list[dict[str, object]]:
    """Return a row for each ticket; others are named by issue key, or else by number."""
    names = {}
    for ticket in tickets:
        names[ticket.ticket_id] = places[ticket.ticket_id].jira_key or str(ticket.number)
    rows: list[dict[str, object]] = []
    for ticket in tickets:
        place = places[ticket.ticket_id]
        blocked_by = [names[other] for other in ticket.depends_on if other in names]
        relates_to = [names[other] for other in ticket.relates_to if other in names]
        row: dict[str, object] = {
            "number": ticket.number,
            "title": ticket.title,
            "group": ticket.display_group.value,
            "key": place.jira_key,
            "url": place.jira_url,
            "state": place.state.label,
            "blocked_by": blocked_by,
            "relates_to": relates_to,
            "hours": ticket.revision.estimated_hours,
            "questions": len(ticket.unanswered),
        }
        rows.append(row)
    return rows


def _fix_row(same: Sequence[ManualFix]) -> dict[str, object]:
    fix = same[0]
    return {
        "fix_type": fix.fix_type.value.replace("_", " "),
        "issues": same,
        "original_value": fix.original_value,
        "recommended_action": fix.recommended_action,
        "state": fix.state.value,
        "open_count": len(same) if fix.state is FixState.OPEN else 0,
    }


def write_report(session: OpenSession, exported: ExportResults) -> None:
    """Write the report of a session's export as a file, in one step.

    Nothing is written where the store is on a server, which needs no file.

    Raises:
        StoreError: The file cannot be written.
    """
    if session.settings.is_store_on_server:
        return
    path = session.report_path
    incoming = path.with_name(f".{path.name}.{os.getpid()}.incoming")  # a run may write it too
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        incoming.write_text(report_of(session, exported), encoding="utf-8")
        incoming.rename(path)
    except OSError as error:
        raise StoreError.because(
            error,
            f"{path} could not be written: {system_message(error)}.",
            recovery_actions=("Check that there is enough disk space, then run the job again.",),
        ) from error
