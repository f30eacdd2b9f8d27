"""The text of a ticket, changed and compared at a terminal: `tickets edit` and `tickets diff`.

Belongs here: starting an editor, and what is kept of a text that was refused. Does not: the change
(`review/revisions`).
"""

import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Annotated

import click
import typer
from rich.text import Text

from jira_pipeline.cli.console import Screen, literal
from jira_pipeline.cli.context import (
    NumberArgument,
    changed_cell_lines,
    content_of,
    current_person,
    show_outcome,
)
from jira_pipeline.model.actions import advice
from jira_pipeline.model.errors import InputError, PipelineError, StoreError
from jira_pipeline.model.revisions import PART_NAMES
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review import revisions
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import (
    PART_MAX_BYTES,
    TicketEdit,
    changed_parts,
    html_of_text,
    markdown_of_part,
)
from jira_pipeline.review.ticket_reading import compared_revisions

_LINE_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def edit(
    screen: Screen,
    session: OpenSession,
    number: NumberArgument,
    *,
    title: Annotated[str | None, "--title TEXT", "The new title."] = None,
    part: Annotated[str | None, "--part NAME", f"One of {', '.join(PART_NAMES)}."] = None,
    file: Annotated[
        Path | None,
        "--file FILE",
        "The new text: Markdown, or HTML in a .html file; - reads standard input. "
        "Without this option, the section opens in your editor ($VISUAL, $EDITOR).",
    ] = None,
    revision: Annotated[
        int | None, "--revision N", "Refuse if the ticket has a newer revision.", {"min": 1}
    ] = None,
) -> None:
    """Change a ticket's title or one of its text sections.

    For example:

    jira-pipeline tickets edit my_site 12 --title "Configure clocks"
    jira-pipeline tickets edit my_site 12 --part notes
    jira-pipeline tickets edit my_site 12 --part notes --file notes.md
    """
    if part is None and (title is None or file is not None):
        fault = "name the section that the file is for" if file else "name it, or give a --title"
        raise typer.BadParameter(fault, param_hint="--part")
    if part is not None and part not in PART_NAMES:
        fault = f"{part!r} is not a section; use one of {', '.join(PART_NAMES)}"
        raise typer.BadParameter(fault, param_hint="--part")

    ticket = session.ticket(number)
    by = current_person()
    typed = _edited_in_editor(ticket, part) if part and file is None else None
    try:
        parts = {}
        if part and file is not None:
            parts[part] = _part_from(file, part=part)
        elif part and typed is not None:
            parts = changed_parts({part: typed.strip()}, ticket.revision)
        revised = revisions.edit(
            session, ticket, TicketEdit(title=title, parts=parts), revision=revision, by=by
        )
    except PipelineError as error:
        if typed is not None:
            note = advice(f"Your text was saved to {_save_refused_text(typed, ticket)}.")
            error.recovery_actions = (*error.recovery_actions, note)
        raise
    screen.answer(revised.model_dump(mode="json"))
    show_outcome(screen, session, revised)


def diff(
    screen: Screen,
    session: OpenSession,
    number: NumberArgument,
    revisions: Annotated[
        list[int] | None,
        "[FROM] [TO]",
        "Revision numbers; by default, the first and the current one.",
    ] = None,
) -> None:
    """Compare two revisions of a ticket, and show the cells that have changed since it was edited.

    For example:

    jira-pipeline tickets diff my_site 12 1 3
    """
    if revisions and len(revisions) > 2:  # noqa: PLR2004 - two sides
        raise typer.BadParameter("name at most two revisions")

    before, *after = revisions or [1]
    comparison = compared_revisions(session, number, before=before, after=next(iter(after), None))
    screen.answer(comparison)
    if screen.is_json:
        return
    for revision in comparison.revisions:
        origin = revision.origin.value.replace("_", " ")
        screen.say(
            f"{revision.number}  {revision.created_at:%F %H:%M}  {origin} by {revision.author}"
        )
    screen.out.rule(
        literal(f"revision {comparison.before.number} → {comparison.after.number}", style="bold")
    )
    for difference in comparison.differences:
        shown = Text(f"{difference.part}\n", style="bold")
        for line in difference.lines:
            shown.append(f"{line}\n", style=_LINE_STYLES.get(line[:1], "default"))
        screen.out.print(shown)
    same = "" if comparison.differences else "They are identical."
    screen.say(same, *changed_cell_lines(comparison.ticket))


def _edited_in_editor(ticket: Ticket, part: str) -> str | None:
    """Open a part of a ticket as Markdown in the person's editor, and return the text.

    None where they leave it as it is.

    Raises:
        InputError: There is no editor to start.
    """
    text = markdown_of_part(str(getattr(ticket.revision.parts, part)))
    try:
        edited = click.edit(f"{text}\n", extension=".md", require_save=True)
    except (click.ClickException, ValueError) as error:  # also a name that is no command line
        raise InputError(
            f"Ticket {ticket.number} is unchanged: {error}.",
            recovery_actions=(
                "Set VISUAL or EDITOR to your editor.",
                "Or pass the new text with --file.",
            ),
        ) from error
    if edited is None or edited.strip() == text.strip():
        return None
    return edited


def _save_refused_text(text: str, ticket: Ticket) -> Path:
    """Write a text that was typed and refused to a new file, and return its path.

    That is in the current folder, or else in the one for temporary files.

    Raises:
        StoreError: It can be written to neither; the error has the text.
    """
    name = f"{ticket.session_key}-{ticket.number}.edited"
    for folder in (Path.cwd(), Path(tempfile.gettempdir())):
        with suppress(OSError):  # a folder nobody may write to: the next one
            path = folder / f"{name}.md"
            for number in count(2):
                if not path.exists():
                    break
                path = folder / f"{name}-{number}.md"
            path.write_text(text, encoding="utf-8")
            return path
    raise StoreError(
        "The text cannot be saved: neither this folder nor the temporary folder is writable. It "
        f"reads:\n{text}",
        recovery_actions=("Copy the text from here.",),
    )


def _part_from(file: Path, *, part: str) -> str:
    """Return the HTML of a part whose new text is in a file, or on standard input for `-`.

    An empty file empties the part.
    """
    advice = "Name a text file in UTF-8."
    try:
        if str(file) == "-":
            text = typer.get_text_stream("stdin").read(PART_MAX_BYTES + 1)
        else:
            text = content_of(file, max_bytes=PART_MAX_BYTES, advice=advice).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} cannot be read: {error}.", recovery_actions=(advice,)) from error
    return html_of_text(text, part=part, is_html=file.suffix.lower() in {".html", ".htm"})
