"""Commands about the export: export, results, fixes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, counted, plain_table
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.running import run_for_session
from jira_pipeline.errors import ConfigurationError

if TYPE_CHECKING:
    from jira_pipeline.domain.sessions import UploadSession
    from jira_pipeline.stages.jira_export.plan import ExportPlan
    from jira_pipeline.stages.jira_export.results import ExportResults

PlanOption = Annotated[bool, typer.Option("--plan", help="Only tell what would be done.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before a real Jira.")]


def export(
    session_key: SessionArgument,
    *,
    is_plan: PlanOption = False,
    is_sure: YesOption = False,
    is_json: JsonOption = False,
) -> None:
    """Create the issues of a session in Jira, attach and link them (job export_to_jira)."""
    from jira_pipeline.defs import session_steps  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        plan = session_steps.plan(pipeline, session)
        _show_plan(screen, plan)
        if is_plan:
            screen.answer(plan.to_json())
            raise typer.Exit(ExitCode.USER_MUST_ACT if plan.blocked else ExitCode.DONE)
        if plan.blocked is not None:
            raise plan.blocked
        _confirm(screen, session, is_sandbox=pipeline.settings.is_sandbox, is_sure=is_sure)
        run_for_session(screen, pipeline, session_key, job_name="export_to_jira")
        results = session_steps.required_results(pipeline, session)
        report = session_steps.page_path(pipeline, session, session_steps.REPORT_PAGE)
        screen.answer(results.to_json() | {"report": str(report)})
        show_results(screen, results, report=report)


def results(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """List the issues of a session with their links and what is left to do."""
    from jira_pipeline.defs import session_steps  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        found = session_steps.required_results(pipeline, session)
        screen.answer(found.to_json())
        report = session_steps.page_path(pipeline, session, session_steps.REPORT_PAGE)
        show_results(screen, found, report=report)


def fixes(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """List what a person still has to do in Jira."""
    from jira_pipeline.defs import session_steps  # noqa: PLC0415 - starts fast
    from jira_pipeline.stages.jira_export.results import fix_json  # noqa: PLC0415 - as above

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        found = session_steps.required_results(pipeline, session)
        screen.answer([fix_json(fix) for fix in found.manual_fixes])
        _show_fixes(screen, found)


def show_results(screen: Screen, found: "ExportResults", *, report: Path) -> None:
    """Show people what was created."""
    rows = [(t.jira_key, t.title, t.jira_url) for t in found.tickets]
    screen.show(plain_table("", ("issue", "title", "address"), rows))
    screen.say(
        f"{counted(len(found.tickets), 'issue')} and {counted(found.dependencies_created, 'link')} "
        f"in {found.target.name}."
    )
    screen.say(f"JQL: {found.jql}")
    _show_fixes(screen, found)
    if report.exists():
        screen.say(f"Report: {report}")


def _show_fixes(screen: Screen, found: "ExportResults") -> None:
    rows = [
        (
            fix.fix_id,
            fix.fix_type.value,
            fix.jira_key,
            fix.original_value,
            fix.recommended_action,
            fix.state.value,
        )
        for fix in found.manual_fixes
    ]
    if rows:
        columns = ("id", "what", "issue", "original value", "what to do", "state")
        screen.show(plain_table("Left to do by hand", columns, rows))
    else:
        screen.say("Nothing is left to do by hand.")


def _show_plan(screen: Screen, plan: "ExportPlan") -> None:
    target = plan.target
    where = f", project {target.project}, as {target.account}"
    screen.say(Text.assemble("Target: ", (target.site, "bold"), where))
    screen.say(
        f"Will create {counted(len(plan.create), 'issue')} and {counted(plan.link, 'link')}; "
        f"{counted(len(plan.skip), 'ticket')} skipped."
    )
    if plan.blocked is not None:
        screen.say(Text.assemble(("Blocked: ", "yellow"), plan.blocked.message))
        for number, action in enumerate(plan.blocked.recovery_actions, start=1):
            screen.say(f"  {number}. {action}")


def _confirm(screen: Screen, session: "UploadSession", *, is_sandbox: bool, is_sure: bool) -> None:
    """Ask before anything is created in a real Jira."""
    if is_sandbox or is_sure:
        return
    if screen.is_json or not screen.err.is_terminal:
        raise ConfigurationError(
            "A real Jira is configured and nobody can be asked here.",
            recovery_actions=(f"Run `jira-pipeline export {session.session_key} --yes`.",),
        )
    typer.confirm("Create them in this Jira?", abort=True)
