"""What lint says of a worksheet that is read by its known headers, and what stands beside its rows.

Belongs here: lines above a table, rows without a name, merges, text that is struck through, widths of
records. Does not: what is copied (`applying`), what a person is asked (`unclear_places`), the findings
of rows (`reading/row_findings`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.model.entities import Status
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.source_tables import SHEET_NAMES, SourceFile, SourceRow, SourceTable
from jira_pipeline.sheets.layouts.example_rows import EXAMPLE_ROW
from jira_pipeline.sheets.layouts.grid import Place
from jira_pipeline.sheets.layouts.known_sheet import KnownSheet
from jira_pipeline.sheets.layouts.layout import Fill
from jira_pipeline.sheets.layouts.layout_tables import GridFile
from jira_pipeline.sheets.reading.cells import status_spelled
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import cite_formulas, unnamed
from jira_pipeline.sheets.reading.totals import cite_totals
from jira_pipeline.sheets.reading.workbooks import cite_hidden_columns, cite_unread

_CELLS_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownReading:
    """What is made of a worksheet by its known headers."""

    table: SourceTable
    findings: tuple[Finding, ...]


def read_known_sheet(
    sheet: KnownSheet,
    file: GridFile,
    table: SourceTable | None,
    *,
    cell_findings: Sequence[Finding],
) -> KnownReading:
    """Return the table of a worksheet with what is written beside its rows, and what is said of it.

    `table` is what was made of its rows; None where it has no row of a thing. `cell_findings` are what
    is wrong with its cells, whatever a layout says: there columns have numbers.
    """
    citations = Citations(file.sheet_name)
    table = _with_lines_beside(sheet, table or _table_without_rows(sheet, file))
    _cite_lines_above(sheet, citations)
    for row in sheet.totals:
        cite_totals(citations, row=sheet.source_row(row))
    for row in sheet.nameless_rows:
        _cite_nameless_row(sheet, row, citations)
    _cite_example_rows(sheet, citations)
    _cite_widths(sheet, citations)
    _cite_merges(sheet, citations)
    _cite_struck_texts(sheet, citations)
    header = sheet.source_row(sheet.header_row)
    cite_hidden_columns(sheet.grid.hidden_columns, header, citations)
    comments: dict[tuple[int, int], str] = dict(sorted(sheet.grid.comments.items()))
    cite_unread(comments, header, citations, code="cell_comment")
    cite_formulas(table.shown_headers, table.rows, citations)
    if not table.rows:
        citations.warn(
            "sheet_without_rows",
            f"The sheet ({SHEET_NAMES[sheet.kind]}) has a header but no row that describes anything.",
            "Export the sheet again if rows are missing; otherwise, remove the file.",
            line=table.header_line,
        )
    return KnownReading(
        table=table,
        findings=(*_with_headers(cell_findings, sheet), *citations.findings),
    )


def _with_headers(findings: Sequence[Finding], sheet: KnownSheet) -> Iterator[Finding]:
    """Yield findings of cells, their columns by the headers of the worksheet."""
    headers = {unnamed(at): header for at, header in sheet.headers.items()}
    for finding in findings:
        yield replace(finding, column=headers.get(finding.column or "", finding.column))


# ---------------------------------------------------------------- its table


def _with_lines_beside(sheet: KnownSheet, table: SourceTable) -> SourceTable:
    """Return the rows of things, with what is written above and between them, to be quoted."""
    if sheet.totals:
        table = _without_totals(sheet, table)
    headings = tuple(_heading(sheet, row, table.columns) for row in sheet.nameless_rows)
    return replace(table, above=tuple(sheet.lines_above), headings=(*table.headings, *headings))


def _table_without_rows(sheet: KnownSheet, file: GridFile) -> SourceTable:
    positions = sorted(sheet.column_at)
    return SourceTable(
        file=SourceFile(
            name=file.sheet_name,
            file_name=file.file_name,
            sheet=sheet.kind,
            row_count=0,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            encoding=file.encoding,
            delimiter=file.delimiter,
        ),
        columns=tuple(sheet.column_at[at] for at in positions),
        headers=tuple(sheet.headers[at] for at in positions),
        header_line=sheet.line_of(sheet.header_row),
        rows=(),
    )


def _without_totals(sheet: KnownSheet, table: SourceTable) -> SourceTable:
    positions = [
        at for at, row in enumerate(table.rows) if row.record - 1 not in frozenset(sheet.totals)
    ]
    return replace(
        table,
        file=replace(table.file, row_count=len(positions)),
        rows=tuple(table.rows[at] for at in positions),
        copied_from=tuple(table.copied_from[at] for at in positions),
    )


def _heading(sheet: KnownSheet, row: int, columns: Sequence[str]) -> SourceRow:
    """Return a row without a name as a line between the rows of a table."""
    line = sheet.source_row(row)
    cells = [sheet.cell(row, column) for column in columns]
    return replace(line, cells=tuple(cells))


# ---------------------------------------------------------------- what is said of rows


def _cite_lines_above(sheet: KnownSheet, citations: Citations) -> None:
    if not sheet.lines_above:
        return
    first = sheet.lines_above[0]
    citations.inform(
        "header_not_first",
        f"A header is in line {sheet.line_of(sheet.header_row)}; the lines above it were read as its "
        "title.",
        "Nothing to do, unless a row above it describes something.",
        row=first,
        value=", ".join(first.texts),
    )


def _cite_nameless_row(sheet: KnownSheet, row: int, citations: Citations) -> None:
    """Say that a row without a name holds text."""
    texts = sheet.texts_in(row)
    first = min(texts)
    naming = () if sheet.rule is None else sheet.rule.identifying
    message = (
        f"The row has no label or machine name ({' and '.join(naming)} blank); it was read as a "
        "separator although it contains text."
    )
    place: dict[str, object] = {
        "row": sheet.source_row(row),
        "column": sheet.header_at(first),
        "value": ", ".join(texts.values()),
        "cause": first,
    }
    if len(texts) > 1:
        citations.warn(
            "separator_with_text",
            message,
            "Enter its name if it describes something of its own, or put the text in the row that it "
            "belongs to.",
            **place,
        )
    else:
        citations.inform(
            "separator_with_text", message, "Nothing to do, unless its name is missing.", **place
        )


def _cite_example_rows(sheet: KnownSheet, citations: Citations) -> None:
    for row in sheet.grid.rows:
        first = Place(row, sheet.grid.rows[row][0])
        if sheet.use.left_out.get(first) == EXAMPLE_ROW:
            citations.inform(
                "example_row",
                "The row is the example of the blank workbook; it was not read.",
                "Nothing to do, unless it is to be built: in that case, change a cell of it.",
                row=sheet.source_row(row),
                value=", ".join(sheet.source_row(row).texts),
            )


def _cite_widths(sheet: KnownSheet, citations: Citations) -> None:
    """Say which records of a CSV file have more or fewer cells than its header."""
    widths = sheet.grid.widths
    width = widths.get(sheet.header_row, 0)
    rows = [row for row in widths if row > sheet.header_row]
    for row in rows:
        if widths[row] < width:
            citations.warn(
                "row_short",
                f"The record has {widths[row]} cells, the header {width}; the missing cells were read "
                "as blank.",
                "Check that no cell is missing in the middle of the row.",
                row=sheet.source_row(row),
                value=sheet.grid.texts_by_row[row].get(0),
            )
        elif max(sheet.grid.rows[row]) >= width:
            beyond = next(at for at in sheet.grid.rows[row] if at >= width)
            citations.error(
                "row_long",
                f"The record has {widths[row]} cells, the header only {width}; a cell is outside all "
                "columns.",
                "Look for a comma outside quotes or a missing header, and export again.",
                row=sheet.source_row(row),
                value=sheet.grid.texts_by_row[row][beyond],
            )
    _cite_blank_surplus(sheet, rows, citations)


def _cite_blank_surplus(sheet: KnownSheet, rows: Sequence[int], citations: Citations) -> None:
    """Say which records have more blank cells beyond the header than every other one has.

    A comma outside quotes shifts the cells of its row; where the last ones are blank, only their
    number shows it. Some exports end every row with a delimiter.
    """
    widths = sheet.grid.widths
    width = widths.get(sheet.header_row, 0)
    longer = [row for row in rows if widths[row] > width > max(sheet.grid.rows[row])]
    is_regular = len(longer) == len(rows) > 1
    usual = min(widths[row] for row in longer) if is_regular else width
    for row in longer:
        if widths[row] > usual:
            line = sheet.source_row(row)
            citations.warn(
                "row_long",
                f"The record has {widths[row]} cells, the header only {width}; the surplus is blank, "
                "but a comma outside quotes may have shifted the cells.",
                "Compare the row with its headers, and export the sheet again.",
                row=line,
                value=", ".join(line.texts),
            )


# ---------------------------------------------------------------- what is said of cells


def _place_cited(sheet: KnownSheet, place: Place) -> dict[str, object]:
    return {
        "line": place.row + 1,
        "record": place.row + 1,
        "column": sheet.header_at(place.column),
        "value": sheet.grid.cells[place],
    }


def _cite_merges(sheet: KnownSheet, citations: Citations) -> None:
    """Say which merges were read as the cell of each of their rows, and which were not."""
    filled_columns = {
        at
        for at, name in sheet.column_at.items()
        if sheet.record.values[name][0].fill in {Fill.MERGED, Fill.ABOVE}
    }
    for first, last in sheet.grid.merges:
        text = sheet.grid.cells.get(first, "")
        is_title = last.row == first.row and len(sheet.grid.rows.get(first.row, ())) == 1
        if first.row <= sheet.header_row or not text or is_title:
            continue
        cells = f"{first.address}:{last.address}"
        if first.column == last.column and first.column in filled_columns:
            citations.inform(
                "owner_merged",
                f"The cells {cells} are merged; each of their rows was read as one of “{text}”.",
                "Nothing to do, unless a row belongs to something else.",
                **_place_cited(sheet, first),
                cause=first.column,
            )
        else:
            citations.warn(
                "cells_merged",
                f"The cells {cells} are merged; only {first.address} has the value; the others were "
                "read as blank.",
                "Unmerge them and enter the value in each cell it is meant for.",
                **_place_cited(sheet, first),
                cause=first.column,
            )


def _cite_struck_texts(sheet: KnownSheet, citations: Citations) -> None:
    """Say which rows are left out as they are struck through, and which text is read all the same."""
    for row, places in _struck_places(sheet).items():
        if status_spelled(sheet.status(row)) is Status.DELETED:
            continue
        if places[0] in sheet.use.left_out:
            citations.warn(
                "row_struck",
                "The row is struck through; it was not read.",
                "Nothing to do, unless it is to be built: in that case, remove the strikethrough.",
                **_place_cited(sheet, places[0]),
                cause="row",
            )
            continue
        shown = first_named([place.address for place in places], _CELLS_NAMED)
        citations.warn(
            "text_struck",
            f"Text is struck through in {shown}; it was still read.",
            "Enter d in X or delete the row if nothing is to be built; otherwise, remove the "
            "strikethrough.",
            **_place_cited(sheet, places[0]),
            cause="struck",
        )


def _struck_places(sheet: KnownSheet) -> Mapping[int, Sequence[Place]]:
    places: dict[int, list[Place]] = {}
    for place in sorted(sheet.grid.struck):
        if place.row > sheet.header_row and sheet.grid.cells.get(place):
            places.setdefault(place.row, []).append(place)
    return places
