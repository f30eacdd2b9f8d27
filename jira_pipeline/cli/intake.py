"""The commands before there are tickets: `sheets`, `lint` and `upload`.

`sheets` writes sheets from the configuration of a site, or blank ones; `lint` shows what is found in
sheets and stores nothing; `upload` makes them a session, and shows what newer sheets change in it.

Belongs here: showing what each found or did. Does not: reading sheets (`sheets`), uploading
(`sessions/upload`), making sheets (`sheets/site_sheets`).
"""

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, is_interactive, show_findings
from jira_pipeline.cli.context import (
    AsNewOption,
    JsonOption,
    cell_text,
    current_person,
    is_wanted_now,
    opened_session,
    run_pipeline_command,
    show_next_step,
    write_file,
)
from jira_pipeline.context.settings import load_limits
from jira_pipeline.context.states import Step
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import GateError, GateRule, SheetsRefusedError, WrongUseError
from jira_pipeline.model.findings import Finding, has_errors
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.source_tables import SHEET_NAMES, SourceFile
from jira_pipeline.review.cells import findings_csv
from jira_pipeline.review.withdrawals import NAMED, vanished_text
from jira_pipeline.sheets.layout_beside import read_layout_file
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.missing_sheets import missing_sheets_sentence
from jira_pipeline.sheets.sheet_linting import lint_folder
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.sheets.upload_preview import Becomes, TicketChange, as_looked_at

if TYPE_CHECKING:
    from jira_pipeline.context.pipeline import Pipeline
    from jira_pipeline.sessions.upload import Uploaded
    from jira_pipeline.sheets.upload_reading import UploadOutcome

FolderArgument = Annotated[
    Path, "FOLDER", "Folder of CSV sheets or ShareDo packages, or a single workbook or .zip file."
]
LayoutOption = Annotated[
    Path | None,
    "--layout FILE",
    "Layout of the worksheets, in place of a layout.yaml in the folder.",
]
AllOption = Annotated[bool, "--all", "Show everything, not just what matters most."]
QUESTIONS_SHOWN = 5
"""Those that most tickets wait for; `--all` shows the others."""
CHANGES_SHOWN = 20
"""Tickets that an upload changes; `--all` shows the others."""
PREFIXES_SHOWN = 12
"""How the names of configuration files begin that no sheet describes; the most frequent ones."""
_OF_TYPES = (
    "core.base_field_override.",
    "core.entity_form_mode.",
    "core.entity_view_display.",
    "core.entity_view_mode.",
)
"""What files are called that say how types of bundles are set up: none of them goes unnamed."""
CELLS_SHOWN = 4
"""Of each ticket that changes."""


def lint(
    screen: Screen,
    folder: FolderArgument,
    *,
    csv_file: Annotated[Path | None, "--csv FILE", "Also write the findings to this file."] = None,
    layout: LayoutOption = None,
    is_all: AllOption = False,
) -> None:
    """Show the findings and open questions for a folder or workbook; nothing is stored.

    Ends with exit code 1 where errors block an upload, and 3 where a layout is needed first.

    For example:

    jira-pipeline lint my_site --csv findings.csv
    jira-pipeline lint Specification.xlsx --layout layout.yaml
    """
    result = lint_folder(
        folder,
        manifest=read_manifest(folder),
        source=UploadedSource(settings=load_limits()),
        layout=None if layout is None else read_layout_file(layout),
    )
    screen.answer(result)
    if csv_file is not None:
        write_file(csv_file, findings_csv(result.findings).encode())
    _show_files(screen, result.files)
    show_findings(screen, result.findings, files=result.files, is_all=is_all)
    limit = None if is_all else QUESTIONS_SHOWN
    rows = []
    for number, once in enumerate(result.asked_once[:limit], start=1):
        question = once.question
        title = once.titles[0]
        if len(once.titles) > 1:
            title += f" and {len(once.titles) - 1} more"
        suggested = ""
        if question.suggested_answer:
            suggested = f"{question.suggested_answer} ({question.suggested_because})"
        waiting = str(once.waiting or "")
        rows.append((number, title, question.source, question.question, suggested, waiting))
    columns = ("no.", "ticket", "where", "question", "suggested", "waiting")
    screen.table(columns, rows, if_any=True)
    if len(result.asked_once) > len(rows):
        more_count = len(result.asked_once) - len(rows)
        screen.say(f"{more_count} more questions that fewer tickets wait for: --all shows them.")
    screen.say(
        f"{format_count(result.ticket_count, 'ticket')}, "
        f"{result.questions_left.summary}, {_finding_counts(result.findings)}."
    )
    if has_errors(result.findings):
        raise typer.Exit(ExitCode.FAILED)
    if result.needs_layout:
        screen.say_unwrapped(
            "Next: say what the worksheets are: jira-pipeline layout propose --folder "
            f"{shlex.quote(str(folder))} --out layout.yaml"
        )
        raise typer.Exit(ExitCode.USER_MUST_ACT)


