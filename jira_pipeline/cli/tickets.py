"""Commands about what the tickets of a session say: list, show, hours, edit, diff.

Belongs here: how a ticket's document looks in a terminal, too. Does not: its Markdown (`jira/adf`),
what people decide about tickets (`verb_commands`).
"""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Annotated, ClassVar

import click
import typer
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.table import Table
from rich.text import Text
from typing_extensions import override

from jira_pipeline.cli.console import Screen, literal
from jira_pipeline.cli.context import (
    LARGEST_NUMBER,
    NumberArgument,
    changed_cell_lines,
    choosing_tickets,
    content_of,
    current_person,
    show_outcome,
    what_is_waited_for,
    write_file,
)
from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.jira.adf import AdfNode, adf_to_markdown
from jira_pipeline.model.actions import action_text, advice
from jira_pipeline.model.entities import SourceWord
from jira_pipeline.model.errors import InputError, PipelineError, StoreError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import format_count, place_text
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.tickets import (
    LEFT_OUT,
    NAMED_IN_JIRA,
    PART_NAMES,
    Exclusion,
    ListedTicket,
    Ticket,
    unconfirmed_withdrawals,
)
from jira_pipeline.review import revisions
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import (
    PART_MAX_BYTES,
    TicketEdit,
    changed_parts,
    html_of_text,
    markdown_of_part,
    shown_changes,
)
from jira_pipeline.review.ticket_reading import (
    WholeTicket,
    compared_revisions,
    listed_page,
    placed_tickets,
    whole_ticket,
)
from jira_pipeline.review.ticket_selection import TicketQuery
from jira_pipeline.review.withdrawals import VanishedTicket, ways_out

_COLUMNS = (
    "no.",
    "title",
    "group",
    "issue",
    "ready",
    "waits for",
    "assignee",
    "sprint",
    "hours",
    "questions",
    "look at",
)


@choosing_tickets
def list_tickets(
    screen: Screen,
    session: "OpenSession",
    wanted: TicketQuery | None,
    *,
    limit: Annotated[
        int | None,
        "--limit N",
        "Show at most this many tickets.",
        {"min": 1, "max": LARGEST_NUMBER},
    ] = None,
    offset: Annotated[
        int, "--offset N", "Skip this many tickets first.", {"min": 0, "max": LARGEST_NUMBER}
    ] = 0,
    is_with_withdrawn: Annotated[
        bool, "--withdrawn", "Include tickets withdrawn because they are no longer in the sheets."
    ] = False,
) -> None:
    """List a session's tickets in the order set by people, or else in build order.

    Tickets that are no longer in the sheets come last.

    For example:

    jira-pipeline tickets list my_site 3 7-9
    jira-pipeline tickets list my_site --group Views --title-has archive
    jira-pipeline tickets list my_site --readiness waiting --assigned-to ""
    """
    proposed = unconfirmed_withdrawals(session.vanished_tickets)
    tickets = listed_page(
        session,
        wanted,
        without_rows=session.vanished_tickets if is_with_withdrawn else proposed,
        offset=offset,
        limit=limit,
    )
    if screen.is_json:
        screen.answer(placed_tickets(session, tickets))
        return
    places = session.places_of(tickets)
    numbers = {ticket.ticket_id: ticket.number for ticket in session.vanished_tickets}
    numbers |= {ticket.ticket_id: ticket.number for ticket in session.listed}
    rows = []
    for ticket in tickets:
        place = places[ticket.ticket_id]
        rows.append(
            (
                ticket.number,
                ticket.title,
                ticket.display_group.value,
                place.jira_key or place.state.label,
                "yes" if ticket.is_ready else "",
                ", ".join(str(numbers[ticket_id]) for ticket_id in ticket.depends_on),
                *_named_in_jira(session, ticket),
                ticket.estimated_hours,
                ticket.unanswered_count or "",
                _look_at(ticket),
            )
        )
    screen.table(_COLUMNS, rows)
    listed_count = sum(ticket.withdrawal is None for ticket in tickets)
    tally = session.tally
    total = format_count(tally.total, "ticket")
    if listed_count != tally.total:
        total = f"{listed_count} shown of {total}"
    unknown = ""
    unknown_count = session.unknown_count
    if unknown_count:
        unknown = f" {unknown_count} with an assignee or sprint not known to Jira."
    screen.say(f"{total}, {tally.ready} ready.{unknown}", what_is_waited_for(session))
    if proposed:
        word = session.stored.source_word
        screen.say(f"{format_count(len(proposed), 'ticket')} no longer in the {word}:")
        for way_out in ways_out(session.stored):
            screen.say(f"- {action_text(way_out)}")


