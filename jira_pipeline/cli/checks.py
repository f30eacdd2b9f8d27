"""Commands that ask before anything is spent or sent: check-project, check-writer, estimate."""

from typing import Annotated

import typer

from jira_pipeline.cli.console import (
    ExitCode,
    Screen,
    exit_code_of,
    key_values,
    lasting,
    numbered,
)
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.export.project_check import ProjectReport
from jira_pipeline.export.projects import check_configured, list_projects
from jira_pipeline.model.issue_tracker import TOKEN_SCOPES
from jira_pipeline.model.json_values import picked
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.writing import writers
from jira_pipeline.writing.cost_estimate import CostEstimate
from jira_pipeline.writing.models.health import Sign
from jira_pipeline.writing.writers import SessionEstimate

JIRA_VARIABLES = ("JIRA_BASE_URL", "JIRA_EMAIL", "JIRA_API_TOKEN", "JIRA_PROJECT_KEY")


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
) -> None:
    """Check whether a Jira project can take the issues; nothing is created."""
    show_target(screen, pipeline)
    if is_list:
        projects = list_projects(pipeline)
        screen.answer([picked(one, "id=project_id key name") for one in projects])
        rows = [(p.key, p.name, p.project_id) for p in projects]
        screen.table(("key", "name", "id"), rows)
        return
    report = check_configured(pipeline, session_key=session_key, project_key=project_key)
    screen.answer(report)
    _show_report(screen, report)
    if not report.is_usable:
        raise typer.Exit(ExitCode.FAILED)


def show_target(screen: Screen, pipeline: Pipeline) -> None:
    """Show where issues would go; without a Jira, which settings name one."""
    if pipeline.settings.jira_site_url is not None:
        email = pipeline.settings.jira_email
        token = f"the token of {email}" if email else "the token of a service account (Bearer)"
        screen.say(f"Target: {pipeline.settings.jira_site_url}, with {token}")
        return
    screen.say("Target: sandbox")
    screen.say(f"No Jira is configured. For a real one, set {', '.join(JIRA_VARIABLES)} in .env.")


def _show_report(screen: Screen, report: ProjectReport) -> None:
    name = report.project.name if report.project is not None else "not found"
    # how links read: one that is the wrong way round is seen at a glance
    links = [f"A “{one.outward}” B ({one.name})" for one in report.link_types.values()]
    named = {
        "sprints": report.needs.sprints,
        "assignees": report.needs.assignees,
        "priorities": report.needs.priorities,
    }
    needs = [f"{what} {', '.join(values)}" for what, values in named.items() if values]
    screen.show(
        key_values(
            {
                "project": f"{report.project_key} ({name})",
                "account": report.account.display_name or report.account.account_id,
                "may see it": _yes_or_no(is_so=report.can_view),
                "may create issues": _yes_or_no(is_so=report.can_create),
                "creates": report.issue_type.name if report.issue_type else "unclear",
                "links": "; ".join(links) or "none",
                "priorities": ", ".join(report.priorities) or "none",
                "team": ", ".join(user.display_name for user in report.team_members) or "nobody",
                "the session needs": "; ".join(needs) or "no sprint, assignee or priority",
            }
        )
    )
    if report.sprints:
        rows = [(sprint.sprint_id, sprint.name, sprint.state) for sprint in report.sprints]
        screen.table(("id", "name", "state"), rows, title="Sprints")
    if report.needed_scopes:
        screen.say(f"Requests go to {report.site.api_url}, links to {report.site.base_url}.")
        screen.say("The API token needs these scopes:")
        screen.say(*(f"  {scope} ({purpose})" for scope, purpose in TOKEN_SCOPES.items()))
    screen.say(*(f"Warning: {warning}" for warning in report.warnings))
    screen.say(*(f"Blocks the export: {blocking}" for blocking in report.blocking_issues))
    if report.is_usable:
        screen.say("Issues can be created.")


def _yes_or_no(*, is_so: bool) -> str:
    return "yes" if is_so else "no"


