"""Makes the tables that entities are read from, cited by the worksheet and line they were copied from.

Belongs here: where a layout enters the rest of the program, as tables of things. Does not:
what rows mean (`reading/entities`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.sheet_names import part_name, worksheet_name
from jira_pipeline.model.source_tables import (
    SHEET_NAMES,
    SourceFile,
    SourceRow,
    SourceTable,
    with_own_names,
)
from jira_pipeline.sheets.layouts.applying import Applied, CanonicalRow
from jira_pipeline.sheets.layouts.layout import CUSTOM, Value
from jira_pipeline.sheets.layouts.row_rules import HeaderColumns
from jira_pipeline.sheets.layouts.texts import normal

_KIND_ORDER = {kind: position for position, kind in enumerate(EntityKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFile:
    """The file that a worksheet is in."""

    file_name: str
    worksheet: str | None
    """Its own title; None of a CSV file, which is one."""
    sha256: str
    size_bytes: int
    encoding: str
    delimiter: str

    @property
    def sheet_name(self) -> str:
        """How the worksheet is cited: `Spec.xlsx:Fields`, `fields.csv`."""
        if self.worksheet is None:
            return self.file_name
        return worksheet_name(self.file_name, self.worksheet)


class _TableKey(NamedTuple):
    worksheet: str
    kind: str
    sheet: str
    """Of a custom sheet: its name."""


def tables_of(applied: Applied, files: Mapping[str, GridFile]) -> list[SourceTable]:
    """Return a table for each kind of sheet in each worksheet; `files` are by worksheet.

    They are in the order of kinds, then of names, as all readers return them.
    """
    rows_by_table: dict[_TableKey, list[CanonicalRow]] = defaultdict(list)
    tables_per_worksheet: dict[str, set[_TableKey]] = defaultdict(set)
    for row in applied.rows:
        key = _TableKey(row.worksheet, row.kind, row.sheet if row.kind == CUSTOM else "")
        rows_by_table[key].append(row)
        tables_per_worksheet[row.worksheet].add(key)
    tables = [
        _table(
            key,
            rows,
            files[key.worksheet],
            applied,
            is_alone=len(tables_per_worksheet[key.worksheet]) == 1,
        )
        for key, rows in rows_by_table.items()
    ]
    return sorted_by_kind(with_own_names(tables))


def sorted_by_kind(tables: Iterable[SourceTable]) -> list[SourceTable]:
    """Return tables in the order of kinds, then of names."""
    return sorted(tables, key=lambda table: (_KIND_ORDER[table.file.sheet], table.file.name))


def _table(
    key: _TableKey,
    rows: Sequence[CanonicalRow],
    file: GridFile,
    applied: Applied,
    *,
    is_alone: bool,
) -> SourceTable:
    columns = _columns(rows)
    kind = EntityKind(key.kind)
    name = file.sheet_name
    if not is_alone:
        name = part_name(name, key.sheet or SHEET_NAMES[kind])
    return SourceTable(
        file=SourceFile(
            name=name,
            file_name=file.file_name,
            sheet=kind,
            row_count=len(rows),
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            encoding=file.encoding,
            delimiter=file.delimiter,
        ),
        columns=columns,
        headers=tuple(_header(rows, column) for column in columns),
        header_line=min(row.header_line for row in rows),
        rows=tuple(_source_row(row, columns) for row in rows),
        headings=tuple(_headings(key, columns, applied)),
        copied_from=tuple(row.copied_from for row in rows),
    )


def _columns(rows: Sequence[CanonicalRow]) -> tuple[str, ...]:
    """Return the columns that the records of some rows name, blank ones too, as the worksheet has them.

    What comes from below no header follows, in the order of the layout.
    """
    positions: dict[str, int | None] = {}
    records = {id(row.record): row for row in rows}
    for row in records.values():
        for column, values in row.record.values.items():
            positions.setdefault(column, _position(values, row.header_columns))
    for row in rows:
        for column in row.cells:
            positions.setdefault(column, None)
    placed = {column: at for column, at in positions.items() if at is not None}
    others = [column for column in positions if column not in placed]
    return (*sorted(placed, key=lambda column: placed[column]), *others)


def _position(values: Sequence[Value], header_columns: HeaderColumns) -> int | None:
    """Return where the first header is that a canonical column is taken from."""
    for value in values:
        if value.column is not None and normal(value.column) in header_columns:
            return header_columns[normal(value.column)]
    return None


def _header(rows: Sequence[CanonicalRow], column: str) -> str:
    """Return the header that a column was taken from, for messages; its own name where there is none."""
    for row in rows:
        values: Sequence[Value] = row.record.values.get(column, ())
        header = next((value.column for value in values if value.column), None)
        if header is not None:
            return header
    return column


def _source_row(row: CanonicalRow, columns: Sequence[str]) -> SourceRow:
    return SourceRow(
        line=row.line,
        record=row.place.row + 1,
        cells=tuple(row.cells.get(column, "") for column in columns),
    )


def _headings(key: _TableKey, columns: Sequence[str], applied: Applied) -> Iterator[SourceRow]:
    blanks = ("",) * (len(columns) - 1)
    for remark in applied.remarks:
        first = remark.cells[0]
        place = first.place
        if (remark.kind, first.worksheet) == (key.kind, key.worksheet) and place is not None:
            yield SourceRow(line=remark.line, record=place.row + 1, cells=(remark.text, *blanks))
