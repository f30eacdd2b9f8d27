"""Commands that judge: check-project, check-writer, estimate, validate, quality, verify.

Belongs here: what is judged, how reports are laid out in a terminal, files they are written to.
Does not: checking and the words of the report (`tickets/documents/adf_validation`), what stands
against signing a ticket (`review/waiting`), comparing a site (`sessions/site_verifying`).
"""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from jira_pipeline.cli.console import (
    ExitCode,
    Screen,
    exit_code_of,
    format_duration,
    format_steps,
    is_interactive,
    key_values,
)
from jira_pipeline.cli.context import (
    current_person,
    opened_runs,
    parse_ticket_numbers,
    run_for_session,
    show_next_step,
    write_file,
)
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.export.project_check import ProjectCheck, check_configured, list_projects
from jira_pipeline.model.errors import SiteInQuestionError, WrongUseError
from jira_pipeline.model.issue_tracker import TOKEN_SCOPES
from jira_pipeline.model.json_values import json_object, select_fields
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.rendered_tickets import TicketValidation
from jira_pipeline.model.sessions import RunJob, WantedRun
from jira_pipeline.model.site_verifications import Verification
from jira_pipeline.review.approvals import is_validated
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.waiting import (
    COLUMNS as QUALITY_COLUMNS,
    quality_of,
    quality_rows,
    summary_of,
)
from jira_pipeline.sessions.site_verifying import verify_site
from jira_pipeline.tickets.documents.adf_validation import (
    COLUMNS,
    check_tickets,
    ordered_results,
    report_rows,
    result_object,
)
from jira_pipeline.verification import reports
from jira_pipeline.writing import writers
from jira_pipeline.writing.cost_estimate import CostEstimate

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
        screen.answer([select_fields(project, "id=project_id key name") for project in projects])
        rows = [(project.key, project.name, project.project_id) for project in projects]
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
    screen.say(
        "Target: sandbox",
        f"No Jira is configured. For a real one, set {', '.join(JIRA_VARIABLES)} in .env.",
    )


def _show_report(screen: Screen, report: ProjectCheck) -> None:
    name = report.project.name if report.project is not None else "not found"
    # How links read: one that is the wrong way round is seen at a glance.
    links = [f"A “{link.outward}” B ({link.name})" for link in report.link_types.values()]
    screen.show(
        key_values(
            {
                "project": f"{report.project_key} ({name})",
                "account": report.account.display_name or report.account.account_id,
                "may see it": "yes" if report.can_view else "no",
                "may create issues": "yes" if report.can_create else "no",
                "creates": report.issue_type.name if report.issue_type else "unclear",
                "links": "; ".join(links) or "none",
                "priorities": ", ".join(report.priorities) or "none",
                "team": ", ".join(user.display_name for user in report.team_members) or "nobody",
                "the session needs": _needs_text(report),
            }
        )
    )
    rows = [(sprint.sprint_id, sprint.name, sprint.state) for sprint in report.sprints]
    screen.table(("id", "name", "state"), rows, title="Sprints", if_any=True)
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


def _needs_text(report: ProjectCheck) -> str:
    """Say which sprints, assignees and priorities the tickets of a session name."""
    names = {
        "sprints": report.needs.sprints,
        "assignees": report.needs.assignees,
        "priorities": report.needs.priorities,
    }
    needs = [f"{what} {', '.join(values)}" for what, values in names.items() if values]
    return "; ".join(needs) or "no sprint, assignee or priority"


WriterOption = Annotated[
    str | None, "--writer MODEL", "Same format as WRITER_MODEL, e.g. openai:gpt-5-mini."
]


def estimate(screen: Screen, session: "OpenSession", *, writer: WriterOption = None) -> None:
    """Estimate what writing the tickets will cost in tokens, money and minutes. Nothing is spent.

    For example:

    jira-pipeline estimate my_site --writer openai:gpt-5-mini
    """
    writers.refuse_unknown_writer(session.pipeline, writer, where="--writer")
    estimate = writers.estimate(session, writer=writer)
    screen.answer(estimate)
    estimated = estimate.estimate
    rows = {
        "writer": estimated.writer,
        "tickets": _tickets_text(estimated),
        "tokens": "none",
        "cost": _cost(estimated),
        "expected": "nothing",
        "time": _time(estimated),
    }
    if estimated.tokens_in:
        rows["tokens"] = f"about {estimated.tokens_in:,} in, {estimated.tokens_out:,} out"
        rows["expected"] = _expected(estimated)
    for name, other in estimate.of_choices.items():
        if other.asked != estimated.asked:
            cost = f"{_cost(other)}; expected {_expected(other)}"
            rows[f"WRITER_FOR={name}"] = f"{format_count(other.asked, 'ticket')}, {cost}"
    if estimated.tokens_in:
        rows["limits"] = (
            f"{estimate.budget:f} US dollars and {estimate.requests_max:,} requests for the session; "
            f"{estimate.spent:.2f} spent so far"
        )
    screen.show(key_values(rows))
    shown = [
        (
            typical.writer,
            f"{typical.tokens_in:,}",
            _cost(typical),
            _expected(typical),
            _time(typical),
        )
        for typical in estimate.typical
    ]
    screen.table(("with a model", "tokens in", "cost", "expected", "time"), shown, if_any=True)
    screen.say(*estimate.notes)


