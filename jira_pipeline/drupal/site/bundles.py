"""Bundles with their switches, as an export says them in columns of the sheets.

Belongs here: what other things of the site need to know of a bundle, too. Does not: its fields
(`site_fields`), what a webform asks for (`webforms`), view modes (`view_modes`).

Source: configuration schema of core node, taxonomy, media, block_content, content_moderation,
content_translation and layout_builder 9 to 11; Paragraphs, Webform, Pathauto, Scheduler, Metatag and
Search API for Drupal 8 and later.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from jira_pipeline.drupal.site.configuration import (
    EARLIER_PREFIXES,
    PREFIXES_READ_LATER,
    SiteConfiguration,
)
from jira_pipeline.drupal.site.site_cells import (
    Settings,
    SiteCell,
    SiteEntity,
    first_yes,
    word_for,
)
from jira_pipeline.drupal.site.webforms import webform_cells
from jira_pipeline.model.entities import (
    AnyBundleType,
    BundleType,
    EntityKind,
    OtherType,
)

_NO_PATTERN = "-"
_ID = re.compile(r"[\w.:-]+")
LAID_OUT = ("third_party_settings", "layout_builder", "enabled")
"""Where a display says that Layout Builder lays it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle as other things of the site name it."""

    type: AnyBundleType
    entity_type: str
    name: str
    settings: Settings
    title: str
    """What people call it, without its type."""
    is_label_shared: bool = False
    """Another bundle of its type has the same title, and none at all its machine name."""

    @property
    def label(self) -> str:
        """What sheets call it: `Name (Type)`."""
        return f"{self.title} ({self.type.value})"

    @property
    def reference(self) -> str:
        """How a list of bundles names it so that nobody can take it for another."""
        return self.name if self.is_label_shared else self.label

    @property
    def key(self) -> str:
        return f"{EntityKind.BUNDLE.value}:{self.type.value}/{self.name}"


BUNDLE_SOURCES: Mapping[str, tuple[BundleType, str, str]] = {
    "node": (BundleType.CONTENT, "node.type", "name"),
    "paragraph": (BundleType.PARAGRAPH, "paragraphs.paragraphs_type", "label"),
    "taxonomy_term": (BundleType.VOCABULARY, "taxonomy.vocabulary", "name"),
    "media": (BundleType.MEDIA, "media.type", "label"),
    "block_content": (BundleType.BLOCK, "block_content.type", "label"),
    "webform_submission": (BundleType.WEBFORM, "webform.webform", "title"),
    "user": (BundleType.USER, "", ""),
    "comment": (BundleType.COMMENT, PREFIXES_READ_LATER["comment"], "label"),
    "group": (BundleType.GROUP, PREFIXES_READ_LATER["group"], "label"),
    "profile": (BundleType.PROFILE, PREFIXES_READ_LATER["profile"], "label"),
    "commerce_product": (BundleType.PRODUCT, PREFIXES_READ_LATER["commerce_product"], "label"),
    "commerce_product_variation": (
        BundleType.PRODUCT_VARIATION,
        PREFIXES_READ_LATER["commerce_product_variation"],
        "label",
    ),
    "message": (BundleType.MESSAGE, PREFIXES_READ_LATER["message"], "label"),
    "config_pages": (BundleType.CONFIG_PAGE, PREFIXES_READ_LATER["config_pages"], "label"),
}
"""Type of bundle, prefix of its objects and key of its label, by entity type; accounts have no object."""
_ACCOUNTS = "user"
_NAME_OF_ACCOUNTS = "User"
"""Core `User`: the label of the entity type, which is that of its only bundle."""
_SETTINGS_OF_ACCOUNTS = "user.settings"

_ENTITY_TYPES = {
    bundle_type: entity_type for entity_type, (bundle_type, _, _) in BUNDLE_SOURCES.items()
}
Bundles = Mapping[tuple[str, str], Bundle]
"""By entity type and machine name."""


def entity_type_of(bundle_type: AnyBundleType | None) -> str:
    """Return what Drupal calls the items of a type of bundle; empty where there is none."""
    if isinstance(bundle_type, OtherType):
        return bundle_type.entity_type
    return _ENTITY_TYPES[bundle_type] if bundle_type is not None else ""


def bundles_of(configuration: SiteConfiguration) -> Bundles:
    """Return every bundle that a sheet could describe, those whose file cannot be read included."""
    bundles = {}
    for entity_type, (bundle_type, prefix, label) in BUNDLE_SOURCES.items():
        if not prefix:
            continue
        files = [*configuration.below(prefix), *_unread_bundles(configuration, entity_type, prefix)]
        earlier = EARLIER_PREFIXES.get(prefix)
        if earlier is not None:
            files += configuration.below(earlier)
            files += _unread_bundles(configuration, entity_type, earlier)
        for name, settings in files:
            bundles[entity_type, name] = Bundle(
                type=bundle_type,
                entity_type=entity_type,
                name=name,
                settings=settings,
                title=settings.at(label).text or name,
            )
    for bundle in (_accounts(configuration), *_bundles_of_other_types(configuration)):
        bundles[bundle.entity_type, bundle.name] = bundle
    labels = Counter(bundle.label.casefold() for bundle in bundles.values())
    names = Counter(name.casefold() for _, name in bundles)
    # A title that is also a machine name stands for two bundles, too.
    names.update({bundle.title.casefold() for bundle in bundles.values()} & names.keys())
    for key, bundle in bundles.items():
        is_label_of_several = labels[bundle.label.casefold()] > 1
        if is_label_of_several and names[bundle.name.casefold()] == 1:
            bundles[key] = replace(bundle, is_label_shared=True)
    return bundles


def _unread_bundles(
    configuration: SiteConfiguration, entity_type: str, prefix: str
) -> Iterator[tuple[str, Settings]]:
    """Yield the bundles whose file cannot be read, or is missing although fields or forms are there.

    One that others merely name may have been deleted: sites keep such names for years.
    """
    for name, settings in configuration.unread_below(prefix):
        is_refused = f"{prefix}.{name}" in configuration.refused
        if is_refused or configuration.has_part_of(entity_type, name):
            yield name, settings


def _accounts(configuration: SiteConfiguration) -> Bundle:
    """Return the bundle of user accounts, which every site has and no file describes."""
    return Bundle(
        type=BundleType.USER,
        entity_type=_ACCOUNTS,
        name=_ACCOUNTS,
        settings=configuration.settings(_SETTINGS_OF_ACCOUNTS),
        title=_NAME_OF_ACCOUNTS,
    )


def _bundles_of_other_types(configuration: SiteConfiguration) -> Iterator[Bundle]:
    """Yield the bundles with fields of entity types that have no word of ours.

    Only their fields name them: which file is their own depends on a module that nobody knows here.
    """
    fields_by_bundle: dict[tuple[str, str], Settings] = {}
    for place, field in configuration.below("field.field"):
        entity_type, name, _ = place.split(".", 2)
        if entity_type not in BUNDLE_SOURCES:
            fields_by_bundle.setdefault((entity_type, name), field)
    for (entity_type, name), first_field in fields_by_bundle.items():
        yield Bundle(
            type=OtherType(entity_type),
            entity_type=entity_type,
            name=name,
            settings=Settings(None, first_field.place),
            title=name,
        )


def bundle_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield each bundle with its description and switches."""
    for bundle in bundles.values():
        settings = bundle.settings
        cells = _naming_cells(bundle)
        if bundle.type is BundleType.WEBFORM:
            cells |= webform_cells(settings)
        elif isinstance(bundle.type, BundleType):
            cells |= _switches(configuration, bundle)
        if bundle.type is BundleType.MEDIA:
            cells |= _media_source(settings)
        if bundle.type is BundleType.PARAGRAPH:
            cells |= _behaviors(settings)
        yield SiteEntity(
            kind=EntityKind.BUNDLE,
            key=bundle.key,
            label=bundle.label,
            machine_name=bundle.name,
            bundle_type=bundle.type,
            is_as_shipped=_is_as_shipped(configuration, bundle),
            yaml=settings.place,
            cells=cells,
        )


