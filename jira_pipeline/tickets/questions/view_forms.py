"""The form of a view: what has to be known of each display before anybody can build it.

Belongs here: which displays have a row, what the cells of the sheets fill in and what is asked for
the others; notes, titles and descriptions are not read. Does not: its columns and its answers
(`model/forms_in_text`), what cells mean (`drupal/meaning/view_displays`), how it looks in a ticket
(`tickets/claims`), asking (`questions_of_views`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.meaning.notes import pattern_of
from jira_pipeline.drupal.meaning.view_displays import (
    base_table_of,
    has_prose,
    is_as_shipped,
    is_shared,
    placeholders_in,
    plugin_facts,
    plugin_name,
    search_index_of,
    setting_of,
    shipped_view,
    stated_format,
    stated_path,
)
from jira_pipeline.model.columns import BLANK
from jira_pipeline.model.entities import GONE, Entity, Status
from jira_pipeline.model.forms_in_text import (
    COLUMNS,
    LISTS,
    NOT_APPLICABLE,
    OPEN,
    PATH,
    is_open_cell,
)
from jira_pipeline.model.grouped import grouped
from jira_pipeline.tickets.questions.question_index import joined, marked_subject

_TYPE_FILTER = re.compile(
    r"(?i)\b(?:(?:content |media )?type|vocabulary) *\((?:=|in) *(?P<kinds>[^()]+)\)"
)
"""Source: `adminSummary` of the filter plugins of Views."""
FROM = "(from the "
"""In a cell of a form: what fills it in that is no cell of its own."""
SHOWS = "Shows"
_INHERITED = frozenset({"Filters", "Sort", "Items per page", "Access", "When empty"})
_AS_DEFAULT = f"as in the default display: {OPEN}"
"""What a new display of a view on the site has: Views gives it that unless it is overridden."""
_FORMAT_ALONE, _OF_FIELDS = pattern_of("format_alone"), f", of which fields: {OPEN}"
"""A format that a cell gives without what it shows, and what is open of it."""
_REVISIONS = "all revisions of an item, the current one or the latest"
_OTHERS = f"others: {OPEN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """What is to be known of one display."""

    display: Entity
    """Of a view without rows for its displays the view itself."""
    cells: Mapping[str, str]
    """By column, in their order; `?` where nobody knows, with what is known before it."""

    @property
    def open_columns(self) -> tuple[str, ...]:
        """The columns that somebody has to fill in."""
        return tuple(column for column, cell in self.cells.items() if is_open_cell(cell))


def form_of(view: Entity, displays: Sequence[Entity]) -> tuple[FormRow, ...]:
    """Return the form of a view: a row for each display to build, none for what is there or shipped.

    There is none where the cells of the sheets say it all. A display that only holds what others
    inherit has a row where it is the only display.
    """
    live = [display for display in displays if display.status not in GONE]
    own = [display for display in live if not is_shared(display)]
    if is_as_shipped(view, live) or view.status in GONE:
        return ()
    shipped, form = shipped_view(view), []
    for row in (own or live) if displays else [view]:
        is_shipped = shipped and row is not view and row.machine_name in shipped.paths
        if row.status is Status.APPROVED and not is_shipped:
            cells = {column: _known(column, row, view, live) for column in COLUMNS}
            form.append(FormRow(display=row, cells=cells))
    return tuple(form) if any(row.open_columns for row in form) else ()


def _known(column: str, row: Entity, view: Entity, live: Sequence[Entity]) -> str:
    plugin, shared = plugin_facts(row), [display for display in live if is_shared(display)]
    if plugin and column in plugin.without.split("; "):
        return NOT_APPLICABLE
    sources = (row, *shared) if column != PATH else () if stated_path(row) else (row,)
    for source in sources:
        if (cell := setting_of(source, COLUMNS[column])) not in BLANK:
            is_bare = column == SHOWS and _FORMAT_ALONE.fullmatch(cell)
            return f"{cell}{_OF_FIELDS}" if is_bare else cell
    if column == PATH:
        return stated_path(row) or _placed(row, live)
    if column == LISTS:
        return "; ".join(_listed(row, view, shared)) or OPEN
    if column == SHOWS and plugin and plugin.shows:
        return "; ".join(_shown(row, plugin.shows.split("; "), live))
    if column == "Filters" and (parts := [*_filtered(row)]):
        return "; ".join([*parts, _OTHERS])
    is_there = view.status is not Status.APPROVED and not is_shared(row)
    return _AS_DEFAULT if is_there and column in _INHERITED else OPEN


def _placed(row: Entity, live: Sequence[Entity]) -> str:
    """Say where a display is, as far as its kind and the other displays say it."""
    plugin = plugin_facts(row)
    if plugin is None or not plugin.place:
        return OPEN
    others = [o for o in live if not is_shared(o) and plugin_name(o) != "attachment"]
    if plugin_name(row) == "attachment" and len(others) == 1:
        return f"attached to {others[0].machine_name}, the only display for it"
    return f"{plugin.place} {OPEN}"


def _filtered(row: Entity) -> Iterator[str]:
    """Say by which values of its path a display filters."""
    for place, known in placeholders_in("" if has_prose(row) else stated_path(row)).items():
        by = f"by {place if place[1:] else 'the value'}"
        yield f"of {known.removeprefix('the ID of ')} in the path" if known else f"{by} in the path"


def _shown(row: Entity, parts: Sequence[str], live: Sequence[Entity]) -> Iterator[str]:
    """Say what is known of the parts that a display of this kind shows, then which are open."""
    rest = [*parts]
    if stated := stated_format(row):
        yield f"{stated.upper()} by its path"
        rest = rest[1:]
    has_page = any(plugin_name(other) == "page" for other in live)
    yield f"{joined([part for part in rest if has_page or 'page' not in part])}: {OPEN}"


def _listed(row: Entity, view: Entity, shared: Sequence[Entity]) -> Iterator[str]:
    """Say what a display lists by its base table and a filter by type."""
    table, cell = base_table_of(view), view.cell("Base table")
    if index := search_index_of(view):
        yield f"items in the search index {index}: {OPEN}"
    elif table and table.kinds:
        found = (_TYPE_FILTER.search(setting_of(each, "filters")) for each in (row, *shared))
        kinds = next((match["kinds"].strip() for match in found if match), OPEN)
        yield f"{table.lists}, {table.kinds}: {kinds}"
    elif cell:
        yield table.lists if table else f"entries of {cell}"
    if table and table.is_of_revisions:
        yield f"{_REVISIONS}: {OPEN}"


def wanted_of(form: Sequence[FormRow]) -> str:
    """Name the open columns of a form, and of which displays where they differ: `Sort and Access`."""
    first, *others = form
    of_all = [c for c in first.open_columns if all(c in row.open_columns for row in others)]
    rest = [(row.display, tuple(c for c in row.open_columns if c not in of_all)) for row in form]
    parts = [joined(of_all)] if of_all else []
    for columns, same in grouped(rest, lambda of: of[1]).items():
        names = joined([marked_subject(display) for display, _ in same])
        parts += [f"{joined(columns)} of {names}"] if columns else []
    return "; ".join(parts)
