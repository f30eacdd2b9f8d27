"""What the cells of a view and its displays say: settings, kind, path, and what a module ships.

A view whose own row gives such settings, in a specification without a sheet of displays, is its
one display.

Belongs here: the documented meaning of columns, and the shape `Path: /x` of a note. Does not: what
is to be known of a display (`view_forms`), facts of Drupal (`drupal_views`).
"""

import re
from collections.abc import Mapping, Sequence

from jira_pipeline.domain.drupal_views import (
    BaseTable,
    DisplayPlugin,
    ShippedView,
    view_facts,
)
from jira_pipeline.domain.entities import NOTE_COLUMNS, Entity, EntityKind, Specification, Status
from jira_pipeline.domain.lexicon import lexicon, word_list
from jira_pipeline.domain.note_sentences import items_of, sentences_of
from jira_pipeline.domain.note_shapes import is_shapes_only, path_in

GONE = frozenset({Status.DELETED, Status.WAITING})
_DEFAULT_NAME = re.compile(r"([a-z_]+)_\d+")
"""What Drupal calls a display of a kind: `page_1`."""
_SEARCH_INDEX = re.compile(r"(?:Index |search_api_index_)(.+)", re.IGNORECASE)
"""What Search API calls the base table of an index."""
_PLACEHOLDER = re.compile(r"(?<=/)%\w*")


def is_display_setting(header: str) -> bool:
    """Tell whether a header is one that other teams give a setting of displays."""
    return any(header.casefold() in headers for headers in lexicon().display_columns.values())


def setting_column(display: Entity, setting: str) -> str:
    """Return the column that says something of one setting of a display; empty where none does."""
    headers = lexicon().display_columns[setting]
    return next(
        (column for column, cell in display.cells.items() if cell and column.casefold() in headers),
        "",
    )


def has_setting_column(display: Entity, setting: str) -> bool:
    """Tell whether the sheet of a display has a column for a setting."""
    headers = lexicon().display_columns[setting]
    return any(column.casefold() in headers for column in display.cells)


def setting_of(display: Entity, setting: str) -> str:
    """Return what a column says of one setting of a display; empty where no column does."""
    return display.cells.get(setting_column(display, setting), "")


def is_set(display: Entity) -> bool:
    """Tell whether a column gives any setting but the path of a display."""
    return any(
        setting_of(display, s) not in {"", "-"} for s in lexicon().display_columns if s != "path"
    )


def plugin_name(display: Entity) -> str:
    """Return Drupal's name of the kind of a display, such as `rest_export`; empty if unknown.

    Of a view that is its one display it is the first kind that its row names.
    """
    if display.kind is EntityKind.VIEW:
        kinds = items_of(setting_of(display, "displays"))
        plugin = kinds[0] if kinds else "page" if stated_path(display) else ""
    else:
        plugin = display.cell("Display plugin")
    if not plugin and (match := _DEFAULT_NAME.fullmatch(display.machine_name)):
        plugin = match[1]
    name = re.sub(r"[\W_]+", "_", plugin.casefold()).strip("_")
    return "default" if name in lexicon().shared_displays else name


def plugin_facts(display: Entity) -> DisplayPlugin | None:
    """Return what is known of the kind of a display."""
    return view_facts().displays.get(plugin_name(display))


def stated_path(display: Entity) -> str:
    """Return the path of a display with its first slash: from a column, or a line of its note."""
    cell = setting_of(display, "path")
    if cell not in {"", "-"}:
        of_plugin = display.kind is EntityKind.VIEW or (
            (facts := plugin_facts(display)) is not None and facts.has_path
        )
        is_path = not re.search(r"\s", cell) and (cell.startswith("/") or of_plugin)
        return f"/{cell.lstrip('/')}" if is_path else ""
    return path_in(display.note)


def path_column(display: Entity) -> str:
    """Return the column that gives the path of a display."""
    columns = (column for column in NOTE_COLUMNS if path_in(display.cell(column)))
    return setting_column(display, "path") or next(columns, "")


def placeholders_in(path: str) -> tuple[str, ...]:
    """Return the parts of a path that a value stands for, such as `%node`."""
    return tuple(_PLACEHOLDER.findall(path))


def has_prose(row: Entity) -> bool:
    """Tell whether the note of a row says more than its path."""
    return not is_shapes_only(row.note)


def is_shared(display: Entity) -> bool:
    """Tell whether a display only holds what the others inherit; Drupal never renders it."""
    return plugin_name(display) == "default"


def base_table_of(view: Entity) -> BaseTable | None:
    """Return what is known of the base table of a view."""
    return view_facts().base_tables.get(view.cell("Base table").casefold())


