"""What a ShareDo export package holds, once it is read.

Belongs here: components, what they depend on, the group each belongs to, following dependencies;
natural keys, field paths and natural names of ids (each environment has ids of its own, and the same
natural names). Does not: reading a file (`reading/packages`), what differs between two sides
(`comparison`), how a component becomes entities (`reading/reading`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.tickets.grouping.component_rows import (
    GUID,
    NATURAL_KEYS,
    group_of_provider,
    is_guid,
)

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
"""A value of JSON; never changed once a package is read."""


class WrittenNumber(str):
    """A number of JSON that Python would write otherwise, as it was written: `1.50`, `1e5`."""

    __slots__ = ()


def component_key(provider: str, selector: Mapping[str, JsonValue]) -> str:
    """Return what names a component in every environment: `sharedo-type:matter-dispute`.

    A selector that is more than one `SystemName` is written as canonical JSON, its fields in
    PascalCase: one environment may write them so and another in camelCase.
    """
    if len(selector) == 1:
        ((field, value),) = selector.items()
        if field.casefold() == "systemname" and isinstance(value, str) and value:
            return f"{provider}:{value}"
    in_pascal_case = {field[:1].upper() + field[1:]: value for field, value in selector.items()}
    return f"{provider}:{canonical_json(in_pascal_case)}"


def is_named(key: str, provider: str, system_name: str) -> bool:
    """Tell whether a key is that of a component by that name, in whatever case ShareDo writes it.

    A selector that is more than one `SystemName` may say it among other things.
    """
    own_provider, _, name = key.casefold().partition(":")
    stated = canonical_json({"SystemName": system_name}).casefold()[1:-1]
    is_stated = name.startswith("{") and stated in name
    return own_provider == provider.casefold() and (is_stated or name == system_name.casefold())


class DependencyStrength(StrEnum):
    """How much a component needs another one."""

    MANDATORY = "mandatory"
    RECOMMENDED = "recommended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentDependency:
    """Another component that one names; a package names more than it includes."""

    target_key: str
    provider: str
    name: str
    """System name of the other component, or its selector as canonical JSON."""
    description: str
    reasons: tuple[str, ...]
    """Why, sorted; the same dependency may be stated many times."""
    strength: DependencyStrength
    """Mandatory where any of the statements is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFile:
    """A file that a package holds beside its data, such as the document of a template."""

    name: str
    """Its part without `files/`."""
    sha256: str
    size_bytes: int

    @property
    def distinction(self) -> str:
        """What distinguishes it from another file of its name."""
        unit = "byte" if self.size_bytes == 1 else "bytes"
        return f"{self.size_bytes:,} {unit}, SHA-256 {self.sha256[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One exported thing: a work type, a workflow, a form, an option set or another."""

    key: str
    """As `component_key` makes it; the same in every environment."""
    provider: str
    name: str
    """System name, or the selector as canonical JSON."""
    title: str
    """What people call it: its own name, else the description of its step, else its system name."""
    payload: dict[str, JsonValue]
    """Its sections as exported: JSON inside text is parsed, line ends are LF, secrets are masked."""
    dependencies: tuple[ComponentDependency, ...]
    """Each other component once, sorted by key; never the component itself."""
    file: str
    """The package it was read from."""
    files: tuple[PackageFile, ...] = ()
    """The files of the package that its values name."""
    part: str
    """The part of the package that holds it, such as `data/sharedo-type-matter-….json`."""
    content_hash: str
    """SHA-256 over all but times, step ids, names of parts, who exported it, and secrets."""

    @property
    def group(self) -> DisplayGroup:
        return group_of_provider(self.provider)


@dataclass(frozen=True, kw_only=True)
class SharedoPackage:
    file: str
    sha256: str
    """Of its bytes: another export of the same things has another."""
    exported_from: str
    platform_version: str
    """Empty where the manifest names none."""
    components: tuple[Component, ...]
    """Sorted by group in the order of `DisplayGroup`, then by key."""
    unnamed_files: tuple[PackageFile, ...] = ()
    """Files that no value of a component names, sorted by name."""

    @cached_property
    def by_key(self) -> Mapping[str, Component]:
        """Components by key."""
        return {component.key: component for component in self.components}


