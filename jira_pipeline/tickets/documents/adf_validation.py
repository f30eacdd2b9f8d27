"""Fourth stage: every ticket is rendered as Jira would get it and checked.

Belongs here: checking documents and attachments, the report of it as rows
and as Markdown; whether tickets hold every cell of their rows, and nothing else, in two proofs: the
tables against the rows, the document against the tables, with nothing of how either was made. Does not: the rules of documents (`jira/adf`), validating a session
(`review/approvals`), whether it may be exported (`export/gate`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from jira_pipeline.context.states import writing_again
from jira_pipeline.jira.adf import AdfNode, adf_to_text, validate_adf
from jira_pipeline.jira.adf.schema import is_sendable_text
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import Entity, Status
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import GateError, GateRule, unknown_ticket
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.ticket_links import as_cards
from jira_pipeline.model.ticket_validations import AttachmentStatus, BrokenRule, TicketValidation
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.tickets.documents.configuration_tables import (
    JOINED_BY,
    ConfigurationTable,
    TableRow,
    tables_of,
)
from jira_pipeline.tickets.documents.document_tables import SAME_FOR_ALL
from jira_pipeline.tickets.documents.rendering import character_reduction

ATTACHMENT_MAX_BYTES = 1_000_000
"""The full text, as Markdown."""
ANY_ISSUE = "https://issue.invalid/browse/ANY-1"
"""In the place of every other ticket's issue: a card may be where its title is, never more often."""
VIOLATIONS_LISTED = 5
"""In the message of a ticket; the report holds more."""
VIOLATIONS_KEPT = 50
"""In the store, of one ticket."""


def refuse_without_rows(
    tickets: Sequence[Ticket],
    groups: Collection[str],
    *,
    source_word: SourceWord = SourceWord.SHEETS,
) -> None:
    """Stop where a ticket has no rows to show: other sheets were uploaded since it was written.

    `groups` are the keys of those the sheets have.
    """
    missing = [ticket.title for ticket in tickets if ticket.group_key not in groups]
    if missing:
        raise GateError(
            f"Re-validation required: the {source_word} no longer contain "
            f"{missing[0]}{f' and {len(missing) - 1} more' if len(missing) > 1 else ''}.",
            rule=GateRule.STALE,
            recovery_actions=(
                writing_again(tickets[0].session_key, source_word=source_word).action,
            ),
        )


def verdict_on(rendered: RenderedTicket, *, body_max_bytes: int) -> TicketValidation:
    """Return the result of checking a ticket: from when it was rendered, else checked now."""
    return rendered.verdict or check_ticket(rendered, body_max_bytes=body_max_bytes)


def check_tickets(
    rendered: Sequence[RenderedTicket], *, numbers: Collection[int], body_max_bytes: int
) -> tuple[TicketValidation, ...]:
    """Check the tickets of some numbers and store nothing; a validation is of a whole session."""
    by_number = {candidate.ticket.number: candidate for candidate in rendered}
    unknown = sorted(set(numbers) - by_number.keys())
    if unknown:
        session_key = rendered[0].ticket.session_key if rendered else ""
        raise unknown_ticket(session_key=session_key, ticket=str(unknown[0]))
    chosen = [by_number[number] for number in sorted(set(numbers))]
    return tuple(verdict_on(ticket, body_max_bytes=body_max_bytes) for ticket in chosen)


def check_ticket(rendered: RenderedTicket, *, body_max_bytes: int) -> TicketValidation:
    """Check one rendered ticket: document, size, attachment."""
    document = rendered.document_naming(as_cards(lambda _: ANY_ISSUE))
    violations = tuple(validate_adf(document)[:VIOLATIONS_KEPT])
    size_bytes = rendered.largest_bytes
    attachment = _attachment_verdict(rendered, document)

    faults = list(_document_faults(violations))
    faults += _size_faults(size_bytes, body_max_bytes)
    faults += attachment.faults
    messages = [fault.message for fault in faults]
    fixes = dict.fromkeys(fault.fix for fault in faults if fault.fix)

    ticket = rendered.ticket
    revision = ticket.revision
    return TicketValidation(
        ticket_id=ticket.ticket_id,
        title=ticket.title,
        is_passed=not faults,
        rendered_hash=rendered.rendered_hash,
        adf_size_bytes=size_bytes,
        character_reduction=character_reduction(rendered),
        error_message="; ".join(messages),
        suggested_fix=" ".join(fixes),
        is_attachment_checked=rendered.attachment is not None,
        attachment_status=attachment.status,
        revision=revision.number,
        content_hash=revision.content_hash,
        violations=violations,
    )


class _Fault(NamedTuple):
    """What is wrong with a rendered ticket."""

    message: str
    fix: str
    """What to do about it; empty where nobody can say."""


