"""Makes the entities of a site of its configuration, in the order of sheets.

Belongs here: putting the subjects together; roles and workflows; views, what their displays list, show,
filter and sort, for whom, and where they are placed; which cells a file that cannot be read may say
otherwise: unknown, never empty. Does not: what is said of the others (their modules), which files are
refused (`configuration`), what becomes of a cell that is not known (`verification`, `sheets`), what
sheets of others call the columns of views (`drupal/display_settings`).

Source: configuration schema of core views, block, layout_builder, user, workflows and
content_moderation 9 to 11; Views Data Export.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import filter as matching
from itertools import chain

from jira_pipeline.drupal.site.bundles import (
    Bundles,
    bundle_entities,
    bundles_of,
    entity_type_of,
    image_style_entities,
    responsive_style_entities,
    view_mode_entities,
)
from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline.drupal.site.site_cells import (
    Settings,
    Site,
    SiteCell,
    SiteEntity,
    plain,
    spellings,
    word_for,
    yes_or_no,
)
from jira_pipeline.drupal.site.site_fields import field_entities
from jira_pipeline.model.entities import BundleType, EntityKind
from jira_pipeline.model.grouped import group_by, group_pairs

_SEARCH_INDEX = "search_api_index_"
_KINDS = list(EntityKind)
_TYPES = [None, *BundleType]
_TURNED_ON = frozenset({"Mod.", "Layout", "Cmnt.", "Meta", "Srch."})
"""Switches that one file of several turns on: what is on is known."""
_OF_STATES = {"Published": "published", "Default revision": "default_revision"}
_OF_FORM = ("Form widget", "Field group")
_SOURCES: Mapping[EntityKind, Mapping[tuple[str, ...], str]] = {
    EntityKind.BUNDLE: {
        ("Name", "Description", "Sched."): "{file}",
        ("Mod.",): "workflows.workflow.*",
        ("Layout",): "core.entity_view_display.{entity_type}.{name}.*",
        ("Trns.",): "language.content_settings.{entity_type}.{name}",
        ("Cmnt.", "Meta"): "field.field.{entity_type}.{name}.*",
        ("Srch.",): "search_api.index.*",
        ("URL alias pattern",): "pathauto.pattern.*",
    },
    EntityKind.FIELD: {
        (
            "Settings/notes",
            "Allowed values",
            "Maximum length",
        ): "field.storage.{entity_type}.{name}",
        _OF_FORM: "core.entity_form_display.{entity_type}.{bundle}.default",
        ("Field label", "Help text", "Req'd", "Trns."): (
            "core.base_field_override.{entity_type}.{bundle}.{name}"
        ),
    },
    EntityKind.VIEW_MODE: {
        ("Entities Used On", "Notes"): "core.entity_view_display.{entity_type}.*.{name}",
    },
}
"""Files that columns are made from, beside the own one of a thing."""
_DISPLAYS = ("core.entity_form_display", "core.entity_view_display")
"""What no whole export is without: each bundle with fields has one."""


def site_entities(configuration: SiteConfiguration) -> Site:
    """Return everything that sheets could describe, base fields that nobody changed included.

    A bundle whose file cannot be read is there by its machine name.
    """
    bundles = bundles_of(configuration)
    found: Iterator[SiteEntity] = chain(
        bundle_entities(configuration, bundles),
        field_entities(configuration, bundles),
        view_entities(configuration, bundles),
        image_style_entities(configuration),
        responsive_style_entities(configuration),
        view_mode_entities(configuration, bundles),
        role_entities(configuration),
        workflow_entities(configuration, bundles),
    )
    is_known = all(any(configuration.below(family)) for family in _DISPLAYS)
    if configuration.refused or configuration.lacking or not (configuration.is_whole and is_known):
        found = (_with_unread_cells(each, configuration) for each in found)
    modules = configuration.settings("core.extension").at("module")
    return Site(
        entities=tuple(sorted(found, key=_order)),
        names=configuration.objects.keys() | configuration.refused.keys(),
        unread=frozenset(configuration.refused),
        lacking=configuration.lacking,
        uuid=configuration.settings("system.site").at("uuid").text,
        modules=frozenset(n for n, _ in modules.children) if configuration.is_whole else None,
        is_torn=configuration.is_torn or not configuration.is_whole,
    )


def _order(entity: SiteEntity) -> tuple[int, int, str, bool, str]:
    of_type = _TYPES.index(entity.bundle_type)
    place = (_KINDS.index(entity.kind), of_type, entity.owner_key or "")
    return (*place, entity.is_base_field, entity.machine_name)


def _with_unread_cells(entity: SiteEntity, configuration: SiteConfiguration) -> SiteEntity:
    """Return a thing with the cells marked that a file which nobody could read may say otherwise."""
    cells = dict(entity.cells)
    unknown = {**configuration.refused, **configuration.lacking}
    file = entity.yaml.removesuffix(".yml")
    for columns, form in _SOURCES.get(entity.kind, {}).items():
        pattern = form.format(
            file=file,
            entity_type=entity_type_of(entity.bundle_type),
            bundle=(entity.owner_key or "").rpartition("/")[2],
            name=entity.machine_name,
        )
        is_of_others = pattern.startswith("core.base_field_override") and not entity.is_base_field
        is_unknown = matching(unknown, pattern) or _is_absent(pattern, configuration)
        for column in columns if is_unknown and not is_of_others else ():
            if column in cells and not (column in _TURNED_ON and cells[column].is_yes):
                text = "" if column in _OF_FORM else cells[column].text
                cells[column] = replace(cells[column], text=text, is_unread=True)
    is_unread = entity.kind is EntityKind.BUNDLE and file in unknown
    return replace(entity, cells=cells, is_unread=is_unread)


def _is_absent(pattern: str, configuration: SiteConfiguration) -> bool:
    """Tell whether nothing of a pattern is there in an export that is not whole."""
    family = ".".join(pattern.split(".")[:2])
    if family in _DISPLAYS and not any(configuration.below(family)):
        return True
    if configuration.is_torn or configuration.is_whole or pattern in configuration.objects:
        return configuration.is_torn and pattern not in configuration.objects
    return not any(configuration.below(pattern.partition("*")[0].rstrip(".")))


def role_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    for name, role in configuration.below("user.role"):
        is_admin = role.at("is_admin")
        permissions = role.at("permissions")
        place = is_admin if is_admin.is_on else permissions
        said = "Every permission" if is_admin.is_on else f"{len(permissions.texts)} permissions"
        cells = {
            "Name": role.at("label").cell,
            "Machine name": role.at("id").spelled(name, name),
            "Notes": SiteCell(text=said, values=permissions.texts, yaml=place.place),
        }
        yield role.entity(EntityKind.USER_ROLE, name, cells)


def workflow_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield each workflow, its states, and its transitions: one for each state they lead from."""
    for name, workflow in configuration.below("workflows.workflow"):
        label = workflow.at("label")
        kind = workflow.at("type")
        settings = workflow.at("type_settings")
        entity_types = settings.at("entity_types")
        names = [
            (entity_type, name)
            for entity_type, of_type in entity_types.children
            for name in of_type.texts
        ]
        labels = [bundles[name].reference for name in names if name in bundles]
        cells = {
            "Label": label.cell,
            "Machine name": workflow.at("id").spelled(name, name),
            "Type": kind.spelled(word_for("workflow_types", kind.text)),
            "Applies to": SiteCell(
                text=", ".join(labels),
                values=tuple(name for _, name in names),
                yaml=entity_types.place,
            ),
        }
        described = workflow.entity(EntityKind.WORKFLOW, name, cells)
        yield described
        named = label.spelled(described.label, name)
        for state, part in settings.at("states").children:
            cells = _part_cells(named, state, part)
            part_name = f"{name}/{state}"
            first = settings.at("default_moderation_state")
            cells |= {c: part.at(k).switch for c, k in _OF_STATES.items() if part.at(k).is_there}
            if first.is_there:
                cells["Initial state"] = yes_or_no(is_yes=first.text == state, yaml=first.place)
            yield part.entity(EntityKind.WORKFLOW_STATE, part_name, cells, owner_key=described.key)
        for transition, part in settings.at("transitions").children:
            for begin in part.at("from").texts or ("",):
                from_state = _state(settings, part.at("from"), begin)
                cells = {
                    **_part_cells(named, transition, part),
                    "From state": replace(from_state, keys=part.at("from").texts),
                    "To state": _state(settings, part.at("to"), part.at("to").text),
                }
                kind_of = EntityKind.WORKFLOW_TRANSITION
                part_name = f"{name}/{transition}"
                yield part.entity(kind_of, part_name, cells, owner_key=described.key)


