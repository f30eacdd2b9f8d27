"""Commands that show the tickets of a session: list, show, and the hours they take.

Belongs here: how a ticket's document looks in a terminal, too. Does not: its Markdown (`jira/adf`),
what people decide about tickets (`verb_commands`), changing what they say (`ticket_changes`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.table import Table
from typing_extensions import override

from jira_pipeline.cli.console import Screen, literal
from jira_pipeline.cli.context import LARGEST_NUMBER
from jira_pipeline.cli.reviewing import (
    changed_cell_lines,
    choosing_tickets,
    write_file,
)
from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.jira.adf import AdfNode, adf_to_markdown
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import counted, place_text
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.tickets import (
    LEFT_OUT,
    NAMED_IN_JIRA,
    ListedTicket,
    Ticket,
    proposed_among,
)
from jira_pipeline.review.model_changes import shown_changes
from jira_pipeline.review.ticket_reading import (
    WholeTicket,
    listed_page,
    placed_tickets,
    whole_ticket,
)
from jira_pipeline.review.ticket_selection import TicketQuery
from jira_pipeline.review.withdrawals import ways_out
from jira_pipeline.sessions.kept_records import ticket_numbers

if TYPE_CHECKING:  # the help of a command loads no store
    from jira_pipeline.review.open_session import OpenSession


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
    proposed = proposed_among(session.vanished)
    tickets = listed_page(
        session,
        wanted,
        without_rows=session.vanished if is_with_withdrawn else proposed,
        offset=offset,
        limit=limit,
    )
    if screen.is_json:
        screen.answer(placed_tickets(session, tickets))
        return
    places, all_numbers = (
        session.places_of(tickets),
        ticket_numbers(session.pipeline, session.key),
    )
    rows = [
        (
            t.number,
            t.title,
            t.display_group.value,
            places[t.ticket_id].jira_key or places[t.ticket_id].state.label,
            "yes" if t.is_ready else "",
            ", ".join(str(all_numbers[i]) for i in t.depends_on),
            *_named_in_jira(session, t),
            t.estimated_hours,
            t.unanswered_count or "",
            _look_at(t),
        )
        for t in tickets
    ]
    columns = (
        *("no.", "title", "group", "issue", "ready", "waits for", "assignee", "sprint"),
        *("hours", "questions", "look at"),
    )
    screen.table(columns, rows)
    listed_count, tally = sum(t.withdrawal is None for t in tickets), session.tally
    shown = "" if listed_count == tally.total else f"{listed_count} shown of "
    unknown = session.unknown_count
    named = f" {unknown} with an assignee or sprint not known to Jira." if unknown else ""
    screen.say(f"{shown}{counted(tally.total, 'ticket')}, {tally.ready} ready.{named}")
    if proposed:
        screen.say(
            f"{counted(len(proposed), 'ticket')} no longer in the {session.stored.source_word}:"
        )
        screen.say(*(f"- {way}" for way in map(action_text, ways_out(session.stored))))


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
    for one in [number] if number is not None else [ticket.number for ticket in session.tickets]:
        _show_whole(screen, session, one, is_line=is_all, is_with_rows=is_with_rows)


def _show_whole(
    screen: Screen, session: "OpenSession", number: int, *, is_line: bool, is_with_rows: bool
) -> None:
    found = whole_ticket(session, number)
    screen.answer(found, is_line=is_line)
    if not screen.is_json:
        _show_ticket(screen, found)
        for field, reason in session.unknown_of(found.ticket).items():
            screen.say(f"Jira has no {field} {getattr(found.ticket, field)}: {reason}.")
        document = found.rendered.document_naming(session.ticket_names())
        screen.out.print(rendered_document(document))
        if is_with_rows:
            for row in found.rows:
                heading = place_text(row.source)
                cells = [(name, literal(text)) for name, text in row.cells.items() if text]
                screen.table(("column", "cell"), cells, title=heading)


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
        rows = [
            (one.name or f"no {by}", one.hours, one.ticket_count, one.unestimated_count or "")
            for one in sums
        ]
        screen.table((by, "hours", "tickets", "without estimate"), rows)
    screen.say(totals.summary)
    screen.say("Estimates cover the rows only: docs/quality.md says what they leave out.")


def _show_ticket(screen: Screen, found: WholeTicket) -> None:
    ticket = found.ticket
    screen.out.rule(literal(f"{ticket.number} · {ticket.title}", style="bold"))
    if ticket.exclusion is not None:
        why = ticket.exclusion
        more = [why.about] * bool(why.about) + [f"asked: {why.to}"] * bool(why.to)
        screen.say("; ".join([f"{why.state.label.capitalize()}: {why.reason}", *more]))
    for other in found.missing:
        screen.say(
            f"Depends on ticket {other.number} ({other.title}), which is {LEFT_OUT}: "
            f"{other.exclusion and other.exclusion.reason}"
        )
    if ticket.revision.fallback_reason:
        screen.say(
            f"Written by {ticket.revision.writer} although a model was configured: "
            f"{ticket.revision.fallback_reason}"
        )
    if found.spending.requests:
        screen.say(f"Writing it took {spending_text(found.spending)}.")
    screen.say(*changed_cell_lines(ticket))
    if remark := found.remark:
        screen.say(f"Remark by {remark.by}, {remark.at:%F %H:%M}: {remark.text}")
    for shown in shown_changes(ticket):
        change = shown.change
        kind = change.kind.value.replace("_", " ")
        beside = f" (left out: {change.refused})" if change.refused else ""
        beside = f" (not proven: {change.warning})" if change.warning else beside
        screen.say(f"Change {shown.number}, {kind}: {change.text}{beside}")


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
