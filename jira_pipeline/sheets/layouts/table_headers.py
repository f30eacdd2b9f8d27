"""The header of a table, as people are shown it: where it is, and what each column is called.

Belongs here: the row that is shown first, names of columns, worksheets with the same header. Does not:
finding the header that a layout names (`header_rows`), what headers mean (`table_shapes`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from jira_pipeline.sheets.layouts.grid import Grid, Place, column_letters
from jira_pipeline.sheets.layouts.header_rows import (
    GROUP,
    HeaderRows,
    HeaderSpan,
    names_below_groups,
)
from jira_pipeline.sheets.layouts.layout import LETTER, SheetLayout
from jira_pipeline.sheets.layouts.texts import normal

COLUMNS_MIN = 2
"""Below one header, everything is a list of sentences, and no row is a header."""
ROWS_LOOKED_AT = 500
"""A page is shown often, and how a worksheet is made up shows in its first rows."""
TITLE_CELLS_MAX = 2
"""A line that names a table has its name alone, or with a sentence beside it."""


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """A column of a table."""

    column: int
    name: str
    """As layouts say it: the second `Name` is `Name#2`; `Group / Header` below a group."""
    header: str
    """Its own header, without the group."""
    group: str


@dataclass(frozen=True, slots=True)
class TableHeader:
    """The row or rows with the headers of a table."""

    span: HeaderSpan
    columns: tuple[NamedColumn, ...]
    is_row: bool = False
    """It is none: the first row of a table without a header, whose columns are named by their letters."""

    @property
    def row(self) -> int:
        """Where it begins; the first is 0."""
        return self.span.first

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def header_in(grid: Grid, span: HeaderSpan) -> TableHeader:
    """Return the header that is in some rows."""
    counts: dict[str, int] = defaultdict(int)
    named: list[NamedColumn] = []
    has_groups = span.named_count > 1
    for header in names_below_groups(grid, grid.rows, span):
        counts[normal(header.text)] += 1
        count = counts[normal(header.text)]
        group, _, own = header.text.rpartition(GROUP) if has_groups else ("", "", header.text)
        name = header.text if count == 1 else f"{header.text}#{count}"
        named.append(NamedColumn(header.column, name, own, group))
    return TableHeader(span, tuple(named))


def first_shown_row(grid: Grid) -> int | None:
    """Return the row that is shown as the header until somebody says which one it is.

    It is the first of those with most cells; none where no row has two. Nothing is read by it.
    """
    widths = {row: len(columns) for row, columns in grid.rows.items()}
    widest = max(widths.values(), default=0)
    if widest < COLUMNS_MIN:
        return None
    return next(row for row, width in widths.items() if width == widest)


def first_shown_header(grid: Grid) -> TableHeader | None:
    row = first_shown_row(grid)
    return None if row is None else header_in(grid, HeaderSpan(row))


def worksheets_alike(grids: Sequence[Grid]) -> list[tuple[Grid, ...]]:
    """Return worksheets in their order, those that would be shown with the same header together."""
    groups: dict[tuple[str, ...], list[Grid]] = {}
    for grid in grids:
        header = first_shown_header(grid)
        names = tuple(map(normal, header.names)) if header else (grid.title, "")
        groups.setdefault(names, []).append(grid)
    return [tuple(group) for group in groups.values()]


def has_headers_of(sheet: SheetLayout, grid: Grid) -> bool:
    """Tell whether a worksheet has the header of a table that is said of others in its first rows."""
    for region in sheet.regions:
        headers = HeaderRows(region, grid, grid.rows)
        first_rows = islice(grid.rows, ROWS_LOOKED_AT)
        if headers.needed and any(map(headers.is_header, first_rows)):
            return True
    return False


def has_fill_of_header(grid: Grid, row: int, header_row: int) -> bool:
    """Tell whether all cells of a row have the fill that all cells of a header have."""
    header_columns = grid.rows.get(header_row, ())
    if not header_columns:
        return False
    fill = grid.colours.get(Place(header_row, header_columns[0]))
    # Most rows have no fill, so that their first cell says it.
    return fill is not None and _has_fill(grid, row, fill) and _has_fill(grid, header_row, fill)


def _has_fill(grid: Grid, row: int, fill: str) -> bool:
    """Tell whether all cells of a row that is not blank have a fill."""
    columns = grid.rows.get(row, ())
    return bool(columns) and all(grid.colours.get(Place(row, column)) == fill for column in columns)


def first_row_of_table(grid: Grid, row: int) -> TableHeader:
    """Return a row that is the first of a table without a header, with the columns of its rows."""
    columns: set[int] = set()
    for other, filled in grid.rows.items():
        if other >= row:
            columns |= {*filled}
    names = ((column, letters_name(column)) for column in sorted(columns))
    named = tuple(NamedColumn(column, name, name, "") for column, name in names)
    return TableHeader(HeaderSpan(row), named, is_row=True)


def header_words(name: str) -> str:
    """Return what people call a header: a column without one by its letter."""
    return f"column {name.removeprefix(LETTER)}" if name.startswith(LETTER) else name


def letters_name(column: int) -> str:
    """Return what layouts call a column that has no header."""
    return f"{LETTER}{column_letters(column)}"
