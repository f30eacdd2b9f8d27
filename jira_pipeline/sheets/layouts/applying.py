"""Applies a layout to worksheets, exactly: canonical rows, each cell with the cells it was copied from.

Belongs here: the order of the steps, over all worksheets. Does not: one region (`regions`), what is
said of the result (`coverage`, `row_checks`), what canonical cells mean (`reading/entities`). Nothing
is guessed: what a layout does not name is not read, and is listed as such.
"""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from jira_pipeline.model.columns import LINE_COLUMNS
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.source_tables import CopiedRow
from jira_pipeline.sheets.layouts.cell_looks import (
    CellLooks,
    DroppedThing,
    LookedCells,
    drop_parts,
    take_looks,
    without_dropped,
)
from jira_pipeline.sheets.layouts.codes import resolve_codes
from jira_pipeline.sheets.layouts.drafts import REMARKS, DraftRow, Remark
from jira_pipeline.sheets.layouts.grid import Cell, Grid, Place
from jira_pipeline.sheets.layouts.joining import DifferingCell, join_rows
from jira_pipeline.sheets.layouts.layout import (
    Layout,
    LeftOutRows,
    MeantLook,
    Record,
    Region,
    RemarkRows,
    SheetLayout,
)
from jira_pipeline.sheets.layouts.lookups import MissedLookup, look_up
from jira_pipeline.sheets.layouts.regions import (
    RegionInSheet,
    RegionRows,
    note_pieces_read,
    remark_of_row,
)
from jira_pipeline.sheets.layouts.row_rules import (
    HeaderColumns,
    LayoutMisfitError,
    closest_rule,
    outgrown_rule,
)
from jira_pipeline.sheets.layouts.texts import is_called, line_shortened, normal
from jira_pipeline.sheets.layouts.title_words import drop_words_of_titles
from jira_pipeline.sheets.layouts.use import CellUse
from jira_pipeline.sheets.layouts.values import Piece

