"""Commands that write all tickets into files and read them back: save, load."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import ExitCode, Screen, counted
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.reviewing import (
    content_of,
    current_person,
    remove_file,
    show_change,
    write_text,
    write_texts,
)
from jira_pipeline.errors import InputError, WrongUseError
from jira_pipeline.stages.review.cells import CSV_MAX_BYTES
from jira_pipeline.stages.review.exchange import (
    TicketChange,
    loaded_since,
    read_markdown_files,
    read_tickets_csv,
)
from jira_pipeline.stages.review.loaded_files import (
    LoadedFiles,
    loaded_files_json,
    memory_path_of,
    read_loaded_files,
)
from jira_pipeline.stages.review.saving import (
    SavedSession,
    plan_csv,
    plan_folder,
    refuse_to_lose,
)

if TYPE_CHECKING:
    from jira_pipeline.sessions.open_session import OpenSession

FILE_MAX_BYTES = 5_000_000
_ADVICE = "Name what `jira-pipeline tickets save KEY PATH` wrote."
_PathArgument = Annotated[
    Path, typer.Argument(metavar="PATH", help="A folder of Markdown files, or a .csv file.")
]


def save(
    session_key: SessionArgument,
    path: _PathArgument,
    *,
    is_forced: Annotated[
        bool, typer.Option("--force", help="Overwrite edits that were not loaded.")
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Write all tickets for editing: a Markdown file each, or one CSV with a row each.

    Files of the folder that are not of its tickets stay as they are.

    For example:

    jira-pipeline tickets save my_site texts/
    jira-pipeline tickets save my_site tickets.csv
    """
    from jira_pipeline.sessions.ticket_reading import revisions_of

    with opened_session(session_key, is_json=is_json) as (screen, _, session):
        is_csv = _is_csv(path)
        tickets = session.tickets
        saved = SavedSession(
            tickets=tickets,
            vanished=session.vanished,
            groups={} if is_csv else session.groups_of(tickets),
            revisions=partial(revisions_of, session),
            loaded=_loaded_files(path),
        )
        folder = path.parent if is_csv else path
        plan = (
            plan_csv(saved, path.name, _csv_content(path) if path.exists() else None)
            if is_csv
            else plan_folder(saved, _existing_texts(path))
        )
        if not is_forced:
            refuse_to_lose(plan, session_key=session_key, place=str(path))
        write_texts({folder / name: plan.files[name] for name in plan.written})
        for name in plan.removed:
            remove_file(folder / name)
        remove_file(memory_path_of(path))
        screen.answer(
            {
                "session_key": session_key,
                "files": [str(folder / name) for name in plan.files],
                "removed": [str(folder / name) for name in plan.removed],
            }
        )
        files = counted(len(plan.files), "file")
        screen.say(f"{counted(len(tickets), 'ticket')} in {files}: {path}")
        for name in plan.removed:
            screen.say(f"Removed, its ticket is gone or has another title: {name}")
        screen.say(f"Next: edit, then jira-pipeline tickets load {session_key} {path}")


