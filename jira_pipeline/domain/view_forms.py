"""The form of a view: what is to be known of each display before somebody can build it.

Belongs here: its columns, which displays have a row, what the cells of the sheets fill in. Does
not: what cells mean (`view_displays`), how it looks in a ticket (`writers`), or asking for it
(`questions_of_views`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.domain.entities import Entity, Status
from jira_pipeline.domain.view_displays import (
    GONE,
    base_table_of,
    is_as_shipped,
    is_display_as_shipped,
    is_shared,
    path_column,
    plugin_facts,
    search_index_of,
    setting_column,
    setting_of,
    shipped_view,
    stated_path,
)

PLACE = "Path or place"
COLUMNS: Mapping[str, str] = {
    "Lists": "lists",
    "Shows": "format",
    PLACE: "path",
    "Filters": "filters",
    "Sort": "sort",
    "Items per page": "pager",
    "Access": "access",
    "When empty": "empty",
}
"""The columns of a form, which the sheet of displays may have too, to the settings they hold."""
OPEN = "?"
DOES_NOT_APPLY = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormEntry:
    """One cell of a form."""

    text: str
    source: Entity | None = None
    """The row it is from; none where nothing is known."""
    column: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether somebody has to fill it in."""
        return self.text.endswith(OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayForm:
    """What is to be known of one display."""

    display: Entity
    """Of a view without rows for its displays the view itself."""
    entries: Mapping[str, FormEntry]
    """By column, in their order."""

    @property
    def open_columns(self) -> tuple[str, ...]:
        """The columns that somebody has to fill in."""
        return tuple(column for column, entry in self.entries.items() if entry.is_open)


def form_of(view: Entity, displays: Sequence[Entity]) -> tuple[DisplayForm, ...]:
    """Return the form of a view: a row for each display to build, none for what is there or shipped.

    A display that only holds what others inherit has one where it is the only display.
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
            and not (shipped and is_display_as_shipped(display, shipped))
        ]
    return tuple(
        DisplayForm(
            display=row,
            entries={column: _entry(column, row, view=view, shared=shared) for column in COLUMNS},
        )
        for row in rows
    )


def _entry(column: str, row: Entity, *, view: Entity, shared: Sequence[Entity]) -> FormEntry:
    plugin = plugin_facts(row)
    if plugin and column in plugin.without:
        return FormEntry(text=DOES_NOT_APPLY, source=row, column="Display plugin")
    if column == PLACE and (path := stated_path(row)):
        return FormEntry(text=path, source=row, column=path_column(row))
    inherited = shared if column != PLACE else ()
    for source in (row, *inherited):
        if (cell := setting_of(source, COLUMNS[column])) not in {"", "-"}:
            return FormEntry(
                text=cell, source=source, column=setting_column(source, COLUMNS[column])
            )
    if column == PLACE:
        place = f"{plugin.place} {OPEN}" if plugin and plugin.place else OPEN
        return FormEntry(text=place, source=row, column="Display plugin")
    if column == "Lists":
        return FormEntry(text="; ".join(_listed(view)) or OPEN, source=view, column="Base table")
    return FormEntry(text=OPEN)


def _listed(view: Entity) -> Iterator[str]:
    if index := search_index_of(view):
        yield f"items of the search index {index}, which: {OPEN}"
    if table := base_table_of(view):
        if table.is_of_revisions:
            yield f"{table.lists}, all or only the current one of each item: {OPEN}"
        if table.kinds:
            yield f"{table.kinds if table.is_of_revisions else f'{table.lists}, {table.kinds}'}: {OPEN}"
        elif not table.is_of_revisions:
            yield table.lists
