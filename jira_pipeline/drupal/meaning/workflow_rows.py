"""What the rows of a workflow say exactly: its transitions, what it applies to, who may use it.

Belongs here: reading cells that hold nothing but names. Does not: notes in prose, or what follows
from it (questions, claims).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jira_pipeline.drupal.meaning.modules_and_types import modules_of_permission
from jira_pipeline.drupal.meaning.notes import items_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.workflow.columns import TRANSITION_NAMING_COLUMNS
from jira_pipeline.model.columns import BLANK
from jira_pipeline.model.entities import (
    GONE,
    TO_BUILD,
    BundleType,
    Entity,
    EntityKind,
    ReferenceState,
    Specification,
    Status,
    case_folded,
)
from jira_pipeline.model.grouped import group_by, group_pairs

APPLIES_TO = "Applies to"
FROM = "From state"
TO = "To state"
BOXES = ("Published", "Default revision")
"""What the form of a state of Content Moderation has beside its name."""
_BETWEEN_NAMES = re.compile(r"(?i)[,;/\n]|&|\band\b")
_USE = re.compile(r"use (\w+) transition (\w+)")
"""The permission that Drupal has for each transition, by the machine names of both."""
_TYPE = re.compile(r"(?:^|(?<=[,;\n]))\s*\w[\w ]*:(?=\s)")
"""Before the bundles of a type: `node: course, news`."""
_BUT = re.compile(r"(?i)\b(?:but|except|not)\b")
_ACTS = "(?:create|edit any|edit own|delete any|delete own)"
_ON_BUNDLE = re.compile(
    rf"{_ACTS} (?P<content>\w+) content|(?:view|revert|delete) (?P<revisions>\w+) revisions"
    rf"|{_ACTS} (?P<media>\w+) media|{_ACTS} (?P<block>\w+) block content"
    r"|translate (?P<node>\w+) node|translate (?P<term>\w+) taxonomy_term"
    r"|(?:create|edit|delete) terms in (?P<terms>\w+)|use (?P<workflow>\w+) transition \w+"
)
"""Permissions of core, by the machine name of what they are on.

Source: core `NodePermissions`, `MediaPermissions`, `BlockContentPermissions`,
`ContentTranslationPermissions`, `TaxonomyPermissions`, content_moderation `Permissions`.
"""
_KEYS = {
    **dict.fromkeys(("content", "revisions", "node"), f"bundle:{BundleType.CONTENT}/"),
    **dict.fromkeys(("terms", "term"), f"bundle:{BundleType.VOCABULARY}/"),
    "media": f"bundle:{BundleType.MEDIA}/",
    "block": f"bundle:{BundleType.BLOCK}/",
    "workflow": "workflow:",
}
_HEADING = r"(?:^|[.\n;(] *)permissions: "
_LISTED = re.compile(
    rf"(?is)every permission\W*|.*{_HEADING}(?!(?:.*, *)?(?:as|but|not|see)\b)[^,?]+,[^?]+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The rows of one transition, which differ in the state that they lead from."""

    rows: tuple[Entity, ...]
    from_states: tuple[Entity, ...]
    """The states it leads from, once each, in sheet order."""
    to_state: Entity | None
    """The state it leads to; None where no row is it."""
    is_from_any: bool
    """It leads from every state."""
    is_unknown: bool
    """It names a state that no row has."""

    @property
    def row(self) -> Entity:
        return self.rows[0]

    @property
    def is_certain(self) -> bool:
        """Tell whether all its states are there or come."""
        if self.to_state is None or self.is_unknown or not (self.from_states or self.is_from_any):
            return False
        return not any(state.status in GONE for state in (*self.from_states, self.to_state))


def transitions_of(rows: Iterable[Entity], specification: Specification) -> tuple[Transition, ...]:
    """Join the rows of each transition, by machine name and end, in sheet order."""

    def name_and_end(row: Entity) -> tuple[str, str]:
        return (row.machine_name.strip("-") or row.label).casefold(), row.cell(TO).casefold()

    transitions: list[Transition] = []
    for same in group_by(rows, name_and_end).values():
        references = [r for row in same for r in row.references]
        from_states = _states_named(same, FROM, specification)
        to_states = _states_named(same, TO, specification)
        states = {(r.column, r.state) for r in references}
        transitions.append(
            Transition(
                rows=tuple(same),
                from_states=from_states,
                to_state=next(iter(to_states), None),
                is_from_any=(FROM, ReferenceState.WILDCARD) in states,
                is_unknown=any(r.state is ReferenceState.DANGLING for r in references),
            )
        )
    return tuple(transitions)


