"""What Drupal and modules bring to views, by `modules.toml`, and what the cells of views say.

A view whose own row gives settings of displays, in a specification without their sheet, is its one
display.

Belongs here: the facts, the documented meaning of columns, and the shape `Path: /x` of a note. Does
not: what is to be known of a display (`tickets/questions/questions_of_views`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from jira_pipeline.drupal.meaning.modules_and_types import Module, bringing
from jira_pipeline.drupal.meaning.notes import is_shapes_only, items_of, lexicon, path_in, word_list
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.model.columns import BLANK, NOTE_COLUMNS
from jira_pipeline.model.entities import BundleType, Entity, EntityKind, Specification, Status

_DEFAULT_NAME = re.compile(r"([a-z_]+)_\d+")
"""What Drupal calls a display of a kind: `page_1`."""
_SEARCH_INDEX = re.compile(r"(?i)(?:Index |search_api_index_)(.+)")
"""What Search API calls the base table of an index."""
_FILE = re.compile(r"[./_-](csv|json|xml|xlsx?)$")
_EXPORTS = frozenset({"data_export", "rest_export"})
_UNCHANGED = re.compile(r"(?i)[^.]*\b(?:unchanged|not change|no changes?)\b[^.]*\.?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedView:
    """A view that comes with a module."""

    module: Module
    base_table: str
    is_enabled: bool = True
    displays: Mapping[str, str]
    """The path of each by its machine name; empty of one without."""
    tabs: Mapping[str, str] = field(default_factory=dict)
    """The path that a display has as the default tab of a menu."""

    @property
    def paths(self) -> Mapping[str, tuple[str, ...]]:
        """The paths that may be said of each display; none of one without."""
        every = {name: (path, self.tabs.get(name, "")) for name, path in self.displays.items()}
        return {name: tuple(filter(None, paths)) for name, paths in every.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseTable:
    """What a view lists."""

    name: str
    called: str = ""
    """What the sheets call it, joined by `; `."""
    lists: str
    """In the plural: `content`, `user accounts`."""
    kinds: str = ""
    """What the items are divided into, in the plural; empty where they are not."""
    is_of_revisions: bool = False
    module: Module


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayPlugin:
    one: str
    """With its article: `a page`."""
    many: str
    has_path: bool = False
    place: str = ""
    """The words before its place: `placed in`; empty of one with a path."""
    shows: str = ""
    """What is to be known of what it shows, where that is not fields or a view mode."""
    without: str = ""
    """Columns of the form that it has nothing for, joined by `; `."""
    module: Module


@cache
def shipped_views() -> Mapping[str, ShippedView]:
    """Return the views that modules bring, by name."""
    views = bringing("views").items()
    return {name: ShippedView(module=module, **module.views[name]) for name, module in views}


@cache
def base_tables() -> Mapping[str, BaseTable]:
    """Return what views list, by name, and by what the sheets call it, in lower case."""
    found = bringing("tables").items()
    tables = {name: BaseTable(name=name, module=m, **m.tables[name]) for name, m in found}
    called = {c.casefold(): table for table in tables.values() for c in table.called.split("; ")}
    return {**{name: table for name, table in called.items() if name}, **tables}


@cache
def display_plugins() -> Mapping[str, DisplayPlugin]:
    found = bringing("displays").items()
    return {name: DisplayPlugin(module=module, **module.displays[name]) for name, module in found}


@cache
def display_columns(part: str = "columns") -> Mapping[str, Sequence[str]]:
    """Return headers in lower case, by the setting of a display they hold.

    Those that are `near` may be of anything, and are of that setting in a sheet of views.
    """
    columns = lexicon()["display_settings"][part].items()
    return {setting: headers.split("; ") for setting, headers in columns}


def is_display_setting(header: str, *, is_of_view: bool = False) -> bool:
    """Tell whether a header is one that other teams give a setting of displays."""
    near = display_columns("near").values() if is_of_view else ()
    names = {header.casefold(), *(_parts_of(header) if is_of_view else ())}
    return any(not names.isdisjoint(each) for each in (*display_columns().values(), *near))


def _parts_of(header: str) -> list[str]:
    """Return what a header says in several words, in lower case: `Path / place`, `Where (region)`."""
    return [part.strip(" )") for part in re.split("[/(]", header.casefold())]


def setting_column(display: Entity, setting: str) -> str:
    """Return the column that says something of one setting of a display; empty where none does.

    A header that may be of anything counts last.
    """
    columns = [column for column, cell in reversed([*display.cells.items()]) if cell]
    filled = {part: column for column in columns for part in _parts_of(column)}
    filled |= {column.casefold(): column for column in columns}
    headers = [*display_columns()[setting], *display_columns("near").get(setting, ())]
    if setting == "format":  # `As` goes before `Shows`, which is what it lists beside that
        headers.reverse()
    column = next((filled[header] for header in headers if header in filled), "")
    return column if setting != "lists" or column != setting_column(display, "format") else ""


def setting_of(display: Entity, setting: str) -> str:
    """Return what a column says of one setting of a display; empty where no column does."""
    return display.cells.get(setting_column(display, setting), "")


def is_set(display: Entity) -> bool:
    """Tell whether a column gives any setting but the path of a display."""
    return any(setting_of(display, s) not in BLANK for s in display_columns() if s != "path")


def plugin_name(display: Entity) -> str:
    """Return Drupal's name of the (first) kind of a display, as `rest_export`; empty if unknown."""
    if display.kind is EntityKind.VIEW:
        kinds = items_of(setting_of(display, "displays"))
        plugin = kinds[0] if kinds else "page" if stated_path(display) else ""
    else:
        plugin = display.cell("Display plugin")
    if not plugin and (match := _DEFAULT_NAME.fullmatch(display.machine_name)):
        plugin = match[1]
    name = re.sub(r"[\W_]+", "_", plugin.casefold()).strip("_")
    return "default" if name in word_list("shared_displays") else name


