"""The body of a ticket's page: the whole ticket with its source rows, and what Jira will hold of it.

Belongs here: how the document becomes HTML whose rows know the rows of the sheets; the description
and the file that an issue gets. Does not: what is in the document (`documents/rendering`), the
head of the page and its forms (`ticket`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup
from starlette.responses import Response

from jira_pipeline.adf import AdfNode, adf_to_html
from jira_pipeline.documents.adf_validation import verdict_on
from jira_pipeline.documents.configuration_tables import ConfigurationTable
from jira_pipeline.documents.rendering import PAGE_LINKS, ShorterPart, WrittenTables
from jira_pipeline.errors import WrongUseError
from jira_pipeline.flow.open_session import OpenSession
from jira_pipeline.kernel.entities import Entity
from jira_pipeline.kernel.line_numbers import lines_and_rows, lines_in_words
from jira_pipeline.kernel.rendered_tickets import RenderedTicket
from jira_pipeline.kernel.ticket_links import Naming, written_out
from jira_pipeline.kernel.tickets import Ticket
from jira_pipeline.look.rendering import as_shown

COLUMNS_MAX = 12
"""A table with more is wider than the page: it scrolls in a box of its own."""
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_TABLE = re.compile(r'<table class="adf-table"><tbody>(.*?)</tbody></table>', re.DOTALL)
_LAST_CELL = re.compile(r"<td><p>([^<]*)</p></td>\Z")
_HEADING = "</h3>"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfFile:
    """The rows of one file that a ticket is made of, each with its place among all of them."""

    file: str
    rows: tuple[tuple[int, Entity], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketBody:
    """What a page says of a ticket's document, whatever fields a ticket has."""

    html: Markup
    """The whole of it."""
    row_files: tuple[RowsOfFile, ...]
    file_name: str
    """Of the attachment; empty where the issue holds all of it."""
    file_characters: int
    shorter: tuple[ShorterPart, ...]
    is_passed: bool
    fault: str
    suggested_fix: str
    adf_size_bytes: int


def body_of(opened: OpenSession, rendered: RenderedTicket, tables: WrittenTables) -> TicketBody:
    """Return a whole ticket with the rows it is made of."""
    group = tables.group.as_in_sheet
    rows = (*group.heads, *group.members)
    places = _Places(rows)
    naming = _naming(opened)
    whole = opened.whole_of(rendered, tables)
    html = "".join(
        _html_of(part.blocks, naming)
        if part.table is None
        else _table_html(adf_to_html(_document(part.blocks)), part.table, places)
        for part in whole.parts(tables)
    )
    checked = verdict_on(rendered, body_max_bytes=opened.settings.adf_body_max_bytes)
    name, text = rendered.attachment or ("", "")
    return TicketBody(
        html=as_shown(html),
        row_files=tuple(_by_file(rows)),
        file_name=name,
        file_characters=len(text),
        shorter=whole.shorter,
        is_passed=checked.is_passed,
        fault=checked.error_message,
        suggested_fix=checked.suggested_fix,
        adf_size_bytes=checked.adf_size_bytes,
    )


def description_html(opened: OpenSession, rendered: RenderedTicket) -> Markup:
    """Return what the description of the issue will hold."""
    document = rendered.document_naming(_naming(opened))
    return as_shown(adf_to_html(document, links=PAGE_LINKS))