def _naming_cells(bundle: Bundle) -> dict[str, SiteCell]:
    """Return what a bundle is called and described with; one without a file of its own has no description."""
    settings = bundle.settings
    named = settings
    cells = {}
    _, prefix, label = BUNDLE_SOURCES.get(bundle.entity_type, ("", "", ""))
    if prefix:
        named = settings.at(label)
        cells["Description"] = settings.at("description").cell
    return {
        "Name": named.spelled(bundle.title, bundle.title),
        "Machine name": settings.spelled(bundle.name, bundle.name),
        **cells,
        "Type": settings.spelled(bundle.type.value, bundle.entity_type),
    }


def _is_as_shipped(configuration: SiteConfiguration, bundle: Bundle) -> bool:
    """Tell whether a bundle is there as on every site: accounts that nobody gave a field."""
    if bundle.type is not BundleType.USER:
        return False
    fields = f"field.field.{_ACCOUNTS}"
    are_there = any(configuration.below(fields)) or any(configuration.unread_below(fields))
    return not are_there


def _media_source(media: Settings) -> dict[str, SiteCell]:
    """Write the source of a media type with its field; Media Entity 1.x called both otherwise.

    `Media source: Image (field_media_image).`
    """
    source = media.at("source")
    field = media.at("source_configuration", "source_field")
    if not source.is_there:
        source = media.at("type")
        field = media.at("type_configuration", "source_field")
    if not source.text:
        return {}
    noted = f"Media source: {word_for('media_sources', source.text)}"
    with_field = f"{noted} ({field.text})." if field.text else f"{noted}."
    return {"Notes": source.spelled(with_field, f"{noted}.")}


