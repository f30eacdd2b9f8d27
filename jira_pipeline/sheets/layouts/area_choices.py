"""What a layout becomes where somebody says that areas of a worksheet are worksheets of their own.

Belongs here: dividing a worksheet, and taking that back. Does not: where tables stand beside each other
(`areas`), what an area lists, which is said of it as of any worksheet (`worksheet_choices`).
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.areas import area_titles, divided_grids, may_begin_area
from jira_pipeline.sheets.layouts.choices import DivideWorksheet, JoinWorksheet
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_rows import HeaderRows
from jira_pipeline.sheets.layouts.layout import DividedWorksheet, Layout, Region, SheetLayout
from jira_pipeline.sheets.layouts.layout_parts import changed, grid_called, sheets_without
from jira_pipeline.sheets.layouts.proposing import propose
from jira_pipeline.sheets.layouts.texts import normal

_BESIDE = {2: ("left", "right"), 3: ("left", "middle", "right")}
"""What areas beside each other are called, by how many there are; more have numbers."""


def with_areas(layout: Layout, grids: Sequence[Grid], choice: DivideWorksheet) -> Layout:
    """Divide a worksheet; what was said of a table stays for the area that has it alone.

    Of the other areas is proposed what is proposed of any worksheet.

    Raises:
        WrongUseError: There is nothing above the row, or no row and fewer than two areas.
    """
    grid = grid_called(grids, choice.worksheet)
    divided: list[DividedWorksheet] = []
    title = grid.title
    if choice.row is not None:
        divided.append(_divided_at_row(grid, choice.row - 1))
        title = divided[0].areas[-1]
    if choice.columns:
        areas = tuple(f"{title} ({place})" for place in _places(len(choice.columns)))
        divided.append(DividedWorksheet(worksheet=title, areas=areas, columns=choice.columns))
    if not divided:
        raise WrongUseError("Say which columns, or from which row on.")
    _refuse_names_of_others(divided, grids)
    sheets: list[SheetLayout] = [*sheets_without(layout, [grid.title])]
    before = sheet_layout_of(layout, grid.title)
    for area in divided_grids(divided, [grid]):
        regions = () if before is None else tuple(_regions_within(before, area))
        if before is not None and regions:
            sheets.append(changed(before, worksheets=(area.title,), regions=regions))
        else:
            sheets += propose([area]).sheets
    return changed(layout, divided=(*layout.divided, *divided), sheets=tuple(sheets))


def _divided_at_row(grid: Grid, row: int) -> DividedWorksheet:
    texts = tuple(grid.texts_by_row.get(row, {}).values())
    if not texts:
        raise WrongUseError(f"Row {row + 1} of “{grid.title}” is blank: nothing begins in it.")
    if row == min(grid.rows):
        raise WrongUseError(f"Nothing is above row {row + 1} of “{grid.title}”.")
    if not may_begin_area(grid, row):
        raise WrongUseError(
            f"Row {row + 1} of “{grid.title}” says what an earlier row says, so that nothing tells them "
            "apart: choose the row above or below it, or change its text in the workbook."
        )
    areas = (f"{grid.title} (above)", title_below(grid.title))
    return DividedWorksheet(worksheet=grid.title, areas=areas, row=texts)


def title_below(worksheet: str) -> str:
    """Return what the area is called that begins with a row of a worksheet."""
    return f"{worksheet} (below)"


def _places(count: int) -> Sequence[str]:
    return _BESIDE.get(count, tuple(map(str, range(1, count + 1))))


def _refuse_names_of_others(divided: Sequence[DividedWorksheet], grids: Sequence[Grid]) -> None:
    titles = {normal(grid.title) for grid in grids}
    for division in divided:
        for name in division.areas:
            if normal(name) in titles:
                raise WrongUseError(f"Another worksheet is called “{name}”: rename it first.")


def _regions_within(sheet: SheetLayout, area: Grid) -> Iterator[Region]:
    """Yield the tables whose headers an area has, all of those that they use."""
    for region in sheet.regions:
        headers = HeaderRows(region, area, area.rows)
        if headers.needed and any(
            headers.used <= headers.columns_at(row).keys() for row in area.rows
        ):
            yield region


def without_areas(layout: Layout, choice: JoinWorksheet) -> Layout:
    """Make a worksheet of its areas again; what was said of these is taken back.

    Raises:
        WrongUseError: It is not divided.
    """
    names = area_titles(layout, choice.worksheet)
    if not names:
        raise WrongUseError(f"“{choice.worksheet}” is not divided.")
    removed = {normal(choice.worksheet), *map(normal, names)}
    others = [part for part in layout.divided if normal(part.worksheet) not in removed]
    sheets = tuple(sheets_without(layout, names))
    return changed(layout, divided=tuple(others), sheets=sheets)
