"""Where the tables of a sheet begin, and what is written above each.

Belongs here: titles, pairs of a word and its value, headers further down. Does not: reading cells
(`csv_files`, `workbooks`), which sheet a table is (`sheets`), what its rows belong to (`owners`).

A row ends a table and begins another only where nothing of the table above explains it: its cells
are headers, or it is below a title and fills columns that have no header there, or hardly any of
those that each row above fills. A table that repeats its own header goes on. Below one that nobody
knows, words like headers are enough where cells below them are of another sort.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeAlias

from jira_pipeline.model.entities import SourceRow
from jira_pipeline.sheets.reading.labels import folded
from jira_pipeline.sheets.reading.sheets import is_word_of_headers

LINES_ABOVE_HEADER = 20
_HEADERS_MIN, _HEADERS_SHARE = 3, 0.75
"""So many cells, and so many of a row's, are headers where the row is one."""
_PAIR = 2
_ROWS_MIN = 3
_OUTSIDE_MIN = 2
_HEADER_LIKE = re.compile(r"(?=[^\W\d_])(?=[^a-zß-ÿ])[^\d/_@]{2,40}")

IsHeader: TypeAlias = Callable[[Sequence[str]], object]
"""Tells whether cells are the header of a known sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table of a sheet."""

    header: SourceRow
    rows: Iterable[SourceRow]
    """Below the header."""
    above: tuple[SourceRow, ...] = ()
    """Its title, and pairs of a word and its value."""


def titles_above(rows: Sequence[SourceRow]) -> list[str]:
    """Return the lines above a header that hold one text."""
    texts = ([cell for cell in row.cells if cell] for row in rows)
    return [cells[0] for cells in texts if len(cells) == 1]


def first_part(records: Iterator[SourceRow], is_header: IsHeader | None) -> Part | None:
    """Return the first table of a sheet, with all that is below its header; None of a blank sheet."""
    first = next((row for row in records if any(row.cells)), None)
    if first is None:
        return None
    if is_header is None or is_header(first.cells):
        return Part(header=first, rows=records)
    start = [first, *islice(records, LINES_ABOVE_HEADER)]
    at = _first_header(start, is_header)
    title, is_apart = _first_title(start, at), _is_after_gap(start, at)
    least = _PAIR if title < at else _HEADERS_MIN  # two may be words of the document
    several = [n for n in range(title) if len(_filled(start[n])) >= least]
    if 2 * sum(not is_pair(start[n]) for n in several) > len(several) >= _ROWS_MIN and (
        is_apart or title < at
    ):
        at = several[0]  # a table of its own above the next
    return Part(
        header=start[at],
        rows=chain(start[at + 1 :], records),
        above=tuple(row for row in start[:at] if any(row.cells)),
    )


def parts_of(part: Part, is_header: IsHeader | None) -> list[Part]:
    """Divide what is below a header into tables, from top to bottom."""
    below, above, parts = list(part.rows), part.above, list[Part]()
    widths = [len(row.cells) - row.cells.count("") for row in below]
    table, begin = _Table(part.header, is_header), 0
    for at in range(1, len(below)):
        # Nearly every row is directly below one with several cells: it begins no table.
        if widths[at - 1] > _PAIR and below[at].record == below[at - 1].record + 1:
            continue
        if at < begin or not table.ends_at(below, at):
            continue
        end = at if widths[at] == 1 else _first_title(below, at)
        parts.append(Part(header=table.header, rows=below[begin:end], above=above))
        at_header = _below_titles(below, at)
        above = tuple(each for each in below[end:at_header] if any(each.cells))
        begin = at_header + 1
        table = _Table(below[at_header], is_header, begin)
    return [*parts, Part(header=table.header, rows=below[begin:], above=above)]


def _first_header(rows: Sequence[SourceRow], is_header: IsHeader) -> int:
    """Return where the header is: the first that is known, else the first row that is wide enough.

    Where no header is known, one row that has twice as many cells as a title or merged heads is it.
    """
    widths = [len(_filled(row)) for row in rows]
    wide = max(_HEADERS_MIN, 2 * widths[0])
    known = (
        at
        for at, row in enumerate(rows)
        if (widths[at] > max(widths[:at], default=0) and are_headers(row))
        or (not is_pair(row) and is_header(row.cells))
    )
    content = next((at for at, width in enumerate(widths) if width >= _HEADERS_MIN), 0)
    merged = range(content + 2)  # heads above the header may have three cells, too
    unknown = (at for at, width in enumerate(widths) if width >= wide and at in merged)
    return next(chain(known, unknown), 0)


