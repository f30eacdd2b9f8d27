"""The commands `tickets list`, `tickets show` and `hours`: what the tickets of a session say.

Belongs here: tables of tickets, and how a ticket's document looks in a terminal. Does not: the Markdown
of a document (`jira/adf`), changing tickets (`ticket_editing`), deciding about them (`verb_commands`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.table import Table
from typing_extensions import override

from jira_pipeline.cli.console import Screen, literal
from jira_pipeline.cli.context import (
    LARGEST_NUMBER,
    changed_cell_lines,
    choosing_tickets,
    layout_needed_text,
    write_file,
)
from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.jira.adf import AdfNode, adf_to_markdown
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import format_count, place_text
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.ticket_decisions import LEFT_OUT, Exclusion
from jira_pipeline.model.tickets import NAMED_IN_JIRA, ListedTicket, Ticket, unconfirmed_withdrawals
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import shown_changes
from jira_pipeline.review.ticket_reading import (
    WholeTicket,
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
                *_assignee_and_sprint(session, ticket),
                ticket.estimated_hours,
                ticket.unanswered_count or "",
                _reasons_to_look(ticket),
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
    screen.say(f"{total}, {tally.ready} ready.{unknown}", layout_needed_text(session))
    if proposed:
        word = session.stored.source_word
        screen.say(f"{format_count(len(proposed), 'ticket')} no longer in the {word}:")
        for way_out in ways_out(session.stored):
            screen.say(f"- {action_text(way_out)}")


def _assignee_and_sprint(session: "OpenSession", ticket: Ticket | ListedTicket) -> Iterator[str]:
    """Yield the assignee and the sprint of a ticket, each marked where Jira does not know it."""
    unknown_fields = session.unknown_of(ticket)
    for field in NAMED_IN_JIRA:
        name = getattr(ticket, field) or ""
        yield f"{name} (unknown)" if field in unknown_fields else name


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
    """Show a ticket whose rows are gone: what people decided about it, and what brings it back."""
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
    """Show what people should know of a ticket before its document: why it waits, who wrote it, changes."""
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
    for numbered_change in shown_changes(ticket):
        change = numbered_change.change
        kind = change.kind.value.replace("_", " ")
        note = ""
        if change.warning:
            note = f" (not proven: {change.warning})"
        elif change.refused:
            note = f" (left out: {change.refused})"
        elif numbered_change.can_be_taken_out:
            note = " (proposed: the ticket still says it)"
        screen.say(f"Change {numbered_change.number}, {kind}: {change.text}{note}")


def _exclusion_text(exclusion: Exclusion) -> str:
    """Return how a ticket is left out of the export, why, and who was asked about what."""
    words = [f"{exclusion.state.label.capitalize()}: {exclusion.reason}"]
    if exclusion.about:
        words.append(exclusion.about)
    if exclusion.to:
        words.append(f"asked: {exclusion.to}")
    return "; ".join(words)


def _reasons_to_look(ticket: ListedTicket) -> str:
    """Return why somebody should look at a ticket; blank where there is no reason."""
    reasons = {
        "source changed": ticket.is_source_changed,
        "by the template": ticket.is_fallback,
        "no longer in the sheets": ticket.withdrawal is not None,
    }
    return ", ".join(reason for reason, holds in reasons.items() if holds)


class _WholeTable(TableElement):
    """A table that wraps cells wider than their column, where the library would cut them."""

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
    """Return a document for a terminal; nothing of it is cut."""
    markdown = _WholeMarkdown(literal(adf_to_markdown(document)).plain, hyperlinks=False)
    for token in markdown.parsed:
        for inline in token.children or ():
            if inline.content == "<br>":  # what Markdown breaks a line of a cell with
                inline.type = "hardbreak"
            elif inline.type == "code_inline":  # a machine name would be a word of its label
                inline.content = f"`{inline.content}`"
    return markdown
