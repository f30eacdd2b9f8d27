"""Commands that judge: `validate`, whether Jira takes tickets, `quality`, where to look, and `verify`.

`verify` says whether the site is built as its sheets say.
Belongs here: what is validated, how reports are laid out in a terminal, files they are written to.
Does not: checking and the words of the report (`tickets/documents/adf_validation`), what stands
against signing a ticket (`review/waiting`), comparing a site (`sessions/site_verifying`).
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, is_interactive
from jira_pipeline.cli.context import opened_runs, run_for_session, show_next_step
from jira_pipeline.cli.reviewing import current_person, numbers_in, write_file
from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.model.errors import SiteInQuestionError, WrongUseError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.runs import RunJob, WantedRun
from jira_pipeline.model.site_verifications import Verification
from jira_pipeline.model.validations import TicketValidation
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.validating import is_validated, last_validation
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
    numbers = None if tickets is None else tuple(sorted(set(numbers_in([tickets]))))
    refuse_without_tickets(session.stored)
    if numbers is None:
        is_good = is_validated(session)
        if not is_good:
            wanted = WantedRun(session_key=session.key, job=RunJob.VALIDATION, by=current_person())
            with opened_runs(session.pipeline) as runs:
                outcome = run_for_session(screen, session, runs, wanted, may_fail=True)
            is_good = outcome.is_success
        validation = last_validation(session)
        if validation is None:
            raise typer.Exit(ExitCode.FAILED)
        results = validation.results
    else:
        limit = session.settings.adf_body_max_bytes
        results = check_tickets(session.rendered, numbers=numbers, body_max_bytes=limit)
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
        screen.say(f"{number} {result.title}: {result.error_message}".strip())
        screen.say(f"   {result.suggested_fix}")
    summary = f"{counted(len(results), 'ticket')} tested, {len(failed)} failed"
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
    rows = quality_rows(judged.tickets)
    screen.table(QUALITY_COLUMNS, rows, wide="where to look")
    screen.say(summary_of(judged))


CAUSES_SHOWN, QUESTIONS_SHOWN = 20, 10


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
        _show(screen, verification)
        screen.say(reports.changes_text(verified.changes))
    screen.answer(reports.verification_object(verification, verified.kept, verified.changes))
    if verification.failing(allowed):
        raise typer.Exit(ExitCode.FAILED)


def _show(screen: Screen, verification: Verification) -> None:
    rows = [
        (ticket.number, ticket.title, reports.ticket_verdict_text(ticket))
        for ticket in verification.tickets
    ]
    screen.table(("no", "ticket", "on the site"), rows, wide="ticket")
    causes = verification.causes
    if causes:
        shown = [(one.sentence, reports.cause_rows(one), one.yaml) for one in causes[:CAUSES_SHOWN]]
        screen.table(("difference", "rows", "in the export"), shown, wide="difference")
    if len(causes) > CAUSES_SHOWN:
        screen.say(f"{len(causes) - CAUSES_SHOWN} more: --markdown FILE lists them all.")
    for question in verification.questions[:QUESTIONS_SHOWN]:
        proposal = f" It may be {question.proposal}." if question.proposal else ""
        screen.say(
            f"{question.text} ({counted(len(question.rows), 'row')}) is not a row.{proposal}"
        )
    for alias in verification.aliases[:QUESTIONS_SHOWN]:
        count = counted(alias.row_count, "row")
        screen.say(f"{alias.column} “{alias.spelling}” ({count}) may mean “{alias.site}”.")
    if additional := reports.additional_text(verification):
        screen.say(f"Only on the site: {additional}.")
    screen.say(f"{reports.summary_of(verification)}.")
    screen.say(*(Text(f"{gap}.", style="yellow") for gap in verification.gaps))
