"""Parts of a layout, changed as somebody would write them.

Belongs here: changing one part, which sheet layout a choice is about. Does not: what choices change
(`choices_applied`).
"""

from typing import TypeVar

from pydantic import BaseModel

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.layout import Layout, SheetLayout

_M = TypeVar("_M", bound=BaseModel)


def changed(model: _M, **values: object) -> _M:
    """Return a part of a layout with other values, checked as one that somebody wrote.

    A copy would keep what was derived of the values before.
    """
    stated = {name: getattr(model, name) for name in model.model_fields_set}
    return type(model).model_validate({**stated, **values})


def declared_sheet(layout: Layout, title: str) -> SheetLayout:
    """Return what is said of a worksheet.

    Raises:
        WrongUseError: Nothing is, or only that it is left out.
    """
    sheet = sheet_layout_of(layout, title)
    if sheet is None or sheet.ignore is not None:
        raise WrongUseError(f"Say first what “{title}” lists.")
    return sheet


def with_sheet(layout: Layout, before: SheetLayout, *after: SheetLayout) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets, one part of it otherwise."""
    sheets: list[SheetLayout] = []
    for sheet in layout.sheets:
        sheets += after if sheet is before else (sheet,)
    return tuple(sheets)
