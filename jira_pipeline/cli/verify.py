"""The command `verify`: compare the configuration of a site with the sheets that it was built by.

Belongs here: tables, and the files that reports are written to. Does not: comparing
(`sessions/site_verifying`), the words of reports (`verification/reports`).
"""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, is_interactive
from jira_pipeline.cli.context import current_person, write_file
from jira_pipeline.model.errors import SiteInQuestionError, WrongUseError
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.site_verifications import Verification
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.site_verifying import verify_site
from jira_pipeline.verification import reports

CAUSES_SHOWN = 20
QUESTIONS_SHOWN = 10


def verify(
    screen: Screen,
    session: "OpenSession",
    *,
    config: Annotated[
        Path, "--config FOLDER|ZIP", "The exported configuration (`drush config:export`)."
    ],
    split: Annotated[
        list[Path] | None,
        "--split FOLDER|ZIP",
        "Config split to apply on top; may be repeated, in the order of their import.",
    ] = None,
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
    unknown = sorted(allowed.difference(reports.ALLOWABLE))
    if unknown:
        raise WrongUseError(f"--allow {unknown[0]}: use one of {', '.join(reports.ALLOWABLE)}.")
    compare = partial(verify_site, session, config, splits=tuple(split or ()), by=current_person())
    try:
        comparison = compare(anyway=anyway)
    except SiteInQuestionError as error:
        if not is_interactive(screen):
            raise
        typer.confirm(f"{error.message} Compare it anyway?", abort=True)
        comparison = compare(anyway=True)
    verification = comparison.verification
    if markdown is not None:
        write_file(markdown, reports.markdown_of(verification).encode())
    if junit is not None:
        write_file(junit, reports.junit_of(verification, allowed=allowed).encode())
    if not screen.is_json:
        _show_verification(screen, verification)
        screen.say(reports.changes_text(comparison.changes))
    screen.answer(reports.verification_object(verification, comparison.kept, comparison.changes))
    if verification.failing(allowed):
        raise typer.Exit(ExitCode.FAILED)


def _show_verification(screen: Screen, verification: Verification) -> None:
    """Show how each ticket is met, what differs and why, and what is unclear, the first of each."""
    rows = [
        (ticket.number, ticket.title, reports.ticket_verdict_text(ticket))
        for ticket in verification.tickets
    ]
    screen.table(("no", "ticket", "on the site"), rows, wide="ticket")
    causes = verification.causes
    cause_rows = [
        (cause.sentence, reports.cause_rows(cause), cause.yaml) for cause in causes[:CAUSES_SHOWN]
    ]
    columns = ("difference", "rows", "in the export")
    screen.table(columns, cause_rows, wide="difference", if_any=True)
    if len(causes) > CAUSES_SHOWN:
        more_count = len(causes) - CAUSES_SHOWN
        screen.say(f"{more_count} more: --markdown FILE lists them all.")
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
