"""What the displays of a view list, show, filter and sort, for whom, and where they are placed.

Belongs here: the settings of a display with what it inherits, in the columns of the form of a view.
Does not: views and displays as rows (`site_entities`), what sheets of others call these columns
(`drupal/meaning/view_displays`).

Source: configuration schema of core views, block and layout_builder 9 to 11; Views Data Export.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from jira_pipeline.drupal.configuration.bundles import Bundles
from jira_pipeline.drupal.configuration.configuration import SiteConfiguration
from jira_pipeline.drupal.configuration.site import Settings, SiteCell
from jira_pipeline.drupal.configuration.spellings import plain, spellings
from jira_pipeline.model.grouped import grouped

_DEFAULT = "default"
_OF_ITEMS = re.compile(r"[a-z]{1,3}id|\w+_target_id")
"""Fields that hold the ID of an item; what has it is content, of which an export says nothing."""
_LANGUAGES = {
    "***LANGUAGE_language_content***": "language of the page",
    "***LANGUAGE_language_interface***": "language of the interface",
    "***LANGUAGE_site_default***": "language of the site",
}
"""Source: `PluginBase::listLanguages` of core views."""
Places = Mapping[str, str]
"""Where displays are used, by `VIEW-DISPLAY`."""


def places_of(configuration: SiteConfiguration) -> Places:
    """Return which blocks, layouts and fields use displays; of code and content nothing is known."""
    placed = grouped(_placed(configuration), lambda pair: pair[0].rpartition(":")[2])
    return {
        display: f"used in: {', '.join(dict.fromkeys(place for _, place in pairs))}"
        for display, pairs in placed.items()
    }


def _placed(configuration: SiteConfiguration) -> Iterator[tuple[str, str]]:
    """Yield plugins, views among them, each with a place."""
    for _, block in configuration.below("block.block"):
        if block.at("status").is_on:
            place = f"region {block.at('region').text} of {block.at('theme').text}"
            yield block.at("plugin").text, place
    for place, display in configuration.below("core.entity_view_display"):
        sections = display.at("third_party_settings", "layout_builder", "sections").children
        for _, section in sections:
            for _, component in section.at("components").children:
                yield component.at("configuration", "id").text, f"layout of {place}"
    for place, field in configuration.below("field.field"):
        view = field.at("settings", "handler_settings", "view")
        if view.is_there:
            yield f"{view.at('view_name').text}-{view.at('display_name').text}", f"field {place}"


def display_cells(
    view: Settings, display_id: str, *, listed: str, bundles: Bundles, place: str
) -> Iterator[tuple[str, SiteCell]]:
    """Yield the columns that say how a display works; none of one that only others inherit.

    Each has the place of its setting: what several displays inherit is one key.
    """
    displays = dict(view.at("display").children)
    if display_id == _DEFAULT and len(displays) > 1:
        return
    options = displays[display_id].at("display_options")

    def setting(name: str) -> Settings:
        own, inherits = options.at(name), options.at("defaults", name)
        is_own = inherits.is_there or own.data or display_id == _DEFAULT
        inherited = view.at("display", _DEFAULT, "display_options", name)
        return own if is_own and not inherits.is_on else inherited

    filters = [each for _, each in setting("filters").children]
    pager, path = setting("pager"), options.at("path")
    attached = ", ".join(name for name in options.at("displays").texts if name != "0")
    place = f"attached to {attached}" if attached else place
    arguments = [each for _, each in setting("arguments").children]
    sorts = [each for _, each in setting("sorts").children]
    count = pager.at("options", "items_per_page").text
    address = f"/{path.text.lstrip('/')}" if path.text else ""
    filtered = [*_filters(filters, setting("filter_groups")), *map(_contextual, arguments)]
    for column, where, text, *values in (
        ("Lists", setting("filters"), _listed(listed, filters, bundles)),
        ("Shows", *_shown(setting("style"), setting("row"), setting("fields"))),
        ("Path or place", path, "" if address else place, address),
        ("Filters", setting("filters"), "; ".join(filtered) or "None"),
        ("Sort", setting("sorts"), "; ".join(map(_sort, sorts)) or "None"),
        ("Items per page", pager, _items(pager), count),
        ("Access", setting("access"), _access(setting("access"))),
        ("When empty", setting("empty"), _empty(setting("empty"))),
    ):
        yield column, SiteCell(text=text, values=tuple(filter(None, values)), yaml=where.place)


def _listed(what: str, filters: list[Settings], bundles: Bundles) -> str:
    """Say what a view lists by its base table, with the types that a filter leaves."""
    for each in filters:
        if each.at("plugin_id").text == "bundle" and not each.at("exposed").is_on:
            names = ((each.at("entity_type").text, name) for name in each.at("value").texts)
            titles = (bundles[key].title if key in bundles else key[1] for key in names)
            but = "all but " * each.at("operator").text.startswith("not")
            return f"{what}: {but}{', '.join(titles)}"
    return what


def _shown(style: Settings, row: Settings, fields: Settings) -> tuple[Settings, str]:
    kind, shown = style.at("type").text or _DEFAULT, row.at("type").text
    formats = ", ".join(style.at("options", "formats").texts)
    name = spellings().view_formats.get(kind, kind) + (f" ({formats})" if formats else "")
    labels = [
        plain(each.at("label").text) or each.at("field").text
        for _, each in fields.children
        if not each.at("exclude").is_on
    ]
    mode = row.at("options", "view_mode").text
    what = f"view mode {mode}" if mode else ", ".join(labels) or shown or "no fields"
    return row if mode else fields if labels else style, f"{name}: {what}"


def _field(each: Settings) -> str:
    return each.at("field").text or each.at("id").text


def _filters(filters: list[Settings], groups: Settings) -> Iterator[str]:
    """Yield what has to hold together; of what need not, all of it as one."""
    by_group = grouped(filters, lambda each: each.at("group").text or "1")
    words = {number: word.text for number, word in groups.at("groups").children}
    sides = []
    for number, some in by_group.items():
        is_any = words.get(number) == "OR" and len(some) > 1
        said = [*map(_filter, some)]
        sides.append([f"any of: {' or '.join(said)}"] if is_any else said)
    if groups.at("operator").text == "OR" and len(sides) > 1:
        yield f"any of: {' or '.join(' and '.join(side) for side in sides)}"
    else:
        yield from chain.from_iterable(sides)


def _filter(each: Settings) -> str:
    name, value = _field(each), each.at("value")
    if each.at("exposed").is_on:
        return f"{name} (set by users)"
    between = [value.at(end).text for end in ("min", "max")]
    given = [value.at("value").text] if value.at("value").is_there else [value.text, *value.texts]
    texts = [" and ".join(between)] if all(between) else given
    texts = [_LANGUAGES.get(one, one) for one in texts if one]
    if texts and all(one.isdecimal() and one != "0" for one in texts) and _OF_ITEMS.fullmatch(name):
        of = f" of {vocabulary}" if (vocabulary := each.at("vid").text) else ""
        texts = [f"ID {', '.join(texts)}{of}"]
    operator = each.at("operator").text
    if not texts and operator in {"", "="}:
        operator = "on"
    return f"{name} ({' '.join(filter(None, [operator, ', '.join(texts)]))})"


def _contextual(each: Settings) -> str:
    source = each.at("default_argument_type").text
    is_given = each.at("default_action").text == "default" and source
    return f"contextual {_field(each)}" + (f" (from {source})" if is_given else "")


def _sort(each: Settings) -> str:
    return f"{_field(each)} ({each.at('order').text.casefold() or 'asc'})"


def _items(pager: Settings) -> str:
    kind, count = pager.at("type").text or "full", pager.at("options", "items_per_page").text
    if kind == "none" or count == "0":
        return "All"
    return count if kind == "some" else f"{count} ({kind} pager)".strip()


def _access(access: Settings) -> str:
    kind, options = access.at("type").text or "none", access.at("options")
    granted = options.at("perm").text or ", ".join(options.at("role").texts)
    words = {"perm": "permission", "role": "roles"}.get(kind, kind)
    return "Everybody" if kind == "none" else f"{words} {granted}".strip()


def _empty(areas: Settings) -> str:
    texts = (
        plain(each.at("content", "value").text or each.at("content").text or each.at("title").text)
        or each.at("plugin_id").text
        for _, each in areas.children
    )
    return "; ".join(texts) or "Nothing"