def plugin_facts(display: Entity) -> DisplayPlugin | None:
    return display_plugins().get(plugin_name(display))


def stated_path(display: Entity) -> str:
    """Return the path of a display with its first slash: from a column, or a line of its note."""
    cell = setting_of(display, "path")
    if cell in BLANK:
        return path_in(note_of(display))
    plugin = None if display.kind is EntityKind.VIEW else plugin_facts(display)
    has_path = plugin.has_path if plugin else display.kind is EntityKind.VIEW
    is_path = not re.search(r"\s", cell) and (cell.startswith("/") or has_path)
    return f"/{cell.lstrip('/')}" if is_path else ""


def stated_format(display: Entity) -> str:
    """Return the format of the file that an export writes, by the end of its path: `csv`."""
    match = _FILE.search(stated_path(display))
    return match[1] if match and plugin_name(display) in _EXPORTS else ""


def path_column(display: Entity) -> str:
    columns = (column for column in NOTE_COLUMNS if path_in(display.cell(column)))
    return setting_column(display, "path") or next(columns, "")


def has_prose(row: Entity) -> bool:
    """Tell whether the note of a row says more than its path, or that nothing changes."""
    return not is_shapes_only(note_of(row)) and not _UNCHANGED.fullmatch(note_of(row))


def is_shared(display: Entity) -> bool:
    """Tell whether a display only holds what the others inherit; Drupal never renders it."""
    return plugin_name(display) == "default"


def base_table_of(view: Entity) -> BaseTable | None:
    return base_tables().get(view.cell("Base table").casefold())


def type_named_by(view: Entity, specification: Specification) -> Entity | None:
    """Return the content type that a view of content has the machine name of, or the plural of."""
    if view.cell("Base table").casefold() != "content":
        return None
    names = (view.machine_name, view.machine_name.removesuffix("s"))
    keys = (f"bundle:{BundleType.CONTENT}/{name}" for name in names)
    return next((row for key in keys for row in specification.first_of(key)), None)


def search_index_of(view: Entity) -> str:
    """Return the search index that a view lists; empty where it lists none."""
    match = _SEARCH_INDEX.fullmatch(view.cell("Base table"))
    return match[1] if match else ""


def is_disabled(view: Entity) -> bool:
    return view.flag("Status") is False


def shipped_view(view: Entity) -> ShippedView | None:
    """Return the view of this machine name and base table that a module brings."""
    shipped = shipped_views().get(view.machine_name)
    table = base_table_of(view)
    is_same = shipped and table and table.name == shipped.base_table
    return shipped if is_same or not view.cell("Base table") else None


def _is_unchanged(row: Entity) -> bool:
    is_kept = row.status in {Status.APPROVED, Status.IMPLEMENTED}
    return is_kept and not has_prose(row) and not is_set(row)


def is_display_as_shipped(display: Entity, shipped: ShippedView) -> bool:
    """Tell whether a module brings a display and nothing in its row asks for a change."""
    paths = shipped.paths.get(display.machine_name)
    is_path_same = paths is not None and stated_path(display) in {"", *paths}
    return _is_unchanged(display) and (is_shared(display) or is_path_same)


def is_as_shipped(view: Entity, displays: Sequence[Entity]) -> bool:
    """Tell whether a module brings a view with these displays and nothing in its rows changes it."""
    shipped = shipped_view(view)
    if shipped is None or not displays or not _is_unchanged(view):
        return False
    shown = {display.machine_name for display in displays if not is_shared(display)}
    is_same = view.flag("Status") in {None, shipped.is_enabled} and shown == set(shipped.paths)
    return is_same and all(is_display_as_shipped(display, shipped) for display in displays)
