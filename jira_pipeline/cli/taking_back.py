"""Commands about what an export left in Jira: settle, undo."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, counted, plain_table, shown_progress
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.ending import tell_next
from jira_pipeline.cli.export import PlanOption, YesOption, confirm, tell_blocked
from jira_pipeline.cli.reviewing import current_person
from jira_pipeline.sessions.commands import line_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jira_pipeline.stages.jira_export.undo import KeptIssue, UndoPlan, UndoReport

WaitOption = Annotated[
    bool,
    typer.Option(
        "--wait", help="Wait (JIRA_SETTLE_HORIZON_SECONDS), so that an absence counts too."
    ),
]


def undo(
    session_key: SessionArgument,
    *,
    is_plan: PlanOption = False,
    is_sure: YesOption = False,
    is_json: JsonOption = False,
) -> None:
    """Delete the issues of a session that nobody touched since, and review it again."""
    from jira_pipeline.defs.reports import announce_undo  # noqa: PLC0415 - imports Dagster
    from jira_pipeline.sessions import export  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        plan = export.plan_undoing(session)
        _show_plan(screen, plan)
        if is_plan:
            screen.answer(plan.to_json())
            if plan.plan.blocked is None:
                raise typer.Exit(ExitCode.DONE)
            tell_blocked(screen, plan.plan.blocked)
            raise typer.Exit(ExitCode.TEMPORARY)
        if plan.plan.blocked is not None:
            raise plan.plan.blocked
        confirm(
            screen,
            is_asked=not pipeline.settings.is_sandbox and not is_sure,
            question="Delete them in this Jira?",
            command=f"jira-pipeline undo {session_key} --yes",
        )

        def look() -> tuple[float, str]:
            current = pipeline.store.sessions.get(session_key)
            return current.progress_percentage, current.progress_text

        with shown_progress(screen, look, title="undo"):
            report = export.undo(session, by=current_person())
        announce_undo(pipeline, session_key, by=current_person())
        screen.answer({"session_key": session_key} | report.to_json())
        _show_report(screen, report)
        tell_next(screen, pipeline, session_key)


def settle(
    session_key: SessionArgument, *, is_waiting: WaitOption = False, is_json: JsonOption = False
) -> None:
    """Look up what is in doubt, twice there or gone, and say what was found."""
    from jira_pipeline.sessions import export  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        report = export.settle(session, is_waiting=is_waiting, by=current_person())
        screen.answer({"session_key": session_key} | report.to_json())
        rows = [
            (t.number, t.title, t.outcome.value, t.key, line_of(t.advice)) for t in report.tickets
        ]
        if rows:
            columns = ("no.", "ticket", "found", "issue", "what to do")
            screen.show(plain_table("", columns, rows, wide="what to do"))
        else:
            screen.say("Nothing is in doubt: Jira and the ledger agree.")
        if not report.is_conclusive:
            screen.say("Jira did not show everything just now; look again later.")
        tell_next(screen, pipeline, session_key)
        raise typer.Exit(ExitCode.DONE if report.is_settled else ExitCode.USER_MUST_ACT)


def _show_plan(screen: Screen, plan: "UndoPlan") -> None:
    target = plan.plan.target
    where = f", project {target.project}, as {target.account}"
    screen.say(Text.assemble("Target: ", (target.site, "bold"), where))
    screen.say(f"Will delete {counted(len(plan.plan.remove), 'issue')} that nobody touched.")
    _show_kept(screen, plan.kept)


def _show_report(screen: Screen, report: "UndoReport") -> None:
    screen.say(f"{counted(len(report.removed), 'issue')} deleted.")
    _show_kept(screen, report.kept)
    if report.in_doubt:
        numbers = ", ".join(str(number) for number in report.in_doubt)
        screen.say(f"Tickets {numbers} may have an issue nobody can see yet: undo again later.")
    screen.say("The session is back in the review.")


def _show_kept(screen: Screen, kept: "Sequence[KeptIssue]") -> None:
    if kept:
        rows = [(issue.number, issue.key, "; ".join(issue.reasons), issue.url) for issue in kept]
        columns = ("no.", "issue", "why it stays", "address")
        screen.show(plain_table("Left as they are", columns, rows))
