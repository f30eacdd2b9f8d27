"""The command `verify`: is the site built as its sheets say?

Belongs here: how the comparison is shown in a terminal, and the files it is written to. Does not:
comparing and reading (`sessions/site_verifying`).
"""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, is_interactive
from jira_pipeline.cli.reviewing import current_person, write_file
from jira_pipeline.model.errors import SiteInQuestionError, WrongUseError
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.site_verifications import Verification
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.site_verifying import verify_site
from jira_pipeline.verification import reports

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
