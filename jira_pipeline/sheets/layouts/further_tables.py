"""What a layout becomes where another table begins below the first of a worksheet, or none does.

Belongs here: tables with a header of their own, which a line right above may name. Does not: lines below
one header (`line_choices`), whole worksheets (`worksheet_choices`).
"""

from collections.abc import Iterator, Sequence, Set as AbstractSet
from dataclasses import dataclass

from jira_pipeline.drupal.columns import columns_of, label_column_of, owner_column_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.all_worksheets import with_rules_of_all
from jira_pipeline.sheets.layouts.choices import AddTable, RemoveTable
from jira_pipeline.sheets.layouts.drafts import REMARKS
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import header_of_region
from jira_pipeline.sheets.layouts.header_rows import HeaderRows, header_span
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    Layout,
    LeftOutRows,
    Per,
    Record,
    Region,
    RowRule,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    declared_sheet,
    grid_called,
    grids_of_sheet,
    sheets_with,
)
from jira_pipeline.sheets.layouts.record_drafts import draft_of
from jira_pipeline.sheets.layouts.table_headers import (
    TITLE_CELLS_MAX,
    TableHeader,
    header_in,
    letters_name,
)
from jira_pipeline.sheets.layouts.table_shapes import with_derived_cells
from jira_pipeline.sheets.layouts.texts import normals
from jira_pipeline.sheets.layouts.worksheets_apart import sheets_with_apart

_NAME = "name"
_TITLE_REASON = "it is the title of the table below"


@dataclass(frozen=True, slots=True)
class TableTitle:
    """The line right above the header of a further table."""

    row: int
    text: str
    sentence: str
    """What is beside it; blank where nothing is."""


def title_above(grid: Grid, header_row: int) -> TableTitle | None:
    """Return the line right above a header; None where there is none, or it is a row of the table above."""
    row = header_row - 1
    texts = [*grid.texts_by_row.get(row, {}).values()]
    if not 1 <= len(texts) <= TITLE_CELLS_MAX:
        return None
    has_sentence = len(texts) == TITLE_CELLS_MAX
    is_below_rows = row - 1 in grid.rows
    if has_sentence and is_below_rows:
        return None
    sentence = texts[1] if has_sentence else ""
    return TableTitle(row, texts[0], sentence)


def with_further_table(
    layout: Layout, grids: Sequence[Grid], choice: AddTable, region: Region, header: TableHeader
) -> tuple[SheetLayout, ...]:
    """Add a table that begins with its header, or with the line above that names it.

    The rows above it stay those of the tables before. Where other worksheets that look alike have no
    such table, the worksheet is taken apart from them.
    """
    grid = grid_called(grids, choice.worksheet)
    _refuse_second_table(declared_sheet(layout, grid.title), grid, header)
    sheets = _sheets_with_table_alone(layout, grids, grid, header)
    layout = changed(layout, sheets=sheets)
    chosen = declared_sheet(layout, grid.title)
    earlier = tuple(_found_by_all_headers(table, grid) for table in chosen.regions)
    names = normals(header.names)
    is_same = any(normals(table.header) <= names for table in earlier)
    title = title_above(grid, header.row)
    if is_same and title is None:
        raise WrongUseError(
            "The headers are those of the table above, too, and no line above them says which table it "
            "is: write one there, or say that lines name what the rows below belong to."
        )
    name = _free_name(grid.title, chosen.regions)
    region = changed(
        region,
        name=name,
        records=tuple(_named_apart(record, name) for record in region.records),
        header=() if header.is_row else header.names,
        repeats=False,
        skip=tuple(_titles_left_out(chosen.regions)),
    )
    if header.is_row and title is None:
        region = begun_by_row(region, grid, header.row)
    elif title is not None and (is_same or choice.is_named_above or header.is_row):
        region = _begun_by(region, title, is_named=choice.is_named_above)
    elif title is not None and not title.sentence:
        title_rows = _title_rows(title)
        earlier = tuple(changed(table, skip=(*table.skip, title_rows)) for table in earlier)
    alone = changed(chosen, regions=(region,))
    with_rules = with_rules_of_all(alone, [grid], layout.all_worksheets)
    return sheets_with(layout, chosen, changed(with_rules, regions=(*earlier, *with_rules.regions)))


def begun_by_row(region: Region, grid: Grid, row: int) -> Region:
    """Return a table without a header that begins with a row of it, found by what its first cell says."""
    column = grid.rows[row][0]
    begins = RowRule(column=letters_name(column), texts=(grid[row, column].text,))
    return changed(region, begins=begins, begins_with_row=True, repeats=False)


