"""Reads a folder of an upload by the layout that was declared for it, and by known headers.

Belongs here: what a folder is read to, and whether its layout leaves something to settle. Does not:
which files are read (`reading/folders`), the worksheets of several files (`layout_reading`), what is
said of a worksheet (`layout_findings`, `known_reading`).
"""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from jira_pipeline.model.entities import (
    EntityKind,
    FolderReading,
    SourceFile,
    SourceTable,
    with_own_names,
)
from jira_pipeline.model.findings import Finding, sorted_findings
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.known_headers import HIDDEN, propose_known
from jira_pipeline.sheets.layouts.known_reading import KnownReading, read_known_sheet
from jira_pipeline.sheets.layouts.known_sheet import KnownSheet
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
from jira_pipeline.sheets.layouts.proposing import effective_layout
from jira_pipeline.sheets.layouts.row_rules import LayoutMisfitError
from jira_pipeline.sheets.layouts.usual_columns import usual_column_findings
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.column_mappings import MANIFEST_NAME, cite_mappings
from jira_pipeline.sheets.reading.folders import files_of_folder
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.sheet_kinds import NO_COLUMNS_MAPPED


def read_folder_by_layout(
    folder: Path,
    content: bytes | None,
    *,
    limits: ReadingLimits = DEFAULT_LIMITS,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
) -> FolderReading:
    """Read every worksheet of a folder by the layout that is declared; faults of files are findings.

    Worksheets that it does not name are read by their known headers, all of them without a layout.
    `columns` and `owner_blank` are what `session.yaml` says of these.

    Raises:
        LayoutRefusedError: The layout cannot be used.
    """
    declared = Layout(sheets=()) if content is None else read_layout(content)
    files = files_of_folder(folder, limits)
    reading = read_files_by_layout(
        files.contents, declared, limits=limits, columns=columns, owner_blank=owner_blank
    )
    return replace(reading, findings=sorted_findings([*files.findings, *reading.findings]))


def read_files_by_layout(
    files: Mapping[str, bytes],
    declared: Layout,
    *,
    limits: ReadingLimits = DEFAULT_LIMITS,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
) -> FolderReading:
    """Read worksheets from the bytes of files, by file name, as `read_folder_by_layout` does."""
    upload = upload_grids(files, limits=limits)
    layout = effective_layout(declared, upload.grids, columns=columns, owner_blank=owner_blank)
    titles = _known_titles(layout, declared, upload)
    # What is declared may look up or join rows of any worksheet: then all of them go one way.
    plain = {} if declared.sheets else _read_plain_worksheets(layout, upload, titles)
    reading = _read_other_worksheets(layout, upload, plain, titles)
    known = _read_known_worksheets(plain, reading, upload, layout, titles)
    questions = [question for each in known.readings for question in each.questions]
    unsettled = layout_findings(reading.checked, upload, declared=declared, questions=questions)
    tables = [*known.tables, *_tables_of_other_files(known.tables, upload)]
    return FolderReading(
        tables=tuple(with_own_names(tables)),
        findings=sorted_findings(
            [
                *known.other_findings,
                *(finding for each in known.readings for finding in each.findings),
                *usual_column_findings(sorted_by_kind(each.table for each in known.readings)),
                *_findings_of_mappings(tables, columns),
                *_findings_of_unseen_worksheets(upload, layout, declared),
                *unsettled.findings,
            ]
        ),
        needs_layout=unsettled.needs_layout,
    )


def _known_titles(layout: Layout, declared: Layout, upload: UploadGrids) -> frozenset[str]:
    """Return the worksheets whose layout is known, and not declared."""
    return frozenset(
        grid.title
        for grid in upload.grids
        if sheet_layout_of(declared, grid.title) is None
        and sheet_layout_of(layout, grid.title) is not None
    )


def _read_plain_worksheets(
    layout: Layout, upload: UploadGrids, known_titles: AbstractSet[str]
) -> Mapping[str, PlainReading]:
    """Return what is made of worksheets that are only copied, by title."""
    readings: dict[str, PlainReading] = {}
    for grid in upload.grids:
        sheet = sheet_layout_of(layout, grid.title)
        if grid.title in known_titles and sheet is not None and is_plain(sheet, grid):
            try:
                readings[grid.title] = read_plain(sheet, grid, upload.files[grid.title])
            except LayoutMisfitError:
                continue  # the other way says what does not fit
    return readings


def _read_other_worksheets(
    layout: Layout,
    upload: UploadGrids,
    plain: Mapping[str, PlainReading],
    known_titles: AbstractSet[str],
) -> LayoutReading:
    """Return what a layout makes of worksheets that are not only copied."""
    grids = tuple(grid for grid in upload.grids if grid.title not in plain)
    sheets = tuple(sheet for sheet in layout.sheets if not plain.keys() >= {*sheet.worksheets})
    return read_by_layout(
        layout.model_copy(update={"sheets": sheets}),
        replace(upload, grids=grids),
        known_titles=known_titles,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _KnownReadings:
    """What is made of worksheets with known headers, and the tables and findings of the others."""

    readings: Sequence[KnownReading]
    tables: Sequence[SourceTable]
    """Of all worksheets, in the order of kinds."""
    other_findings: Sequence[Finding]
    """Of files, and of cells of other worksheets."""


def _read_known_worksheets(
    plain: Mapping[str, PlainReading],
    reading: LayoutReading,
    upload: UploadGrids,
    layout: Layout,
    known_titles: AbstractSet[str],
) -> _KnownReadings:
    """Read what is written beside the rows of worksheets with known headers."""
    tables = {table.file.name: table for table in reading.tables}
    uses = dict(reading.checked.applied.uses)
    for title, of_worksheet in plain.items():
        uses[title] = of_worksheet.use
        if of_worksheet.table is not None:
            tables[of_worksheet.table.file.name] = of_worksheet.table
    kinds = frozenset(table.file.sheet for table in tables.values())
    findings = [*upload.findings]
    readings: list[KnownReading] = []
    for grid in upload.grids:
        sheet = sheet_layout_of(layout, grid.title)
        if grid.title not in known_titles or sheet is None or not sheet.regions:
            continue
        file = upload.files[grid.title]
        of_cells = [finding for finding in findings if finding.file == file.sheet_name]
        findings = [finding for finding in findings if finding.file != file.sheet_name]
        (region,) = sheet.regions
        known_sheet = KnownSheet(
            grid=grid,
            file=file,
            region=region,
            use=uses[grid.title],
            read_table=tables.get(file.sheet_name),
            cell_findings=of_cells,
            kinds_of_upload=kinds,
        )
        known = read_known_sheet(known_sheet)
        readings.append(known)
        tables[file.sheet_name] = known.table
    return _KnownReadings(
        readings=readings,
        tables=sorted_by_kind(tables.values()),
        other_findings=findings,
    )


def _tables_of_other_files(
    tables: Sequence[SourceTable], upload: UploadGrids
) -> Iterator[SourceTable]:
    """Yield a table without rows for each file of which nothing is read: it is kept with the others."""
    names = {table.file.file_name for table in tables}
    for file in upload.files.values():
        if file.file_name in names:
            continue
        names.add(file.file_name)
        source = SourceFile(
            name=file.sheet_name,
            file_name=file.file_name,
            sheet=EntityKind.CUSTOM,
            row_count=0,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            encoding=file.encoding,
            delimiter=file.delimiter,
        )
        yield SourceTable(file=source, columns=(), rows=())


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
