"""The command `check-project`: what would prevent an export to a Jira project.

Does not belong here: checking (`export/project_check`).
"""

from collections.abc import Mapping
from typing import Annotated

import typer

from jira_pipeline.cli.console import ExitCode, Screen, key_values
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.export.project_check import ProjectCheck, check_configured, list_projects
from jira_pipeline.model.issue_tracker import TOKEN_SCOPES
from jira_pipeline.model.json_values import select_fields

JIRA_VARIABLES = ("JIRA_BASE_URL", "JIRA_EMAIL", "JIRA_API_TOKEN", "JIRA_PROJECT_KEY")
"""The settings that name a real Jira."""


def check_project(
    screen: Screen,
    pipeline: Pipeline,
    *,
    session_key: Annotated[
        str | None, "--session KEY", "Check what a session's tickets need."
    ] = None,
    project_key: Annotated[
        str | None, "--project KEY", "Check this project instead of the one in the settings."
    ] = None,
    is_list: Annotated[bool, "--list", "List the projects you can see."] = False,
    is_fields: Annotated[
        bool, "--fields", "List the fields that can be given a value, with an example of each."
    ] = False,
) -> None:
    """Check whether a Jira project can take the issues; nothing is created."""
    show_target(screen, pipeline)
    if is_list:
        projects = list_projects(pipeline)
        screen.answer([select_fields(project, "id=project_id key name") for project in projects])
        rows = [(project.key, project.name, project.project_id) for project in projects]
        screen.table(("key", "name", "id"), rows)
        return
    report = check_configured(pipeline, session_key=session_key, project_key=project_key)
    screen.answer(report)
    if is_fields:
        _show_fields(screen, report)
    _show_report(screen, report)
    if not report.is_usable:
        raise typer.Exit(ExitCode.FAILED)


def show_target(screen: Screen, pipeline: Pipeline) -> None:
    """Show where issues would be created; without a real Jira, which settings name one."""
    if pipeline.settings.jira_site_url is not None:
        email = pipeline.settings.jira_email
        token = f"the token of {email}" if email else "the token of a service account (Bearer)"
        screen.say(f"Target: {pipeline.settings.jira_site_url}, with {token}")
        return
    screen.say(
        "Target: sandbox",
        f"No Jira is configured. For a real one, set {', '.join(JIRA_VARIABLES)} in .env.",
    )


def _show_report(screen: Screen, report: ProjectCheck) -> None:
    """Show what was found out about a project, and whether issues can be created in it."""
    screen.show(key_values(_project_rows(report)))
    sprint_rows = [(sprint.sprint_id, sprint.name, sprint.state) for sprint in report.sprints]
    screen.table(("id", "name", "state"), sprint_rows, title="Sprints", if_any=True)
    if report.needed_scopes:
        screen.say(
            f"Requests go to {report.site.api_url}, links to {report.site.base_url}.",
            "The API token needs these scopes:",
        )
        for scope, purpose in TOKEN_SCOPES.items():
            screen.say(f"  {scope} ({purpose})")
    for warning in report.warnings:
        screen.say(f"Warning: {warning}")
    for issue in report.blocking_issues:
        screen.say(f"Blocks the export: {issue}")
    if report.is_usable:
        screen.say("Issues can be created.")


def _show_fields(screen: Screen, report: ProjectCheck) -> None:
    """Show the fields below `defaults.fields`: what is required, what each takes, an example."""
    rows = []
    for field in report.fields:
        need = "required" if field.is_required else ""
        is_given = "given" if field.is_given else ""
        shown = " ".join(filter(None, [need, is_given]))
        rows.append((field.name, field.field_id, shown, field.schema, field.values, field.example))
    header = ("name", "id", "", "type", "values", "below defaults.fields in session.yaml")
    screen.table(header, rows, title="Fields of a new issue")


def _project_rows(report: ProjectCheck) -> Mapping[str, str]:
    """Return what was found out about a project and the account that asks, by label."""
    name = report.project.name if report.project is not None else "not found"
    # Links as Jira words them: a link type that is the wrong way round shows at a glance.
    links = [f"A “{link.outward}” B ({link.name})" for link in report.link_types.values()]
    members = [user.display_name for user in report.team_members]
    return {
        "project": f"{report.project_key} ({name})",
        "account": report.account.display_name or report.account.account_id,
        "may see it": "yes" if report.can_view else "no",
        "may create issues": "yes" if report.can_create else "no",
        "creates": report.issue_type.name if report.issue_type else "unclear",
        "links": "; ".join(links) or "none",
        "priorities": ", ".join(priority.name for priority in report.priorities) or "none",
        "team": ", ".join(members) or "nobody",
        "the session needs": _needs_text(report),
    }


def _needs_text(report: ProjectCheck) -> str:
    """Return which sprints, assignees and priorities the tickets of a session name, in words."""
    names = {
        "sprints": report.needs.sprints,
        "assignees": report.needs.assignees,
        "priorities": report.needs.priorities,
    }
    needs = [f"{what} {', '.join(values)}" for what, values in names.items() if values]
    return "; ".join(needs) or "no sprint, assignee or priority"
