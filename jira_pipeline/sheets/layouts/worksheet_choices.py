"""What a layout becomes where somebody says what a worksheet lists, or that it is none to be read.

Belongs here: worksheets left out, of a shape, like another, with a further table, or gone. Does not:
headers (`header_choices`) and rows (`row_choices`).
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.all_worksheets import with_rules_of_all
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import (
    AddTable,
    ForgetWorksheet,
    LeaveOutWorksheets,
    RemoveTable,
    RenameHeader,
    RenameWorksheet,
    SetEnd,
    SetLike,
    SetShape,
    TableChoice,
)
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import header_of_region, with_meanings_of
from jira_pipeline.sheets.layouts.header_rows import (
    HeaderRows,
    HeaderSpan,
    header_span,
)
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    Layout,
    Record,
    Region,
    SheetLayout,
)
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    declared_sheet,
    grid_called,
    grids_of_sheet,
    sheets_with,
    sheets_with_table,
)
from jira_pipeline.sheets.layouts.mark_choices import with_names_of
from jira_pipeline.sheets.layouts.matrices import MatrixSides
from jira_pipeline.sheets.layouts.named_cells import NamedCells, cells_of
from jira_pipeline.sheets.layouts.table_headers import (
    TableHeader,
    first_shown_row,
    header_in,
    worksheets_alike,
)
from jira_pipeline.sheets.layouts.table_shapes import region_of_shape
from jira_pipeline.sheets.layouts.texts import label_key, normal
from jira_pipeline.sheets.layouts.word_choices import with_words_of

WorksheetChoice = (
    LeaveOutWorksheets
    | SetShape
    | AddTable
    | SetEnd
    | RemoveTable
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
            return _without_table(layout, choice)
        case SetLike():
            return _with_likeness(layout, grids, choice)
        case ForgetWorksheet():
            return tuple(_without_worksheets(layout, [choice.worksheet]))
        case RenameWorksheet():
            return _with_renamed_worksheet(layout, grids, choice)
        case _:
            assert_never(choice)


def _with_worksheets_left_out(
    layout: Layout, grids: Sequence[Grid], choice: LeaveOutWorksheets
) -> tuple[SheetLayout, ...]:
    titles = tuple(grid_called(grids, name).title for name in choice.worksheets)
    left_out = SheetLayout(worksheets=titles, ignore=choice.reason)
    return (*_without_worksheets(layout, titles), left_out)


def _with_shape(layout: Layout, grids: Sequence[Grid], choice: SetShape) -> tuple[SheetLayout, ...]:
    """Say anew what a worksheet lists, and those that look like it.

    What was said of its headers, rows and marks before stays as far as it fits.
    """
    alike = worksheets_like(layout, grids, choice.worksheet)
    row = first_shown_row(alike[0]) if choice.header_row is None else choice.header_row - 1
    header: TableHeader | None = None
    if row is not None:
        header = _header_of(alike[0], row, choice)
    region = _region_of(choice, alike, header)
    region = _with_what_others_say(region, layout, layout)
    titles = tuple(grid.title for grid in alike)
    before = sheet_layout_of(layout, choice.worksheet)
    sheet = SheetLayout(worksheets=titles, regions=(region,))
    if before is not None and before.ignore is None:
        sheet = _with_rules_of(before, sheet)
    whole = with_rules_of_all(sheet, alike, layout.all_worksheets)
    return (*_without_worksheets(layout, titles), whole)


def _with_rules_of(before: SheetLayout, sheet: SheetLayout) -> SheetLayout:
    """Return a worksheet of which the rows and marks are what they were by what was said before."""
    skip = tuple(rule for region in before.regions for rule in region.skip)
    remarks = tuple(rule for region in before.regions for rule in region.remarks)
    regions = tuple(
        changed(
            region,
            skip=tuple(dict.fromkeys((*region.skip, *skip))),
            remarks=tuple(dict.fromkeys((*region.remarks, *remarks))),
        )
        for region in sheet.regions
    )
    return changed(sheet, regions=regions, leave=before.leave, **_reasons_of_marks(before))


def _without_table(layout: Layout, choice: RemoveTable) -> tuple[SheetLayout, ...]:
    """Take back what was said of a table; the first stays what the worksheet is, or is said anew."""
    chosen = declared_sheet(layout, choice.worksheet)
    regions = [*chosen.regions]
    if not 1 <= choice.table <= len(regions) or len(regions) == 1:
        raise WrongUseError(
            f"“{choice.worksheet}” has no further table {choice.table}: say what it lists instead."
        )
    del regions[choice.table - 1]
    return sheets_with(layout, chosen, changed(chosen, regions=tuple(regions)))


def _with_what_others_say(region: Region, others: Layout, layout: Layout) -> Region:
    """Return a new table in which headers, words and names mean what they do in other ones."""
    return with_names_of(with_words_of(with_meanings_of(region, others), layout), layout)


def _region_of(choice: TableChoice, grids: Sequence[Grid], header: TableHeader | None) -> Region:
    """Return the table that somebody says a worksheet has."""
    matrix = None
    if choice.rows is not None and choice.across is not None:
        matrix = MatrixSides(
            rows=choice.rows,
            across=choice.across,
            columns=choice.marks_in,
            names_in=choice.names_in,
        )
    return region_of_shape(
        choice.shape, grids, header, bundle_type=choice.bundle_type, matrix=matrix
    )


def _header_of(grid: Grid, row: int, choice: TableChoice) -> TableHeader:
    """Return the header whose names are in a row, with the groups above it that somebody says."""
    first = row - choice.header_rows + 1
    if first < 0:
        raise WrongUseError(f"Above row {row + 1} are no {choice.header_rows - 1} rows of groups.")
    span = HeaderSpan(first, choice.header_rows, choice.header_below)
    header = header_in(grid, span)
    if not grid.rows.get(row) or not header.columns:
        raise WrongUseError(f"Row {row + 1} of “{grid.title}” is blank: it is no header.")
    return header


def _with_table(layout: Layout, grids: Sequence[Grid], choice: AddTable) -> tuple[SheetLayout, ...]:
    """Add a table that begins with its header; the rows above it stay those of the tables before."""
    chosen = declared_sheet(layout, choice.worksheet)
    grid = grid_called(grids, choice.worksheet)
    header = _header_of(grid, choice.header_row - 1, choice)
    earlier = tuple(_found_by_all_headers(region, grid) for region in chosen.regions)
    for region in earlier:
        if {normal(name) for name in region.header} <= {normal(name) for name in header.names}:
            raise WrongUseError(
                "The headers are those of the table above, too: say with a line above each which of "
                "them it is."
            )
    region = _with_what_others_say(_region_of(choice, [grid], header), layout, layout)
    name = f"{grid.title} {len(earlier) + 1}"
    further = changed(
        region,
        name=name,
        records=tuple(_named_apart(record, name) for record in region.records),
        header=header.names,
        repeats=False,
    )
    alone = changed(chosen, regions=(further,))
    with_rules = with_rules_of_all(alone, [grid], layout.all_worksheets)
    return sheets_with(layout, chosen, changed(with_rules, regions=(*earlier, *with_rules.regions)))


def _named_apart(record: Record, name: str) -> Record:
    """Return a record whose rows are a sheet of their own where another table is quoted, too."""
    return changed(record, sheet=name) if record.into == CUSTOM else record


def _found_by_all_headers(region: Region, grid: Grid) -> Region:
    """Return a table that no row begins which has only some of its headers."""
    headers = HeaderRows(region, grid, grid.rows)
    for row in grid.rows:
        if headers.needed and headers.is_header(row):
            names = header_in(grid, header_span(region, row)).names
            return changed(region, header=names)
    return region


def _reasons_of_marks(sheet: SheetLayout) -> dict[str, str]:
    reasons = {"comments": sheet.comments, "colours": sheet.colours, "struck": sheet.struck}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def _with_likeness(
    layout: Layout, grids: Sequence[Grid], choice: SetLike
) -> tuple[SheetLayout, ...]:
    """Say the same of a worksheet as of another one."""
    title = grid_called(grids, choice.worksheet).title
    sheets = tuple(_without_worksheets(layout, [title]))
    like = sheet_layout_of(changed(layout, sheets=sheets), choice.like)
    if like is None:
        raise WrongUseError(f"Say first what “{choice.like}” lists.")
    both = changed(like, worksheets=(*like.worksheets, title))
    return tuple(both if sheet is like else sheet for sheet in sheets)


def with_worksheet_apart(layout: Layout, grids: Sequence[Grid], choice: RenameHeader) -> Layout:
    """Say what is said of several worksheets twice, where a header is gone from some of them alone."""
    sheet = declared_sheet(layout, choice.worksheet)
    title = grid_called(grids, choice.worksheet).title
    alike = grids_of_sheet(layout, grids, sheet)
    cells = NamedCells(choice.header, choice.is_label)
    lacking = [grid.title for grid in alike if not _has_cells(sheet, grid, cells)]
    if title not in lacking or len(lacking) == len(alike):
        return layout
    # Its own name goes before a pattern, which stays for the others and for new ones.
    others = tuple(name for name in sheet.worksheets if name not in lacking)
    lacking_sheet = changed(sheet, worksheets=tuple(lacking))
    other_sheet = changed(sheet, worksheets=others)
    return changed(layout, sheets=sheets_with(layout, sheet, lacking_sheet, other_sheet))


def _has_cells(sheet: SheetLayout, grid: Grid, cells: NamedCells) -> bool:
    """Tell whether a worksheet has a label, or a header where a table that names it has its headers."""
    if cells.is_label:
        return any(label_key(text) == cells.key for text in grid.cells.values())
    for region in sheet.regions:
        if cells.are_among(cells_of(region)):
            header = header_of_region(region, grid.turned() if region.turned else grid)
            names = header.names if header else ()
            if cells.are_among([NamedCells(name) for name in names]):
                return True
    return False


def _with_renamed_worksheet(
    layout: Layout, grids: Sequence[Grid], choice: RenameWorksheet
) -> tuple[SheetLayout, ...]:
    """Say of a worksheet what was said of another name; what was proposed for it is forgotten."""
    title = grid_called(grids, choice.now).title
    sheets: list[SheetLayout] = []
    is_named = False
    for sheet in _without_worksheets(layout, [title]):
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
        if sheet is not None and declared is not sheet and _has_headers_of(sheet, grid):
            fitting.append(grid.title)
        elif declared is None:
            unsaid.append(grid.title)
    return [*fitting, *unsaid]


def _has_headers_of(sheet: SheetLayout, grid: Grid) -> bool:
    for region in sheet.regions:
        headers = HeaderRows(region, grid, grid.rows)
        if headers.needed and any(map(headers.is_header, grid.rows)):
            return True
    return False


def worksheets_like(layout: Layout, grids: Sequence[Grid], title: str) -> Sequence[Grid]:
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
        is_like = other in alike if declared is None else declared is sheet
        if is_like or other is grid:
            grids_like.append(other)
    return grids_like


def _without_worksheets(layout: Layout, titles: Sequence[str]) -> Iterator[SheetLayout]:
    """Yield what is said of others; what names worksheets by a pattern stays, their own names go first."""
    for sheet in layout.sheets:
        names = tuple(name for name in sheet.worksheets if name not in titles)
        if names:
            yield sheet if names == sheet.worksheets else changed(sheet, worksheets=names)
