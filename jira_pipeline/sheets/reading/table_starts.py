"""Where the tables of a sheet begin, and what is written above each.

Belongs here: titles, pairs of a word and its value, headers further down. Does not: reading cells
(`csv_files`, `workbooks`), which sheet a table is (`table_kinds`), what its rows belong to (`owners`).

A row ends a table and begins another only below a blank line or a title, and where nothing of the
table above explains it: its cells are headers; or all are words like headers, and one is where the
rows above have marks, numbers, types or machine names, or below a header that says the same; or they
are few, and all rows below leave columns blank that nearly all above fill; or it is below a title,
and two of its cells are headers of their columns, or two columns below it are of a sort that those
above are not, or it fills columns that have no header there, or hardly any of those that each row
above fills. A table that repeats its own header goes on. Below one that nobody knows, words like
headers are enough where cells below them are of another sort.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeAlias

from jira_pipeline.model.entities import SourceRow
from jira_pipeline.sheets.reading.cells import count_spelled, field_type_letters, flag_spelled
from jira_pipeline.sheets.reading.labels import folded
from jira_pipeline.sheets.reading.sheet_kinds import is_word_of_headers, without_remark
from jira_pipeline.sheets.reading.translations import plain_letters

LINES_ABOVE_HEADER = 20
_HEADERS_MIN, _HEADERS_SHARE = 3, 0.75
"""So many cells, and so many of a row's, are headers where the row is one."""
_PAIR = 2
_ROWS_MIN = _SELDOM = 3
_MACHINE_NAME = re.compile(r"[a-z][a-z0-9_]{2,}")
_OUTSIDE_MIN = _COLUMNS_MIN = 2
_EVIDENCE_MAX = 50
"""Rows above a header that show what its columns held: all of them, at each of many, would be slow."""
_HEADER_LIKE = re.compile(r"(?=[^\W\d_])(?=[^a-zß-ÿ])(?:[^\d/_@]|(?<= )/(?= )){2,40}")

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
    return [row.texts[0] for row in rows if row.filled_count == 1]


def pairs_of(rows: Sequence[SourceRow]) -> list[tuple[SourceRow, str, str]]:
    """Return the rows that are a word and its value."""
    pairs = ((row, row.texts) for row in rows if row.filled_count == _PAIR)
    return [(row, word, value) for row, (word, value) in pairs]


def first_part(records: Iterator[SourceRow], is_header: IsHeader | None) -> Part | None:
    """Return the first table of a sheet, with all that is below its header; None of a blank sheet."""
    first = next((row for row in records if any(row.cells)), None)
    if first is None:
        return None
    if is_header is None or (first.filled_count > 1 and is_header(first.cells)):
        return Part(header=first, rows=records)
    start = [first, *islice(records, LINES_ABOVE_HEADER)]
    at = _first_header(start, is_header)
    title = _first_title(start, at)
    is_apart = _is_after_gap(start, at)
    least = _PAIR if title < at else _HEADERS_MIN  # two may be words of the document
    several = [n for n in range(title) if start[n].filled_count >= least]
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
    below = list(part.rows)
    above = part.above
    parts = list[Part]()
    widths = [row.filled_count for row in below]

    def table_of(header: SourceRow, begin: int) -> _Table:
        return _Table(header, is_header is not None and bool(is_header(header.cells)), begin)

    table = table_of(part.header, 0)
    for at in range(1, len(below)):
        # Nearly every row is directly below one with several cells: it begins no table.
        if widths[at - 1] > _PAIR and below[at].record == below[at - 1].record + 1:
            continue
        if at >= table.begin and table.ends_at(below, at):
            title = _first_title(below, at)
            rows = below[table.begin : title]
            parts.append(Part(header=table.header, rows=rows, above=above))
            above = tuple(each for each in below[title:at] if any(each.cells))
            table = table_of(below[at], at + 1)
    return [*parts, Part(header=table.header, rows=below[table.begin :], above=above)]


