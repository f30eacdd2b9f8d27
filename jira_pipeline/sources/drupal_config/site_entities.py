"""Makes the entities of a site of its configuration, in the order of sheets.

Belongs here: putting the subjects together; which cells a file that cannot be read may say
otherwise: unknown, never empty. Does not: what is said of each (their modules), which files are
refused (`configuration`), what becomes of a cell that is not known (`verification`, `sheets`).
"""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import filter as matching
from itertools import chain

from jira_pipeline.model.entities import BundleType, EntityKind
from jira_pipeline.sources.drupal_config.bundles import (
    bundle_entities,
    bundles_of,
    entity_type_of,
    image_style_entities,
    responsive_style_entities,
    view_mode_entities,
)
from jira_pipeline.sources.drupal_config.configuration import SiteConfiguration
from jira_pipeline.sources.drupal_config.editing import role_entities, workflow_entities
from jira_pipeline.sources.drupal_config.site import Site, SiteEntity
from jira_pipeline.sources.drupal_config.site_fields import field_entities
from jira_pipeline.sources.drupal_config.site_views import view_entities

_KIND_ORDER = {kind: position for position, kind in enumerate(EntityKind)}
_TYPE_ORDER = {bundle_type: position for position, bundle_type in enumerate(BundleType)}

_TURNED_ON = frozenset({"Mod.", "Layout", "Cmnt.", "Meta", "Srch."})
"""Switches that one file of several turns on: what is on is known."""
_OF_ITS_FILE = ("Name", "Description", "Sched.")
_OVERRIDDEN = ("Field label", "Help text", "Req'd", "Trns.")


def site_entities(configuration: SiteConfiguration) -> Site:
    """Return everything that sheets could describe, base fields that nobody changed included.

    A bundle whose file cannot be read is there by its machine name.
    """
    bundles = bundles_of(configuration)
    found: Iterator[SiteEntity] = chain(
        bundle_entities(configuration, bundles),
        field_entities(configuration, bundles),
        view_entities(configuration),
        image_style_entities(configuration),
        responsive_style_entities(configuration),
        view_mode_entities(configuration, bundles),
        role_entities(configuration),
        workflow_entities(configuration, bundles),
    )
    if configuration.refused or configuration.lacking or not configuration.is_whole:
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
    kind, of_type = _KIND_ORDER[entity.kind], entity.bundle_type
    place = (kind, 0 if of_type is None else _TYPE_ORDER[of_type], entity.owner_key or "")
    return (*place, entity.is_base_field, entity.machine_name)


def _with_unread_cells(entity: SiteEntity, configuration: SiteConfiguration) -> SiteEntity:
    """Return a thing with the cells marked that a file which nobody could read may say otherwise."""
    cells, unknown = dict(entity.cells), {**configuration.refused, **configuration.lacking}
    for columns, pattern in _sources(entity):
        if matching(unknown, pattern) or _is_absent(pattern, configuration):
            for column in columns:
                if column in cells and not (column in _TURNED_ON and cells[column].is_yes):
                    cells[column] = replace(cells[column], is_unread=True)
    is_unread = entity.kind is EntityKind.BUNDLE and entity.yaml.removesuffix(".yml") in unknown
    return replace(entity, cells=cells, is_unread=is_unread)


def _is_absent(pattern: str, configuration: SiteConfiguration) -> bool:
    """Tell whether nothing of a pattern is there in an export that is not whole."""
    is_one = pattern in configuration.objects
    if configuration.is_torn or configuration.is_whole or is_one:
        return configuration.is_torn and not is_one
    return not any(configuration.below(pattern.partition("*")[0].rstrip(".")))


def _sources(entity: SiteEntity) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield columns with the pattern of the files that they are made from."""
    entity_type, name = entity_type_of(entity.bundle_type), entity.machine_name
    if entity.kind is EntityKind.BUNDLE:
        yield _OF_ITS_FILE, entity.yaml.removesuffix(".yml")
        yield ("Mod.",), "workflows.workflow.*"
        yield ("Layout",), f"core.entity_view_display.{entity_type}.{name}.*"
        yield ("Trns.",), f"language.content_settings.{entity_type}.{name}"
        yield ("Cmnt.", "Meta"), f"field.field.{entity_type}.{name}.*"
        yield ("Srch.",), "search_api.index.*"
        yield ("URL alias pattern",), "pathauto.pattern.*"
    elif entity.kind is EntityKind.FIELD:
        bundle = (entity.owner_key or "").rpartition("/")[2]
        yield ("Settings/notes",), f"field.storage.{entity_type}.{name}"
        if entity.is_base_field:
            yield _OVERRIDDEN, f"core.base_field_override.{entity_type}.{bundle}.{name}"
    elif entity.kind is EntityKind.VIEW_MODE:
        yield ("Entities Used On",), f"core.entity_view_display.{entity_type}.*.{name}"
