"""Commands that change tickets: edit, assign, order, depend, rollback, take-back, diff."""

import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer
from rich.text import Text

from jira_pipeline.cli.console import counted, literal
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session, show_next_step
from jira_pipeline.cli.reviewing import (
    EveryOption,
    NumberArgument,
    changed_cell_lines,
    choosing_tickets,
    content_of,
    current_person,
    numbers_in,
    show_change,
    tickets_meant,
)
from jira_pipeline.model.actions import advice
from jira_pipeline.model.errors import InputError, PipelineError, StoreError
from jira_pipeline.model.tickets import PART_NAMES, FieldValue
from jira_pipeline.review.editable_text import changed_parts, markdown_of_part
from jira_pipeline.review.editing import PART_MAX_BYTES, TicketEdit, html_of_html, html_of_markdown
from jira_pipeline.review.ticket_selection import TicketQuery

if TYPE_CHECKING:
    from jira_pipeline.cli.console import Screen
    from jira_pipeline.context.pipeline import Pipeline
    from jira_pipeline.model.tickets import Ticket
    from jira_pipeline.review.decisions import Revised
    from jira_pipeline.sessions.open_session import OpenSession

_FIELDS_OF_PROJECT = {"assignee", "sprint", "priority"}
_LINE_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def edit(
    session_key: SessionArgument,
    number: NumberArgument,
    *,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="The new title.")] = None,
    part: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"One of {', '.join(PART_NAMES)}.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Its new text: Markdown, or HTML in a .html file; - reads standard input. Without "
            "it, your editor ($VISUAL, $EDITOR) opens with the part.",
        ),
    ] = None,
    revision: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Refuse if the ticket has a newer revision."),
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Change the title or a prose part.

    For example:

    jira-pipeline tickets edit my_site 12 --title "Configure clocks"
    jira-pipeline tickets edit my_site 12 --part notes
    jira-pipeline tickets edit my_site 12 --part notes --file notes.md
    """
    if part is None and (title is None or file is not None):
        fault = "name the part that the file is of" if file else "name it, or give a --title"
        raise typer.BadParameter(fault, param_hint="--part")
    if part is not None and part not in PART_NAMES:
        fault = f"{part!r} is no part; there are {', '.join(PART_NAMES)}"
        raise typer.BadParameter(fault, param_hint="--part")
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        ticket = session.ticket(number)
        by = current_person()
        typed = _edited_in_editor(ticket, part) if part and file is None else None
        try:
            parts = {}
            if part and file is not None:
                parts[part] = _part_from(file, part=part)
            elif part and typed is not None:
                parts = changed_parts({part: typed.strip()}, ticket.revision)
            wanted = TicketEdit(title=title, parts=parts)
            kept = decisions.edit(session, ticket, wanted, revision=revision, by=by)
        except PipelineError as error:
            if typed is not None:
                note = advice(f"Your text is kept in {_kept_text(typed, ticket)}.")
                error.recovery_actions = (*error.recovery_actions, note)
            raise
        _show_revision(screen, pipeline, session, kept)


@choosing_tickets
def assign(
    session_key: SessionArgument,
    wanted: TicketQuery | None,
    *,
    is_all: EveryOption = False,
    assignee: Annotated[
        str | None, typer.Option(metavar="WHO", help="E-mail address or name; empty clears.")
    ] = None,
    sprint: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the sprint; empty clears.")
    ] = None,
    priority: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the priority; empty clears.")
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="All labels, separated by commas; empty clears."),
    ] = None,
    parent: Annotated[
        str | None, typer.Option(metavar="KEY", help="Key of the epic or parent; empty clears.")
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Set assignee, sprint, priority, labels or parent of many tickets at once.

    For example:

    jira-pipeline tickets assign my_site 3-5 9 --labels drupal,views
    jira-pipeline tickets assign my_site --group Views --sprint "SBX Sprint 2"
    """
    given: dict[str, FieldValue] = {
        "assignee": assignee,
        "sprint": sprint,
        "priority": priority,
        "parent": parent,
    }
    if labels is not None:
        from jira_pipeline.review.fields import labels_in

        given["labels"] = labels_in(labels)
    fields = {name: value for name, value in given.items() if value is not None}
    if not fields:
        raise typer.BadParameter("name at least one field, such as --assignee")
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        chosen = tickets_meant(session, wanted, is_all=is_all)
        meant = [ticket.number for ticket in chosen]
        decided = decisions.assign(session, meant, fields=fields, by=current_person())
        screen.answer(decided.to_json())
        screen.say(f"{counted(decided.count, 'ticket')} of {len(chosen)} changed.")
        if fields.keys() & _FIELDS_OF_PROJECT and any(fields.values()):
            screen.say(
                f"Whether the project has them: jira-pipeline check-project --session {session_key}"
            )
        show_change(screen, pipeline, session, changed=decided.changed)


