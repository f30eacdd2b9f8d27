"""Areas of a worksheet that are read as worksheets of their own: tables beside each other, or below.

Belongs here: where tables stand beside each other, and dividing grids as a layout says. Does not: what
a layout becomes by it (`area_choices`), what a page offers (`area_offers`), tables of one area, one
below the other (`further_tables`).

Tables stand beside each other where a column is blank from the row of their headers on, and what is on
both sides of it looks like a table. Columns may move in the next version: the blank columns count then,
and the letters of a layout where there are not as many tables as it says.
"""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace

from jira_pipeline.sheets.layouts.grid import Grid, Place, RowCells, columns_of_stretch
from jira_pipeline.sheets.layouts.layout import DividedWorksheet, Layout
from jira_pipeline.sheets.layouts.table_headers import COLUMNS_MIN, TITLE_CELLS_MAX
from jira_pipeline.sheets.layouts.texts import normal, normals

LINES_ABOVE_MAX = 2
"""What a table is called, and a sentence about it."""
HEADER_ROWS_APART_MAX = 2
"""A table beside another one may begin below it, by a line above its header."""
CANDIDATES_MAX = 4
"""Rows below a blank one that are looked at as headers: each is compared with all rows below it."""
TABLES_MIN = 2
NAMES_MIN = 3
"""Two rows of one table may well differ in every column."""


@dataclass(frozen=True, slots=True)
class SideTable:
    """A table that stands beside another one."""

    columns: range
    header_row: int | None
    """None of columns without a table, such as a list of remarks."""


@dataclass(frozen=True, slots=True)
class TablesBeside:
    """Tables beside each other, from left to right, and the row that the first header is in."""

    header_row: int
    sides: tuple[SideTable, ...]

    @property
    def columns(self) -> tuple[range, ...]:
        return tuple(side.columns for side in self.sides)


def tables_beside(grid: Grid) -> TablesBeside | None:
    """Return the first tables of a worksheet that stand beside each other; None where none do."""
    stretches_from = _stretches_from(grid)
    candidates_count = 0
    for row, columns in grid.rows.items():
        stretches = stretches_from[row]
        if len(columns) < 2 * COLUMNS_MIN or len(stretches) < TABLES_MIN:
            continue
        if candidates_count == CANDIDATES_MAX:
            return None
        if _may_be_header(grid, row, stretches):
            candidates_count += 1
            sides = [_side_table(grid, stretch, row) for stretch in stretches]
            sides = _with_remarks_joined(grid, sides)
            if _are_tables(grid, sides):
                return TablesBeside(row, tuple(sides))
    return None


def _stretches_from(grid: Grid) -> Mapping[int, Sequence[range]]:
    """Return which columns are filled in each row, or in one below it; lines of one cell are not counted."""
    stretches_from: dict[int, Sequence[range]] = {}
    filled: set[int] = set()
    stretches: Sequence[range] = ()
    for row, columns in reversed([*grid.rows.items()]):
        if len(columns) > 1 and not filled.issuperset(columns):
            filled.update(columns)
            stretches = _stretches(filled)
        stretches_from[row] = stretches
    return stretches_from


def _stretches(columns: AbstractSet[int]) -> list[range]:
    """Return columns as stretches with blank columns between them."""
    stretches: list[range] = []
    for column in sorted(columns):
        if stretches and stretches[-1].stop == column:
            stretches[-1] = range(stretches[-1].start, column + 1)
        else:
            stretches.append(range(column, column + 1))
    return stretches


def _may_be_header(grid: Grid, row: int, stretches: Sequence[range]) -> bool:
    """Tell whether only lines are right above a row: a row of the same table is no header."""
    for above in range(row - 1, -1, -1):
        if above not in grid.rows:
            return True
        if row - above > LINES_ABOVE_MAX or not is_line(grid.rows[above], stretches):
            return False
    return True


def is_line(columns: Sequence[int], stretches: Sequence[range]) -> bool:
    """Tell whether a row has one text above each table that it says something of, or a title alone."""
    filled = {*columns}
    counts = [len(filled.intersection(stretch)) for stretch in stretches]
    return max(counts) <= 1 or len(columns) <= TITLE_CELLS_MAX