def sheets(
    screen: Screen,
    *,
    config: Annotated[
        Path | None,
        "--config FOLDER",
        "The site's exported configuration: a folder, .zip or .tar.gz file.",
    ] = None,
    since: Annotated[
        Path | None, "--since OLDER", "An older export to compare with: column X marks changes."
    ] = None,
    split: Annotated[
        list[Path] | None,
        "--split FOLDER",
        "Config split to apply on top; may be repeated, in the order of their import.",
    ] = None,
    out: Annotated[
        Path | None, "--out FOLDER|FILE.xlsx", "Folder for CSV files, or a workbook."
    ] = None,
    blank: Annotated[
        Path | None,
        "--blank FILE.xlsx",
        "Write every sheet with an example row to fill in instead.",
    ] = None,
) -> None:
    """Generate a site's sheets from its exported configuration, or blank ones to fill in.

    For example:

    jira-pipeline sheets --blank my_site.xlsx
    jira-pipeline sheets --config config/sync --since last_year/sync --out my_site.xlsx
    """
    from jira_pipeline.sheets.site_sheets import blank_sheets, files_of, make_sheets

    if blank is not None and config is out is None:
        if blank.exists():
            raise WrongUseError(
                f"{blank} exists already, and may have rows.",
                recovery_actions=("Name another file.",),
            )
        to_fill_in = files_of(tuple(blank_sheets()), blank)
        for path, content in to_fill_in.items():
            write_file(path, content)
        screen.answer({"files": [*to_fill_in], "sheets": [*blank_sheets()]})
        screen.say(
            f"Written to {blank}. Put your rows in place of the example in each sheet, and check "
            f"it with: jira-pipeline lint {blank}"
        )
        return
    if config is None or out is None:
        raise typer.BadParameter("give --config with --out, or --blank alone")
    site_sheets = make_sheets(config, since=since, splits=tuple(split or ()), out=out)
    for path, content in site_sheets.files.items():
        write_file(path, content)
    screen.answer(site_sheets)
    sheet_rows = []
    for sheet in site_sheets.sheets:
        statuses = ", ".join(f"{x or 'blank'} {count}" for x, count in sheet.statuses.items())
        sheet_rows.append((SHEET_NAMES[sheet.kind], len(sheet.rows), statuses))
    screen.table(("sheet", "rows", "X"), sheet_rows)
    show_findings(screen, site_sheets.findings, files=(), is_all=True)
    _show_undescribed_files(screen, site_sheets.configuration.not_understood)
    screen.say(f"Written to {out}. Check it with: jira-pipeline lint {out}")


def _show_undescribed_files(screen: Screen, prefixes: Mapping[str, int]) -> None:
    """Show how many files of a configuration no sheet describes, by how their names begin."""
    counts = Counter(prefixes)
    if not counts:
        return
    of_types = [prefix for prefix in sorted(counts) if prefix.startswith(_OF_TYPES)]
    if of_types:
        type_counts = ", ".join(f"{prefix} {counts[prefix]}" for prefix in of_types)
        screen.say(
            f"No sheet has these settings of types; write down what matters of them: {type_counts}."
        )
    most_frequent = sorted(counts.most_common(PREFIXES_SHOWN))
    prefix_counts = ", ".join(f"{prefix} {count}" for prefix, count in most_frequent)
    more_count = len(counts) - len(most_frequent)
    rest = ""
    if more_count:
        rest = f" and {format_count(more_count, 'prefix', 'prefixes')} more (--json)"
    screen.say(
        f"{format_count(counts.total(), 'file')} not described by any sheet: {prefix_counts}{rest}."
    )