def _tickets_text(estimated: CostEstimate) -> str:
    """Say how many tickets are written, how many of them by the model, and which are already."""
    text = str(estimated.tickets)
    if 0 < estimated.asked < estimated.tickets:
        text += f", {estimated.asked} for the model"
    if estimated.kept:
        text += f", {estimated.kept} of them already written and paid for"
    return text


def check_writer(screen: Screen, pipeline: Pipeline, *, writer: WriterOption = None) -> None:
    """Check whether the writer is working; a model is asked to respond to a made-up ticket."""
    writers.refuse_unknown_writer(pipeline, writer, where="--writer")
    health = writers.check(pipeline, writer=writer, is_trial=True)
    screen.answer(health)
    rows = {
        "writer": health.writer,
        "status": health.status.value,
        **{name: sign.replace("_", " ") for name, sign in asdict(health.signs).items()},
        "answered in": "" if health.seconds is None else f"{health.seconds:.1f} s",
        "it said": health.reason,
    }
    screen.show(key_values(rows))
    is_template = health.writer.startswith("template/")
    sent = "" if is_template else writers.what_is_sent(pipeline.settings)
    screen.say(sent, *format_steps(health.next_steps))
    if health.error is not None:
        raise typer.Exit(exit_code_of(health.error))


def _cost(estimated: CostEstimate) -> str:
    low = estimated.cost_low
    high = estimated.cost_high
    if low is None or high is None:
        return "not known"
    return "nothing" if not high else f"{low:.2f} to {high:.2f} {estimated.currency}"


def _expected(estimated: CostEstimate) -> str:
    """Say what it mostly costs, where the provider keeps what all requests share and where not."""
    cached = estimated.cost_cached
    uncached = estimated.cost_uncached
    if cached is None or uncached is None:
        return "not known"
    return f"{cached:.2f} with the provider’s cache, {uncached:.2f} without"


def _time(estimated: CostEstimate) -> str:
    low = format_duration(estimated.minutes_low)
    high = format_duration(estimated.minutes_high)
    return low if low == high else f"{low} to {high}"


ROWS_SHOWN = 12
"""Tickets that passed are shown up to here, the largest; failed ones always."""
SHOWN_COLUMNS = 6
"""Columns of the table; message and advice are below it, where there is room."""


def validate(
    screen: Screen,
    session: "OpenSession",
    *,
    tickets: Annotated[
        str | None, "--tickets N[,N-M]", "Check only these tickets, e.g. 3,7-9; nothing is stored."
    ] = None,
) -> None:
    """Check each ticket, as it would be sent, against Jira's rules and limits (job validate_adf).

    `tickets ready` does this for anything that has changed. Where nothing has changed since, no run
    is started. With --tickets, only the given tickets are checked and nothing is stored: an export
    requires the whole session to be validated.

    For example:

    jira-pipeline validate my_site --tickets 3,7-9
    """
    numbers = None if tickets is None else tuple(sorted(set(parse_ticket_numbers([tickets]))))
    refuse_without_tickets(session.stored)
    if numbers is None:
        is_good = is_validated(session)
        if not is_good:
            wanted = WantedRun(session_key=session.key, job=RunJob.VALIDATION, by=current_person())
            with opened_runs(session.pipeline) as runs:
                outcome = run_for_session(screen, session, runs, wanted, may_fail=True)
            is_good = outcome.is_success
        validation = session.store.validations.latest(session.key)
        if validation is None:
            raise typer.Exit(ExitCode.FAILED)
        results = validation.results
    else:
        results = check_tickets(
            session.rendered, numbers=numbers, body_max_bytes=session.settings.adf_body_max_bytes
        )
        is_good = True
    _report(screen, session, results, is_all=numbers is None)
    if not is_good or not all(result.is_passed for result in results):
        raise typer.Exit(ExitCode.FAILED)


