"""What a layout becomes where somebody says what fills, comments and lines through text of cells mean.

Belongs here: a fill as the status of a row, comments that are quoted, marks that say nothing. Does not:
marks of a matrix (`mark_choices`), rows (`row_choices`).
"""

from collections.abc import Sequence
from typing import assert_never

from jira_pipeline.model.columns import STATUS_COLUMN, columns_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import LeaveOutMarks, QuoteComments, SetColour
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.header_choices import header_of_region, takes_cells
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Layout,
    Per,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    declared_sheet,
    grids_of_sheet,
    sheets_with,
)
from jira_pipeline.sheets.layouts.named_cells import NamedCells
from jira_pipeline.sheets.layouts.record_drafts import draft_of, note_column
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.values import STRUCK

CellMarkChoice = SetColour | QuoteComments | LeaveOutMarks


def with_cell_marks(
    layout: Layout, grids: Sequence[Grid], choice: CellMarkChoice
) -> tuple[SheetLayout, ...]:
    match choice:
        case SetColour():
            return _with_colour(layout, grids, choice)
        case QuoteComments():
            return _with_comments(layout, grids)
        case LeaveOutMarks():
            return tuple(
                sheet if sheet.ignore else changed(sheet, **{choice.marks: choice.reason})
                for sheet in layout.sheets
            )
        case _:
            assert_never(choice)


def _with_comments(layout: Layout, grids: Sequence[Grid]) -> tuple[SheetLayout, ...]:
    """Let the rows of tables quote the comments of their cells."""
    sheets: list[SheetLayout] = []
    for sheet in layout.sheets:
        alike = grids_of_sheet(layout, grids, sheet)
        regions = tuple(_region_with_comments(region, alike) for region in sheet.regions)
        sheets.append(changed(sheet, regions=regions) if regions != sheet.regions else sheet)
    return tuple(sheets)


def _region_with_comments(region: Region, grids: Sequence[Grid]) -> Region:
    headers: dict[str, None] = {}
    for grid in grids:
        header = header_of_region(region, grid)
        columns = {place.column for place in grid.comments}
        for column in header.columns if header else ():
            if column.column in columns:
                headers[column.name] = None
    drafts = [draft_of(record) for record in region.records]
    for header_name in headers:
        cells = NamedCells(header_name)
        taker = next((draft for draft in drafts if takes_cells(draft, cells)), drafts[-1])
        note = note_column(taker.kind)
        before = taker.columns.get(note, ())
        is_quoted = any(value.comment == header_name for value in before)
        if taker.kind not in {CUSTOM, HELPER} and not is_quoted:
            taker.columns[note] = (*before, Value(comment=header_name))
    records = tuple(draft.built() for draft in drafts)
    return changed(region, records=records)


def _with_colour(
    layout: Layout, grids: Sequence[Grid], choice: SetColour
) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    alike = grids_of_sheet(layout, grids, chosen)
    regions = tuple(_region_with_colour(region, alike, choice) for region in chosen.regions)
    if regions == chosen.regions:
        raise WrongUseError(
            f"Nothing is read below “{choice.header}”, or it says so already: say first what it means."
        )
    return sheets_with(layout, chosen, changed(chosen, regions=regions))


def _region_with_colour(region: Region, grids: Sequence[Grid], choice: SetColour) -> Region:
    """Return a region in which a fill is a status: of the rows, or of what a column of a matrix names."""
    cells = NamedCells(choice.header)
    if cells.are_marked_in(region):
        return _matrix_with_colour(region, grids, choice)
    fills = {colour for grid in grids for colour in grid.colours.values()}
    records: list[Record] = []
    for record in region.records:
        if not takes_cells(draft_of(record), cells):
            records.append(record)
            continue
        before = record.columns.get(STATUS_COLUMN, ())
        of_header = [value for value in before if value.colour == choice.header]
        others = [value for value in before if value not in of_header]
        if any(value.colour is None and not value.is_of_matrix for value in others):
            raise WrongUseError("A column says already how far each row is.")
        words = {**dict.fromkeys(sorted(fills), ""), **(of_header[0].words if of_header else {})}
        # Where the cells of two headers have fills, the one that was said first counts.
        first = tuple(changed(value, goes_first=True) for value in others)
        status = Value(colour=choice.header, words={**words, choice.colour: choice.means})
        columns = {**record.columns, STATUS_COLUMN: (*first, status)}
        records.append(changed(record, columns=columns))
    return changed(region, records=tuple(records))


def _matrix_with_colour(region: Region, grids: Sequence[Grid], choice: SetColour) -> Region:
    """Let a fill of the header be the status of what its column names; else that of each marked cell."""
    status = Value(
        mark_colour=True,
        words={choice.colour: choice.means},
        only_words=True,
        goes_first=True,
    )
    is_of_header = any(_is_header_filled(region, grid, choice) for grid in grids)
    if is_of_header:
        status = changed(status, mark_colour=None, header_colour=region.header_rows)
    records: list[Record] = []
    for record in region.records:
        is_of_column = record.per is Per.MARK or (record.per is Per.COLUMN and is_of_header)
        has_status = any(column.name == STATUS_COLUMN for column in columns_of(record.into))
        if not is_of_column or not has_status or (record.same_by and record.per is Per.MARK):
            records.append(record)
            continue
        before = record.columns.get(STATUS_COLUMN, ())
        alike = [value for value in before if value.source == status.source]
        words = {**(alike[0].words if alike else {}), **status.words}
        others = tuple(value for value in before if value not in alike)
        columns = {**record.columns, STATUS_COLUMN: (changed(status, words=words), *others)}
        records.append(changed(record, columns=columns))
    return changed(region, records=tuple(records))


def _is_header_filled(region: Region, grid: Grid, choice: SetColour) -> bool:
    """Tell whether a header has a fill, or is struck through where that is meant."""
    header = header_of_region(region, grid)
    for column in header.columns if header else ():
        if normal(column.name) == normal(choice.header) and header is not None:
            place = Place(header.span.names_row, column.column)
            is_struck = choice.colour == STRUCK and place in grid.struck
            return is_struck or grid.colours.get(place) == choice.colour
    return False
