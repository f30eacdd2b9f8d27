"""Header rows of a region: which rows are one, and what the columns below are called.

Belongs here: headers by their texts, of one row or below groups. Does not: where blocks begin and what
is made of their rows (`regions`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from jira_pipeline.sheets.layouts.grid import NO_CELL, Cell, Grid
from jira_pipeline.sheets.layouts.layout import Region, RowRule
from jira_pipeline.sheets.layouts.row_rules import HeaderColumns, is_letter
from jira_pipeline.sheets.layouts.texts import normal, normals

_CELLS_AGAIN_MIN = 2
_ALIKE_MIN = 2
"""Headers that a row needs for it to be the header that lost others."""
GROUP = " / "
"""Between the headers of several header rows."""


class HeaderName(NamedTuple):
    """What a column is called, and the cells that say so."""

    column: int
    text: str
    cells: tuple[Cell, ...]
    """Those that say it."""
    rows: tuple[Cell, ...]
    """Of each header row, from the first to the last."""


@dataclass(frozen=True, slots=True)
class HeaderSpan:
    """The rows of a header: groups, then the headers themselves, then what says more of each."""

    first: int
    named_count: int = 1
    """Down to the headers themselves, which are in the last of them."""
    below_count: int = 0

    @property
    def names_row(self) -> int:
        return self.first + self.named_count - 1

    @property
    def group_rows(self) -> range:
        return range(self.first, self.names_row)

    @property
    def rows_below(self) -> range:
        return range(self.names_row + 1, self.names_row + 1 + self.below_count)

    @property
    def rows(self) -> range:
        return range(self.first, self.rows_below.stop)


class HeaderRows:
    """The rows of a worksheet as headers of a region."""

    def __init__(self, region: Region, grid: Grid, filled: Mapping[int, Sequence[int]]) -> None:
        """Take the columns of the region that hold something, by row."""
        self._region = region
        self._grid = grid
        self._filled = filled
        self._columns_by_row: dict[int, HeaderColumns] = {}
        self._cells_by_row: dict[int, Mapping[int, Sequence[Cell]]] = {}

    @cached_property
    def needed(self) -> frozenset[str]:
        """Headers by which a header row is found: those that are named to find it, else all it uses."""
        region = self._region
        return _headers_of(region.header) if region.header else self.used

    @cached_property
    def used(self) -> frozenset[str]:
        """The headers below which something is read."""
        region = self._region
        names = [*region.header]
        names += [value.named_header or "" for value in region.all_values]
        names += [rule.column or "" for record in region.records for rule in record.when]
        names += region.marks.headers if region.marks else ()
        return _headers_of(names)

    @cached_property
    def _named(self) -> frozenset[str]:
        """All headers that the region names, for whatever."""
        region = self._region
        rules: list[RowRule] = [*region.skip, *region.remarks, *region.headings]
        rules += [rule.about for rule in region.remarks if rule.about is not None]
        rules += [rule for record in region.records for rule in record.when]
        rules += [region.ends] if isinstance(region.ends, RowRule) else []
        named = [*region.header, *region.unused, *(rule.column or "" for rule in rules)]
        named += [value.named_header or "" for value in region.all_values]
        named += region.marks.headers if region.marks else ()
        return frozenset(normals(named))

    def is_header(self, row: int) -> bool:
        """Tell whether the header begins in a row."""
        if self._is_one_row and len(self._filled.get(row, ())) < len(self.needed):
            return False
        return self.needed <= self.columns_at(row).keys()

    def closest_row(self, rows: Iterable[int]) -> int | None:
        """Return the row that has most of the headers, more than half of them; None where two have."""
        closest: list[int] = []
        most = max(_ALIKE_MIN, len(self._named) // 2 + 1)
        for row in rows:
            count = len(self._named & self.columns_at(row).keys())
            if count > most:
                closest = []
                most = count
            if count == most:
                closest.append(row)
        return closest[0] if len(closest) == 1 else None

    def new_headers(self, row: int) -> list[str]:
        """Return the headers, as they are in a row, of which the region says nothing."""
        texts = self._texts_in(row)
        headers: list[str] = []
        for name, column in self.columns_at(row).items():
            if name not in self._named:
                is_second = name != normal(texts[column])
                number = name.rpartition("#")[2]
                headers.append(f"{texts[column]}#{number}" if is_second else texts[column])
        return headers

    def new_columns(self, row: int) -> list[int]:
        """Return the columns below headers of which the region says nothing."""
        return [column for name, column in self.columns_at(row).items() if name not in self._named]

    def is_repeated(self, row: int, columns: HeaderColumns) -> bool:
        """Tell whether every cell of a row is the header of its column; one alone may be a name."""
        if not columns or len(self._filled[row]) < min(len(columns), _CELLS_AGAIN_MIN):
            return False
        for column in self._filled[row]:
            if columns.get(normal(self._grid[row, column].text)) != column:
                return False
        return True

    def columns_at(self, row: int) -> HeaderColumns:
        """Return what the columns are called if the header begins in a row.

        The second `Name` is `name#2`; below groups, a header is called `group / header`.
        """
        if row not in self._columns_by_row:
            self._columns_by_row[row] = self._read_columns(row)
        return self._columns_by_row[row]

    def named_cells(self, row: int) -> Iterator[Cell]:
        """Yield the cells of a header, beginning in a row, that say what the layout names."""
        names = self.columns_at(row).items()
        named = {column for name, column in names if name in self._named}
        if self._is_one_row:
            for column in self._filled.get(row, ()):
                if column in named:
                    yield self._grid[row, column]
            return
        for name in self._names_below_groups(row):
            if name.column in named:
                yield from name.cells

    def cells_above(self, row: int, column: int) -> Sequence[Cell]:
        """Return the cell of each header row above a column, blank ones too."""
        if self._is_one_row:
            return (self._grid[row, column],)
        if row not in self._cells_by_row:
            names = self._names_below_groups(row)
            self._cells_by_row[row] = {name.column: name.rows for name in names}
        return self._cells_by_row[row].get(column, ())

    @property
    def _is_one_row(self) -> bool:
        return self._region.header_height == 1

    def _read_columns(self, row: int) -> HeaderColumns:
        counts: dict[str, int] = {}
        columns: dict[str, int] = {}
        for column, text in self._texts_in(row).items():
            name = normal(text)
            counts[name] = counts.get(name, 0) + 1
            columns[name if counts[name] == 1 else f"{name}#{counts[name]}"] = column
        return columns

    def _texts_in(self, row: int) -> Mapping[int, str]:
        """Return what each column is called, as it is written, if the header begins in a row."""
        if not self._is_one_row:
            return {name.column: name.text for name in self._names_below_groups(row)}
        texts = self._grid.texts_by_row.get(row, {})
        return {column: texts[column] for column in self._filled.get(row, ())}

    def _names_below_groups(self, row: int) -> Iterator[HeaderName]:
        return names_below_groups(self._grid, self._filled, header_span(self._region, row))


def _headers_of(names: Iterable[str]) -> frozenset[str]:
    """Return the names that are headers, as they are compared: a column may be named by its letter."""
    return frozenset(normal(name) for name in names if name and not is_letter(name))


def header_span(region: Region, row: int) -> HeaderSpan:
    """Return the rows of the header of a region that begins in a row."""
    return HeaderSpan(row, region.header_rows, region.header_below)


def names_below_groups(
    grid: Grid, filled: Mapping[int, Sequence[int]], span: HeaderSpan
) -> Iterator[HeaderName]:
    """Yield what columns are called by the rows of a header.

    A group is above the headers right of it, up to the next group; where cells of its row are merged,
    these say how far it goes. A column without a header of its own is called as the rows below say.
    """
    groups = dict.fromkeys(span.group_rows, NO_CELL)
    are_merged = {row: _has_merges(grid, row) for row in span.group_rows}
    columns = {column for row in span.rows for column in filled.get(row, ())}
    for column in sorted(columns):
        for row in span.group_rows:
            cell = grid[grid.merged_first((row, column))]
            groups[row] = cell if cell.text or are_merged[row] else groups[row]
        own = grid[span.names_row, column]
        below = [grid[row, column] for row in span.rows_below]
        filled_below = [cell for cell in below if cell.text]
        above = [cell for cell in groups.values() if cell.text]
        if own.text or grid[span.first, column].text:
            called = [*above, own] if own.text else above
        elif filled_below and not any(grid[row, column].text for row in span.group_rows):
            called = filled_below[:1]
        else:
            continue
        yield HeaderName(
            column=column,
            text=GROUP.join(cell.text for cell in called),
            cells=tuple(called),
            rows=(*groups.values(), own, *below),
        )


def _has_merges(grid: Grid, row: int) -> bool:
    """Tell whether cells of a row are merged with others beside them."""
    return any(
        merge.first.row == row and merge.last.column > merge.first.column for merge in grid.merges
    )
