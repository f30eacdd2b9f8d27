"""The effects of an image style, where its cell has nothing but effects in their usual shape.

Belongs here: reading `Scale and crop 800x600, convert to WebP`, with the names of effects that
`drupal.toml` knows. Does not: any other sentence; then nothing is said.
"""

import re
from dataclasses import dataclass

from jira_pipeline.domain.entities import NOTE_COLUMNS, Entity
from jira_pipeline.writers.claims.drupal import drupal_facts

_ITEM = re.compile(
    r"(?P<name>[a-z_ /-]+?)(?: to)?(?: (?P<size>\d+ ?[x×] ?\d+|x\d+|\d+x?))?%?", re.IGNORECASE
)
_CONVERT = re.compile(r"(?:image_)?convert(?: to)? (?P<type>webp|avif|jpe?g|png)", re.IGNORECASE)
_COLUMNS = ("Effects", "Effect", *NOTE_COLUMNS)
_EXACT = frozenset(
    {
        "image_scale_and_crop",
        "image_crop",
        "image_resize",
        "focal_point_scale_and_crop",
        "focal_point_crop",
    }
)
"""Effects after which every image has the size that is stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a style does, effect by effect."""

    ids: tuple[str, ...]
    modules: tuple[str, ...]
    """Modules beside core that bring them."""
    size: str
    """Width and height of every image, `800x600`; empty where it depends on the image."""
    file_type: str
    """What it is converted to; empty where it stays."""


def effects_of(style: Entity) -> Effects | None:
    """Return the effects of a style; None where its cell says anything else."""
    cell = next((c for c in map(style.cell, _COLUMNS) if c), "")
    names = {
        name.casefold(): (plugin, fact["module"])
        for fact in drupal_facts("image_effects").values()
        for plugin, label in fact["effects"].items()
        for name in (plugin, label)
    }
    ids: list[str] = []
    modules: dict[str, None] = {}
    size, file_type = "", ""
    for item in re.split(r"[,;\n]", cell.strip(" .")):
        if converted := _CONVERT.fullmatch(item.strip()):
            ids.append("image_convert")
            file_type = converted["type"]
            continue
        match = _ITEM.fullmatch(item.strip())
        known = names.get(match["name"].casefold()) if match else None
        if match is None or known is None:
            return None
        ids.append(known[0])
        modules |= {known[1]: None} if known[1] else {}
        if match["size"] and known[0] != "image_style_quality":
            stated = re.fullmatch(r"(\d+) ?[x×] ?(\d+)", match["size"])
            size = f"{stated[1]}x{stated[2]}" if stated and known[0] in _EXACT else ""
    return Effects(ids=tuple(ids), modules=tuple(modules), size=size, file_type=file_type)