_COMMENTED_MAX_CHARACTERS = 80
"""Of a cell that is quoted with its comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalRow:
    """A row of a canonical sheet."""

    kind: str
    sheet: str
    """Of a custom sheet: its name."""
    worksheet: str
    place: Place
    line: int
    header_line: int
    record: Record
    header_columns: HeaderColumns
    """Where the headers of its table are."""
    is_turned: bool
    """It is a column of its worksheet."""
    cells: Mapping[str, str]
    """By column."""
    copied_from: CopiedRow
    """The cells that each of them was copied from."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """What a layout names and a worksheet does not have."""

    worksheet: str
    """Blank where no worksheet is called as the layout says."""
    text: str
    header: str = ""
    """The header that is no longer there, where it is one."""
    new_headers: tuple[str, ...] = ()
    """Headers of its row of which the layout says nothing."""
    row: int | None = None
    """Of the block that does not fit; the first is 0."""


@dataclass(slots=True)
class Applied:
    """What a layout makes of worksheets."""

    rows: list[CanonicalRow] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    """Those about all rows of a kind in a worksheet."""
    uses: dict[str, CellUse] = field(default_factory=dict)
    """What became of the cells, by worksheet."""
    misfits: list[Misfit] = field(default_factory=list)
    dropped: list[DroppedThing] = field(default_factory=list)
    """Things that are not built, as the cells that name them look so."""
    missed: list[MissedLookup] = field(default_factory=list)
    differing: list[DifferingCell] = field(default_factory=list)


def apply_layout(layout: Layout, grids: Sequence[Grid]) -> Applied:
    """Copy what a layout names of worksheets; whatever does not fit is listed."""
    applied = Applied()
    drafts: list[DraftRow] = []
    for name in absent_worksheets(layout, grids):
        applied.misfits.append(Misfit("", f"no worksheet is called “{name}”"))
    for grid in grids:
        use = applied.uses[grid.title] = CellUse()
        sheet = sheet_layout_of(layout, grid.title)
        if sheet is None:
            continue
        if sheet.ignore is not None:
            use.is_ignored = True
            use.left_out = dict.fromkeys(grid.cells, sheet.ignore)
            continue
        for result in _regions_applied(sheet, grid, use, applied.misfits):
            drafts += result.drafts
            applied.remarks += result.remarks
        applied.remarks += _rows_outside(sheet, grid, use)

    def note_read(draft: DraftRow, pieces: Iterator[Piece]) -> None:
        whole = (inner for piece in pieces for inner in piece.all_pieces)
        note_pieces_read(applied.uses[draft.worksheet], whole)

    applied.remarks += _quote_comments(layout, grids, applied.uses, drafts)
    applied.missed = look_up(drafts, note_read)
    resolve_codes(drafts, note_read)
    for draft in drafts:
        draft.write_texts()
    drop_words_of_titles(drafts)
    looks = _looks_of_cells(layout, grids)
    drop_parts(drafts, looks)
    joined = join_rows([draft for draft in drafts if not draft.is_helper])
    things = joined.things
    if looks:
        things, applied.dropped = without_dropped(things, looks)
    applied.rows = [_canonical_row(thing, looks) for thing in things]
    applied.differing = joined.differing
    return applied


def sheet_layout_of(layout: Layout, title: str) -> SheetLayout | None:
    """Return what is said of a worksheet; its own name goes before patterns, the first before others."""
    by_pattern: SheetLayout | None = None
    for sheet in layout.sheets:
        for name in sheet.worksheets:
            if normal(name) == normal(title):
                return sheet
            if by_pattern is None and is_called(title, name):
                by_pattern = sheet
    return by_pattern


def absent_worksheets(layout: Layout, grids: Sequence[Grid]) -> Iterator[str]:
    """Yield the names in a layout that no worksheet has."""
    for sheet in layout.sheets:
        for name in sheet.worksheets:
            if not any(is_called(grid.title, name) for grid in grids):
                yield name


def _regions_applied(
    sheet: SheetLayout, grid: Grid, use: CellUse, misfits: list[Misfit]
) -> Iterator[RegionRows]:
    """Yield what each block of each region makes of a worksheet; those that do not fit are listed."""
    regions = [*_regions_in_sheet(sheet, grid, use, misfits)]
    for region_in_sheet in regions:
        others = [
            other.starts[0]
            for other in regions
            if other is not region_in_sheet and other.shares_columns(region_in_sheet)
        ]
        for stretch in region_in_sheet.stretches(others):
            rows = region_in_sheet.rows_of_block(stretch)
            for name in rows.absent_headers:
                absent = _absent_header(region_in_sheet.region, grid, name, rows.new_headers)
                if absent not in misfits:
                    misfits.append(absent)
            if rows.misfit:
                where = f"row {stretch.start + 1}: {rows.misfit}"
                misfits.append(Misfit(grid.title, where, row=stretch.start))
            yield rows


def _regions_in_sheet(
    sheet: SheetLayout, grid: Grid, use: CellUse, misfits: list[Misfit]
) -> Iterator[RegionInSheet]:
    """Yield the regions that are in a worksheet, first those that have all headers they are found by."""
    incomplete: list[Region] = []
    rows_of_others: set[int] = set()
    headers_below_lines = _headers_below_lines(sheet, grid)
    for region in sheet.regions:
        try:
            region_in_sheet = RegionInSheet(
                region, grid, use, headers_of_others=headers_below_lines
            )
        except LayoutMisfitError:
            incomplete.append(region)
            continue
        rows_of_others.update(region_in_sheet.starts)
        yield region_in_sheet
    for region in incomplete:
        try:
            others = frozenset(rows_of_others)
            region_in_sheet = RegionInSheet(region, grid, use, rows_of_others=others)
        except LayoutMisfitError as error:
            misfits.append(Misfit(grid.title, str(error)))
            continue
        rows_of_others.update(region_in_sheet.starts)
        yield region_in_sheet


def _headers_below_lines(sheet: SheetLayout, grid: Grid) -> AbstractSet[int]:
    """Return the headers of tables that begin with the line above: they may be those of another, too."""
    rows: set[int] = set()
    for region in sheet.regions:
        if region.begins is not None and len(sheet.regions) > 1:
            # Where its lines are nowhere, that is told where it is read.
            with suppress(LayoutMisfitError):
                rows.update(RegionInSheet(region, grid, CellUse()).header_rows)
    return rows


def _absent_header(region: Region, grid: Grid, name: str, new_headers: Sequence[str]) -> Misfit:
    """Say which header is no longer there, as the layout writes it, and which are new."""
    named = [*region.header, *(value.named_header or "" for value in region.all_values)]
    header = next((header for header in named if normal(header) == name), name)
    text = f"the header “{header}” is not there any more"
    if new_headers:
        text += "; new: " + ", ".join(f"“{new}”" for new in new_headers)
    return Misfit(grid.title, text, header, tuple(new_headers))


def _rows_outside(sheet: SheetLayout, grid: Grid, use: CellUse) -> Iterator[Remark]:
    """Quote rows that no table reads and somebody wants quoted; note why others are not read.

    A row that somebody wants quoted is not left out by a broader rule, also where no table reads it.
    """
    region_by_rule = {id(rule): region for region in sheet.regions for rule in region.remarks}
    remarks = [rule for region in sheet.regions for rule in region.remarks if rule.column is None]
    rules: list[LeftOutRows | RemarkRows] = [*sheet.leave, *remarks]
    for row, columns in grid.rows.items() if rules else ():
        rule = closest_rule(rules, grid, row, {}, columns)
        if isinstance(rule, LeftOutRows):
            for column in columns:
                use.note_left_out(grid[row, column], rule.reason)
        if any(use.is_settled(grid[row, column].place) for column in columns):
            continue
        outgrown = outgrown_rule(rules, grid, row, {}, columns)
        if outgrown is not None:
            use.note_changed_row(grid[row, columns[0]], outgrown)
        if isinstance(rule, RemarkRows) and rule.about is None:
            yield remark_of_row(row, grid, columns, use, region_by_rule[id(rule)])


def _quote_comments(
    layout: Layout, grids: Sequence[Grid], uses: Mapping[str, CellUse], drafts: Sequence[DraftRow]
) -> Iterator[Remark]:
    """Quote comments that no column takes: of a row with things at these, of others beside the table."""
    for grid in grids:
        sheet = sheet_layout_of(layout, grid.title)
        if sheet is not None and sheet.quotes_comments and sheet.comments is None:
            yield from _quote_comments_of(grid, uses[grid.title], drafts)


def _quote_comments_of(grid: Grid, use: CellUse, drafts: Sequence[DraftRow]) -> Iterator[Remark]:
    """Quote the comments of one worksheet; where that has no thing, none is read."""
    things = [draft for draft in drafts if draft.worksheet == grid.title and not draft.is_helper]
    rows = [thing for thing in things if not thing.is_turned]
    columns = [thing for thing in things if thing.is_turned]
    things_by_row = group_by(rows, lambda thing: thing.place.row)
    things_by_column = group_by(columns, lambda thing: thing.place.column)
    for place, comment in sorted(grid.comments.items()):
        if place in use.comments or not things:
            continue
        text = line_shortened(grid.cells.get(place, ""), max_characters=_COMMENTED_MAX_CHARACTERS)
        quoted = f"Comment on “{text}”: {comment}" if text else f"Comment: {comment}"
        cell = Cell(quoted, place, grid.title)
        use.comments.add(place)
        things_of_cell = things_by_row.get(place.row) or things_by_column.get(place.column, [])
        for thing in things_of_cell:
            thing.remarks.append(cell)
        if not things_of_cell:
            nearest = min(things, key=partial(_distance, place))
            yield Remark(kind=nearest.kind, cells=(cell,), line=grid.line_of(place))


def _distance(place: Place, thing: DraftRow) -> int:
    """Return how many rows are between a cell and a thing; columns, where the thing is one."""
    if thing.is_turned:
        return abs(thing.place.column - place.column)
    return abs(thing.place.row - place.row)


def _looks_of_cells(layout: Layout, grids: Sequence[Grid]) -> CellLooks:
    """Return what fills, colours of texts and lines through them mean in each worksheet."""
    looks: dict[str, tuple[MeantLook, ...]] = {}
    for grid in grids:
        sheet = sheet_layout_of(layout, grid.title)
        if sheet is not None and sheet.looks:
            looks[grid.title] = sheet.looks
    return CellLooks(grids, looks)


def _canonical_row(draft: DraftRow, looks: CellLooks) -> CanonicalRow:
    cells = dict(draft.texts)
    if draft.remarks:
        remarks = [remark.text for remark in draft.remarks]
        # A line of a worksheet of text has no other column: what is said of it is part of it.
        column = next((column for column in cells if column in LINE_COLUMNS), REMARKS)
        cells[column] = "\n".join(filter(None, (cells.get(column, ""), *remarks)))
    looked = LookedCells(cells, draft.copied_from)
    if looks:
        take_looks(looked, draft, looks)
    return CanonicalRow(
        kind=draft.kind,
        sheet=draft.sheet,
        worksheet=draft.worksheet,
        place=draft.place,
        line=draft.line,
        header_line=draft.header_line,
        record=draft.record,
        header_columns=draft.header_columns,
        is_turned=draft.is_turned,
        cells=looked.cells,
        copied_from=looked.copied_from,
    )
