"""What the note of an image style says of its effects, in their usual shape.

Belongs here: `Scale and crop 800x600, convert to WebP`, with the names that `drupal.toml` knows,
and ids of effects that nobody knows; nothing is said of any other words, or of a size beside them.
One effect with its value, as people, Drupal's own pages or `sheets` write it. Does not: what follows
from it (questions, claims), whether a site has it (`verification`).
"""

import re
from dataclasses import dataclass

from jira_pipeline.drupal.meaning.modules_and_types import folded, known_effects, listed_in
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import Entity

_ITEM = re.compile(
    r"(?i)(?P<name>[a-z_ ]+?)(?: to)?(?: (?P<size>\d+ ?[x×] ?\d+|x ?\d+|\d+ ?x?)(?:%|px)?)?"
)
_NOT = re.compile(r"(?:no|was)\b", re.IGNORECASE)
_AROUND = re.compile(r"(?i)^(?:is )?now | for [a-z ]+$")
"""What a note says before an effect, that it is the new one, and after it, what for."""
_ID = re.compile(r"[a-z]+(?:_[a-z]+)+")
_CONVERSION = re.compile(
    r"(?i)(?:image_convert[ _](?=\w+\.?$)|(?:convert(?: to)? )?(?=(?:webp|avif|jpe?g|png|gif)\.?$))"
    r"(?P<type>\w+)\.?"
)
_SIZE = re.compile(
    r"(?:(?<!\d)(?P<width>\d+)\s*)?[x×]\s*(?P<height>\d*)|(?<!\d)(?P<alone>\d+)(?!\s*[%\d])"
)
_SUMMARY = re.compile(
    r"(?P<crop>manual crop)\.? uses (?:the )?(?P<type>.+?) crop type\.?"
    r"|(?P<name>.+?) (?P<side>width|height) (?P<size>\d+)(?: ?\(upscaling allowed\))?",
    re.IGNORECASE,
)
"""Source: core 11 `image-scale-summary.html.twig`, Crop API `CropEffect::getSummary`."""
_PER_CENT = re.compile(r"(?<!\d)(?P<value>\d+)\s*%$")
FILE_TYPES = {"jpg": "JPEG", "webp": "WebP"}
"""Formats of images that are not called by their words in capitals."""
_EFFECTS_MAX = 20
CONVERSION = "image_convert"
_CROP = "crop_crop"
COLUMNS = ("Effects", "Effect", *NOTE_COLUMNS)
"""Where the effects of a style are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    column: str
    is_read: bool
    """Nothing is said beside them."""
    modules: tuple[str, ...]
    """Modules beside core that bring its effects."""
    file_type: str
    """What it is converted to; empty where it stays."""
    bare: tuple[str, ...]
    """Effects of which nothing says the values, or the format."""
    unknown: tuple[str, ...]
    """Ids of effects of no known module."""


def effects_of(style: Entity) -> Effects | None:
    """Return the effects of a style, as far as its cell is read; None where nothing of it is."""
    column = next((column for column in COLUMNS if style.cell(column)), "")
    items = re.split(r"[,;\n]", style.cell(column).strip(" ."), maxsplit=_EFFECTS_MAX)
    stated = [_AROUND.sub("", part) for part in map(str.strip, items) if not _NOT.match(part)]
    module_of = dict(known_effects().values())
    read = [(item, *effect_in(item)) for item in stated]
    known = [(effect, value) for _, effect, value in read if effect in module_of]
    is_read = all(
        _ID.fullmatch(item)
        or (effect in module_of and (_ITEM.fullmatch(item) or _CONVERSION.fullmatch(item)))
        for item, effect, _ in read
    )
    modules = tuple(dict.fromkeys(filter(None, (module_of[effect] for effect, _ in known))))
    types = [value for effect, value in known if effect == CONVERSION and value]
    file_type = FILE_TYPES.get(types[-1], types[-1].upper()) if types else ""
    if not (is_read or modules or file_type):
        return None
    without = {*listed_in("image_effects", "without_values"), *[CONVERSION] * bool(file_type)}
    bare = tuple(effect for effect, value in known if not value and effect not in without)
    return Effects(
        column=column,
        is_read=is_read,
        modules=modules,
        file_type=file_type,
        bare=bare if is_read else (),
        unknown=tuple(i for i, effect, _ in read if effect not in module_of and _ID.fullmatch(i)),
    )


def effect_in(part: str) -> tuple[str, str]:
    """Return the id of an effect, empty where it is none, and its size, file type or per cent."""
    if summary := _SUMMARY.fullmatch(part):
        if summary["crop"]:
            return _CROP, folded(summary["type"])
        size = f"{'x' * (summary['side'].casefold() == 'height')}{summary['size']}"
        return effect_in(f"{summary['name']} {size}")
    if part.startswith(f"{_CROP} "):
        return _CROP, folded(part.removeprefix(_CROP))
    if converted := _CONVERSION.fullmatch(part):
        return CONVERSION, converted["type"].casefold().replace("jpeg", "jpg")
    match = _SIZE.search(part)
    share = _PER_CENT.search(part)
    name = part[: share.start()] if share else part[: match.start()] if match else part
    name = re.sub(r"\bto$", "", name.strip()).strip()
    known = known_effects()
    is_id = "_" in name and name.isidentifier()
    effect = known[folded(name)][0] if folded(name) in known else name if is_id else ""
    if share and effect:
        return effect, f"{share['value']}%"
    if match is None:
        return effect, ""
    return effect, f"{match['width'] or match['alone'] or ''}x{match['height'] or ''}"
