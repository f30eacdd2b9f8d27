"""A worksheet that is read by its known headers: its header, columns, rows of things and other rows.

Belongs here: facts about the worksheet and what was made of it. Does not: what is said of it
(`known_reading`), what a person is asked (`unclear_places`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.source_tables import SourceRow
from jira_pipeline.sheets.layouts.applying import Applied, sheet_layout_of
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout import Layout, Record, Region
from jira_pipeline.sheets.layouts.row_checks import ClosedSet, closed_set_of
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.use import CellUse
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES, unnamed
from jira_pipeline.sheets.reading.sheet_kinds import SheetRule, rule_of
from jira_pipeline.sheets.reading.totals import is_total


@dataclass(frozen=True, kw_only=True)
class KnownSheet:
    """A worksheet, the known layout that fits it, and what was made of it."""

    grid: Grid
    region: Region
    use: CellUse
    """What became of its cells."""
    rows_with_records: Sequence[int]
    """Rows of which something is made, from top to bottom; the first is 0."""
    kinds_of_upload: frozenset[EntityKind]
    """What all worksheets of the upload list."""

    @cached_property
    def record(self) -> Record:
        (record,) = self.region.records
        return record

    @cached_property
    def kind(self) -> EntityKind:
        return EntityKind(self.record.into)

    @cached_property
    def rule(self) -> SheetRule | None:
        """None of tabs of the Drupal Spec Tool that are no kind of their own."""
        return rule_of(self.kind)

    @property
    def is_csv(self) -> bool:
        return bool(self.grid.widths)

    @cached_property
    def header_row(self) -> int:
        return min(place.row for place in self.use.structure)

    @cached_property
    def headers(self) -> Mapping[int, str]:
        """What the columns are called, by position."""
        return self.grid.texts_by_row[self.header_row]

    @cached_property
    def header_width(self) -> int:
        """Columns up to the last header; of a CSV file, cells of its record."""
        return max(max(self.headers) + 1, self.grid.widths.get(self.header_row, 0))

    @cached_property
    def column_at(self) -> Mapping[int, str]:
        """Which canonical column each column of the worksheet is; its own ones by their headers."""
        at_header: dict[str, int] = {}
        for at, header in self.headers.items():
            at_header.setdefault(normal(header), at)
        columns: dict[int, str] = {}
        for name, values in self.record.values.items():
            position = at_header.get(normal(values[0].column or ""))
            if position is not None:
                columns[position] = name
        return columns

    @cached_property
    def position_of(self) -> Mapping[str, int]:
        """Where each canonical column is."""
        return {name: at for at, name in self.column_at.items()}

    @cached_property
    def closed_sets(self) -> Mapping[int, ClosedSet]:
        """What cells may say in columns of codes: statuses, flags, types, numbers, machine names."""
        sets: dict[int, ClosedSet] = {}
        for column in columns_of(self.kind):
            closed_set = closed_set_of(column.holds)
            if closed_set is not None and column.name in self.position_of:
                sets[self.position_of[column.name]] = closed_set
        return sets

    @cached_property
    def rows_of_things(self) -> Sequence[int]:
        """Rows that describe something, totals apart, from top to bottom."""
        totals = frozenset(self.totals)
        return [row for row in self.rows_with_records if row not in totals]

    @cached_property
    def texts_below(self) -> Mapping[int, frozenset[str]]:
        """The different texts that things have, by position."""
        texts: dict[int, set[str]] = defaultdict(set)
        for row in self.rows_of_things:
            for at, text in self.texts_in(row).items():
                texts[at].add(text)
        return {at: frozenset(different) for at, different in texts.items()}

    @cached_property
    def totals(self) -> Sequence[int]:
        """Rows that add up the others."""
        return [row for row in self._rows_below_header if self._is_total(row)]

    @cached_property
    def nameless_rows(self) -> Sequence[int]:
        """Rows below the header that hold text and name nothing."""
        others = frozenset((*self.rows_with_records, *self.totals))
        return [row for row in self._rows_below_header if row not in others and self.texts_in(row)]

    @cached_property
    def lines_above(self) -> Sequence[SourceRow]:
        """What is written above the header."""
        return [self.source_row(row) for row in self.grid.rows if row < self.header_row]

    @cached_property
    def _rows_below_header(self) -> Sequence[int]:
        """Rows below the header that are no header again, and not left out with a reason."""
        things = frozenset(self.rows_with_records)
        return [
            row
            for row in self.grid.rows
            if row in things or (row > self.header_row and not self._is_accounted_for(row))
        ]

    def _is_accounted_for(self, row: int) -> bool:
        places = [Place(row, column) for column in self.grid.rows[row]]
        return all(place in self.use.structure or place in self.use.left_out for place in places)

    def _is_total(self, row: int) -> bool:
        return row in self.grid.totals or is_total([*self.grid.texts_by_row[row].values()])

    def is_below_gap(self, row: int) -> bool:
        """Tell whether a row is the first below the header or a blank row."""
        return row - 1 == self.header_row or row - 1 not in self.grid.rows

    def texts_in(self, row: int) -> Mapping[int, str]:
        """Return what a row holds by position; results of formulas that failed are nothing."""
        return self._texts_by_row.get(row, {})

    @cached_property
    def _texts_by_row(self) -> Mapping[int, Mapping[int, str]]:
        texts_by_row = dict(self.grid.texts_by_row)
        for row, texts in self.grid.texts_by_row.items():
            if not ERROR_VALUES.isdisjoint(texts.values()):
                texts_by_row[row] = {
                    at: text for at, text in texts.items() if text not in ERROR_VALUES
                }
        return texts_by_row

    def cell(self, row: int, column: str) -> str:
        """Return a cell by its canonical column."""
        at = self.position_of.get(column)
        return "" if at is None else self.grid.texts_by_row.get(row, {}).get(at, "")

    def status(self, row: int) -> str:
        return self.cell(row, STATUS_COLUMN)

    def header_at(self, position: int) -> str:
        return self.headers.get(position) or unnamed(position)

    def line_of(self, row: int) -> int:
        return self.grid.line_of(Place(row, 0))

    def source_row(self, row: int) -> SourceRow:
        """Return a row as a record with a cell for each column of the worksheet."""
        texts = self.grid.texts_by_row[row]
        width = max(self.header_width, max(texts) + 1)
        cells = tuple(texts.get(at, "") for at in range(width))
        return SourceRow(line=self.line_of(row), record=row + 1, cells=cells)


def known_sheets_in(
    applied: Applied,
    *,
    layout: Layout,
    grids: Sequence[Grid],
    titles: Collection[str],
    kinds: frozenset[EntityKind] | None = None,
) -> Iterator[KnownSheet]:
    """Yield the worksheets with known headers, with what a layout made of them.

    `titles` are those with a known layout, and `kinds` what all worksheets list; otherwise it is what
    was applied.
    """
    rows: dict[str, set[int]] = defaultdict(set)
    for row in applied.rows:
        rows[row.worksheet].add(row.place.row)
    if kinds is None:
        kinds = frozenset(EntityKind(row.kind) for row in applied.rows)
    for grid in grids:
        sheet = sheet_layout_of(layout, grid.title)
        if grid.title not in titles or sheet is None or not sheet.regions:
            continue
        if applied.uses[grid.title].structure:
            yield KnownSheet(
                grid=grid,
                region=sheet.regions[0],
                use=applied.uses[grid.title],
                rows_with_records=sorted(rows[grid.title]),
                kinds_of_upload=kinds,
            )
