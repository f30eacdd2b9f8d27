"""The body of a ticket's page: the whole ticket with its source rows, and what Jira will hold of it.

Belongs here: how the document becomes HTML whose rows know the rows of the sheets; the description
and the file that an issue gets. Does not: what is in the document (`tickets/documents/rendering`),
the head of the page and its forms (`ticket_page`).
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby, islice, pairwise

from markupsafe import Markup
from starlette.responses import Response

from jira_pipeline.drupal.columns import FLAG_COLUMNS, LONGEST_NAMES, PROSE_COLUMNS, content_of
from jira_pipeline.jira.adf import AdfNode, adf_to_html
from jira_pipeline.model.columns import BLANK
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.line_numbers import format_count, lines_and_rows, lines_text
from jira_pipeline.model.look.rendering import as_shown
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.ticket_links import Naming, written_out
from jira_pipeline.model.ticket_validations import TicketValidation
from jira_pipeline.model.tickets import Ticket, ticket_id_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import PART_TITLES
from jira_pipeline.tickets.documents.adf_validation import verdict_on
from jira_pipeline.tickets.documents.configuration_tables import ConfigurationTable, TablePurpose
from jira_pipeline.tickets.documents.rendering import (
    PAGE_LINKS,
    REFERENCES_TITLE,
    ShorterPart,
    WrittenTables,
)

COLUMNS_MANY, COLUMNS_MAX = 9, 14
"""A table with as many has smaller type; one with more is wider than the page, and scrolls."""
ROWS_MAX = 300
"""A table with more scrolls in a window of its own."""
OTHERS_MIN, SAME_ROWS_MIN = 2, 3
"""A row that so many other types have is folded, where so many are."""
_LONG_NAME = re.compile(r"(?<=<td><p>)[A-Za-z0-9_.:]{20,}(?=</p></td>)")
"""A machine name, which may be broken after an underscore."""
_GROUP_COLUMN = "Field group"
_HTML_TAG = re.compile(r"&lt;/?[a-z](?:(?!&[lg]t;).)*&gt;", re.IGNORECASE | re.DOTALL)
"""In a cell, as the site is to show it."""
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_TABLE = re.compile(r'<table class="adf-table"><tbody>(.*?)</tbody></table>', re.DOTALL)
_LAST_CELL = re.compile(r"<td><p>([^<]*)</p></td>\Z")
_HEADING = "</h3>"
_PART = re.compile(rf"<h3>({'|'.join(PART_TITLES.values())})</h3>")
_WHOLE_PART = re.compile(r"<h3\b((?:(?!<h3\b).)*)", re.DOTALL)
_PART_NAMES = {title: name for name, title in PART_TITLES.items()}
_REFERENCES = re.compile(rf"(?:<h3>{REFERENCES_TITLE}</h3>(.*?))?(<hr>.*|\Z)", re.DOTALL)
"""What its rows refer to, their lines and the estimate: the panel beside it says it shorter."""
_NO_PROSE = re.compile(r"(<a .*?</a>|<(?:code|pre)>.*?</(?:code|pre)>|<[^>]*>)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketBody:
    """What a page says of a ticket's document, whatever fields a ticket has."""

    html: Markup
    """The whole of it, save for its questions as a writer lists them: they are answered beside it."""
    row_files: Mapping[str, Sequence[tuple[int, Entity]]]
    """The rows it is made of by their files, each with its place among all of them."""
    file_name: str
    """Of the attachment; empty where the issue holds all of it."""
    shorter: tuple[ShorterPart, ...]
    checked: TicketValidation


