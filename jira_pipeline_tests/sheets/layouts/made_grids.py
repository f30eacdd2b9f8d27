"""Worksheets and layouts for tests, written as people see them."""

from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check

TITLE = "Sheet"


def grid_of(text: str, title: str = TITLE) -> Grid:
    """Make a worksheet of lines whose cells are separated by `|`."""
    cells = {
        Place(row, column): cell.strip()
        for row, line in enumerate(text.strip("\n").split("\n"))
        for column, cell in enumerate(line.split("|"))
        if cell.strip()
    }
    return Grid(title=title, cells=cells)


def layout_of_regions(regions: str, *, sheet: str = "", layout: str = "") -> Layout:
    """Make a layout of one worksheet, of the YAML of its regions and what else is said of it."""
    sheet_keys = f"worksheets: {TITLE}, regions: [{regions}]{', ' if sheet else ''}{sheet}"
    layout_keys = f"{layout}{', ' if layout else ''}sheets: [{{{sheet_keys}}}]"
    return read_layout(f"{{{layout_keys}}}".encode())


def reading_of(regions: str, *grids: Grid, sheet: str = "", layout: str = "") -> CheckedLayout:
    return apply_and_check(layout_of_regions(regions, sheet=sheet, layout=layout), grids)


def rows_of(reading: CheckedLayout) -> list[dict[str, str]]:
    """Return what the canonical rows say, with their kind."""
    return [
        {"kind": row.kind, **{column: text for column, text in row.cells.items() if text}}
        for row in reading.applied.rows
    ]


def findings_of(reading: CheckedLayout) -> list[tuple[str, str]]:
    return [(finding.code.value, finding.text) for finding in reading.findings]


def addresses_of(row: CanonicalRow, column: str) -> list[str]:
    """Return the addresses of the cells that a canonical cell was copied from."""
    return [Place(cell.row, cell.column).address for cell in row.copied_from.cells(column)]