def _behaviors(paragraph: Settings) -> dict[str, SiteCell]:
    """Write what modules add to a paragraph type beside its fields, such as the layouts of a section.

    `Behaviors: layout_paragraphs (available_layouts two_columns, three_columns); style.`
    """
    plugins = paragraph.at("behavior_plugins")
    noted = []
    for name, plugin in plugins.children:
        if plugin.at("enabled").is_on:
            settings = "; ".join(_settings_of_behavior(plugin))
            noted.append(f"{name} ({settings})" if settings else name)
    return {"Notes": plugins.spelled(f"Behaviors: {'; '.join(noted)}.")} if noted else {}


def _settings_of_behavior(plugin: Settings) -> Iterator[str]:
    """Yield the settings that name something: by ids, because labels may read like an open note."""
    for name, setting in plugin.children:
        if name == "enabled":
            continue
        ids = [key for key, part in setting.children if part.text != "0"]
        if isinstance(setting.data, list):
            ids = [*setting.texts]
        elif _ID.fullmatch(setting.text):
            ids = [setting.text]
        if ids:
            yield f"{name} {', '.join(ids)}"


def _switches(configuration: SiteConfiguration, bundle: Bundle) -> dict[str, SiteCell]:
    """Return what modules do with a bundle, as `y` or `n`, and its pattern of addresses."""
    place = f"{bundle.entity_type}.{bundle.name}"
    translation = configuration.settings(f"language.content_settings.{place}")
    cells = {
        "Mod.": _moderation(configuration, bundle),
        "Layout": _layout(configuration, place),
        "Trns.": translation.at("third_party_settings", "content_translation", "enabled").switch,
        "Cmnt.": _field_of_type(configuration, place, "comment"),
        "Meta": _field_of_type(configuration, place, "metatag"),
        "Sched.": _scheduling(bundle),
        "URL alias pattern": _alias_pattern(configuration, bundle),
    }
    search = _search(configuration, bundle)
    if search is not None:
        cells["Srch."] = search
    return cells


def _moderation(configuration: SiteConfiguration, bundle: Bundle) -> SiteCell:
    """Say whether a workflow applies to the bundle."""
    keys = ("type_settings", "entity_types", bundle.entity_type)
    applying = []
    for _, workflow in configuration.below("workflows.workflow"):
        applies_to = workflow.at(*keys)
        if bundle.name in applies_to.texts:
            applying.append(applies_to)
    return first_yes(applying, f"workflows.workflow.*.yml:{'.'.join(keys)}")