def _free_name(title: str, tables: Sequence[Region]) -> str:
    """Return a name for one more table; after others were taken back, its place may be called otherwise."""
    names = {table.name for table in tables}
    number = len(tables) + 1
    while f"{title} {number}" in names:
        number += 1
    return f"{title} {number}"


def _titles_left_out(tables: Sequence[Region]) -> Iterator[LeftOutRows]:
    """Yield, once each, the titles of further tables that are no rows of the others."""
    rules = [rule for table in tables for rule in table.skip]
    for rule in dict.fromkeys(rules):
        if rule.reason == _TITLE_REASON:
            yield rule


def _refuse_second_table(sheet: SheetLayout, grid: Grid, header: TableHeader) -> None:
    """Refuse a table where another one begins already: somebody may have said the same right before."""
    for number, region in enumerate(sheet.regions, start=1):
        other = header_of_region(region, grid)
        if other is not None and other.span.names_row == header.span.names_row:
            raise WrongUseError(
                f"Row {header.span.names_row + 1} of “{grid.title}” is the header of table {number} "
                "already."
            )


def _sheets_with_table_alone(
    layout: Layout, grids: Sequence[Grid], grid: Grid, header: TableHeader
) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets; of one with a table that the others lack, by itself."""
    chosen = declared_sheet(layout, grid.title)
    row = header.span.names_row
    texts = normals([*grid.texts_by_row[row].values()])
    headers_count = _rows_count_with(grid, texts)
    for other in grids_of_sheet(layout, grids, chosen):
        if _rows_count_with(other, texts) < headers_count:
            return sheets_with_apart(layout, grids, [grid.title])
    return layout.sheets


def _rows_count_with(grid: Grid, texts: AbstractSet[str]) -> int:
    """Return how many rows of a worksheet have some texts."""
    return sum(texts <= normals([*cells.values()]) for cells in grid.texts_by_row.values())


def _begun_by(region: Region, title: TableTitle, *, is_named: bool) -> Region:
    """Return a table that begins with the line above its header, which may name what it lists."""
    if not is_named:
        return changed(region, begins=RowRule(texts=(title.text,)))
    outer = draft_of(region.records[0])
    has_inner = len(region.records) > 1
    owner = owner_column_of(outer.kind)
    column = label_column_of(outer.kind) if has_inner or owner is None else owner.name
    if column is None or (owner is None and not has_inner):
        raise WrongUseError("The line above names no thing that the rows below belong to.")
    outer.columns[column] = (Value(heading=_NAME),)
    pairs = region.pairs
    if title.sentence and has_inner:
        outer.columns[_column_of_sentence(outer.kind)] = (Value(pair=title.text),)
        pairs = (*pairs, title.text)
    begins = RowRule(texts=(title.text,), like=f"{{{_NAME}}}")
    records = (outer.built(), *region.records[1:])
    if has_inner:
        records = (changed(records[0], per=Per.BLOCK, same_by=()), *records[1:])
    return with_derived_cells(changed(region, begins=begins, pairs=pairs, records=records))


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


def without_table(
    layout: Layout, grids: Sequence[Grid], choice: RemoveTable
) -> tuple[SheetLayout, ...]:
    """Take back what was said of a table; the first stays what the worksheet is, or is said anew.

    The line above it is a row of the table before again.
    """
    chosen = declared_sheet(layout, choice.worksheet)
    regions = [*chosen.regions]
    if not 1 <= choice.table <= len(regions) or len(regions) == 1:
        raise WrongUseError(
            f"“{choice.worksheet}” has no further table {choice.table}: say what it lists instead."
        )
    removed = regions.pop(choice.table - 1)
    grid = grid_called(grids, choice.worksheet)
    header = header_of_region(removed, grid)
    title = None if header is None else title_above(grid, header.row)
    if title is not None:
        regions = [_without_title(region, title) for region in regions]
    return sheets_with(layout, chosen, changed(chosen, regions=tuple(regions)))


def _without_title(region: Region, title: TableTitle) -> Region:
    """Return a table that leaves out no line as the title of a further one."""
    title_rows = _title_rows(title)
    skip = tuple(rule for rule in region.skip if rule != title_rows)
    return region if skip == region.skip else changed(region, skip=skip)


def _title_rows(title: TableTitle) -> LeftOutRows:
    return LeftOutRows(texts=(title.text,), reason=_TITLE_REASON)


def _column_of_sentence(kind: str) -> str:
    """Return where a sentence about a thing belongs: its description, or its remarks where it has none."""
    names = [column.name for column in columns_of(kind)]
    return "Description" if "Description" in names else REMARKS