WriterOption = Annotated[
    str | None, "--writer MODEL", "Same format as WRITER_MODEL, e.g. openai:gpt-5-mini."
]


def estimate(screen: Screen, session: "OpenSession", *, writer: WriterOption = None) -> None:
    """Estimate what writing the tickets will cost in tokens, money and minutes. Nothing is spent.

    For example:

    jira-pipeline estimate my_site --writer openai:gpt-5-mini
    """
    writers.refuse_unknown_writer(session.pipeline, writer, where="--writer")
    found = writers.estimate(session, writer=writer)
    screen.answer(found)
    _show_estimate(screen, found)


def check_writer(screen: Screen, pipeline: Pipeline, *, writer: WriterOption = None) -> None:
    """Check whether the writer is working; a model is asked to respond to a made-up ticket."""
    writers.refuse_unknown_writer(pipeline, writer, where="--writer")
    health = writers.check(pipeline, writer=writer, is_trial=True)
    screen.answer(health)
    rows = {
        "writer": health.writer,
        "status": health.status.value,
        "connectivity": _sign(health.signs.connectivity),
        "availability": _sign(health.signs.availability),
        "authentication": _sign(health.signs.authentication),
        "quota": _sign(health.signs.quota),
        "model": _sign(health.signs.model),
        "answered in": "" if health.seconds is None else f"{health.seconds:.1f} s",
        "it said": health.reason,
    }
    screen.show(key_values(rows))
    if not health.writer.startswith("template/"):
        screen.say(writers.what_is_sent(pipeline.settings))
    screen.say(*numbered(health.next_steps))
    if health.error is not None:
        raise typer.Exit(exit_code_of(health.error))


def _sign(sign: Sign) -> str:
    return sign.value.replace("_", " ")


def _show_estimate(screen: Screen, found: SessionEstimate) -> None:
    estimated = found.estimate
    is_part = 0 < estimated.asked < estimated.tickets
    for_model = f", {estimated.asked} for the model" if is_part else ""
    written = f", {estimated.kept} of them already written and paid for" if estimated.kept else ""
    tokens = f"about {estimated.tokens_in:,} in, {estimated.tokens_out:,} out"
    rows = {
        "writer": estimated.writer,
        "tickets": f"{estimated.tickets}{for_model}{written}",
        "tokens": tokens if estimated.tokens_in else "none",
        "cost": _cost(estimated),
        "expected": _expected(estimated) if estimated.tokens_in else "nothing",
        "time": _time(estimated),
        **{
            f"WRITER_FOR={name}": f"{counted(other.asked, 'ticket')}, {_cost(other)}; expected "
            f"{_expected(other)}"
            for name, other in found.of_choices.items()
            if other.asked != estimated.asked
        },
    }
    limits = (
        f"{found.budget:f} US dollars and {found.requests_max:,} requests for the session; "
        f"{found.spent:.2f} spent so far"
    )
    screen.show(key_values(rows | {"limits": limits if estimated.tokens_in else ""}))
    if found.typical:
        shown = [
            (e.writer, f"{e.tokens_in:,}", _cost(e), _expected(e), _time(e)) for e in found.typical
        ]
        titles = ("with a model", "tokens in", "cost", "expected", "time")
        screen.table(titles, shown)
    screen.say(*found.notes)


def _cost(estimated: CostEstimate) -> str:
    low, high = estimated.cost_low, estimated.cost_high
    if low is None or high is None:
        return "not known"
    return "nothing" if not high else f"{low:.2f} to {high:.2f} {estimated.currency}"


def _expected(estimated: CostEstimate) -> str:
    """Say what it mostly costs, where the provider keeps what all requests share and where not."""
    cached, uncached = estimated.cost_cached, estimated.cost_uncached
    if cached is None or uncached is None:
        return "not known"
    return f"{cached:.2f} with the provider’s cache, {uncached:.2f} without"


def _time(estimated: CostEstimate) -> str:
    low, high = lasting(estimated.minutes_low), lasting(estimated.minutes_high)
    return low if low == high else f"{low} to {high}"