def _layout(configuration: SiteConfiguration, place: str) -> SiteCell:
    """Say whether Layout Builder lays the bundle out, be it in one view mode alone."""
    displays = f"core.entity_view_display.{place}"
    switches = [display.at(*LAID_OUT) for _, display in configuration.below(displays)]
    usual = configuration.settings(f"{displays}.default").at(*LAID_OUT)
    return first_yes((switch for switch in switches if switch.is_on), usual.place)


def _scheduling(bundle: Bundle) -> SiteCell:
    """Say whether items are published, or only unpublished, at a time."""
    scheduler = bundle.settings.at("third_party_settings", "scheduler")
    publish = scheduler.at("publish_enable")
    unpublish = scheduler.at("unpublish_enable")
    return (unpublish if unpublish.is_on and not publish.is_on else publish).switch


def _field_of_type(configuration: SiteConfiguration, place: str, field_type: str) -> SiteCell:
    """Say whether a bundle has a field of a type."""
    types = (field.at("field_type") for _, field in configuration.below(f"field.field.{place}"))
    found = (found_type for found_type in types if found_type.text == field_type)
    return first_yes(found, f"field.field.{place}.*.yml:field_type")


def _search(configuration: SiteConfiguration, bundle: Bundle) -> SiteCell | None:
    """Say whether an enabled index of Search API holds the bundle; None where core's Search may."""
    all_chosen = _indexed_bundles(configuration, bundle.entity_type)
    modules = configuration.settings("core.extension").at("module")
    is_of_core = modules.at("search").is_there and not modules.at("search_api").is_there
    if not all_chosen and is_of_core:
        return None
    holding = []
    for chosen in all_chosen:
        # An index takes the selected bundles, or by default all but these.
        is_selected = bundle.name in chosen.at("selected").texts
        if chosen.is_there and is_selected != chosen.at("default").is_on:
            holding.append(chosen)
    nowhere = all_chosen[0].place if all_chosen else "search_api.index.*.yml:status"
    return first_yes(holding, nowhere)


def _indexed_bundles(configuration: SiteConfiguration, entity_type: str) -> list[Settings]:
    """Return where each enabled index on an enabled server says which bundles it holds."""
    all_chosen = []
    for _, index in configuration.below("search_api.index"):
        server = configuration.settings(f"search_api.server.{index.at('server').text}")
        if _is_enabled(index) and _is_enabled(server):
            chosen = index.at("datasource_settings", f"entity:{entity_type}", "bundles")
            all_chosen.append(chosen)
    return all_chosen


def _is_enabled(settings: Settings) -> bool:
    return settings.at("status").text != "False"


def _alias_pattern(configuration: SiteConfiguration, bundle: Bundle) -> SiteCell:
    """Return the pattern that Pathauto takes first; it looks at the lightest first."""
    of_type = f"canonical_entities:{bundle.entity_type}"
    by_weight = []
    for name, pattern in configuration.below("pathauto.pattern"):
        is_of_type = _is_enabled(pattern) and pattern.at("type").text == of_type
        if is_of_type and _is_selected(pattern, bundle.name):
            by_weight.append((pattern.at("weight").weight, name, pattern.at("pattern")))
    if not by_weight:
        return SiteCell(text=_NO_PATTERN, yaml="pathauto.pattern.*.yml:selection_criteria")
    by_weight.sort(key=lambda each: each[:2])
    patterns = [pattern for _, _, pattern in by_weight]
    return patterns[0].spelled(patterns[0].text, *(pattern.text for pattern in patterns))


def _is_selected(pattern: Settings, bundle: str) -> bool:
    """Tell whether all criteria of a pattern that name bundles let a bundle through."""
    for _, criterion in pattern.at("selection_criteria").children:
        names = criterion.at("bundles").texts
        if names and (bundle in names) == criterion.at("negate").is_on:
            return False
    return True
