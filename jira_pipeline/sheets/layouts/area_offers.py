"""What a page offers about areas of a worksheet: tables beside each other, with a picture, and the way back.

Belongs here: what one press divides and joins. Does not: where tables stand beside each other (`areas`),
what a layout becomes by it (`area_choices`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jira_pipeline.sheets.layouts.areas import TablesBeside, is_line, tables_beside
from jira_pipeline.sheets.layouts.grid import Grid, column_letters
from jira_pipeline.sheets.layouts.layout import DividedWorksheet
from jira_pipeline.sheets.layouts.texts import normal

ROWS_PICTURED = 4
COLUMNS_PICTURED_MAX = 30


@dataclass(frozen=True, slots=True)
class AreaCell:
    """A cell in the picture of tables beside each other."""

    text: str
    side: int
    """Which table it is of: the first is 1; 0 between them."""


@dataclass(frozen=True, slots=True)
class AreaOffer:
    """Tables of a worksheet that stand beside each other."""

    worksheet: str
    row: int | None
    """The row they begin in where another table is above them; the first is 1."""
    columns: tuple[str, ...]
    """Of each table: `A:F`."""
    letters: tuple[str, ...]
    """What the columns of the picture are called."""
    picture: tuple[tuple[int, tuple[AreaCell, ...]], ...]
    """Rows with their numbers: lines above the tables, their headers and the first rows of each."""

    @property
    def columns_shown(self) -> tuple[str, ...]:
        return tuple(stretch.replace(":", "–") for stretch in self.columns)


@dataclass(frozen=True, slots=True)
class AreaOf:
    """What an area that is shown is a part of, and can be joined to again."""

    worksheet: str
    areas: tuple[str, ...]


def area_offers(grids: Sequence[Grid]) -> Iterator[AreaOffer]:
    """Yield the tables that stand beside each other in worksheets; one picture for each worksheet."""
    for grid in grids:
        tables = tables_beside(grid)
        if tables is not None:
            yield _offer(grid, tables)


def _offer(grid: Grid, tables: TablesBeside) -> AreaOffer:
    begin = _first_row_of_lines(grid, tables.header_row)
    rows_above = [columns for row, columns in grid.rows.items() if row < begin]
    is_below_table = not all(is_line(columns, tables.columns) for columns in rows_above)
    first_column = tables.columns[0].start
    shown = range(first_column, min(grid.width, first_column + COLUMNS_PICTURED_MAX))
    columns = tuple(map(_stretch_shown, tables.columns))
    letters = tuple(map(column_letters, shown))
    picture = tuple(_picture(grid, tables, begin, shown))
    row = begin + 1 if is_below_table else None
    return AreaOffer(grid.title, row, columns, letters, picture)


def _picture(
    grid: Grid, tables: TablesBeside, begin: int, columns: range
) -> Iterator[tuple[int, tuple[AreaCell, ...]]]:
    """Yield the first rows of the tables, with their numbers."""
    last_row = max(side.header_row or 0 for side in tables.sides) + ROWS_PICTURED
    for row in grid.rows:
        if begin <= row <= last_row:
            yield row + 1, tuple(_cell(grid, tables, row, column) for column in columns)


def _first_row_of_lines(grid: Grid, header_row: int) -> int:
    """Return the first of the lines right above a header, or its own row where there is none."""
    row = header_row
    while row - 1 in grid.rows:
        row -= 1
    return row


def _cell(grid: Grid, tables: TablesBeside, row: int, column: int) -> AreaCell:
    for number, stretch in enumerate(tables.columns, start=1):
        if column in stretch:
            return AreaCell(grid[row, column].text, number)
    return AreaCell(grid[row, column].text, 0)


def _stretch_shown(stretch: range) -> str:
    return f"{column_letters(stretch.start)}:{column_letters(stretch.stop - 1)}"


def areas_of(divided: Sequence[DividedWorksheet], titles: Sequence[str]) -> list[AreaOf]:
    """Return what worksheets that are areas can be joined to again, the innermost first."""
    names = {*map(normal, titles)}
    joinable: list[AreaOf] = []
    for division in reversed(divided):
        if not names.isdisjoint(map(normal, division.areas)):
            joinable.append(AreaOf(division.worksheet, division.areas))
            names.add(normal(division.worksheet))
    return joinable
