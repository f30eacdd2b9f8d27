"""Values as programs get them: a class names the fields of its JSON once, for every surface.

Belongs here: which fields a value has in `--json`, in the API and in metadata of runs, and how each
becomes JSON. Does not: sentences of actions, which each surface says its own way
(`model/actions`, `web/labels`); shapes that only the API has (`web/api`).

Fields are written as `collections.namedtuple` takes them, separated by spaces:

- `number`: the attribute of that name,
- `jira_key=key`, `number=ticket.number`: another attribute, or one of an attribute; null without it,
- `refusal?`: null where it is empty,
- `to_decide=len(differences)`: how many they are,
- `**spending`: all fields of that value in its place.
"""

import re
from collections.abc import Callable, Mapping, Sized
from dataclasses import is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from jira_pipeline.model.actions import Action

Class = TypeVar("Class", bound=type)
_PLAIN = {str, int, bool, float}
DECLARED: dict[type, str] = {}
"""What each class declares, for a test that looks whether the attributes exist."""


def json_fields(fields: str) -> Callable[[Class], Class]:
    """Declare which fields the JSON of a class has, in this order."""

    def declare(declaring: Class) -> Class:
        DECLARED[declaring] = fields
        return declaring

    return declare


def json_of(value: object) -> object:  # noqa: C901 - one line a kind of value
    """Return a value as JSON; actions stay what they are, for each surface to say.

    Raises:
        TypeError: A dataclass has no JSON.
    """
    match value:
        case Enum():
            return value.value
        case None | str() | bool() | int() | float() | Action():
            return value
        case datetime():
            return value.isoformat()
        case Decimal():
            return float(value)
        case Path():
            return str(value)
        case Mapping():
            return {str(json_of(name)): json_of(part) for name, part in value.items()}
        case list() | tuple():
            return [*map(json_of, value)]
        case frozenset():
            return sorted(value)
        case _:
            for kind in type(value).__mro__:
                if kind in DECLARED:
                    return select_fields(value, DECLARED[kind])
            to_json = getattr(value, "to_json", None)
            if to_json is None and is_dataclass(value):
                raise TypeError(f"{type(value).__name__} has no JSON: declare its fields.")
            return value if to_json is None else json_of(to_json())


def json_object(value: object) -> dict[str, Any]:
    shown = json_of(value)
    assert isinstance(shown, dict)  # noqa: S101 - a declared value
    return shown


def select_fields(value: object, fields: str) -> dict[str, Any]:
    """Return the JSON of some fields of a value, written as a declaration is."""
    selected: dict[str, Any] = {}
    for field in fields_in(fields):
        part: object = value
        for attribute in field.path:
            part = None if part is None else getattr(part, attribute)
        match field.kind:
            case FieldKind.PLAIN:
                is_plain = part is None or type(part) in _PLAIN
                selected[field.name] = part if is_plain else json_of(part)
            case FieldKind.OR_NULL:
                selected[field.name] = json_of(part) if part else None
            case FieldKind.COUNT:
                selected[field.name] = len(part) if isinstance(part, Sized) else None
            case FieldKind.SPREAD:
                selected |= json_object(part)
    return selected


class FieldKind(Enum):
    """How a field becomes JSON."""

    PLAIN = re.compile(r"(?:(?P<name>\w+)=)?(?P<path>[\w.]+)")
    OR_NULL = re.compile(r"(?:(?P<name>\w+)=)?(?P<path>[\w.]+)\?")
    COUNT = re.compile(r"(?P<name>\w+)=len\((?P<path>[\w.]+)\)")
    SPREAD = re.compile(r"(?P<name>)\*\*(?P<path>[\w.]+)")


class JsonField(NamedTuple):
    name: str
    path: tuple[str, ...]
    kind: FieldKind


@lru_cache(maxsize=256)
def fields_in(fields: str) -> tuple[JsonField, ...]:
    """Return the fields that a declaration names, in its order."""
    json_fields_read: list[JsonField] = []
    for field in fields.split():
        for kind in FieldKind:
            match = kind.value.fullmatch(field)
            if match is not None:
                path = match["path"]
                json_fields_read.append(
                    JsonField(match["name"] or path, tuple(path.split(".")), kind)
                )
    return tuple(json_fields_read)
