"""The command `undo`: delete the issues of a session that nobody changed.

Belongs here: saying what will go and what stays, and asking first. Does not: which issues stay, and
why (`export/undo`).
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from jira_pipeline.cli.console import ExitCode, Screen
from jira_pipeline.cli.context import (
    confirm,
    current_person,
    nobody_to_ask,
    show_next_step,
    shown_session_progress,
)
from jira_pipeline.cli.export import (
    PlanOption,
    YesOption,
    show_blocking_error,
    show_linked,
    show_target,
)
from jira_pipeline.context.sent_requests import sent_request_count
from jira_pipeline.export import exporting
from jira_pipeline.export.undo import KeptIssue, UndoReport
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.review.marks import after_undo_text
from jira_pipeline.review.open_session import OpenSession


def undo(
    screen: Screen,
    session: OpenSession,
    *,
    is_plan: PlanOption = False,
    is_sure: YesOption = False,
    keeps_rest: Annotated[
        bool, "--keep-rest", "End an interrupted undo and keep the remaining issues."
    ] = False,
) -> None:
    """Delete a session's issues, except those somebody has changed, and return to the review.

    An interrupted undo is resumed; the session cannot be exported until the undo has finished.
    """
    if is_plan and keeps_rest:
        raise typer.BadParameter("--keep-rest ends the undo immediately, so it has no --plan.")
    issues_shown: Sequence[KeptIssue] = ()
    if not keeps_rest:
        plan = exporting.plan_undoing(session)
        show_target(screen, plan.plan.target)
        if plan.begun is not None:
            by = f" by {plan.begun.detail}" if plan.begun.detail else ""
            screen.say(f"Resumes the undo started{by} on {plan.begun.at:%Y-%m-%d %H:%M} UTC.")
        screen.say(
            f"Will delete {format_count(len(plan.plan.remove), 'issue')} that no one has changed."
        )
        _show_kept_issues(screen, session, plan.kept)
        screen.say(plan.warning)
        if is_plan:
            screen.answer(plan)
            if plan.plan.blocked is None:
                raise typer.Exit(ExitCode.DONE)
            show_blocking_error(screen, plan.plan.blocked)
            raise typer.Exit(ExitCode.TEMPORARY)
        if plan.plan.blocked is not None:
            raise plan.plan.blocked
        confirm(
            screen,
            is_asked=not session.settings.is_sandbox and not is_sure,
            question="Delete them in this Jira?",
            refusal=nobody_to_ask(f"jira-pipeline undo {session.key} --yes"),
        )
        issues_shown = plan.kept
    with shown_session_progress(screen, session, title="undo"):
        report = exporting.undo(session, by=current_person(), keeps_rest=keeps_rest)
    _report_undo(screen, session, report, issues_shown=issues_shown, keeps_rest=keeps_rest)


def _report_undo(
    screen: Screen,
    session: OpenSession,
    report: UndoReport,
    *,
    issues_shown: Sequence[KeptIssue],
    keeps_rest: bool,
) -> None:
    """Report what an undo did to Dagster, to programs and to people.

    `issues_shown` are those that the plan showed as left unchanged: where the undo kept the same ones,
    they are not shown again.
    """
    from jira_pipeline.dagster_port.reports import announce_undo

    announce_undo(session.pipeline, session.key, by=current_person())
    sent = sent_request_count()
    answer = {"session_key": session.key} | json_object(report) | {"requests_sent": sent}
    screen.answer(answer)
    finished = "The undo has finished: " if keeps_rest else ""
    deleted = format_count(len(report.removed), "issue")
    kept_count = len(report.kept)
    stay = f", {format_count(kept_count, 'stays', 'stay')}" if kept_count else ""
    screen.say(f"{finished}{deleted} deleted{stay}, by {format_count(sent, 'request')}.")
    if not keeps_rest and report.kept != issues_shown:
        _show_kept_issues(screen, session, report.kept)
    numbers_in_doubt = ", ".join(map(str, report.in_doubt))
    if numbers_in_doubt:
        screen.say(
            f"Tickets {numbers_in_doubt} may have an issue not yet visible: undo again later."
        )
    removed_numbers = {issue.number for issue in report.removed if issue.number is not None}
    screen.say(after_undo_text(session.reload().listed, removed_numbers))
    show_next_step(screen, session)


def _show_kept_issues(screen: Screen, session: OpenSession, issues: Sequence[KeptIssue]) -> None:
    """Show the issues that an undo leaves unchanged, and why; nothing where there are none."""
    if not issues:
        return
    rows = [(issue.number, issue.key, "; ".join(issue.reasons), issue.url) for issue in issues]
    show_linked(
        screen,
        session.target,
        "Left unchanged",
        ("no.", "issue", "why it is kept", "address"),
        rows,
    )
