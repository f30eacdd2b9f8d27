"""The body of a ticket's page: the whole ticket with its source rows, and what Jira will hold of it.

The document of a ticket comes in (ADF, Atlassian's JSON for rich text); HTML goes out whose tables know
the rows of the sheets that they show. `adf_to_html` writes plain HTML first, and the functions here put
things into that text: links, anchors, folded parts. A source row of the ticket is named by its place
among all of them, from 1: `<tr data-rows="3 4">` shows the rows at `#row-3` and `#row-4`.

Belongs here: how the document becomes such HTML; the description and the file that an issue gets. Does
not: what is in the document (`tickets/documents/rendering`), the head of the page and its forms
(`ticket_page`).
"""

import hashlib
import re
from collections import defaultdict
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

COLUMNS_MANY = 9
"""A table with so many columns has smaller type."""
COLUMNS_MAX = 14
"""A table with more columns is wider than the page, and scrolls."""
ROWS_MAX = 300
"""A table with more scrolls in a window of its own."""
OTHER_TYPES_MIN = 2
"""A row counts as the same in other types where so many of them have it."""
SAME_ROWS_MIN = 3
"""Such rows are folded where a table has so many of them."""
_LONG_NAME = re.compile(r"(?<=<td><p>)[A-Za-z0-9_.:]{20,}(?=</p></td>)")
"""A machine name, which may be broken after an underscore."""
_GROUP_COLUMN = "Field group"
_HTML_TAG = re.compile(r"&lt;/?[a-z](?:(?!&[lg]t;).)*&gt;", re.IGNORECASE | re.DOTALL)
"""A tag that the text of a cell has, escaped: `&lt;br&gt;`."""
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_TABLE = re.compile(r'<table class="adf-table"><tbody>(.*?)</tbody></table>', re.DOTALL)
_LAST_CELL = re.compile(r"<td><p>([^<]*)</p></td>\Z")
"""The last cell of a row, which says the lines of the sheet that the row is of."""
_END_OF_HEADING = "</h3>"
_EDITED_HEADING = re.compile(rf"<h3>({'|'.join(PART_TITLES.values())})</h3>")
"""The heading of a part that people edit."""
_WHOLE_PART = re.compile(r"<h3\b((?:(?!<h3\b).)*)", re.DOTALL)
"""A heading with all that is below it, up to the next one."""
_PART_NAMES = {title: name for name, title in PART_TITLES.items()}
_REFERENCES = re.compile(rf"(?:<h3>{REFERENCES_TITLE}</h3>(.*?))?(<hr>.*|\Z)", re.DOTALL)
"""The end of a ticket: what its rows refer to, their lines and the estimate.

It is folded: the panel beside it says the same shorter.
"""
_NO_PROSE = re.compile(r"(<a .*?</a>|<(?:code|pre)>.*?</(?:code|pre)>|<[^>]*>)", re.DOTALL)
"""What no link may be put into: other links, code, and tags themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketBody:
    """What a page says of a ticket's document."""

    html: Markup
    """The whole of it without its list of questions: they are answered beside it."""
    row_files: Mapping[str, Sequence[tuple[int, Entity]]]
    """The rows it is made of by their files, each with its place among all of them, from 1."""
    file_name: str
    """Of the attachment; empty where the issue holds all of it."""
    shorter: tuple[ShorterPart, ...]
    """The parts of which the description of the issue has less than the document."""
    checked: TicketValidation
    """Whether Jira would take the description."""


def body_of(opened: OpenSession, rendered: RenderedTicket, tables: WrittenTables) -> TicketBody:
    """Return the document of a ticket as HTML, with the rows it is made of."""
    sources = _SourceRows(opened, tables.group.as_in_sheet)
    naming = _naming(opened)
    whole = opened.full_document(rendered, tables)
    first_part, *further_parts = whole.parts(tables)
    pieces = [""]
    for part in further_parts:
        # Notes about the rows of a table come right after it, and go into it.
        table_with_notes = _with_prose(pieces[-1], part.table, sources)
        if table_with_notes:
            pieces[-1] = table_with_notes
        elif part.table is not None:
            pieces.append(_table_html(adf_to_html(_document(part.blocks)), part.table, sources))
        elif part.blocks:
            pieces.append(sources.with_named(_html_of(part.blocks, naming)))
    blocks = _without_questions(first_part.blocks, rendered.ticket)
    html = sources.with_named(_html_of(blocks, naming))
    whole_html = _REFERENCES.sub(_folded_references, "".join([html, *pieces]), count=1)
    return TicketBody(
        html=as_shown(_WHOLE_PART.sub(_with_hash, whole_html)),
        row_files=group_by(enumerate(sources.rows, start=1), lambda row: row[1].source.file),
        file_name=rendered.attachment[0] if rendered.attachment else "",
        shorter=whole.shorter,
        checked=verdict_on(rendered, body_max_bytes=opened.settings.adf_body_max_bytes),
    )