def order(
    session_key: SessionArgument,
    numbers: Annotated[
        list[str],
        typer.Argument(metavar="N N...", help="Numbers of two or more, in the order wanted."),
    ],
    *,
    is_json: JsonOption = False,
) -> None:
    """Put tickets of one display group into an order; what they wait for still comes first.

    For example:

    jira-pipeline tickets order my_site 14 12 13
    """
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        wanted = numbers_in(numbers)
        if len(set(wanted)) != len(wanted) or len(wanted) < 2:  # noqa: PLR2004 - an order of one is none
            raise typer.BadParameter("name two tickets or more, each once")
        decided = decisions.order(session, wanted, by=current_person())
        chosen = decided.chosen
        screen.answer(decided.to_json())
        screen.say(f"{counted(decided.count, 'ticket')} moved.")
        waiting = [
            f"{t.number} waits for {o.number}"
            for place, t in enumerate(chosen)
            for o in chosen[place + 1 :]
            if o.ticket_id in t.depends_on
        ]
        if waiting:
            screen.say(f"Still created in the order of dependencies: {', '.join(waiting)}.")
        show_next_step(screen, pipeline, session_key)


def depend(
    session_key: SessionArgument,
    number: NumberArgument,
    others: Annotated[
        list[str], typer.Argument(metavar="ON...", help="Numbers of those it waits for.")
    ],
    *,
    is_not: Annotated[bool, typer.Option("--not", help="Remove these dependencies.")] = False,
    is_json: JsonOption = False,
) -> None:
    """Make a ticket wait for others, or no longer; tickets that would wait in a circle are named.

    For example:

    jira-pipeline tickets depend my_site 12 5
    jira-pipeline tickets depend my_site 12 5 --not
    """
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        on, by = numbers_in(others), current_person()
        waits = decisions.depend(session, number, on, is_not=is_not, by=by)
        screen.answer(waits.to_json())
        if waits.changed:
            named = ", ".join(str(other.number) for other in waits.changed)
            verb = "no longer waits" if is_not else "waits"
            screen.say(f"Ticket {number} {verb} for {named}.")
        show_change(screen, pipeline, session, changed=[waits.ticket] if waits.changed else [])


def rollback(
    session_key: SessionArgument,
    number: NumberArgument,
    *,
    to: Annotated[
        int,
        typer.Option(
            "--to", metavar="N", help="Number of the revision; `tickets diff` lists them."
        ),
    ],
    is_json: JsonOption = False,
) -> None:
    """Bring back an earlier revision as a new one; nothing is lost.

    For example:

    jira-pipeline tickets rollback my_site 12 --to 1
    """
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        ticket = session.ticket(number)
        kept = decisions.roll_back(session, ticket, to=to, revision=None, by=current_person())
        _show_revision(screen, pipeline, session, kept, source=f", as revision {to} was")


def take_back(
    session_key: SessionArgument,
    number: NumberArgument,
    change: Annotated[
        int, typer.Argument(metavar="CHANGE", help="Its number; `tickets show` lists them.")
    ],
    *,
    is_json: JsonOption = False,
) -> None:
    """Take one change of a model back, as a new revision; the others stay.

    For example:

    jira-pipeline tickets take-back my_site 12 3
    """
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        ticket = session.ticket(number)
        kept = decisions.take_back(session, ticket, change, revision=None, by=current_person())
        source = f", without change {change} of the model"
        _show_revision(screen, pipeline, session, kept, source=source)