def load(
    session_key: SessionArgument,
    path: _PathArgument,
    *,
    is_plan: Annotated[
        bool, typer.Option("--plan", help="Show what would change; change nothing.")
    ] = False,
    is_whole: Annotated[
        bool,
        typer.Option("--all-or-nothing", help="Load nothing if any ticket changed meanwhile."),
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Read edited files back; a ticket that was changed otherwise since is left out and named.

    Where a file cannot be used, nothing is loaded. Files can be edited and loaded again.

    For example:

    jira-pipeline tickets load my_site texts/ --plan
    jira-pipeline tickets load my_site tickets.csv
    """
    from jira_pipeline.sessions.decisions import load_changes

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        loaded = _loaded_files(path)
        changes = _changes_in(path, session, loaded=loaded)
        left_out = () if is_whole else tuple(change for change in changes if change.conflict)
        taken = tuple(change for change in changes if change not in left_out)
        wanted = [change for change in taken if not change.is_empty]
        if is_plan:
            _show_changes(screen, session_key, taken, left_out=left_out)
            screen.say(f"{counted(len(wanted), 'ticket')} would change.")
            return
        changed = load_changes(session, taken if wanted else changes, by=current_person())
        _show_changes(screen, session_key, taken, left_out=left_out)
        show_change(screen, pipeline, session, changed=changed)
        since = loaded_since(taken, session.again().tickets, before=loaded)
        if since != loaded:
            try:
                write_text(memory_path_of(path), loaded_files_json(since))
            except InputError as error:  # everything else is done
                screen.say(
                    f"{error.message} Before you load these files again, save the tickets again."
                )
        if left_out:
            raise typer.Exit(ExitCode.FAILED)


def _changes_in(
    path: Path, session: "OpenSession", *, loaded: LoadedFiles
) -> tuple[TicketChange, ...]:
    from jira_pipeline.sessions.ticket_reading import revisions_of

    tickets, revisions = session.tickets, partial(revisions_of, session)
    if _is_csv(path):
        content = _csv_content(path)
        return read_tickets_csv(
            content, name=path.name, tickets=tickets, revisions=revisions, loaded=loaded
        )
    groups = session.groups
    texts = {file.name: _text_of(file) for file in _files_in(path)}
    if not texts:
        raise WrongUseError(f"{path} holds no file *.md.", recovery_actions=(_ADVICE,))
    return read_markdown_files(texts, tickets, groups, revisions=revisions, loaded=loaded)


def _show_changes(
    screen: Screen,
    session_key: str,
    changes: Sequence[TicketChange],
    *,
    left_out: Sequence[TicketChange],
) -> None:
    wanted = [change for change in changes if not change.is_empty]
    shapes = [
        {
            "number": change.ticket.number,
            "title": change.edit.title,
            "parts": sorted(change.edit.parts),
            "fields": sorted(change.fields),
        }
        for change in wanted
    ]
    screen.answer(
        {
            "session_key": session_key,
            "read": len(changes) + len(left_out),
            "changes": shapes,
            "left_out": [{"number": c.ticket.number, "changed": c.conflict} for c in left_out],
        }
    )
    for change in wanted:
        names = [*(["title"] if change.edit.title else []), *change.edit.parts, *change.fields]
        screen.say(f"Ticket {change.ticket.number}: {', '.join(names)}")
    for change in left_out:
        number = change.ticket.number
        screen.say(
            f"Left out, changed since its file was written {change.conflict}: ticket {number}. "
            f"What changed: jira-pipeline tickets diff {session_key} {number}"
        )
    if left_out:
        screen.say(
            f"Save the tickets elsewhere, make these changes there and load that: "
            f"jira-pipeline tickets save {session_key} OTHER"
        )


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def _csv_content(path: Path) -> bytes:
    return content_of(path, max_bytes=CSV_MAX_BYTES, advice=_ADVICE)


def _existing_texts(folder: Path) -> dict[str, str | None]:
    """Read what is in a folder already, by name; None for a file that cannot be read as text."""
    texts: dict[str, str | None] = {}
    for file in _files_in(folder) if folder.exists() else ():
        try:
            texts[file.name] = _text_of(file)
        except InputError:  # it may be none of ours
            texts[file.name] = None
    return texts


def _loaded_files(path: Path) -> LoadedFiles:
    memory = memory_path_of(path)
    if not memory.is_file():
        return {}
    content = content_of(memory, max_bytes=FILE_MAX_BYTES, advice="Remove it.")
    return read_loaded_files(content, name=str(memory))


def _files_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise WrongUseError(
            f"{folder} is neither a folder nor a .csv file.",
            recovery_actions=("Name a folder of Markdown files, or a .csv file.",),
        )
    return sorted(folder.glob("*.md"))


def _text_of(path: Path) -> str:
    content = content_of(path, max_bytes=FILE_MAX_BYTES, advice=_ADVICE)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8: {error}.", recovery_actions=("Save the files as UTF-8.",)
        ) from error
