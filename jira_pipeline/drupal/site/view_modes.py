"""View modes with the bundles that are shown in them, and how.

Does not belong here: what lays out one bundle (`bundles`).

Source: configuration schema of core `entity_view_mode` and `entity_view_display` 9 to 11.
"""

from collections.abc import Iterator
from typing import NamedTuple

from jira_pipeline.drupal.meaning.notes import OF_MODULE
from jira_pipeline.drupal.site.bundles import BUNDLE_SOURCES, LAID_OUT, Bundle, Bundles
from jira_pipeline.drupal.site.configuration import BUNDLE_PREFIXES, SiteConfiguration
from jira_pipeline.drupal.site.site_cells import Settings, SiteCell, SiteEntity
from jira_pipeline.model.entities import BundleType, EntityKind

_CONFIGURED = "field_"
"""What the names of fields begin with that people add."""


class _ShownBundle(NamedTuple):
    """A bundle that is shown in a view mode."""

    bundle: Bundle
    fields: str
    """Those that are shown, with their formatters; those that a module adds are marked."""
    fields_unmarked: str
    """The same as sheets had them before."""


def view_mode_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield each view mode with the bundles that are shown in it: those with an enabled display."""
    for entity_type in BUNDLE_PREFIXES:
        bundle_type = BUNDLE_SOURCES[entity_type][0]
        shown_by_mode = _shown_by_mode(configuration, entity_type, bundles)
        for mode, settings in configuration.below(f"core.entity_view_mode.{entity_type}"):
            label = settings.at("label").text or mode
            displays = f"core.entity_view_display.{entity_type}.*.{mode}.yml:status"
            cells = _naming_cells(settings, mode, bundle_type)
            cells |= _shown_cells(shown_by_mode.get(mode, []), displays)
            yield SiteEntity(
                kind=EntityKind.VIEW_MODE,
                key=f"{EntityKind.VIEW_MODE.value}:{bundle_type.value}/{label}",
                label=label,
                machine_name=mode,
                bundle_type=bundle_type,
                yaml=settings.place,
                cells=cells,
            )


def _naming_cells(settings: Settings, mode: str, bundle_type: BundleType) -> dict[str, SiteCell]:
    return {
        "View Modes": settings.at("label").cell,
        "Machine name": settings.spelled(mode, mode),
        "Entity Type": settings.at("targetEntityType").spelled(bundle_type.value),
    }


def _shown_by_mode(
    configuration: SiteConfiguration, entity_type: str, bundles: Bundles
) -> dict[str, list[_ShownBundle]]:
    """Return the bundles that have an enabled display of each view mode."""
    shown_by_mode: dict[str, list[_ShownBundle]] = {}
    for place, display in configuration.below(f"core.entity_view_display.{entity_type}"):
        name, _, mode = place.partition(".")
        bundle = bundles.get((entity_type, name))
        if bundle is not None and display.at("status").is_on:
            fields = _fields_shown(configuration, entity_type, name, display)
            shown = _ShownBundle(bundle, fields, fields.replace(OF_MODULE, ""))
            shown_by_mode.setdefault(mode, []).append(shown)
    return shown_by_mode


def _shown_cells(shown: list[_ShownBundle], displays: str) -> dict[str, SiteCell]:
    """Say which bundles are shown in a view mode, and of each with what fields."""
    titles = []
    names = []
    notes = []
    notes_by_name = []
    notes_unmarked = []
    for bundle, fields, fields_unmarked in shown:
        titles.append(bundle.title)
        names.append(bundle.name)
        notes.append(f"{bundle.title}: {fields}")
        notes_by_name.append(f"{bundle.name}: {fields}")
        notes_unmarked.append(f"{bundle.title}: {fields_unmarked}")
    note = "; ".join(notes) or "No display of this mode is enabled."
    if notes_unmarked != notes:
        notes_by_name.append("; ".join(notes_unmarked))
    return {
        "Entities Used On": SiteCell(text=", ".join(titles), values=tuple(names), yaml=displays),
        "Notes": SiteCell(text=note, values=tuple(notes_by_name), yaml=displays),
    }


def _fields_shown(
    configuration: SiteConfiguration, entity_type: str, bundle: str, display: Settings
) -> str:
    """Return the fields of a display in their order, with their formatters."""
    if display.at(*LAID_OUT).is_on:
        return "laid out with Layout Builder"

    def weight_of(child: tuple[str, Settings]) -> int:
        _, part = child
        return part.at("weight").weight

    # Drupal lists the fields that people added, and takes out what is deleted; modules add others.
    depends = display.at("dependencies", "config").texts
    fields = []
    for name, part in sorted(display.at("content").children, key=weight_of):
        file = f"field.field.{entity_type}.{bundle}.{name}"
        is_configured = file in {*configuration.refused, *depends} or file in configuration.objects
        is_of_module = name.startswith(_CONFIGURED) and not is_configured
        shown = f"{name}{OF_MODULE}" if is_of_module else name
        formatter = part.at("type").text
        fields.append(f"{shown} ({formatter})" if formatter else shown)
    return ", ".join(fields) or "nothing"
