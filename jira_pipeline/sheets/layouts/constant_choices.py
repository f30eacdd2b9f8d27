"""What a layout becomes where somebody says something of all rows that no header says.

Belongs here: a constant, or the name of the worksheet, for a column. Does not: what headers mean
(`header_choices`).
"""

from jira_pipeline.model.columns import columns_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import SetConstant
from jira_pipeline.sheets.layouts.layout import Layout, Record, Region, SheetLayout, Value
from jira_pipeline.sheets.layouts.layout_parts import changed, declared_sheet, with_sheet
from jira_pipeline.sheets.layouts.table_shapes import (
    draft_of,
    kind_of_columns,
    with_derived_cells,
)


def with_constant(layout: Layout, choice: SetConstant) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets, with what holds for all rows of one.

    Raises:
        WrongUseError: No table of the worksheet has such a column, or all of them say it already.
    """
    chosen = declared_sheet(layout, choice.worksheet)
    regions = tuple(_region_with_constant(region, choice) for region in chosen.regions)
    if regions == chosen.regions:
        raise WrongUseError(
            f"No table of “{choice.worksheet}” lacks {choice.column}, so nothing was saved."
        )
    sheet = changed(chosen, regions=regions)
    return with_sheet(layout, chosen, sheet)


def _region_with_constant(region: Region, choice: SetConstant) -> Region:
    records: list[Record] = []
    is_lacking = False
    for record in region.records:
        if _lacks(record, choice):
            is_lacking = True
            records.append(_record_with_constant(record, choice))
        else:
            records.append(record)
    if not is_lacking:
        return region
    return with_derived_cells(changed(region, records=tuple(records)))


def _lacks(record: Record, choice: SetConstant) -> bool:
    """Tell whether nothing says the column of what a record lists."""
    kind = kind_of_columns(draft_of(record))
    if kind != choice.kind or choice.column not in {column.name for column in columns_of(kind)}:
        return False
    return all(value.text == "" for value in record.columns.get(choice.column, ()))


def _record_with_constant(record: Record, choice: SetConstant) -> Record:
    value = Value(title=True) if choice.is_title else Value(text=choice.text)
    return changed(record, columns={**record.columns, choice.column: (value,)})