def _document_faults(violations: Sequence[BrokenRule]) -> Iterator[_Fault]:
    """Yield the first violations of the schema, and how many there are beside these."""
    for violation in violations[:VIOLATIONS_LISTED]:
        yield _Fault(f"{violation.path}: {violation.message}", violation.suggested_fix)
    if len(violations) > VIOLATIONS_LISTED:
        yield _Fault(f"and {len(violations) - VIOLATIONS_LISTED} more", "")


def _size_faults(size_bytes: int, body_max_bytes: int) -> Iterator[_Fault]:
    if size_bytes > body_max_bytes:
        yield _Fault(
            f"the body has {size_bytes} bytes; Jira accepts {body_max_bytes}",
            "Shorten the text sections; tables are already in the attachment.",
        )


class _AttachmentVerdict(NamedTuple):
    """What the attachment of a ticket is like, with what is wrong with it."""

    status: AttachmentStatus
    faults: tuple[_Fault, ...] = ()


def _attachment_verdict(
    rendered: RenderedTicket, document: Mapping[str, object]
) -> _AttachmentVerdict:
    """Check what would be uploaded, as far as that can be known without a site."""
    if rendered.attachment is None:
        return _AttachmentVerdict(AttachmentStatus.NONE)
    name, text = rendered.attachment
    if not (is_sendable_text(name) and is_sendable_text(text)):
        fault = _Fault(
            "the attachment contains half a character (a lone surrogate), which cannot be sent",
            "Delete the character in the source or in the text section.",
        )
        return _AttachmentVerdict(AttachmentStatus.NOT_WRITABLE, (fault,))
    size_bytes = len(text.encode())
    if size_bytes > ATTACHMENT_MAX_BYTES:
        fault = _Fault(
            f"the attachment has {size_bytes} bytes; the limit is {ATTACHMENT_MAX_BYTES}",
            "Split the rows into several bundles or shorten their notes.",
        )
        return _AttachmentVerdict(AttachmentStatus.TOO_LARGE, (fault,))
    if name not in adf_to_text(dict(document)):
        fault = _Fault(
            f"the body does not name its attachment {name}",
            "Shorten the text sections so that the body has room for the file name.",
        )
        return _AttachmentVerdict(AttachmentStatus.NOT_NAMED, (fault,))
    return _AttachmentVerdict(AttachmentStatus.OK)


COLUMNS = ("no.", "ticket", "status", "bytes", "characters", "attachment", "message", "fix")
REPORT_ROWS = 200
"""Rows of the Markdown report; a page in a browser gets slow with more."""
_MARKED = re.compile(r"([\\|`*_<>\[\]#~])")


def ordered_results(results: Sequence[TicketValidation]) -> list[TicketValidation]:
    """Put failed tickets first, then the largest."""
    return sorted(results, key=lambda r: (r.is_passed, -r.adf_size_bytes, r.title))


def result_object(result: TicketValidation, *, number: int | None) -> dict[str, object]:
    """Write one result for other programs; names are part of the public surface."""
    shown = json_object(result)
    return {"ticket_id": shown.pop("ticket_id"), "number": number} | shown


def report_rows(
    results: Sequence[TicketValidation], *, numbers: Mapping[str, int]
) -> list[tuple[str, ...]]:
    """Write the results as rows of `COLUMNS`, in the order given."""
    rows: list[tuple[str, ...]] = []
    for result in results:
        characters = ""
        if result.character_reduction:
            characters = f"{-result.character_reduction:+,}"
        row = (
            str(numbers.get(result.ticket_id) or ""),
            result.title,
            result.status,
            f"{result.adf_size_bytes:,}",
            characters,
            result.attachment_upload_status,
            result.error_message,
            result.suggested_fix,
        )
        rows.append(row)
    return rows


def report_markdown(results: Sequence[TicketValidation], *, numbers: Mapping[str, int]) -> str:
    """Write the report as a Markdown table, with a line before it that says how it went."""
    failed = sum(not result.is_passed for result in results)
    words = f"{len(results)} tested, {len(results) - failed} passed, {failed} failed."
    shown = ordered_results(results)[:REPORT_ROWS]
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    for row in report_rows(shown, numbers=numbers):
        rows.append(tuple(map(_markdown_cell, row)))
    lines = [f"| {' | '.join(row)} |" for row in rows]
    rest = len(results) - len(shown)
    if rest:
        lines.append(f"\n… and {rest} more that passed.")
    return "\n".join([words, "", *lines])


def _markdown_cell(text: str) -> str:
    """Return a text on one line, its Markdown escaped."""
    return _MARKED.sub(r"\\\1", " ".join(text.split()))


Cell = tuple[str, int, str, str]
"""File, line, column, text."""


def table_faults(
    written: Iterable[tuple[Ticket, AdfNode]], *, groups: Mapping[str, EntityGroup]
) -> tuple[str, ...]:
    """Return a sentence for every cell that a ticket's whole document lacks or invents."""
    faults = []
    for ticket, document in written:
        for fault in _faults_of(document, groups[ticket.group_key]):
            faults.append(f"ticket {ticket.number}: {fault}")
    return tuple(faults)