def search_index_of(view: Entity) -> str:
    """Return the search index that a view lists; empty where it lists none."""
    match = _SEARCH_INDEX.fullmatch(view.cell("Base table"))
    return match[1] if match else ""


def is_disabled(view: Entity) -> bool:
    """Tell whether the row of a view says that it is disabled."""
    return view.cell("Status").casefold() == "disabled"


def shipped_view(view: Entity) -> ShippedView | None:
    """Return the view of this machine name and base table that a module brings."""
    shipped = view_facts().views.get(view.machine_name)
    table = base_table_of(view)
    is_same = shipped and (
        not view.cell("Base table") or (table and table.name == shipped.base_table)
    )
    return shipped if is_same else None


def is_display_as_shipped(display: Entity, shipped: ShippedView) -> bool:
    """Tell whether a module brings a display and nothing in its row asks for a change."""
    if display.status not in {Status.APPROVED, Status.IMPLEMENTED} or has_prose(display):
        return False
    if is_set(display):
        return False
    if is_shared(display):
        return True
    paths = shipped.paths.get(display.machine_name)
    return paths is not None and stated_path(display) in {"", *paths}


def is_as_shipped(view: Entity, displays: Sequence[Entity]) -> bool:
    """Tell whether a module brings a view with these displays and nothing in its rows changes it."""
    shipped = shipped_view(view)
    if shipped is None or not displays or has_prose(view) or is_set(view):
        return False
    shown = {display.machine_name for display in displays if not is_shared(display)}
    has_its_status = not view.cell("Status") or is_disabled(view) is not shipped.is_enabled
    return (
        view.status in {Status.APPROVED, Status.IMPLEMENTED}
        and has_its_status
        and shown == set(shipped.paths)
        and all(is_display_as_shipped(display, shipped) for display in displays)
    )


def displays_by_path(
    specification: Specification,
) -> Mapping[tuple[str, str], Sequence[Entity]]:
    """Return the displays to stay or to come of enabled views, by kind and path."""
    found: dict[tuple[str, str], list[Entity]] = {}
    for display in specification.by_kind[EntityKind.VIEW_DISPLAY]:
        owners = specification.by_key.get(display.owner_key or "", ())[:1]
        if (path := stated_path(display)) and not any(
            row.status in GONE or is_disabled(row) for row in (display, *owners)
        ):
            found.setdefault((plugin_name(display), path), []).append(display)
    return found


# Read notes; go with the writers and questions that use them.

_PATH = re.compile(
    r"(?<![\w/:.<])/(?!>)[\w%{\[][\w%{}\[\]:./-]*[\w%}\]]|(?<![\w/:.<])/[\w%](?=\W|$)"
)
"""A path that a note states, such as `/news/archive`; addresses of other sites are none."""
_NAMED_PATH = re.compile(
    r"\b(?:path|url|address)\b:? *[\"'“`]?([\w-]+(?:/[\w%-]+)+)", re.IGNORECASE
)
"""The same without its first slash: `URL: news/archive`."""
_PATH_FIRST = re.compile(r"(?<![\w/%-])([a-z][\w-]*(?:/[\w%-]+)+)(?=\s|[.,;]|$)")
"""A note that begins with a path: `admin/reports/late - newest first`."""

_LABELLED_PATH = re.compile(
    r"(?:(?P<before>\w[\w -]*): *)?(?P<path>/\S*?)(?: *\((?P<after>[^()]+)\))?"
)
"""One of several paths of a cell: `/berths (free)`, `archive: /berths/archive`."""
_WITH_PATH = re.compile(r"(?:page|feed)\b", re.IGNORECASE)


def plugin_of(display: Entity) -> str:
    """Return the kind of a display in lower case, such as `page`; its machine name helps out.

    Of a view that is its one display it is the first kind that its row names.
    """
    if display.kind is EntityKind.VIEW:
        kinds = re.findall("[a-z]+", setting_of(display, "displays").casefold())
        return kinds[0] if kinds else "page" if setting_of(display, "path") else ""
    plugin = display.cell("Display plugin").casefold()
    if plugin:
        return plugin
    return display.machine_name.partition("_")[0].casefold()


def is_read_by_programs(display: Entity) -> bool:
    """Tell whether a display is an export or a feed, which no person looks at."""
    return set(re.findall(r"[a-z]+", plugin_of(display))) <= word_list("machine_displays")


def is_of_core(view: Entity) -> bool:
    """Tell whether Drupal installs a view of this machine name by itself."""
    return view.machine_name in word_list("core_views")


