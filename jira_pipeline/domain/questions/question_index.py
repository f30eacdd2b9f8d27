"""Look-ups the question rules need, made once for a specification.

Belongs here: who shares a field storage, which bundles carry a name, which machine names are settled.
Does not: the rules (`questions_of_…`).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar, cast

from jira_pipeline.domain.drupal import is_base_field
from jira_pipeline.domain.entities import (
    BundleType,
    Entity,
    EntityKind,
    Specification,
    Status,
)
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.machine_names import NOUNS, broken_rule

StorageKey = tuple[BundleType | None, str]


class LookUps(Protocol):
    """What is made once for a session and keeps what was found in it."""

    @property
    def looked_up(self) -> dict[object, object]:
        """What `once_per_session` found."""


Known = TypeVar("Known", bound=LookUps)
Found = TypeVar("Found")


def once_per_session(compute: Callable[[Known], Found]) -> Callable[[Known], Found]:
    """Make a look-up of a session once; what it found goes with the session."""

    def look_up(known: Known) -> Found:
        if look_up not in known.looked_up:
            known.looked_up[look_up] = compute(known)
        return cast("Found", known.looked_up[look_up])

    return look_up


@dataclass(frozen=True, kw_only=True)
class FieldStorage:
    """One machine name within one entity type: Drupal keeps one storage for it."""

    users: dict[str, Entity] = field(default_factory=dict)
    """The first field of each bundle that has it, by key of the bundle, in sheet order."""
    live_users: dict[str, Entity] = field(default_factory=dict)
    """The same without fields that are to be removed."""


REUSED = "Reused Field"


@dataclass(frozen=True, kw_only=True)
class QuestionIndex:
    """A specification with the look-ups of the question rules."""

    specification: Specification
    storages: Mapping[StorageKey, FieldStorage]
    bundles_by_name: Mapping[str, tuple[Entity, ...]]
    """Bundles by name without type, compared without regard to case."""
    groups: Sequence[EntityGroup] = ()
    """All groups of the session in build order, for what is asked once for a site."""
    looked_up: dict[object, object] = field(default_factory=dict, init=False, repr=False)
    """What `once_per_session` found."""

    @property
    def is_fields_sheet_read(self) -> bool:
        """Without rows of a fields sheet nobody knows whether bundles have fields."""
        return bool(self.specification.by_kind[EntityKind.FIELD])

    def storage_of(self, row: Entity) -> FieldStorage:
        """Return the storage of a field, empty without a machine name or a known entity type."""
        return self.storages.get((row.bundle_type, row.machine_name)) or FieldStorage()

    @cached_property
    def settled_names(self) -> Mapping[tuple[str, int], str]:
        """Machine names for rows to build whose sheet has none, or one that Drupal refuses.

        By file and line; made of the label or of the name, as Drupal does. What is taken already
        or breaks a rule even so is left out: only a person can settle it.
        """
        proposed: dict[tuple[str, int], tuple[tuple[object, ...], str]] = {}
        bearers: dict[tuple[object, ...], set[str]] = {}
        for row in self.specification.entities:
            name = row.machine_name
            if row.status in {Status.APPROVED, Status.CHANGED}:
                if _is_missing_its_name(row):
                    name = made_of_label(row)
                elif row.kind is not EntityKind.VIEW_MODE and self.breaks_rule(row):
                    name = accepted_name(name, row.kind)
            where = (row.kind, row.bundle_type, row.owner_key, name)
            bearers.setdefault(where, set()).add(row.machine_name.strip("-") or row.label)
            if name != row.machine_name and name and not broken_rule(row.kind, name):
                proposed[row.source.file, row.source.line] = (where, name)
        return {at: name for at, (where, name) in proposed.items() if len(bearers[where]) == 1}

    def settled_name(self, row: Entity) -> str:
        """Return the machine name that a row gets instead of its own; empty where it keeps that."""
        return self.settled_names.get((row.source.file, row.source.line), "")

    def breaks_rule(self, row: Entity) -> str:
        """Say which rule the machine name of a row breaks, unless rows that exist break it too."""
        rule = broken_rule(row.kind, row.machine_name)
        is_base = row.kind is EntityKind.FIELD and is_base_field(row)
        is_hyphened = not broken_rule(row.kind, row.machine_name.replace("-", "_"))
        is_proven = is_hyphened and row.kind in self.hyphened_kinds
        return "" if is_base or is_proven else rule

    @cached_property
    def hyphened_kinds(self) -> frozenset[EntityKind]:
        """Kinds of which a row that exists has a hyphen inside its machine name."""
        return frozenset(
            row.kind
            for row in self.specification.entities
            if row.status is Status.IMPLEMENTED and "-" in row.machine_name.strip("-")
        )

    def owner_name(self, entity: Entity) -> str:
        """Return the name of what a row belongs to, without type, empty if unknown."""
        owners = self.specification.by_key.get(entity.owner_key or "", ())
        return name_of(owners[0]) if owners else ""


def name_of(entity: Entity) -> str:
    """Return what people call an entity: the name of a bundle or component without its type."""
    if entity.kind is EntityKind.COMPONENT:
        return entity.label.rpartition(" (")[0]
    if entity.kind is EntityKind.BUNDLE:
        return entity.cell("Name") or entity.label.rpartition(" (")[0] or entity.label
    return entity.label or entity.machine_name


def _is_missing_its_name(row: Entity) -> bool:
    """Tell whether Drupal needs a name the sheet lacks; base fields and labels have theirs.

    A field with a dash for its name and for whether it is reused is a base field under a new label.
    """
    if is_machine_name_given(row) or row.kind is EntityKind.VIEW_MODE:
        return False
    if row.kind is not EntityKind.FIELD:
        return row.kind in NOUNS
    is_neither = row.machine_name == row.cell(REUSED) == "-"
    return bool(row.cell("Field type")) and not (is_base_field(row) or is_neither)


def made_of_label(row: Entity) -> str:
    """Return the machine name Drupal proposes for a label without its type."""
    name = accepted_name(re.sub(r" \([^()]*\)$", "", row.label), row.kind)
    return name.removeprefix("field_") if row.bundle_type is BundleType.WEBFORM else name


def accepted_name(text: str, kind: EntityKind) -> str:
    """Return a text in the characters of machine names, that of a field with its prefix."""
    name = re.sub(r"[^a-z0-9_]+", "_", text.casefold()).strip("_")
    return f"field_{name.removeprefix('field_')}" if kind is EntityKind.FIELD else name


def is_machine_name_given(entity: Entity) -> bool:
    """Tell whether the sheet gives a machine name; `-` means a base field such as Title."""
    return entity.machine_name not in {"", "-"}


def index_of(specification: Specification, groups: Iterable[EntityGroup] = ()) -> QuestionIndex:
    """Build the look-ups in one pass over the entities."""
    names: dict[str, list[Entity]] = {}
    for bundle in specification.by_kind[EntityKind.BUNDLE]:
        names.setdefault(name_of(bundle).casefold(), []).append(bundle)
    return QuestionIndex(
        specification=specification,
        groups=sorted(groups, key=lambda group: group.number),
        storages=_storages(specification),
        bundles_by_name={key: tuple(rows) for key, rows in names.items()},
    )


def _storages(specification: Specification) -> dict[StorageKey, FieldStorage]:
    storages: dict[StorageKey, FieldStorage] = {}
    for row in specification.by_kind[EntityKind.FIELD]:
        if not is_machine_name_given(row) or row.bundle_type in {None, BundleType.WEBFORM}:
            continue
        storage = storages.setdefault((row.bundle_type, row.machine_name), FieldStorage())
        storage.users.setdefault(row.owner_key or "", row)
        if row.status is not Status.DELETED:
            storage.live_users.setdefault(row.owner_key or "", row)
    return storages
