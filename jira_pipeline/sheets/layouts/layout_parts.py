"""Parts of a layout, changed as somebody would write them.

Belongs here: changing one part, which sheet layout, table and worksheets a choice is about. Does not:
what choices change (`choices_applied`).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from pydantic import BaseModel

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout, Record, Region, SheetLayout, Value
from jira_pipeline.sheets.layouts.texts import normal, spelling

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


def sheets_without(layout: Layout, titles: Sequence[str]) -> Iterator[SheetLayout]:
    """Yield what is said of other worksheets; what names worksheets by a pattern stays."""
    for sheet in layout.sheets:
        names = tuple(name for name in sheet.worksheets if name not in titles)
        if names:
            yield sheet if names == sheet.worksheets else changed(sheet, worksheets=names)


def sheets_with_table(
    layout: Layout, worksheet: str, number: int, change: Callable[[Region], Region]
) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets, with one table of a worksheet changed; the first is 1.

    Raises:
        WrongUseError: Nothing is said of the worksheet, or it has fewer tables.
    """
    chosen = declared_sheet(layout, worksheet)
    regions = [*chosen.regions]
    if number > len(regions):
        raise WrongUseError(f"“{worksheet}” has no table {number}.")
    regions[number - 1] = change(regions[number - 1])
    return sheets_with(layout, chosen, changed(chosen, regions=tuple(regions)))


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


def words_without(value: Value, word: str) -> dict[str, str]:
    """Return the words of a value, and what they mean, but for one in any letter case."""
    return {text: means for text, means in value.words.items() if normal(text) != normal(word)}


def words_without_spelling(value: Value, word: str) -> dict[str, str]:
    """Return the words of a value, and what they mean, but for one as it is spelled."""
    return {text: means for text, means in value.words.items() if spelling(text) != spelling(word)}


def values_of_matrix(values: Sequence[Value]) -> tuple[Value, ...]:
    """Return the values by which a matrix says a cell before whatever else says it."""
    return tuple(value for value in values if value.is_of_matrix and value.goes_first)


def values_in(layout: Layout) -> Iterator[tuple[Record, str, Value]]:
    """Yield what each canonical cell is taken from, with its record and its column."""
    for sheet in layout.sheets:
        for region in sheet.regions:
            for record in region.records:
                for column, values in record.columns.items():
                    for value in values:
                        yield record, column, value


def declared_sheet(layout: Layout, title: str) -> SheetLayout:
    """Return what is said of a worksheet.

    Raises:
        WrongUseError: Nothing is, or only that it is left out.
    """
    sheet = sheet_layout_of(layout, title)
    if sheet is None or sheet.ignore is not None:
        raise WrongUseError(f"Say first what “{title}” lists.")
    return sheet


def grids_of_sheet(layout: Layout, grids: Sequence[Grid], sheet: SheetLayout) -> list[Grid]:
    """Return the worksheets that one part of a layout is about."""
    return [grid for grid in grids if sheet_layout_of(layout, grid.title) is sheet]


def grid_called(grids: Sequence[Grid], title: str) -> Grid:
    """Return the worksheet of a name.

    Raises:
        WrongUseError: There is none.
    """
    for grid in grids:
        if normal(grid.title) == normal(title):
            return grid
    raise WrongUseError(f"No worksheet is called “{title}”.")
