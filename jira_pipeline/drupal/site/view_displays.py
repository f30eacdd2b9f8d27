"""How a display of a view works: what it lists, shows, filters and sorts, for whom.

Does not belong here: views (`views`), where displays are used (`view_places`).

Source: configuration schema of core views 9 to 11; Views Data Export, Flag 8.x-4.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from jira_pipeline.drupal.site.bundles import Bundles
from jira_pipeline.drupal.site.site_cells import Settings, SiteCell, plain, word_for
from jira_pipeline.model.grouped import group_by

_DEFAULT = "default"
_OF_ITEMS = re.compile(r"[a-z]{1,3}id|\w+_target_id")
"""Fields that hold the ID of an item; what has it is content, of which an export says nothing."""
_REACHED_BY_PATH = frozenset({"page", "feed", "rest_export", "data_export", "excel_export"})
"""Displays that nothing places. Source: core `PathPluginBase`; Views Data Export, Excel Serialization."""
_LANGUAGES = {
    "***LANGUAGE_language_content***": "language of the page",
    "***LANGUAGE_language_interface***": "language of the interface",
    "***LANGUAGE_site_default***": "language of the site",
}
"""Source: `PluginBase::listLanguages` of core views."""


class _Display:
    """The settings of a display: its own, else those it inherits."""

    def __init__(self, view: Settings, display_id: str) -> None:
        self._display_id = display_id
        self._inherited = view.at("display", _DEFAULT, "display_options")
        self.options = view.at("display", display_id, "display_options")
        self.plugin = view.at("display", display_id, "display_plugin").text

    def setting(self, name: str) -> Settings:
        """Return a setting with the place where it is: what several inherit is one key."""
        own = self.options.at(name)
        inherits = self.options.at("defaults", name)
        is_stated = inherits.is_there or own.data or self._display_id == _DEFAULT
        return own if is_stated and not inherits.is_on else self._inherited.at(name)

    def parts(self, name: str) -> list[Settings]:
        """Return the parts of a setting, such as each filter, in their order."""
        return [part for _, part in self.setting(name).children]


def display_cells(
    view: Settings, display_id: str, *, listed: str, bundles: Bundles, place: str
) -> dict[str, SiteCell]:
    """Return the columns that say how a display works; none of one that only others inherit."""
    all_displays = [name for name, _ in view.at("display").children]
    if display_id == _DEFAULT and len(all_displays) > 1:
        return {}
    display = _Display(view, display_id)
    filters = display.setting("filters")
    sorts = display.setting("sorts")
    access = display.setting("access")
    empty = display.setting("empty")
    what = _listed(listed, display.parts("filters"), bundles)
    return {
        "Lists": _cell(filters, what),
        "Shows": _shown(display),
        "Path or place": _path_or_place(display, place),
        "Filters": _filters(display),
        "Sort": _cell(sorts, _sorted_by(display)),
        "Items per page": _items(display.setting("pager")),
        "Access": _cell(access, _access(access)),
        "When empty": _cell(empty, _empty(display.parts("empty"))),
    }


def _cell(setting: Settings, text: str, value: str = "") -> SiteCell:
    return SiteCell(text=text, values=(value,) if value else (), yaml=setting.place)


def _path_or_place(display: _Display, place: str) -> SiteCell:
    """Return the path of a display as a value; what has none is attached to others, or placed.

    Of one that is reached by a path alone, and has none, nobody knows what it is for.
    """
    path = display.options.at("path")
    if path.text:
        return _cell(path, "", f"/{path.text.lstrip('/')}")
    if display.plugin in _REACHED_BY_PATH:
        return _cell(path, "")
    attached = display.options.at("displays").ticked
    return _cell(path, f"attached to {', '.join(attached)}" if attached else place)


def _filters(display: _Display) -> SiteCell:
    """Return the filters; what sheets of earlier versions have of flags is among the values."""
    place = display.setting("filters")
    flags = _flags(display)
    if not flags:
        return _cell(place, _filtered(display, flags))
    return _cell(place, _filtered(display, flags), _filtered(display, {}))


def _flags(display: _Display) -> Mapping[str, str]:
    """Return by relationship the flag of the Flag module that it leads to."""
    flags = {}
    for name, relationship in display.setting("relationships").children:
        flag = relationship.at("flag").text
        if flag:
            flags[name] = flag
    return flags


def _filtered(display: _Display, flags: Mapping[str, str]) -> str:
    groups = display.setting("filter_groups")
    filters = [*_conditions(display.parts("filters"), groups, flags)]
    filters += [_contextual(argument, flags) for argument in display.parts("arguments")]
    return "; ".join(filters) or "None"


def _sorted_by(display: _Display) -> str:
    sorts = []
    for criterion in display.parts("sorts"):
        order = criterion.at("order").text.casefold() or "asc"
        sorts.append(f"{_field_of(criterion)} ({order})")
    return "; ".join(sorts) or "None"


def _listed(what: str, filters: Sequence[Settings], bundles: Bundles) -> str:
    """Say what a view lists by its base table, with the types that a filter leaves."""
    for condition in filters:
        if condition.at("plugin_id").text != "bundle" or condition.at("exposed").is_on:
            continue
        entity_type = condition.at("entity_type").text
        titles = []
        for name in condition.at("value").texts:
            bundle = bundles.get((entity_type, name))
            titles.append(name if bundle is None else bundle.title)
        is_negated = condition.at("operator").text.startswith("not")
        but = "all but " if is_negated else ""
        return f"{what}: {but}{', '.join(titles)}"
    return what


def _shown(display: _Display) -> SiteCell:
    """Say how items are shown, and that pages, filters and sorts come without a new page.

    What sheets of earlier versions have is among the values.
    """
    shown = _items_shown(display)
    if not display.setting("use_ajax").is_on:
        return shown
    return replace(shown, text=f"{shown.text}; with AJAX", values=(shown.text,))


def _items_shown(display: _Display) -> SiteCell:
    """Say in which format items are shown, and which view mode, fields or row of it."""
    style = display.setting("style")
    row = display.setting("row")
    name = word_for("view_formats", style.at("type").text or _DEFAULT)
    formats = ", ".join(style.at("options", "formats").texts)
    if formats:
        name = f"{name} ({formats})"
    mode = row.at("options", "view_mode").text
    if mode:
        return _cell(row, f"{name}: view mode {mode}")
    labels = _labels_of_fields(display.parts("fields"))
    if labels:
        return _cell(display.setting("fields"), f"{name}: {', '.join(labels)}")
    return _cell(style, f"{name}: {row.at('type').text or 'no fields'}")


def _labels_of_fields(fields: Sequence[Settings]) -> list[str]:
    labels = []
    for field in fields:
        if not field.at("exclude").is_on:
            labels.append(plain(field.at("label").text) or field.at("field").text)
    return labels


def _field_of(part: Settings) -> str:
    return part.at("field").text or part.at("id").text


def _conditions(
    filters: Sequence[Settings], groups: Settings, flags: Mapping[str, str]
) -> Iterator[str]:
    """Yield what has to hold together; of what need not, all of it as one."""
    operators = {number: operator.text for number, operator in groups.at("groups").children}
    sides: list[list[str]] = []
    for number, some in group_by(filters, lambda each: each.at("group").text or "1").items():
        conditions = [_condition(condition, flags) for condition in some]
        if operators.get(number) == "OR" and len(conditions) > 1:
            conditions = [f"any of: {' or '.join(conditions)}"]
        sides.append(conditions)
    if groups.at("operator").text == "OR" and len(sides) > 1:
        yield f"any of: {' or '.join(' and '.join(side) for side in sides)}"
    else:
        yield from chain.from_iterable(sides)


def _condition(condition: Settings, flags: Mapping[str, str]) -> str:
    """Write one filter: `status (= 1)`, `title (set by users)`, `field_place (ID 4 of places)`.

    Of a flag it says which one: `flagged (= 1, flag archived)`.
    """
    name = _field_of(condition)
    of_flag = _flag_noted(condition, flags)
    if condition.at("exposed").is_on:
        return f"{name} (set by users{of_flag})"
    values = [_LANGUAGES.get(text, text) for text in _values_of(condition.at("value"))]
    if values and _OF_ITEMS.fullmatch(name) and all(map(_is_id, values)):
        vocabulary = condition.at("vid").text
        of_vocabulary = f" of {vocabulary}" if vocabulary else ""
        values = [f"ID {', '.join(values)}{of_vocabulary}"]
    operator = condition.at("operator").text
    if not values and operator in {"", "="}:
        operator = "on"
    compared = f"{operator} {', '.join(values)}".strip()
    return f"{name} ({compared}{of_flag})"


def _flag_noted(part: Settings, flags: Mapping[str, str]) -> str:
    flag = flags.get(part.at("relationship").text)
    return f", flag {flag}" if flag else ""


def _values_of(value: Settings) -> list[str]:
    """Return what a filter compares with: a range, a single value, or several."""
    least = value.at("min").text
    most = value.at("max").text
    if least and most:
        return [f"{least} and {most}"]
    single = value.at("value")
    texts = [single.text] if single.is_there else [value.text, *value.texts]
    return [text for text in texts if text]


def _is_id(text: str) -> bool:
    return text.isdecimal() and text != "0"


def _contextual(argument: Settings, flags: Mapping[str, str]) -> str:
    source = argument.at("default_argument_type").text
    is_given = argument.at("default_action").text == "default" and source
    name = f"contextual {_field_of(argument)}{_flag_noted(argument, flags)}"
    return f"{name} (from {source})" if is_given else name


def _items(pager: Settings) -> SiteCell:
    kind = pager.at("type").text or "full"
    count = pager.at("options", "items_per_page").text
    text = f"{count} ({kind} pager)".strip()
    if kind == "none" or count == "0":
        text = "All"
    elif kind == "some":
        text = count
    return _cell(pager, text, count)


def _access(access: Settings) -> str:
    kind = access.at("type").text or "none"
    options = access.at("options")
    granted = options.at("perm").text or ", ".join(options.at("role").texts)
    match kind:
        case "none":
            return "Everybody"
        case "perm":
            return f"permission {granted}".strip()
        case "role":
            return f"roles {granted}".strip()
        case _:
            return f"{kind} {granted}".strip()


def _empty(areas: Sequence[Settings]) -> str:
    """Quote what a view without items shows; of what has no text, its plugin."""
    texts = []
    for area in areas:
        content = area.at("content", "value").text or area.at("content").text
        texts.append(plain(content or area.at("title").text) or area.at("plugin_id").text)
    return "; ".join(texts) or "Nothing"
