"""Where displays of views are used: in which blocks, layouts, fields, pages and other views.

Of code and content nothing is known. Files that no sheet describes are not parsed: a display is found
in them by the plugin of its block, or where they name it together with its view.

Source: configuration schema of core block, layout_builder, entity_reference and views 9 to 11; Entity
Browser 8.x-2, Views Reference Field 8.x-2, Viewfield 8.x-3, Views Field View 8.x-1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline.drupal.site.plugin_settings import DISPLAYS_OFFERED, VIEWS_OFFERED
from jira_pipeline.drupal.site.site_cells import Settings, spellings
from jira_pipeline.model.grouped import group_pairs

NOWHERE = "placed by no configuration"
"""What sheets say of a display that nothing in a whole export uses."""
_READ_BY_SETTINGS = ("block.block", "views.view")
"""What is looked into, not searched for the plugins of blocks."""
_AREAS = ("header", "footer", "empty")
_DEFAULT = "default"


class _Use(NamedTuple):
    """A display of a view, as `VIEW-DISPLAY`, that is used somewhere."""

    display: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesOfDisplays:
    """Where displays are used."""

    places: Mapping[str, str]
    """By `VIEW-DISPLAY`."""
    is_complete: bool
    """Every file is there and could be read: what is not among them is used by no configuration."""

    def place_of(self, view: str, display: str) -> str:
        """Return what sheets say of the place of a display; empty where nobody knows."""
        return self.places.get(f"{view}-{display}", NOWHERE if self.is_complete else "")


def places_of(configuration: SiteConfiguration) -> PlacesOfDisplays:
    """Return where displays are used."""
    places = {}
    for display, used_in in group_pairs(_uses(configuration)).items():
        places[display] = f"used in: {', '.join(dict.fromkeys(used_in))}"
    is_known = configuration.is_whole and not configuration.is_torn
    return PlacesOfDisplays(places=places, is_complete=is_known and not configuration.refused)


def _uses(configuration: SiteConfiguration) -> Iterator[_Use]:
    yield from _blocks_in_regions(configuration)
    for name, displays in configuration.blocks_of_views.items():
        if not name.startswith(_READ_BY_SETTINGS):
            for display in displays:
                yield _Use(display, _place_of(name))
    for name, field in configuration.below("field.field"):
        for display in _displays_of_field(field, configuration):
            yield _Use(display, f"field {name}")
    yield from _displays_of_browsers(configuration)
    for name, view in configuration.below("views.view"):
        for _, settings in view.at("display").children:
            for display in _displays_embedded(settings.at("display_options")):
                yield _Use(display, f"view {name}")


def _blocks_in_regions(configuration: SiteConfiguration) -> Iterator[_Use]:
    for _, block in configuration.below("block.block"):
        plugin, _, display = block.at("plugin").text.partition(":")
        if plugin == "views_block":
            place = f"region {block.at('region').text} of {block.at('theme').text}"
            yield _Use(display, place if block.at("status").is_on else f"{place} (disabled)")


def _displays_of_browsers(configuration: SiteConfiguration) -> Iterator[_Use]:
    for name, browser in configuration.below("entity_browser.browser"):
        for _, widget in browser.at("widgets").children:
            view = widget.at("settings", "view").text
            display = widget.at("settings", "view_display").text
            if view:
                yield _Use(f"{view}-{display}", f"entity browser {name}")


def _place_of(name: str) -> str:
    """Call an object as people do: `page variant dock`, `layout of node.page.default`."""
    for prefix, words in spellings().words["places"].items():
        if name.startswith(f"{prefix}."):
            return f"{words} {name.removeprefix(f'{prefix}.')}"
    return f"configuration {name}"


def _displays_of_field(field: Settings, configuration: SiteConfiguration) -> Iterator[str]:
    """Yield the display whose list a field offers, or those that an editor chooses from."""
    settings = field.at("settings")
    chosen = settings.at("handler_settings", "view")
    if chosen.is_there:
        yield f"{chosen.at('view_name').text}-{chosen.at('display_name').text}"
    kinds: set[str] = set()
    for key in DISPLAYS_OFFERED:
        kinds.update(settings.at(key).ticked)
    for key in VIEWS_OFFERED:
        for view in settings.at(key).ticked:
            displays = configuration.settings(f"views.view.{view}").at("display")
            for display_id, display in displays.children:
                if display.at("display_plugin").text in kinds or not kinds:
                    yield f"{view}-{display_id}"
    for _, default in field.at("default_value").children:
        if default.at("display_id").text:
            yield f"{default.at('target_id').text}-{default.at('display_id').text}"


def _displays_embedded(options: Settings) -> Iterator[str]:
    """Yield the displays of other views that a display shows around its items, or in a field."""
    for area in _AREAS:
        for _, part in options.at(area).children:
            view, _, display = part.at("view_to_insert").text.partition(":")
            if view:
                yield f"{view}-{display or _DEFAULT}"
    for _, part in options.at("fields").children:
        if part.at("plugin_id").text == "view":
            yield f"{part.at('view').text}-{part.at('display').text or _DEFAULT}"
