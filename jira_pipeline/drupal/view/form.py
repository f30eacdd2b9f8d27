"""The form of a view: what has to be known of each display before anybody can build it.

A table in the ticket with a row for each display and eight columns. Cells that sheets say are filled
in; what nobody knows ends with `?`, and one question asks for these. Notes, titles and descriptions
are not read.

Belongs here: which displays have a row, what fills a cell, the question. Does not: columns and
answers of the form as text (`model/forms_in_text`), its look (`tickets/template`).

Source: the user interface of Views, in the order in which it asks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jira_pipeline.drupal.asked_rows import view_asked
from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.display_settings import is_display_setting, setting_fact
from jira_pipeline.drupal.note_prose import has_prose
from jira_pipeline.drupal.row_names import joined, marked_subject, name_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.enabled import is_disabled
from jira_pipeline.drupal.view.lists import items_listed
from jira_pipeline.drupal.view.path import path_text
from jira_pipeline.drupal.view.plugin import (
    COLUMN as PLUGIN,
    DisplayPlugin,
    is_shared,
    plugin_of,
)
from jira_pipeline.drupal.view.shipped_views import shipped_view_of
from jira_pipeline.drupal.view.shows import COLUMN as SHOWS, parts_in_row, parts_to_show
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import STATUS_HEADERS
from jira_pipeline.model.entities import GONE, Entity, Status
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.forms_in_text import (
    COLUMNS,
    LISTS,
    NOT_APPLICABLE,
    OPEN,
    PATH,
    is_open_cell,
)
from jira_pipeline.model.grouped import group_by

_AS_DEFAULT = f"as in the default display: {OPEN}"
"""Of what a new display of a view on the site has: it inherits that."""

_NOWHERE_YET = "nowhere while the view is disabled"

# The fact: the rows of the form.


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """What is to be known of one display."""

    display: Entity
    """Of a view without rows for its displays the view itself."""
    cells: Mapping[str, str] = field(hash=False)
    """By column, in their order; `?` where nobody knows, with what is known before it."""

    @property
    def open_columns(self) -> tuple[str, ...]:
        """The columns that somebody has to fill in."""
        return tuple(column for column, cell in self.cells.items() if is_open_cell(cell))


@once_per_session
def form_rows(rows: GroupRows) -> Sequence[FormRow]:
    """Return the form of the view of a group; empty where nothing is to be asked."""
    return form_of(rows.group)


def form_of(group: EntityGroup) -> tuple[FormRow, ...]:
    """Return the form of a view: a row for each display to build that is not there or shipped already.

    Empty where the sheets leave nothing open, or may say it under a header that nobody knows or in
    a sentence beside the rows.
    """
    view = group.heads[0]
    live = [display for display in group.members if display.status not in GONE]
    if _may_say_more(group) or view.status in GONE:
        return ()
    shared = [display for display in live if is_shared(display)]
    form = []
    for display in displays_to_build(group):
        cells = {}
        for column in COLUMNS:
            cells[column] = _cell_of(column, display, view=view, shared=shared)
        form.append(FormRow(display=display, cells=cells))
    if not any(row.open_columns for row in form):
        return ()
    return tuple(form)


def _may_say_more(group: EntityGroup) -> bool:
    """Tell whether something beside the known columns, or beside all rows, may say how displays are."""
    if group.captions:
        return True
    headers: set[str] = set()
    for row in (*group.heads, *group.members):
        headers.update(row.unexplained)
    return any(
        not is_display_setting(header, is_of_view=True) for header in headers - STATUS_HEADERS
    )


def displays_to_build(group: EntityGroup) -> list[Entity]:
    """Return the displays of a view to build; where displays have no rows, the view itself.

    The display that others inherit from is among them only where it is the only one.
    """
    view = group.heads[0]
    live = [display for display in group.members if display.status not in GONE]
    brought: set[str] = set()
    displays: Sequence[Entity] = [view]
    if group.members:
        displays = [display for display in live if not is_shared(display)] or live
        shipped = shipped_view_of(view)
        if shipped is not None:
            brought = {*shipped.paths}
    return [
        display
        for display in displays
        if display.status is Status.APPROVED and display.machine_name not in brought
    ]


def _cell_of(column: str, display: Entity, *, view: Entity, shared: Sequence[Entity]) -> str:
    """Return what is known of one column of a display, with `?` at the end where that is not all."""
    plugin = plugin_of(display)
    if isinstance(plugin, DisplayPlugin) and column in plugin.without.split("; "):
        # A row of its own may give it all the same, such as the pager of a list of references.
        return _cell_in_sheets(column, display, ()) or NOT_APPLICABLE
    cell = _cell_in_sheets(column, display, shared)
    if cell:
        return cell
    if column == PATH:
        return path_text(display) or _unstated_place(display, view)
    if column == LISTS:
        return items_listed(display, view=view, shared=shared)
    if column == SHOWS.name:
        return parts_to_show(display)
    is_view_there = view.status is not Status.APPROVED
    if is_view_there and not is_shared(display):
        # Views gives it to a new display unless somebody overrides it.
        return _AS_DEFAULT
    return OPEN


def _cell_in_sheets(column: str, display: Entity, shared: Sequence[Entity]) -> str:
    """Return what the row of a display, or of the one it inherits from, says in a column; else empty."""
    rows: Sequence[Entity] = (display, *shared)
    if column == PATH:
        # Nobody inherits a path, and one with its slash is put before the column is looked at.
        rows = () if path_text(display) else (display,)
    for row in rows:
        cell = parts_in_row(row) if column == SHOWS.name else _cell_in_row(column, row)
        if cell:
            return cell
    return ""


def _cell_in_row(column: str, row: Entity) -> str:
    """Return what a row says of a column of the form, in its words."""
    match setting_fact(row, COLUMNS[column]):
        case CellWords(text):
            return text
        case BlankCell():
            return ""


def _unstated_place(display: Entity, view: Entity) -> str:
    """Ask for the place of a display by the words of its kind: `placed in ?`.

    Nothing places, embeds or offers a display of a disabled view, so that there is none to ask for.
    """
    match plugin_of(display):
        case DisplayPlugin(place=place) if place:
            return _NOWHERE_YET if is_disabled(view) else f"{place} {OPEN}"
        case _:
            return OPEN


# What follows from it.


def displays_of_form(rows: GroupRows) -> list[Entity]:
    """Return the displays of the form of a view; the view itself where no row is a display."""
    return [row.display for row in form_rows(rows)] if view_asked(rows) else []


def ask(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the open cells in the form of a view; without rows of displays, for these, too.

    `Please fill in the cells marked “?” in the form for “Boats”: …`. `display` is one of the form:
    all its displays with open cells raise the same question, which names the cells of all.
    """
    form = form_rows(rows)
    form_row = next(row for row in form if row.display is display)
    if not form_row.open_columns:
        return
    displays = [row.display for row in form]
    is_noted = any(has_prose(row) for row in (rows.head, *displays))
    yield question_about(
        "views.displays" if display is rows.head else "views.form",
        display,
        PLUGIN.name,
        view=name_of(rows.head),
        wanted=open_columns_in_words(form),
        noted=" The notes may say some of it." if is_noted else "",
    )


def open_columns_in_words(form: Sequence[FormRow]) -> str:
    """Name the open columns of a form, those of all displays first.

    `Lists and Sort; Path or place of block_1`.
    """
    of_all = []
    for column in form[0].open_columns:
        if all(column in row.open_columns for row in form):
            of_all.append(column)
    parts = [joined(of_all)] if of_all else []

    def columns_of_some(row: FormRow) -> tuple[str, ...]:
        return tuple(column for column in row.open_columns if column not in of_all)

    for columns, form_rows_alike in group_by(form, columns_of_some).items():
        if columns:
            names = joined([marked_subject(row.display) for row in form_rows_alike])
            parts.append(f"{joined(columns)} of {names}")
    return "; ".join(parts)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield the rows of the form, each said by the display that it is about."""
    for form_row in form_rows(view.ticket.group_rows):
        yield StatedFact(fact=form_row, rows=(form_row.display,))


RULE = Rule(
    key="view.form",
    facts=facts,
    asked_rows=displays_of_form,
    ask=ask,
)
