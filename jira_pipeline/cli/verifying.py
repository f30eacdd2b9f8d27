"""The commands `verify` and `compare`: is the site built as its sheets say, and what would X be?

Belongs here: how the comparison is shown in a terminal, and the files it is written to. Does not:
comparing and reading (`verification/verifying`).
"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, counted, plain_table, show_findings
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.export import PlanOption, YesOption, confirm, nobody_to_ask
from jira_pipeline.cli.intake import AllOption
from jira_pipeline.cli.reviewing import current_person, write_file
from jira_pipeline.errors import WrongUseError

if TYPE_CHECKING:
    from jira_pipeline.flow.open_session import OpenSession
    from jira_pipeline.kernel.site_verifications import Verification

CAUSES_SHOWN, QUESTIONS_SHOWN = 20, 10
ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config", metavar="FOLDER|ZIP", help="The exported configuration (`drush config:export`)."
    ),
]
SplitOption = Annotated[
    Path | None,
    typer.Option(
        "--split", metavar="FOLDER|ZIP", help="A split configuration that is laid over it."
    ),
]
MarkdownOption = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write it as Markdown, too.")
]
JunitOption = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write it as JUnit XML, too.")
]
CommentOption = Annotated[
    bool,
    typer.Option(
        "--comment",
        help="Comment on the issue of each ticket whose verdict changed since its last comment.",
    ),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="KIND",
        help="Do not fail over this: `missing`, `differs`, `left_over`, `wordings`, or a kind of "
        "row such as `view`; may be repeated.",
    ),
]


def verify(
    session_key: SessionArgument,
    *,
    config: ConfigOption,
    split: SplitOption = None,
    allow: AllowOption = None,
    is_commenting: CommentOption = False,
    is_plan: PlanOption = False,
    is_sure: YesOption = False,
    markdown: MarkdownOption = None,
    junit: JunitOption = None,
    is_json: JsonOption = False,
) -> None:
    """Compare a site's exported configuration with the sheets, row by row and cell by cell.

    Ends with 1 where something differs, is missing or left over; with --allow that is no failure.

    For example:

    jira-pipeline verify my_site --config config/sync --allow missing
    jira-pipeline verify my_site --config config/sync --comment --plan
    """
    from jira_pipeline.verification.reports import (
        ALLOWABLE,
        changes_words,
        junit_of,
        markdown_of,
        verification_object,
    )
    from jira_pipeline.verification.verifying import verify_site

    if (is_plan or is_sure) and not is_commenting:
        raise typer.BadParameter("--plan and --yes go with --comment.")
    with opened_session(session_key, is_json=is_json) as (screen, _pipeline, session):
        allowed = frozenset(allow or ())
        if unknown := sorted(allowed.difference(ALLOWABLE)):
            raise WrongUseError(f"--allow {unknown[0]}: it takes {', '.join(ALLOWABLE)}.")
        verified = verify_site(session, config, split=split, by=current_person())
        verification = verified.verification
        if markdown is not None:
            write_file(markdown, markdown_of(verification).encode())
        if junit is not None:
            write_file(junit, junit_of(verification, allowed=allowed).encode())
        if not screen.is_json:
            _show(screen, verification)
            if changed := changes_words(verified.changes):
                screen.say(changed)
            if session.target is not None and not is_commenting:
                _name_comments(screen, session, config, split=split)
        answer = verification_object(verification, verified.kept, verified.changes)
        if is_commenting:
            answer["comments"] = _comment(screen, session, is_plan=is_plan, is_sure=is_sure)
        screen.answer(answer)
        if verification.failing(allowed):
            raise typer.Exit(ExitCode.FAILED)


def compare(
    session_key: SessionArgument,
    *,
    config: ConfigOption,
    split: SplitOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER|FILE.xlsx", help="Write the sheets with X corrected, to be looked at."
        ),
    ] = None,
    is_all: AllOption = False,
    is_json: JsonOption = False,
) -> None:
    """Say what of the sheets a site has already, and what X would be; nothing is changed.

    For example:

    jira-pipeline compare my_site --config config/sync --out compared.xlsx
    """
    from jira_pipeline.verification.reports import summary_of
    from jira_pipeline.verification.site_status import propose_statuses

    with opened_session(session_key, is_json=is_json) as (screen, _pipeline, session):
        statuses = propose_statuses(session, config, split=split, out=out)
        for path, content in statuses.files.items():
            write_file(path, content)
        screen.answer(statuses.to_json())
        show_findings(screen, statuses.findings, files=session.files, is_all=is_all)
        screen.say(f"{summary_of(statuses.verification)}.")
        _show_gaps(screen, statuses.verification)
        screen.say(f"{counted(len(statuses.findings), 'row')} would have another X.")
        if out is not None:
            upload = f"jira-pipeline upload {out} --session {session_key}"
            screen.say(f"Written to {out}. Look at X there, then take it over: {upload}")


def _name_comments(
    screen: Screen, session: "OpenSession", config: Path, *, split: Path | None
) -> None:
    """Name the command that lists which issues a comment would tell what is built now."""
    from jira_pipeline.export import exporting

    if wanted := exporting.plan_comments(session).wanted:
        laid_over = [] if split is None else ["--split", str(split)]
        words = ["jira-pipeline", "verify", session.key, "--config", str(config), *laid_over]
        screen.say_unwrapped(
            f"Next: look at the comments that {counted(len(wanted), 'issue')} would get: "
            f"{shlex.join([*words, '--comment', '--plan'])}"
        )


def _comment(
    screen: Screen, session: "OpenSession", *, is_plan: bool, is_sure: bool
) -> dict[str, object]:
    """Say which issues get a comment, ask where Jira is real, and write them; return the shape."""
    from jira_pipeline.export import exporting

    exporting.refuse_other_verdicts(session)
    plan = exporting.plan_comments(session)
    wanted = plan.wanted
    screen.say(f"{counted(len(wanted), 'issue')} to comment on in {session.target_name}.")
    for one in wanted:
        screen.say(f"  {one.jira_key} (ticket {one.number}): {one.verdict}")
    if plan.behind:
        numbers = ", ".join(map(str, plan.behind))
        screen.say(
            f"Left out, as their issues say something else yet: tickets {numbers}. "
            f"First: jira-pipeline export {session.key} --update"
        )
    if is_plan or not wanted:
        return {"wanted": [one.to_json() for one in wanted]}
    confirm(
        screen,
        is_asked=not session.settings.is_sandbox and not is_sure,
        question="Comment on them in this Jira?",
        refusal=nobody_to_ask(f"jira-pipeline verify {session.key} --comment --yes …"),
    )
    report = exporting.comment_on_site(session, by=current_person())
    screen.say(f"Commented on {counted(len(report.commented), 'issue')}.")
    for one in report.left:
        screen.say(f"  {one.jira_key} has no comment: Jira does not show it, or refuses it.")
    screen.say(f"jira-pipeline undo {session.key} --comments deletes these comments.")
    return report.to_json()


def _show(screen: Screen, verification: "Verification") -> None:
    from jira_pipeline.verification import reports

    rows = [
        (ticket.number, ticket.title, reports.ticket_words(ticket))
        for ticket in verification.tickets
    ]
    screen.show(plain_table("", ("no", "ticket", "on the site"), rows, wide="ticket"))
    _show_causes(screen, verification)
    _show_questions(screen, verification)
    if additional := reports.additional_words(verification):
        screen.say(f"Only on the site: {additional}.")
    screen.say(f"{reports.summary_of(verification)}.")
    _show_gaps(screen, verification)


def _show_gaps(screen: Screen, verification: "Verification") -> None:
    for gap in verification.gaps:
        screen.say(Text(f"{gap}.", style="yellow"))


def _show_causes(screen: Screen, verification: "Verification") -> None:
    from jira_pipeline.verification.reports import cause_rows

    causes = verification.causes
    rows = [(cause.sentence, cause_rows(cause), cause.yaml) for cause in causes[:CAUSES_SHOWN]]
    columns = ("what differs", "rows", "in the export")
    if rows:
        screen.show(plain_table("", columns, rows, wide="what differs"))
    if len(causes) > CAUSES_SHOWN:
        screen.say(f"{len(causes) - CAUSES_SHOWN} more: --markdown FILE has all of them.")


def _show_questions(screen: Screen, verification: "Verification") -> None:
    for question in verification.questions[:QUESTIONS_SHOWN]:
        proposal = f" It may be {question.proposal}." if question.proposal else ""
        screen.say(f"{question.text} ({counted(len(question.rows), 'row')}) is no row.{proposal}")
    for alias in verification.aliases[:QUESTIONS_SHOWN]:
        rows = counted(alias.row_count, "row")
        screen.say(f"{alias.column} “{alias.spelling}” ({rows}) may mean “{alias.site}”.")
