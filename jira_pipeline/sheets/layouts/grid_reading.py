"""Reads files into grids, with the readers and limits of every upload.

Belongs here: worksheets and CSV files as cells. Does not: bytes of a CSV file (`reading/csv_files`),
the container and cells of a workbook (`reading/workbooks`). Hidden worksheets and rows that add up
others are cells as any: a layout says what becomes of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from python_calamine import SheetVisibleEnum

from jira_pipeline.model.findings import Finding
from jira_pipeline.model.sheet_names import WORKBOOK_SUFFIXES, worksheet_name
from jira_pipeline.model.source_tables import SourceRow
from jira_pipeline.sheets.layouts.grid import Grid, Merge, Place, RowCells
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import is_text, read_records
from jira_pipeline.sheets.reading.file_formats import COMPOUND_START, WORKBOOK_STARTS
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.workbooks import (
    DAMAGES,
    Worksheet,
    cite_cells,
    cite_damage,
    cite_hidden_rows,
    cite_older_format,
    cite_unread,
    hidden_columns,
    links_unseen,
    open_workbook,
    read_worksheet,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileGrids:
    """The worksheets of one file, and what is wrong with it."""

    file_name: str
    grids: tuple[Grid, ...]
    findings: tuple[Finding, ...]
    encoding: str
    delimiter: str = ""
    """Blank of a workbook."""

    @property
    def is_workbook(self) -> bool:
        return not self.delimiter


def read_grids(
    content: bytes,
    *,
    file_name: str,
    limits: ReadingLimits = DEFAULT_LIMITS,
    encoding: str | None = None,
) -> FileGrids:
    """Read every worksheet of a workbook, or the one of a CSV file; damage is cited, never raised."""
    path = PurePath(file_name)
    has_name_of_workbook = path.suffix.casefold() in WORKBOOK_SUFFIXES
    if has_name_of_workbook and (content.startswith(WORKBOOK_STARTS) or not is_text(content)):
        return _read_workbook(content, file_name, limits)
    reading = read_records(content, file=file_name, limits=limits, code_page=encoding)
    rows: dict[int, dict[int, str]] = {}
    lines: dict[int, int] = {}
    widths: dict[int, int] = {}
    for row in reading.rows:
        texts = {column: text for column, text in enumerate(row.cells) if text}
        if texts:
            rows[row.record - 1] = texts
            widths[row.record - 1] = len(row.cells)
        if row.line != row.record:
            lines[row.record - 1] = row.line
    citations = Citations(file_name)
    if not rows:
        citations.error(
            "file_empty",
            "The file has no records.",
            "Export the sheet again, or remove the file from the folder.",
        )
    if has_name_of_workbook:
        citations.inform(
            "file_is_text",
            "The file has the name of a workbook and is text; it was read as a CSV export.",
            "Rename it to .csv: spreadsheet programs may refuse to open it.",
        )
    return FileGrids(
        file_name=file_name,
        grids=(Grid(title=path.stem, cells=RowCells(rows), lines=lines, widths=widths),),
        findings=(*reading.findings, *citations.findings),
        encoding=reading.encoding,
        delimiter=reading.delimiter,
    )


def _read_workbook(content: bytes, file_name: str, limits: ReadingLimits) -> FileGrids:
    citations = Citations(file_name)
    grids: list[Grid] = []
    findings: list[Finding] = []
    try:
        workbook, marks = open_workbook(content, limits)
    except DAMAGES as error:
        cite_damage(error, citations, limits)
    else:
        if content.startswith(COMPOUND_START):
            cite_older_format(citations)
        for position, sheet in enumerate(workbook.sheets_metadata):
            about = Citations(worksheet_name(file_name, sheet.name))
            try:
                worksheet = read_worksheet(workbook, position, marks, limits, keeps_totals=True)
            except DAMAGES as error:
                cite_damage(error, about, limits)
            else:
                _leave_out_rows_beyond(worksheet, limits, about)
                is_hidden = sheet.visible is not SheetVisibleEnum.Visible
                grids.append(_grid(sheet.name, worksheet, is_hidden=is_hidden))
                _cite_cells(worksheet, about)
            findings.extend(about.findings)
    return FileGrids(
        file_name=file_name,
        grids=tuple(grids),
        findings=(*citations.findings, *findings),
        encoding=PurePath(file_name).suffix.casefold().removeprefix("."),
    )


def _leave_out_rows_beyond(
    worksheet: Worksheet, limits: ReadingLimits, citations: Citations
) -> None:
    """Take away the rows beyond the limit, and say so."""
    beyond = sorted(worksheet.rows)[limits.rows_max_count :]
    if not beyond:
        return
    citations.error(
        "too_many_rows",
        f"The worksheet has more than {limits.rows_max_count} rows; the rest was not read.",
        "Split the sheet, or raise the limit.",
        line=beyond[0] + 1,
        record=beyond[0] + 1,
    )
    for row in beyond:
        del worksheet.rows[row]


def _grid(title: str, worksheet: Worksheet, *, is_hidden: bool) -> Grid:
    marks = worksheet.marks
    rows = {row: dict(sorted(texts.items())) for row, texts in sorted(worksheet.rows.items())}
    return Grid(
        title=title,
        cells=RowCells(rows),
        merges=tuple(Merge(Place(*first), Place(*last)) for first, last in marks.merged),
        struck=frozenset(Place(*place) for place in marks.struck),
        comments=dict(_by_place(marks.comments)),
        colours=dict(_by_place(marks.fills)),
        text_colours=dict(_by_place(marks.text_colours)),
        totals=frozenset(marks.totals),
        hidden_columns=tuple(hidden_columns(worksheet)),
        is_hidden=is_hidden,
    )


def _by_place(texts: Mapping[tuple[int, int], str]) -> Iterator[tuple[Place, str]]:
    for place, text in texts.items():
        yield Place(*place), text


def _cite_cells(worksheet: Worksheet, citations: Citations) -> None:
    """Cite what cells have that no layout reads: formulas without a result, links, odd formats."""
    nameless = SourceRow(line=1, record=1, cells=())
    cite_cells(worksheet, nameless, citations)
    cite_hidden_rows(worksheet, citations)
    cite_unread(links_unseen(worksheet), nameless, citations, code="cell_link")