def _side_table(grid: Grid, columns: range, first_row: int) -> SideTable:
    """Return the table in some columns, whose header has two texts, the first one in the first column."""
    for row, filled in _rows_in(grid, columns, first_row):
        if row > first_row + HEADER_ROWS_APART_MAX:
            break
        if len(filled) >= COLUMNS_MIN:
            is_header = filled[0] == columns.start and _has_rows_below(grid, columns, row)
            return SideTable(columns, row if is_header else None)
    return SideTable(columns, None)


def _rows_in(grid: Grid, columns: range, first_row: int) -> Iterator[tuple[int, Sequence[int]]]:
    """Yield the rows that hold something in some columns, with which of them, from one row on."""
    for row, filled in grid.rows.items():
        if row < first_row:
            continue
        in_columns = [column for column in filled if column in columns]
        if in_columns:
            yield row, in_columns


def _has_rows_below(grid: Grid, columns: range, header_row: int) -> bool:
    """Tell whether a row is below a header, and the first of them begins in the first column."""
    below = next(_rows_in(grid, columns, header_row + 1), None)
    return below is not None and below[1][0] == columns.start


def _with_remarks_joined(grid: Grid, sides: Sequence[SideTable]) -> list[SideTable]:
    """Return sides, columns of remarks without a header with the table left of them."""
    joined: list[SideTable] = []
    for side in sides:
        has_table = side.header_row is not None
        header_row = joined[-1].header_row if joined else None
        has_header = header_row is not None and any(
            column in grid.rows[header_row] for column in side.columns
        )
        if joined and not has_table and not has_header:
            columns = range(joined[-1].columns.start, side.columns.stop)
            joined[-1] = SideTable(columns, header_row)
        else:
            joined.append(side)
    return joined


def _are_tables(grid: Grid, sides: Sequence[SideTable]) -> bool:
    """Tell whether two sides are tables of their own, and not one table with a blank column in it.

    Their headers say the same; or they have other rows than each other, and each has a line of its own
    above it or names its things in its first column; or these names are each there once.
    """
    tables = [side for side in sides if side.header_row is not None]
    if len(tables) < TABLES_MIN:
        return False
    headers = [_header_texts(grid, table) for table in tables]
    if len(frozenset().union(*headers)) < sum(map(len, headers)):
        return True
    names = [_names_in(grid, table) for table in tables]
    if len({_rows_of_things(grid, table) for table in tables}) > 1:
        return all(names) or all(_has_line_above(grid, table) for table in tables)
    return all(len({*of_table.values()}) == len(of_table) >= NAMES_MIN for of_table in names)


def _rows_of_things(grid: Grid, table: SideTable) -> tuple[int, ...]:
    """Return the rows of a table, without lines of one text: one may be about all of the tables."""
    rows = _rows_in(grid, table.columns, table.header_row or 0)
    return tuple(row for row, filled in rows if len(filled) >= COLUMNS_MIN)


def _has_line_above(grid: Grid, table: SideTable) -> bool:
    """Tell whether the row above the header of a table has one text in its columns: in the first one."""
    row = (table.header_row or 0) - 1
    columns = [column for column in grid.rows.get(row, ()) if column in table.columns]
    return columns == [table.columns.start]


def _header_texts(grid: Grid, table: SideTable) -> frozenset[str]:
    texts = {} if table.header_row is None else grid.texts_by_row[table.header_row]
    return frozenset(normals([text for column, text in texts.items() if column in table.columns]))


def _names_in(grid: Grid, table: SideTable) -> Mapping[int, str]:
    """Return what the first column of a table says in each row; nothing where it does not name them all.

    A row without it, or blank rows between others, are those of remarks beside another table.
    """
    names: dict[int, str] = {}
    header_row = table.header_row or 0
    row_before = header_row
    for row, filled in _rows_in(grid, table.columns, header_row + 1):
        if len(filled) >= COLUMNS_MIN:
            first_row, _ = grid.merged_first((row, table.columns.start))
            name = normal(grid[first_row, table.columns.start].text)
            if first_row == header_row or not name:
                return {}
            if any(other in grid.rows for other in range(row_before + 1, row)):
                return {}
            names[first_row] = name
        row_before = row  # of one text: a line, which may begin a further table
    return names


