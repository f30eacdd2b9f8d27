"""How sheets spell what an export names by id, read from `spellings.toml`.

Belongs here: the tables as values. Does not: which setting is spelled by which table (a module for
each subject).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


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
    workflow_types: Mapping[str, str]
    base_fields: Mapping[str, Mapping[str, BaseField]]
    """By entity type and machine name."""


@cache
def spellings() -> Spellings:
    """Return the tables; the file is read once in a process."""
    text = resources.files("jira_pipeline.sources.drupal_config").joinpath("spellings.toml")
    tables = tomllib.loads(text.read_text("utf-8"))
    return Spellings(
        **{name: table for name, table in tables.items() if name != "base_fields"},
        base_fields={
            table["entity_type"]: {
                name: BaseField(**field) for name, field in table.items() if isinstance(field, dict)
            }
            for table in tables["base_fields"]
        },
    )