def _first_header(rows: Sequence[SourceRow], is_header: IsHeader) -> int:
    """Return where the header is: the first that is known, else the first row that is wide enough.

    Where no header is known, one row that has twice as many cells as a title or merged heads is it,
    else the first of two cells below a blank line.
    """
    widths = [row.filled_count for row in rows]
    wide = max(_HEADERS_MIN, 2 * widths[0])
    content = next((at for at, width in enumerate(widths) if width >= _HEADERS_MIN), 0)
    merged = range(content + 2)  # heads above the header may have three cells, too
    known = (
        at
        for at, row in enumerate(rows)
        if (widths[at] > max(widths[:at], default=0) and are_headers(row))
        or (
            not (is_pair(row) or _is_title(rows, at))
            and (at in merged or _is_after_gap(rows, at) or _first_title(rows, at) < at)
            and is_header(row.cells)
        )
    )
    unknown = (at for at, width in enumerate(widths) if width >= wide and at in merged)
    narrow = next((at for at, width in enumerate(widths) if width >= _PAIR), 0)
    is_list = sum(width == _PAIR for width in widths[narrow:]) > max(_ROWS_MIN, len(widths) / 2)
    is_apart = narrow and (is_list or _is_after_gap(rows, narrow)) and not is_pair(rows[narrow])
    return next(chain(known, unknown), narrow if is_apart else 0)


def are_headers(row: SourceRow) -> bool:
    """Tell whether nearly all cells of a row are headers."""
    known = {folded(cell) for cell in row.texts if is_word_of_headers(cell)}
    return len(known) >= max(_HEADERS_MIN, _HEADERS_SHARE * row.filled_count)


def is_title_above(row: SourceRow, header: SourceRow) -> bool:
    """Tell whether a row may be a title with hints beside it: of at most half as many cells."""
    return 2 * row.filled_count <= header.filled_count


def _filled(row: SourceRow) -> list[int]:
    return [at for at, cell in enumerate(row.cells) if cell]


def _is_title(rows: Sequence[SourceRow], at: int) -> bool:
    """Tell whether a row is one text above wider ones: its words may be those of a header."""
    return rows[at].filled_count == 1 and any(row.filled_count > _PAIR for row in rows[at + 1 :])


def is_pair(row: SourceRow) -> bool:
    """Tell whether a row is a word and its value, such as `Machine name | course`."""
    cells = row.texts
    return len(cells) == _PAIR and is_word_of_headers(cells[0]) > is_word_of_headers(cells[1])


def _first_title(rows: Sequence[SourceRow], at: int) -> int:
    """Return where begins what is written right above a header: titles, pairs and one gap."""
    first = at
    while first and not (first < at and _is_after_gap(rows, first)):
        before = rows[first - 1]
        if before.filled_count > 1 and not is_pair(before):
            break
        first -= 1
    is_apart = _is_after_gap(rows, at) and not _is_after_gap(rows, first)
    return at if is_apart else first


def _is_after_gap(rows: Sequence[SourceRow], at: int) -> bool:
    before = rows[at - 1] if at else None
    return before is None or not any(before.cells) or before.record + 1 != rows[at].record