def _with_hash(part: re.Match[str]) -> str:
    """Give the heading of a part a hash of what the part says.

    A browser remembers by it which parts somebody viewed, and folds a part until it says something else.
    """
    content_hash = hashlib.sha256(part[0].encode()).hexdigest()[:12]
    return f'<h3 data-says="{content_hash}"{part[1]}'


def _without_questions(blocks: Sequence[AdfNode], ticket: Ticket) -> Sequence[AdfNode]:
    """Return blocks without the list of open questions and its heading, where a writer made these."""
    for index, (heading, questions) in enumerate(pairwise(blocks)):
        text = "".join(str(piece.get("text", "")) for piece in heading.get("content", ()))
        is_heading = heading["type"] == "heading" and text == PART_TITLES["questions"]
        is_list = questions["type"] == "orderedList"
        # A list of another length was edited by people: it may say more than the questions beside it.
        if is_heading and is_list and len(questions["content"]) == len(ticket.unanswered):
            return [*blocks[:index], *blocks[index + 2 :]]
    return blocks


def description_html(opened: OpenSession, rendered: RenderedTicket) -> Markup:
    """Return the description that the issue of a ticket gets, as HTML."""
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
    """The source rows of a ticket by their places, from 1, and what a table shows of them."""

    def __init__(self, opened: OpenSession, group: EntityGroup) -> None:
        self.rows = (*group.heads, *group.members)
        self._owners = opened.owners_of_rows if group.members else {}
        self._by_line: dict[tuple[str, int], list[int]] = {}
        for place, row in enumerate(self.rows, start=1):
            self._by_line.setdefault((row.source.file, row.source.line), []).append(place)
        self._links = _links_elsewhere(opened, group)
        self._named: dict[str, str] = {}
        """Links by names with their kind, such as `College (Content type)`: nothing else is called so."""
        if self._links:
            for row in self.rows:
                for reference in row.references:
                    if reference.target_key in self._links and reference.text.endswith(")"):
                        self._named[escape(reference.text)] = self._links[reference.target_key]

    def places_of(self, table: ConfigurationTable, index: int) -> list[int]:
        """Return the places of the source rows that a row of a table is made of.

        A line of the sheet may be several source rows: then those that say what the table's row says.
        """
        row = table.rows[index]
        cells = [*zip(table.columns, row.cells, strict=True)]
        places: list[int] = []
        for line in row.lines:
            places_in_line = self._by_line.get((table.file, line), [])
            if len(places_in_line) > 1:
                places += [place for place in places_in_line if self._says(place, cells)]
            else:
                places += places_in_line
        return places

    def _says(self, place: int, cells: Sequence[tuple[str, str]]) -> bool:
        """Tell whether a source row has all of some cells, each a column and its text."""
        row = self.rows[place - 1]
        return all(row.cell(column) == text for column, text in cells)

    def other_types_count(self, places: Sequence[int]) -> int:
        """Count the other types that have a row which says the same as the one that is shown."""
        if len(places) != 1:  # of several rows together nothing is the same elsewhere
            return 0
        row = self.rows[places[0] - 1]
        return len(self._owners.get(content_of(row), frozenset()) - {row.owner_key or ""})

    def flags_of(self, columns: Sequence[str], places: Sequence[int]) -> Mapping[str, bool]:
        """Return which settings of a source row are on and which off; none where it is not one row."""
        if len(places) != 1:
            return {}
        row = self.rows[places[0] - 1]
        flags: dict[str, bool] = {}
        for column in columns:
            flag = row.flag(column) if column in FLAG_COLUMNS else None
            if flag is not None:
                flags[column] = flag
        return flags

    def with_named(self, html: str) -> str:
        """Link what prose names of other tickets, outside of code and other links."""
        return _with_links(html, self._named)

    def with_links(self, cells: str, columns: Sequence[str], places: Sequence[int]) -> str:
        """Link what the cells of a row name of other tickets.

        `cells` is the HTML of the row, one `<td>` for each of the columns.
        """
        links_by_column: dict[int, dict[str, str]] = defaultdict(dict)
        for place in places:
            for reference in self.rows[place - 1].references:
                if reference.target_key in self._links and reference.column in columns:
                    column_number = columns.index(reference.column) + 1
                    link = self._links[reference.target_key]
                    links_by_column[column_number][escape(reference.text)] = link
        if not links_by_column:
            return cells
        parts = cells.split("<td>")  # the first part is what is before the first cell
        for column_number, links in links_by_column.items():
            parts[column_number] = _with_links(parts[column_number], links)
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
    """Put links around names in the text of HTML, outside of code and other links.

    `links` are the start tags of links by the name that is linked.
    """
    if not any(name in html for name in links):
        return html
    # The longest first: a name may begin as another one does.
    longest_first = sorted(links, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")

    def linked(name: re.Match[str]) -> str:
        return f"{links[name[0]]}{name[0]}</a>"

    pieces = _NO_PROSE.split(html)  # text and what is no prose take turns, text first
    pieces[::2] = [pattern.sub(linked, text) for text in pieces[::2]]
    return "".join(pieces)


def _naming(opened: OpenSession) -> Naming:
    """Return how texts name other tickets: by their title, with a link to the page here."""
    return opened.ticket_names(lambda number: f"/sessions/{opened.key}/tickets/{number}")


def _folded_references(references: re.Match[str]) -> str:
    """Fold what `_REFERENCES` matches at the end of a ticket; nothing for nothing."""
    inside = "".join(filter(None, references.groups())).replace("<hr>", "")
    if not inside:
        return ""
    summary = REFERENCES_TITLE if references[1] else "Source"
    return f'<details class="same"><summary>{summary}</summary>{inside}</details>'


def _html_of(blocks: Sequence[AdfNode], naming: Naming) -> str:
    """Return the HTML of blocks that are no table.

    The heading of a part that people edit has the name of that part, for the script that opens its form.
    """
    html = adf_to_html(written_out(_document(blocks), naming), links=PAGE_LINKS)
    return _EDITED_HEADING.sub(_with_part_name, html)


def _with_part_name(heading: re.Match[str]) -> str:
    return f'<h3 data-part="{_PART_NAMES[heading[1]]}">{heading[1]}</h3>'


def _document(blocks: Sequence[AdfNode]) -> AdfNode:
    return {"type": "doc", "content": [*blocks]}


def _table_html(html: str, table: ConfigurationTable, sources: _SourceRows) -> str:
    """Return the HTML of a table that says which file it is of, and its rows which source rows they show.

    `html` is what `adf_to_html` made of it: a heading and one `<table>`, or several where it is long.
    """
    places = [sources.places_of(table, index) for index in range(len(table.rows))]
    origin = f"<code>{escape(table.file)}</code>"
    if table.is_transposed and places:
        lines = ", ".join(lines_text(row.lines, row.records) for row in table.rows)
        origin = _linked(f"{origin}, {lines}", places[0])

    def table_with_places(written: re.Match[str]) -> str:
        row_htmls = _ROW.findall(written[1])
        if table.is_transposed:
            return _transposed_html(table, row_htmls, sources, places[0])
        head, *body_rows = row_htmls
        if len(body_rows) == len(places):
            return _folded_table(table, head, body_rows, places, sources=sources)
        return _partial_table(table, head, body_rows, places)

    heading, end_of_heading, tables = _code_for_tags(html).partition(_END_OF_HEADING)
    tables = _TABLE.sub(table_with_places, tables)
    tables = _LONG_NAME.sub(lambda name: name[0].replace("_", "_<wbr>"), tables)
    tables = tables.replace("<td><p>", "<td>").replace("</p></td>", "</td>")
    return f'{heading}{end_of_heading}<p class="origin legend">{origin}</p>{tables}'


def _folded_table(
    table: ConfigurationTable,
    head: str,
    rows: Sequence[str],
    places: Sequence[Sequence[int]],
    *,
    sources: _SourceRows,
) -> str:
    """Return the HTML of a table of which each row is one of the document's, in the same order."""
    rows_with_places: list[str] = []
    for row, places_of_row in zip(rows, places, strict=True):
        linked = sources.with_links(row, table.columns, places_of_row)
        rows_with_places.append(_row_html(linked, places_of_row))
    other_types_counts = [sources.other_types_count(places_of_row) for places_of_row in places]
    return _with_same_rows_folded(
        table, head, rows_with_places, other_types_counts=other_types_counts
    )


def _partial_table(
    table: ConfigurationTable, head: str, rows: Sequence[str], places: Sequence[Sequence[int]]
) -> str:
    """Return the HTML of a table that has only some of the rows, or some of their cells.

    What its rows show is known by the lines in their last cell.
    """
    places_by_lines: dict[str, list[int]] = defaultdict(list)
    for table_row, places_of_row in zip(table.rows, places, strict=True):
        places_by_lines[lines_and_rows(table_row.lines, table_row.records)] += places_of_row
    rows_with_places: list[str] = []
    for row in rows:
        lines = "".join(_LAST_CELL.findall(row))
        rows_with_places.append(_row_html(row, places_by_lines.get(lines, ())))
    inside = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows_with_places)}</tbody>"
    return _boxed(table.title, inside, columns=head.count("<th"), rows=len(rows))


