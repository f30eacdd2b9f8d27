"""Reads files by a layout: their worksheets as grids, and the tables that entities are read from.

Belongs here: several files, names of worksheets that two of them have. Does not: one file
(`grid_reading`), what is done with a layout that leaves something to settle (whoever asks for it).
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass, field, replace

from jira_pipeline.model.findings import Finding
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.source_tables import SourceTable
from jira_pipeline.sheets.layouts.applying import apply_layout
from jira_pipeline.sheets.layouts.areas import divided_grids
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.grid_reading import read_grids
from jira_pipeline.sheets.layouts.layout import DividedWorksheet, Layout
from jira_pipeline.sheets.layouts.layout_tables import GridFile, tables_of
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, check_applied
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadGrids:
    """The worksheets of all files of an upload."""

    grids: tuple[Grid, ...]
    """Each with a title that no other has."""
    files: Mapping[str, GridFile]
    """The file of each, by that title."""
    findings: tuple[Finding, ...]
    """What is wrong with files and cells, whatever a layout says."""
    columns: ColumnMeanings = field(default_factory=dict)
    """What `session.yaml` says of headers of known sheets, …"""
    owner_blank: OwnerBlank | None = None
    """… and of blank cells of what rows belong to."""
    divided: tuple[DividedWorksheet, ...] = ()
    """What a layout says of worksheets whose areas are among the grids in their place."""
    undivided: "UploadGrids | None" = None
    """All worksheets whole, where some are divided."""

    def divided_by(self, layout: Layout) -> "UploadGrids":
        """Return the worksheets with areas in place of those that a layout divides, and no others."""
        whole = self.undivided or self
        if layout.divided == self.divided:
            return self
        if not layout.divided:
            return whole
        titles = {normal(grid.title): grid.title for grid in whole.grids}
        files: dict[str, GridFile] = {}
        grids = divided_grids(layout.divided, whole.grids)
        for grid in grids:
            file = whole.files[titles[normal(grid.worksheet_title)]]
            files[grid.title] = replace(file, worksheet=grid.title) if grid.area_of else file
        return replace(whole, grids=grids, files=files, divided=layout.divided, undivided=whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutReading:
    """What a layout makes of an upload."""

    tables: tuple[SourceTable, ...]
    checked: CheckedLayout
    """The rows with their sources, and what is left to settle."""


def upload_grids(
    files: Mapping[str, bytes],
    *,
    limits: ReadingLimits = DEFAULT_LIMITS,
    encoding: str | None = None,
) -> UploadGrids:
    """Read all worksheets of files, by their names; the order of the files changes nothing.

    Worksheets of two files with one name are called `Spec.xlsx:Fields`, as they are cited.
    """
    grids: list[Grid] = []
    files_of_grids: list[GridFile] = []
    findings: list[Finding] = []
    for file_name in sorted(files):
        content = files[file_name]
        of_file = read_grids(content, file_name=file_name, limits=limits, encoding=encoding)
        findings += of_file.findings
        for grid in of_file.grids:
            grids.append(grid)
            files_of_grids.append(
                GridFile(
                    file_name=file_name,
                    worksheet=grid.title if of_file.is_workbook else None,
                    sha256=hashlib.sha256(content).hexdigest(),
                    size_bytes=len(content),
                    encoding=of_file.encoding,
                    delimiter=of_file.delimiter,
                )
            )
    counts = Counter(normal(grid.title) for grid in grids)
    named: dict[str, GridFile] = {}
    for at, (grid, file) in enumerate(zip(grids, files_of_grids, strict=True)):
        if counts[normal(grid.title)] > 1:
            title = file.file_name if file.worksheet is None else file.sheet_name
            grids[at] = replace(grid, title=title)
        named[grids[at].title] = file
    return UploadGrids(grids=tuple(grids), files=named, findings=tuple(findings))


def read_by_layout(
    layout: Layout, upload: UploadGrids, *, known_titles: AbstractSet[str] = frozenset()
) -> LayoutReading:
    """Return the tables that a layout makes of an upload, and what is left to settle.

    Nothing is checked of worksheets with known titles: what is said of these is another matter.
    """
    applied = apply_layout(layout, upload.grids)
    checked = check_applied(applied, layout, upload.grids, others=known_titles)
    tables = tables_of(checked.applied, upload.files)
    return LayoutReading(tables=tuple(tables), checked=checked)
