"""Look-ups over all rows of a specification, each made once and used by every rule.

Belongs here: who shares the storage of a field, which bundles have a name, which machine names break
a rule of Drupal. Does not: the rows of one ticket (`ticket_rows`), what follows from a look-up (the
rules).
"""

from collections.abc import Callable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TypeAlias, TypeVar
from weakref import WeakKeyDictionary

from jira_pipeline.drupal.observed_reads import LookUp, Observed, look_up_name
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.model.entities import (
    GONE,
    THERE,
    AnyBundleType,
    BundleType,
    Entity,
    EntityKind,
    Specification,
    Status,
)
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.grouped import group_by

StorageKey: TypeAlias = tuple[AnyBundleType | None, str]
"""The type of the bundles of a field, which is that of their items, and its machine name."""
Session = TypeVar("Session")
Result = TypeVar("Result")
LOOK_UPS: dict[str, LookUp] = {}
"""What is looked up once for a session, by name; each is added where it is declared."""


def once_per_session(compute: Callable[[Session], Result]) -> Callable[[Session], Result]:
    """Make a look-up of a session, or of a group’s rows, once; its result goes when these go.

    The result must not refer to the session. Of an observed session it is noted what is read of it.
    """
    results: WeakKeyDictionary[Session, Result] = WeakKeyDictionary()

    @wraps(compute)
    def look_up(session: Session) -> Result:
        if isinstance(session, Observed):
            of_session: Result = session.look_up(look_up)
            return of_session
        if session not in results:
            results[session] = compute(session)
        return results[session]

    LOOK_UPS[look_up_name(look_up)] = look_up
    return look_up


@dataclass(frozen=True, kw_only=True, eq=False)
class SpecificationIndex:
    """A specification with the look-ups of the question rules; equal to itself only."""

    specification: Specification
    groups: Sequence[EntityGroup] = ()
    """All groups of the session in build order, for what is asked once for a site."""

    @cached_property
    def storages(self) -> Mapping[StorageKey, Mapping[str, Entity]]:
        """The fields that share each storage, by the key of their bundle.

        Drupal keeps one storage for all fields of a machine name within an entity type. Elements of
        webforms share nothing. Of two rows of a bundle the one that stays or comes counts, else the
        first.
        """
        fields = self.specification.by_kind[EntityKind.FIELD]
        kept_before_gone = sorted(fields, key=lambda field: field.status is Status.DELETED)
        storages: dict[StorageKey, dict[str, Entity]] = {}
        for field in kept_before_gone:
            has_storage = field.bundle_type not in {None, BundleType.WEBFORM}
            if field.has_machine_name and has_storage:
                field_by_owner = storages.setdefault(storage_key_of(field), {})
                field_by_owner.setdefault(field.owner_key or "", field)
        return storages

    @cached_property
    def owners_by_name(self) -> Mapping[tuple[EntityKind, str], Sequence[str | None]]:
        """The keys of what the rows with a machine name belong to, by their kind and that name."""
        owners: dict[tuple[EntityKind, str], list[str | None]] = {}
        for row in self.specification.entities:
            owners.setdefault((row.kind, row.machine_name), []).append(row.owner_key)
        return owners

    @cached_property
    def labels(self) -> AbstractSet[tuple[EntityKind, str]]:
        """What people call each entity, with and without its type, beside its kind."""
        labels = set()
        for row in self.specification.entities:
            labels.add((row.kind, row.label))
            labels.add((row.kind, name_of(row)))
        return labels

    @cached_property
    def bundles_by_name(self) -> Mapping[str, Sequence[Entity]]:
        """Bundles by name without type, compared without regard to case."""
        bundles = self.specification.by_kind[EntityKind.BUNDLE]
        return group_by(bundles, lambda bundle: name_of(bundle).casefold())

    def called_alike(self, bundle: Entity) -> list[Entity]:
        """Return the bundles with the name and type of one that stay or come, itself among them."""
        alike = []
        for other in self.bundles_by_name[name_of(bundle).casefold()]:
            if other.label == bundle.label and other.status not in GONE:
                alike.append(other)
        return alike

    def namesakes(self, bundle: Entity) -> list[Entity]:
        """Return a bundle and the others of its type with its name; nothing if there are no others."""
        of_name = self.bundles_by_name[name_of(bundle).casefold()]
        of_type = [other for other in of_name if other.bundle_type == bundle.bundle_type]
        return of_type if len(of_type) > 1 else []

    @cached_property
    def storage_origins(self) -> Mapping[StorageKey, int]:
        """The number of the ticket that creates each storage; 0 where a bundle has it already."""
        number_by_group = {group.key: group.number for group in self.groups}
        origins: dict[StorageKey, int] = {}
        for storage, field_by_owner in self.storages.items():
            for owner_key, field in field_by_owner.items():
                bundle = self.specification.first_of(owner_key)
                is_bundle_there = not bundle or bundle[0].status in THERE
                number = number_by_group.get(owner_key)
                if field.status in THERE and is_bundle_there:
                    origins[storage] = 0
                elif field.status not in GONE and number is not None:
                    # The first ticket in build order creates it, unless a bundle has it.
                    origins[storage] = min(number, origins.get(storage, number))
        return origins

    def users_of(self, row: Entity) -> Mapping[str, Entity]:
        """Return the fields with the storage of one that are not to be removed, by key of bundle."""
        users = {}
        for owner_key, field in self.storages.get(storage_key_of(row), {}).items():
            if field.status is not Status.DELETED:
                users[owner_key] = field
        return users

    def owner_name(self, entity: Entity) -> str:
        """Return the name of what a row belongs to, without type, empty if unknown."""
        owner = self.specification.first_of(entity.owner_key)
        return name_of(owner[0]) if owner else ""


def storage_key_of(field: Entity) -> StorageKey:
    """Return what the fields that share a storage have in common."""
    return field.bundle_type, field.machine_name
