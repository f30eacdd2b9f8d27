"""What a layout becomes where worksheets that look alike are not: some are said by themselves, and back.

Belongs here: parting what is said of several worksheets, and saying of some what is said of another. Does
not: what each of them lists (`worksheet_choices`).
"""

from collections.abc import Sequence

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import RenameHeader, SetApart, SetLike
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import header_of_region
from jira_pipeline.sheets.layouts.layout import CUSTOM, Layout, Record, Region, SheetLayout
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    declared_sheet,
    grid_called,
    grids_of_sheet,
    sheets_with,
    sheets_without,
)
from jira_pipeline.sheets.layouts.named_cells import NamedCells
from jira_pipeline.sheets.layouts.record_drafts import BUNDLE
from jira_pipeline.sheets.layouts.table_shapes import type_value, with_derived_cells
from jira_pipeline.sheets.layouts.texts import label_key, normal


def with_worksheets_apart(
    layout: Layout, grids: Sequence[Grid], choice: SetApart
) -> tuple[SheetLayout, ...]:
    """Say of some worksheets by themselves what is said of them with others; of types, their kind."""
    titles = [grid_called(grids, name).title for name in choice.worksheets]
    sheets = sheets_with_apart(layout, grids, titles)
    if not choice.bundle_type:
        return sheets
    parted = changed(layout, sheets=sheets)
    apart = declared_sheet(parted, titles[0])
    alike = grids_of_sheet(parted, grids, apart)
    regions = [_with_kind(region, choice.bundle_type, alike) for region in apart.regions]
    return sheets_with(parted, apart, changed(apart, regions=tuple(regions)))


def _with_kind(region: Region, bundle_type: str, grids: Sequence[Grid]) -> Region:
    """Return a table whose types are all of a kind, where no cell says it."""
    records: list[Record] = []
    for record in region.records:
        values = record.columns.get("Type", ())
        if record.into == BUNDLE and all(value.is_constant for value in values):
            columns = {**record.columns, "Type": (type_value(bundle_type, grids),)}
            records.append(changed(record, columns=columns))
        else:
            records.append(record)
    return with_derived_cells(changed(region, records=tuple(records)))


def sheets_with_apart(
    layout: Layout, grids: Sequence[Grid], titles: Sequence[str]
) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets, with the same of some of those that are said together twice.

    Raises:
        WrongUseError: They are not said together, or no other one is said with them.
    """
    sheet = declared_sheet(layout, titles[0])
    alike = [grid.title for grid in grids_of_sheet(layout, grids, sheet)]
    if not {*titles} < {*alike}:
        raise WrongUseError(
            "Choose some of the worksheets that look alike, and leave at least one of them."
        )
    # Their own names go before a pattern, which stays for the others and for new ones.
    others = tuple(name for name in sheet.worksheets if name not in titles)
    of_others = changed(sheet, worksheets=others)
    apart = _called_by_itself(changed(sheet, worksheets=tuple(titles)), alike, titles[0])
    return sheets_with(layout, sheet, apart, of_others)


def _called_by_itself(sheet: SheetLayout, alike: Sequence[str], title: str) -> SheetLayout:
    """Return what is said of worksheets, with tables that are called like one of them."""
    regions: list[Region] = []
    for region in sheet.regions:
        name = _name_by_title(region.name, alike, title)
        records: list[Record] = []
        for record in region.records:
            is_quoted = record.into == CUSTOM and record.sheet is not None
            sheet_name = _name_by_title(record.sheet or "", alike, title)
            records.append(changed(record, sheet=sheet_name) if is_quoted else record)
        regions.append(changed(region, name=name, records=tuple(records)))
    return changed(sheet, regions=tuple(regions))


def _name_by_title(name: str, alike: Sequence[str], title: str) -> str:
    """Return the name of a table in a worksheet that had it of another: `Rooms 2` is `Halls 2`."""
    for other in alike:
        if name == other or name.startswith(f"{other} "):
            return title + name.removeprefix(other)
    return name


def with_likeness(
    layout: Layout, grids: Sequence[Grid], choice: SetLike, titles: Sequence[str]
) -> tuple[SheetLayout, ...]:
    """Say the same of worksheets as of another one."""
    if grid_called(grids, choice.like).title in titles:
        raise WrongUseError(f"What “{choice.worksheet}” and “{choice.like}” list is said of both.")
    without = changed(layout, sheets=tuple(sheets_without(layout, titles)))
    like = sheet_layout_of(without, choice.like)
    if like is None:
        raise WrongUseError(f"Say first what “{choice.like}” lists.")
    together = changed(like, worksheets=(*like.worksheets, *titles))
    return sheets_with(without, like, together)


def with_renamed_apart(layout: Layout, grids: Sequence[Grid], choice: RenameHeader) -> Layout:
    """Say what is said of several worksheets twice, where a header is gone from some of them alone."""
    sheet = declared_sheet(layout, choice.worksheet)
    title = grid_called(grids, choice.worksheet).title
    alike = grids_of_sheet(layout, grids, sheet)
    cells = NamedCells(choice.header, choice.is_label)
    lacking = [grid.title for grid in alike if _tables_lacking(sheet, grid, cells)]
    if title not in lacking or len(lacking) == len(alike):
        return layout
    return changed(layout, sheets=sheets_with_apart(layout, grids, lacking))


def tables_to_rename_in(
    layout: Layout, grids: Sequence[Grid], choice: RenameHeader
) -> Sequence[Region]:
    """Return the tables of a worksheet in which a header is gone; all of them where it is gone nowhere."""
    sheet = declared_sheet(layout, choice.worksheet)
    grid = grid_called(grids, choice.worksheet)
    lacking = _tables_lacking(sheet, grid, NamedCells(choice.header, choice.is_label))
    return lacking or sheet.regions


def _tables_lacking(sheet: SheetLayout, grid: Grid, cells: NamedCells) -> list[Region]:
    """Return the tables that name a header or label which the worksheet does not have there."""
    naming = [region for region in sheet.regions if cells.are_named_in(region)]
    if cells.is_label:
        is_there = any(label_key(text) == cells.key for text in grid.cells.values())
        return [] if is_there else naming
    return [region for region in naming if not _has_header(region, grid, cells)]


def _has_header(region: Region, grid: Grid, cells: NamedCells) -> bool:
    header = header_of_region(region, grid.turned() if region.turned else grid)
    names = header.names if header else ()
    return any(normal(name) == cells.key for name in names)
