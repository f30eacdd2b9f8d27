"""The cells of a worksheet or CSV file as they stand; nothing is meant by them yet.

Belongs here: cells, their addresses, merges, rows and columns exchanged. Does not: reading bytes
(`grid_reading`).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from typing_extensions import override

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS_MAX_COUNT = 3
_DIGITS_MAX_COUNT = 7


class Place(NamedTuple):
    """Row and column; the first are 0."""

    row: int
    column: int

    @property
    def address(self) -> str:
        """What people call the cell: `B12`."""
        return f"{column_letters(self.column)}{self.row + 1}"

    @property
    def turned(self) -> "Place":
        return Place(self.column, self.row)


class Span(NamedTuple):
    """Characters of a text, from `start` to before `end`."""

    start: int
    end: int


def column_letters(column: int) -> str:
    letters = ""
    rest = column + 1
    while rest:
        rest, letter = divmod(rest - 1, len(_ALPHABET))
        letters = _ALPHABET[letter] + letters
    return letters


def column_of_letters(letters: str) -> int:
    """Return where a column is that people call `A` or `BC`.

    Raises:
        ValueError: No column is called so.
    """
    if not 0 < len(letters) <= _LETTERS_MAX_COUNT or not {*letters} <= {*_ALPHABET}:
        raise ValueError(f"“{letters}” is no column, such as A or BC")
    column = 0
    for letter in letters:
        column = column * len(_ALPHABET) + _ALPHABET.index(letter) + 1
    return column - 1


def columns_of_stretch(text: str) -> range:
    """Return the columns that people call `A:F`, or `C`.

    Raises:
        ValueError: It names no columns, or ends before it begins.
    """
    first, _, last = text.partition(":")
    stretch = range(column_of_letters(first), column_of_letters(last or first) + 1)
    if not stretch:
        raise ValueError(f"“{text}” ends before it begins; write it as in A:F")
    return stretch


def place_of_address(text: str) -> Place:
    """Return where a cell is that people call `B12`.

    Raises:
        ValueError: No cell is called so.
    """
    letters = text.rstrip("0123456789")
    digits = text.removeprefix(letters)
    if not digits or digits.startswith("0") or len(digits) > _DIGITS_MAX_COUNT:
        raise ValueError(f"“{text}” is no address of a cell, such as B2")
    return Place(int(digits) - 1, column_of_letters(letters))


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and where it is; nowhere if the layout says it."""

    text: str
    place: Place | None
    worksheet: str = ""


NO_CELL = Cell("", None)


class Merge(NamedTuple):
    first: Place
    last: Place


class RowCells(Mapping[Place, str]):
    """Cells as readers have them, by row: their places are made where somebody asks for these."""

    def __init__(self, rows: Mapping[int, Mapping[int, str]]) -> None:
        """Take rows from top to bottom, with what they hold from left to right."""
        self.rows = rows

    @override
    def __getitem__(self, place: Place) -> str:
        return self.rows[place.row][place.column]

    @override
    def __iter__(self) -> Iterator[Place]:
        for row, texts in self.rows.items():
            for column in texts:
                yield Place(row, column)

    @override
    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What one worksheet shows."""

    title: str
    area_of: str = ""
    """Of an area that is read as a worksheet of its own: the name of the whole worksheet."""
    cells: Mapping[Place, str]
    """Only those that hold something."""
    lines: Mapping[int, int] = field(default_factory=dict)
    """Of a CSV file: the line that a row begins in, where that is not its number."""
    widths: Mapping[int, int] = field(default_factory=dict)
    """Of a CSV file: how many cells the record of a row has, blank ones too."""
    merges: tuple[Merge, ...] = ()
    struck: frozenset[Place] = frozenset()
    comments: Mapping[Place, str] = field(default_factory=dict)
    colours: Mapping[Place, str] = field(default_factory=dict)
    """Fills of cells, as `FFD9D9D9`."""
    text_colours: Mapping[Place, str] = field(default_factory=dict)
    """Colours of texts, where these are not the usual one."""
    totals: frozenset[int] = frozenset()
    """Of a workbook: rows that add up a table, as the file says."""
    hidden_columns: tuple[int, ...] = ()
    """Those with cells that people do not see."""
    is_hidden: bool = False
    is_turned: bool = False
    """Rows and columns are exchanged; places of its cells stay those of the worksheet."""

    def __getitem__(self, place: tuple[int, int]) -> Cell:
        """Return the cell of a row and column, as the grid is turned."""
        at = self._in_worksheet(place)
        return Cell(self.cells.get(at, ""), at, self.title)

    @property
    def worksheet_title(self) -> str:
        """What the worksheet is called that people open."""
        return self.area_of or self.title

    def _in_worksheet(self, place: tuple[int, int]) -> Place:
        row, column = place
        return Place(column, row) if self.is_turned else Place(row, column)

    @cached_property
    def texts_by_row(self) -> Mapping[int, Mapping[int, str]]:
        """What each row holds, by column, from top to bottom, as the grid is turned."""
        if isinstance(self.cells, RowCells) and not self.is_turned:
            return self.cells.rows
        places = [(place, text) for place, text in self.cells.items()]
        if self.is_turned:
            places = [(place.turned, text) for place, text in places]
        texts: dict[int, dict[int, str]] = {}
        for place, text in sorted(places):
            texts.setdefault(place.row, {})[place.column] = text
        return texts

    @cached_property
    def rows(self) -> Mapping[int, tuple[int, ...]]:
        """Which columns are filled, by row, from top to bottom."""
        return {row: tuple(texts) for row, texts in self.texts_by_row.items()}

    @cached_property
    def width(self) -> int:
        """Columns up to the last with a cell."""
        return max((columns[-1] for columns in self.rows.values()), default=-1) + 1

    @cached_property
    def _merges_by_column(self) -> Mapping[int, tuple[Merge, ...]]:
        found: dict[int, list[Merge]] = {}
        for merge in self.merges:
            last = min(merge.last.column, max(merge.first.column, self._worksheet_width))
            for column in range(merge.first.column, last + 1):
                found.setdefault(column, []).append(merge)
        return {column: tuple(sorted(merges)) for column, merges in found.items()}

    @cached_property
    def _worksheet_width(self) -> int:
        return max((place.column for place in self.cells), default=0)

    def merged_first(self, place: tuple[int, int]) -> tuple[int, int]:
        """Return the first of the merged cells that a cell is one of, as the grid is turned."""
        at = self._in_worksheet(place)
        merges = self._merges_by_column.get(at.column, ())
        before = bisect_right(merges, at.row, key=lambda merge: merge.first.row)
        # Merged cells do not overlap: of a column only the last that begins above may reach so far.
        if before and at.row <= merges[before - 1].last.row:
            return self._in_worksheet(merges[before - 1].first)
        return place

    def turned(self) -> "Grid":
        return replace(self, is_turned=True)

    def line_of(self, place: Place) -> int:
        """Return the line that people find a cell in; the first is 1."""
        return self.lines.get(place.row, place.row + 1)