def body_of(opened: OpenSession, rendered: RenderedTicket, tables: WrittenTables) -> TicketBody:
    """Return a whole ticket with the rows it is made of."""
    sources = _SourceRows(opened, tables.group.as_in_sheet)
    naming = _naming(opened)
    whole = opened.full_document(rendered, tables)
    first, *others = whole.parts(tables)
    pieces = [""]
    for part in others:
        merged = _with_prose(pieces[-1], part.table, sources)
        if merged:
            pieces[-1] = merged
        elif part.table is not None:
            pieces.append(_table_html(adf_to_html(_document(part.blocks)), part.table, sources))
        elif part.blocks:
            pieces.append(sources.with_named(_html_of(part.blocks, naming)))
    at = _place_of_questions(first.blocks, rendered.ticket)
    blocks = [block for n, block in enumerate(first.blocks) if at is None or n not in (at - 1, at)]
    html = sources.with_named(_html_of(blocks, naming))
    whole_html = _REFERENCES.sub(_folded, "".join([html, *pieces]), count=1)
    return TicketBody(
        html=as_shown(_WHOLE_PART.sub(_with_hash, whole_html)),
        row_files=group_by(enumerate(sources.rows, start=1), lambda row: row[1].source.file),
        file_name=rendered.attachment[0] if rendered.attachment else "",
        shorter=whole.shorter,
        checked=verdict_on(rendered, body_max_bytes=opened.settings.adf_body_max_bytes),
    )


def _with_hash(part: re.Match[str]) -> str:
    """Name what a part says: a browser folds it again while it says what somebody viewed."""
    return f'<h3 data-says="{hashlib.sha256(part[0].encode()).hexdigest()[:12]}"{part[1]}'


def _place_of_questions(blocks: Sequence[AdfNode], ticket: Ticket) -> int | None:
    """Return where the list of open questions is, as a writer made it; None where there is none."""
    for at, (heading, listed) in enumerate(pairwise(blocks), start=1):
        says = "".join(str(piece.get("text", "")) for piece in heading.get("content", ()))
        is_heading = heading["type"] == "heading" and says == PART_TITLES["questions"]
        is_list = listed["type"] == "orderedList"
        if is_heading and is_list and len(listed["content"]) == len(ticket.unanswered):
            return at
    return None


def description_html(opened: OpenSession, rendered: RenderedTicket) -> Markup:
    return as_shown(adf_to_html(rendered.document_naming(_naming(opened)), links=PAGE_LINKS))


