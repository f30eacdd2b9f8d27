"""The form of a view, and the certain questions of views, of their displays and of types to remove.

Belongs here: what has to be known of each display before anybody can build it, what the cells of
the sheets fill in; what cells leave open or contradict. Notes, titles and descriptions are not read.
Does not: columns and answers of the form (`model/forms_in_text`), what cells mean
(`drupal/meaning/view_displays`), how it looks in a ticket (`tickets/claims`), words of questions
(`drupal/words`), joining rows into one question (`found_questions`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.meaning.notes import changes_in, pattern_of
from jira_pipeline.drupal.meaning.view_displays import (
    ShippedView,
    base_table_of,
    has_prose,
    is_as_shipped,
    is_disabled,
    is_display_setting,
    is_set,
    is_shared,
    path_column,
    plugin_facts,
    plugin_name,
    search_index_of,
    setting_column,
    setting_of,
    shipped_view,
    stated_format,
    stated_path,
)
from jira_pipeline.drupal.row_names import joined, marked, marked_subject, name_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.columns import BLANK, STATUS_HEADERS
from jira_pipeline.model.entities import GONE, TO_BUILD, BundleType, Entity, Status
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
from jira_pipeline.tickets.questions.question_rules import rule

_TYPE_FILTER = re.compile(
    r"(?i)\b(?:(?:content |media )?type|vocabulary) *\((?:=|in) *(?P<kinds>[^()]+)\)"
)
"""Source: `adminSummary` of the filter plugins of Views."""
SHOWS = "Shows"
_INHERITED = frozenset({"Filters", "Sort", "Items per page", "Access", "When empty"})
_AS_DEFAULT = f"as in the default display: {OPEN}"
"""What a new display of a view on the site has: Views gives it that unless it is overridden."""
_FORMAT_ALONE, _OF_FIELDS = pattern_of("format_alone"), f", of which fields: {OPEN}"
"""A format that a cell gives without what it shows, and what is open of it."""
_REVISIONS = "all revisions of an item, the current one or the latest"
_WAITING = re.compile(r"(?i)\b(?:waits?|until|later|once|when|after)\b")
_KEEPING = re.compile(r"(?i)\b(?:archiv|migrat|delet|mov(?:e|ing)|ke(?:ep|pt)|export)")
"""What a note says of when a view comes, and of what becomes of items."""
_ID = re.compile(r"\bID \d+(?:, \d+)*(?: of \w+)?")
"""How `sheets` writes what a filter has of content."""


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


def form_of(group: EntityGroup) -> tuple[FormRow, ...]:
    """Return the form of a view: a row for each display to build, none for what is there or shipped.

    There is none where the cells of the sheets say it all, or may say it: below a header that nobody
    knows, or in a sentence beside the rows. A display that only holds what others inherit has a row
    where it is the only display.
    """
    view = group.heads[0]
    displays = group.members
    if _may_say_more(group):
        return ()
    live = [display for display in displays if display.status not in GONE]
    own = [display for display in live if not is_shared(display)]
    if is_as_shipped(view, live) or view.status in GONE:
        return ()
    shipped = shipped_view(view)
    rows = (own or live) if displays else [view]
    brought = {*shipped.paths} if shipped and displays else set()
    form = tuple(
        FormRow(display=row, cells={c: _known(c, row, view, live) for c in COLUMNS})
        for row in rows
        if row.status is Status.APPROVED and row.machine_name not in brought
    )
    return form if any(row.open_columns for row in form) else ()


def _may_say_more(group: EntityGroup) -> bool:
    """Tell whether something beside the known columns, or beside all rows, may say how displays are."""
    rows = (*group.heads, *group.members)
    headers = {header for row in rows for header in row.unexplained}
    return bool(group.captions) or any(
        not is_display_setting(header, is_of_view=True) for header in headers - STATUS_HEADERS
    )


def _known(column: str, row: Entity, view: Entity, live: Sequence[Entity]) -> str:
    plugin = plugin_facts(row)
    shared = [display for display in live if is_shared(display)]
    if plugin and column in plugin.without.split("; "):
        return NOT_APPLICABLE
    sources = (row, *shared) if column != PATH else () if stated_path(row) else (row,)
    for source in sources:
        if (cell := setting_of(source, COLUMNS[column])) not in BLANK:
            is_bare = column == SHOWS and _FORMAT_ALONE.fullmatch(cell)
            return f"{cell}{_OF_FIELDS}" if is_bare else cell
    if column == PATH:
        return stated_path(row) or f"{plugin.place if plugin else ''} {OPEN}".lstrip()
    if column == LISTS:
        return "; ".join(_listed(row, view, shared)) or OPEN
    if column == SHOWS and plugin and plugin.shows:
        return _shown(plugin.shows.split("; "), stated_format(row))
    is_there = view.status is not Status.APPROVED and not is_shared(row)
    return _AS_DEFAULT if is_there and column in _INHERITED else OPEN


def _shown(parts: Sequence[str], stated: str) -> str:
    """Say the format that a path gives, then which parts of what a display shows are open."""
    known = f"{stated.upper()} by its path; " if stated else ""
    return f"{known}{joined(parts[1:] if stated else parts)}: {OPEN}"


def _listed(row: Entity, view: Entity, shared: Sequence[Entity]) -> Iterator[str]:
    """Say what a display lists by its base table and a filter by type."""
    table = base_table_of(view)
    cell = view.cell("Base table")
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
    for columns, same in group_by(rest, lambda of: of[1]).items():
        names = joined([marked_subject(display) for display, _ in same])
        parts += [f"{joined(columns)} of {names}"] if columns else []
    return "; ".join(parts)


@once_per_session
def form_rows(rows: GroupRows) -> Sequence[FormRow]:
    return form_of(rows.group)


@rule("views.items")
def items(head: Entity, _: GroupRows) -> bool:
    """Ask what becomes of the content of a type that goes."""
    has_items = head.bundle_type in {BundleType.CONTENT, BundleType.MEDIA}
    return has_items and not _KEEPING.search(note_of(head))


@rule("views.disabled")
def disabled(view: Entity, rows: GroupRows) -> bool:
    """Ask about a view to build whose status is Disabled."""
    return bool(form_rows(rows)) and is_disabled(view) and not _WAITING.search(note_of(view))


@rule("views.no_display")
def no_display(_: Entity, rows: GroupRows) -> bool:
    """Ask about a view none of whose displays is to be built."""
    displays = rows.group.members
    return bool(displays) and all(display.status in GONE for display in displays)


@rule("views.changed")
def changed(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what changes of a display whose row says nothing of it."""
    is_told = has_prose(display) or is_set(display) or changes_in(note_of(display))
    if display.status is Status.CHANGED and not is_told:
        yield question_about("views.changed", display, "X", quote="c", view=name_of(rows.head))


