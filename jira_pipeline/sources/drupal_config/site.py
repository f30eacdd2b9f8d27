"""What a site is made of, in the kinds and columns of the sheets, and where its export says so.

Belongs here: the values. Does not: reading files (`configuration`), which settings make which cell
(`reading` and a module for each subject).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from jira_pipeline.model.entities import BundleType, CellText, EntityKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCell:
    """What an export says where a sheet has a cell."""

    text: str
    """As sheets spell it; empty where the site has nothing there."""
    values: tuple[str, ...] = ()
    """As the export has it: ids of types and widgets, machine names of targets, `y` or `n`."""
    dangling: tuple[str, ...] = ()
    """Those of `values` that name what the site does not have."""
    yaml: str
    """File and key, such as `node.type.page.yml:description`; of what is absent, where it would be."""
    is_unread: bool = False
    """A file that cannot be read may say otherwise: what is here counts for nothing."""

    @property
    def is_yes(self) -> bool:
        """It says yes, as sheets do."""
        return self.text == CellText.YES


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEntity:
    """One thing of a site: what one row of a sheet describes."""

    kind: EntityKind
    key: str
    """As the key of an `Entity` is made, so both are equal where a sheet names the same thing."""
    label: str
    """`Name (Type)` for bundles, the label otherwise."""
    machine_name: str
    owner_key: str | None = None
    """Key of the bundle, view or workflow it belongs to."""
    bundle_type: BundleType | None = None
    """Of a bundle its own type, of a field that of its bundle, of a view mode what it shows."""
    is_base_field: bool = False
    """Every item of its entity type has it, and no file has to say so."""
    is_as_shipped: bool = False
    """A base field that is called, described and required as on every site: no sheet lists it."""
    is_unread: bool = False
    """A bundle whose own file cannot be read: it is there, and only its name is known."""
    yaml: str
    """The file it is in; of a base field that nobody changed, the file of its bundle."""
    cells: Mapping[str, SiteCell]
    """By canonical column name. A column that is absent has no counterpart in the export."""
    facts: Mapping[str, SiteCell] = field(default_factory=dict)
    """What sheets have no column for, by name: `options`, `max_length`, `default`, `path` …"""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything that sheets could describe."""

    entities: tuple[SiteEntity, ...]
    """Sorted by kind in the order of `EntityKind`, then type of bundle, then machine names."""
    names: Collection[str] = ()
    """Of all objects it is made of."""
    unread: Collection[str] = ()
    """Names of objects that are there and cannot be read: what they would say is not known."""
    lacking: Collection[str] = ()
    """Names of objects that are not there though others cannot be without."""

    @cached_property
    def by_key(self) -> Mapping[str, tuple[SiteEntity, ...]]:
        """Entities by key; a transition has one for each state it leads from."""
        return _grouped((entity.key, entity) for entity in self.entities)

    @cached_property
    def by_kind(self) -> Mapping[EntityKind, tuple[SiteEntity, ...]]:
        """Entities by kind; every kind is present."""
        found = _grouped((entity.kind, entity) for entity in self.entities)
        return {kind: found.get(kind, ()) for kind in EntityKind}

    @cached_property
    def members_of(self) -> Mapping[str, tuple[SiteEntity, ...]]:
        """Entities by the key of their owner."""
        return _grouped((e.owner_key, e) for e in self.entities if e.owner_key is not None)


_Key = TypeVar("_Key")


def _grouped(pairs: Iterable[tuple[_Key, SiteEntity]]) -> dict[_Key, tuple[SiteEntity, ...]]:
    found: dict[_Key, list[SiteEntity]] = {}
    for key, entity in pairs:
        found.setdefault(key, []).append(entity)
    return {key: tuple(entities) for key, entities in found.items()}
