"""What the ids in packages stand for: each environment has its own, and the same natural names.

Belongs here: which objects of a package an id is of, and what they are called. Does not: what
differs (`comparison`), what names an item of a list (`sections`).
"""

from collections.abc import Iterable, Iterator, Mapping

from jira_pipeline.sharedo.packages import Component, JsonValue
from jira_pipeline.sharedo.sections import (
    KeyParts,
    field_of,
    item_label,
    key_parts_of,
    natural_key,
)
from jira_pipeline.tickets.grouping.component_rows import GUID, is_guid

SAME_ID = "(id)"
"""What is compared and shown instead of an id that nothing explains."""


def named(text: str, names: Mapping[str, str]) -> str:
    """Return a text with natural names in place of its ids; one that nothing explains is `SAME_ID`."""
    return GUID.sub(lambda found: names.get(found[0].strip("{}").casefold(), SAME_ID), text)


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
            if own := _id_of(inner):
                yield own, _name_of(inner, key_parts_of("", [inner]))
            yield from _named_objects(inner, section=field)
    elif isinstance(value, list):
        ids = [_id_of(inner) for inner in value]
        parts = key_parts_of(section, value) if any(ids) else ()
        for own, inner in zip(ids, value, strict=True):
            if own:
                yield own, _name_of(inner, parts)
            yield from _named_objects(inner, section=section)


def _id_of(value: JsonValue) -> str:
    """Return the id of an object as it is looked up, empty where it has none."""
    own = field_of(value, "Id") if isinstance(value, dict) else None
    return own.strip("{}").casefold() if isinstance(own, str) and is_guid(own) else ""


def _name_of(item: JsonValue, parts: KeyParts) -> tuple[bool, str]:
    """Return the natural key of an object as one text; one with an id in it is none."""
    key = natural_key(item, parts)
    label = item_label(key, 0) if key else ""
    has_system_name = isinstance(item, dict) and bool(field_of(item, "SystemName"))
    return not has_system_name, "" if GUID.search(label) else label
