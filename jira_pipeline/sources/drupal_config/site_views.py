"""Views and their displays.

Belongs here: what an export says of them, in columns of the sheets. Does not: which views core and
modules ship (`sources/drupal/shipped_views`).

Source: configuration schema of core views 9 to 11.
"""

from collections.abc import Iterator

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sources.drupal_config.configuration import SiteConfiguration
from jira_pipeline.sources.drupal_config.site import Settings, SiteCell, SiteEntity
from jira_pipeline.sources.drupal_config.spellings import spellings

_SEARCH_INDEX = "search_api_index_"


def view_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    """Yield each view and, after it, its displays."""
    for name, view in configuration.below("views.view"):
        status = view.at("status")
        cells = {
            "View name": view.at("label").cell,
            "Machine name": view.at("id").spelled(name, name),
            "Base table": _base_table(configuration, view.at("base_table")),
            "Status": status.spelled("Enabled" if status.is_on else "Disabled"),
            "Description": view.at("description").cell,
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
                "Display plugin": plugin.spelled(
                    spellings().display_plugins.get(plugin.text, plugin.text)
                ),
                "Notes": _notes(display),
            }
            yield display.entity(
                EntityKind.VIEW_DISPLAY,
                f"{name}/{display_id}",
                cells,
                owner_key=described.key,
                label="display_title",
            )


def _base_table(configuration: SiteConfiguration, table: Settings) -> SiteCell:
    text = spellings().base_tables.get(table.text, table.text)
    if text.startswith(_SEARCH_INDEX):
        name = text.removeprefix(_SEARCH_INDEX)
        text = f"Index {configuration.settings(f'search_api.index.{name}').at('name').text or name}"
    return table.spelled(text)


def _notes(display: Settings) -> SiteCell:
    options = display.at("display_options")
    if not (path := options.at("path").text):
        return options.spelled("")
    shown = f"/{path.lstrip('/')}"
    return options.spelled(f"Path: {shown}", shown)
