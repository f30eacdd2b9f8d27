"""Views: what they list, which modules they need, and their displays.

Does not belong here: how one display works (`view_displays`), where it is used (`view_places`),
what sheets of others call the columns of views (`drupal/display_settings`).

Source: configuration schema of core views 9 to 11; Search API.
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal.site.bundles import Bundles
from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline.drupal.site.site_cells import (
    Settings,
    SiteCell,
    SiteEntity,
    spellings,
    word_for,
)
from jira_pipeline.drupal.site.view_displays import display_cells
from jira_pipeline.drupal.site.view_places import places_of
from jira_pipeline.model.entities import EntityKind

_SEARCH_INDEX = "search_api_index_"


def view_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield each view and, after it, its displays."""
    places = places_of(configuration)
    extensions = configuration.settings("core.extension").at("module")
    enabled = frozenset(name for name, _ in extensions.children)
    for name, view in configuration.below("views.view"):
        described = view.entity(
            EntityKind.VIEW, name, _view_cells(configuration, name, view, enabled)
        )
        yield described
        for display_id, display in view.at("display").children:
            cells = _naming_cells(described, view, display_id, display)
            cells |= display_cells(
                view,
                display_id,
                listed=described.cells["Base table"].text,
                bundles=bundles,
                place=places.place_of(name, display_id),
            )
            yield display.entity(
                EntityKind.VIEW_DISPLAY,
                f"{name}/{display_id}",
                cells,
                owner_key=described.key,
                label="display_title",
            )


def _view_cells(
    configuration: SiteConfiguration, name: str, view: Settings, enabled: frozenset[str]
) -> dict[str, SiteCell]:
    status = view.at("status")
    return {
        "View name": view.at("label").cell,
        "Machine name": view.at("id").spelled(name, name),
        "Base table": _base_table(configuration, view.at("base_table")),
        "Status": status.spelled("Enabled" if status.is_on else "Disabled"),
        "Description": view.at("description").cell,
        "Notes": _origin(view, enabled),
    }


def _naming_cells(
    view: SiteEntity, settings: Settings, display_id: str, display: Settings
) -> dict[str, SiteCell]:
    """Return what a display is: of which view, its names, its plugin and its path."""
    plugin = display.at("display_plugin")
    return {
        "View": settings.at("label").spelled(view.label, view.machine_name),
        "View ID": settings.at("id").spelled(view.machine_name, view.machine_name),
        "Title": display.at("display_title").cell,
        "Machine name": display.spelled(display_id, display_id),
        "Display plugin": plugin.spelled(word_for("display_plugins", plugin.text)),
        "Notes": _path_noted(display),
    }


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
    with_origin = modules
    if named:
        with_origin = f"{modules} Installed with: {max(named, key=len)}.".strip()
    text = with_origin if view.at("_core", "default_config_hash").is_there else modules
    return SiteCell(text=text, values=(modules, with_origin), yaml=needed.place)


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


def _path_noted(display: Settings) -> SiteCell:
    """Say the path of a display, and that it is disabled where it is."""
    path = display.at("display_options", "path")
    enabled = display.at("display_options", "enabled")
    is_disabled = enabled.is_there and not enabled.is_on
    values = []
    notes = []
    if path.text:
        address = f"/{path.text.lstrip('/')}"
        values.append(address)
        notes.append(f"Path: {address}")
    if is_disabled:
        values.append("Disabled")
        notes.append("Disabled.")
    place = enabled.place if is_disabled else path.place
    return SiteCell(text=". ".join(notes), values=tuple(values), yaml=place)
