"""The commands `layout show`, `propose`, `check`, `save`, `discard` and `undo`.

A layout says what the worksheets of a workbook list. It goes to the standard output as YAML, so that it
can be redirected to a file; what is said about it, such as what it leaves to settle, goes to standard
error. A layout that is saved is the draft of a session, with a revision that counts its changes, until it
is confirmed.

Belongs here: what is printed and which file is read. Does not: working on a layout
(`sessions/layouts`), what it says and leaves to settle (`sheets/layouts`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import ExitCode, Screen, show_findings
from jira_pipeline.cli.context import JsonOption, current_person, run_pipeline_command, write_file
from jira_pipeline.cli.intake import show_upload, write_tickets_if_wanted
from jira_pipeline.context.settings import load_limits
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.source_tables import SHEET_NAMES
from jira_pipeline.sheets.layout_beside import read_layout_file
from jira_pipeline.sheets.sources import reading_limits
from jira_pipeline.sheets.upload_reading import refuse_unreadable

if TYPE_CHECKING:
    from jira_pipeline.context.pipeline import Pipeline
    from jira_pipeline.sessions.layouts import LayoutWork
    from jira_pipeline.sheets.layouts.layout_checks import AppliedLayout
    from jira_pipeline.sheets.upload_reading import UploadOutcome

_LINES_SHOWN = 15
"""Of a list of what a model said; `--all` shows the others."""
KeyArgument = Annotated[str, "KEY", "Key of the upload session, as listed by `sessions`."]
OptionalKeyArgument = Annotated[
    str | None, "[KEY]", "Key of the upload session; or name the files with --folder."
]
FolderOption = Annotated[
    Path | None,
    "--folder FOLDER",
    "A folder of sheets or a workbook instead, before there is a session; nothing is stored.",
]
KeyAndFileArguments = Annotated[
    list[str],
    "[KEY] FILE",
    "Key of the upload session, or --folder; then a layout: YAML, or JSON with the same words.",
]
OutOption = Annotated[Path | None, "--out FILE", "Write the layout to this file."]
AllOption = Annotated[bool, "--all", "Show all that is left to settle, not just what comes first."]
RevisionOption = Annotated[
    int | None,
    "--revision N",
    "Revision that it was made from, as `layout show` says; needed where someone else saved one.",
]


def show(
    screen: Screen,
    pipeline: "Pipeline",
    session_key: KeyArgument,
    *,
    out: OutOption = None,
    is_all: AllOption = False,
) -> None:
    """Print the layout of a session as YAML, and what it leaves to settle.

    It is the draft that somebody saved; otherwise the layout beside the sheets, the one that was
    confirmed for earlier sheets, or what is proposed.

    For example:

    jira-pipeline layout show my_site --out layout.yaml
    """
    from jira_pipeline.sessions.layouts import layouts_used_before, open_layout

    work = open_layout(pipeline, session_key)
    used_before = [] if work.is_settled else [*layouts_used_before(pipeline, work.upload)]
    screen.answer(json_object(work) | {"used_before": used_before})
    _print_layout(screen, work, out=out)
    error_screen = _error_screen(screen)
    error_screen.say(_origin_text(work))
    _show_unsettled(error_screen, work, is_all=is_all)
    for used in used_before:
        error_screen.say(
            f"The layout of session {used.session_key} ({used.site_name}, confirmed by "
            f"{used.confirmed_by}) leaves nothing to settle here."
        )


def propose(
    screen: Screen,
    session_key: OptionalKeyArgument = None,
    *,
    folder: FolderOption = None,
    out: OutOption = None,
    is_without_model: Annotated[
        bool,
        "--without-model",
        "Propose by names and headers alone, even if a model is configured.",
    ] = False,
    is_all: AllOption = False,
) -> None:
    """Print what is proposed for worksheets as YAML, and what that leaves to settle.

    A worksheet is proposed as a sheet of the specification by its name and headers alone. Where a
    model writes the tickets of the session, it is asked about the worksheets whose headers are not
    known: it sees headers, first rows and merges, and can only point at cells. Nothing is saved.
    Change the file where it is wrong, check it, and save it.

    For example:

    jira-pipeline layout propose my_site --out layout.yaml
    jira-pipeline layout propose --folder Specification.xlsx
    """
    from jira_pipeline.sheets.layouts.layout_checks import proposed_for_folder

    limits = reading_limits(load_limits())
    error_screen = _error_screen(screen)
    proposed = _apply(
        screen,
        session_key,
        folder,
        of_session=partial(_propose_for_session, error_screen, is_without_model=is_without_model),
        of_folder=partial(proposed_for_folder, limits=limits),
    )
    screen.answer(proposed)
    _print_layout(screen, proposed, out=out)
    _show_model_answer(error_screen, proposed, is_all=is_all)
    _show_unsettled(error_screen, proposed, is_all=is_all)


def check(
    screen: Screen,
    key_and_file: KeyAndFileArguments,
    *,
    folder: FolderOption = None,
    is_all: AllOption = False,
) -> None:
    """Say what a layout in a file would leave to settle; nothing is saved.

    Ends with exit code 3 where something is left.

    For example:

    jira-pipeline layout check my_site layout.yaml
    jira-pipeline layout check layout.yaml --folder my_site
    """
    from jira_pipeline.sessions.layouts import apply_layout
    from jira_pipeline.sheets.layouts.layout_checks import applied_to_folder
    from jira_pipeline.sheets.layouts.layout_files import read_layout

    session_key, file = _key_and_file(key_and_file)
    layout = read_layout(read_layout_file(file), file_name=file.name)
    limits = reading_limits(load_limits())
    checked = _apply(
        screen,
        session_key,
        folder,
        of_session=partial(apply_layout, layout=layout),
        of_folder=partial(applied_to_folder, layout, limits=limits),
    )
    screen.answer(checked)
    tables = checked.checks.reading.tables
    rows = [(table.file.name, SHEET_NAMES[table.file.sheet], len(table.rows)) for table in tables]
    screen.table(("worksheet", "sheet", "rows"), rows)
    _show_unsettled(screen, checked, is_all=is_all)
    if not checked.is_settled:
        raise typer.Exit(ExitCode.USER_MUST_ACT)


def _key_and_file(arguments: Sequence[str]) -> tuple[str | None, Path]:
    """Return the key of the session, None for none, and the file that a command names.

    Raises:
        typer.BadParameter: There are more or fewer than these two.
    """
    match arguments:
        case [file]:
            return None, Path(file)
        # Earlier versions took the file first.
        case [file, session_key] if Path(file).is_file() and not Path(session_key).is_file():
            return session_key, Path(file)
        case [session_key, file]:
            return session_key, Path(file)
        case _:
            raise typer.BadParameter("give the KEY of a session and a FILE, or a FILE and --folder")


def save(
    session_key: KeyArgument,
    file: Annotated[
        Path | None, "[FILE]", "The layout; without it, the one that `layout show` prints."
    ] = None,
    *,
    revision: RevisionOption = None,
    is_confirmed: Annotated[
        bool, "--confirm", "Confirm the layout: the sheets are read by it from now on."
    ] = False,
    not_read: Annotated[
        list[str] | None,
        "--not-read CELL",
        "With --confirm: a cell that is left to settle and is known not to be read, such as "
        "Fields!B12; repeat it for others.",
    ] = None,
    replaces_all: Annotated[
        bool, "--replace", "With --confirm: replace the sheets even if no tickets remain."
    ] = False,
    is_all: AllOption = False,
    is_json: JsonOption = False,
) -> None:
    """Save a layout as the draft of a session; with --confirm, the session is read by it.

    A draft changes nothing. A layout that leaves something to settle is confirmed only if each cell
    of that is named with --not-read.

    For example:

    jira-pipeline layout save my_site layout.yaml
    jira-pipeline layout save my_site layout.yaml --confirm
    jira-pipeline layout save my_site --confirm --not-read "Fields!B12"
    """
    if file is None and not is_confirmed:
        raise typer.BadParameter("give the FILE to save, or --confirm, or both")
    from jira_pipeline.sessions.layouts import confirm_layout, open_layout

    with run_pipeline_command(is_json=is_json) as (screen, pipeline):
        if file is not None:
            revision = _save_file(screen, pipeline, session_key, file, revision=revision)
        work = open_layout(pipeline, session_key)
        if not is_confirmed:
            screen.answer(work)
            _show_unsettled(screen, work, is_all=is_all)
            return

        def confirm_now() -> "UploadOutcome":
            return confirm_layout(
                pipeline,
                session_key,
                revision=work.revision if revision is None else revision,
                accepting=not_read or (),
                sheets_shown=work.session.sheets_shown,
                replaces_all=replaces_all,
                by=current_person(),
            )

        if not not_read:
            _show_unsettled(screen, work, is_all=is_all)
        key = show_upload(screen, pipeline, confirm_now, session_key=session_key, is_all=is_all)
    write_tickets_if_wanted(key)


def discard(
    screen: Screen,
    pipeline: "Pipeline",
    session_key: KeyArgument,
    *,
    revision: RevisionOption = None,
) -> None:
    """Discard the draft of a session's layout; what was confirmed stays as it is.

    For example:

    jira-pipeline layout discard my_site
    """
    from jira_pipeline.sessions.layouts import discard_layout, revision_to_change

    by = current_person()
    draft_revision = revision_to_change(pipeline, session_key, revision, by=by)
    discard_layout(pipeline, session_key, revision=draft_revision, by=by)
    screen.answer({"session_key": session_key, "revision": draft_revision})
    screen.say(f"The draft of session {session_key} is discarded.")
    screen.say(f"jira-pipeline layout undo {session_key} brings it back.")


def undo(
    screen: Screen,
    pipeline: "Pipeline",
    session_key: KeyArgument,
    *,
    revision: RevisionOption = None,
) -> None:
    """Take the last change of the draft of a session's layout back; run it again for the one before.

    For example:

    jira-pipeline layout undo my_site
    """
    from jira_pipeline.sessions.layouts import revision_to_change, undo_layout_change

    by = current_person()
    draft_revision = revision_to_change(pipeline, session_key, revision, by=by)
    undone = undo_layout_change(pipeline, session_key, revision=draft_revision, by=by)
    screen.answer(
        {"session_key": session_key, "undone": undone.description, "revision": undone.revision}
    )
    screen.say(f"Undone: {undone.description or 'the last change'}.")


def _propose_for_session(
    error_screen: Screen, pipeline: "Pipeline", session_key: str, *, is_without_model: bool
) -> "LayoutWork":
    """Return the layout that the model of a session proposes, and say how far it is meanwhile.

    Without a model it is what the names and headers of the worksheets alone say.
    """
    from jira_pipeline.sessions.layouts import propose_layout
    from jira_pipeline.sessions.model_layouts import model_of, propose_by_model

    if is_without_model or model_of(pipeline, session_key) is None:
        return propose_layout(pipeline, session_key)
    return propose_by_model(
        pipeline,
        session_key,
        on_start=lambda estimate: error_screen.say(str(estimate)),
        on_round=lambda this_round: error_screen.say(str(this_round)),
    )


def _show_model_answer(error_screen: Screen, proposed: "AppliedLayout", *, is_all: bool) -> None:
    """Show what of a model's answer no cell proves, what was refused, and what the answer cost.

    Nothing is shown of a layout that no model proposed.
    """
    from jira_pipeline.sessions.model_layouts import ModelLayoutWork

    if not isinstance(proposed, ModelLayoutWork):
        return
    if not proposed.round_count:
        error_screen.say("The headers of all worksheets are known, so no model was asked.")
        return
    if proposed.reason:
        error_screen.say(proposed.reason)
    if proposed.statements:
        error_screen.say(
            "The model says what no cell proves; whoever confirms the layout answers for it:"
        )
        _show_first_lines(error_screen, proposed.statements, is_all=is_all)
    if proposed.refused:
        error_screen.say("Not taken of its answer, since it may only point at cells:")
        _show_first_lines(error_screen, proposed.refused, is_all=is_all)
    error_screen.say(f"Proposing it took {spending_text(proposed.spending)}.")


def _show_first_lines(screen: Screen, lines: Sequence[str], *, is_all: bool) -> None:
    """Show the first lines of a list, and how many more there are; or all of them."""
    shown_lines = lines if is_all else lines[:_LINES_SHOWN]
    for line in shown_lines:
        screen.say(f"  {line}")
    more_count = len(lines) - len(shown_lines)
    if more_count:
        screen.say(f"  and {more_count:,} more; --all shows them.")


def _save_file(
    screen: Screen, pipeline: "Pipeline", session_key: str, file: Path, *, revision: int | None
) -> int:
    """Save the layout of a file as the draft of a session, and return its revision."""
    from jira_pipeline.sessions.layouts import revision_to_change, save_layout
    from jira_pipeline.sheets.layouts.layout_files import read_layout

    by = current_person()
    layout = read_layout(read_layout_file(file), file_name=file.name)
    draft_revision = revision_to_change(pipeline, session_key, revision, by=by)
    draft = save_layout(pipeline, session_key, layout, revision=draft_revision, by=by)
    screen.say(f"Saved as revision {draft.revision} of the layout of session {session_key}.")
    return draft.revision


def _apply(
    screen: Screen,
    session_key: str | None,
    folder: Path | None,
    *,
    of_session: "Callable[[Pipeline, str], AppliedLayout]",
    of_folder: "Callable[[Path], AppliedLayout]",
) -> "AppliedLayout":
    """Return what a layout makes of the worksheets of a session or of a folder.

    Raises:
        typer.BadParameter: Neither of them is named, or both.
    """
    match session_key, folder:
        case str(), None:
            with run_pipeline_command(is_json=screen.is_json) as (_, pipeline):
                return of_session(pipeline, session_key)
        case None, Path():
            refuse_unreadable(folder)
            return of_folder(folder)
        case _:
            raise typer.BadParameter("give either the KEY of a session or --folder")


def _error_screen(screen: Screen) -> Screen:
    """Return a screen that writes to standard error, since standard output may go to a file."""
    return replace(screen, out=screen.err)


def _print_layout(screen: Screen, applied: "AppliedLayout", *, out: Path | None) -> None:
    """Write a layout as YAML to a file, or to standard output where programs do not get JSON."""
    from jira_pipeline.sheets.layouts.layout_files import layout_yaml

    text = layout_yaml(applied.layout)
    if out is not None:
        write_file(out, text.encode())
        screen.say(f"Written to {out}.")
    elif not screen.is_json:
        for line in text.splitlines():
            screen.say_unwrapped(line)


def _origin_text(work: "LayoutWork") -> str:
    """Return a sentence that says where the layout comes from."""
    from jira_pipeline.sessions.layouts import LayoutOrigin

    match work.origin:
        case LayoutOrigin.DRAFT:
            assert work.draft is not None  # noqa: S101 - of this origin
            return f"The draft of {work.draft.saved_by}, revision {work.revision}."
        case LayoutOrigin.UPLOADED:
            return "The layout beside the sheets."
        case LayoutOrigin.BY_MODEL:
            return "Proposed by a model; not saved yet."
        case LayoutOrigin.USED_BEFORE:
            return "The layout that was confirmed for earlier sheets; the rest is proposed."
        case _:
            return "Proposed by the names and headers of worksheets; not saved yet."


def _show_unsettled(screen: Screen, applied: "AppliedLayout", *, is_all: bool) -> None:
    """Show what a layout leaves to settle with all other findings, and how much it is."""
    findings = [*applied.upload.findings, *applied.checks.findings]
    show_findings(screen, findings, files=(), is_all=is_all)
    count = len(applied.checks.unsettled)
    if count:
        screen.say(f"{format_count(count, 'thing')} left to settle.")
    else:
        screen.say("Nothing is left to settle.")
