"""What a layout becomes where somebody says what a worksheet lists, or that it is none to be read.

Belongs here: worksheets left out, of a shape, like another, with a further table, or gone. Does not:
headers (`header_choices`), rows (`row_choices`), what stays of choices before (`earlier_choices`).
"""

from collections.abc import Sequence
from typing import assert_never

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.all_worksheets import with_rules_of_all
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import (
    AddTable,
    ForgetWorksheet,
    LeaveOutWorksheets,
    RemoveTable,
    RenameWorksheet,
    SetApart,
    SetEnd,
    SetLike,
    SetShape,
    TableChoice,
)
from jira_pipeline.sheets.layouts.earlier_choices import with_earlier_choices
from jira_pipeline.sheets.layouts.further_tables import (
    begun_by_row,
    with_further_table,
    without_table,
)
from jira_pipeline.sheets.layouts.grid import Grid, columns_of_stretch
from jira_pipeline.sheets.layouts.header_choices import with_meanings_of
from jira_pipeline.sheets.layouts.header_rows import HeaderSpan
from jira_pipeline.sheets.layouts.layout import Layout, Region, SheetLayout
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    grid_called,
    sheets_with_table,
    sheets_without,
)
from jira_pipeline.sheets.layouts.matrices import MatrixSides
from jira_pipeline.sheets.layouts.name_choices import with_names_of
from jira_pipeline.sheets.layouts.table_headers import (
    COLUMNS_MIN,
    TableHeader,
    first_row_of_table,
    first_shown_row,
    has_headers_of,
    header_in,
    worksheets_alike,
)
from jira_pipeline.sheets.layouts.table_shapes import offered_shape, region_of_shape
from jira_pipeline.sheets.layouts.word_choices import with_words_of
from jira_pipeline.sheets.layouts.worksheets_apart import with_likeness, with_worksheets_apart

WorksheetChoice = (
    LeaveOutWorksheets
    | SetShape
    | AddTable
    | SetEnd
    | RemoveTable
    | SetApart
    | SetLike
    | ForgetWorksheet
    | RenameWorksheet
)