def _named_in_jira(session: "OpenSession", ticket: Ticket | ListedTicket) -> Iterator[str]:
    """Yield assignee and sprint, marked where Jira does not know them."""
    unknown = session.unknown_of(ticket)
    for field in NAMED_IN_JIRA:
        yield f"{getattr(ticket, field) or ''}{' (unknown)' if field in unknown else ''}"


def show(
    screen: Screen,
    session: "OpenSession",
    number: Annotated[int | None, "N", "Number of the ticket.", {"max": LARGEST_NUMBER}] = None,
    *,
    is_all: Annotated[
        bool, "--all", "Show every ticket; with --json as JSON Lines, one ticket a line."
    ] = False,
    is_with_rows: Annotated[bool, "--rows", "Also show every cell of the ticket's rows."] = False,
) -> None:
    """Show a ticket as Jira will show it, and the cells that have changed since it was edited.

    For example:

    jira-pipeline tickets show my_site 12
    jira-pipeline tickets show my_site --all --json
    """
    if (number is None) != is_all:
        raise typer.BadParameter("Give the number of a ticket, or --all.")
    vanished = None if number is None else session.vanished_ticket(number)
    if vanished is not None:
        screen.answer(vanished)
        _show_vanished(screen, vanished, source_word=session.stored.source_word)
        return
    numbers = [ticket.number for ticket in session.tickets] if number is None else [number]
    for ticket_number in numbers:
        whole = whole_ticket(session, ticket_number)
        screen.answer(whole, is_line=is_all)
        if screen.is_json:
            continue
        _show_ticket(screen, whole)
        for field, reason in session.unknown_of(whole.ticket).items():
            screen.say(f"Jira has no {field} {getattr(whole.ticket, field)}: {reason}.")
        screen.out.print(rendered_document(whole.rendered.document_naming(session.ticket_names())))
        for row in whole.rows if is_with_rows else ():
            cells = [(name, literal(text)) for name, text in row.cells.items() if text]
            screen.table(("column", "cell"), cells, title=place_text(row.source))


def _show_vanished(screen: Screen, vanished: VanishedTicket, *, source_word: SourceWord) -> None:
    """Show a ticket that is rendered no more: what people said of it, and what brings it back."""
    ticket = vanished.ticket
    screen.say(f"{ticket.number} {ticket.title} is no longer in the {source_word}.")
    screen.say(*vanished.words)
    screen.say(vanished.way_back)
    if vanished.words:
        screen.say(vanished.advice)


def hours(
    screen: Screen,
    session: "OpenSession",
    *,
    csv_file: Annotated[Path | None, "--csv FILE", "Write the table to this file."] = None,
) -> None:
    """Add up the estimated hours in total and by group, kind, sprint, epic and assignee.

    For example:

    jira-pipeline hours my_site
    jira-pipeline hours my_site --csv hours.csv
    """
    refuse_without_tickets(session.stored)
    totals = session.hours
    screen.answer({"session_key": session.key} | json_object(totals))
    if csv_file is not None:
        write_file(csv_file, totals.to_csv().encode())
    for by, sums in totals.distinguishing.items():
        rows = []
        for hour_sum in sums:
            name = hour_sum.name or f"no {by}"
            without = hour_sum.unestimated_count or ""
            rows.append((name, hour_sum.hours, hour_sum.ticket_count, without))
        screen.table((by, "hours", "tickets", "without estimate"), rows)
    screen.say(
        totals.summary, "Estimates cover the rows only: docs/quality.md says what they leave out."
    )


