"""Bundles with their switches, view modes with their use, image styles with their effects.

Belongs here: what an export says of them, in columns of the sheets. Does not: their fields
(`site_fields`), sizes that suit.

Source: configuration schema of core node, taxonomy, media, block_content, content_moderation,
content_translation, layout_builder, image and responsive_image 9 to 11; Paragraphs, Webform,
Pathauto, Scheduler, Metatag and Search API for Drupal 8 and later.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from jira_pipeline.drupal.site.configuration import (
    SiteConfiguration,
    YamlRefusedError,
    parse_yaml,
)
from jira_pipeline.drupal.site.site_cells import Settings, SiteCell, SiteEntity, first_yes, plain
from jira_pipeline.model.entities import BundleType, EntityKind
from jira_pipeline.model.grouped import group_pairs

_NO_PATTERN = "-"
_LAID_OUT = ("third_party_settings", "layout_builder", "enabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle as other things of the site name it."""

    type: BundleType
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


_KINDS: Mapping[str, tuple[BundleType, str, str]] = {
    "node": (BundleType.CONTENT, "node.type", "name"),
    "paragraph": (BundleType.PARAGRAPH, "paragraphs.paragraphs_type", "label"),
    "taxonomy_term": (BundleType.VOCABULARY, "taxonomy.vocabulary", "name"),
    "media": (BundleType.MEDIA, "media.type", "label"),
    "block_content": (BundleType.BLOCK, "block_content.type", "label"),
    "webform_submission": (BundleType.WEBFORM, "webform.webform", "title"),
}
"""Type of bundle, prefix of its objects and key of its label, by entity type."""
_ENTITY_TYPES = {bundle_type: entity_type for entity_type, (bundle_type, _, _) in _KINDS.items()}
Bundles = Mapping[tuple[str, str], Bundle]
"""By entity type and machine name."""


def entity_type_of(bundle_type: BundleType | None) -> str:
    """Return what Drupal calls the items of a type of bundle; empty where there is none."""
    return _ENTITY_TYPES[bundle_type] if bundle_type is not None else ""


def bundles_of(configuration: SiteConfiguration) -> Bundles:
    """Return every bundle that a sheet could describe."""
    found = {
        (entity_type, name): Bundle(
            type=bundle_type,
            entity_type=entity_type,
            name=name,
            settings=settings,
            title=settings.at(label).text or name,
        )
        for entity_type, (bundle_type, prefix, label) in _KINDS.items()
        for name, settings in (*configuration.below(prefix), *configuration.unread_below(prefix))
    }
    labels = Counter(bundle.label.casefold() for bundle in found.values())
    names = Counter(name.casefold() for _, name in found)
    names.update({bundle.title.casefold() for bundle in found.values()} & names.keys())
    return {
        key: replace(bundle, is_label_shared=True)
        if labels[bundle.label.casefold()] > 1 and names[bundle.name.casefold()] == 1
        else bundle
        for key, bundle in found.items()
    }


def bundle_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    for bundle in bundles.values():
        settings = bundle.settings
        label = _KINDS[bundle.entity_type][2]
        cells = {
            "Name": settings.at(label).spelled(bundle.title, bundle.title),
            "Machine name": settings.spelled(bundle.name, bundle.name),
            "Description": settings.at("description").cell,
            "Type": settings.spelled(bundle.type.value, bundle.entity_type),
        }
        own = _built if bundle.type is BundleType.WEBFORM else _switches
        cells |= own(configuration, bundle)
        yield SiteEntity(
            kind=EntityKind.BUNDLE,
            key=bundle.key,
            label=bundle.label,
            machine_name=bundle.name,
            bundle_type=bundle.type,
            yaml=settings.place,
            cells=cells,
        )


def _built(_: SiteConfiguration, bundle: Bundle) -> dict[str, SiteCell]:
    """Return what a webform asks for, and what handles what is sent; its elements are YAML in a text."""
    elements = bundle.settings.at("elements")
    handlers = bundle.settings.at("handlers")
    try:
        content = elements.text.encode()  # within a file that was read within the limits
        data = parse_yaml(content, max_bytes=len(content))[0]
    except YamlRefusedError:
        return {}
    inputs = [_element(name, part) for name, part in _inputs(Settings(data, elements.place))]
    told = [f"{part.at('label').text} ({part.at('id').text})" for _, part in handlers.children]
    said = {"Elements": inputs, "Handlers": told}
    text = " ".join(f"{kind}: {'; '.join(each)}." for kind, each in said.items() if each)
    return {"Notes": SiteCell(text=text, yaml=elements.place)}


def _inputs(parts: Settings) -> Iterator[tuple[str, Settings]]:
    """Yield the elements of a form with those within them; what begins with `#` is a property."""
    for name, part in parts.children:
        if not name.startswith("#") and part.at("#type").text != "webform_actions":
            yield name, part
            yield from _inputs(part)


