"""One effect of an image style in words: of people, of Drupal’s own pages, of `sheets`.

Belongs here: `Scale and crop 800x600`, `convert to WebP`, ids of effects that nobody knows. Does not:
the effects that a row has (`effects`), which effects there are (`drupal.toml`, `modules.toml`).
"""

import re
from dataclasses import dataclass

from jira_pipeline.drupal.meaning.modules_and_types import folded, known_effects

CONVERSION = "image_convert"
_CROP = "crop_crop"
EFFECT_ID = re.compile(r"(?<![a-z])[a-z]+(?:_[a-z]+)+")
EFFECT_WITH_SETTINGS = re.compile(r"(?P<id>[a-z]+(?:_[a-z]+)+) \((?P<settings>[a-z]\w* [^()]+)\)")
"""How `sheets` writes an effect that makes no size: `gangway_mark (placement left layer 3)`."""
CONVERSION_WORDS = re.compile(
    r"(?i)(?:image_convert[ _](?=\w+\.?$)|(?:convert(?: to)? )?(?=(?:webp|avif|jpe?g|png|gif)\.?$))"
    r"(?P<type>\w+)\.?"
)
_SUMMARY_OF_CROP = re.compile(
    r"(?P<crop>manual crop)\.? uses (?:the )?(?P<type>.+?) crop type\.?", re.IGNORECASE
)
"""Source: Crop API, `CropEffect::getSummary`."""
_SUMMARY_OF_SCALE = re.compile(
    r"(?P<name>.+?) (?P<side>width|height) (?P<size>\d+)(?: ?\(upscaling allowed\))?",
    re.IGNORECASE,
)
"""Source: core 11, `image-scale-summary.html.twig`."""
_SIZE = re.compile(
    r"(?:(?<!\d)(?P<width>\d+)\s*)?[x×]\s*(?P<height>\d*)|(?<!\d)(?P<alone>\d+)(?!\s*[%\d])"
)
_PER_CENT = re.compile(r"(?<!\d)(?P<value>\d+)\s*%$")


@dataclass(frozen=True, slots=True)
class StatedEffect:
    """An effect with its value, or other words in the place of one."""

    effect: str
    """Its id, of one that nobody knows as well; empty where the words name none."""
    value: str
    """Its size (`800x600`, `x600`), crop type, file type, per cent or settings with their keys; empty
    where none is named."""


def effect_in(words: str) -> StatedEffect:
    """Read the effect that some words name."""
    crop = _SUMMARY_OF_CROP.fullmatch(words)
    if crop:
        return StatedEffect(_CROP, folded(crop["type"]))
    scale = _SUMMARY_OF_SCALE.fullmatch(words)
    if scale and scale["side"].casefold() == "height":
        return effect_in(f"{scale['name']} x{scale['size']}")
    if scale:
        return effect_in(f"{scale['name']} {scale['size']}")
    if words.startswith(f"{_CROP} "):
        return StatedEffect(_CROP, folded(words.removeprefix(_CROP)))
    with_settings = EFFECT_WITH_SETTINGS.fullmatch(words)
    if with_settings:
        return StatedEffect(with_settings["id"], with_settings["settings"])
    conversion = CONVERSION_WORDS.fullmatch(words)
    if conversion:
        return StatedEffect(CONVERSION, conversion["type"].casefold().replace("jpeg", "jpg"))
    return _effect_with_size(words)


def _effect_with_size(words: str) -> StatedEffect:
    """Read an effect by its label or id, and the size or per cent after it."""
    size = _SIZE.search(words)
    share = _PER_CENT.search(words)
    value = share or size
    name = words[: value.start()] if value else words
    effect = effect_named(re.sub(r"\bto$", "", name.strip()).strip())
    if share and effect:
        return StatedEffect(effect, f"{share['value']}%")
    if size is None:
        return StatedEffect(effect, "")
    width = size["width"] or size["alone"] or ""
    return StatedEffect(effect, f"{width}x{size['height'] or ''}")


def effect_named(name: str) -> str:
    """Return the id of the effect of a name, of one that nobody knows as well; empty for other words."""
    known_effect = known_effects().get(folded(name))
    if known_effect is not None:
        effect_id, _module = known_effect
        return effect_id
    return name if "_" in name and name.isidentifier() else ""
