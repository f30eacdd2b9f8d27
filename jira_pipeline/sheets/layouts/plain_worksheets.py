"""Reads worksheets whose layout only copies columns as they stand, in one step from cells to a table.

Belongs here: nearly all rows of known headers, of which a file may have 100,000. Does not: whatever
a value changes, joins or looks up (`applying`). Both ways make the same table; tests hold that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jira_pipeline.model.blank_cells import is_dash
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.source_tables import CopiedRow, SourceFile, SourceRow, SourceTable
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.header_rows import HeaderRows
from jira_pipeline.sheets.layouts.layout import Fill, Per, Record, Region, SheetLayout
from jira_pipeline.sheets.layouts.layout_tables import GridFile
from jira_pipeline.sheets.layouts.row_rules import HeaderColumns, column_at
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.use import CellUse


@dataclass(frozen=True, slots=True)
class PlainReading:
    """What a layout that only copies makes of a worksheet."""

    table: SourceTable | None
    """None where it has no row of a thing."""
    use: CellUse
    """Which cells are headers; those in rows of things are read, as far as a header is above them."""

    @property
    def rows(self) -> list[int]:
        """The rows of things; the first is 0."""
        return [] if self.table is None else [row.record - 1 for row in self.table.rows]


def is_plain(sheet: SheetLayout, grid: Grid) -> bool:
    """Tell whether a layout only copies columns of a worksheet as they stand."""
    if len(sheet.regions) != 1:
        return False
    (region,) = sheet.regions
    if len(region.records) != 1 or grid.struck or not _is_plain_region(region):
        return False
    (record,) = region.records
    fills = [value.fill for values in record.columns.values() for value in values]
    return _is_plain_record(record) and not (grid.merges and Fill.MERGED in fills)


def _is_plain_region(region: Region) -> bool:
    """Tell whether a region is a table below its header, of which rows are left out only as struck."""
    is_table = region.header and region.header_height == 1 and not region.turned
    has_rules = region.begins or region.ends or region.headings or region.remarks
    has_parts = region.columns or region.pairs or region.marks or region.unused
    leaves_others = any(rule.struck is None for rule in region.skip)
    return bool(is_table and region.repeats and not (has_rules or has_parts or leaves_others))


def _is_plain_record(record: Record) -> bool:
    is_by_row = record.per is Per.ROW and not record.when
    is_alone = not record.same_by and not record.gather and not record.needs
    return is_by_row and is_alone and record.plain_columns == record.values.keys()


def read_plain(sheet: SheetLayout, grid: Grid, file: GridFile) -> PlainReading:
    """Return the table that a layout which only copies makes of a worksheet.

    Raises:
        LayoutMisfitError: A further header lacks a column of the first.
    """
    (region,) = sheet.regions
    use = CellUse()
    reader = _PlainReader(region, grid, use)
    rows = [*reader.rows()]
    if not rows:
        return PlainReading(None, use)
    columns = reader.columns
    table = SourceTable(
        file=SourceFile(
            name=file.sheet_name,
            file_name=file.file_name,
            sheet=EntityKind(reader.record.into),
            row_count=len(rows),
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            encoding=file.encoding,
            delimiter=file.delimiter,
        ),
        columns=columns,
        headers=tuple(reader.header_of[column] for column in columns),
        header_line=reader.header_line,
        rows=tuple(row for row, _ in rows),
        copied_from=tuple(copied for _, copied in rows),
    )
    return PlainReading(table, use)


class _PlainReader:
    """The rows of one worksheet, from the first header down."""

    def __init__(self, region: Region, grid: Grid, use: CellUse) -> None:
        self.columns: tuple[str, ...] = ()
        self.header_line = 1
        (self.record,) = region.records
        self.header_of = {
            name: values[0].column or "" for name, values in self.record.values.items()
        }
        self._grid = grid
        self._use = use
        self._headers = HeaderRows(region, grid, grid.rows)
        self._needs_any = frozenset(self.record.needs_any)

    def rows(self) -> Iterator[tuple[SourceRow, CopiedRow]]:
        """Yield the rows that describe something, with the cells that they were copied from."""
        positions: Mapping[str, int] = {}
        header_columns: HeaderColumns = {}
        first = self._headers.needed
        for row, texts in self._grid.texts_by_row.items():
            if not first.isdisjoint(map(normal, texts.values())):
                if self._headers.is_header(row):
                    header_columns = self._headers.columns_at(row)
                    positions = self._take_header(row, header_columns)
                    continue
                if header_columns and self._headers.is_repeated(row, header_columns):
                    self._note_structure(row)
                    continue
            if positions and self._names_something(texts, positions):
                copied = CopiedRow(sheet=self._grid.title, row=row, columns=positions, others={})
                yield self._source_row(row, texts, positions), copied

    def _take_header(self, row: int, header_columns: HeaderColumns) -> Mapping[str, int]:
        """Return where the columns are below a header; the first says in which order they are."""
        self._note_structure(row)
        positions = {
            name: column_at(header, header_columns) for name, header in self.header_of.items()
        }
        if not self.columns:
            self.columns = tuple(sorted(positions, key=lambda name: positions[name]))
            self.header_line = self._grid.line_of(Place(row, 0))
        return positions

    def _note_structure(self, row: int) -> None:
        for cell in self._headers.named_cells(row):
            self._use.note_structure(cell)

    def _names_something(self, texts: Mapping[int, str], positions: Mapping[str, int]) -> bool:
        names = self._needs_any or positions.keys()
        return any(not is_dash(texts.get(positions[name], "")) for name in names)

    def _source_row(
        self, row: int, texts: Mapping[int, str], positions: Mapping[str, int]
    ) -> SourceRow:
        cells = tuple([texts.get(positions[name], "") for name in self.columns])
        line = self._grid.lines.get(row, row + 1)
        return SourceRow(line=line, record=row + 1, cells=cells)
