"""Rows of components, which another source than sheets brings: their columns, words and values.

Belongs here: what tickets, models and that source say of a component alike. Does not: reading
packages and comparing environments (`sharedo`, which may be absent), claims (`tickets/component_claims`).
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.model.entity_groups import DisplayGroup

OUTCOME = "Comparison outcome"
WANTED_AS_IN = "As in"
TARGET = "Target environment"
"""These three are columns of a component that a comparison brought."""
CHANGES = "Changes"
"""The section of fields that differ, and its columns."""
PATH = "Path"
BEFORE = "Before"
AFTER = "After"
MASK = "[masked]"
"""What tickets show of a secret."""
PACKAGE_KINDS = frozenset({EntityKind.COMPONENT, EntityKind.COMPONENT_ITEM})
_OF_COMPARISON = frozenset({OUTCOME, WANTED_AS_IN, TARGET})
NATURAL_KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Phases": (("SystemName",),),
    "PhaseTransitions": (("SystemName",),),
    "RoleAssociations": (("SystemName",),),
    "FeatureFrameworkEntries": (("SystemName",), ("PhaseSystemName",)),
    "SharedoTypeRoles": (("ParticipantRoleSystemName",),),
    "Aspects": (("AspectDefinitionSystemName",), ("ZoneName",)),
    "SharedoTypeRolePermissions": (
        ("PermissionSystemName", "Permission"),
        ("ParticipantRoleSystemName", "RoleSystemName", "Role"),
        ("PhaseSystemName", "Phase"),
    ),
    "Relationships": (
        ("ParentSystemName", "ParentTypeSystemName", "ParentSharedoTypeSystemName", "Parent"),
        ("ChildSystemName", "ChildTypeSystemName", "ChildSharedoTypeSystemName", "Child"),
        ("RelationshipTypeSystemName", "TypeSystemName", "Type"),
    ),
    "CalculatedFields": (("Name",),),
    "SyncRules": (),
}
"""Parts of the key of each section, each with the fields that may hold it; no part: no key at all.

Source: sections of eleven exported packages; the alternatives are not proven.
"""
GUID = re.compile(
    r"\{?\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b\}?", re.IGNORECASE
)
NOISE = re.compile(
    r"graphlayout|(?:row|record|entity)?version(?:number|id)?|revision(?:number)?|etag|timestamp|"
    r"concurrencystamp|"
    r"(?:last)?(?:created|modified|updated|changed|saved|imported|exported|published|deployed)"
    r"(?:on|at|by|date|time|utc)+(?:id|name|user|username)?",
    re.IGNORECASE,
)
"""Fields that differ between environments that are configured alike.

Source: `GraphLayout` differs in exported packages; the others follow the usual names.
"""
_ADDRESS = re.compile(
    r"(?:https?|wss?|s?ftps?|imaps?|smtps?)://\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_HOST_FIELD = re.compile(r"host|server|domain|endpoint|smtp|imap", re.IGNORECASE)


class Outcome(StrEnum):
    """What a comparison says of one component."""

    ADDED = "added"
    """Only the first side has it."""
    REMOVED = "removed"
    """Only the second side has it."""
    MODIFIED = "modified"
    UNCHANGED = "unchanged"
    NOT_COMPARED = "not_compared"


_PROVIDERS: Mapping[str, tuple[DisplayGroup, str]] = {
    **dict.fromkeys(("option-set", "optionset"), (DisplayGroup.OPTION_SETS, "option set")),
    "permission": (DisplayGroup.PERMISSIONS, "permission"),
    "participant-role": (DisplayGroup.PERMISSIONS, "participant role"),
    "role-association": (DisplayGroup.PERMISSIONS, "role association"),
    **dict.fromkeys(("form-builder", "form", "sharedo-form"), (DisplayGroup.FORMS, "form")),
    **dict.fromkeys(
        ("document-template", "template"), (DisplayGroup.TEMPLATES, "document template")
    ),
    **dict.fromkeys(("sharedo-type", "work-type"), (DisplayGroup.WORK_TYPES, "work type")),
    **dict.fromkeys(
        ("execution-engine", "workflow", "sharedo-workflow"), (DisplayGroup.WORKFLOWS, "workflow")
    ),
    "calculated-fields": (DisplayGroup.OTHER, "calculated field"),
}
"""Export providers, the group of their components and what people call one.