def _code_for_tags(html: str) -> str:
    """Mark the tags that cells hold as code: they are text, to be pasted as they are."""
    return _HTML_TAG.sub(r"<code>\g<0></code>", html)


def _transposed_html(
    table: ConfigurationTable, rows: Sequence[str], sources: _SourceRows, places: Sequence[int]
) -> str:
    """Return the HTML of a table with one setting a line, then those that are on and those that are off."""
    columns = [column for column in table.columns for _ in table.rows]
    flags = sources.flags_of(columns, places)
    lines = []
    for row, column in zip(rows, columns, strict=False):
        if column not in flags:
            lines.append(sources.with_links(row, [column], places))
    for label, is_on in (("On", True), ("Off", False)):
        chips = [_chip(column) for column, flag in flags.items() if flag is is_on]
        if chips:
            lines.append(f"<th>{label}</th><td>{' '.join(chips)}</td>")
    body = "".join(f"<tr{_row_attribute(places)}>{line}</tr>" for line in lines)
    return _boxed(table.title, f"<tbody>{body}</tbody>", columns=2)


def _chip(column: str) -> str:
    """Write a setting by its longest name: headers are shortened."""
    name = escape(LONGEST_NAMES[column])
    return f'<span class="chip" title="{escape(column)}">{name}</span>'


