"""What names the items in the lists of a component, and the path of each value.

Belongs here: natural keys and field paths, shared by tickets and comparison. Does not: what differs
(`comparison`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.sharedo.packages import JsonValue
from jira_pipeline.tickets.grouping.component_rows import NATURAL_KEYS

_BRACKET = re.compile(r"[\[\]\"]")
_PATH_SIGN = re.compile(r"[.\[\]\"]")
KeyParts: TypeAlias = tuple[tuple[str, ...], ...]
_SYSTEM_NAME: KeyParts = (("SystemName",),)
_USUAL_KEYS: tuple[KeyParts, ...] = (_SYSTEM_NAME, (("Name",),), (("Key",),), (("Code",),))
"""Keys tried for a list that is not named above, in order."""
_OPTION_LISTS = frozenset({"options", "values", "items", "choices"})
_OPTION_NAMES = ("Value", "Label", "Text", "Title", "DisplayName")
_OPTION_KEYS: tuple[KeyParts, ...] = (*_USUAL_KEYS, *(((name,),) for name in _OPTION_NAMES))
"""Keys tried for a list of options: elsewhere a value is what is set, and no name."""


def key_parts_of(section: str, *lists: Sequence[JsonValue]) -> KeyParts:
    """Return which fields name the items of a list, for all these lists alike; empty if none do.

    `section` is the field that holds the list. For a section that is not known the key is the first
    usual one that every item has and no two items of a list share; a system name they may share.
    """
    if (known := section[:1].upper() + section[1:]) in NATURAL_KEYS:
        return NATURAL_KEYS[known]
    for parts in _OPTION_KEYS if section.casefold() in _OPTION_LISTS else _USUAL_KEYS:
        keys = [[natural_key(item, parts) for item in items] for items in lists]
        is_shared = parts is _SYSTEM_NAME
        if all(None not in k and (is_shared or len({*k}) == len(k)) for k in keys):
            return parts
    return ()


def natural_key(item: JsonValue, parts: KeyParts) -> tuple[str, ...] | None:
    if not isinstance(item, dict):
        return None
    key = tuple(
        next(
            (str(v) for n in names if isinstance(v := field_of(item, n), str | int) and v != ""), ""
        )
        for names in parts
    )
    return key if any(key) else None


def field_of(item: Mapping[str, JsonValue], name: str) -> JsonValue:
    """Return a field of an object, which JSON inside text may write in camelCase."""
    return item[name] if name in item else item.get(name[:1].lower() + name[1:])


def item_label(key: tuple[str, ...] | None, number: int) -> str:
    """Return how a path names an item: by its natural key, else by its number from 1."""
    return " / ".join(part or "-" for part in key) if key else f"#{number}"


def field_path(path: str, name: str) -> str:
    """Return the path of a field; a name that could be read as a path is quoted."""
    part = canonical_json(name) if not name or _PATH_SIGN.search(name) else name
    return f"{path}.{part}" if path else part


def item_path(path: str, label: str, taken: dict[str, int]) -> str:
    """Return the path of an item; a label that is taken in its list gets a number."""
    part = found = canonical_json(label) if _BRACKET.search(label) else label
    number = taken.get(part, 0) + 1
    while number > 1 and (found := f"{part} ({number})") in taken:
        number += 1
    taken[part] = number
    taken.setdefault(found, 1)
    return f"{path}[{found}]"


def leaves(
    value: JsonValue, *, section: str = "", path: str = ""
) -> Iterator[tuple[str, JsonValue]]:
    """Yield each value that holds no other, with its path: `Phases[new].Title`.

    Lists come in their order; empty lists and objects are yielded as such. Paths are unique.
    """
    match value:
        case dict() if value:
            for name, inner in value.items():
                yield from leaves(inner, section=name, path=field_path(path, name))
        case list() if value:
            taken: dict[str, int] = {}
            parts = key_parts_of(section, value)
            for number, inner in enumerate(value, start=1):
                label = item_label(natural_key(inner, parts), number)
                yield from leaves(inner, section=section, path=item_path(path, label, taken))
        case _:
            yield path, value


def shown_value(value: JsonValue) -> str:
    """Write a value for people: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else canonical_json(value)