def upload(
    folder: FolderArgument,
    *,
    session: Annotated[
        str | None,
        "--session",
        "Key of the session, by default derived from the name of the folder or file.",
    ] = None,
    auto_approve: Annotated[
        bool, "--auto-approve", "Export valid tickets without a review."
    ] = False,
    as_new: AsNewOption = False,
    replaces_all: Annotated[bool, "--replace", "Replace sheets even if no tickets remain."] = False,
    layout: LayoutOption = None,
    is_all: AllOption = False,
    is_json: JsonOption = False,
) -> None:
    """Upload a folder of sheets or a workbook as a session; an unchanged copy is kept.

    For corrected sheets, it shows which tickets and cells have changed. When run in a terminal, it
    offers to write the tickets right away.

    For example:

    jira-pipeline upload my_site
    jira-pipeline upload Specification.xlsx --session my_site
    jira-pipeline upload Specification.xlsx --layout layout.yaml
    """
    from jira_pipeline.sessions.upload import upload as upload_folder

    with run_pipeline_command(is_json=is_json) as (screen, pipeline):

        def upload_now(*, replaces: bool = replaces_all) -> "UploadOutcome":
            """Upload; where no ticket would remain, ask whoever is there whether that is meant."""
            try:
                return upload_folder(
                    pipeline,
                    folder,
                    session_key=session,
                    auto_approve=auto_approve,
                    as_new=as_new,
                    replaces_all=replaces,
                    layout=None if layout is None else read_layout_file(layout),
                    actor=current_person(),
                )
            except GateError as error:
                is_other_specification = error.code == GateRule.OTHER_SPECIFICATION.value
                if not is_other_specification or not is_interactive(screen):
                    raise
                typer.confirm(f"{error.message} Replace it?", abort=True)
                return upload_now(replaces=True)

        key = show_upload(screen, pipeline, upload_now, session_key=session, is_all=is_all)
    write_tickets_if_wanted(key)


def write_tickets_if_wanted(session_key: str | None) -> None:
    """Write the tickets of a session; nothing where there is none, as `show_upload` returns it.

    It opens the session by itself: call it once the store of the upload is closed.
    """
    if session_key is not None:
        from jira_pipeline.cli.generate import generate

        with opened_session(session_key, is_json=False) as (screen, session):
            generate(screen, session)


def show_upload(
    screen: Screen,
    pipeline: "Pipeline",
    upload_now: "Callable[[], UploadOutcome]",
    *,
    session_key: str | None,
    is_all: bool = False,
) -> str | None:
    """Call what uploads, tell Dagster, and show what was registered and what changes by it.

    Where the sheets are refused, what was found in them is shown. Returns the key of the session if
    somebody at the terminal wants its tickets written at once, or else None.

    Raises:
        SheetsRefusedError: The sheets have errors.
        typer.Exit: The worksheets need a layout first, or the sheets are refused and programs know.
    """
    from jira_pipeline.review.open_session import open_session
    from jira_pipeline.sessions.upload import changed_tickets, uploaded

    try:
        outcome = upload_now()
    except SheetsRefusedError as error:
        findings = [finding for finding in error.findings if isinstance(finding, Finding)]
        screen.answer({"session_key": session_key, "files": [], "findings": findings})
        if screen.is_json:
            raise typer.Exit(ExitCode.FAILED) from error
        show_findings(
            screen,
            findings,
            files=[file for file in error.files if isinstance(file, SourceFile)],
            is_all=is_all,
        )
        raise
    key = outcome.session.session_key
    from jira_pipeline.dagster_port.reports import report_upload

    report_upload(pipeline, outcome)
    upload = uploaded(pipeline, outcome)
    changes = changed_tickets(pipeline, outcome)
    screen.answer(
        json_object(upload)
        | {
            "findings_as_before": len(outcome.findings) - len(outcome.new_findings),
            "changes": changes,
        }
    )
    if outcome.is_replaced:
        _show_changes(screen, changes, limit=None if is_all else CHANGES_SHOWN)
    else:
        _show_files(screen, outcome.files)
    findings_shown = outcome.findings if is_all else outcome.new_findings
    show_findings(
        screen,
        findings_shown,
        files=outcome.files,
        known_count=len(outcome.findings) - len(findings_shown),
        is_all=is_all,
    )
    counts = _finding_counts(outcome.findings)
    screen.say(Text.assemble("Session ", (key, "bold"), f" {upload.became}: {counts}."))
    screen.say(*_upload_lines(outcome, upload))
    if outcome.needs_layout:
        show_next_step(screen, open_session(pipeline, key))
        raise typer.Exit(ExitCode.USER_MUST_ACT)
    is_writing_next = show_next_step(screen, open_session(pipeline, key)) is Step.WRITE
    return key if is_writing_next and is_wanted_now(screen, "Write them now?") else None


