"""Values in the form in which Dagster can store them: text, a number or truth.

Belongs here: what stands between our values and Dagster's event log, for metadata, tables and tags.
Does not: which values are shown (`metadata`, the assets).

Dagster's serializer looks at the class of a value, not at what that class derives from. It refuses
a member of an enumeration even where that is text, and the run fails after its work is done.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, cast

import dagster as dg

Metadata = dict[str, dg.MetadataValue | str | int | float]

_SERIALIZABLE = (str, int, float, bool)
_TEXT_VALUES = (
    dg.TextMetadataValue,
    dg.MarkdownMetadataValue,
    dg.UrlMetadataValue,
    dg.PathMetadataValue,
)
"""Dagster's own values that hold a text as it was given."""


def plain_value(value: object) -> str | int | float | bool:
    """Return what Dagster's event log can hold of a value: text, a number, truth; "" for nothing."""
    if value is None:
        return ""
    if type(value) in _SERIALIZABLE:
        return cast("str | int | float | bool", value)
    if isinstance(value, Enum):
        return plain_value(value.value)
    return str(value)


def plain_text(value: object) -> str:
    """Return a value as text of no class but `str`."""
    return str(plain_value(value))


def plain_metadata(values: Mapping[Any, object] | None) -> Metadata:
    """Return metadata that Dagster's event log can hold; every event takes its own from here."""
    return {plain_text(name): _plain_entry(value) for name, value in (values or {}).items()}


def plain_tags(values: Mapping[Any, object]) -> dict[str, str]:
    """Return tags that Dagster can store: names and texts."""
    return {plain_text(name): plain_text(value) for name, value in values.items()}


def _plain_entry(value: object) -> dg.MetadataValue | str | int | float:
    if isinstance(value, _TEXT_VALUES):
        return type(value)(plain_text(value.value))
    if isinstance(value, dg.MetadataValue):
        return value
    return plain_value(value)