def diff(
    session_key: SessionArgument,
    number: NumberArgument,
    revisions: Annotated[
        list[int] | None,
        typer.Argument(
            metavar="[FROM] [TO]",
            help="Numbers of revisions; default: the first and the current one.",
        ),
    ] = None,
    *,
    is_json: JsonOption = False,
) -> None:
    """Compare two revisions of a ticket, and show the cells that changed since its text was edited.

    For example:

    jira-pipeline tickets diff my_site 12 1 3
    """
    if revisions and len(revisions) > 2:  # noqa: PLR2004 - two sides
        raise typer.BadParameter("name at most two revisions")
    from jira_pipeline.review.ticket_reading import compared_revisions

    with opened_session(session_key, is_json=is_json) as (screen, _, session):
        before, *after = revisions or [1]
        found = compared_revisions(session, number, before=before, after=next(iter(after), None))
        screen.answer(found.to_json())
        if screen.is_json:
            return
        for revision in found.known:
            origin = revision.origin.value.replace("_", " ")
            screen.say(
                f"{revision.number}  {revision.created_at:%F %H:%M}  {origin} by {revision.author}"
            )
        screen.out.rule(
            literal(f"revision {found.before.number} → {found.after.number}", style="bold")
        )
        for difference in found.differences:
            shown = Text(f"{difference.part}\n", style="bold")
            for line in difference.lines:
                shown.append(f"{line}\n", style=_LINE_STYLES.get(line[:1], "default"))
            screen.out.print(shown)
        if not found.differences:
            screen.say("They are identical.")
        for line in changed_cell_lines(found.ticket):
            screen.say(line)


def _show_revision(
    screen: "Screen",
    pipeline: "Pipeline",
    session: "OpenSession",
    kept: "Revised",
    *,
    source: str = "",
) -> None:
    """Say which revision a ticket has now."""
    screen.answer(kept.to_json())
    if kept.is_changed:
        screen.say(f"Ticket {kept.ticket.number} has revision {kept.revision.number} now{source}.")
    show_change(screen, pipeline, session, changed=[kept.ticket] if kept.is_changed else [])


def _edited_in_editor(ticket: "Ticket", part: str) -> str | None:
    """Let a person edit a part, as Markdown; None where they leave it as it is."""
    text = markdown_of_part(str(getattr(ticket.revision.parts, part)))
    try:
        edited = click.edit(f"{text}\n", extension=".md", require_save=True)
    except (click.ClickException, ValueError) as error:  # also a name that is no command line
        raise InputError(
            f"Ticket {ticket.number} is as it was: {error}.",
            recovery_actions=(
                "Name your editor in VISUAL or EDITOR.",
                "Or give a new text without it, with --file.",
            ),
        ) from error
    return None if edited is None or edited.strip() == text.strip() else edited


def _kept_text(text: str, ticket: "Ticket") -> Path:
    """Keep what somebody wrote and could not be used: nothing typed is lost."""
    name = f"{ticket.session_key}-{ticket.number}.edited"
    for folder in (Path.cwd(), Path(tempfile.gettempdir())):
        free = (folder / f"{name}{'' if n == 1 else f'-{n}'}.md" for n in count(1))
        with suppress(OSError):  # a folder nobody may write to: the next one
            path = next(path for path in free if not path.exists())
            path.write_text(text, encoding="utf-8")
            return path
    raise StoreError(
        "The text cannot be kept: neither this folder nor the one for temporary files can be "
        f"written. It says:\n{text}",
        recovery_actions=("Copy the text from here.",),
    )


def _part_from(file: Path, *, part: str) -> str:
    """Read the new text of a part; an empty file empties the part."""
    advice = "Name a text file in UTF-8."
    try:
        if str(file) == "-":
            text = typer.get_text_stream("stdin").read(PART_MAX_BYTES + 1)
        else:
            text = content_of(file, max_bytes=PART_MAX_BYTES, advice=advice).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} cannot be read: {error}.", recovery_actions=(advice,)) from error
    is_html = file.suffix.lower() in {".html", ".htm"}
    return html_of_html(text, part=part) if is_html else html_of_markdown(text, part=part)
