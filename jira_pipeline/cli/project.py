"""The command about the Jira project: check-project."""

from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import ExitCode, Screen, key_values, plain_table
from jira_pipeline.cli.context import JsonOption, opened
from jira_pipeline.ports.issue_tracker import TOKEN_SCOPES

if TYPE_CHECKING:
    from jira_pipeline.ports.issue_tracker import Project
    from jira_pipeline.sessions.composition import Pipeline
    from jira_pipeline.stages.jira_export.project_check import ProjectReport

SessionOption = Annotated[
    str | None,
    typer.Option("--session", metavar="KEY", help="Check what the tickets of a session need."),
]
ProjectOption = Annotated[
    str | None,
    typer.Option(
        "--project", metavar="KEY", help="Check this project instead of that of the settings."
    ),
]
ListOption = Annotated[bool, typer.Option("--list", help="List the projects you can see.")]

JIRA_VARIABLES = ("JIRA_BASE_URL", "JIRA_EMAIL", "JIRA_API_TOKEN", "JIRA_PROJECT_KEY")


def check_project(
    *,
    session_key: SessionOption = None,
    project_key: ProjectOption = None,
    is_list: ListOption = False,
    is_json: JsonOption = False,
) -> None:
    """Check whether a Jira project can take the issues; nothing is created."""
    from jira_pipeline.sessions import trackers  # noqa: PLC0415 - starts fast

    with opened(is_json=is_json) as (screen, pipeline):
        tell_target(screen, pipeline)
        if is_list:
            _list_projects(screen, trackers.list_projects(pipeline))
            return
        report = trackers.check_configured(
            pipeline, session_key=session_key, project_key=project_key
        )
        screen.answer(report.to_json())
        _show_report(screen, report)
        if not report.is_usable:
            raise typer.Exit(ExitCode.FAILED)


def tell_target(screen: Screen, pipeline: "Pipeline") -> None:
    """Say where issues would go; without a Jira, which settings name one."""
    if pipeline.settings.jira_base_url is not None:
        screen.say(f"Target: {pipeline.settings.jira_base_url}")
        return
    screen.say("Target: sandbox")
    screen.say(f"No Jira is configured. For a real one set {', '.join(JIRA_VARIABLES)} in .env.")


def _list_projects(screen: Screen, projects: "tuple[Project, ...]") -> None:
    screen.answer([{"id": p.project_id, "key": p.key, "name": p.name} for p in projects])
    rows = [(p.key, p.name, p.project_id) for p in projects]
    screen.show(plain_table("", ("key", "name", "id"), rows))


def _show_report(screen: Screen, report: "ProjectReport") -> None:
    name = report.project.name if report.project is not None else "not found"
    screen.show(
        key_values(
            {
                "project": f"{report.project_key} ({name})",
                "account": report.account.display_name or report.account.account_id,
                "may see it": _yes_or_no(is_so=report.can_view),
                "may create issues": _yes_or_no(is_so=report.can_create),
                "creates": report.issue_type.name if report.issue_type else "not clear",
                "links": _links(report),
                "priorities": ", ".join(report.priorities) or "none",
                "team": ", ".join(user.display_name for user in report.team_members) or "nobody",
                "the session needs": _needs(report),
            }
        )
    )
    if report.sprints:
        rows = [(sprint.sprint_id, sprint.name, sprint.state) for sprint in report.sprints]
        screen.show(plain_table("Sprints", ("id", "name", "state"), rows))
    if report.needed_scopes:
        screen.say(f"Requests go to {report.site.api_url}, links to {report.site.base_url}.")
        screen.say("The API token needs these scopes:")
        for scope, purpose in TOKEN_SCOPES.items():
            screen.say(f"  {scope} ({purpose})")
    for warning in report.warnings:
        screen.say(f"Warning: {warning}")
    for blocking in report.blocking_issues:
        screen.say(f"Blocks the export: {blocking}")
    if report.is_usable:
        screen.say("Issues can be created.")


def _links(report: "ProjectReport") -> str:
    """Say how links would read: one that is the wrong way round is seen at a glance."""
    read = [f"A “{one.outward}” B ({one.name})" for one in report.link_types.values()]
    return "; ".join(read) or "none"


def _needs(report: "ProjectReport") -> str:
    needs = report.needs
    named = {
        "sprints": needs.sprints,
        "assignees": needs.assignees,
        "priorities": needs.priorities,
    }
    parts = [f"{what} {', '.join(values)}" for what, values in named.items() if values]
    return "; ".join(parts) or "no sprint, assignee or priority"


def _yes_or_no(*, is_so: bool) -> str:
    return "yes" if is_so else "no"
