"""ShareDo's words, read from `lexicon.toml`, and the columns that a comparison brings.

Belongs here: reading the file. Does not: the words of site specifications (`drupal/meaning/notes`).
"""

import re
from collections.abc import Mapping

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.sharedo.packages import ComponentGroup, group_of_provider

OUTCOME, WANTED_AS_IN, TARGET = "Comparison outcome", "As in", "Target environment"
"""Columns of a component that a comparison brought."""
WITHIN_LIST = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\[\]"]*)\]')
"""The part of a path that says which item of a list is meant."""
CHANGES = "Changes"
"""The section of fields that differ, and its columns."""
PATH, BEFORE, AFTER, SEVERITY = "Path", "Before", "After", "Severity"


def provider_noun(provider: str) -> str:
    """Return what people call one component of an export provider."""
    words: Mapping[str, str] = toml_tables(__package__, "lexicon.toml")["nouns"]["words"]
    return words.get(provider.casefold()) or provider.replace("-", " ").replace("_", " ")


def provider_of(component: Entity) -> str:
    return component.key.split(":", 2)[1]


def system_name_of(component: Entity) -> str:
    """Return the system name of a component; one selected by several fields says its own."""
    own = component.cell("SystemName")
    return own if own and component.machine_name.startswith("{") else component.machine_name


def noun_of(component: Entity) -> str:
    """Return what people call a component: `work type`."""
    return provider_noun(provider_of(component))


def group_of(component: Entity) -> ComponentGroup:
    return group_of_provider(provider_of(component))


def section_of(item: Entity) -> str:
    """Return the section that an entry of a component is in."""
    return item.source.file.rpartition("/")[2]
