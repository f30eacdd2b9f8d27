"""What a layout becomes where somebody says what fills, comments and lines through text of cells mean.

Belongs here: looks, the fill of a header of a matrix, comments that are quoted or say nothing. Does
not: what things become by a look (`cell_looks`), marks of a matrix (`mark_choices`).
"""

from collections.abc import Sequence
from typing import assert_never

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.model.blank_cells import undecided_cell
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import (
    ASKED,
    LeaveOutComments,
    QuoteComments,
    SetColour,
    SetLooks,
)
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.header_choices import header_of_region, takes_cells
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Layout,
    MeantLook,
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

_LOOK_OF_HEADER = "its header looks otherwise than the others"
"""What is quoted where nobody decided what the look of a header of a matrix says."""
CellMarkChoice = SetLooks | SetColour | QuoteComments | LeaveOutComments


def with_cell_marks(
    layout: Layout, grids: Sequence[Grid], choice: CellMarkChoice
) -> tuple[SheetLayout, ...]:
    match choice:
        case SetLooks():
            return tuple(_sheet_with_looks(sheet, choice) for sheet in layout.sheets)
        case SetColour():
            return _with_colour(layout, grids, choice)
        case QuoteComments():
            return _with_comments(layout, grids)
        case LeaveOutComments():
            return tuple(_sheet_without_comments(sheet, choice) for sheet in layout.sheets)
        case _:
            assert_never(choice)


def _sheet_without_comments(sheet: SheetLayout, choice: LeaveOutComments) -> SheetLayout:
    if sheet.ignore is not None:
        return sheet
    return changed(sheet, comments=choice.reason)


def _sheet_with_looks(sheet: SheetLayout, choice: SetLooks) -> SheetLayout:
    if sheet.ignore is not None:
        return sheet
    return changed(sheet, looks=looks_with(sheet.looks, choice.looks))


def looks_with(before: Sequence[MeantLook], looks: Sequence[MeantLook]) -> tuple[MeantLook, ...]:
    """Return what looks mean, where somebody says what some of them mean."""
    meanings = {(look.look, look.colour): look for look in (*before, *looks)}
    return tuple(meanings.values())


def _with_comments(layout: Layout, grids: Sequence[Grid]) -> tuple[SheetLayout, ...]:
    """Let the rows of tables quote the comments of their cells, and those of cells in no such row."""
    sheets: list[SheetLayout] = []
    for sheet in layout.sheets:
        alike = grids_of_sheet(layout, grids, sheet)
        regions = tuple(_region_with_comments(region, alike) for region in sheet.regions)
        if sheet.ignore is None:
            sheets.append(changed(sheet, regions=regions, quotes_comments=True))
        else:
            sheets.append(sheet)
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
            f"“{choice.header}” is no column of a matrix with such a look, or it says so already."
        )
    return sheets_with(layout, chosen, changed(chosen, regions=regions))


def _region_with_colour(region: Region, grids: Sequence[Grid], choice: SetColour) -> Region:
    """Return a matrix in which the fill of a header is the status of what its column names."""
    is_of_header = any(_is_header_filled(region, grid, choice) for grid in grids)
    if not is_of_header or not NamedCells(choice.header).are_marked_in(region):
        return region
    return _matrix_with_colour(region, choice)


def _matrix_with_colour(region: Region, choice: SetColour) -> Region:
    """Let the fill of a header be the status of what its column names, and of its marks."""
    means = undecided_cell(_LOOK_OF_HEADER) if choice.means == ASKED else choice.means
    status = Value(
        header_colour=region.header_rows,
        words={choice.colour: means},
        only_words=True,
        goes_first=True,
    )
    records: list[Record] = []
    for record in region.records:
        is_of_column = record.per in {Per.MARK, Per.COLUMN}
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
