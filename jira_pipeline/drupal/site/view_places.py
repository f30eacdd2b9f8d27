"""Where displays of views are used: in which blocks, layouts and fields.

Of code and content nothing is known.

Source: configuration schema of core block, layout_builder and entity_reference 9 to 11.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline.model.grouped import group_pairs


class _Use(NamedTuple):
    """A plugin, a display of a view among others, that is used somewhere."""

    plugin: str
    place: str


def places_of(configuration: SiteConfiguration) -> Mapping[str, str]:
    """Return where displays are used, by `VIEW-DISPLAY`."""
    uses = group_pairs(_uses(configuration))
    return {
        display: f"used in: {', '.join(dict.fromkeys(places))}" for display, places in uses.items()
    }


def _uses(configuration: SiteConfiguration) -> Iterator[_Use]:
    for _, block in configuration.below("block.block"):
        if block.at("status").is_on:
            place = f"region {block.at('region').text} of {block.at('theme').text}"
            yield _Use(block.at("plugin").text.rpartition(":")[2], place)
    for place, display in configuration.below("core.entity_view_display"):
        sections = display.at("third_party_settings", "layout_builder", "sections").children
        for _, section in sections:
            for _, component in section.at("components").children:
                plugin = component.at("configuration", "id").text
                yield _Use(plugin.rpartition(":")[2], f"layout of {place}")
    for place, field in configuration.below("field.field"):
        view = field.at("settings", "handler_settings", "view")
        if view.is_there:
            plugin = f"{view.at('view_name').text}-{view.at('display_name').text}"
            yield _Use(plugin, f"field {place}")
