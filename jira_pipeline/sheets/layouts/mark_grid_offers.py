"""What shows that a worksheet is a grid of marks, so that a page can offer to say so.

Belongs here: columns that hold nothing but marks, and the row that names them. Does not: what rows and
columns are, which a person says, and what a layout becomes by it (`table_shapes`, `matrices`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.sheets.layouts.grid import Grid, column_letters
from jira_pipeline.sheets.layouts.header_rows import HeaderSpan
from jira_pipeline.sheets.layouts.record_drafts import FIELD, columns_by_dictionary
from jira_pipeline.sheets.layouts.table_headers import header_in
from jira_pipeline.sheets.layouts.texts import normal

COLUMNS_OF_MARKS_MIN = 3
"""Two columns of yes and no are usual in lists."""
MARKS_OF_A_COLUMN_MIN = 2
"""On average: the last column of a grid may have one mark as yet."""
MARK_MAX_CHARACTERS = 3
HEADER_ROWS_MAX = 3
"""As many as a layout can name above a row of headers, with it."""
HEADER_ROWS_LOOKED_AT = 12
"""Titles and legends may be above a grid; its header is not far below them."""
MARKS_SHOWN_MAX = 8
_COLUMNS_OF_FIELDS = frozenset({"Field label", "Field type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkGridOffer:
    """Columns of a worksheet that hold nothing but marks."""

    worksheet: str
    header_row: int
    """The row with the headers beside the marks, too; the first is 1."""
    header_rows: int
    """That row, and those above it that name the columns."""
    header_below: int
    """Rows below it down to the names of the columns; what others say is asked next."""
    names_in: int
    """Where the columns have their names: 0 is the row of the headers, -1 the one above, 1 that below."""
    marks_in: str
    """The columns, as `C:N`."""
    names: tuple[str, ...]
    """What the columns are called."""
    marks: tuple[str, ...]
    """The usual ones first."""
    is_of_fields: bool
    """Headers beside the marks are those of fields and of their types."""


def mark_grid_offer(grids: Sequence[Grid]) -> MarkGridOffer | None:
    """Return the columns of marks of worksheets that look alike; None where they have too few."""
    for grid in grids:
        rows = _rows_above_marks(grid)
        if rows:
            return _offer(grid, rows)
    return None


def _rows_above_marks(grid: Grid) -> list[int]:
    """Return the first rows, one right below the other, that name most columns of marks; none of a list."""
    columns_of: dict[int, list[int]] = {}
    for row in [*grid.rows][:HEADER_ROWS_LOOKED_AT]:
        columns = _columns_of_marks(grid, row)
        # a list may have a few columns of marks among many others
        is_most_of_it = len(columns) * 3 >= len(grid.rows[row])
        names = {grid[row, column].text for column in columns}
        are_names = len(names) == len(columns)  # a row of marks has some of them twice
        marks_count = sum(len(_texts_below(grid, row, column)) for column in columns)
        is_grid = marks_count >= len(columns) * MARKS_OF_A_COLUMN_MIN
        if len(columns) >= COLUMNS_OF_MARKS_MIN and is_most_of_it and are_names and is_grid:
            columns_of[row] = columns
    most = max(map(len, columns_of.values()), default=0)
    rows: list[int] = []
    for row, columns in columns_of.items():
        is_next = not rows or row == rows[-1] + 1
        # a column may have no mark as yet, only a total or what another row says of it
        names_most = len(columns) * 2 > most
        if names_most and is_next and len(rows) < HEADER_ROWS_MAX:
            rows.append(row)
    return rows


def _columns_of_marks(grid: Grid, header_row: int) -> list[int]:
    """Return the longest stretch of columns whose header is a name, or a code, above marks alone."""
    known = {column for columns in _known_columns(grid, header_row).values() for column in columns}
    longest: list[int] = []
    for are_codes in (False, True):
        stretch: list[int] = []
        for column in range(grid.width):
            name = grid[header_row, column].text
            is_header = bool(name) and _is_code(name) == are_codes and column not in known
            if is_header and _holds_marks(grid, header_row, column):
                stretch.append(column)
            else:
                stretch = []
            if len(stretch) > len(longest):
                longest = [*stretch]
    return longest


def _known_columns(grid: Grid, header_row: int) -> Mapping[str, Sequence[int]]:
    """Return the columns whose headers say something of a field, by what it is: `Required`."""
    header = header_in(grid, HeaderSpan(header_row))
    places = {column.name: column.column for column in header.columns}
    known: dict[str, list[int]] = {}
    for name, values in columns_by_dictionary(FIELD, header.columns).items():
        known[name] = [places[value.column] for value in values if value.column in places]
    return known


def _holds_marks(grid: Grid, header_row: int, column: int) -> bool:
    texts = _texts_below(grid, header_row, column)
    if grid[header_row, column].text in texts:
        return False
    marks = [text for text in texts if _is_mark(text)]
    if not marks or all(text.isdecimal() for text in marks):
        return False
    # one text may say more of the column, and one mark in ten may have words beside it
    return len(texts) - len(marks) <= max(1, len(texts) // 10)


def _texts_below(grid: Grid, header_row: int, column: int) -> list[str]:
    texts: list[str] = []
    for row, cells in grid.texts_by_row.items():
        if row > header_row and column in cells:
            texts.append(cells[column])
    return texts


def _is_code(name: str) -> bool:
    """Tell whether a header is as short as a mark: `BRT` of a row of such codes, or `Max` of a list."""
    return _is_mark(name)


def _is_mark(text: str) -> bool:
    return len(text) <= MARK_MAX_CHARACTERS


def _offer(grid: Grid, rows: Sequence[int]) -> MarkGridOffer:
    # beside the marks, the row with the headers has more cells than others that name columns
    header_row = max(rows, key=lambda row: (len(grid.rows[row]), -row))
    columns = max((_columns_of_marks(grid, row) for row in rows), key=len)
    # names are longer than codes of them
    names_row = max(rows, key=lambda row: sum(len(grid[row, column].text) for column in columns))
    counts: Counter[str] = Counter()
    for column in columns:
        texts = _texts_below(grid, rows[-1], column)
        counts.update(normal(text) for text in texts if _is_mark(text))
    first = column_letters(columns[0])
    last = column_letters(columns[-1])
    return MarkGridOffer(
        worksheet=grid.title,
        header_row=header_row + 1,
        header_rows=header_row - rows[0] + 1,
        header_below=max(0, names_row - header_row),
        names_in=names_row - header_row,
        marks_in=f"{first}:{last}",
        names=tuple(grid[names_row, column].text for column in columns),
        marks=tuple(mark for mark, _ in counts.most_common(MARKS_SHOWN_MAX)),
        is_of_fields=_known_columns(grid, header_row).keys() >= _COLUMNS_OF_FIELDS,
    )
