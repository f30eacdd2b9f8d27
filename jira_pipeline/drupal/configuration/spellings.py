"""How sheets spell what an export names by id, and which texts are the same on sheet and site.

Belongs here: the tables of `spellings.toml` as values, reducing a text or address to what people
read. Does not: which setting is spelled by which table (a module for each subject), which columns
are compared so (`verification/counterparts`).
"""

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jira_pipeline.model.toml_tables import toml_tables

_TAG = re.compile(r"<[^>]*>")
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|code|em|i|mark|small|span|strong|sub|sup|u)\b[^>]*>", re.IGNORECASE
)
"""What no gap is at: `the <a>library</a>.` is read `the library.`"""
_ALIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
"""Kinds of quotation marks, accents typed as such, and dashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseField:
    """A field that every item of an entity type has."""

    label: str
    type: str
    older_texts: tuple[str, ...] = ()
    """Labels and help of earlier versions, as overrides of their time still have them."""
    required: bool = False
    is_label: bool = False
    """It holds what the item is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spellings:
    """Words of sheets by id."""

    field_types: Mapping[str, str]
    widgets: Mapping[str, str]
    display_plugins: Mapping[str, str]
    base_tables: Mapping[str, str]
    view_formats: Mapping[str, str]
    workflow_types: Mapping[str, str]
    core_modules: Mapping[str, Sequence[str]]
    enforced_cardinalities: Mapping[str, str]
    """By field type: so many values it has, whatever its storage says; `-1` is unlimited."""
    others: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Further labels of the plugins of contributed modules, by table and id."""
    base_fields: Mapping[str, Mapping[str, BaseField]]
    """By entity type and machine name."""


@cache
def spellings() -> Spellings:
    """Return the tables; the file is read once in a process."""
    tables = toml_tables(__package__, "spellings.toml")
    base_fields = tables.pop("base_fields")
    others: dict[str, dict[str, tuple[str, ...]]] = {"field_types": {}, "widgets": {}}
    for module in tables.pop("modules"):
        for table in others.keys() & module.keys():
            for plugin, (label, *further) in module[table].items():
                tables[table][plugin], others[table][plugin] = label, tuple(further)
    return Spellings(
        **tables,
        others=others,
        base_fields={
            table["entity_type"]: {
                name: BaseField(**field) for name, field in table.items() if isinstance(field, dict)
            }
            for table in base_fields
        },
    )


def plain(text: str) -> str:
    """Reduce a text to what people read: no tags, entities, line breaks or kinds of quotes."""
    shown = _without_tags(html.unescape(_without_tags(text)))
    shown = shown.replace("\\/", "/").translate(_ALIKE)
    return " ".join(unicodedata.normalize("NFC", shown).split())


def _without_tags(text: str) -> str:
    return _TAG.sub(" ", _INLINE_TAG.sub("", text)) if "<" in text else text


def plain_address(text: str) -> str:
    """Reduce an address to what it leads to: the same without slashes at its ends."""
    return plain(text).strip("/ ")