def are_headers(row: SourceRow) -> bool:
    """Tell whether nearly all cells of a row are headers."""
    filled = [cell for cell in row.cells if cell]
    known = {folded(cell) for cell in filled if is_word_of_headers(cell)}
    return len(known) >= max(_HEADERS_MIN, _HEADERS_SHARE * len(filled))


def _filled(row: SourceRow) -> list[int]:
    return [at for at, cell in enumerate(row.cells) if cell]


def is_pair(row: SourceRow) -> bool:
    """Tell whether a row is a word and its value, such as `Machine name | course`."""
    cells = [cell for cell in row.cells if cell]
    return len(cells) == _PAIR and is_word_of_headers(cells[0]) > is_word_of_headers(cells[1])


def _first_title(rows: Sequence[SourceRow], at: int) -> int:
    """Return where begins what is written right above a header: titles, pairs and one gap."""
    first = at
    while first and not (first < at and _is_after_gap(rows, first)):
        before = rows[first - 1]
        if len(_filled(before)) > 1 and not is_pair(before):
            break
        first -= 1
    is_apart = _is_after_gap(rows, at) and not _is_after_gap(rows, first)
    return at if is_apart else first


def _is_after_gap(rows: Sequence[SourceRow], at: int) -> bool:
    before = rows[at - 1] if at else None
    return before is None or not any(before.cells) or before.record + 1 != rows[at].record


class _Table:
    """A table that is followed from its header downwards."""

    def __init__(self, header: SourceRow, is_header: IsHeader | None, begin: int = 0) -> None:
        self.header = header
        self._is_known = is_header is not None and bool(is_header(header.cells))
        self._headers = {at: folded(header.cells[at]) for at in _filled(header)}
        self._always: set[int] = set()
        """Columns that each row so far fills."""
        self._seen, self._is_begun = begin, False
        """The first row that was not looked at for that, and whether any was of this table."""
        self._rows_end = 0
        """Titles above this row have the same rows below them, which are of this table."""

    def ends_at(self, rows: Sequence[SourceRow], at: int) -> bool:
        """Tell whether another table begins with a row below a narrow one: its header, or its title."""
        while not self._is_begun and self._seen < at:
            self._look_at(rows[self._seen])
        row, filled = rows[at], _filled(rows[at])
        if not filled or not self._is_begun:
            return False
        if len(filled) == 1:
            is_new = at >= self._rows_end and _is_after_gap(rows, at)
            return is_new and self._is_other(rows, at)
        if self._repeats(row, filled):
            first = _first_title(rows, at)
            is_apart = any(len(_filled(each)) == 1 for each in rows[first:at])
            is_apart |= _is_after_gap(rows, first)
            return is_apart and any(is_pair(each) for each in rows[first:at])
        return are_headers(row) and (_is_after_gap(rows, at) or _first_title(rows, at) < at)

    def _look_at(self, row: SourceRow) -> None:
        filled, self._seen = _filled(row), self._seen + 1
        if len(filled) > 1 and not self._repeats(row, filled):
            self._always = {*filled} & (self._always or {*filled})
            self._is_begun = True

    def _repeats(self, row: SourceRow, filled: Sequence[int]) -> bool:
        return all(folded(row.cells[at]) == self._headers.get(at) for at in filled)

    def _is_other(self, rows: Sequence[SourceRow], title: int) -> bool:
        """Tell whether rows below a title are none of this table, the first being a header."""
        first = self._rows_end = _below_titles(rows, title)
        end = next((n for n in range(first + 1, len(rows)) if _is_after_gap(rows, n)), len(rows))
        block = [_filled(row) for row in rows[first:end]]
        if len(block) <= 1 or self._repeats(rows[first], block[0]):
            return False
        if sum(at not in self._headers for at in block[0]) >= _OUTSIDE_MIN:
            return True
        if not self._is_known and _begins_with_header(rows[first:end]):
            return True
        while self._seen < title:
            self._look_at(rows[self._seen])
        most = len(self._always)
        return all(2 * len(self._always.intersection(filled)) < most for filled in block)


def _begins_with_header(rows: Sequence[SourceRow]) -> bool:
    """Tell whether a first row has nothing but words like headers, and a column below it none."""
    first, *others = rows
    columns = [[row.cells[at] for row in others if row.cells[at]] for at in _filled(first)]
    return all(_HEADER_LIKE.fullmatch(cell) for cell in first.cells if cell) and any(
        cells and not any(map(_HEADER_LIKE.fullmatch, cells)) for cells in columns
    )


def _below_titles(rows: Sequence[SourceRow], at: int) -> int:
    """Return where titles end: the first row from here with more than one cell."""
    return next((n for n in range(at, len(rows)) if len(_filled(rows[n])) > 1), len(rows))
