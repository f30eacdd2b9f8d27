"""Partial splits of Config Split: what a patch makes of the file that it changes.

Belongs here: what a patch says, and data with a patch applied. Does not: reading files, nor what
becomes of a patch whose file is not there (`configuration`).

Source: Config Split 2.0, `ConfigPatch` and `ConfigPatchMerge`, as of November 2026. A patch takes
its `removing` out of the file and lays its `adding` over the rest. Entries of a list are told apart
by their text, by their `uuid`, else by their place.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

PATCH_PREFIX = "config_split.patch."
"""Before the name of the file that a patch changes."""
_ENTRY = "config_split_sequence_"
"""What the key of an entry of a list begins with, where a patch keeps such keys."""
_NAMED_ENTRIES = frozenset(
    {"content", "hidden", "third_party_settings", "field_group", "module", "theme", "effects"}
    | {"display", "fields", "filters", "sorts", "arguments", "relationships", "header", "footer"}
    | {"empty", "states", "transitions", "entity_types"}
)
"""Keys below which an entry goes whole once nothing is left in it; other settings stay, empty.

Source: the sequences with names as keys in the configuration schema of core 9 to 11, Field Group.
"""
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_Container: TypeAlias = "Mapping[str, object] | list[object]"


class PatchRefusedError(Exception):
    """A patch cannot be applied; the message says why, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPatch:
    """What a split changes in one file."""

    adding: _Container
    removing: _Container


def split_patch(content: object) -> SplitPatch:
    """Return what the file of a patch says; the first versions wrote it the other way round.

    Raises:
        PatchRefusedError: It does not say both what is added and what is removed.
    """
    parts = content if isinstance(content, Mapping) else {}
    for adding_key, removing_key in (("adding", "removing"), ("removed", "added")):
        adding = parts.get(adding_key)
        removing = parts.get(removing_key)
        if _is_container(adding) and _is_container(removing):
            return SplitPatch(adding=adding, removing=removing)
    raise PatchRefusedError("it does not say what is added and what is removed")


def apply_patch(settings: Mapping[str, object], patch: SplitPatch) -> object:
    """Return the data of a file as the split has them.

    Raises:
        PatchRefusedError: It removes an entry of a list that is told apart in another way.
    """
    left = _without(settings, patch.removing, below="")
    return _with_lists(_merged(left, patch.adding))


def _without(container: _Container, removing: _Container, *, below: str) -> _Container:
    """Return data without what `removing` says in the same way."""
    is_list = _is_list(container) and _is_list(removing)
    parts = _entries(container) if is_list else _settings(container)
    removed = _entries(removing) if is_list else _settings(removing)
    left: dict[str, object] = {}
    for key, value in parts.items():
        other = removed.get(key)
        if key not in removed:
            left[key] = value
        elif _is_container(value) and _is_container(other):
            rest = _without(value, other, below=key)
            is_setting = not is_list and below not in _NAMED_ENTRIES
            if rest or is_setting:
                left[key] = rest
        elif type(value) is not type(other) or value != other:
            left[key] = value
    if not is_list:
        return left
    if isinstance(removing, list):
        return [*left.values()]
    # Config Split keeps the keys of entries that only these tell apart.
    if not removed.keys() <= parts.keys():
        raise PatchRefusedError("it changes an entry of a list that nothing tells from the others")
    return left


def _merged(container: _Container, adding: _Container) -> _Container:
    """Return data with `adding` laid over them."""
    is_list = _is_list(container) and _is_list(adding)
    merged = dict(_entries(container) if is_list else _settings(container))
    for key, value in (_entries(adding) if is_list else _settings(adding)).items():
        earlier = merged.get(key)
        if _is_container(earlier) and _is_container(value):
            merged[key] = _merged(earlier, value)
        else:
            merged[key] = value
    return [*merged.values()] if is_list else merged


def _is_container(value: object) -> TypeGuard[_Container]:
    return isinstance(value, Mapping | list)


def _is_list(value: _Container) -> bool:
    """Tell whether a value may be a list: PHP writes an empty one like empty settings."""
    return isinstance(value, list) or all(key.startswith(_ENTRY) for key in _settings(value))


def _settings(value: _Container) -> Mapping[str, object]:
    """Return settings by their keys; of a list, entries by their places."""
    pairs = enumerate(value) if isinstance(value, list) else value.items()
    return {str(key): part for key, part in pairs}


def _entries(value: _Container) -> Mapping[str, object]:
    """Return the entries of a list by what tells them apart."""
    if not isinstance(value, list):
        return _settings(value)
    entries: dict[str, object] = {}
    for place, entry in enumerate(value):
        told_apart_by = entry
        if isinstance(entry, Mapping):
            told_apart_by = entry.get("uuid", place)
        elif isinstance(entry, list):
            told_apart_by = place
        key_hash = _hash_of_entry(told_apart_by)
        key = f"{_ENTRY}{key_hash}"
        repeated_count = 0
        while key in entries:
            repeated_count += 1
            key = f"{_ENTRY}{repeated_count}_{key_hash}"
        entries[key] = entry
    return entries


def _hash_of_entry(value: object) -> str:
    """Return the hash of Config Split: 20 digits of SHA-1 in base 16, five at a time in base 32."""
    digits = hashlib.sha1(_serialized(value).encode(), usedforsecurity=False).hexdigest()
    pieces = (digits[0:5], digits[5:10], digits[10:15], digits[15:20])
    return "".join(_in_base_32(int(piece, 16)) for piece in pieces)


def _serialized(value: object) -> str:
    """Return a plain value in the form of PHP's `serialize`."""
    match value:
        case None:
            return "N;"
        case bool():
            return f"b:{int(value)};"
        case int():
            return f"i:{value};"
        case float():
            return f"d:{value!r};"
        case _:
            text = str(value)
            return f's:{len(text.encode())}:"{text}";'


def _in_base_32(number: int) -> str:
    base = len(_DIGITS)
    digits = _DIGITS[number % base]
    while number >= base:
        number //= base
        digits = _DIGITS[number % base] + digits
    return digits


def _with_lists(value: object) -> object:
    """Return data in which entries of lists have no keys any more."""
    if isinstance(value, list):
        return [_with_lists(entry) for entry in value]
    if not isinstance(value, Mapping):
        return value
    plain = {key: _with_lists(part) for key, part in value.items()}
    has_entries = any(str(key).startswith(_ENTRY) for key in plain)
    return [*plain.values()] if has_entries else plain
