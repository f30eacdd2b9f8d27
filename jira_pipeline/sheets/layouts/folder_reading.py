"""Reads a folder of an upload by the layout that was declared for it, and by known headers.

Belongs here: what a folder is read to, and whether its layout leaves something to settle. Does not:
which files are read (`reading/folder_files`), the worksheets of several files (`layout_reading`), what is
said of a worksheet (`layout_findings`, `known_reading`).
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from jira_pipeline.model.findings import Finding, sorted_findings
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.source_tables import FolderReading, SourceTable
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.known_headers import (
    HIDDEN,
    known_titles,
    propose_known,
    with_known_sheets,
)
from jira_pipeline.sheets.layouts.known_reading import read_known_sheet
from jira_pipeline.sheets.layouts.known_sheet import KnownSheet, known_sheets_in
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline.sheets.layouts.layout_findings import layout_findings
from jira_pipeline.sheets.layouts.layout_reading import (
    LayoutReading,
    UploadGrids,
    read_by_layout,
    upload_grids,
)
from jira_pipeline.sheets.layouts.layout_tables import sorted_by_kind
from jira_pipeline.sheets.layouts.plain_worksheets import PlainReading, is_plain, read_plain
from jira_pipeline.sheets.layouts.row_rules import LayoutMisfitError
from jira_pipeline.sheets.layouts.usual_columns import usual_column_findings
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.folder_files import files_of_folder
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.session_columns import MANIFEST_NAME, cite_mappings
from jira_pipeline.sheets.reading.sheet_kinds import NO_COLUMNS_MAPPED


def read_folder_by_layout(
    folder: Path,
    content: bytes | None,
    *,
    limits: ReadingLimits = DEFAULT_LIMITS,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
    encoding: str | None = None,
) -> FolderReading:
    """Read every worksheet of a folder by the layout that is declared; faults of files are findings.

    Worksheets that it does not name are read by their known headers, all of them without a layout.
    `columns`, `owner_blank` and `encoding` are what `session.yaml` says of these.

    Raises:
        LayoutRefusedError: The layout cannot be used.
    """
    declared = Layout(sheets=()) if content is None else read_layout(content)
    files = files_of_folder(folder, limits)
    reading = read_files_by_layout(
        files.contents,
        declared,
        limits=limits,
        columns=columns,
        owner_blank=owner_blank,
        encoding=encoding,
    )
    return replace(reading, findings=sorted_findings([*files.findings, *reading.findings]))


def read_files_by_layout(
    files: Mapping[str, bytes],
    declared: Layout,
    *,
    limits: ReadingLimits = DEFAULT_LIMITS,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
    encoding: str | None = None,
) -> FolderReading:
    """Read worksheets from the bytes of files, by file name, as `read_folder_by_layout` does."""
    upload = upload_grids(files, limits=limits, encoding=encoding)
    reading = read_grids_by_layout(upload, declared, columns=columns, owner_blank=owner_blank)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return replace(reading, file_hashes=hashes)


def read_grids_by_layout(
    upload: UploadGrids,
    declared: Layout,
    *,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
) -> FolderReading:
    """Read worksheets that are grids already, as `read_files_by_layout` does."""
    upload = upload.divided_by(declared)
    known = propose_known(upload.grids, columns=columns, owner_blank=owner_blank)
    layout = with_known_sheets(declared, known, upload.grids)
    titles = known_titles(declared, known, upload.grids)
    # What is declared may look up or join rows of any worksheet: then all of them go one way.
    is_copied = all(
        sheet.worksheets and titles.issuperset(sheet.worksheets) for sheet in declared.sheets
    )
    plain = _read_plain_worksheets(layout, upload, titles) if is_copied else {}
    reading = _read_other_worksheets(layout, upload, plain, titles)
    sheets = [*_known_sheets(layout, upload, titles, plain, reading)]
    unsettled = layout_findings(
        reading.checked, upload, declared=declared, known=known, known_sheets=sheets
    )
    read = _with_known_tables(sheets, plain, reading, upload, layout)
    return FolderReading(
        tables=tuple(read.tables),
        findings=sorted_findings(
            [
                *read.findings,
                *_findings_of_mappings(read.tables, columns),
                *_findings_of_unseen_worksheets(upload, layout, declared),
                *unsettled.findings,
            ]
        ),
        file_hashes={file.file_name: file.sha256 for file in upload.files.values()},
        needs_layout=unsettled.needs_layout,
    )


def _read_plain_worksheets(
    layout: Layout, upload: UploadGrids, titles: AbstractSet[str]
) -> Mapping[str, PlainReading]:
    """Return what is made of worksheets that are only copied, by title."""
    readings: dict[str, PlainReading] = {}
    for grid in upload.grids:
        sheet = sheet_layout_of(layout, grid.title)
        if grid.title in titles and sheet is not None and is_plain(sheet, grid):
            try:
                readings[grid.title] = read_plain(sheet, grid, upload.files[grid.title])
            except LayoutMisfitError:
                continue  # the other way says what does not fit
    return readings


def _read_other_worksheets(
    layout: Layout,
    upload: UploadGrids,
    plain: Mapping[str, PlainReading],
    titles: AbstractSet[str],
) -> LayoutReading:
    """Return what a layout makes of worksheets that are not only copied."""
    grids = tuple(grid for grid in upload.grids if grid.title not in plain)
    sheets = tuple(sheet for sheet in layout.sheets if not plain.keys() >= {*sheet.worksheets})
    return read_by_layout(
        layout.model_copy(update={"sheets": sheets}),
        replace(upload, grids=grids),
        known_titles=titles,
    )


def _known_sheets(
    layout: Layout,
    upload: UploadGrids,
    titles: AbstractSet[str],
    plain: Mapping[str, PlainReading],
    reading: LayoutReading,
) -> Iterator[KnownSheet]:
    """Yield the worksheets with known headers, whichever way their rows were read."""
    tables = [*reading.tables, *(each.table for each in plain.values() if each.table is not None)]
    kinds = frozenset(table.file.sheet for table in tables)
    others = [grid for grid in upload.grids if grid.title not in plain]
    yield from known_sheets_in(
        reading.checked.applied, layout=layout, grids=others, titles=titles, kinds=kinds
    )
    for grid in upload.grids:
        sheet = sheet_layout_of(layout, grid.title)
        if grid.title in plain and sheet is not None:
            yield KnownSheet(
                grid=grid,
                region=sheet.regions[0],
                use=plain[grid.title].use,
                rows_with_records=plain[grid.title].rows,
                kinds_of_upload=kinds,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadTables:
    """The tables of all worksheets, in the order of kinds, and what lint says of files and known sheets."""

    tables: Sequence[SourceTable]
    findings: Sequence[Finding]


def _with_known_tables(
    sheets: Sequence[KnownSheet],
    plain: Mapping[str, PlainReading],
    reading: LayoutReading,
    upload: UploadGrids,
    layout: Layout,
) -> _ReadTables:
    """Return the tables of all worksheets, those of known headers with what stands beside their rows."""
    tables = {table.file.name: table for table in reading.tables}
    for of_worksheet in plain.values():
        if of_worksheet.table is not None:
            tables[of_worksheet.table.file.name] = of_worksheet.table
    findings_by_file: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in _findings_of_parts(upload, layout):
        findings_by_file[finding.file].append(finding)
    known_tables: list[SourceTable] = []
    findings: list[Finding] = []
    for sheet in sheets:
        file = upload.files[sheet.grid.title]
        known_sheet = read_known_sheet(
            sheet,
            file,
            tables.get(file.sheet_name),
            cell_findings=findings_by_file.pop(file.sheet_name, ()),
        )
        tables[file.sheet_name] = known_sheet.table
        known_tables.append(known_sheet.table)
        findings += known_sheet.findings
    known_names = {table.file.name for table in known_tables}
    for name, table in tables.items():
        if name not in known_names:
            tables[name] = replace(table, is_declared=True)
    for of_file in findings_by_file.values():
        findings += of_file
    findings += usual_column_findings(sorted_by_kind(known_tables))
    return _ReadTables(tables=sorted_by_kind(tables.values()), findings=findings)


def _findings_of_parts(upload: UploadGrids, layout: Layout) -> Iterator[Finding]:
    """Yield what is wrong with files and cells, but for rows of worksheets that are no part of it."""
    left_out = {
        upload.files[grid.title].sheet_name
        for grid in upload.grids
        for sheet in [sheet_layout_of(layout, grid.title)]
        if sheet is not None and sheet.ignore is not None
    }
    for finding in upload.findings:
        if finding.line is None or finding.file not in left_out:
            yield finding


def _findings_of_mappings(
    tables: Sequence[SourceTable], columns: ColumnMeanings
) -> Iterator[Finding]:
    citations = Citations(MANIFEST_NAME)
    cite_mappings(tables, columns, citations)
    yield from citations.findings


def _findings_of_unseen_worksheets(
    upload: UploadGrids, layout: Layout, declared: Layout
) -> Iterator[Finding]:
    """Yield that worksheets are blank or hidden, where nobody declared what they are."""
    for grid in upload.grids:
        if sheet_layout_of(declared, grid.title) is not None:
            continue
        sheet = sheet_layout_of(layout, grid.title)
        citations = Citations(upload.files[grid.title].sheet_name)
        if not grid.cells and upload.files[grid.title].worksheet is not None:
            citations.inform(
                "worksheet_ignored", "The worksheet is empty; it was not read.", "Nothing to do."
            )
        elif sheet is not None and sheet.ignore == HIDDEN:
            _cite_hidden(grid, citations)
        yield from citations.findings


def _cite_hidden(grid: Grid, citations: Citations) -> None:
    shown = propose_known([replace(grid, is_hidden=False)])
    if shown.sheets:
        citations.warn(
            "worksheet_hidden",
            "The worksheet is hidden and was not read, although its headers are known.",
            "Unhide it if it is part of the specification; otherwise, remove it.",
            line=min(grid.rows) + 1,
            value=", ".join(grid.texts_by_row[min(grid.rows)].values()),
        )
        return
    citations.inform(
        "worksheet_hidden",
        "The worksheet is hidden; it was not read.",
        "Nothing to do, unless it is part of the specification: in that case, unhide it.",
    )