Source: eleven exported packages, 2026.
"""


def group_of_provider(provider: str) -> DisplayGroup:
    """Return the group of an export provider; one that is not known is `OTHER`."""
    return _PROVIDERS.get(provider.casefold(), (DisplayGroup.OTHER, ""))[0]


def provider_noun(provider: str) -> str:
    """Return what people call one component of an export provider; else the provider's own name."""
    plain = provider.replace("-", " ").replace("_", " ")
    return _PROVIDERS.get(provider.casefold(), (DisplayGroup.OTHER, plain))[1]


def provider_of(component: Entity) -> str:
    return component.key.split(":", 2)[1]


def system_name_of(component: Entity) -> str:
    """Return the system name of a component; one selected by several fields says its own."""
    system_name = component.cell("SystemName")
    is_selected_by_fields = component.machine_name.startswith("{")
    return system_name if system_name and is_selected_by_fields else component.machine_name


def noun_of(component: Entity) -> str:
    """Return what people call a component: `work type`."""
    return provider_noun(provider_of(component))


def group_of(component: Entity) -> DisplayGroup:
    return group_of_provider(provider_of(component))


def is_guid(text: str) -> bool:
    """Tell whether a text is an id, and nothing else."""
    return GUID.fullmatch(text) is not None


def is_address(field: str, value: str) -> bool:
    """Tell whether the value of a field is an address, host or mailbox."""
    is_host = _HOST.fullmatch(value) and _HOST_FIELD.search(field)
    return MASK not in value and bool(_ADDRESS.fullmatch(value) or is_host)


def is_upkeep(path: str, value: str) -> bool:
    """Tell whether the value at a path is an id, a time or a version: nobody sets or compares it."""
    name = path.rpartition(".")[2]
    if name.casefold() == "id":
        return not value or value.isdigit() or is_guid(value)
    return NOISE.fullmatch(name) is not None


def is_change(row: Entity) -> bool:
    """Tell whether a row is a difference between two environments."""
    return row.kind is EntityKind.COMPONENT_ITEM and row.source.file.rpartition("/")[2] == CHANGES


def shown_values(row: Entity) -> Mapping[str, str]:
    """Return the values of a row of a package by column; without ids, times, versions and drawings."""
    if row.kind not in PACKAGE_KINDS:
        return {}
    values = {}
    for column, value in row.cells.items():
        if value and not is_upkeep(column, value) and not is_guid(value):
            values[column] = value
    return values


def settings_of(row: Entity, specification: Specification) -> Mapping[str, str]:
    """Return the values that the target has once a ticket is done, whatever people decide.

    Of a change that is the value after it. Left out are secrets, addresses (each environment has
    others) and whatever only the target has.
    """
    owner = specification.by_key.get(row.owner_key or row.key, (row,))[0]
    if owner.cell(OUTCOME) == Outcome.REMOVED:
        return {}
    values = shown_values(row)
    if is_change(row):
        after = values.get(AFTER, "")
        differs_by_environment = MASK in after or is_address(row.cell(PATH), after)
        return {AFTER: after} if after and not differs_by_environment else {}
    settings = {}
    for column, value in values.items():
        if MASK not in value and column not in _OF_COMPARISON:
            settings[column] = value
    return settings


def values_of(name: str, row: Entity) -> frozenset[str]:
    """Return the values that a row has for a setting, in lower case.

    `name` is the path of the setting, or the end of it. Of a change those are the value before it and
    the one after it.
    """
    if row.kind not in PACKAGE_KINDS:
        return frozenset()
    if is_change(row):
        if row.cell(PATH) != name:
            return frozenset()
        return frozenset({row.cell(BEFORE).casefold(), row.cell(AFTER).casefold()})
    values = set()
    for path, value in row.cells.items():
        if f".{path}".endswith(f".{name}"):
            values.add(value.casefold())
    return frozenset(values)
