"""Where the tables of a sheet begin, and what is written above each.

Belongs here: titles, pairs of a word and its value, headers further down. Does not: reading cells
(`csv_files`, `workbooks`), which sheet a table is (`sheets`), what its rows belong to (`owners`).

A row ends a table and begins another only below a blank line or a title, and where nothing of the
table above explains it: its cells are headers; or all are words like headers, and one is where the
rows above have marks, numbers, types or machine names, or below a header that says the same; or it is below a title and
fills columns that have no header there, or hardly any of those that each row above fills. A table
that repeats its own header goes on. Below one that nobody knows, words like headers are enough where
cells below them are of another sort.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeAlias

from jira_pipeline.model.entities import SourceRow
from jira_pipeline.sheets.reading.cells import count_spelled, field_type_letters, flag_spelled
from jira_pipeline.sheets.reading.labels import folded
from jira_pipeline.sheets.reading.sheets import is_word_of_headers, without_remark
from jira_pipeline.sheets.reading.translations import plain_letters

LINES_ABOVE_HEADER = 20
_HEADERS_MIN, _HEADERS_SHARE = 3, 0.75
"""So many cells, and so many of a row's, are headers where the row is one."""
_PAIR = 2
_ROWS_MIN = 3
_MACHINE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OUTSIDE_MIN = 2
_EVIDENCE_MAX = 50
"""Rows above a header that show what its columns held: all of them, at each of many, would be slow."""
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
        title = _first_title(below, at)
        parts.append(Part(header=table.header, rows=below[begin:title], above=above))
        above = tuple(each for each in below[title:at] if any(each.cells))
        begin = at + 1
        table = _Table(below[at], is_header, begin)
    return [*parts, Part(header=table.header, rows=below[begin:], above=above)]


def _first_header(rows: Sequence[SourceRow], is_header: IsHeader) -> int:
    """Return where the header is: the first that is known, else the first row that is wide enough.

    Where no header is known, one row that has twice as many cells as a title or merged heads is it,
    else the first of two cells below a blank line.
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
    narrow = next((at for at, width in enumerate(widths) if width >= _PAIR), 0)
    is_apart = narrow and _is_after_gap(rows, narrow) and not is_pair(rows[narrow])
    return next(chain(known, unknown), narrow if is_apart else 0)


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
        self._begin = self._seen = begin
        """Its first row, and the first that was not looked at for that."""
        self._is_begun = False
        """A row was looked at that is of this table."""

    def ends_at(self, rows: Sequence[SourceRow], at: int) -> bool:
        """Tell whether a row is the header of another table, below a blank line or titles."""
        row, filled = rows[at], _filled(rows[at])
        while not self._is_begun and self._seen < at:
            self._look_at(rows[self._seen])
        if len(filled) < _PAIR or not self._is_begun:
            return False
        title = _first_title(rows, at)
        if self._repeats(row, filled):
            is_apart = any(len(_filled(each)) == 1 for each in rows[title:at])
            is_apart |= _is_after_gap(rows, title)
            return is_apart and any(is_pair(each) for each in rows[title:at])
        if are_headers(row):
            return title < at or _is_after_gap(rows, at)
        return _is_after_gap(rows, title) and self._is_other(rows, at, is_titled=title < at)

    def _look_at(self, row: SourceRow) -> None:
        filled, self._seen = _filled(row), self._seen + 1
        if len(filled) > 1 and not self._repeats(row, filled):
            self._always = {*filled} & (self._always or {*filled})
            self._is_begun = True

    def _repeats(self, row: SourceRow, filled: Sequence[int]) -> bool:
        return all(folded(row.cells[at]) == self._headers.get(at) for at in filled)

    def _is_other(self, rows: Sequence[SourceRow], at: int, *, is_titled: bool) -> bool:
        """Tell whether the rows up to the next blank line are none of this table."""
        end = next((n for n in range(at + 1, len(rows)) if _is_after_gap(rows, n)), len(rows))
        block = rows[at:end]
        if len(block) == 1:
            return False
        is_outside = sum(n not in self._headers for n in _filled(rows[at])) >= _OUTSIDE_MIN
        if all(_HEADER_LIKE.fullmatch(cell) for cell in rows[at].cells if cell) and (
            is_outside or self._is_odd(rows, at)
        ):
            return True
        if not is_titled or is_outside:
            return is_outside and is_titled
        if not self._is_known and _begins_with_header(block):
            return True
        while self._seen < at:
            self._look_at(rows[self._seen])
        most = len(self._always)
        return all(2 * len(self._always.intersection(_filled(row))) < most for row in block)

    def _is_odd(self, rows: Sequence[SourceRow], at: int) -> bool:
        """Tell whether a cell is its own header, or of another sort than those above it, and none like them."""
        above, is_odd = rows[max(self._begin, at - _EVIDENCE_MAX) : at], False
        for n in _filled(rows[at]):
            cell = rows[at].cells[n]
            is_odd |= folded(cell) == self._headers.get(n) and n > min(self._headers)
            held = [each for row in above for each in row.cells[n : n + 1] if each]
            for is_one in _SORTS if len(held) >= _PAIR else ():
                if sum(map(is_one, held)) >= _HEADERS_SHARE * len(held):
                    if is_one(cell):
                        return False
                    is_odd = True
        return is_odd


def _is_code(cell: str) -> bool:
    """Tell whether a cell is a mark, a word for yes or no, or a number of values."""
    return flag_spelled(cell) is not None or count_spelled(cell) is not None


def _is_type(cell: str) -> bool:
    return plain_letters(without_remark(cell)) in field_type_letters()


def _is_name(cell: str) -> bool:
    return _MACHINE_NAME.fullmatch(cell) is not None


_SORTS = (_is_code, _is_type, _is_name)
"""What all cells of a column may be; a header is none of them."""


def _begins_with_header(rows: Sequence[SourceRow]) -> bool:
    """Tell whether a first row has nothing but words like headers, and a column below it none."""
    first, *others = rows
    columns = [[row.cells[at] for row in others if row.cells[at]] for at in _filled(first)]
    return all(_HEADER_LIKE.fullmatch(cell) for cell in first.cells if cell) and any(
        cells and not any(map(_HEADER_LIKE.fullmatch, cells)) for cells in columns
    )
