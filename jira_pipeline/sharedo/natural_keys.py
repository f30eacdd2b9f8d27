"""Names that are the same in every environment, where ShareDo gives ids of its own.

Belongs here: natural keys of the entries of a list, paths of fields, natural names of ids. Does not:
the packages (`packages`), comparing two sides (`comparison`).

Example: an option `{"id": 4711, "Name": "Open"}` is `Open` in test and live, whatever its id.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.sharedo.packages import Component, JsonValue
from jira_pipeline.tickets.grouping.component_rows import GUID, NATURAL_KEYS, is_guid

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
SAME_ID = "(id)"
"""What stands for an id without a natural name, in comparisons and for people."""


def key_parts_of(section: str, *lists: Sequence[JsonValue]) -> KeyParts:
    """Return the fields whose values name the items of these lists; empty if no fields do.

    `section` is the name of the field with the list. For a known section the fields are given. For
    another one they are the first usual ones that every item has and no two items of a list share;
    only a system name may be shared.
    """
    section_name = section[:1].upper() + section[1:]
    if section_name in NATURAL_KEYS:
        return NATURAL_KEYS[section_name]
    for parts in _OPTION_KEYS if section.casefold() in _OPTION_LISTS else _USUAL_KEYS:
        may_share = parts is _SYSTEM_NAME
        if all(_names_all(parts, entries, may_share=may_share) for entries in lists):
            return parts
    return ()


def _names_all(parts: KeyParts, entries: Sequence[JsonValue], *, may_share: bool) -> bool:
    """Tell whether every entry of a list has these fields, and none shares them unless it may."""
    keys = [natural_key(entry, parts) for entry in entries]
    return None not in keys and (may_share or len(set(keys)) == len(keys))


def natural_key(entry: JsonValue, parts: KeyParts) -> tuple[str, ...] | None:
    """Return the natural key of an entry: the values of these fields; None where it has none."""
    if not isinstance(entry, dict):
        return None
    key = tuple(_first_value(entry, names) for names in parts)
    return key if any(key) else None


def _first_value(entry: Mapping[str, JsonValue], names: Sequence[str]) -> str:
    """Return the first of some fields that has a text or a number; empty where none has."""
    for name in names:
        value = field_of(entry, name)
        if isinstance(value, str | int) and value != "":
            return str(value)
    return ""


def field_of(mapping: Mapping[str, JsonValue], name: str) -> JsonValue:
    """Return a field of an object, also where its name is in camelCase, as JSON inside text has it."""
    return mapping[name] if name in mapping else mapping.get(name[:1].lower() + name[1:])


def item_label(key: tuple[str, ...] | None, number: int) -> str:
    """Return how a path names an item: by its natural key, else by its number from 1."""
    return " / ".join(part or "-" for part in key) if key else f"#{number}"


def field_path(path: str, name: str) -> str:
    """Return the path of a field; a name that could be read as a path is quoted."""
    part = canonical_json(name) if not name or _PATH_SIGN.search(name) else name
    return f"{path}.{part}" if path else part


def item_path(path: str, label: str, taken: dict[str, int]) -> str:
    """Return the path of an item; a label that is used in its list already gets a number.

    `taken` counts the labels of the list, and is changed.
    """
    part = canonical_json(label) if _BRACKET.search(label) else label
    number = taken.get(part, 0) + 1
    entry = part if number == 1 else f"{part} ({number})"
    while number > 1 and entry in taken:
        number += 1
        entry = f"{part} ({number})"
    taken[part] = number
    taken.setdefault(entry, 1)
    return f"{path}[{entry}]"


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


def named(text: str, names: Mapping[str, str]) -> str:
    """Return a text with natural names in place of its ids, and `SAME_ID` for ids without one."""
    return GUID.sub(lambda guid: names.get(guid[0].strip("{}").casefold(), SAME_ID), text)


def natural_names(components: Iterable[Component]) -> Mapping[str, str]:
    """Return the natural key of the object of each id in some components, by id.

    Ids are in lower case and without braces. Where several objects have the same id, as one repeats
    the other, the key of one with a system name is used.
    """
    named_by: dict[str, tuple[bool, str]] = {}
    for component in components:
        whole = (_id_of(component.payload), (False, component.name))
        for guid, candidate in (whole, *_named_objects(component.payload, section="")):
            if guid and candidate[1]:
                named_by[guid] = min(named_by.get(guid, candidate), candidate)
    return {guid: name for guid, (_, name) in named_by.items()}


def _named_objects(value: JsonValue, *, section: str) -> Iterator[tuple[str, tuple[bool, str]]]:
    """Yield the id of each object in a value, with its name as `_name_of` returns it."""
    if isinstance(value, dict):
        for field, inner in value.items():
            if object_id := _id_of(inner):
                yield object_id, _name_of(inner, key_parts_of("", [inner]))
            yield from _named_objects(inner, section=field)
    elif isinstance(value, list):
        ids = [_id_of(inner) for inner in value]
        parts = key_parts_of(section, value) if any(ids) else ()
        for object_id, inner in zip(ids, value, strict=True):
            if object_id:
                yield object_id, _name_of(inner, parts)
            yield from _named_objects(inner, section=section)


def _id_of(value: JsonValue) -> str:
    """Return the id of an object as it is looked up, empty where it has none."""
    value_id = field_of(value, "Id") if isinstance(value, dict) else None
    return (
        value_id.strip("{}").casefold() if isinstance(value_id, str) and is_guid(value_id) else ""
    )


def _name_of(value: JsonValue, parts: KeyParts) -> tuple[bool, str]:
    """Return the name of an object for its id, as a pair that sorts the best name first.

    The first value is False for an object with a system name. The name is empty where there is none,
    or where it contains an id itself.
    """
    key = natural_key(value, parts)
    label = item_label(key, 0) if key else ""
    has_system_name = isinstance(value, dict) and bool(field_of(value, "SystemName"))
    return not has_system_name, "" if GUID.search(label) else label