def _upload_lines(outcome: "UploadOutcome", upload: "Uploaded") -> Iterator[str]:
    """Yield what a person has to know about an upload: sheets, tickets and settings that are gone."""
    if upload.missing_sheets:
        yield f"{missing_sheets_sentence(upload.missing_sheets)}. Is the folder complete?"
    if not outcome.is_replaced:  # the changes of newer sheets have them
        for ticket in upload.leaving[:NAMED]:
            yield f"No longer in the {outcome.session.source_word}: {vanished_text(ticket)}"
    if upload.leaving:
        tickets = format_count(len(upload.leaving), "ticket")
        yield (
            f"Rewriting the tickets proposes {tickets} for withdrawal; "
            "put the rows back first to keep them."
        )
    for other_session in upload.same_specification:
        advice = other_session.advice.on(session_key=outcome.session.session_key)
        yield action_text(advice)
    yield from upload.replaced_settings
    yield from upload.project_warnings


def _show_files(screen: Screen, files: tuple[SourceFile, ...]) -> None:
    rows = [(file.name, SHEET_NAMES[file.sheet], file.row_count, file.encoding) for file in files]
    screen.table(("file", "sheet", "rows", "encoding"), rows)


def _show_changes(
    screen: Screen, changes: Sequence[TicketChange] | None, *, limit: int | None
) -> None:
    """Show the tickets that an upload changes, at most `limit` of them; None where nobody knows."""
    if changes is None:
        screen.say("The changes are unknown: the copy of the earlier upload is missing.")
        return
    rows = []
    for change in as_looked_at(changes)[:limit]:
        becomes = change.becomes.value
        if change.is_worked_on:
            becomes = f"{becomes}, worked on by people"
        lines = _change_lines(change, limit=None if limit is None else CELLS_SHOWN)
        rows.append((change.number or "", change.title, becomes, "\n".join(lines)))
    screen.table(
        ("no.", "ticket", "is", "cells"), rows, title="What the upload changes", if_any=True
    )
    counts = Counter(change.becomes for change in changes)
    parts = [f"{counts[becomes]} {becomes.value}" for becomes in Becomes if counts[becomes]]
    if parts:
        screen.say(f"{format_count(len(changes), 'ticket')}: {', '.join(parts)}.")
    else:
        screen.say("No ticket changes.")
    if len(changes) > len(rows):
        screen.say(f"{len(changes) - len(rows)} more tickets: --all shows them.")


def _change_lines(change: TicketChange, *, limit: int | None) -> list[str]:
    """Return what an upload changes in a ticket, with at most `limit` cells, questions and causes each."""
    lines = [cell_text(cell) for cell in change.cells[:limit]]
    if limit is not None and len(change.cells) > limit:
        lines.append(f"and {format_count(len(change.cells) - limit, 'more cell')}")
    for question in change.questions[:limit]:
        when = "asks from now on" if question.is_asked else "asks no longer"
        lines.append(f"{when}: {question.question}")
    if limit is not None and len(change.questions) > limit:
        lines.append(f"and {format_count(len(change.questions) - limit, 'more question')}")
    for answer in change.answers_left:  # all of them: people gave them, and they would be lost
        lines.append(
            f"answered, and its row is in no ticket now: {answer.question}: {answer.answer}"
        )
    lines += [f"because of another ticket: {cell_text(cell)}" for cell in change.causes[:limit]]
    if change.becomes is Becomes.CHANGED and not lines:
        lines.append("only references")
    return lines


def _finding_counts(findings: tuple[Finding, ...]) -> str:
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = sum(finding.severity == "warning" for finding in findings)
    return f"{format_count(errors, 'error')}, {format_count(warnings, 'warning')}"