def _element(name: str, part: Settings) -> str:
    required = ["required"] if part.at("#required").is_on else []
    said = ", ".join(filter(None, [part.at("#type").text, *required]))
    title = plain(part.at("#title").text)
    return f"{title} ({name}: {said})" if title else f"{name} ({said})"


def _switches(configuration: SiteConfiguration, bundle: Bundle) -> dict[str, SiteCell]:
    place = f"{bundle.entity_type}.{bundle.name}"
    translation = configuration.settings(f"language.content_settings.{place}")
    scheduler = bundle.settings.at("third_party_settings", "scheduler")
    publish = scheduler.at("publish_enable")
    unpublish = scheduler.at("unpublish_enable")
    # Layout Builder may lay it out in one view mode alone
    displays = f"core.entity_view_display.{place}"
    switches = (display.at(*_LAID_OUT) for _, display in configuration.below(displays))
    usual = configuration.settings(f"{displays}.default").at(*_LAID_OUT)
    cells = {
        "Mod.": _moderation(configuration, bundle),
        "Layout": first_yes((switch for switch in switches if switch.is_on), usual.place),
        "Trns.": translation.at("third_party_settings", "content_translation", "enabled").switch,
        "Cmnt.": _field_of_type(configuration, place, "comment"),
        "Meta": _field_of_type(configuration, place, "metatag"),
        "Sched.": (unpublish if unpublish.is_on and not publish.is_on else publish).switch,
        "URL alias pattern": _alias_pattern(configuration, bundle),
    }
    search = _search(configuration, bundle)
    return cells if search is None else {**cells, "Srch.": search}


def _moderation(configuration: SiteConfiguration, bundle: Bundle) -> SiteCell:
    keys = ("type_settings", "entity_types", bundle.entity_type)
    workflows = [workflow for _, workflow in configuration.below("workflows.workflow")]
    found = (w.at(*keys) for w in workflows if bundle.name in w.at(*keys).texts)
    return first_yes(found, f"workflows.workflow.*.yml:{'.'.join(keys)}")


def _field_of_type(configuration: SiteConfiguration, place: str, field_type: str) -> SiteCell:
    types = (field.at("field_type") for _, field in configuration.below(f"field.field.{place}"))
    found = (each for each in types if each.text == field_type)
    return first_yes(found, f"field.field.{place}.*.yml:field_type")


def _search(configuration: SiteConfiguration, bundle: Bundle) -> SiteCell | None:
    """Say whether an enabled index of Search API holds the bundle; None where core's Search may."""
    keys = ("datasource_settings", f"entity:{bundle.entity_type}", "bundles")
    modules = configuration.settings("core.extension").at("module")
    all_chosen = [
        index.at(*keys)
        for _, index in configuration.below("search_api.index")
        if _is_enabled(index)
        and _is_enabled(configuration.settings(f"search_api.server.{index.at('server').text}"))
    ]
    if not all_chosen and modules.at("search").is_there and not modules.at("search_api").is_there:
        return None
    found = (
        chosen
        for chosen in all_chosen
        if chosen.is_there
        and (bundle.name in chosen.at("selected").texts) != chosen.at("default").is_on
    )
    return first_yes(found, all_chosen[0].place if all_chosen else "search_api.index.*.yml:status")


def _is_enabled(settings: Settings) -> bool:
    return settings.at("status").text != "False"


def _alias_pattern(configuration: SiteConfiguration, bundle: Bundle) -> SiteCell:
    """Return the pattern that Pathauto takes first; it looks at the lightest first."""
    of_type = f"canonical_entities:{bundle.entity_type}"
    found = [
        (pattern.at("weight").weight, name, pattern.at("pattern"))
        for name, pattern in configuration.below("pathauto.pattern")
        if _is_enabled(pattern) and pattern.at("type").text == of_type
        if _is_selected(pattern, bundle.name)
    ]
    if not found:
        return SiteCell(text=_NO_PATTERN, yaml="pathauto.pattern.*.yml:selection_criteria")
    patterns = [pattern for _, _, pattern in sorted(found, key=lambda each: each[:2])]
    return patterns[0].spelled(patterns[0].text, *(pattern.text for pattern in patterns))


def _is_selected(pattern: Settings, bundle: str) -> bool:
    return all(
        (bundle in each.at("bundles").texts) != each.at("negate").is_on
        for _, each in pattern.at("selection_criteria").children
        if each.at("bundles").texts
    )