def _part_cells(workflow: SiteCell, name: str, described: Settings) -> dict[str, SiteCell]:
    return {
        "Workflow": workflow,
        "Label": described.at("label").cell,
        "Machine name": described.spelled(name, name),
    }


def _state(settings: Settings, place: Settings, name: str) -> SiteCell:
    return SiteCell(
        text=settings.at("states", name, "label").text or name,
        values=(name,) if name else (),
        yaml=place.place,
    )


def view_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield each view and, after it, its displays."""
    places = places_of(configuration)
    extensions = configuration.settings("core.extension").at("module")
    enabled = frozenset(name for name, _ in extensions.children)
    for name, view in configuration.below("views.view"):
        status = view.at("status")
        cells = {
            "View name": view.at("label").cell,
            "Machine name": view.at("id").spelled(name, name),
            "Base table": _base_table(configuration, view.at("base_table")),
            "Status": status.spelled("Enabled" if status.is_on else "Disabled"),
            "Description": view.at("description").cell,
            "Notes": _origin(view, enabled),
        }
        described = view.entity(EntityKind.VIEW, name, cells)
        yield described
        for display_id, display in view.at("display").children:
            plugin = display.at("display_plugin")
            cells = {
                "View": view.at("label").spelled(described.label, name),
                "View ID": view.at("id").spelled(name, name),
                "Title": display.at("display_title").cell,
                "Machine name": display.spelled(display_id, display_id),
                "Display plugin": plugin.spelled(word_for("display_plugins", plugin.text)),
                "Notes": _notes(display),
                **dict(
                    display_cells(
                        *(view, display_id),
                        listed=described.cells["Base table"].text,
                        bundles=bundles,
                        place=places.get(f"{name}-{display_id}", ""),
                    )
                ),
            }
            yield display.entity(
                EntityKind.VIEW_DISPLAY,
                f"{name}/{display_id}",
                cells,
                owner_key=described.key,
                label="display_title",
            )


def _origin(view: Settings, enabled: frozenset[str]) -> SiteCell:
    """Say which modules beside core a view needs, and which of them installed it, by its name.

    Drupal keeps a hash of what it installs, of copies of it too.
    """
    needed = view.at("dependencies", "module")
    core = spellings().core_modules
    others = sorted({*needed.texts} - core)
    modules = f"Modules: {', '.join(others)}." if others else ""
    begin = f"{view.at('id').text}_"
    named = [module for module in enabled - core if begin.startswith(f"{module}_")]
    installed = f"Installed with: {max(named, key=len)}." if named else ""
    both = f"{modules} {installed}".strip()
    text = both if view.at("_core", "default_config_hash").is_there else modules
    return SiteCell(text=text, values=(modules, both), yaml=needed.place)


def _base_table(configuration: SiteConfiguration, table: Settings) -> SiteCell:
    """Return what a view lists; without its search index it lists nothing, and has an id for that."""
    text = word_for("base_tables", table.text)
    if not text.startswith(_SEARCH_INDEX):
        return table.spelled(text)
    name = text.removeprefix(_SEARCH_INDEX)
    index = configuration.settings(f"search_api.index.{name}").at("name")
    label = f"Index {index.text or name}"
    if index.is_there:
        return table.spelled(label)
    cell = table.spelled(table.text, label)
    is_unread = configuration.is_torn or not configuration.is_whole
    is_unread |= f"search_api.index.{name}" in configuration.refused
    yaml = index.place.partition(":")[0]
    return replace(cell, yaml=yaml, dangling=(table.text,), is_unread=is_unread)


def _notes(display: Settings) -> SiteCell:
    path, enabled = (display.at("display_options", key) for key in ("path", "enabled"))
    shown = [f"/{path.text.lstrip('/')}"] if path.text else []
    off = ["Disabled"] if enabled.is_there and not enabled.is_on else []
    said = [*(f"Path: {each}" for each in shown), *(f"{each}." for each in off)]
    place = enabled.place if off else path.place
    return SiteCell(text=". ".join(said), values=(*shown, *off), yaml=place)


_DEFAULT = "default"
_OF_ITEMS = re.compile(r"[a-z]{1,3}id|\w+_target_id")
"""Fields that hold the ID of an item; what has it is content, of which an export says nothing."""
_LANGUAGES = {
    "***LANGUAGE_language_content***": "language of the page",
    "***LANGUAGE_language_interface***": "language of the interface",
    "***LANGUAGE_site_default***": "language of the site",
}
"""Source: `PluginBase::listLanguages` of core views."""


def places_of(configuration: SiteConfiguration) -> Mapping[str, str]:
    """Return where displays are used, by `VIEW-DISPLAY`: in which blocks, layouts and fields.

    Of code and content nothing is known.
    """
    used = group_pairs(_placed(configuration)).items()
    return {display: f"used in: {', '.join(dict.fromkeys(places))}" for display, places in used}


def _placed(configuration: SiteConfiguration) -> Iterator[tuple[str, str]]:
    """Yield plugins, views among them, each with a place."""
    for _, block in configuration.below("block.block"):
        if block.at("status").is_on:
            place = f"region {block.at('region').text} of {block.at('theme').text}"
            yield block.at("plugin").text.rpartition(":")[2], place
    for place, display in configuration.below("core.entity_view_display"):
        sections = display.at("third_party_settings", "layout_builder", "sections").children
        for _, section in sections:
            for _, component in section.at("components").children:
                plugin = component.at("configuration", "id").text
                yield plugin.rpartition(":")[2], f"layout of {place}"
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
        own = options.at(name)
        inherits = options.at("defaults", name)
        is_own = inherits.is_there or own.data or display_id == _DEFAULT
        inherited = view.at("display", _DEFAULT, "display_options", name)
        return own if is_own and not inherits.is_on else inherited

    filters = [each for _, each in setting("filters").children]
    pager = setting("pager")
    path = options.at("path")
    attached = ", ".join(name for name in options.at("displays").texts if name != "0")
    place = f"attached to {attached}" if attached else place
    arguments = [each for _, each in setting("arguments").children]
    sorts = [each for _, each in setting("sorts").children]
    sorted_by = (f"{_field(s)} ({s.at('order').text.casefold() or 'asc'})" for s in sorts)
    count = pager.at("options", "items_per_page").text
    address = f"/{path.text.lstrip('/')}" if path.text else ""
    filtered = [*_filters(filters, setting("filter_groups")), *map(_contextual, arguments)]
    for column, where, text, *values in (
        ("Lists", setting("filters"), _listed(listed, filters, bundles)),
        ("Shows", *_shown(setting("style"), setting("row"), setting("fields"))),
        ("Path or place", path, "" if address else place, address),
        ("Filters", setting("filters"), "; ".join(filtered) or "None"),
        ("Sort", setting("sorts"), "; ".join(sorted_by) or "None"),
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
    kind = style.at("type").text or _DEFAULT
    shown = row.at("type").text
    formats = ", ".join(style.at("options", "formats").texts)
    name = word_for("view_formats", kind) + (f" ({formats})" if formats else "")
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
    by_group = group_by(filters, lambda each: each.at("group").text or "1")
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
    name = _field(each)
    value = each.at("value")
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


def _items(pager: Settings) -> str:
    kind = pager.at("type").text or "full"
    count = pager.at("options", "items_per_page").text
    if kind == "none" or count == "0":
        return "All"
    return count if kind == "some" else f"{count} ({kind} pager)".strip()


def _access(access: Settings) -> str:
    kind = access.at("type").text or "none"
    options = access.at("options")
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
