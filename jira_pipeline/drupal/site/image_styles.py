"""Image styles with their effects, responsive image styles with their breakpoints.

Does not belong here: sizes that suit (`drupal/image_style`).

Source: configuration schema of core image and responsive_image 9 to 11; Crop API.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline.drupal.site.site_cells import Settings, SiteEntity
from jira_pipeline.model.entities import EntityKind

_CROP = "crop_crop "
_NO_EFFECTS = "No effects"
"""What sheets say of a style that leaves images as they are: a blank cell would be asked about."""
_DIVIDING = re.compile(r"[,;\n()]+")
"""Marks between the effects of a list, and around the settings of one."""
_NO_MAPPINGS = "No mappings"
"""The same of a responsive style that has the fallback alone."""
_OF_CORE = frozenset({"_original image_", "_empty image_"})
"""What core calls the file as it was uploaded, and no image: no image style has such a name."""


def image_style_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    """Yield each image style with its effects in the order in which they are applied."""
    crops = dict(configuration.below("crop.type"))
    for name, style in configuration.below("image.style"):
        effects = []
        effects_with_labels = []
        for effect in _effects_in_order(style):
            crop = crops.get(effect.removeprefix(_CROP))
            effects.append(effect)
            effects_with_labels.append(
                effect if crop is None else f"{_CROP}{crop.at('label').text}"
            )
        listed = ", ".join(effects) or _NO_EFFECTS
        cells = {
            "Style name": style.at("label").cell,
            "Machine name": style.at("name").spelled(name, name),
            "Notes": style.at("effects").spelled(listed, *effects_with_labels),
        }
        yield style.entity(EntityKind.IMAGE_STYLE, name, cells)
        yield from _effect_entities(name, style, effects_with_labels)


def _effect_entities(name: str, style: Settings, labelled: Sequence[str]) -> Iterator[SiteEntity]:
    """Yield each effect of a style as a part of it, known by its place in their order."""
    label = style.at("label")
    owner_key = f"{EntityKind.IMAGE_STYLE.value}:{name}"
    for place, effect in enumerate(_in_order(style)):
        effect_id = effect.at("id")
        made = _effect(effect)
        value = made.removeprefix(effect_id.text).strip()
        cells = {
            "Image style": label.spelled(label.text, name),
            "Effect": effect_id.cell,
            "Summary": effect.at("data").spelled(value, made, labelled[place]),
        }
        part = f"{name}/{place + 1}"
        entity = effect.entity(
            EntityKind.IMAGE_EFFECT, part, cells, owner_key=owner_key, label="id"
        )
        yield replace(entity, machine_name="")  # it has none, and its key is its place


def _effects_in_order(style: Settings) -> list[str]:
    """Return the effects of a style in the order in which they are applied."""
    return [_effect(effect) for effect in _in_order(style)]


def _in_order(style: Settings) -> list[Settings]:
    effects = [effect for _, effect in style.at("effects").children]
    return sorted(effects, key=lambda effect: effect.at("weight").weight)


def _effect(effect: Settings) -> str:
    """Return an effect and what it makes: `image_crop 250x250`, `image_convert webp`."""
    name = effect.at("id").text
    return f"{name} {_value_of_effect(name, effect.at('data'))}".strip()


def _value_of_effect(name: str, values: Settings) -> str:
    """Return the value that an effect is known by; of all others the size they make."""
    match name:
        case "crop_crop":
            return values.at("crop_type").text
        case "image_rotate":
            return values.at("degrees").text
        case "image_convert":
            return values.at("extension").text
        case "image_style_quality":
            quality = values.at("quality").text
            return f"{quality}%" if quality else ""
        case _:
            width = values.at("width").text
            height = values.at("height").text
            if width or height:
                return f"{width}x{height}" if height else width
            settings = " ".join(_settings_of_effect(values))
            return f"({settings})" if settings else ""


def _settings_of_effect(values: Settings) -> Iterator[str]:
    """Yield the settings of an effect without a size, each with its key: `placement left-top`."""
    for key, value in values.children:
        if value.text:
            yield f"{key} {_DIVIDING.sub(' ', value.text)}"
        yield from _settings_of_effect(value)


def responsive_style_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    """Yield each responsive image style with breakpoints and image styles."""
    for name, style in configuration.below("responsive_image.styles"):
        group = style.at("breakpoint_group")
        fallback = style.at("fallback_image_style")
        place = style.at("image_style_mappings")
        styles: dict[str, None] = {}
        breakpoints: dict[str, None] = {}
        notes = []
        for _, mapping in place.children:
            styles.update(dict.fromkeys(_styles(mapping)))
            breakpoints[_breakpoint(mapping, f"{group.text}.")] = None
            notes.append(_mapping_noted(mapping, f"{group.text}."))
        labels = ", ".join(_label(configuration, style_name) for style_name in styles)
        of_core = tuple(_OF_CORE.intersection(styles))
        fallback_style = fallback.spelled(_label(configuration, fallback.text))
        fallback_name = fallback.cell
        if fallback.text in _OF_CORE:
            fallback_style = replace(fallback_style, dangling=(fallback.text,))
            # The word of core is no machine name.
            fallback_name = replace(fallback_name, text="", dangling=(fallback.text,))
        cells = {
            "Responsive style": style.at("label").cell,
            "Machine name": style.at("id").spelled(name, name),
            "Breakpoint Group": group.cell,
            "Breakpoints Used": place.spelled(", ".join(breakpoints), *breakpoints),
            "Fallback Style": fallback_style,
            "Image Style Group(s)": replace(place.spelled(labels, *styles), dangling=of_core),
            "Fallback machine name": fallback_name,
            "Notes": place.spelled("; ".join(notes) or _NO_MAPPINGS, *notes),
        }
        yield style.entity(EntityKind.RESPONSIVE_IMAGE_STYLE, name, cells)


def _label(configuration: SiteConfiguration, name: str) -> str:
    return configuration.settings(f"image.style.{name}").at("label").text or name


def _styles(mapping: Settings) -> tuple[str, ...]:
    """Return the image styles of a breakpoint: one, or those that a browser chooses from."""
    single = mapping.at("image_mapping")
    return (single.text,) if single.text else single.at("sizes_image_styles").texts


def _mapping_noted(mapping: Settings, group: str) -> str:
    """Return the image styles of a breakpoint, and the sizes by which a browser chooses."""
    noted = f"{_breakpoint(mapping, group)}: {', '.join(_styles(mapping))}"
    sizes = mapping.at("image_mapping", "sizes").text
    return f"{noted}, sizes {sizes}" if sizes else noted


def _breakpoint(mapping: Settings, group: str) -> str:
    """Return the name of a breakpoint without that of its group: `narrow (2x)`."""
    name = mapping.at("breakpoint_id").text.removeprefix(group)
    multiplier = mapping.at("multiplier").text
    return f"{name} ({multiplier})" if multiplier else name
