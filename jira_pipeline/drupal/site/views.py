"""Views: what they list, which modules they need, and their displays.

Does not belong here: how one display works (`view_displays`), where it is used (`view_places`),
what sheets of others call the columns of views (`drupal/display_settings`).

Source: configuration schema of core views 9 to 11; Search API.
"""

from collections.abc import Iterator, Sequence
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
    contributed_modules = _contributed_modules(configuration)
    for name, settings in configuration.below("views.view"):
        cells_of_view = _view_cells(configuration, name, settings)
        cells_of_view["Notes"] = _modules_noted(settings, contributed_modules)
        view = settings.entity(EntityKind.VIEW, name, cells_of_view)
        yield view
        for display_id, display in settings.at("display").children:
            cells = _naming_cells(view, settings, display_id, display)
            place = places.place_of(name, display_id)
            base_table = view.cells["Base table"].text
            cells |= display_cells(
                settings, display_id, listed=base_table, bundles=bundles, place=place
            )
            yield display.entity(
                EntityKind.VIEW_DISPLAY,
                f"{name}/{display_id}",
                cells,
                owner_key=view.key,
                label="display_title",
            )


def _view_cells(configuration: SiteConfiguration, name: str, view: Settings) -> dict[str, SiteCell]:
    status = view.at("status")
    return {
        "View name": view.at("label").cell,
        "Machine name": view.at("id").spelled(name, name),
        "Base table": _base_table(configuration, view.at("base_table")),
        "Status": status.spelled("Enabled" if status.is_on else "Disabled"),
        "Description": view.at("description").cell,
    }


def _naming_cells(
    view: SiteEntity, settings: Settings, display_id: str, display: Settings
) -> dict[str, SiteCell]:
    """Return what a display is: of which view, its names, its plugin, and a note of its path."""
    plugin = display.at("display_plugin")
    return {
        "View": settings.at("label").spelled(view.label, view.machine_name),
        "View ID": settings.at("id").spelled(view.machine_name, view.machine_name),
        "Title": display.at("display_title").cell,
        "Machine name": display.spelled(display_id, display_id),
        "Display plugin": plugin.spelled(word_for("display_plugins", plugin.text)),
        "Notes": _path_noted(display),
    }


def _contributed_modules(configuration: SiteConfiguration) -> Sequence[str]:
    """Return the enabled modules that are not of core."""
    extensions = configuration.settings("core.extension").at("module")
    enabled = {name for name, _ in extensions.children}
    return sorted(enabled - spellings().core_modules)


def _modules_noted(view: Settings, contributed_modules: Sequence[str]) -> SiteCell:
    """Say which modules beside core a view needs, and which module installed it."""
    dependencies = view.at("dependencies", "module")
    needed = sorted({*dependencies.texts} - spellings().core_modules)
    needed_text = f"Modules: {', '.join(needed)}." if needed else ""

    # The id of a view that a module brings is its name, or begins with it.
    start = f"{view.at('id').text}_"
    installers = [name for name in contributed_modules if start.startswith(f"{name}_")]
    with_installer = needed_text
    if installers:
        with_installer = f"{needed_text} Installed with: {max(installers, key=len)}.".strip()

    # Drupal keeps a hash of what a module installs, and of copies that people make of it.
    is_installed = view.at("_core", "default_config_hash").is_there
    return SiteCell(
        text=with_installer if is_installed else needed_text,
        values=(needed_text, with_installer),
        yaml=dependencies.place,
    )


def _base_table(configuration: SiteConfiguration, table: Settings) -> SiteCell:
    """Return what a view lists: a table of the database, or an index of Search API by its name."""
    text = word_for("base_tables", table.text)
    if not text.startswith(_SEARCH_INDEX):
        return table.spelled(text)
    index_id = text.removeprefix(_SEARCH_INDEX)
    name = configuration.settings(f"search_api.index.{index_id}").at("name")
    label = f"Index {name.text or index_id}"
    if name.is_there:
        return table.spelled(label)

    # A view without its index lists nothing, and only the id of the index is known.
    is_unread = (
        configuration.is_torn
        or not configuration.is_whole
        or f"search_api.index.{index_id}" in configuration.refused
    )
    cell = table.spelled(table.text, label)
    file = name.place.partition(":")[0]
    return replace(cell, yaml=file, dangling=(table.text,), is_unread=is_unread)


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
