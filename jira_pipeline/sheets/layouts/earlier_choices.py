"""What stays of what was said of a worksheet, where somebody says anew what it lists.

Belongs here: the list of all that stays, in order. Does not: how each part of it is said of a table
(`header_choices`, `mark_choices`, `matrix_choices`, `line_choices`), a table of which nothing was said
before (`table_shapes`).
"""

from collections.abc import Sequence

from jira_pipeline.sheets.layouts.choices import SetShape
from jira_pipeline.sheets.layouts.constant_choices import with_constants_of
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import (
    header_of_region,
    with_dittos,
    with_header_left_out,
)
from jira_pipeline.sheets.layouts.header_rows import HeaderRows
from jira_pipeline.sheets.layouts.layout import Region, SheetLayout
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.line_choices import with_lines_of
from jira_pipeline.sheets.layouts.mark_choices import with_marks_of
from jira_pipeline.sheets.layouts.matrix_choices import with_listed_of
from jira_pipeline.sheets.layouts.named_cells import NamedCells
from jira_pipeline.sheets.layouts.record_drafts import BUNDLE, draft_of
from jira_pipeline.sheets.layouts.row_rules import Rule, is_letter
from jira_pipeline.sheets.layouts.table_headers import TableHeader
from jira_pipeline.sheets.layouts.table_shapes import shape_of, with_derived_cells, with_type


def with_earlier_choices(
    sheet: SheetLayout,
    before: SheetLayout,
    grids: Sequence[Grid],
    *,
    choice: SetShape,
    header: TableHeader | None,
) -> SheetLayout:
    """Return a worksheet whose table is said anew with what was said of it before, as far as it fits.

    A table that is said to be what it was stays whole. The tables below it stay, unless somebody says
    that the header of one of them is the first.
    """
    first = before.regions[0]
    first_header = header_of_region(first, grids[0])
    if header is not None and _is_unchanged_choice(first, grids[0], header, choice):
        # One that was proposed is called like its kind, and one that somebody says like its worksheet.
        named = changed(first, name=sheet.regions[0].name)
        region = _with_kind_of_types(named, grids, choice.bundle_type)
    else:
        region = _table_with_earlier_choices(sheet.regions[0], before, grids)
    regions = [region]
    is_first = first_header is not None and (first_header.span.names_row + 1 == choice.header_row)
    if choice.header_row is None or is_first:
        regions += before.regions[1:]
    regions = tables_with_rules(regions, before.regions)
    return changed(before, worksheets=sheet.worksheets, regions=tuple(regions))


def tables_with_rules(tables: Sequence[Region], before: Sequence[Region]) -> list[Region]:
    """Return tables with all that was said of rows of the tables before, whichever of them it was."""
    skip = [rule for table in before for rule in table.skip]
    remarks = [rule for table in before for rule in table.remarks]
    with_rules: list[Region] = []
    for table in tables:
        skip_of_table = dict.fromkeys((*table.skip, *_rules_of(table, skip)))
        remarks_of_table = dict.fromkeys((*table.remarks, *_rules_of(table, remarks)))
        with_rules.append(
            changed(table, skip=tuple(skip_of_table), remarks=tuple(remarks_of_table))
        )
    return with_rules


def _rules_of(table: Region, rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules that a table can have: one of cells below a header needs that header."""
    of_table: list[Rule] = []
    for rule in rules:
        header = rule.column or ""
        if not header or is_letter(header) or NamedCells(header).are_named_in(table):
            of_table.append(rule)
    return of_table


def _is_unchanged_choice(table: Region, grid: Grid, header: TableHeader, choice: SetShape) -> bool:
    """Tell whether a table lists what somebody says already, below the same header, and knows all of it."""
    shape = shape_of(table)
    if table.marks is not None or shape is None or shape.shape is not choice.shape:
        return False
    table_header = header_of_region(table, grid)
    if table_header is None or table_header.span != header.span:
        return False
    if header.is_row:
        return False  # the row that was the header is the first thing now
    headers = HeaderRows(table, grid, grid.rows)
    is_header_whole = headers.used <= headers.columns_at(header.row).keys()
    return is_header_whole and not headers.new_columns(header.row) and _may_keep_kind(table, choice)


def _may_keep_kind(table: Region, choice: SetShape) -> bool:
    """Tell whether nobody takes back of which kind all types of a table are: a header says it then."""
    for record in table.records if not choice.bundle_type else ():
        values = record.columns.get("Type", ()) if record.into == BUNDLE else ()
        if any(value.is_constant for value in values):
            return False
    return True


def _with_kind_of_types(table: Region, grids: Sequence[Grid], bundle_type: str) -> Region:
    """Return a table with the kind that somebody says of its types, where no line or label says it."""
    drafts = [draft_of(record) for record in table.records]
    for draft in drafts:
        values = draft.columns.get("Type", ())
        is_said_by_line = any(value.heading or value.pair for value in values)
        if draft.kind == BUNDLE and bundle_type and not is_said_by_line:
            with_type(draft, bundle_type, grids)
    return with_derived_cells(changed(table, records=tuple(draft.built() for draft in drafts)))


def _table_with_earlier_choices(
    region: Region, before: SheetLayout, grids: Sequence[Grid]
) -> Region:
    """Return a table that lists something else with what was said of the table before."""
    table = before.regions[0]
    for earlier in before.regions:
        region = with_dittos(region, grids, earlier.ditto)
    region = with_marks_of(region, table)
    region = with_listed_of(region, table)
    region = with_constants_of(region, table)
    for name, reason in table.unused.items():
        header = NamedCells(name)
        if not header.are_marked_in(region):
            region = with_header_left_out(region, grids, header, reason)
    has_header = any(header_of_region(region, grid) for grid in grids)
    if table.ends is not None and has_header:
        region = changed(region, ends=table.ends)
    return region if region.marks is not None else with_lines_of(region, table, grids)