def _with_same_rows_folded(
    table: ConfigurationTable,
    head: str,
    rows: Sequence[str],
    *,
    other_types_counts: Sequence[int],
) -> str:
    """Fold the rows that say the same in many other types: what is left is what differs here.

    `other_types_counts` has, for each row, how many other types have it.
    """
    same_indexes: list[int] = []
    own_indexes: list[int] = []
    for index, count in enumerate(other_types_counts):
        (same_indexes if count >= OTHER_TYPES_MIN else own_indexes).append(index)

    def table_of(indexes: Sequence[int]) -> str:
        part = replace(table, rows=tuple(table.rows[index] for index in indexes))
        inside = _by_group(part, head, [rows[index] for index in indexes])
        return _boxed(table.title, inside, columns=head.count("<th"), rows=len(indexes))

    if len(same_indexes) < SAME_ROWS_MIN:
        return table_of(range(len(rows)))
    names: list[str] = []
    for index in same_indexes:
        names.append(f"{escape(table.rows[index].cells[0])} ({other_types_counts[index]})")
    rows_words = format_count(len(same_indexes), "row")
    summary = f"{rows_words} the same as in other types: {', '.join(names)}"
    same_table = table_of(same_indexes)
    own_table = table_of(own_indexes) if own_indexes else ""
    return f'{own_table}<details class="same"><summary>{summary}</summary>{same_table}</details>'