# ---------------------------------------------------------------- dividing


def divided_grids(divided: Sequence[DividedWorksheet], grids: Sequence[Grid]) -> tuple[Grid, ...]:
    """Return worksheets, areas in place of those that are divided; an area may be divided again.

    A worksheet without the row that an area begins with stays whole.
    """
    parted = [*grids]
    for division in divided:
        for at, grid in enumerate(parted):
            if normal(grid.title) == normal(division.worksheet):
                parted[at : at + 1] = _areas(division, grid)
                break
    return tuple(parted)


def area_titles(layout: Layout, worksheet: str) -> list[str]:
    """Return what the areas of a worksheet are called, and those of an area that is divided again."""
    titles: list[str] = []
    names = {normal(worksheet)}
    for division in layout.divided:
        if normal(division.worksheet) in names:
            titles += division.areas
            names.update(map(normal, division.areas))
    return titles


def _areas(division: DividedWorksheet, grid: Grid) -> list[Grid]:
    if division.row:
        row = row_with(grid, division.row)
        if row is None:
            return [grid]
        last = max(grid.rows) + 1
        above, below = division.areas
        columns = range(grid.width)
        return [
            _area(grid, above, rows=range(row), columns=columns),
            _area(grid, below, rows=range(row, last), columns=columns),
        ]
    starts = _starts(division, grid)
    stops = (*starts[1:], max(grid.width, starts[-1] + 1))
    rows = range(max(grid.rows, default=0) + 1)
    return [
        _area(grid, name, rows=rows, columns=range(start, stop))
        for name, start, stop in zip(division.areas, starts, stops, strict=True)
    ]


def row_with(grid: Grid, texts: Sequence[str]) -> int | None:
    """Return the first row that says all of some texts."""
    wanted = normals(texts)
    for row, cells in grid.texts_by_row.items():
        if wanted <= normals([*cells.values()]):
            return row
    return None


def may_begin_area(grid: Grid, row: int) -> bool:
    """Tell whether something is above a row, and no earlier row says what it says."""
    texts = [*grid.texts_by_row.get(row, {}).values()]
    return bool(texts) and row > min(grid.rows) and row_with(grid, texts) == row


def _starts(division: DividedWorksheet, grid: Grid) -> Sequence[int]:
    """Return the first column of each area; blank columns right of it belong to it, and what is in them."""
    columns = [columns_of_stretch(stretch) for stretch in division.columns]
    tables = tables_beside(grid)
    if tables is not None and len(tables.columns) == len(columns):
        columns = [*tables.columns]
    return (0, *(stretch.start for stretch in columns[1:]))


@dataclass(frozen=True, slots=True)
class _Window:
    """Some rows and columns of a worksheet."""

    rows: range
    columns: range

    def has(self, place: Place) -> bool:
        return place.row in self.rows and place.column in self.columns

    def texts(self, by_place: Mapping[Place, str]) -> Mapping[Place, str]:
        return {place: text for place, text in by_place.items() if self.has(place)}

    def cells(self, grid: Grid) -> RowCells:
        cells: dict[int, dict[int, str]] = {}
        for row, texts in grid.texts_by_row.items():
            texts_inside = {
                column: text for column, text in texts.items() if column in self.columns
            }
            if row in self.rows and texts_inside:
                cells[row] = texts_inside
        return RowCells(cells)


def _area(grid: Grid, title: str, *, rows: range, columns: range) -> Grid:
    """Return the cells of a worksheet in some rows and columns; they keep their addresses."""
    window = _Window(rows, columns)
    return replace(
        grid,
        title=title,
        area_of=grid.worksheet_title,
        cells=window.cells(grid),
        merges=tuple(merge for merge in grid.merges if window.has(merge.first)),
        struck=frozenset(filter(window.has, grid.struck)),
        comments=window.texts(grid.comments),
        colours=window.texts(grid.colours),
        text_colours=window.texts(grid.text_colours),
        totals=frozenset(row for row in grid.totals if row in rows),
        hidden_columns=tuple(column for column in grid.hidden_columns if column in columns),
    )
