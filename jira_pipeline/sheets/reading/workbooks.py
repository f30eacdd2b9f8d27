"""Reads the worksheets of an `.xlsx` workbook as the sheets they are.

Belongs here: which worksheets are read, what a cell shows, rows and columns of a worksheet, what is
told of hidden, empty and merged parts. Does not: the XML (`workbook_parts`), number formats
(`number_formats`), findings about any sheet (`csv_files`, `tables`).

A cell is read as the program shows it, formulas by the value that was stored with them. Lines are
the row numbers beside the sheet.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jira_pipeline.kernel.bounded_zip import BoundedZip, ZipRefusedError, open_zip
from jira_pipeline.kernel.entities import SourceRow, SourceTable, Status, worksheet_name
from jira_pipeline.kernel.findings import Finding
from jira_pipeline.kernel.sessions import ColumnMeanings
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES, CsvReading, read_below
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.number_formats import GENERAL, number_as_shown, text_as_shown
from jira_pipeline.sheets.reading.rows import status_spelled
from jira_pipeline.sheets.reading.sheets import (
    NO_COLUMNS_MAPPED,
    STATUS_COLUMN,
    HeaderMapping,
    canonical_columns,
    header_mapping,
    recognise,
)
from jira_pipeline.sheets.reading.tables import Origin, table_of
from jira_pipeline.sheets.reading.workbook_parts import (
    CellFormat,
    Comment,
    RawCell,
    SheetEntry,
    SheetMarks,
    WorkbookDamagedError,
    WorkbookParts,
    cell_position,
    column_letters,
    read_cells,
    read_comments,
    read_parts,
    unescaped,
    whole_number,
)

ENCODING = "xlsx"
_COMPOUND_START = b"\xd0\xcf\x11\xe0"
"""First bytes of the older container: .xls, and .xlsx under a password."""
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_SAVE_ADVICE = "Open it in the spreadsheet program, save it as .xlsx and upload that."
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - dates in sheets have no zone
_GENERAL_FORMAT = CellFormat(code=GENERAL, is_local_date=False, is_struck=False)
_UNKNOWN_ERROR = "#VALUE!"
_TITLE_MAX_CHARACTERS = 100
"""Excel takes 31, LibreOffice more."""
_MOST_SINGLE_REMARKS = 5
"""More comments or struck rows than this are one finding."""
_SHOWN_PLACES = 20


class _TooMuchTextError(Exception):
    """A worksheet holds more than a sheet may."""


_DAMAGES = (ZipRefusedError, WorkbookDamagedError, _TooMuchTextError)
"""What keeps a workbook or worksheet from being read."""


@dataclass(slots=True, kw_only=True)
class _Worksheet:
    """The cells of one worksheet that show something, and what is to be reported about them."""

    parts: WorkbookParts
    limits: ReadingLimits
    marks: SheetMarks = field(default_factory=SheetMarks)
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    size: int = 0
    uncomputed: list[RawCell] = field(default_factory=list)
    local_dates: list[tuple[int, int]] = field(default_factory=list)
    outside: tuple[int, int] | None = None
    """The first cell right of the last column that is read."""
    struck: dict[int, list[int]] = field(default_factory=dict)
    """Columns of the cells that are struck through, by row."""
    comments: tuple[Comment, ...] = ()

    def take(self, cell: RawCell) -> None:
        """Keep what a cell shows."""
        if cell.is_formula and not self._has_result(cell):
            self.uncomputed.append(cell)
            return
        text = self._shown(cell).replace("\r\n", "\n").replace("\r", "\n").strip()
        self.size += len(text) + 1
        if self.size > self.limits.file_max_bytes:
            raise _TooMuchTextError
        if not text:
            return
        if cell.column >= self.limits.columns_max_count:
            self.outside = self.outside or (cell.row, cell.column)
            return
        self.rows.setdefault(cell.row, {})[cell.column] = text
        is_listed_struck = cell.type == "s" and int(cell.text) in self.parts.struck_texts
        if cell.is_struck or is_listed_struck or self._format(cell).is_struck:
            self.struck.setdefault(cell.row, []).append(cell.column)

    def _has_result(self, cell: RawCell) -> bool:
        """Tell whether a program computed the formula of a cell.

        A text may be empty. Writers that compute nothing store no value (openpyxl) or 0
        (xlsxwriter), and ask for the results when the workbook is opened.
        """
        if cell.type == "n" and cell.text == "0":
            return not self.parts.is_to_be_computed
        return bool(cell.text) or cell.type == "str"

    def _shown(self, cell: RawCell) -> str:
        text = cell.text
        match cell.type:
            case "n":
                return self._number(text, cell) if text else ""
            case "s":
                return text_as_shown(self._listed(text), self._format(cell).code)
            case "str" | "inlineStr":
                return text_as_shown(unescaped(text), self._format(cell).code)
            case "b":
                return "TRUE" if text in {"1", "true"} else "FALSE"
            case "e":
                return text if text in ERROR_VALUES else _UNKNOWN_ERROR
            case "d":
                return self._dated(text, cell)
            case _:
                raise WorkbookDamagedError(f"a cell has the unknown type “{cell.type[:20]}”")

    def _number(self, text: str, cell: RawCell) -> str:
        try:
            number = float(text)
        except ValueError as error:
            raise WorkbookDamagedError(f"“{text[:20]}” is no number") from error
        cell_format = self._format(cell)
        if cell_format.is_local_date:
            self.local_dates.append((cell.row, cell.column))
        return number_as_shown(number, cell_format.code, is_1904=self.parts.is_1904)

    def _dated(self, text: str, cell: RawCell) -> str:
        """Show a date that is stored as a date, as strict workbooks do."""
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=None)
        except ValueError as error:
            raise WorkbookDamagedError(f"“{text[:20]}” is no date") from error
        return number_as_shown((moment - _DAY_ZERO) / timedelta(days=1), self._format(cell).code)

    def _listed(self, text: str) -> str:
        number = whole_number(text)
        if number >= len(self.parts.texts):
            raise WorkbookDamagedError(f"a cell names text {number}, which is missing")
        return self.parts.texts[number]

    def _format(self, cell: RawCell) -> CellFormat:
        formats = self.parts.formats
        return formats[cell.style] if cell.style < len(formats) else _GENERAL_FORMAT

    @property
    def width(self) -> int:
        """Columns up to the last one that shows something."""
        return max((max(cells) for cells in self.rows.values()), default=-1) + 1

    def records(self) -> Iterator[SourceRow]:
        """Yield the rows that show something; lines and records are row numbers."""
        width = self.width
        for number, cells in self.rows.items():
            texts = tuple([cells.get(column, "") for column in range(width)])
            yield SourceRow(line=number, record=number, cells=texts)


def read_workbook(
    content: bytes,
    *,
    file: str,
    limits: ReadingLimits = DEFAULT_LIMITS,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
) -> tuple[tuple[SourceTable, ...], tuple[Finding, ...]]:
    """Read every worksheet that people see; what is wrong, left out or doubtful is cited."""
    citations = Citations(file)
    try:
        opened = _opened(content, citations)
        if opened is None:
            return (), citations.findings
        archive, parts = opened
        _refuse_titles(parts.sheets)
    except _DAMAGES as error:
        _cite_damage(error, citations, limits)
        return (), citations.findings
    tables: list[SourceTable] = []
    findings: list[Finding] = []
    sha256 = hashlib.sha256(content).hexdigest()
    for sheet in parts.sheets:
        origin = Origin(
            name=worksheet_name(file, sheet.name),
            title=sheet.name,
            sha256=sha256,
            size_bytes=len(content),
            is_worksheet=True,
            mapped=header_mapping(columns, file=worksheet_name(file, sheet.name)),
        )
        table, about = _read_worksheet(archive, sheet, parts, origin=origin, limits=limits)
        tables.extend([table] if table is not None else [])
        findings.extend(about)
    return tuple(tables), tuple(findings)


def read_first_worksheet(
    content: bytes, *, file: str, limits: ReadingLimits = DEFAULT_LIMITS
) -> CsvReading:
    """Read the first worksheet that people see and that shows something, whatever it is of."""
    citations = Citations(file)
    columns: tuple[str, ...] = ()
    rows: tuple[SourceRow, ...] = ()
    line = 1
    try:
        opened = _opened(content, citations)
        for sheet in opened[1].sheets if opened is not None else ():
            if opened is None or columns or sheet.is_hidden or not sheet.is_worksheet:
                continue
            worksheet = _Worksheet(parts=opened[1], limits=limits)
            read_cells(opened[0], sheet.part, worksheet.take, worksheet.marks)
            records = worksheet.records()
            if (header := next(records, None)) is not None:
                line = header.line
                columns, rows = read_below(header, records, limits=limits, citations=citations)
                _cite_cells(worksheet, header, citations)
    except _DAMAGES as error:
        _cite_damage(error, citations, limits)
    return CsvReading(
        columns=columns,
        header_line=line,
        rows=rows,
        encoding=ENCODING,
        delimiter="",
        findings=citations.findings,
    )


def _opened(content: bytes, citations: Citations) -> tuple[BoundedZip, WorkbookParts] | None:
    if not content.startswith(_COMPOUND_START):
        archive = open_zip(content)
        return archive, read_parts(archive)
    if _ENCRYPTED_STREAM in content:
        citations.error(
            "workbook_protected",
            "The workbook is protected by a password and cannot be read.",
            "Remove the password in the spreadsheet program, save the workbook and upload it again.",
        )
    else:
        citations.error(
            "file_is_workbook",
            "The file is a workbook of the older kind .xls, which is not read.",
            _SAVE_ADVICE,
        )
    return None


def _refuse_titles(sheets: Sequence[SheetEntry]) -> None:
    seen: set[str] = set()
    for sheet in sheets:
        title = sheet.name.casefold()
        if not title or not title.isprintable() or len(title) > _TITLE_MAX_CHARACTERS:
            raise WorkbookDamagedError("a worksheet has a name that no program gives")
        if title in seen:
            raise WorkbookDamagedError(f"two worksheets are called “{sheet.name}”")
        seen.add(title)


def _read_worksheet(
    archive: BoundedZip,
    sheet: SheetEntry,
    parts: WorkbookParts,
    *,
    origin: Origin,
    limits: ReadingLimits,
) -> tuple[SourceTable | None, tuple[Finding, ...]]:
    citations = Citations(origin.name)
    if not sheet.is_worksheet:
        citations.inform(
            "worksheet_ignored", "The sheet is a chart or a macro; it was not read.", "Nothing."
        )
        return None, citations.findings
    worksheet = _Worksheet(parts=parts, limits=limits)
    try:
        read_cells(archive, sheet.part, worksheet.take, worksheet.marks)
        worksheet.comments = read_comments(archive, sheet.part)
        return _table(worksheet, sheet, origin=origin, limits=limits, citations=citations)
    except _DAMAGES as error:
        _cite_damage(error, citations, limits)
    return None, citations.findings


def _cite_damage(error: Exception, citations: Citations, limits: ReadingLimits) -> None:
    """Cite what keeps a workbook or worksheet from being read."""
    if isinstance(error, _TooMuchTextError):
        citations.error(
            "file_too_large",
            f"The worksheet has more than {limits.file_max_bytes:,} characters.",
            "Remove what is not part of the sheet, or raise UPLOAD_MAX_FILE_BYTES.",
        )
    else:
        citations.error(
            "workbook_unreadable", f"The workbook cannot be read: {error}.", _SAVE_ADVICE
        )


def _table(
    worksheet: _Worksheet,
    sheet: SheetEntry,
    *,
    origin: Origin,
    limits: ReadingLimits,
    citations: Citations,
) -> tuple[SourceTable | None, tuple[Finding, ...]]:
    records = worksheet.records()
    header = next(records, None)
    if header is None or sheet.is_hidden:
        _cite_left_out(sheet, header, origin.mapped, citations)
        return None, citations.findings
    columns, rows = read_below(header, records, limits=limits, citations=citations)
    _cite_cells(worksheet, header, citations)
    _cite_merged(worksheet, header, citations)
    _cite_comments(worksheet, header, citations)
    _cite_struck(worksheet, header, origin=origin, citations=citations)
    shown = {column for cells in worksheet.rows.values() for column in cells}
    hidden = [
        column
        for column in sorted(shown)
        if any(first <= column <= last for first, last in worksheet.marks.hidden_columns)
    ]
    if hidden:
        names = _listed_places([_column(header, column) for column in hidden])
        citations.inform(
            "columns_hidden",
            f"{len(hidden)} column(s) are hidden; they were read like the others: {names}.",
            "Delete columns that are not part of the specification.",
            column=_column(header, hidden[0]),
        )
    if worksheet.marks.hidden_rows:
        citations.inform(
            "rows_hidden",
            f"{worksheet.marks.hidden_rows} row(s) are hidden or filtered away; "
            "they were read like the others.",
            "Delete rows that are not part of the specification.",
        )
    reading = CsvReading(
        columns=columns,
        header_line=header.line,
        rows=rows,
        encoding=ENCODING,
        delimiter="",
        findings=citations.findings,
    )
    return table_of(reading, origin=origin)


def _cite_left_out(
    sheet: SheetEntry, header: SourceRow | None, mapped: HeaderMapping, citations: Citations
) -> None:
    if header is None:
        citations.inform(
            "worksheet_ignored", "The worksheet is empty; it was not read.", "Nothing to do."
        )
        return
    rule = recognise([cell for cell in header.cells if cell], file=sheet.name, mapped=mapped)
    if rule is None:
        citations.inform(
            "worksheet_hidden",
            "The worksheet is hidden; it was not read.",
            "Nothing to do, unless it is part of the specification: then unhide it.",
        )
        return
    citations.warn(
        "worksheet_hidden",
        "The worksheet is hidden and was not read, although its headers are known.",
        "Unhide it if it is part of the specification; else remove it.",
        line=header.line,
        value=", ".join(cell for cell in header.cells if cell),
    )


def _cite_cells(worksheet: _Worksheet, header: SourceRow, citations: Citations) -> None:
    for cell in worksheet.uncomputed:
        place = cell.array or f"{column_letters(cell.column)}{cell.row}"
        citations.error(
            "formula_not_computed",
            f"{'Cells' if cell.array else 'Cell'} {place} "
            f"{'hold' if cell.array else 'holds'} a formula without a result.",
            "Open the workbook in the spreadsheet program, so that it computes, and save it.",
            line=cell.row,
            record=cell.row,
            column=_column(header, cell.column),
        )
    if worksheet.outside is not None:
        row, column = worksheet.outside
        citations.error(
            "too_many_columns",
            f"Cell {column_letters(column)}{row} is beyond column "
            f"{worksheet.limits.columns_max_count}, the last one that is read.",
            "Remove columns that are not part of the sheet.",
            line=row,
            record=row,
        )
    if worksheet.local_dates:
        row, column = worksheet.local_dates[0]
        citations.inform(
            "date_by_computer",
            f"{len(worksheet.local_dates)} date(s) are shown in the way of each computer; "
            "they were read as month/day/year.",
            "Nothing to do; a number format such as yyyy-mm-dd is the same everywhere.",
            line=row,
            record=row,
            column=_column(header, column),
            value=worksheet.rows.get(row, {}).get(column),
        )


def _cite_merged(worksheet: _Worksheet, header: SourceRow, citations: Citations) -> None:
    """Cite merged cells that leave others blank; a title across a separator row does not count."""
    for merged in worksheet.marks.merged:
        first, _, last = merged.partition(":")
        top, left = cell_position(first)
        bottom, _ = cell_position(last or first)
        cells = worksheet.rows.get(top, {})
        if top <= header.line or left not in cells:
            continue
        if bottom == top and len(cells) == 1:
            continue
        citations.warn(
            "cells_merged",
            f"The cells {merged} are merged; only {first} holds the value, the others were read "
            "as blank.",
            "Unmerge them and write the value into each cell it is meant for.",
            line=top,
            record=top,
            column=_column(header, left),
            value=cells[left],
        )


def _cite_comments(worksheet: _Worksheet, header: SourceRow, citations: Citations) -> None:
    """Cite comments one by one with their text, or all in one finding where there are many."""
    comments = worksheet.comments
    is_many = len(comments) > _MOST_SINGLE_REMARKS
    for comment in comments[:1] if is_many else comments:
        row, column = cell_position(comment.cell)
        places = _listed_places([each.cell for each in comments])
        citations.warn(
            "cell_comment",
            f"{len(comments)} cells have comments, which are not read: {places}."
            if is_many
            else f"Cell {comment.cell} has a comment, which is not read.",
            "Write what matters for the build into a cell.",
            line=row,
            record=row,
            column=_column(header, column),
            value=comment.text,
        )


def _cite_struck(
    worksheet: _Worksheet, header: SourceRow, *, origin: Origin, citations: Citations
) -> None:
    """Cite rows with text that is struck through, save those whose status says delete."""
    rule = recognise(header.cells, file=origin.title, mapped=origin.mapped)
    columns = canonical_columns(rule, header.cells, mapped=origin.mapped)
    status_at = columns.index(STATUS_COLUMN) if STATUS_COLUMN in columns else -1
    struck = {
        row: cells
        for row, cells in worksheet.struck.items()
        if status_spelled(worksheet.rows[row].get(status_at, "")) is not Status.DELETED
    }
    is_many = len(struck) > _MOST_SINGLE_REMARKS
    for row, cells in list(struck.items())[: 1 if is_many else None]:
        places = _listed_places([f"{column_letters(column)}{row}" for column in cells])
        citations.warn(
            "text_struck",
            f"{len(struck)} rows hold text that is struck through; it was read like any other. "
            f"They are: {_listed_places([str(number) for number in struck])}."
            if is_many
            else f"Text is struck through in {places}; it was read like any other.",
            "Write d into X or delete the row where nothing is to be built; else remove the line "
            "through the text.",
            line=row,
            record=row,
            column=_column(header, cells[0]),
            value=worksheet.rows[row][cells[0]],
        )


def _listed_places(places: Sequence[str]) -> str:
    more = len(places) - _SHOWN_PLACES
    return ", ".join(places[:_SHOWN_PLACES]) + (f" and {more} more" if more > 0 else "")


def _column(header: SourceRow, column: int) -> str:
    name = header.cells[column] if column < len(header.cells) else ""
    return name or f"Column {column + 1}"