def path_of(display: Entity) -> str:
    """Return the first path of a display with its first slash: from a column, else from its note."""
    if setting_of(display, "path") not in {"", "-"}:
        return next((path for path, _ in paths_of(display)), "")
    if plugin_of(display) not in {"page", "feed"}:
        return ""
    if found := _PATH.search(display.note):
        return found.group()
    note = display.note
    named = _NAMED_PATH.search(note) or _PATH_FIRST.match(note)
    return f"/{named[1]}" if named else ""


def paths_of(display: Entity) -> list[tuple[str, str]]:
    """Return every path of a cell, each with what it opens: the label beside it, else its display.

    None where the cell holds anything but paths; a display where the cell of the displays names as
    many pages and feeds as there are paths.
    """
    cell = setting_of(display, "path")
    if cell and not re.search(r"\s", cell) and not re.search(r"[,;]/", cell):
        return [(f"/{cell.lstrip('/')}", "")] if cell != "-" else []
    found = [_LABELLED_PATH.fullmatch(item) for item in items_of(cell)]
    matches = [match for match in found if match]
    if len(matches) < len(found):
        return []
    rendered = [d for d in items_of(setting_of(display, "displays")) if _WITH_PATH.match(d)]
    shown = rendered if len(rendered) == len(matches) > 1 else [""] * len(matches)
    return [
        (match["path"], match["before"] or match["after"] or opened)
        for match, opened in zip(matches, shown, strict=True)
    ]


def is_for_administrators(display: Entity) -> bool:
    """Tell whether a display is for people who run the site, by its path, a page by its words too."""
    if path_of(display).startswith("/admin"):
        return True
    if plugin_of(display) != "page":
        return False
    words = f"{display.label} {display.machine_name.replace('_', ' ')}"
    if setting_of(display, "path") in {"", "-"}:  # a path tells, a note speaks of the backend too
        words += f" {display.cell('Notes')}"
    return bool(lexicon().admin.search(words))


_IN_BRACKETS = re.compile(r"\([^()]*\)")
_ACCESS = re.compile(
    r"^\W*access\b|^[\w ]{3,40} only\W*$|^only (?:for )?(?:the )?[\w ,]{3,60}\W*$"
    r"|^(?:visible )?(?:for|to) (?:the )?[\w ,]{3,60}\W*$",
    re.IGNORECASE,
)
_LAST_ACCESS = re.compile(r"(?:^|[,;] *)((?:access|roles?)\b:? +[^,;]+?)\W*$", re.IGNORECASE)
"""Who may see it, as the last of some settings: `/admin/people, role Registrar`."""
_PLACE_WORDS = re.compile(
    r"\([^()]*\)|\b(?:path|url|address|page|block|feed|on|at|in|of|the|a|is|it)\b", re.IGNORECASE
)


def access_of(display: Entity) -> str:
    """Return who may see a display or view: from a column, else the sentence that says so."""
    sentences = sentences_of(display.note)
    whole = (s for s in sentences if _ACCESS.search(s))
    last = (match[1] for s in sentences if (match := _LAST_ACCESS.search(s)))
    return setting_of(display, "access") or next(whole, "") or next(last, "")


_WHERE = re.compile(
    r"(?:at|on|in|under|below|above|beside|placed|shown|used|appears)\b\W*(?:\w+\W+){0,6}?"
    r"(?:pages?|site|home ?page|footer|header|sidebar|region|menu|column|dashboard)\W*"
    r"|(?:the )?(?:(?:home|front) ?page|sidebar|footer|header)\W*",
    re.IGNORECASE,
)
"""A few words that end with a place: `in the footer of every page`."""


def is_place(sentence: str) -> bool:
    """Tell whether a sentence says where a display is found and nothing else."""
    where = _WHERE.fullmatch(_IN_BRACKETS.sub(" ", sentence).strip())
    return where is not None or is_path_only(sentence)


def is_path_only(sentence: str) -> bool:
    """Tell whether a sentence says at which path a display is found and nothing else."""
    rest = _NAMED_PATH.sub(" ", _PATH_FIRST.sub(" ", _PATH.sub(" ", sentence)))
    return rest != sentence and not re.search(r"\w", _PLACE_WORDS.sub(" ", rest))


def silent_displays(view: Entity, displays: Sequence[Entity]) -> list[Entity]:
    """Return the displays of which nothing says what they show, nor what they inherit."""
    if not is_of_core(view) and view.note:
        return []
    if any(is_shared(d) and says_what_it_shows(d) for d in displays):
        return []
    return [d for d in displays if not is_shared(d) and not says_what_it_shows(d)]


def says_what_it_shows(display: Entity) -> bool:
    """Tell whether a note or a column says what a display shows; where it is found is not enough."""
    settings = ("format", "filters", "sort", "pager", "empty")
    return any(setting_of(display, name) for name in settings) or not all(
        map(is_place, sentences_of(display.note))
    )