def file_of(opened: OpenSession, ticket: Ticket) -> Response:
    """Answer with the file that an issue gets beside its description.

    Raises:
        WrongUseError: The description holds all of the ticket.
    """
    rendered = opened.rendered_of([ticket])[0]
    if rendered.attachment is None:
        raise WrongUseError(f"Ticket {ticket.number} has no file: its issue holds all of it.")
    name, text = rendered.attachment
    return Response(
        text,
        media_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class _Places:
    """Where the rows of a table are among the source rows of its ticket."""

    def __init__(self, rows: Sequence[Entity]) -> None:
        self._rows = rows
        self._by_line: dict[tuple[str, int], list[int]] = {}
        for place, row in enumerate(rows, start=1):
            self._by_line.setdefault((row.source.file, row.source.line), []).append(place)

    def of(self, table: ConfigurationTable, at: int) -> list[int]:
        """Return the places of one row; of several rows in a line, those that say the same."""
        row, found = table.rows[at], []
        cells = [*zip(table.columns, row.cells, strict=True)]
        for line in row.lines:
            of_line = self._by_line.get((table.file, line), [])
            alike = [p for p in of_line if all(self._rows[p - 1].cell(c) == v for c, v in cells)]
            found += alike if len(of_line) > 1 else of_line
        return found


def _naming(opened: OpenSession) -> Naming:
    return opened.ticket_names(lambda number: f"/sessions/{opened.key}/tickets/{number}")


def _html_of(blocks: Sequence[AdfNode], naming: Naming) -> str:
    return adf_to_html(written_out(_document(blocks), naming), links=PAGE_LINKS)


def _document(blocks: Sequence[AdfNode]) -> AdfNode:
    return {"type": "doc", "content": [*blocks]}


def _table_html(html: str, table: ConfigurationTable, places: _Places) -> str:
    """Let a table say which file it is of, and its rows which source rows they show."""
    of_rows = [places.of(table, at) for at in range(len(table.rows))]
    origin = f"<code>{escape(table.file)}</code>"
    if table.is_transposed and of_rows:
        words = ", ".join(lines_in_words(row.lines, row.records) for row in table.rows)
        origin = f"{_linked(f'{origin}, {words}', of_rows[0])}"
    by_line: dict[str, list[int]] = {}
    for row, found in zip(table.rows, of_rows, strict=True):
        by_line.setdefault(lines_and_rows(row.lines, row.records), []).extend(found)

    def rows_in(written: re.Match[str]) -> str:
        rows = _ROW.findall(written[1])
        if table.is_transposed:
            at = _marks(of_rows[0] if of_rows else ())
            body = "".join(f"<tr{at}>{row}</tr>" for row in rows)
            return _boxed(table.title, f"<tbody>{body}</tbody>", columns=2)
        head, *rest = rows
        is_main = len(rest) == len(of_rows)
        body = "".join(
            _row_html(row, of_rows[at] if is_main else None, by_line) for at, row in enumerate(rest)
        )
        inside = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        return _boxed(table.title, inside, columns=head.count("<th"), rows=len(rest))

    heading, end, rest = html.partition(_HEADING)
    rest = _TABLE.sub(rows_in, rest).replace("<td><p>", "<td>").replace("</p></td>", "</td>")
    return f'{heading}{end}<p class="origin legend">{origin}</p>{rest}'


def _row_html(row: str, places: Sequence[int] | None, by_line: Mapping[str, list[int]]) -> str:
    """Write a row whose last cell, its line, leads to its source row."""
    last = _LAST_CELL.search(row)
    if last is None:
        return f"<tr>{row}</tr>"
    found = by_line.get(last[1], []) if places is None else places
    return f"<tr{_marks(found)}>{row[: last.start()]}<td>{_linked(last[1], found)}</td></tr>"


def _marks(places: Sequence[int]) -> str:
    return f' data-rows="{" ".join(map(str, places))}"' if places else ""


def _linked(html: str, places: Sequence[int]) -> str:
    return f'<a href="#row-{places[0]}">{html}</a>' if places else html


def _boxed(title: str, inside: str, *, columns: int, rows: int = 0) -> str:
    """Put a table into its box; what is wider than a page scrolls in it, and keys scroll it."""
    count = f' data-row-count="{rows}"' if rows else ""
    table = f"<table{count}>{inside}</table>"
    if columns <= COLUMNS_MAX:
        return f'<div class="table" data-title="{escape(title)}">{table}</div>'
    named = f'aria-label="{escape(title)}" data-title="{escape(title)}"'
    return f'<div class="table wide" tabindex="0" role="region" {named}>{table}</div>'


def _by_file(rows: Sequence[Entity]) -> Iterator[RowsOfFile]:
    files: dict[str, list[tuple[int, Entity]]] = {}
    for place, row in enumerate(rows, start=1):
        files.setdefault(row.source.file, []).append((place, row))
    for file, found in files.items():
        yield RowsOfFile(file=file, rows=tuple(found))
