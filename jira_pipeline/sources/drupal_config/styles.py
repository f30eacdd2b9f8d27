"""Image styles with their effects, and responsive image styles.

Belongs here: what an export says of them, in columns of the sheets. Does not: sizes that suit.

Source: configuration schema of core image and responsive_image 9 to 11.
"""

from collections.abc import Iterator

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sources.drupal_config.configuration import SiteConfiguration
from jira_pipeline.sources.drupal_config.site import SiteEntity
from jira_pipeline.sources.drupal_config.site_settings import Settings


def image_style_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    """Yield each image style with its effects in the order in which they are applied."""
    for name, style in configuration.below("image.style"):
        placed = [effect for _, effect in style.at("effects").children]
        effects = [
            _effect(effect)
            for effect in sorted(placed, key=lambda effect: effect.at("weight").weight)
        ]
        yield SiteEntity(
            kind=EntityKind.IMAGE_STYLE,
            key=f"{EntityKind.IMAGE_STYLE.value}:{name}",
            label=style.at("label").text or name,
            machine_name=name,
            yaml=style.place,
            cells={
                "Style name": style.at("label").cell,
                "Machine name": style.at("name").spelled(name, name),
                "Notes": style.at("effects").spelled(", ".join(effects), *effects),
            },
        )


def _effect(effect: Settings) -> str:
    """Return an effect and what it makes: `image_crop 250x250`, `image_convert webp`."""
    values = {name: setting.text for name, setting in effect.at("data").children}
    width, height = values.get("width", ""), values.get("height", "")
    size = f"{width}x{height}" if height else width
    made = {
        "image_convert": values.get("extension", ""),
        "image_style_quality": f"{values.get('quality', '')}%".removeprefix("%"),
    }
    name = effect.at("id").text
    return f"{name} {made.get(name, size)}".strip()


def responsive_style_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    """Yield each responsive image style with breakpoints and image styles."""
    for name, style in configuration.below("responsive_image.styles"):
        group, fallback = style.at("breakpoint_group"), style.at("fallback_image_style")
        mappings = [each for _, each in style.at("image_style_mappings").children]
        used = dict.fromkeys(image_style for each in mappings for image_style in _styles(each))
        breakpoints = dict.fromkeys(_breakpoint(each, group.text) for each in mappings)
        place = style.at("image_style_mappings")
        yield SiteEntity(
            kind=EntityKind.RESPONSIVE_IMAGE_STYLE,
            key=f"{EntityKind.RESPONSIVE_IMAGE_STYLE.value}:{name}",
            label=style.at("label").text or name,
            machine_name=name,
            yaml=style.place,
            cells={
                "Responsive style": style.at("label").cell,
                "Machine name": style.at("id").spelled(name, name),
                "Breakpoint Group": group.cell,
                "Breakpoints Used": place.spelled(", ".join(breakpoints), *breakpoints),
                "Fallback Style": fallback.spelled(_label(configuration, fallback.text)),
                "Image Style Group(s)": place.spelled(
                    ", ".join(_label(configuration, each) for each in used), *used
                ),
                "Fallback machine name": fallback.cell,
            },
        )


def _label(configuration: SiteConfiguration, name: str) -> str:
    return configuration.settings(f"image.style.{name}").at("label").text or name


def _styles(mapping: Settings) -> tuple[str, ...]:
    """Return the image styles of a breakpoint: one, or those that a browser chooses from."""
    one = mapping.at("image_mapping")
    return (one.text,) if one.text else one.at("sizes_image_styles").texts


def _breakpoint(mapping: Settings, group: str) -> str:
    name = mapping.at("breakpoint_id").text.removeprefix(f"{group}.")
    multiplier = mapping.at("multiplier").text
    return f"{name} ({multiplier})" if multiplier else name