def _states_named(
    rows: Iterable[Entity], column: str, specification: Specification
) -> tuple[Entity, ...]:
    """Return the states that a column of rows names, once each, in sheet order."""
    states = {}
    for row in rows:
        for state in specification.targets_of(row, column):
            states[state.key] = state
    return tuple(states.values())


def kept_although_gone(rows: Iterable[Entity]) -> tuple[tuple[Entity, Entity], ...]:
    """Return the rows to remove of transitions that come or change by that name, each with such a row."""
    rows = [row for row in rows if row.kind is EntityKind.WORKFLOW_TRANSITION]
    coming = {row.machine_name: row for row in rows if row.status in TO_BUILD}
    gone = (row for row in rows if row.status is Status.DELETED)
    return tuple((row, coming[row.machine_name]) for row in gone if row.machine_name in coming)


def bundles_listed(workflow: Entity, specification: Specification) -> tuple[Entity, ...]:
    """Return the bundles that stay or come and that the column of a workflow names exactly."""
    named = frozenset(_items(_applies_to(workflow))) - BLANK
    places = {place for name in named for place in specification.bundle_places.get(name, ())}
    bundles = map(specification.by_kind[EntityKind.BUNDLE].__getitem__, sorted(places))
    return tuple(bundle for bundle in bundles if bundle.status not in GONE)


def bundles_unknown(workflow: Entity, specification: Specification) -> tuple[str, ...]:
    """Return what else that column names; nothing where it names no bundle at all."""
    known = specification.bundle_places.keys()
    listed = (name.strip(" .") for name in items_of(_applies_to(workflow)))
    named = [name for name in listed if name.casefold() not in BLANK]
    unknown = tuple(n for n in named if case_folded(n) not in known and not {*_items(n)} <= known)
    return unknown if len(unknown) < len(named) else ()


def _applies_to(workflow: Entity) -> str:
    """Return the bundles that a cell lists, without their types; empty where it makes exceptions."""
    cell = _TYPE.sub("", workflow.cell(APPLIES_TO))
    return "" if _BUT.search(cell) else cell


def is_moderation(workflow: Entity) -> bool:
    return workflow.cell("Type").casefold().replace("_", " ") == "content moderation"


def roles_allowed(
    transition: Transition, workflow: Entity, specification: Specification
) -> tuple[Entity, ...]:
    """Return the roles that may use a transition, by a cell of roles only or a permission."""
    roles = specification.live[EntityKind.USER_ROLE]
    names = {case_folded(n): r for r in roles for n in (r.machine_name, r.label) if len(n) > 1}
    own = (workflow.machine_name, transition.row.machine_name)
    granted = {role.key for role in roles if own in transitions_granted(role)}
    cells = (cell for row in transition.rows for cell in row.cells.items())
    lists = (_items(cell) for column, cell in cells if column not in TRANSITION_NAMING_COLUMNS)
    named = {names[n].key for each in lists if names.keys() >= {*each} for n in each}
    return tuple(role for role in roles if role.key in granted | named)


def permissions_of(role: Entity, specification: Specification) -> tuple[tuple[str, Entity], ...]:
    """Return the permissions in the cells of a role that name what the sheets have, with that."""
    found = {
        match[0]: row
        for match in map(_ON_BUNDLE.fullmatch, _items_of(role))
        if match and match.lastgroup
        for row in specification.first_of(f"{_KEYS[match.lastgroup]}{match[match.lastgroup]}")
        if row.status not in GONE
    }
    return tuple(found.items())


def transitions_granted(role: Entity) -> tuple[tuple[str, str], ...]:
    """Return the machine names of workflow and transition in the permissions of a role."""
    return tuple((m[1], m[2]) for m in map(_USE.fullmatch, _items_of(role)) if m)


def modules_permitting(role: Entity) -> Mapping[str, Sequence[str]]:
    """Return the permissions in the list of a role that only a module beside core has, by its label."""
    names = _items(note_of(role)) if lists_permissions(role) else ()
    return group_pairs((label, name) for name in names for label in modules_of_permission(name))


def lists_permissions(role: Entity) -> bool:
    """Tell whether the note of a role lists what it may do by the names of Drupal's permissions."""
    return _LISTED.fullmatch(note_of(role)) is not None


def _items_of(role: Entity) -> list[str]:
    return [item for cell in role.cells.values() for item in _items(cell)]


@lru_cache(4096)
def _items(cell: str) -> tuple[str, ...]:
    """Return the items of a list in lower case, without the stop after the last one."""
    heading = re.search(_HEADING, cell, re.IGNORECASE)
    names = _BETWEEN_NAMES.split(cell[heading.end() :] if heading else cell)
    return tuple(filter(None, (case_folded(name.strip(" .-*•\t")) for name in names)))
