"""What shows that a worksheet is a grid of marks, so that a page can offer to say so.

Belongs here: columns that hold nothing but marks, and the row that names them. Does not: what rows and
columns are, which a person says, and what a layout becomes by it (`table_shapes`, `matrices`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.sheets.layouts.grid import Grid, column_letters
from jira_pipeline.sheets.layouts.header_rows import HeaderSpan
from jira_pipeline.sheets.layouts.record_drafts import FIELD, columns_by_dictionary
from jira_pipeline.sheets.layouts.table_headers import header_in
from jira_pipeline.sheets.layouts.texts import normal

COLUMNS_OF_MARKS_MIN = 3
"""Two columns of yes and no are usual in lists."""
MARKS_IN_COLUMN_MIN = 2
MARK_MAX_CHARACTERS = 3
HEADER_ROWS_LOOKED_AT = 12
"""Titles and legends may be above a grid; its header is not far below them."""
MARKS_SHOWN_MAX = 8
_COLUMNS_OF_FIELDS = frozenset({"Field label", "Field type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkGridOffer:
    """Columns of a worksheet that hold nothing but marks."""

    worksheet: str
    header_row: int
    """The row that names the columns; the first is 1."""
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
        offers = [*_offers(grid)]
        if offers:
            # what is below the first such row may say more of each column
            return max(offers, key=lambda offer: (len(offer.names), -offer.header_row))
    return None


def _offers(grid: Grid) -> Iterator[MarkGridOffer]:
    for row in [*grid.rows][:HEADER_ROWS_LOOKED_AT]:
        columns = _columns_of_marks(grid, row)
        # a list may have a few columns of marks among many others
        is_most_of_it = len(columns) * 3 >= len(grid.rows[row])
        if len(columns) >= COLUMNS_OF_MARKS_MIN and is_most_of_it:
            yield _offer(grid, row, columns)


def _columns_of_marks(grid: Grid, header_row: int) -> list[int]:
    """Return the longest stretch of columns whose header is a name and whose cells below are marks."""
    known = {column for name in _known_columns(grid, header_row).values() for column in name}
    longest: list[int] = []
    stretch: list[int] = []
    for column in range(grid.width):
        if column not in known and _holds_marks(grid, header_row, column):
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
    name = grid[header_row, column].text
    if not name or _is_mark(name):
        return False
    texts = _texts_below(grid, header_row, column)
    marks = [text for text in texts if _is_mark(text)]
    if len(marks) < MARKS_IN_COLUMN_MIN or all(text.isdecimal() for text in marks):
        return False
    # one text may say more of the column, and one mark in ten may have words beside it
    return len(texts) - len(marks) <= max(1, len(texts) // 10)


def _texts_below(grid: Grid, header_row: int, column: int) -> list[str]:
    texts: list[str] = []
    for row, cells in grid.texts_by_row.items():
        if row > header_row and column in cells:
            texts.append(cells[column])
    return texts


def _is_mark(text: str) -> bool:
    return len(text) <= MARK_MAX_CHARACTERS


def _offer(grid: Grid, row: int, columns: Sequence[int]) -> MarkGridOffer:
    counts: Counter[str] = Counter()
    for column in columns:
        counts.update(normal(text) for text in _texts_below(grid, row, column) if _is_mark(text))
    first = column_letters(columns[0])
    last = column_letters(columns[-1])
    return MarkGridOffer(
        worksheet=grid.title,
        header_row=row + 1,
        marks_in=f"{first}:{last}",
        names=tuple(grid[row, column].text for column in columns),
        marks=tuple(mark for mark, _ in counts.most_common(MARKS_SHOWN_MAX)),
        is_of_fields=_known_columns(grid, row).keys() >= _COLUMNS_OF_FIELDS,
    )