def merged_dependencies(stated: Iterable[ComponentDependency]) -> tuple[ComponentDependency, ...]:
    """Return each target once: mandatory where any statement is, with all reasons."""
    by_key = group_by(stated, lambda dependency: dependency.target_key)
    return tuple(_merged_dependency(same) for _, same in sorted(by_key.items()))


def _merged_dependency(same: Sequence[ComponentDependency]) -> ComponentDependency:
    """Merge the statements that a component depends on one target."""
    descriptions = [dependency.description for dependency in same if dependency.description]
    reasons: set[str] = set()
    for dependency in same:
        reasons.update(dependency.reasons)
    return ComponentDependency(
        target_key=same[0].target_key,
        provider=same[0].provider,
        name=same[0].name,
        description=min(descriptions, default=""),
        reasons=tuple(sorted(reasons - {""})),
        strength=min(dependency.strength for dependency in same),  # "mandatory" sorts first
    )


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
    section_name = section[:1].upper() + section[1:]
    if section_name in NATURAL_KEYS:
        return NATURAL_KEYS[section_name]
    for parts in _OPTION_KEYS if section.casefold() in _OPTION_LISTS else _USUAL_KEYS:
        may_share = parts is _SYSTEM_NAME
        if all(_names_all(parts, entries, may_share=may_share) for entries in lists):
            return parts
    return ()


def _names_all(parts: KeyParts, entries: Sequence[JsonValue], *, may_share: bool) -> bool:
    """Tell whether fields name every entry of a list, each by another name unless they may share."""
    keys = [natural_key(entry, parts) for entry in entries]
    return None not in keys and (may_share or len(set(keys)) == len(keys))


def natural_key(entry: JsonValue, parts: KeyParts) -> tuple[str, ...] | None:
    """Return what names an entry of a list by these fields; None where it has none of them."""
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
    """Return a field of an object, which JSON inside text may write in camelCase."""
    return mapping[name] if name in mapping else mapping.get(name[:1].lower() + name[1:])


def item_label(key: tuple[str, ...] | None, number: int) -> str:
    """Return how a path names an item: by its natural key, else by its number from 1."""
    return " / ".join(part or "-" for part in key) if key else f"#{number}"


def field_path(path: str, name: str) -> str:
    """Return the path of a field; a name that could be read as a path is quoted."""
    part = canonical_json(name) if not name or _PATH_SIGN.search(name) else name
    return f"{path}.{part}" if path else part


def item_path(path: str, label: str, taken: dict[str, int]) -> str:
    """Return the path of an item; a label that is taken in its list gets a number."""
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


SAME_ID = "(id)"
"""What is compared and shown instead of an id that nothing explains."""


def named(text: str, names: Mapping[str, str]) -> str:
    """Return a text with natural names in place of its ids; one that nothing explains is `SAME_ID`."""
    return GUID.sub(lambda guid: names.get(guid[0].strip("{}").casefold(), SAME_ID), text)


def natural_names(components: Iterable[Component]) -> Mapping[str, str]:
    """Find what each id of some components is of: the natural key of the object that has it.

    The ids are in lower case and without braces. Where several objects have one, such as a phase
    and what repeats it, its system name counts.
    """
    named_by: dict[str, tuple[bool, str]] = {}
    for component in components:
        whole = (_id_of(component.payload), (False, component.name))
        for guid, candidate in (whole, *_named_objects(component.payload, section="")):
            if guid and candidate[1]:
                named_by[guid] = min(named_by.get(guid, candidate), candidate)
    return {guid: name for guid, (_, name) in named_by.items()}


def _named_objects(value: JsonValue, *, section: str) -> Iterator[tuple[str, tuple[bool, str]]]:
    """Yield the id of each object with its name; a name that is no system name counts less."""
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
    """Return the natural key of an object as one text; one with an id in it is none."""
    key = natural_key(value, parts)
    label = item_label(key, 0) if key else ""
    has_system_name = isinstance(value, dict) and bool(field_of(value, "SystemName"))
    return not has_system_name, "" if GUID.search(label) else label
