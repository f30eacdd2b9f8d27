"""Splits text into CSV records and goes on after a damaged one.

Belongs here: quotes, delimiters, line and record numbers. Does not: what a header or a row should
look like (`csv_files`).

A text that is well-formed is read by the csv module, others quote by quote.
Time is linear in the text: an opening quote that runs on to a later line is followed only by quotes
that close where they open, so no stretch is scanned more than twice.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from jira_pipeline.model.source_tables import SourceRow
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.limits import ReadingLimits

QUOTE = '"'
_TO_LONE_QUOTE = re.compile(r'(?:[^"]|"")*+"')
"""What is inside a quoted cell, where a doubled quote is one, and the quote that ends it."""


@cache
def _well_formed(delimiter: str) -> re.Pattern[str]:
    """Match a text whose quotes open and close cells, with nothing beside them."""
    beside = rf"{re.escape(delimiter)}\n"
    quoted = rf'[^"]*+(?<![^{beside}])"[^"]*+(?:""[^"]*+)*+"(?![^{beside}])'
    return re.compile(rf'(?:{quoted})*+[^"]*+')


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell and the position of the delimiter, line feed or end of text after it."""

    text: str
    end: int


@dataclass(slots=True)
class RecordSplitter:
    """Yields the records of a text whose line ends are line feeds."""

    text: str
    delimiter: str
    limits: ReadingLimits
    citations: Citations
    width: int | None = None
    """Number of columns once the header is known; distinguishes a run-on quote from a long cell."""
    _start: int = 0
    _line: int = 1
    _record: int = 0

    def skip_lines(self, count: int) -> None:
        """Pass over whole lines that spreadsheet programs do not show: they are no records."""
        for _ in range(count):
            self._start = self._line_end(self._start) + 1
        self._line += count

    def __iter__(self) -> Iterator[SourceRow]:
        """Yield one row per record; a line without any character is a record without cells."""
        if _well_formed(self.delimiter).fullmatch(self.text, self._start):
            yield from self._plain_records()
        while self._start < len(self.text):
            self._record += 1
            line = self._line
            cells, following = self._cells_of_record(self._start)
            self._go_on(following)
            yield SourceRow(line=line, record=self._record, cells=tuple(map(str.strip, cells)))

    def _plain_records(self) -> Iterator[SourceRow]:
        """Yield what the csv module reads, up to a record that is not to be taken as it reads it."""
        lines = io.StringIO(self.text[self._start :], newline="\n")
        reader = csv.reader(lines, delimiter=self.delimiter)
        first = self._line
        read = 0
        with suppress(csv.Error):  # a cell longer than that module's limit
            for record, cells in enumerate(reader, self._record + 1):
                following = reader.line_num
                count = len(cells)
                is_run_on = following > read + 1 and count != (self.width or count)
                if is_run_on or count > self.limits.columns_max_count:
                    break
                yield SourceRow(
                    line=first + read, record=record, cells=tuple(map(str.strip, cells))
                )
                self._record = record
                read = following
        self.skip_lines(read)

    def _go_on(self, following: int) -> None:
        self._line += self.text.count("\n", self._start, following)
        self._start = following

    def _line_end(self, start: int) -> int:
        end = self.text.find("\n", start)
        return len(self.text) if end < 0 else end

    def _plain_cells(self, start: int, end: int) -> list[str]:
        """Split a stretch of one line that needs no quoting."""
        if start == end:
            return []
        most = self.limits.columns_max_count
        if end - start < most:
            return self.text[start:end].split(self.delimiter)
        cells = self.text[start:end].split(self.delimiter, most)
        if len(cells) > most:
            self._cite_columns(cells.pop(), most)
        return cells

    def _cells_of_record(self, start: int) -> tuple[list[str], int]:
        """Split a record; return where the next one begins."""
        end = self._line_end(start)
        if self.text.find(QUOTE, start, end) < 0:
            return self._plain_cells(start, end), end + 1
        cells = list[str]()
        at = start
        while True:
            cell = self._cell(at)
            if cell is None:
                return self._resynchronised(cells, at)
            cells.append(cell.text)
            if cell.end >= len(self.text) or self.text[cell.end] == "\n":
                break
            at = cell.end + 1
            if len(cells) >= self.limits.columns_max_count:
                end = self._line_end(at)
                self._cite_columns(self.text[at:end], len(cells))
                return cells, end + 1
        if self._has_swallowed_records(start, cell.end, len(cells)):
            return self._resynchronised([], start)
        return cells, cell.end + 1

    def _cell(self, at: int) -> _Cell | None:
        """Read one cell; None when its quote never closes."""
        opening = self._after_spaces(at)
        if self.text.startswith(QUOTE, opening):
            return self._quoted_cell(opening)
        end = self._cell_end(at)
        content = self.text[at:end]
        if QUOTE in content:
            self.citations.warn(
                "quote_in_cell",
                "An unquoted cell contains a quote; it was read as written.",
                "Check the cell. Export the sheet again instead of editing the CSV by hand.",
                line=self._line,
                record=self._record,
                value=content.strip(),
            )
        return _Cell(content, end)

    def _quoted_cell(self, opening: int) -> _Cell | None:
        if (lone := _TO_LONE_QUOTE.match(self.text, opening + 1)) is None:
            return None
        closing = lone.end() - 1
        end = self._after_spaces(closing + 1)
        if self._ends_cell(end):
            return _Cell(self.text[opening + 1 : closing].replace('""', QUOTE), end)
        if self.text.find("\n", opening, closing) >= 0:
            return None
        # Read on to a quote that ends a cell on this line, else to the next delimiter.
        line_end = self._line_end(opening)
        at = closing
        while (at := self.text.find(QUOTE, at + 1, line_end)) >= 0:
            if self._opens_cell(at):
                break
            end = self._after_spaces(at + 1)
            if self._ends_cell(end):
                return self._cited_stray(_Cell(self.text[opening + 1 : at], end))
        end = self._cell_end(closing)
        return self._cited_stray(_Cell(self.text[opening:end], end))

    def _cited_stray(self, cell: _Cell) -> _Cell:
        self.citations.error(
            "stray_quote",
            "A quote inside a quoted cell is not doubled; the end of the cell was guessed.",
            "Export the sheet again, or write the quote twice in the CSV.",
            line=self._line,
            record=self._record,
            value=cell.text.strip(),
        )
        return cell

    def _resynchronised(self, cells: list[str], at: int) -> tuple[list[str], int]:
        """Read the line of a run-on quote as it is, and go on with the line after it."""
        end = self._line_end(at)
        ahead = self.text.count("\n", self._start, at)
        self.citations.error(
            "unterminated_quote",
            "A quote that opens a cell is never closed; reading continued on the next line.",
            "Close the quote, or export the sheet again.",
            line=self._line + ahead,
            record=self._record,
            value=self.text[at : min(end, at + 300)].strip(),
        )
        return [*cells, *self._plain_cells(at, end)], end + 1

    def _has_swallowed_records(self, start: int, end: int, count: int) -> bool:
        """Tell whether a quote ran over whole records before another quote closed it."""
        if self.width is None or count == self.width:
            return False
        first_end = self.text.find("\n", start, end)
        if first_end < 0:
            return False
        second_end = self._line_end(first_end + 1)
        if second_end >= end:
            return False
        found = self.text.count(self.delimiter, first_end + 1, second_end) + 1
        return found == self.width

    def _after_spaces(self, at: int) -> int:
        while self.text.startswith(" ", at):
            at += 1
        return at

    def _ends_cell(self, at: int) -> bool:
        return at >= len(self.text) or self.text[at] in {self.delimiter, "\n"}

    def _opens_cell(self, at: int) -> bool:
        before = at - 1
        while self.text.startswith(" ", before):
            before -= 1
        return self.text.startswith(self.delimiter, before)

    def _cell_end(self, at: int) -> int:
        line_end = self._line_end(at)
        end = self.text.find(self.delimiter, at, line_end)
        return line_end if end < 0 else end

    def _cite_columns(self, beyond: str, read: int) -> None:
        """Cite what is beyond the last column that is read; blank cells there count for nothing."""
        if not beyond.replace(self.delimiter, "").strip(' "'):
            return
        self.citations.error(
            "too_many_columns",
            f"The record has {read + beyond.count(self.delimiter) + 1} cells; at most {self.limits.columns_max_count} are read.",
            "Look for a missing line end, or remove columns that are not part of the sheet.",
            line=self._line,
            record=self._record,
        )