@rule("views.changed_alone")
def changed_alone(view: Entity, rows: GroupRows) -> bool:
    """Ask what changes of a view whose displays stay, where its row says nothing of it."""
    is_alone = all(display.status is Status.IMPLEMENTED for display in rows.group.members)
    is_silent = view.status is Status.CHANGED and not (has_prose(view) or changes_in(note_of(view)))
    return is_alone and is_silent


@rule("views.path_of_two")
def path_of_two(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which display keeps a path that two of one kind have, be one of a module that no row has."""
    if is_disabled(rows.head) or is_as_shipped(rows.head, rows.group.members):
        return
    path = stated_path(display)
    column = path_column(display)
    bearers = rows.index.displays_by_path.get((plugin_name(display), path), ())
    others = [other for other in bearers if other != display]
    brought = _shipped(rows)
    own = {each.machine_name for each in rows.group.members}
    alike = [n for n, paths in (brought.paths if brought else {}).items() if path in paths]
    installed = [f"{marked(name)} of the installed view" for name in alike if name not in own]
    if display in bearers and (others or installed):
        each = (f"{marked_subject(o)} of “{rows.index.owner_name(o)}”" for o in (display, *others))
        named = [*each, *installed]
        yield question_about(
            "views.path_of_two",
            display,
            column,
            others,
            quote=path,
            choices=named,
            disputes=column,
            path=marked(path),
            others=" and ".join(named[1:]),
        )


@rule("views.displays", "views.form")
def form(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the open cells of the form of a view; without rows for its displays, for these, too."""
    form_row = next(row for row in form_rows(rows) if row.display is display)
    if form_row.open_columns:
        kind = "views.displays" if display is rows.head else "views.form"
        is_noted = any(map(has_prose, (rows.head, *(row.display for row in form_rows(rows)))))
        yield question_about(
            kind,
            display,
            "Display plugin",
            view=name_of(rows.head),
            wanted=wanted_of(form_rows(rows)),
            noted=" The notes may say some of it." if is_noted else "",
        )


@rule("views.ids")
def ids(display: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask which items a filter names by IDs, which are content and differ from site to site."""
    column = setting_column(display, "filters")
    found = list(dict.fromkeys(_ID.findall(display.cell(column))))
    if found and display.status in TO_BUILD and not is_shared(display):
        yield question_about("views.ids", display, column, quote=found[0], ids=joined(found))


@once_per_session
def _shipped(rows: GroupRows) -> ShippedView | None:
    """Return the view of a module that new rows change or add to."""
    live = [display for display in rows.group.members if display.status not in GONE]
    is_adjusted = live and rows.is_new and not is_as_shipped(rows.head, live)
    return shipped_view(rows.head) if is_adjusted else None


@rule("views.shipped")
def shipped(view: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about displays that a module brings and no row has."""
    if brought := _shipped(rows):
        members = rows.group.members
        known = {display.machine_name for display in members}
        if missing := [name for name in brought.paths if name not in known]:
            yield question_about(
                "views.shipped",
                view,
                "Machine name",
                module=brought.module.label,
                name=marked(view.machine_name),
                displays=" and ".join(map(marked, missing)),
            )
