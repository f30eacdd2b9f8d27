"""What a layout becomes where somebody says what fills, comments and lines through text of cells mean.

Belongs here: a fill as the status of a row, comments that are quoted, marks that say nothing. Does not:
marks of a matrix (`mark_choices`), rows (`row_choices`).
"""

from collections.abc import Sequence
from typing import assert_never

from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import LeaveOutMarks, QuoteComments, SetColour
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import header_of_region, takes_cells
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Layout,
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
        takers = [draft for draft in drafts if takes_cells(draft, cells)] or drafts[-1:]
        note = note_column(takers[0].kind)
        before = takers[0].columns.get(note, ())
        if takers[0].kind not in {CUSTOM, HELPER} and not any(
            value.comment == header_name for value in before
        ):
            takers[0].columns[note] = (*before, Value(comment=header_name))
    records = tuple(draft.built() for draft in drafts)
    return changed(region, records=records)


def _with_colour(
    layout: Layout, grids: Sequence[Grid], choice: SetColour
) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    cells = NamedCells(choice.header)
    records = [record for region in chosen.regions for record in region.records]
    if not any(takes_cells(draft_of(record), cells) for record in records):
        raise WrongUseError(f"Nothing is read below “{choice.header}”: say first what it means.")
    regions = tuple(_region_with_colour(region, grids, choice) for region in chosen.regions)
    return sheets_with(layout, chosen, changed(chosen, regions=regions))


def _region_with_colour(region: Region, grids: Sequence[Grid], choice: SetColour) -> Region:
    """Return a region in which a fill is the status of the record that takes the header."""
    fills = {colour for grid in grids for colour in grid.colours.values()}
    records: list[Record] = []
    for record in region.records:
        if not takes_cells(draft_of(record), NamedCells(choice.header)):
            records.append(record)
            continue
        before = record.columns.get(STATUS_COLUMN, ())
        if any(value.colour is None for value in before):
            raise WrongUseError("A column says already how far each row is.")
        words = {**dict.fromkeys(sorted(fills), ""), **(before[0].words if before else {})}
        status = Value(colour=choice.header, words={**words, choice.colour: choice.means})
        records.append(changed(record, columns={**record.columns, STATUS_COLUMN: (status,)}))
    return changed(region, records=tuple(records))
