"""Proposes the layouts of known sheets where a worksheet has exactly their headers; nothing else.

Belongs here: fitting a known layout to the columns that a worksheet has. Does not: the known layouts
(`known_layouts`, data), what anybody has to be asked. No cells but headers, no scores: a worksheet is
a known sheet if its first row with headers of one has all that it needs.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import CUSTOM, Layout, Record, Region, SheetLayout
from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline.sheets.layouts.texts import is_called, normal
from jira_pipeline.sheets.reading.sheet_kinds import (
    known_columns,
    normalised,
    rule_of,
    without_remark,
)

_FOLDER = "known_layouts"
_SUFFIX = ".yaml"


@cache
def known_sheets() -> tuple[SheetLayout, ...]:
    """Return the layouts of all known sheets, in the order of their files and in these."""
    sheets: list[SheetLayout] = []
    files = resources.files(__package__).joinpath(_FOLDER).iterdir()
    for file in sorted(files, key=lambda file: file.name):
        if file.name.endswith(_SUFFIX):
            sheets += read_layout(file.read_bytes(), file_name=file.name).sheets
    return tuple(sheets)


def propose_known(grids: Sequence[Grid]) -> Layout:
    """Return the layout of the worksheets that are known sheets; of the others it says nothing."""
    sheets = [sheet for grid in grids if (sheet := _known_sheet(grid)) is not None]
    return Layout(sheets=tuple(sheets))


def without_known(layout: Layout, grids: Sequence[Grid]) -> Layout:
    """Return a layout without what it says of known sheets that is said of them anyway.

    What people never chose is not asked again: a known sheet may have a further column next time.
    """
    known = propose_known(grids).sheets
    sheets = tuple(sheet for sheet in layout.sheets if sheet not in known)
    return layout.model_copy(update={"sheets": sheets})


def _known_sheet(grid: Grid) -> SheetLayout | None:
    """Return the layout of a worksheet with known headers, or with a name of which nothing is read."""
    for sheet in known_sheets():
        is_so_called = any(is_called(grid.title, name) for name in sheet.worksheets)
        if is_so_called and sheet.ignore is not None:
            return sheet.model_copy(update={"worksheets": (grid.title,)})
    for headers in _texts_by_row(grid):
        for sheet in known_sheets():
            if not any(is_called(grid.title, name) for name in sheet.worksheets):
                continue
            regions = [_fit_region(region, headers) for region in sheet.regions]
            if regions and None not in regions:
                return sheet.model_copy(
                    update={"worksheets": (grid.title,), "regions": tuple(regions)}
                )
    return None


def _texts_by_row(grid: Grid) -> Iterator[Sequence[str]]:
    for row, columns in grid.rows.items():
        yield [grid[row, column].text for column in columns]


def _fit_region(region: Region, headers: Sequence[str]) -> Region | None:
    """Return a region with the columns that a header row has; None where it lacks one it needs."""
    (record,) = region.records
    header_of = _headers_by_column(record, headers)
    if not all(header in header_of for header in region.header):
        return None
    return fitted_region(region, header_of, headers)


def fitted_region(region: Region, header_of: Mapping[str, str], headers: Sequence[str]) -> Region:
    """Return a region with the columns that a worksheet has; its other headers stay its own.

    `header_of` says what the known headers are called there. The region is found by those of its
    headers that the worksheet has.
    """
    (record,) = region.records
    columns = {
        name: tuple(
            value.model_copy(update={"column": header_of[value.column or ""]}) for value in values
        )
        for name, values in record.columns.items()
        if all(value.column in header_of for value in values)
    }
    used = set(header_of.values())
    fitted = record.model_copy(
        update={
            "columns": columns,
            "own": tuple(header for header in headers if header not in used),
            "needs_any": tuple(name for name in record.needs_any if name in columns),
        }
    )
    return region.model_copy(
        update={
            "header": tuple(header_of[name] for name in region.header if name in header_of),
            "records": (fitted,),
        }
    )


def _headers_by_column(record: Record, headers: Sequence[str]) -> Mapping[str, str]:
    """Return the header of a worksheet for each one that the known layout names.

    A header that is the known one goes before one that is another spelling of it.
    """
    found: dict[str, str] = {}
    for header in headers:
        for known in _named_headers(record):
            if normal(header) == normal(known):
                found.setdefault(known, header)
    if record.into == CUSTOM:
        return found
    spellings = known_columns(rule_of(EntityKind(record.into)))
    for header in headers:
        name = spellings.get(normalised(header)) or spellings.get(
            normalised(without_remark(header))
        )
        if name is not None and header not in found.values():
            found.setdefault(name, header)
    return found


def _named_headers(record: Record) -> Iterator[str]:
    for values in record.columns.values():
        for value in values:
            if value.column is not None:
                yield value.column
