"""Commands that write all tickets into files and read them back: save, load."""

from pathlib import Path
from typing import Annotated

import typer

from jira_pipeline.cli.console import counted
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.reviewing import content_of, current_person, tell_change, write_text
from jira_pipeline.errors import InputError
from jira_pipeline.stages.review.cells import CSV_MAX_BYTES
from jira_pipeline.stages.review.exchange import (
    TicketChange,
    apply_changes,
    markdown_files,
    read_markdown_files,
    read_tickets_csv,
    tickets_csv,
)

FILE_MAX_BYTES = 5_000_000
_ADVICE = "Name what `tickets save` wrote."
_PathArgument = Annotated[
    Path, typer.Argument(metavar="PATH", help="A folder of Markdown files, or a .csv file.")
]


def save(session_key: SessionArgument, path: _PathArgument, *, is_json: JsonOption = False) -> None:
    """Write all tickets for editing: a Markdown file each, or one CSV with a row each."""
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        tickets = pipeline.store.tickets.list_all(session_key)
        if path.suffix.lower() == ".csv":
            files = {path: tickets_csv(tickets)}
        else:
            groups = pipeline.contents(session).groups_by_key
            files = {path / name: text for name, text in markdown_files(tickets, groups).items()}
        for target, text in files.items():
            write_text(target, text)
        screen.answer({"session_key": session_key, "files": [str(target) for target in files]})
        screen.say(f"{counted(len(tickets), 'ticket')} in {counted(len(files), 'file')}: {path}")
        screen.say(f"Next: edit, then jira-pipeline tickets load {session_key} {path}")


def load(
    session_key: SessionArgument,
    path: _PathArgument,
    *,
    is_plan: Annotated[
        bool, typer.Option("--plan", help="Say what would change, and change nothing.")
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Read edited files back: all of them, or none where one cannot be used."""
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        tickets = pipeline.store.tickets.list_all(session_key)
        changes: tuple[TicketChange, ...]
        if path.suffix.lower() == ".csv":
            changes = read_tickets_csv(
                content_of(path, max_bytes=CSV_MAX_BYTES, advice=_ADVICE),
                name=path.name,
                tickets=tickets,
                revisions=pipeline.store.tickets.revisions,
            )
        else:
            groups = pipeline.contents(session).groups_by_key
            changes = read_markdown_files(
                _texts_of(path), tickets, groups, revisions=pipeline.store.tickets.revisions
            )
        wanted = [change for change in changes if not change.is_empty]
        told = [
            {
                "number": change.ticket.number,
                "title": change.edit.title,
                "parts": sorted(change.edit.parts),
                "fields": sorted(change.fields),
            }
            for change in wanted
        ]
        screen.answer({"session_key": session_key, "read": len(changes), "changes": told})
        for change in wanted:
            names = [*(["title"] if change.edit.title else []), *change.edit.parts, *change.fields]
            screen.say(f"Ticket {change.ticket.number}: {', '.join(names)}")
        if is_plan:
            screen.say(f"{counted(len(wanted), 'ticket')} would change.")
            return
        changed = apply_changes(
            changes,
            session_key=session_key,
            reviews=pipeline.store.reviews,
            by=current_person(),
            at=pipeline.clock.now(),
        )
        tell_change(screen, pipeline, session, action="load", changed=changed)


def _texts_of(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise InputError(
            f"{folder} is neither a folder nor a .csv file.",
            recovery_actions=(_ADVICE,),
        )
    try:
        return {
            p.name: content_of(p, max_bytes=FILE_MAX_BYTES, advice=_ADVICE).decode("utf-8")
            for p in sorted(folder.glob("*.md"))
        }
    except UnicodeDecodeError as error:
        raise InputError(
            f"A file in {folder} is not UTF-8: {error}.",
            recovery_actions=("Save the files as UTF-8.",),
        ) from error