def _by_group(table: ConfigurationTable, head: str, rows: Sequence[str]) -> str:
    """Return the inside of a table with a heading for each field group in place of its column.

    The table stays as it is where a group is in several places of the sheet, so that rows keep their
    order, and where no two rows that follow each other are of one group.
    """
    as_in_sheet = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    if _GROUP_COLUMN not in table.columns:
        return as_in_sheet
    column = table.columns.index(_GROUP_COLUMN)
    names = [row.cells[column] for row in table.rows]
    runs = [(name, len([*of_name])) for name, of_name in groupby(names)]
    group_names = [name for name, _ in runs if name not in BLANK]
    is_in_several_places = len({*group_names}) < len(group_names)
    if is_in_several_places or len(runs) == len(rows):
        return as_in_sheet
    rows_left = iter(rows)
    bodies: list[str] = []
    for name, count in runs:
        body = "".join(_without_cell(row, column, "<td>") for row in islice(rows_left, count))
        heading = "" if name in BLANK else escape(name)
        if bodies and not heading:  # at the top, rows without a group need no heading
            heading = "No field group"
        if heading:
            width = len(table.columns)
            cell = f'<th colspan="{width}" scope="rowgroup">{heading}</th>'
            body = f'<tr class="group">{cell}</tr>{body}'
        bodies.append(f"<tbody>{body}</tbody>")
    return f"<thead><tr>{_without_cell(head, column, '<th>')}</tr></thead>{''.join(bodies)}"


def _without_cell(cells: str, index: int, tag: str) -> str:
    """Return the HTML of cells without one of them; each begins with the tag."""
    parts = cells.split(tag)  # the first part is what is before the first cell
    return tag.join(parts[: index + 1] + parts[index + 2 :])


def _with_prose(html: str, table: ConfigurationTable | None, sources: _SourceRows) -> str:
    """Return the HTML of a table with notes and help text below the rows they are about.

    `table` is that of the notes: in the issue it is a table of its own, since no cell reaches over
    others there. Blank where it is no table of notes, or where one of their rows is not in the HTML.
    """
    if table is None or table.purpose is not TablePurpose.PROSE:
        return ""
    with_notes = html
    for index, row in enumerate(table.rows):
        # A row without places has no attribute: what is looked for then is nowhere.
        attribute = _row_attribute(sources.places_of(table, index)) or " data-rows"
        begin = with_notes.find(f"<tr{attribute}>")
        if begin < 0:
            return ""
        end = with_notes.index("</tr>", begin) + len("</tr>")
        notes = "".join(
            _note_html(column, cell)
            for column, cell in zip(table.columns, row.cells, strict=True)
            if column in PROSE_COLUMNS
        )
        span = with_notes.count("<td>", begin, end)
        note_row = f'<tr class="more"><td colspan="{span}" class="lines">{notes}</td></tr>'
        with_notes = with_notes[:end] + note_row + with_notes[end:]
    return with_notes


def _note_html(column: str, text: str) -> str:
    """Return a note with the name of its column; blank for a blank one."""
    if not text:
        return ""
    name = escape(column.removeprefix("Settings/").capitalize())
    return f"<p><b>{name}</b>{_code_for_tags(escape(text))}</p>"


def _row_html(row: str, places: Sequence[int]) -> str:
    """Return the HTML of a row whose last cell, the lines of the sheet, leads to its source row."""
    last_cell = _LAST_CELL.search(row)
    cells = row
    if last_cell is not None:
        cells = f"{row[: last_cell.start()]}<td>{_linked(last_cell[1], places)}</td>"
    return f"<tr{_row_attribute(places)}>{cells}</tr>"


def _row_attribute(places: Sequence[int]) -> str:
    """Return the attribute that says which source rows a row shows; blank where nobody knows."""
    return f' data-rows="{" ".join(map(str, places))}"' if places else ""


def _linked(html: str, places: Sequence[int]) -> str:
    """Link HTML to the first of the source rows that it is about."""
    return f'<a href="#row-{places[0]}">{html}</a>' if places else html


def _boxed(title: str, inside: str, *, columns: int, rows: int = 0) -> str:
    """Return the HTML of a table in its box; one that is wider or longer than a page scrolls in it.

    A box that scrolls takes the focus, so that keys scroll it, too.
    """
    many = " many" if columns >= COLUMNS_MANY else ""
    count = f' data-row-count="{rows}"' if rows else ""
    table = f"<table{count}>{inside}</table>"
    title_attribute = f'data-title="{escape(title)}"'
    if columns <= COLUMNS_MAX and rows <= ROWS_MAX:
        return f'<div class="table{many}" {title_attribute}>{table}</div>'
    long = " long" if rows > ROWS_MAX else ""
    return f'<div class="table{many} boxed{long}" tabindex="0" role="region" aria-label="{escape(title)}" {title_attribute}>{table}</div>'
