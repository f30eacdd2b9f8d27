"""The form of a view: what has to be known of each display before anybody can build it.

Belongs here: which displays have a row, what the cells of the sheets fill in and what is asked for
the others. Does not: its columns and its answers (`model/forms_in_text`), what cells mean
(`sources/drupal/view_displays`), how it looks in a ticket (`writing/claims`), asking
(`questions_of_views`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.entities import Entity, Status
from jira_pipeline.model.forms_in_text import COLUMNS, LISTS, NOT_APPLICABLE, OPEN, PATH
from jira_pipeline.sources.drupal.view_displays import (
    GONE,
    base_table_of,
    has_prose,
    is_as_shipped,
    is_shared,
    plugin_facts,
    search_index_of,
    setting_of,
    shipped_view,
    stated_format,
    stated_path,
)

_TYPE_FILTER = re.compile(
    r"\b(?:(?:content |media )?type|vocabulary) *\((?:=|in) *(?P<kinds>[^()]+)\)", re.IGNORECASE
)
"""Source: `adminSummary` of the filter plugins of Views."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCell:
    """One cell of a form."""

    text: str
    """As plain text; `?` where nobody knows, with what is known before it: `content, types: ?`."""

    @property
    def is_open(self) -> bool:
        """Tell whether somebody has to fill it in."""
        return self.text.endswith(OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """What is to be known of one display."""

    display: Entity
    """Of a view without rows for its displays the view itself."""
    cells: Mapping[str, FormCell]
    """By column, in their order."""

    @property
    def open_columns(self) -> tuple[str, ...]:
        """The columns that somebody has to fill in."""
        return tuple(column for column, cell in self.cells.items() if cell.is_open)


def form_of(view: Entity, displays: Sequence[Entity]) -> tuple[FormRow, ...]:
    """Return the form of a view: a row for each display to build, none for what is there or shipped.

    There is none where the cells of the sheets say it all. What the rows leave out of a display that a module brings stays as installed. A display that
    only holds what others inherit has a row where it is the only display.
    """
    live = [display for display in displays if display.status not in GONE]
    shared = [display for display in live if is_shared(display)]
    own = [display for display in live if not is_shared(display)]
    if is_as_shipped(view, live) or view.status in GONE:
        return ()
    if not displays:
        rows = [view] if view.status is Status.APPROVED else []
    else:
        shipped = shipped_view(view)
        rows = [
            display
            for display in own or shared
            if display.status is Status.APPROVED
            and not (shipped and display.machine_name in shipped.paths)
        ]
    form = tuple(
        FormRow(
            display=row,
            cells={
                column: FormCell(text=_known(column, row, view=view, shared=shared))
                for column in COLUMNS
            },
        )
        for row in rows
    )
    return form if any(row.open_columns for row in form) else ()


def _known(column: str, row: Entity, *, view: Entity, shared: Sequence[Entity]) -> str:
    plugin = plugin_facts(row)
    if plugin and column in plugin.without:
        return NOT_APPLICABLE
    if column == PATH and (path := stated_path(row)):
        return path
    inherited = shared if column != PATH else ()
    for source in (row, *inherited):
        if (cell := setting_of(source, COLUMNS[column])) not in {"", "-"}:
            return cell
    if column == PATH and plugin and plugin.place:
        return f"{plugin.place} {OPEN}"
    if column == LISTS:
        return "; ".join(_listed(view, row, _kinds_in([row, *shared]))) or OPEN
    if column == "Shows" and (file_format := stated_format(row)):
        return f"{file_format.upper()} by its path, fields: {OPEN}"
    if column == "Shows" and plugin and plugin.shows:
        return f"{plugin.shows}: {OPEN}"
    return OPEN


def _kinds_in(displays: Sequence[Entity]) -> str:
    """Return the types that a filter names in the way Views writes it: `Content type (= News)`."""
    found = (_TYPE_FILTER.search(setting_of(display, "filters")) for display in displays)
    return next((match["kinds"].strip() for match in found if match), OPEN)


def _listed(view: Entity, display: Entity, kinds: str) -> Iterator[str]:
    """Say what a display lists by its base table; where a note may ask for something else it stays open."""
    if index := search_index_of(view):
        yield f"items of the search index {index}, which: {OPEN}"
    if table := base_table_of(view):
        if table.kinds:
            yield f"{table.lists}, {table.kinds}: {kinds}"
        else:
            is_settled = not has_prose(view) and not has_prose(display)
            yield table.lists if is_settled else f"{table.lists}, by the base table: {OPEN}"
        if table.is_of_revisions:
            yield f"all revisions of an item or only the current one: {OPEN}"


def wanted_of(view: Entity, form: Sequence[FormRow]) -> str:
    """Say what the open cells of a form ask for: `what it lists, how it sorts and who has access`."""
    wanted = dict(_WANTED)
    table = base_table_of(view)
    if table and table.kinds:
        wanted[LISTS] = f"which {_KINDS.get(table.lists, table.kinds)} it lists"
        if table.is_of_revisions:
            wanted[LISTS] += ", whether all revisions or only the current one"
    plugins = [plugin_facts(row.display) for row in form if PATH in row.open_columns]
    with_path = [plugin is None or plugin.has_path for plugin in plugins]
    if not any(with_path):
        wanted[PATH] = "where it is used"
    elif all(with_path):
        wanted[PATH] = "its path"
    is_open = {column for row in form for column in row.open_columns}
    asked = [words for column, words in wanted.items() if column in is_open]
    if {"Filters", "Sort"} <= is_open:
        asked[asked.index(wanted["Filters"])] = "how it filters and sorts"
        asked.remove(wanted["Sort"])
    return f"{', '.join(asked[:-1])} and {asked[-1]}" if len(asked) > 1 else "".join(asked)


_WANTED: Mapping[str, str] = {
    LISTS: "what it lists",
    "Shows": "which fields or view mode it shows",
    PATH: "its path or where it is used",
    "Filters": "how it filters",
    "Sort": "how it sorts",
    "Items per page": "how many items it shows at a time",
    "Access": "who has access",
    "When empty": "what it says when it is empty",
}
"""What an open cell asks for, by its column."""
_KINDS: Mapping[str, str] = {"content": "content types", "media": "media types"}
"""The kinds of what is divided into types, where a sentence does not say of what."""