@dataclass(frozen=True, slots=True)
class _Table:
    """A table that is followed from its header downwards."""

    header: SourceRow
    is_known: bool
    """A known sheet has such a header."""
    begin: int
    """Its first row."""

    def ends_at(self, rows: Sequence[SourceRow], at: int) -> bool:
        """Tell whether a row is the header of another table, below a blank line or titles."""
        row = rows[at]
        below = rows[at + 1] if at + 1 < len(rows) else row
        is_title = is_title_above(row, below)
        if row.filled_count < _PAIR or (
            is_title and self._repeats(below) and not _is_after_gap(rows, at + 1)
        ):
            return False
        title = _first_title(rows, at)
        is_apart = _is_after_gap(rows, title)
        if (title == at and not is_apart) or next(self._above(rows, title), None) is None:
            return False
        if self._repeats(row):
            is_apart |= any(each.filled_count == 1 for each in rows[title:at])
            return is_apart and any(is_pair(each) for each in rows[title:at])
        return are_headers(row) or (is_apart and self._is_other(rows, title, at))

    def _above(self, rows: Sequence[SourceRow], title: int) -> Iterator[SourceRow]:
        """Yield the last rows of the table above a title, from bottom to top."""
        for row in reversed(rows[max(self.begin, title - _EVIDENCE_MAX) : title]):
            if row.filled_count > 1 and not self._repeats(row):
                yield row

    def _repeats(self, row: SourceRow) -> bool:
        return all(map(self._is_header_at, _filled(row), row.texts))

    def _is_header_at(self, at: int, cell: str) -> bool:
        return folded(cell) == folded("".join(self.header.cells[at : at + 1]))

    def _is_other(self, rows: Sequence[SourceRow], title: int, at: int) -> bool:
        """Tell whether the rows up to the next blank line are none of this table."""
        end = next((n for n in range(at + 1, len(rows)) if _is_after_gap(rows, n)), len(rows))
        block = rows[at:end]
        first = rows[at]
        words = {*map(folded, self.header.cells)}
        are_words = all(is_header_like(c) or folded(c) in words for c in first.cells if c)
        if len(block) == 1 or not (are_words or title < at):
            return False
        above = [*self._above(rows, title)]
        is_outside = len({*_filled(first)} - {*_filled(self.header)}) >= _OUTSIDE_MIN
        if is_outside or (are_words and self._is_odd(first, above)):
            return True
        if title == at:
            return _leaves_columns(block, above)
        same = map(self._is_header_at, _filled(first), first.texts)
        if sum(same) >= _PAIR or self._holds_others(block[1:], above):
            return True
        if not self.is_known:
            columns = (_column(block[1:], n) for n in _filled(first))
            return are_words and any(c and not any(map(is_header_like, c)) for c in columns)
        always = set[int]()
        for row in reversed(above):  # one that shares none begins anew
            always = {*_filled(row)} & (always or {*_filled(row)})
        return all(2 * len(always.intersection(_filled(row))) < len(always) for row in block)

    def _holds_others(self, rows: Sequence[SourceRow], above: Sequence[SourceRow]) -> bool:
        """Tell whether several columns are of one sort, and hardly any cell above them is."""
        if len(rows) < _ROWS_MIN:
            return False
        odd = 0
        for n in range(len(self.header.cells)):
            held = _column(rows, n)
            before = _column(above, n)
            odd += min(len(held), len(before)) >= _PAIR and any(
                sum(map(is_one, held)) >= _HEADERS_SHARE * len(held)
                and _SELDOM * sum(map(is_one, before)) <= len(before)
                for is_one in _SORTS
            )
        return odd >= _COLUMNS_MIN

    def _is_odd(self, row: SourceRow, above: Sequence[SourceRow]) -> bool:
        """Tell whether a cell is its header, or of another sort than those above, and none like them."""
        cells = [(n, row.cells[n]) for n in _filled(row)]
        is_odd = any(self._is_header_at(n, cell) for n, cell in cells[1:])
        for n, cell in cells:
            held = _column(above, n)
            for is_one in _SORTS if len(held) >= _PAIR else ():
                if sum(map(is_one, held)) >= _HEADERS_SHARE * len(held):
                    if is_one(cell):
                        return False
                    is_odd = True
        return is_odd


def _leaves_columns(rows: Sequence[SourceRow], above: Sequence[SourceRow]) -> bool:
    """Tell whether rows leave columns blank that nearly all above fill, and the first one most of them."""
    share = _HEADERS_SHARE * len(above)
    usual = {n for n, _ in enumerate(rows[0].cells) if len(_column(above, n)) >= share}
    filled = [usual.intersection(_filled(row)) for row in rows]
    left = usual.difference(*filled)
    is_sparse = 2 * len(filled[0]) < len(usual) and len(filled[0]) < max(map(len, filled))
    return min(len(rows), len(above)) >= _ROWS_MIN and is_sparse and len(left) >= _COLUMNS_MIN


def _column(rows: Sequence[SourceRow], at: int) -> list[str]:
    return [cell for row in rows for cell in row.cells[at : at + 1] if cell]


def is_header_like(cell: str) -> bool:
    """Tell whether a cell may be a header: it begins with a capital letter, or is a known one."""
    return _HEADER_LIKE.fullmatch(cell) is not None or is_word_of_headers(cell)


def _is_code(cell: str) -> bool:
    """Tell whether a cell is a mark, a word for yes or no, or a number of values."""
    return flag_spelled(cell) is not None or count_spelled(cell) is not None


def _is_type(cell: str) -> bool:
    return plain_letters(without_remark(cell)) in field_type_letters()


def _is_name(cell: str) -> bool:
    return _MACHINE_NAME.fullmatch(cell) is not None


_SORTS = (_is_code, _is_type, _is_name)
"""What all cells of a column may be; a header is none of them."""
