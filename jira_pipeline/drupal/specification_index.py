"""Look-ups over all rows of a specification, each made once and used by every rule.

Belongs here: who shares the storage of a field, which bundles have a name, which machine names break
a rule of Drupal. Does not: the rows of one ticket (`ticket_rows`), what follows from a look-up (the
rules).
"""

from collections.abc import Callable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from weakref import WeakKeyDictionary

from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.model.entities import (
    GONE,
    THERE,
    BundleType,
    Entity,
    EntityKind,
    Specification,
    Status,
)
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.grouped import group_by, group_pairs

StorageKey = tuple[BundleType | None, str]
Session = TypeVar("Session")
Result = TypeVar("Result")


def once_per_session(compute: Callable[[Session], Result]) -> Callable[[Session], Result]:
    """Make a look-up of a session, or of a group’s rows, once; its result goes when these go.

    The result must not refer to the session.
    """
    results: WeakKeyDictionary[Session, Result] = WeakKeyDictionary()

    def look_up(session: Session) -> Result:
        if session not in results:
            results[session] = compute(session)
        return results[session]

    return look_up


@dataclass(frozen=True, kw_only=True, eq=False)
class SpecificationIndex:
    """A specification with the look-ups of the question rules; equal to itself only."""

    specification: Specification
    groups: Sequence[EntityGroup] = ()
    """All groups of the session in build order, for what is asked once for a site."""

    @cached_property
    def storages(self) -> Mapping[StorageKey, Mapping[str, Entity]]:
        """The fields of each machine name within an entity type, which Drupal keeps one storage for.

        One for each bundle, by its key, the first that stays or comes; elements of webforms share
        nothing.
        """
        fields = self.specification.by_kind[EntityKind.FIELD]
        storages: dict[StorageKey, dict[str, Entity]] = {}
        # Rows to be removed come last: of two rows of a bundle the other one counts.
        for row in sorted(fields, key=lambda row: row.status is Status.DELETED):
            if row.has_machine_name and row.bundle_type not in {None, BundleType.WEBFORM}:
                rows_by_owner = storages.setdefault((row.bundle_type, row.machine_name), {})
                rows_by_owner.setdefault(row.owner_key or "", row)
        return storages

    @cached_property
    def owners_by_name(self) -> Mapping[tuple[EntityKind, str], Sequence[str | None]]:
        """What each machine name of a kind belongs to."""
        rows = self.specification.entities
        return group_pairs(((row.kind, row.machine_name), row.owner_key) for row in rows)

    @cached_property
    def labels(self) -> AbstractSet[tuple[EntityKind, str]]:
        """What people call each entity, by its kind."""
        names = set()
        for row in self.specification.entities:
            names |= {(row.kind, row.label), (row.kind, name_of(row))}
        return names

    @cached_property
    def bundles_by_name(self) -> Mapping[str, Sequence[Entity]]:
        """Bundles by name without type, compared without regard to case."""
        bundles = self.specification.by_kind[EntityKind.BUNDLE]
        return group_by(bundles, lambda bundle: name_of(bundle).casefold())

    def called_alike(self, bundle: Entity) -> list[Entity]:
        """Return the bundles that stay or come and have the name and type of one, with that."""
        same = self.bundles_by_name[name_of(bundle).casefold()]
        return [b for b in same if b.label == bundle.label and b.status not in GONE]

    def namesakes(self, bundle: Entity) -> list[Entity]:
        """Return a bundle and those of its type that are called alike; nothing if there are none."""
        same = self.bundles_by_name[name_of(bundle).casefold()]
        alike = [other for other in same if other.bundle_type is bundle.bundle_type]
        return alike if len(alike) > 1 else []

    @cached_property
    def storage_origins(self) -> Mapping[StorageKey, int]:
        """The number of the ticket that creates each storage; 0 where a bundle has it already."""
        numbers = {group.key: group.number for group in self.groups}
        origins: dict[StorageKey, int] = {}
        for key, users in self.storages.items():
            for owner, row in users.items():
                bundle = self.specification.by_key.get(owner, (row,))[0]
                number = numbers.get(owner)
                if row.status in THERE and bundle.status in THERE:
                    origins[key] = 0
                elif row.status not in GONE and number is not None:
                    origins[key] = min(number, origins.get(key, number))
        return origins

    def users_of(self, row: Entity) -> Mapping[str, Entity]:
        """Return the fields with the storage of one that are not to be removed, by key of bundle."""
        users = self.storages.get(storage_key_of(row), {})
        return {key: user for key, user in users.items() if user.status is not Status.DELETED}

    def owner_name(self, entity: Entity) -> str:
        """Return the name of what a row belongs to, without type, empty if unknown."""
        return next(map(name_of, self.specification.first_of(entity.owner_key)), "")


def storage_key_of(field: Entity) -> StorageKey:
    """Return what the fields that share a storage have in common."""
    return field.bundle_type, field.machine_name
