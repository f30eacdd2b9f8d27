"""The command `settle`: ask Jira about issues that are unconfirmed, missing or there twice, and decide.

Belongs here: what Jira answered, as a table; asking a person before an issue is forgotten with all that
goes with it. Does not: what may be decided, and doing it (`export/issue_decisions`).
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, NoReturn

import typer

from jira_pipeline.cli.console import ExitCode, Screen
from jira_pipeline.cli.context import confirm, current_person, nobody_to_ask, show_next_step
from jira_pipeline.cli.export import YesOption, decision_lines
from jira_pipeline.context.states import Step
from jira_pipeline.export import exporting
from jira_pipeline.export.issue_decisions import DecidedTicket
from jira_pipeline.export.results import ExportResults
from jira_pipeline.export.session_results import required_results
from jira_pipeline.export.settle import SettleReport
from jira_pipeline.model.actions import Action, ActionKind, action_text, line_of
from jira_pipeline.model.differences import DECISION_LABELS, Decision
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.status import agreement_of

ALL = "all"
"""In place of tickets or keys: all that wait for that decision."""


def settle(
    screen: Screen,
    session: OpenSession,
    *,
    is_waiting: Annotated[
        bool,
        "--wait",
        "First wait for as long as Jira might still be working (JIRA_SETTLE_HORIZON_SECONDS).",
    ] = False,
    create_again: Annotated[
        str | None,
        "--create-again all|N,…",
        "Missing issues, by ticket: the next export creates them again.",
    ] = None,
    adopt: Annotated[
        str | None,
        "--adopt all|KEY,…",
        "Duplicate issues, by key: use these as the tickets' issues.",
    ] = None,
    forget: Annotated[
        str | None,
        "--forget all|N,…",
        "Missing or duplicate issues, by ticket or key: stop counting them.",
    ] = None,
    is_sure: YesOption = False,
) -> None:
    """Ask Jira about unconfirmed, missing and duplicate issues, and decide what to do with them.

    For example:

    jira-pipeline settle my_site
    jira-pipeline settle my_site --create-again 3,5
    jira-pipeline settle my_site --forget all

    What goes with an issue that is forgotten is listed first, and a real Jira's is asked about.
    """
    options = {Decision.CREATE_AGAIN: create_again, Decision.ADOPT: adopt, Decision.FORGET: forget}
    decisions = [(decision, names) for decision, names in options.items() if names is not None]
    if decisions:
        if len(decisions) > 1 or is_waiting:
            raise WrongUseError("Decide one thing at a time.")
        decision, names = decisions[0]
        _decide(screen, session, decision, names, is_sure=is_sure)
    report = exporting.settle(session, is_waiting=is_waiting, by=current_person())
    results = required_results(session.reload())
    screen.answer({"session_key": session.key} | json_object(report))
    rows = [
        (ticket.number, ticket.title, ticket.outcome.value, ticket.key, line_of(ticket.advice))
        for ticket in report.tickets
    ]
    columns = ("no.", "ticket", "found", "issue", "what to do")
    screen.table(columns, rows, wide="what to do", if_any=True)
    agreement = agreement_of(report.comparison)
    screen.say(
        "" if rows else "No issue is unconfirmed.",
        *_difference_lines(report, results),
        f"Jira: {agreement}." if agreement else "",
        *decision_lines(results),
        ""
        if report.is_conclusive
        else "Jira did not show everything this time; check again later.",
    )
    show_next_step(screen, session, of_shown={Step.DECIDE: "decide, as shown above."})
    raise typer.Exit(ExitCode.DONE if report.is_settled else ExitCode.USER_MUST_ACT)


def _difference_lines(report: SettleReport, results: ExportResults) -> Iterator[str]:
    """Yield a line for each issue that Jira does not hold as it was sent; else that it holds all.

    Issues in the table of the report are not named again.
    """
    keys_in_table = {ticket.key for ticket in report.tickets}
    findings = [
        issue.finding for issue in results.differences if issue.difference.key not in keys_in_table
    ]
    changes_left_alone = [change for change in results.changes if change.objection]
    for finding in findings:
        yield finding.message
    for change in changes_left_alone:
        yield f"{change.jira_key} does not say what its ticket says: {change.objection}."
    if changes_left_alone:
        plan = Action.of(
            ActionKind.EXPORT,
            "{} shows what differs.",
            session_key=results.session_key,
            update=True,
            plan=True,
        )
        yield action_text(plan)
    is_all_as_sent = not (report.tickets or findings or changes_left_alone)
    if is_all_as_sent and report.is_conclusive:
        yield "Jira has what was sent."


def _decide(
    screen: Screen, session: OpenSession, decision: Decision, names: str, *, is_sure: bool
) -> NoReturn:
    """Decide about some issues, show what was done or refused, and end the command.

    Forgetting cannot be undone: what goes with each issue is shown first, and of a real Jira's the
    person is asked.
    """
    is_all = names == ALL
    chosen = [] if is_all else [name.strip() for name in names.split(",")]
    if decision is Decision.FORGET:
        planned = exporting.plan_decision(
            session, decision=decision, names=chosen, is_all=is_all, by=current_person()
        )
        _show_losses(screen, planned)
        is_something_lost = any(ticket.is_done for ticket in planned)
        confirm(
            screen,
            is_asked=is_something_lost and not session.settings.is_sandbox and not is_sure,
            question="Stop counting these issues?",
            refusal=nobody_to_ask(f"jira-pipeline settle {session.key} --forget {names} --yes"),
        )
    report = exporting.decide(
        session, decision=decision, names=chosen, is_all=is_all, by=current_person()
    )
    screen.answer({"session_key": session.key} | json_object(report))
    rows = [
        (ticket.number, ticket.title, ticket.key, ticket.refusal or "done")
        for ticket in report.tickets
    ]
    label = DECISION_LABELS[decision]
    screen.table(("no.", "ticket", "issue", label), rows, wide=label, if_any=True)
    screen.say("" if rows else "There is nothing to decide this way.")
    show_next_step(screen, session)
    is_refused = len(report.done) < len(report.tickets)
    raise typer.Exit(ExitCode.USER_MUST_ACT if is_refused else ExitCode.DONE)


def _show_losses(screen: Screen, planned: Sequence[DecidedTicket]) -> None:
    """Show what goes with each issue that is to be forgotten, before it is forgotten."""
    rows = [
        (ticket.number, ticket.title, ticket.key, lost)
        for ticket in planned
        for lost in ticket.lost
    ]
    columns = ("no.", "ticket", "issue", "what goes with it")
    screen.table(columns, rows, wide="what goes with it", if_any=True)