def with_worksheet_choice(
    layout: Layout, grids: Sequence[Grid], choice: WorksheetChoice
) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets, with what somebody says of whole ones."""
    match choice:
        case LeaveOutWorksheets():
            return _with_worksheets_left_out(layout, grids, choice)
        case SetShape():
            return _with_shape(layout, grids, choice)
        case AddTable():
            return _with_table(layout, grids, choice)
        case SetEnd():
            ends = "blank" if choice.ends == "blank" else None
            return sheets_with_table(
                layout, choice.worksheet, choice.table, lambda region: changed(region, ends=ends)
            )
        case RemoveTable():
            return without_table(layout, grids, choice)
        case SetApart():
            return with_worksheets_apart(layout, grids, choice)
        case SetLike():
            titles = [grid.title for grid in _worksheets_like(layout, grids, choice.worksheet)]
            return with_likeness(layout, grids, choice, titles)
        case ForgetWorksheet():
            return tuple(sheets_without(layout, [choice.worksheet]))
        case RenameWorksheet():
            return _with_renamed_worksheet(layout, grids, choice)
        case _:
            assert_never(choice)


def _with_worksheets_left_out(
    layout: Layout, grids: Sequence[Grid], choice: LeaveOutWorksheets
) -> tuple[SheetLayout, ...]:
    titles = tuple(grid_called(grids, name).title for name in choice.worksheets)
    left_out = SheetLayout(worksheets=titles, ignore=choice.reason, explains=choice.explains)
    return (*sheets_without(layout, titles), left_out)


def _with_shape(layout: Layout, grids: Sequence[Grid], choice: SetShape) -> tuple[SheetLayout, ...]:
    """Say anew what a worksheet lists, and those that look like it."""
    alike = _worksheets_like(layout, grids, choice.worksheet)
    titles = tuple(grid.title for grid in alike)
    row = first_shown_row(alike[0]) if choice.header_row is None else choice.header_row - 1
    header = None if row is None else _header_of(alike[0], row, choice)
    region = _with_what_others_say(_region_of(choice, alike, header), layout)
    if header is not None and header.is_row and row != next(iter(alike[0].rows)):
        region = begun_by_row(region, alike[0], header.row)
    sheet = SheetLayout(worksheets=titles, regions=(region,))
    before = sheet_layout_of(layout, choice.worksheet)
    if before is not None and before.ignore is None:
        sheet = with_earlier_choices(sheet, before, alike, choice=choice, header=header)
    whole = with_rules_of_all(sheet, alike, layout.all_worksheets)
    return (*sheets_without(layout, titles), whole)


def _with_what_others_say(region: Region, layout: Layout) -> Region:
    """Return a new table in which headers, words and names mean what they do in other ones."""
    return with_names_of(with_words_of(with_meanings_of(region, layout), layout), layout)


def _region_of(choice: TableChoice, grids: Sequence[Grid], header: TableHeader | None) -> Region:
    """Return the table that somebody says a worksheet has."""
    matrix = None
    if choice.rows is not None and choice.across is not None:
        matrix = MatrixSides(
            rows=choice.rows,
            across=choice.across,
            columns=choice.marks_in,
            names_in=choice.names_in,
            called=choice.called.strip(),
        )
    lists_in = columns_of_stretch(choice.marks_in) if choice.marks_in else ()
    return region_of_shape(
        choice.shape,
        grids,
        header,
        bundle_type=choice.bundle_type,
        matrix=matrix,
        lists_in=frozenset(lists_in),
    )


def _header_of(grid: Grid, row: int, choice: TableChoice) -> TableHeader:
    """Return the header whose names are in a row, with the groups above it that somebody says."""
    if not choice.header_rows and offered_shape(choice.shape).is_matrix:
        raise WrongUseError("A matrix needs the row that names its columns.")
    if not choice.header_rows and grid.rows.get(row):
        return first_row_of_table(grid, row)
    first = row - choice.header_rows + 1
    if first < 0:
        raise WrongUseError(f"Above row {row + 1} are no {choice.header_rows - 1} rows of groups.")
    span = HeaderSpan(first, choice.header_rows, choice.header_below)
    header = header_in(grid, span)
    if not grid.rows.get(row) or not header.columns:
        raise WrongUseError(f"Row {row + 1} of “{grid.title}” is blank: it is no header.")
    return header


def _with_table(layout: Layout, grids: Sequence[Grid], choice: AddTable) -> tuple[SheetLayout, ...]:
    """Add a table that begins with its header, of what others say of its headers."""
    grid = grid_called(grids, choice.worksheet)
    header = _header_of(grid, choice.header_row - 1, choice)
    if len(header.columns) < COLUMNS_MIN:
        raise WrongUseError(
            f"Row {choice.header_row} of “{grid.title}” has a single filled cell, so that it is no header. "
            "If the header above counts for the rows below it, too, say what such lines say of them."
        )
    region = _with_what_others_say(_region_of(choice, [grid], header), layout)
    return with_further_table(layout, grids, choice, region, header)


def _with_renamed_worksheet(
    layout: Layout, grids: Sequence[Grid], choice: RenameWorksheet
) -> tuple[SheetLayout, ...]:
    """Say of a worksheet what was said of another name; what was proposed for it is forgotten."""
    title = grid_called(grids, choice.now).title
    sheets: list[SheetLayout] = []
    is_named = False
    for sheet in sheets_without(layout, [title]):
        names = [title if name == choice.worksheet else name for name in sheet.worksheets]
        is_named = is_named or tuple(names) != sheet.worksheets
        sheets.append(changed(sheet, worksheets=tuple(names)))
    if not is_named:
        raise WrongUseError(f"Nothing is said of a worksheet “{choice.worksheet}”.")
    return tuple(sheets)


def worksheets_renamed(layout: Layout, grids: Sequence[Grid], name: str) -> list[str]:
    """Return the worksheets that may be what a name was: those with its headers, then those unsaid."""
    sheet = sheet_layout_of(layout, name)
    fitting: list[str] = []
    unsaid: list[str] = []
    for grid in grids:
        declared = sheet_layout_of(layout, grid.title)
        if sheet is not None and declared is not sheet and has_headers_of(sheet, grid):
            fitting.append(grid.title)
        elif declared is None:
            unsaid.append(grid.title)
    return [*fitting, *unsaid]


def _worksheets_like(layout: Layout, grids: Sequence[Grid], title: str) -> Sequence[Grid]:
    """Return the worksheets that a choice about one is about, in their order.

    They are those that the layout says the same of, and those with the same header of which it says
    nothing.
    """
    grid = grid_called(grids, title)
    sheet = sheet_layout_of(layout, grid.title)
    alike = next(group for group in worksheets_alike(grids) if grid in group)
    grids_like: list[Grid] = []
    for other in grids:
        declared = sheet_layout_of(layout, other.title)
        # Worksheets that are left out for one reason need not look alike.
        is_unsaid = declared is None or declared.ignore is not None
        is_like = other in alike if is_unsaid else declared is sheet
        if is_like or other is grid:
            grids_like.append(other)
    return grids_like