def table_discrepancies(
    group: EntityGroup, tables: Sequence[ConfigurationTable]
) -> tuple[str, ...]:
    """Return a sentence for each cell that no table shows and each shown cell that is in no row.

    A row is found by its line, of several there, as in a matrix, the one with most of the cells; a
    cell counts only in a table for the row's status. Where a table row is made of several lines, a
    cell is either the same for all or their texts joined.
    """
    group = group.as_in_sheet
    stated: set[Cell] = set()
    need_not_be_shown: set[Cell] = set()
    for row in group.sources:
        file = row.source.file
        line = row.source.line
        for column, text in row.cells.items():
            if text:
                stated.add((file, line, column, text))
        # Tables show our word for approved only beside rows with another status.
        if row.is_plainly_approved:
            need_not_be_shown.add((file, line, STATUS_COLUMN, Status.APPROVED.value))

    by_line = group_by(group.sources, lambda row: (row.source.file, row.source.line))
    shown: set[Cell] = set()
    for table in tables:
        for table_row in table.rows:
            shown.update(_cells_shown(table, table_row, by_line))

    unshown = stated - shown - need_not_be_shown
    lost = [f"{_place_of(cell)} is in no table of {group.key}" for cell in sorted(unshown)]
    invented = [f"{_place_of(cell)} is in no row of {group.key}" for cell in sorted(shown - stated)]
    return tuple(lost + invented)


def _cells_shown(
    table: ConfigurationTable,
    table_row: TableRow,
    by_line: Mapping[tuple[str, int], Sequence[Entity]],
) -> Iterator[Cell]:
    """Yield the cells of the lines that a row of a table is made of, as it shows them.

    A table row made of several lines shows their texts joined, or one text that is the same in all.
    """
    shown_cells = [*zip(table.columns, table_row.cells, strict=True), *table.same_for_all]
    rows = []
    for line in table_row.lines:
        rows_of_line = by_line.get((table.file, line), ())
        rows.append(_row_with_most_of(shown_cells, rows_of_line))
    for column, text in shown_cells:
        if not text:
            continue
        texts_of_rows = {_text_in(row, column) for row in rows}
        is_joined = len(rows) > 1 and texts_of_rows == {*text.split(JOINED_BY)}
        for line, row in zip(table_row.lines, rows, strict=True):
            if row is None or row.status in table.statuses:
                shown_text = _text_in(row, column) if is_joined else text
                yield table.file, line, column, shown_text


def _text_in(row: Entity | None, column: str) -> str:
    return "" if row is None else row.cell(column)


def _row_with_most_of(cells: Sequence[tuple[str, str]], rows: Sequence[Entity]) -> Entity | None:
    """Return the row that has most of these cells, the first of equals; None without rows."""

    def count_in(row: Entity) -> int:
        return sum(row.cell(column) == text for column, text in cells)

    return max(rows, key=count_in, default=None)


def values_in_document(document: AdfNode) -> frozenset[str]:
    """Return the text of every table cell and every value that is the same for all."""
    values: set[str] = set()
    stack: list[AdfNode] = [document]
    while stack:
        node = stack.pop()
        if node["type"] in {"tableCell", "tableHeader"}:
            blocks = (block.get("content", ()) for block in node["content"])
            values.add("\n".join(map(_text_of, blocks)))
        elif node["type"] == "paragraph":
            values.update(_same_for_all_values(node))
        else:
            stack.extend(node.get("content", ()))
    return frozenset(values)


def _faults_of(document: AdfNode, group: EntityGroup) -> Iterator[str]:
    """Yield what the tables lack or invent of the rows, then what the document lacks of the tables."""
    tables = tables_of(group)
    yield from table_discrepancies(group, tables)
    shown = values_in_document(document)
    for table in tables:
        values: list[str] = []
        for row in table.rows:
            values += filter(None, row.cells)
        values += [value for _, value in table.same_for_all]
        for value in values:
            # line ends of all kinds are shown alike
            if value.replace("\r\n", "\n").replace("\r", "\n") not in shown:
                yield f"{table.title} lacks {value!r}"


def _text_of(nodes: Iterable[AdfNode]) -> str:
    """Return the text of inline nodes, with a line end for each hard break."""
    texts = []
    for node in nodes:
        is_break = node["type"] == "hardBreak"
        texts.append("\n" if is_break else node.get("text", ""))
    return "".join(texts)


def _same_for_all_values(paragraph: AdfNode) -> Iterator[str]:
    """Yield the runs of text between the strong labels of a paragraph of values."""
    first, *others = paragraph.get("content") or [{}]
    if first.get("text") != SAME_FOR_ALL:
        return
    for is_label, nodes in groupby(others, key=lambda node: bool(node.get("marks"))):
        if not is_label:
            yield _text_of(nodes)


def _place_of(cell: Cell) -> str:
    """Name a cell as sentences do: `Fields.csv, line 12, column Label: “Hull”`."""
    file, line, column, text = cell
    return f"{file}, line {line}, column {column}: “{text[:60]}”"
