"""Makes the entities of a site of its configuration, in the order of sheets.

Belongs here: putting the subjects together; which cells a file that cannot be read may say otherwise:
unknown, never empty. Does not: what is said of each kind (a module each), which files are refused
(`configuration`), what becomes of a cell that is not known (`verification`, `sheets`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import filter as matching
from itertools import chain

from jira_pipeline.drupal.site.bundles import bundle_entities, bundles_of, entity_type_of
from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline.drupal.site.image_styles import image_style_entities, responsive_style_entities
from jira_pipeline.drupal.site.roles import role_entities
from jira_pipeline.drupal.site.site_cells import Site, SiteEntity
from jira_pipeline.drupal.site.site_fields import field_entities
from jira_pipeline.drupal.site.view_modes import view_mode_entities
from jira_pipeline.drupal.site.views import view_entities
from jira_pipeline.drupal.site.workflows import workflow_entities
from jira_pipeline.model.entities import AnyBundleType, BundleType, EntityKind, OtherType

_KINDS = list(EntityKind)
_TYPES: Sequence[AnyBundleType | None] = [None, *BundleType]
_TURNED_ON = frozenset({"Mod.", "Layout", "Cmnt.", "Meta", "Srch."})
"""Switches that one file of several turns on: what is on is known."""
_OF_FORM = ("Form widget", "Field group")
_SOURCES: Mapping[EntityKind, Mapping[tuple[str, ...], str]] = {
    EntityKind.BUNDLE: {
        ("Name", "Description", "Sched.", "Notes"): "{file}",
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
        ("Other forms",): "core.entity_form_display.{entity_type}.{bundle}.*",
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
    if _may_lack_files(configuration):
        found = (_with_unread_cells(entity, configuration) for entity in found)
    modules = None
    if configuration.is_whole:
        enabled = configuration.settings("core.extension").at("module")
        modules = frozenset(name for name, _ in enabled.children)
    return Site(
        entities=tuple(sorted(found, key=_order)),
        names=configuration.objects.keys() | configuration.refused.keys(),
        unread=frozenset(configuration.refused),
        lacking=configuration.lacking,
        uuid=configuration.settings("system.site").at("uuid").text,
        modules=modules,
        is_torn=configuration.is_torn or not configuration.is_whole,
    )


def _may_lack_files(configuration: SiteConfiguration) -> bool:
    """Tell whether a file may say something that is not known, because nobody could read it."""
    if configuration.refused or configuration.lacking or not configuration.is_whole:
        return True
    return not all(any(configuration.below(family)) for family in _DISPLAYS)


def _order(entity: SiteEntity) -> tuple[int, int, str, bool, str]:
    place = (_KINDS.index(entity.kind), _place_of_type(entity.bundle_type), entity.owner_key or "")
    return (*place, entity.is_base_field, entity.machine_name)


def _place_of_type(bundle_type: AnyBundleType | None) -> int:
    """Return the place of a type; entity types without a word of ours are last, by their key."""
    return len(_TYPES) if isinstance(bundle_type, OtherType) else _TYPES.index(bundle_type)


def _with_unread_cells(entity: SiteEntity, configuration: SiteConfiguration) -> SiteEntity:
    """Return a thing with the cells marked that a file which nobody could read may say otherwise."""
    cells = dict(entity.cells)
    for columns, form in _SOURCES.get(entity.kind, {}).items():
        if not _is_source_unread(_source_of(entity, form), entity, configuration):
            continue
        for column in columns:
            is_certain = column in _TURNED_ON and column in cells and cells[column].is_yes
            if column in cells and not is_certain:
                text = "" if column in _OF_FORM else cells[column].text
                cells[column] = replace(cells[column], text=text, is_unread=True)
    file = entity.yaml.removesuffix(".yml")
    is_unknown = file in configuration.refused or file in configuration.lacking
    is_unread = entity.kind is EntityKind.BUNDLE and is_unknown
    return replace(entity, cells=cells, is_unread=is_unread)


def _source_of(entity: SiteEntity, form: str) -> str:
    """Return the file, or pattern of files, that columns of an entity are made from."""
    return form.format(
        file=entity.yaml.removesuffix(".yml"),
        entity_type=entity_type_of(entity.bundle_type),
        bundle=(entity.owner_key or "").rpartition("/")[2],
        name=entity.machine_name,
    )


def _is_source_unread(pattern: str, entity: SiteEntity, configuration: SiteConfiguration) -> bool:
    if pattern.startswith("core.base_field_override") and not entity.is_base_field:
        return False
    unknown = (*configuration.refused, *configuration.lacking)
    return bool(matching(unknown, pattern)) or _is_absent(pattern, configuration)


def _is_absent(pattern: str, configuration: SiteConfiguration) -> bool:
    """Tell whether nothing of a pattern is there in an export that is not whole."""
    family = ".".join(pattern.split(".")[:2])
    if family in _DISPLAYS and not any(configuration.below(family)):
        return True
    if pattern in configuration.objects:
        return False
    if configuration.is_torn or configuration.is_whole:
        return configuration.is_torn
    return not any(configuration.below(pattern.partition("*")[0].rstrip(".")))
