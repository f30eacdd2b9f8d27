"""What the tables of a component's ticket show, read back from the document, against the rows.

Belongs here: a second way between rows and tables that knows the document only: headings, cells,
the column of lines. Does not: how tables are made (`review/documents/configuration_tables`) or
rendered.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.jira.adf import AdfNode
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.line_numbers import places_cited

_QUOTED_CHARACTERS = 60
_SAME_FOR_ALL = "Same for all: "
_JOINED_BY = ", "
_SETTINGS_HEADING = re.compile(r"Settings(?: \(\d+ rows\))?$")
_COMPONENT_HEADING = re.compile(r"(.+?)(?: to make)? \(\d+\)$")
_RANGE = re.compile(r"(\d+)(?:–(\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFaults:
    """What is wrong with the tables of a ticket, as sentences."""

    missing: tuple[str, ...]
    """Cells of rows that no table shows where they belong."""
    invented: tuple[str, ...]
    """Shown cells that no row has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShownRow:
    """One row of a table as a reader sees it, with what is the same for all rows."""

    lines: tuple[int, ...]
    """Empty in a table of the one thing a ticket is about."""
    cells: tuple[tuple[str, str], ...]
    """Column and text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShownTable:
    heading: str
    rows: tuple[_ShownRow, ...]
    section: str = ""
    """Of a component, where the heading names one: its rows are in a file that ends so."""


_Cell = tuple[str, int, str, str]
"""File, line, column, text."""


def table_faults_of(group: EntityGroup, document: AdfNode) -> TableFaults:
    """Compare every cell of every row with every cell that a document shows, both ways.

    A row is found by its line; which file a table is about follows from its cells. Where a table
    row represents several lines, its cell is the same in all of them or their texts joined.
    """
    shown: set[_Cell] = set()
    invented: list[str] = []
    for table in _shown_tables(document):
        rows = _rows_of_table(table, group)
        for shown_row in table.rows:
            lines = shown_row.lines or tuple(rows)
            own = [rows[line] for line in lines if line in rows]
            for column, text in shown_row.cells:
                if not own or len(own) < len(lines) or not _is_stated(own, column, text):
                    invented.append(f"{table.heading}: {column} “{_cut(text)}” is in no row")
                else:
                    shown |= {(*_place_of(r), column, _as_shown(r.cell(column))) for r in own}
    missing = [
        f"{places_cited([row.source])} {column} “{_cut(text)}” is in no table"
        for row in (*group.heads, *group.members)
        for column, text in row.cells.items()
        if text and (*_place_of(row), column, _as_shown(text)) not in shown
    ]
    return TableFaults(missing=tuple(missing), invented=tuple(invented))


def _place_of(row: Entity) -> tuple[str, int]:
    return row.source.file, row.source.line


def _is_stated(rows: Sequence[Entity], column: str, text: str) -> bool:
    own = {_as_shown(row.cell(column)) for row in rows}
    return own == {text} or (len(rows) > 1 and own == set(text.split(_JOINED_BY)))


def _rows_of_table(table: _ShownTable, group: EntityGroup) -> Mapping[int, Entity]:
    """Return the rows a table is about, by line: those of the file that fits its cells best."""
    is_about_lines = any(row.lines for row in table.rows)
    by_file: dict[str, dict[int, Entity]] = {}
    for row in (*group.heads, *group.members) if is_about_lines else group.heads:
        is_meant = not table.section or row.source.file.rpartition("/")[2] == table.section
        if is_meant:
            by_file.setdefault(row.source.file, {})[row.source.line] = row
    if len(by_file) == 1:
        return next(iter(by_file.values()))
    return max(by_file.values(), key=lambda rows: _fit(table, rows), default={})


def _fit(table: _ShownTable, rows: Mapping[int, Entity]) -> int:
    """Count the shown cells that are in rows of the lines shown."""
    return sum(
        bool(own := rows[line].cell(column)) and own in text
        for shown in table.rows
        for line in shown.lines or tuple(rows)
        if line in rows
        for column, text in shown.cells
    )


def _shown_tables(document: AdfNode) -> Iterator[_ShownTable]:
    """Yield the tables of a component: of its settings, of each list, and of its ids and times.

    Below the table of a list there are items of lists inside its entries, with their place in the
    second column, and single values.
    """
    heading = section = ""
    same: tuple[tuple[str, str], ...] = ()
    is_first = True
    for block in document["content"]:
        if block["type"] == "heading":
            heading, same, is_first = _text_of(block), (), True
            found = _COMPONENT_HEADING.match(heading)
            section = "" if found is None else found[1]
        elif block["type"] == "paragraph":
            same = tuple(_same_for_all(block)) or same
        elif block["type"] == "expand":
            for row in block["content"][0]["content"][1:]:
                field, value, of, lines = map(_cell_text, row["content"])
                shown = _ShownRow(lines=_lines_in(lines), cells=((field, value),))
                about = "" if of == "Settings" else of
                yield _ShownTable(heading=of, rows=(shown,), section=about)
        elif block["type"] == "table" and (section or _SETTINGS_HEADING.match(heading)):
            rows = _rows_of(block) if is_first else _rows_below(block)
            shown_rows = tuple(_ShownRow(lines=r.lines, cells=(*r.cells, *same)) for r in rows)
            yield _ShownTable(heading=heading, rows=shown_rows, section=section)
            is_first = False


def _rows_below(table: AdfNode) -> Iterator[_ShownRow]:
    """Read single values, or the fields of items in lists inside entries."""
    texts = [[_cell_text(cell) for cell in row["content"]] for row in table["content"]]
    named, kind, *fields = texts[0][:-1]
    for name, second, *values, lines in texts[1:]:
        cells = [(second, values[0])]
        if kind != "Field":
            named_values = zip(fields, values, strict=True)
            cells = [(f"{second}.{field}", value) for field, value in named_values if value]
        yield _ShownRow(lines=_lines_in(lines), cells=((named, name), *cells))


def _rows_of(table: AdfNode) -> Iterator[_ShownRow]:
    """Read rows below a row of headers, or columns beside a column of headers."""
    rows = [row["content"] for row in table["content"]]
    texts = [[_cell_text(cell) for cell in row] for row in rows]
    if any(cell["type"] != "tableHeader" for cell in rows[0]):
        pairs = tuple((row[0], row[1]) for row in texts if row[1])
        yield _ShownRow(lines=(), cells=pairs)
        return
    columns = texts[0][:-1]
    for row in texts[1:]:
        pairs = tuple((c, text) for c, text in zip(columns, row[:-1], strict=True) if text)
        yield _ShownRow(lines=_lines_in(row[-1]), cells=pairs)


def _lines_in(label: str) -> tuple[int, ...]:
    found = _RANGE.finditer(label.partition(" / ")[0])  # rows may be beside the lines
    return tuple(n for m in found for n in range(int(m[1]), int(m[2] or m[1]) + 1))


def _same_for_all(paragraph: AdfNode) -> Iterator[tuple[str, str]]:
    """Yield column and value of a paragraph whose strong texts are columns."""
    content = paragraph.get("content", ())
    if not content or content[0].get("text") != _SAME_FOR_ALL:
        return
    column, value = "", ""
    for node in content[1:]:
        if node.get("marks"):
            if column:
                yield column, value
            column, value = node["text"].removeprefix(" · ").strip(), ""
        else:
            value += "\n" if node["type"] == "hardBreak" else node["text"]
    if column:
        yield column, value


def _cell_text(cell: AdfNode) -> str:
    return "\n".join(_text_of(block) for block in cell["content"])


def _text_of(block: AdfNode) -> str:
    return "".join(
        "\n" if node["type"] == "hardBreak" else node.get("text", "")
        for node in block.get("content", ())
    )


def _as_shown(text: str) -> str:
    """Write line ends of all kinds as a document shows them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED_CHARACTERS else f"{line[:_QUOTED_CHARACTERS]}…"
