"""Parts of a layout, changed as somebody would write them.

Belongs here: changing one part, which sheet layout a choice is about. Does not: what choices change
(`choices_applied`).
"""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.layout import Layout, Record, Region, SheetLayout, Value

_M = TypeVar("_M", bound=BaseModel)


def changed(model: _M, **values: object) -> _M:
    """Return a part of a layout with other values, checked as one that somebody wrote.

    A copy would keep what was derived of the values before.
    """
    stated = {name: getattr(model, name) for name in model.model_fields_set}
    return type(model).model_validate({**stated, **values})


def sheets_with(
    layout: Layout, before: SheetLayout, *after: SheetLayout
) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets, with something else of some."""
    sheets: list[SheetLayout] = []
    for sheet in layout.sheets:
        sheets += after if sheet is before else (sheet,)
    return tuple(sheets)


def region_with_values(region: Region, change: Callable[[Record, str, Value], Value]) -> Region:
    """Return a region with each value changed that is a canonical cell of a record, or part of one."""
    records: list[Record] = []
    for record in region.records:
        columns: dict[str, tuple[Value, ...]] = {}
        for name, values in record.columns.items():
            columns[name] = tuple(_value_changed(value, record, name, change) for value in values)
        records.append(changed(record, columns=columns))
    return changed(region, records=tuple(records))


def _value_changed(
    value: Value, record: Record, column: str, change: Callable[[Record, str, Value], Value]
) -> Value:
    if value.parts is None:
        return change(record, column, value)
    parts = tuple(_value_changed(part, record, column, change) for part in value.parts)
    return changed(value, parts=parts)


def declared_sheet(layout: Layout, title: str) -> SheetLayout:
    """Return what is said of a worksheet.

    Raises:
        WrongUseError: Nothing is, or only that it is left out.
    """
    sheet = sheet_layout_of(layout, title)
    if sheet is None or sheet.ignore is not None:
        raise WrongUseError(f"Say first what “{title}” lists.")
    return sheet