def view_mode_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield each view mode with the bundles that are shown in it: those with an enabled display."""
    for entity_type, (bundle_type, _, _) in _KINDS.items():
        enabled = group_pairs(
            (mode, (bundles[entity_type, name], _shown(display)))
            for place, display in configuration.below(f"core.entity_view_display.{entity_type}")
            for name, _, mode in [place.partition(".")]
            if display.at("status").is_on and (entity_type, name) in bundles
        )
        for mode, settings in configuration.below(f"core.entity_view_mode.{entity_type}"):
            label = settings.at("label").text or mode
            shows = enabled.get(mode, [])
            displays = f"core.entity_view_display.{entity_type}.*.{mode}.yml:status"
            yield SiteEntity(
                kind=EntityKind.VIEW_MODE,
                key=f"{EntityKind.VIEW_MODE.value}:{bundle_type.value}/{label}",
                label=label,
                machine_name=mode,
                bundle_type=bundle_type,
                yaml=settings.place,
                cells={
                    "View Modes": settings.at("label").cell,
                    "Machine name": settings.spelled(mode, mode),
                    "Entity Type": settings.at("targetEntityType").spelled(bundle_type.value),
                    "Entities Used On": SiteCell(
                        text=", ".join(bundle.title for bundle, _ in shows),
                        values=tuple(bundle.name for bundle, _ in shows),
                        yaml=displays,
                    ),
                    "Notes": SiteCell(
                        text="; ".join(f"{one.title}: {what}" for one, what in shows)
                        or "No display of this mode is enabled.",
                        values=tuple(f"{one.name}: {what}" for one, what in shows),
                        yaml=displays,
                    ),
                },
            )


def _shown(display: Settings) -> str:
    """Return the fields of a display in their order, with their formatters."""
    if display.at(*_LAID_OUT).is_on:
        return "laid out with Layout Builder"
    placed = sorted(display.at("content").children, key=lambda each: each[1].at("weight").weight)
    formats = ((name, part.at("type").text) for name, part in placed)
    return ", ".join(f"{name} ({f})" if f else name for name, f in formats) or "nothing"


def image_style_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    """Yield each image style with its effects in the order in which they are applied."""
    for name, style in configuration.below("image.style"):
        every = (effect for _, effect in style.at("effects").children)
        effects = [*map(_effect, sorted(every, key=lambda effect: effect.at("weight").weight))]
        crops = dict(configuration.below("crop.type"))
        named = ((each, crops.get(each.removeprefix("crop_crop "))) for each in effects)
        labelled = [f"crop_crop {t.at('label').text}" if t else each for each, t in named]
        cells = {
            "Style name": style.at("label").cell,
            "Machine name": style.at("name").spelled(name, name),
            "Notes": style.at("effects").spelled(", ".join(effects), *labelled),
        }
        yield style.entity(EntityKind.IMAGE_STYLE, name, cells)


def _effect(effect: Settings) -> str:
    """Return an effect and what it makes: `image_crop 250x250`, `image_convert webp`."""
    values = {name: setting.text for name, setting in effect.at("data").children}
    width = values.get("width", "")
    height = values.get("height", "")
    size = f"{width}x{height}" if height else width
    made = {
        "crop_crop": values.get("crop_type", ""),
        "image_rotate": values.get("degrees", ""),
        "image_convert": values.get("extension", ""),
        "image_style_quality": f"{values.get('quality', '')}%".removeprefix("%"),
    }
    name = effect.at("id").text
    return f"{name} {made.get(name, size)}".strip()


def responsive_style_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    """Yield each responsive image style with breakpoints and image styles."""
    for name, style in configuration.below("responsive_image.styles"):
        group = style.at("breakpoint_group")
        fallback = style.at("fallback_image_style")
        place = style.at("image_style_mappings")
        mappings = [each for _, each in place.children]
        used = dict.fromkeys(image_style for each in mappings for image_style in _styles(each))
        breakpoints = dict.fromkeys(_breakpoint(each, f"{group.text}.") for each in mappings)
        mapped = [_mapped(each, f"{group.text}.") for each in mappings]
        labels = ", ".join(_label(configuration, each) for each in used)
        cells = {
            "Responsive style": style.at("label").cell,
            "Machine name": style.at("id").spelled(name, name),
            "Breakpoint Group": group.cell,
            "Breakpoints Used": place.spelled(", ".join(breakpoints), *breakpoints),
            "Fallback Style": fallback.spelled(_label(configuration, fallback.text)),
            "Image Style Group(s)": place.spelled(labels, *used),
            "Fallback machine name": fallback.cell,
            "Notes": place.spelled("; ".join(mapped), *mapped),
        }
        yield style.entity(EntityKind.RESPONSIVE_IMAGE_STYLE, name, cells)


def _label(configuration: SiteConfiguration, name: str) -> str:
    return configuration.settings(f"image.style.{name}").at("label").text or name


def _styles(mapping: Settings) -> tuple[str, ...]:
    """Return the image styles of a breakpoint: one, or those that a browser chooses from."""
    one = mapping.at("image_mapping")
    return (one.text,) if one.text else one.at("sizes_image_styles").texts


def _mapped(mapping: Settings, group: str) -> str:
    """Return the image styles of a breakpoint, and the sizes by which a browser chooses."""
    sizes = mapping.at("image_mapping", "sizes").text
    styles = ", ".join(_styles(mapping))
    return f"{_breakpoint(mapping, group)}: {styles}" + (f", sizes {sizes}" if sizes else "")


def _breakpoint(mapping: Settings, group: str) -> str:
    name = mapping.at("breakpoint_id").text
    multiplier = mapping.at("multiplier").text
    return name.removeprefix(group) + (f" ({multiplier})" if multiplier else "")
