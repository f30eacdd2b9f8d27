"""What shows that a worksheet is a grid of marks, so that a page can offer to say so.

Belongs here: columns that hold nothing but marks, and the row that names them. Does not: what rows and
columns are, which a person says, and what a layout becomes by it (`table_shapes`, `matrices`).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from jira_pipeline.sheets.layouts.grid import Grid, column_letters
from jira_pipeline.sheets.layouts.header_rows import HeaderSpan
from jira_pipeline.sheets.layouts.record_drafts import FIELD, columns_by_dictionary
from jira_pipeline.sheets.layouts.table_headers import ROWS_LOOKED_AT, header_in
from jira_pipeline.sheets.layouts.texts import normal

COLUMNS_OF_MARKS_MIN = 3
"""Two columns of yes and no are usual in lists."""
MARKS_OF_A_COLUMN_MIN = 2
"""On average: the last column of a grid may have one mark as yet."""
MARK_MAX_CHARACTERS = 3
"""Of codes of types, too: `BRT`."""
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
    """Rows below it, down to the one with the names of the columns."""
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
        first_rows = _FirstRows(grid)
        rows = first_rows.rows_of_names()
        if rows:
            return _offer(first_rows, rows)
    return None


QUOTES = (("“", "”"), ("„", "“"), ("«", "»"), ('"', '"'))


def name_in_quotes(grid: Grid, below: int) -> str:
    """Return what a line above a row has in quotes, which may be its name; blank where none has."""
    for row, columns in grid.rows.items():
        if row >= below or len(columns) != 1:
            continue
        for opening, closing in QUOTES:
            _, _, after = grid[row, columns[0]].text.partition(opening)
            name, is_closed, _ = after.partition(closing)
            if is_closed and name.strip():
                return name.strip()
    return ""


class _FirstRows:
    """The first rows of a worksheet, by column."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._texts: Mapping[int, dict[int, str]] = defaultdict(dict)
        for row, cells in islice(grid.texts_by_row.items(), ROWS_LOOKED_AT):
            for column, text in cells.items():
                self._texts[column][row] = text

    def texts_below(self, header_row: int, column: int) -> list[str]:
        return [text for row, text in self._texts[column].items() if row > header_row]

    def marks_below(self, header_row: int, column: int) -> list[str]:
        return [text for text in self.texts_below(header_row, column) if _is_short(text)]

    def rows_of_names(self) -> list[int]:
        """Return the first rows, one right below the other, that name columns of marks."""
        columns_of: dict[int, list[int]] = {}
        for row in [*self.grid.rows][:HEADER_ROWS_LOOKED_AT]:
            columns = self.columns_of_marks(row)
            if self._is_grid(row, columns):
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

    def columns_of_marks(self, header_row: int) -> list[int]:
        """Return the longest stretch of columns whose header is a name, or a code, above marks alone."""
        other_columns: set[int] = set()
        for columns in _known_columns_of_fields(self.grid, header_row).values():
            other_columns |= {*columns}
        longest: list[int] = []
        for are_codes in (False, True):
            stretch: list[int] = []
            for column in range(self.grid.width):
                name = self.grid[header_row, column].text
                # a short word may be one of the names: “ops” beside “editor”
                is_header = _is_short(name) if are_codes else _is_name(name)
                if (
                    is_header
                    and name
                    and column not in other_columns
                    and self._holds_marks(header_row, column)
                ):
                    stretch.append(column)
                else:
                    stretch = []
                if len(stretch) > len(longest):
                    longest = [*stretch]
        return longest

    def _is_grid(self, header_row: int, columns: Sequence[int]) -> bool:
        """Tell whether columns below a header are most of it, called by different names, and have marks."""
        if len(columns) < COLUMNS_OF_MARKS_MIN:
            return False
        # a list may have a few columns of marks among many others
        are_enough = len(columns) * 3 >= len(self.grid.rows[header_row])
        names = {self.grid[header_row, column].text for column in columns}
        are_names = len(names) == len(columns)  # a row of marks has some of them twice
        marks_count = sum(len(self.marks_below(header_row, column)) for column in columns)
        return are_enough and are_names and marks_count >= len(columns) * MARKS_OF_A_COLUMN_MIN

    def _holds_marks(self, header_row: int, column: int) -> bool:
        texts = self.texts_below(header_row, column)
        marks = self.marks_below(header_row, column)
        if self.grid[header_row, column].text in texts or all(map(str.isdecimal, marks)):
            return False
        # one text may say more of the column, and one mark in ten may have words beside it
        return len(texts) - len(marks) <= max(1, len(texts) // 10)


def _known_columns_of_fields(grid: Grid, header_row: int) -> Mapping[str, Sequence[int]]:
    """Return the columns whose headers say something of a field, by what it is: `Required`."""
    header = header_in(grid, HeaderSpan(header_row))
    places = {column.name: column.column for column in header.columns}
    columns_by_name: dict[str, list[int]] = {}
    for name, values in columns_by_dictionary(FIELD, header.columns).items():
        columns_by_name[name] = [places[value.column] for value in values if value.column in places]
    return columns_by_name


def _is_name(text: str) -> bool:
    return not _is_short(text) or (len(text) > 1 and text.isalpha())


def _is_short(text: str) -> bool:
    return len(text) <= MARK_MAX_CHARACTERS


def _offer(first_rows: _FirstRows, rows: Sequence[int]) -> MarkGridOffer:
    grid = first_rows.grid
    # beside the marks, the row with the headers has more cells than others that name columns
    header_row = max(rows, key=lambda row: (len(grid.rows[row]), -row))
    columns = max((first_rows.columns_of_marks(row) for row in rows), key=len)
    # names are longer than codes of them
    names_row = max(rows, key=lambda row: sum(len(grid[row, column].text) for column in columns))
    counts: Counter[str] = Counter()
    for column in columns:
        counts.update(map(normal, first_rows.marks_below(rows[-1], column)))
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
        is_of_fields=_known_columns_of_fields(grid, header_row).keys() >= _COLUMNS_OF_FIELDS,
    )