def _show_ticket(screen: Screen, whole: WholeTicket) -> None:
    """Show what people should know of a ticket before they read it."""
    ticket = whole.ticket
    screen.out.rule(literal(f"{ticket.number} · {ticket.title}", style="bold"))
    if ticket.exclusion is not None:
        screen.say(_exclusion_text(ticket.exclusion))
    for other in whole.missing:
        reason = other.exclusion and other.exclusion.reason
        screen.say(
            f"Depends on ticket {other.number} ({other.title}), which is {LEFT_OUT}: {reason}"
        )
    revision = ticket.revision
    if revision.fallback_reason:
        screen.say(
            f"Written by {revision.writer} although a model was configured: "
            f"{revision.fallback_reason}"
        )
    if whole.spending.requests:
        screen.say(f"Writing it took {spending_text(whole.spending)}.")
    screen.say(*changed_cell_lines(ticket))
    remark = whole.remark
    if remark:
        screen.say(f"Remark by {remark.by}, {remark.at:%F %H:%M}: {remark.text}")
    for shown in shown_changes(ticket):
        change = shown.change
        kind = change.kind.value.replace("_", " ")
        note = ""
        if change.warning:
            note = f" (not proven: {change.warning})"
        elif change.refused:
            note = f" (left out: {change.refused})"
        screen.say(f"Change {shown.number}, {kind}: {change.text}{note}")


def _exclusion_text(exclusion: Exclusion) -> str:
    """Say in which way a ticket is left out, why, and who was asked about what."""
    words = [f"{exclusion.state.label.capitalize()}: {exclusion.reason}"]
    if exclusion.about:
        words.append(exclusion.about)
    if exclusion.to:
        words.append(f"asked: {exclusion.to}")
    return "; ".join(words)


def _look_at(ticket: ListedTicket) -> str:
    reasons = {
        "source changed": ticket.is_source_changed,
        "by the template": ticket.is_fallback,
        "no longer in the sheets": ticket.withdrawal is not None,
    }
    return ", ".join(reason for reason, holds in reasons.items() if holds)


class _WholeTable(TableElement):
    """Folds what is wider than its column, which the library cuts."""

    @override
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
            yield table


class _WholeMarkdown(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "table_open": _WholeTable,
    }


def rendered_document(document: AdfNode) -> Markdown:
    """Lay a whole document out; nothing of it is cut."""
    shown = _WholeMarkdown(literal(adf_to_markdown(document)).plain, hyperlinks=False)
    for token in shown.parsed:
        for inline in token.children or ():
            if inline.content == "<br>":  # what Markdown breaks a line of a cell with
                inline.type = "hardbreak"
            elif inline.type == "code_inline":  # a machine name would be a word of its label
                inline.content = f"`{inline.content}`"
    return shown


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
            note = advice(f"Your text was saved to {_kept_text(typed, ticket)}.")
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
    """Let a person edit a part, as Markdown; None where they leave it as it is."""
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
    return None if edited is None or edited.strip() == text.strip() else edited


def _kept_text(text: str, ticket: Ticket) -> Path:
    """Keep what somebody wrote and could not be used: nothing typed is lost."""
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
    """Read the new text of a part; an empty file empties the part."""
    advice = "Name a text file in UTF-8."
    try:
        if str(file) == "-":
            text = typer.get_text_stream("stdin").read(PART_MAX_BYTES + 1)
        else:
            text = content_of(file, max_bytes=PART_MAX_BYTES, advice=advice).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} cannot be read: {error}.", recovery_actions=(advice,)) from error
    return html_of_text(text, part=part, is_html=file.suffix.lower() in {".html", ".htm"})
