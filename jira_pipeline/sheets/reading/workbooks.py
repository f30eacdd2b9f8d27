"""Reads the worksheets of a workbook (`.xlsx`, `.ods`, `.xls`) as the sheets they are.

Belongs here: which worksheets are read, what a cell shows, rows and columns of a worksheet, what is
told of hidden, empty and merged parts, and of a workbook that is damaged or needs a password. Does
not: the container and what is said of cells
(`workbook_marks`), findings about any sheet (`csv_files`).

Values are read by a library, formulas by the value that was stored with them. Lines are the row
numbers beside the sheet.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import TypeVar

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
    WorksheetNotFound,
)

from jira_pipeline.model.bounded_zip import ZipRefusedError
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sheet_names import containing_file
from jira_pipeline.model.source_tables import SourceRow
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import CsvReading, Part, read_part
from jira_pipeline.sheets.reading.file_formats import COMPOUND_START
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.older_workbooks import counted_container
from jira_pipeline.sheets.reading.totals import is_total
from jira_pipeline.sheets.reading.workbook_marks import (
    GENERAL,
    SHEETS_MAX_COUNT,
    Marks,
    Place,
    WorkbookLockedError,
    WorkbookRefusedError,
    limit_cells,
    read_marks,
)

_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_SAVE_ADVICE = "Open it in the spreadsheet program, save it as .xlsx and upload that."
_DIGITS_MAX_COUNT = 15
"""Digits a program keeps of a number."""
_TITLE_MAX_CHARACTERS = 100
"""Excel takes 31, LibreOffice more."""
_SECTIONS_OF_NUMBERS = 3
"""Of a format code: positive, negative, zero; a fourth is of text."""
_MOST_SINGLE_REMARKS = 5
"""More comments, or links, than this are one finding."""
CHOICES = "Choices"
"""The worksheet of lists to choose from in workbooks of ours, which only a macro can show."""
_SHOWN_PLACES = 20
_UNSEEN = re.compile(r"_.|\\* |\[(?:\$-|[A-Z][a-z]+)[^]]*\]")
"""Of a format code: space, padding, colours and languages, which change no character."""
_SCHEME = re.compile(r"(?i)^(?:mailto:|https?://)?(?:www\.)?")
"""Of an address: what people leave out where they show one."""
_SHOWABLE = re.compile(r"(#,##)?0(?:\.(0+))?(%?)")
"""Codes of plain numbers and percentages."""


class _TooMuchTextError(Exception):
    """A worksheet holds more than a sheet may."""


DAMAGES = (
    CalamineError,
    WorkbookLockedError,
    WorkbookRefusedError,
    ZipRefusedError,
    _TooMuchTextError,
)
"""What keeps a workbook or worksheet from being read."""

Value = int | float | str | bool | time | date | datetime | timedelta
Read = TypeVar("Read")


@dataclass(slots=True, kw_only=True)
class Worksheet:
    """The cells of one worksheet that show something, and what is to be reported about them."""

    limits: ReadingLimits
    marks: Marks
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    size: int = 0
    outside: Place | None = None
    """The first cell right of the last column that is read."""
    width: int = 0
    """Columns up to the last with a cell that is read."""
    unshown: dict[tuple[int, str], list[Place]] = field(default_factory=dict)
    """Cells that may show something else than was read, by column and format."""

    def take(self, place: Place, value: Value) -> None:
        row, column = place
        code = self.marks.formats.get(place, GENERAL)
        shown = self.marks.shown.get(place)
        if shown is None:
            shown = as_shown(value, code)
        text = (_plain(value) if shown is None else shown).strip()
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.size += len(text) + 1
        if self.size > self.limits.file_max_bytes:
            raise _TooMuchTextError
        if not text:
            return
        if column >= self.limits.columns_max_count:
            self.outside = self.outside or place
            return
        self.rows.setdefault(row, {})[column] = text
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if shown is None:
            self.unshown.setdefault((column, code), []).append(place)
        elif is_number and not self.marks.is_known:
            self.unshown.setdefault((-1, ""), []).append(place)

    def records(self) -> Iterator[SourceRow]:
        """Yield the rows that show something; lines and records are row numbers."""
        for row, cells in sorted(self.rows.items()):
            texts = tuple([cells.get(column, "") for column in range(self.width)])
            yield SourceRow(line=row + 1, record=row + 1, cells=texts)


def as_shown(value: Value, code: str) -> str | None:
    """Return what a program shows for a value under a format; None where that is not known."""
    if code == GENERAL and isinstance(value, str):
        return value
    sections = code.split(";")
    if isinstance(value, str):
        is_hidden = len(sections) > _SECTIONS_OF_NUMBERS or "@" in code
        return None if is_hidden and _UNSEEN.sub("", sections[-1]) != "@" else value
    section = _UNSEEN.sub("", sections[0])
    if isinstance(value, bool) or not isinstance(value, int | float) or section in {GENERAL, "@"}:
        return _plain(value)
    match = _SHOWABLE.fullmatch(section)
    if match is None or (value < 0 and len(sections) > 1):
        return None
    thousands, decimals, percent = match.groups(default="")
    with localcontext(Context(prec=400, rounding=ROUND_HALF_UP)):
        exact = Decimal(f"{value:.{_DIGITS_MAX_COUNT}g}")
        return f"{exact:{',' if thousands else ''}.{len(decimals)}{percent or 'f'}}"


def _plain(value: Value) -> str:
    """Return a value without a format: dates as 2026-11-20, numbers with all their digits."""
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return f"{value:.{_DIGITS_MAX_COUNT}g}"
        case datetime() if value.time() == time.min:
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "seconds" if value.second else "minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("seconds" if value.second else "minutes")
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            text = f"{minutes // 60}:{minutes % 60:02}"
            return f"{text}:{seconds:02}" if seconds else text


def cite_older_format(citations: Citations) -> None:
    citations.warn(
        "workbook_older",
        "From the older format .xls, only values are read: number formats, comments, "
        "struck-through text, hidden rows and formulas without a result are ignored.",
        "If it has any of these, save it as .xlsx in the spreadsheet program and upload that.",
    )


def read_first_worksheet(
    content: bytes, *, file: str, limits: ReadingLimits = DEFAULT_LIMITS
) -> CsvReading:
    """Read the first worksheet that people see and that shows something, whatever it is of."""
    citations = Citations(file)
    reading = CsvReading(encoding=_encoding(file), delimiter="")
    try:
        workbook, marks = open_workbook(content, limits)
        worksheets = (
            read_worksheet(workbook, position, marks, limits)
            for position, sheet in enumerate(workbook.sheets_metadata)
            if sheet.visible is SheetVisibleEnum.Visible
        )
        if first := next((each for each in worksheets if each.rows), None):
            header, *records = first.records()
            part = Part(header=header, rows=records)
            reading = read_part(part, limits=limits, citations=citations, encoding=_encoding(file))
            cite_cells(first, header, citations)
    except DAMAGES as error:
        cite_damage(error, citations, limits)
    return replace(reading, findings=citations.findings)


def _encoding(file: str) -> str:
    return containing_file(file).rpartition(".")[2].casefold()


def open_workbook(
    content: bytes, limits: ReadingLimits
) -> tuple[CalamineWorkbook, Mapping[str, Marks]]:
    """Open a workbook within limits; return it, and the marks of its worksheets by name."""
    marks: Mapping[str, Marks] = {}
    if content.startswith(COMPOUND_START):
        if _ENCRYPTED_STREAM in content:
            raise WorkbookLockedError
        content = counted_container(content)
    else:
        marks = read_marks(content, limits)
    workbook = _by_library(lambda: CalamineWorkbook.from_filelike(io.BytesIO(content)))
    titles = [sheet.name.casefold() for sheet in workbook.sheets_metadata]
    if not all(title.isprintable() and 0 < len(title) <= _TITLE_MAX_CHARACTERS for title in titles):
        raise WorkbookRefusedError("a worksheet has a name that no program gives")
    if len(set(titles)) < len(titles):
        raise WorkbookRefusedError("two worksheets have the same name")
    if len(titles) > SHEETS_MAX_COUNT:
        raise WorkbookRefusedError(f"it has more than {SHEETS_MAX_COUNT} worksheets")
    return workbook, marks


def _by_library(read: Callable[[], Read]) -> Read:
    """Return what the library reads; a fault of its own in a damaged workbook is damage."""
    try:
        return read()
    except BaseException as error:  # a panic of Rust is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise WorkbookRefusedError("its parts contradict each other") from error


def read_worksheet(
    workbook: CalamineWorkbook,
    position: int,
    marks: Mapping[str, Marks],
    limits: ReadingLimits,
    *,
    keeps_totals: bool = False,
) -> Worksheet:
    """Return the cells of a worksheet; rows that add up a table are left out unless kept.

    Raises:
        CalamineError, WorkbookRefusedError: It is damaged, or its cells are too many.
        _TooMuchTextError: It holds more characters than a sheet may.
    """
    name = workbook.sheets_metadata[position].name
    worksheet = Worksheet(limits=limits, marks=marks.get(name, Marks(is_known=False)))
    if worksheet.marks.characters > limits.file_max_bytes:
        raise _TooMuchTextError
    sheet = _by_library(lambda: workbook.get_sheet_by_index(position))
    limit_cells(sheet.total_height, sheet.total_width)
    here = worksheet.marks
    here.merged.extend(sheet.merged_cell_ranges or ())
    uncomputed = frozenset(here.uncomputed)
    for row, values in enumerate(sheet.to_python(skip_empty_area=False)):
        for column, value in enumerate(values):
            if value != "" and (row, column) not in uncomputed:
                worksheet.take((row, column), value)
    _find_totals(worksheet)
    if not keeps_totals:
        for row in here.totals:
            worksheet.rows.pop(row, None)
    for row, column in here.shown:  # the library ends before blank ones
        if column not in worksheet.rows.get(row, {}):
            worksheet.take((row, column), "")
    worksheet.width = 1 + max((max(cells) for cells in worksheet.rows.values()), default=-1)
    return worksheet


def _find_totals(worksheet: Worksheet) -> None:
    """Note rows that a formula without a result adds up; nothing is wrong with cells of such rows."""
    marks = worksheet.marks
    rows = {row for row, _ in marks.uncomputed}
    for row in sorted(rows & worksheet.rows.keys()):
        if is_total([*worksheet.rows[row].values()], has_number=False):
            marks.totals.add(row)
    if not marks.totals:
        return
    marks.uncomputed = [place for place in marks.uncomputed if place[0] not in marks.totals]
    for kind, places in list(worksheet.unshown.items()):
        left = [place for place in places if place[0] not in marks.totals]
        if left:
            worksheet.unshown[kind] = left
        else:
            del worksheet.unshown[kind]


def cite_damage(error: Exception, citations: Citations, limits: ReadingLimits) -> None:
    """Cite what keeps a workbook or worksheet from being read."""
    if isinstance(error, _TooMuchTextError):
        citations.error(
            "file_too_large",
            f"The worksheet has more than {limits.file_max_bytes:,} characters.",
            "Remove what is not part of the sheet, or raise UPLOAD_MAX_FILE_BYTES.",
        )
    elif isinstance(error, WorkbookLockedError | PasswordError):
        citations.error(
            "workbook_protected",
            "The workbook is protected by a password and cannot be read.",
            "Remove the password in the spreadsheet program, save the workbook and upload it again.",
        )
    else:
        is_missing = isinstance(error, WorksheetNotFound)
        fault = "a worksheet that it lists is missing" if is_missing else error
        citations.error(
            "workbook_unreadable", f"The workbook cannot be read: {fault}.", _SAVE_ADVICE
        )


def hidden_columns(worksheet: Worksheet) -> list[int]:
    """Return the columns with cells that people do not see."""
    filled = worksheet.rows.values()
    return [at for at in sorted(worksheet.marks.hidden_columns) if any(at in row for row in filled)]


def cite_hidden_columns(hidden: Sequence[int], header: SourceRow, citations: Citations) -> None:
    """Say which columns people do not see; they are read like the others."""
    if hidden:
        names = first_named([_column(header, column) for column in hidden], _SHOWN_PLACES)
        citations.inform(
            "columns_hidden",
            f"{len(hidden)} column(s) are hidden; they were still read: {names}.",
            "Delete columns that are not part of the specification.",
            column=_column(header, hidden[0]),
        )


def cite_hidden_rows(worksheet: Worksheet, citations: Citations) -> None:
    """Say how many rows people do not see; they are read like the others."""
    if worksheet.marks.hidden_rows:
        citations.inform(
            "rows_hidden",
            f"{worksheet.marks.hidden_rows} row(s) are hidden or filtered out; they were still "
            "read.",
            "Delete rows that are not part of the specification.",
        )


def cite_cells(worksheet: Worksheet, header: SourceRow, citations: Citations) -> None:
    for place in worksheet.marks.uncomputed:
        citations.error(
            "formula_not_computed",
            f"Cell {_cell(place)} has a formula without a result.",
            "Open the workbook in the spreadsheet program so that it is recalculated, and save it.",
            **_at(place, header),
        )
    if worksheet.outside is not None:
        citations.error(
            "too_many_columns",
            f"Cell {_cell(worksheet.outside)} is beyond column "
            f"{worksheet.limits.columns_max_count}, the last one that is read.",
            "Remove columns that are not part of the sheet.",
            line=worksheet.outside[0] + 1,
            record=worksheet.outside[0] + 1,
        )
    for (_, code), places in worksheet.unshown.items():
        row, column = places[0]
        cells = first_named([_cell(place) for place in places], _SHOWN_PLACES)
        citations.warn(
            "number_format",
            f"{cells}: the cells may display more than was read, {worksheet.rows[row][column]!r}; "
            + (
                f"their number format {code} is not read."
                if code
                else "number formats of such a workbook are not read."
            ),
            "Compare them with what the spreadsheet program displays, and enter that as text.",
            **_at(places[0], header),
            value=worksheet.rows[row][column],
        )


def _cell(place: Place) -> str:
    """Return how people call a cell: `B12`."""
    letters = ""
    rest = place[1] + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{place[0] + 1}"


def _at(place: Place, header: SourceRow) -> dict[str, object]:
    return {"line": place[0] + 1, "record": place[0] + 1, "column": _column(header, place[1])}


def cite_unread(
    beside: Mapping[Place, str], header: SourceRow, citations: Citations, *, code: str
) -> None:
    """Cite what cells have beside their texts; of many one finding."""
    what = code.removeprefix("cell_")
    is_many = len(beside) > _MOST_SINGLE_REMARKS
    places = first_named([_cell(each) for each in beside], _SHOWN_PLACES)
    for place in list(beside)[: 1 if is_many else None]:
        citations.warn(
            code,
            f"{len(beside)} cells have {what}s, which are not read: {places}."
            if is_many
            else f"Cell {_cell(place)} has a {what}, which is not read.",
            "Enter whatever matters for the build in a cell.",
            **_at(place, header),
            value=beside[place],
        )


def links_unseen(worksheet: Worksheet) -> Mapping[Place, str]:
    """Return the addresses outside that cells lead to and do not show."""
    return {
        (row, column): address
        for (row, column), address in sorted(worksheet.marks.links.items())
        if not address.startswith("#")
        and (text := worksheet.rows.get(row, {}).get(column, ""))
        and _SCHEME.sub("", address).rstrip("/").casefold() not in text.casefold()
    }


def _column(header: SourceRow, column: int) -> str:
    name = header.cells[column] if column < len(header.cells) else ""
    return name or f"Column {column + 1}"
