"""What Drupal takes as a machine name, by the kind of thing that bears it.

Belongs here: the rules and how a broken one is reported. Does not: whether a sheet has the name
(`sources/questions`), citing it (`sources/sheets`).
"""

import re
from collections.abc import Mapping

from jira_pipeline.model.entities import EntityKind

_CHARACTERS = re.compile(r"[a-z0-9_]+")
"""Source: Drupal core, `MachineName::processMachineName`, whose pattern replaces `[^a-z0-9_]+`;
`Workflow::addState` and `addTransition` refuse what it would replace."""
_BUNDLE_MAX = 32
"""Source: Drupal core, `EntityTypeInterface::BUNDLE_MAX_LENGTH`."""
_FIELD_MAX = 32
"""Its prefix included. Source: Drupal core, `FieldStorageConfig::NAME_MAX_LENGTH`."""
_CONFIGURATION_MAX = 166
"""Source: Drupal core, `EntityTypeInterface::ID_MAX_LENGTH`."""
_LENGTHS: Mapping[EntityKind, int] = {
    EntityKind.BUNDLE: _BUNDLE_MAX,
    EntityKind.FIELD: _FIELD_MAX,
    EntityKind.VIEW: _CONFIGURATION_MAX,
    EntityKind.IMAGE_STYLE: _CONFIGURATION_MAX,
    EntityKind.RESPONSIVE_IMAGE_STYLE: _CONFIGURATION_MAX,
    EntityKind.VIEW_MODE: _CONFIGURATION_MAX,
    EntityKind.USER_ROLE: _CONFIGURATION_MAX,
    EntityKind.WORKFLOW: _CONFIGURATION_MAX,
}
"""Displays, states and transitions are parts of a view or workflow, with no length of their own."""
NOUNS: Mapping[EntityKind, str] = {
    EntityKind.BUNDLE: "bundle",
    EntityKind.FIELD: "field",
    EntityKind.VIEW: "view",
    EntityKind.VIEW_DISPLAY: "display",
    EntityKind.IMAGE_STYLE: "image style",
    EntityKind.RESPONSIVE_IMAGE_STYLE: "responsive image style",
    EntityKind.VIEW_MODE: "view mode",
    EntityKind.USER_ROLE: "role",
    EntityKind.WORKFLOW: "workflow",
    EntityKind.WORKFLOW_STATE: "state",
    EntityKind.WORKFLOW_TRANSITION: "transition",
}
"""What has a machine name in Drupal, as questions and findings call it."""


def broken_rule(kind: EntityKind, machine_name: str) -> str:
    """Say the rules that a machine name breaks, for its kind; empty where it keeps them.

    Nobody knows the rules of migrations and custom sheets, so they break none.
    """
    if kind not in NOUNS or machine_name in {"", "-"}:
        return ""
    broken: list[str] = []
    if _CHARACTERS.fullmatch(machine_name) is None:
        broken.append("lower-case letters, digits and underscores")
    elif kind is EntityKind.FIELD and machine_name[0].isdigit():
        # Source: Drupal core, `FieldStorageConfig::preSaveNew`; other names may begin with a digit
        broken.append("a letter or underscore first in the name of a field")
    if len(machine_name) > _LENGTHS.get(kind, len(machine_name)):
        article = "an" if NOUNS[kind][0] in "aeiou" else "a"
        broken.append(f"at most {_LENGTHS[kind]} characters for {article} {NOUNS[kind]}")
    return "; ".join(broken)