def file_of(opened: OpenSession, ticket: Ticket) -> Response:
    """Answer with the file that an issue gets beside its description.

    Raises:
        WrongUseError: The description holds all of the ticket.
    """
    rendered = opened.rendered_of([ticket])[0]
    if rendered.attachment is None:
        raise WrongUseError(f"Ticket {ticket.number} has no file: its issue has the full text.")
    name, text = rendered.attachment
    return Response(
        text,
        media_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class _SourceRows:
    """The source rows of a ticket, and what a table shows of them."""

    def __init__(self, opened: OpenSession, group: EntityGroup) -> None:
        self.rows = (*group.heads, *group.members)
        self._owners = opened.owners_of_rows if group.members else {}
        self._by_line: dict[tuple[str, int], list[int]] = {}
        for place, row in enumerate(self.rows, start=1):
            self._by_line.setdefault((row.source.file, row.source.line), []).append(place)
        self._links = _links_elsewhere(opened, group)
        self._named: dict[str, str] = {}
        """Names with their kind, such as `College (Content type)`: nothing else is called so."""
        if self._links:
            for row in self.rows:
                for reference in row.references:
                    if reference.target_key in self._links and reference.text.endswith(")"):
                        self._named[escape(reference.text)] = self._links[reference.target_key]

    def places_of(self, table: ConfigurationTable, at: int) -> list[int]:
        """Return where one row of it comes from; of several rows in a line, those that say the same."""
        row = table.rows[at]
        lines = []
        cells = [*zip(table.columns, row.cells, strict=True)]
        for line in row.lines:
            of_line = self._by_line.get((table.file, line), [])
            alike = [p for p in of_line if all(self.rows[p - 1].cell(c) == v for c, v in cells)]
            lines += alike if len(of_line) > 1 else of_line
        return lines

    def others_with(self, places: Sequence[int]) -> int:
        """Count the other types that have a row which says the same as the one that is shown."""
        if len(places) != 1:
            return 0
        row = self.rows[places[0] - 1]
        return len(self._owners.get(content_of(row), frozenset()) - {row.owner_key or ""})

    def flags_of(self, columns: Sequence[str], places: Sequence[int]) -> Mapping[str, bool]:
        """Return which settings of a row are on, which off; none where it is not one row."""
        if len(places) != 1:
            return {}
        row = self.rows[places[0] - 1]
        flags = {column: row.flag(column) for column in columns if column in FLAG_COLUMNS}
        return {column: flag for column, flag in flags.items() if flag is not None}

    def with_named(self, html: str) -> str:
        """Link what prose names of other tickets, outside of code and other links."""
        return _with_links(html, self._named)

    def with_links(self, cells: str, columns: Sequence[str], places: Sequence[int]) -> str:
        """Link what cells name of other tickets; `cells` are those of some columns."""
        named: dict[int, dict[str, str]] = {}
        for place in places:
            for reference in self.rows[place - 1].references:
                if reference.target_key in self._links and reference.column in columns:
                    of_column = named.setdefault(columns.index(reference.column) + 1, {})
                    of_column[escape(reference.text)] = self._links[reference.target_key]
        if not named:
            return cells
        parts = cells.split("<td>")
        for at, names in named.items():
            parts[at] = _with_links(parts[at], names)
        return "<td>".join(parts)


def _links_elsewhere(opened: OpenSession, group: EntityGroup) -> dict[str, str]:
    """Return the start tags of links to other tickets, by the key of an entity that each is about."""
    if not group.elsewhere:
        return {}
    listed_by_id = {listed.ticket_id: listed for listed in opened.listed}
    links = {}
    for entity_key, group_key in group.elsewhere.items():
        listed = listed_by_id.get(ticket_id_of(opened.key, group_key))
        if listed is None:
            continue
        title = escape(f"Ticket {listed.number}, {listed.title}")
        address = f"/sessions/{opened.key}/tickets/{listed.number}"
        links[entity_key] = f'<a href="{address}" title="{title}">'
    return links


def _with_links(html: str, links: Mapping[str, str]) -> str:
    """Put links around names in the text of HTML, outside of code and other links."""
    if not any(name in html for name in links):
        return html
    longest_first = sorted(links, key=len, reverse=True)
    names = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    pieces = _NO_PROSE.split(html)
    pieces[::2] = [
        names.sub(lambda name: f"{links[name[0]]}{name[0]}</a>", text) for text in pieces[::2]
    ]
    return "".join(pieces)


def _naming(opened: OpenSession) -> Naming:
    return opened.ticket_names(lambda number: f"/sessions/{opened.key}/tickets/{number}")


def _folded(part: re.Match[str]) -> str:
    inside = "".join(filter(None, part.groups())).replace("<hr>", "")
    words = REFERENCES_TITLE if part[1] else "Source"
    return f'<details class="same"><summary>{words}</summary>{inside}</details>' if inside else ""


def _html_of(blocks: Sequence[AdfNode], naming: Naming) -> str:
    """Write blocks beside the tables; the headings of parts that people edit have their names."""
    html = adf_to_html(written_out(_document(blocks), naming), links=PAGE_LINKS)
    return _PART.sub(lambda h: f'<h3 data-part="{_PART_NAMES[h[1]]}">{h[1]}</h3>', html)


def _document(blocks: Sequence[AdfNode]) -> AdfNode:
    return {"type": "doc", "content": [*blocks]}


def _table_html(html: str, table: ConfigurationTable, sources: _SourceRows) -> str:
    """Let a table say which file it is of, and its rows which source rows they show."""
    places = [sources.places_of(table, at) for at in range(len(table.rows))]
    origin = f"<code>{escape(table.file)}</code>"
    if table.is_transposed and places:
        words = ", ".join(lines_text(row.lines, row.records) for row in table.rows)
        origin = _linked(f"{origin}, {words}", places[0])
    by_line: dict[str, list[int]] = {}
    for row, place in zip(table.rows, places, strict=True):
        by_line.setdefault(lines_and_rows(row.lines, row.records), []).extend(place)

    def rows_in(written: re.Match[str]) -> str:
        rows = _ROW.findall(written[1])
        if table.is_transposed:
            return _transposed_html(table, rows, sources, places[0])
        head, *rest = rows
        written_rows = []
        if len(rest) == len(places):
            for row, place in zip(rest, places, strict=True):
                linked = sources.with_links(row, table.columns, place)
                written_rows.append(_row_html(linked, place))
            others = [sources.others_with(place) for place in places]
            return _with_same_apart(table, head, written_rows, others=others)
        # of some cells of the rows
        for row in rest:
            line = "".join(_LAST_CELL.findall(row))
            written_rows.append(_row_html(row, by_line.get(line, ())))
        inside = f"<thead><tr>{head}</tr></thead><tbody>{''.join(written_rows)}</tbody>"
        return _boxed(table.title, inside, columns=head.count("<th"), rows=len(rest))

    heading, end, rest = _with_tags(html).partition(_HEADING)
    rest = _TABLE.sub(rows_in, rest)
    rest = _LONG_NAME.sub(lambda name: name[0].replace("_", "_<wbr>"), rest)
    rest = rest.replace("<td><p>", "<td>").replace("</p></td>", "</td>")
    return f'{heading}{end}<p class="origin legend">{origin}</p>{rest}'


def _with_tags(html: str) -> str:
    """Set the HTML that cells hold as code: it is text, to be pasted as it is."""
    return _HTML_TAG.sub(r"<code>\g<0></code>", html)


def _transposed_html(
    table: ConfigurationTable, rows: Sequence[str], sources: _SourceRows, places: Sequence[int]
) -> str:
    """Write one setting a line, then those that are on and those that are off."""
    columns = [column for column in table.columns for _ in table.rows]
    flags = sources.flags_of(columns, places)
    lines = []
    for row, column in zip(rows, columns, strict=False):
        if column not in flags:
            lines.append(sources.with_links(row, [column], places))
    for words, is_on in (("On", True), ("Off", False)):
        chips = [_chip(column) for column, flag in flags.items() if flag is is_on]
        if chips:
            lines.append(f"<th>{words}</th><td>{' '.join(chips)}</td>")
    body = "".join(f"<tr{_marks(places)}>{line}</tr>" for line in lines)
    return _boxed(table.title, f"<tbody>{body}</tbody>", columns=2)


def _chip(column: str) -> str:
    """Write a setting by its longest name: headers are shortened."""
    name = escape(LONGEST_NAMES[column])
    return f'<span class="chip" title="{escape(column)}">{name}</span>'


def _with_same_apart(
    table: ConfigurationTable, head: str, rows: Sequence[str], *, others: Sequence[int]
) -> str:
    """Fold the rows that say the same in many other types: what is left is what differs here."""
    same = [at for at, count in enumerate(others) if count >= OTHERS_MIN]

    def shown(chosen: Sequence[int]) -> str:
        some = replace(table, rows=tuple(table.rows[at] for at in chosen))
        inside = _by_group(some, head, [rows[at] for at in chosen])
        return _boxed(table.title, inside, columns=head.count("<th"), rows=len(chosen))

    if len(same) < SAME_ROWS_MIN:
        return shown(range(len(rows)))
    left = [at for at in range(len(rows)) if at not in same]
    named = [f"{escape(table.rows[at].cells[0])} ({others[at]})" for at in same]
    summary = f"{format_count(len(same), 'row')} the same as in other types: {', '.join(named)}"
    folded = f'<details class="same"><summary>{summary}</summary>{shown(same)}</details>'
    return f"{shown(left) if left else ''}{folded}"


def _by_group(table: ConfigurationTable, head: str, rows: Sequence[str]) -> str:
    """Put fields below their groups; nothing moves where a group is in several places of its sheet."""
    as_in_sheet = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    if _GROUP_COLUMN not in table.columns:
        return as_in_sheet
    at = table.columns.index(_GROUP_COLUMN)
    names = [row.cells[at] for row in table.rows]
    runs = [(name, len([*same])) for name, same in groupby(names)]
    group_names = [name for name, _ in runs if name not in BLANK]
    is_in_several_places = len({*group_names}) < len(group_names)
    if is_in_several_places or len(runs) == len(rows):
        return as_in_sheet
    rows_left = iter(rows)
    bodies: list[str] = []
    for name, count in runs:
        body = "".join(_without(row, at, "<td>") for row in islice(rows_left, count))
        words = "" if name in BLANK else escape(name)
        if bodies and not words:  # at the top, rows without a group need no heading
            words = "No field group"
        if words:
            width = len(table.columns)
            heading = f'<th colspan="{width}" scope="rowgroup">{words}</th>'
            body = f'<tr class="group">{heading}</tr>{body}'
        bodies.append(f"<tbody>{body}</tbody>")
    return f"<thead><tr>{_without(head, at, '<th>')}</tr></thead>{''.join(bodies)}"


def _without(cells: str, at: int, tag: str) -> str:
    parts = cells.split(tag)
    return tag.join(parts[: at + 1] + parts[at + 2 :])


def _with_prose(html: str, table: ConfigurationTable | None, sources: _SourceRows) -> str:
    """Put notes and help text below the rows they are about; nothing where one of them is not there.

    In the issue they are a table of their own: there no cell reaches over others.
    """
    if table is None or table.purpose is not TablePurpose.PROSE:
        return ""
    for at, row in enumerate(table.rows):
        begin = html.find(f"<tr{_marks(sources.places_of(table, at)) or ' data-rows'}>")
        if begin < 0:
            return ""
        end = html.index("</tr>", begin) + len("</tr>")
        spoken = "".join(
            f"<p><b>{escape(column.removeprefix('Settings/').capitalize())}</b>"
            f"{_with_tags(escape(cell))}</p>"
            for column, cell in zip(table.columns, row.cells, strict=True)
            if column in PROSE_COLUMNS and cell
        )
        span = html.count("<td>", begin, end)
        more = f'<tr class="more"><td colspan="{span}" class="lines">{spoken}</td></tr>'
        html = html[:end] + more + html[end:]
    return html


def _row_html(row: str, places: Sequence[int]) -> str:
    """Write a row whose last cell, its line, leads to its source row."""
    last = _LAST_CELL.search(row)
    line = "" if last is None else f"<td>{_linked(last[1], places)}</td>"
    return f"<tr{_marks(places)}>{row if last is None else row[: last.start()]}{line}</tr>"


def _marks(places: Sequence[int]) -> str:
    return f' data-rows="{" ".join(map(str, places))}"' if places else ""


def _linked(html: str, places: Sequence[int]) -> str:
    return f'<a href="#row-{places[0]}">{html}</a>' if places else html


def _boxed(title: str, inside: str, *, columns: int, rows: int = 0) -> str:
    """Put a table into its box; what is wider than a page scrolls in it, and keys scroll it."""
    many = " many" if columns >= COLUMNS_MANY else ""
    count = f' data-row-count="{rows}"' if rows else ""
    table = f"<table{count}>{inside}</table>"
    named = f'data-title="{escape(title)}"'
    if columns <= COLUMNS_MAX and rows <= ROWS_MAX:
        return f'<div class="table{many}" {named}>{table}</div>'
    long = " long" if rows > ROWS_MAX else ""
    return f'<div class="table{many} boxed{long}" tabindex="0" role="region" aria-label="{escape(title)}" {named}>{table}</div>'