def _report(
    screen: Screen, session: OpenSession, results: Sequence[TicketValidation], *, is_all: bool
) -> None:
    key = session.key
    numbers = {ticket.ticket_id: ticket.number for ticket in session.tickets}
    failed = [result for result in results if not result.is_passed]
    screen.answer(
        {
            "session_key": key,
            "tickets_tested": len(results),
            "all_passed": not failed,
            "passed": len(results) - len(failed),
            "failed": len(failed),
            "results": [
                result_object(result, number=numbers.get(result.ticket_id)) for result in results
            ],
        }
    )
    shown = ordered_results(results)[: max(ROWS_SHOWN, len(failed))] if is_all else results
    rows = [row[:SHOWN_COLUMNS] for row in report_rows(shown, numbers=numbers)]
    screen.table(COLUMNS[:SHOWN_COLUMNS], rows, wide="ticket")
    for result in failed:
        number = numbers.get(result.ticket_id, "")
        fault = f"{number} {result.title}: {result.error_message}".strip()
        screen.say(fault, f"   {result.suggested_fix}")
    summary = f"{format_count(len(results), 'ticket')} tested, {len(failed)} failed"
    if is_all:
        screen.say(f"{summary} (failed ones first, then the largest).")
        show_next_step(screen, session)
    else:
        screen.say(f"{summary}. Nothing was stored; `jira-pipeline validate {key}` validates all.")


def quality(screen: Screen, session: "OpenSession") -> None:
    """Show where to look before you approve tickets (docs/quality.md)."""
    refuse_without_tickets(session.stored)
    judged = quality_of(session.tickets)
    screen.answer({"session_key": session.key} | json_object(judged))
    screen.table(QUALITY_COLUMNS, quality_rows(judged.tickets), wide="where to look")
    screen.say(summary_of(judged))


CAUSES_SHOWN = 20
QUESTIONS_SHOWN = 10


def verify(
    screen: Screen,
    session: "OpenSession",
    *,
    config: Annotated[
        Path, "--config FOLDER|ZIP", "The exported configuration (`drush config:export`)."
    ],
    split: Annotated[Path | None, "--split FOLDER|ZIP", "Config split to apply on top."] = None,
    allow: Annotated[
        list[str] | None,
        "--allow KIND",
        "Do not fail because of this: `missing`, `differs`, `left_over`, `wordings`, or a "
        "kind of row such as `view`; may be repeated.",
    ] = None,
    markdown: Annotated[Path | None, "--markdown FILE", "Also write a Markdown file."] = None,
    junit: Annotated[Path | None, "--junit FILE", "Also write a JUnit XML file."] = None,
    anyway: Annotated[
        bool, "--anyway", "Compare without asking, even if partial or from another site."
    ] = False,
) -> None:
    """Compare a site's exported configuration with the sheets, row by row and cell by cell.

    Exits with status 1 if anything differs, is missing or is left over, unless --allow names it.
    Asks first if the export might be partial or from another site; exits with 3 if nobody answers.

    For example:

    jira-pipeline verify my_site --config config/sync --allow missing
    """
    allowed = frozenset(allow or ())
    if unknown := sorted(allowed.difference(reports.ALLOWABLE)):
        raise WrongUseError(f"--allow {unknown[0]}: use one of {', '.join(reports.ALLOWABLE)}.")
    compare = partial(verify_site, session, config, split=split, by=current_person())
    try:
        verified = compare(anyway=anyway)
    except SiteInQuestionError as error:
        if not is_interactive(screen):
            raise
        typer.confirm(f"{error.message} Compare it anyway?", abort=True)
        verified = compare(anyway=True)
    verification = verified.verification
    if markdown is not None:
        write_file(markdown, reports.markdown_of(verification).encode())
    if junit is not None:
        write_file(junit, reports.junit_of(verification, allowed=allowed).encode())
    if not screen.is_json:
        _show_verification(screen, verification)
        screen.say(reports.changes_text(verified.changes))
    screen.answer(reports.verification_object(verification, verified.kept, verified.changes))
    if verification.failing(allowed):
        raise typer.Exit(ExitCode.FAILED)


def _show_verification(screen: Screen, verification: Verification) -> None:
    rows = [
        (ticket.number, ticket.title, reports.ticket_verdict_text(ticket))
        for ticket in verification.tickets
    ]
    screen.table(("no", "ticket", "on the site"), rows, wide="ticket")
    causes = verification.causes
    shown = [
        (cause.sentence, reports.cause_rows(cause), cause.yaml) for cause in causes[:CAUSES_SHOWN]
    ]
    screen.table(("difference", "rows", "in the export"), shown, wide="difference", if_any=True)
    if len(causes) > CAUSES_SHOWN:
        more = len(causes) - CAUSES_SHOWN
        screen.say(f"{more} more: --markdown FILE lists them all.")
    for question in verification.questions[:QUESTIONS_SHOWN]:
        proposal = f" It may be {question.proposal}." if question.proposal else ""
        rows_text = format_count(len(question.rows), "row")
        screen.say(f"{question.text} ({rows_text}) is not a row.{proposal}")
    for alias in verification.aliases[:QUESTIONS_SHOWN]:
        screen.say(
            f"{alias.column} “{alias.spelling}” ({format_count(alias.row_count, 'row')}) may mean "
            f"“{alias.site}”."
        )
    additional = reports.additional_text(verification)
    if additional:
        screen.say(f"Only on the site: {additional}.")
    screen.say(f"{reports.summary_of(verification)}.")
    for gap in verification.gaps:
        screen.say(Text(f"{gap}.", style="yellow"))
