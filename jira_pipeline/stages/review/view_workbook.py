"""The forms of all views as one workbook: the sheet of displays with the columns to fill in.

Belongs here: its columns and rows. Does not: what is to be known of a display (`view_forms`),
workbooks themselves (`cells`). Filled in, it is a sheet of displays and uploaded like one.
"""

from collections.abc import Iterator, Mapping

from jira_pipeline.domain.entities import Entity, EntityKind, Specification
from jira_pipeline.domain.view_displays import has_setting_column
from jira_pipeline.domain.view_forms import COLUMNS, NOT_APPLICABLE, DisplayForm, form_of
from jira_pipeline.stages.review.cells import ColumnLook, workbook_content

SHEET_TITLE = "View displays"
_USUAL_COLUMNS = ("View", "Title", "Machine name", "X", "Display plugin", "Notes", "View ID")
_WIDE, _NARROW = 28, 14


def views_workbook(specification: Specification) -> bytes:
    """Write every row of the sheet of displays, and one for each view that has none.

    Cells to fill in are blank; what the form of a view knows without them is filled in.
    """
    displays = [d.as_in_sheet for d in specification.by_kind[EntityKind.VIEW_DISPLAY]]
    own = tuple(displays[0].cells) if displays else _USUAL_COLUMNS
    added = {
        column: setting
        for column, setting in COLUMNS.items()
        if not (displays and has_setting_column(displays[0], setting))
    }
    columns = {
        column: ColumnLook(width=_WIDE if column in added else _NARROW, head=column)
        for column in (*own, *added)
    }
    forms = dict(_forms(specification))
    rows = [_row(display, columns, added, forms.get(display.source)) for display in displays]
    for view in specification.by_kind[EntityKind.VIEW]:
        if view.source in forms:
            cells = {"View": view.label, "View ID": view.machine_name}
            rows.append({column: cells.get(column, "") for column in columns})
    return workbook_content(SHEET_TITLE, columns, rows)


def count_of_forms(specification: Specification) -> int:
    """Return of how many displays there is something to fill in."""
    return sum(bool(form.open_columns) for _, form in _forms(specification))


def _forms(specification: Specification) -> Iterator[tuple[object, DisplayForm]]:
    """Yield the forms of all views, by the place of the row."""
    for view in specification.by_kind[EntityKind.VIEW]:
        for form in form_of(view, specification.members_of.get(view.key, ())):
            yield form.display.source, form


def _row(
    display: Entity,
    columns: Mapping[str, object],
    added: Mapping[str, str],
    form: DisplayForm | None,
) -> Mapping[str, object]:
    known = {
        column: "-" if entry.text == NOT_APPLICABLE else entry.text
        for column, entry in (form.entries.items() if form else ())
        if column in added and not entry.is_open
    }
    return {column: display.cells.get(column, known.get(column, "")) for column in columns}
