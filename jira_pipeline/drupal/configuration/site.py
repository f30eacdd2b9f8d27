"""What a site is made of, in the kinds and columns of the sheets, and where its export says so.

Belongs here: the values, and the data of one exported file looked into by keys, with the place of
each. Does not: reading files (`configuration`), what a setting means (a module for each subject).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeGuard

from jira_pipeline.model.entities import BundleType, CellText, EntityKind
from jira_pipeline.model.grouped import grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCell:
    """What an export says where a sheet has a cell."""

    text: str
    """As sheets spell it; empty where the site has nothing there."""
    values: tuple[str, ...] = ()
    """As the export has it: ids of types and widgets, machine names of targets, `y` or `n`."""
    keys: tuple[str, ...] = ()
    """Of `values` that name bundles the keys, with their types; of a state all it is one of."""
    dangling: tuple[str, ...] = ()
    """Those of `values` that name what the site does not have."""
    yaml: str
    """File and key, such as `node.type.page.yml:description`; of what is absent, where it would be."""
    is_unread: bool = False
    """A file that cannot be read may say otherwise: what is here counts for nothing."""

    @property
    def is_yes(self) -> bool:
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
    """A bundle whose own file is not there or cannot be read: only its name is known."""
    yaml: str
    """The file it is in; of a base field that nobody changed, the file of its bundle."""
    cells: Mapping[str, SiteCell]
    """By canonical column name. A column that is absent has no counterpart in the export."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything that sheets could describe."""

    entities: tuple[SiteEntity, ...]
    """Sorted by kind in the order of `EntityKind`, then type of bundle, then machine names."""
    names: Collection[str] = ()
    """Of all objects it is made of."""
    unread: Collection[str] = ()
    """Names of objects whose files cannot be read: what they would say is not known."""
    lacking: Collection[str] = ()
    """Names of objects that others cannot be without and that are in no file: not known, either."""
    uuid: str = ""
    """What tells the site from every other one; empty where the export does not say it."""
    is_torn: bool = False
    """So much is lacking that nothing follows from what is not there."""
    modules: Collection[str] | None = None
    """What is enabled; None where the export has no `core.extension`, and so is no whole one."""

    @property
    def unknown(self) -> frozenset[str]:
        """Names of all objects of which nobody knows what they say."""
        return frozenset((*self.unread, *self.lacking))

    @cached_property
    def by_key(self) -> Mapping[str, Sequence[SiteEntity]]:
        """Entities by key; a transition has one for each state it leads from."""
        return grouped(self.entities, lambda entity: entity.key)

    @cached_property
    def by_kind(self) -> Mapping[EntityKind, Sequence[SiteEntity]]:
        """Entities by kind; every kind is present."""
        found = grouped(self.entities, lambda entity: entity.kind)
        return {kind: found.get(kind, ()) for kind in EntityKind}

    @cached_property
    def members_of(self) -> Mapping[str, Sequence[SiteEntity]]:
        return grouped(self.entities, lambda entity: entity.owner_key or "")


class Settings:
    """Data of one file, looked into by keys: what is absent or of another shape is empty."""

    __slots__ = ("data", "place")

    def __init__(self, data: object, place: str) -> None:
        """Keep data and where they are: `node.type.page.yml`, or with a key behind a colon."""
        self.data = data
        self.place = place

    def at(self, *keys: str) -> "Settings":
        """Return what is below keys."""
        data = self.data
        for key in keys:
            data = data.get(key) if isinstance(data, dict) else None
        return Settings(data, self._below(*keys))

    def _below(self, *keys: str) -> str:
        return f"{self.place}{'.' if ':' in self.place else ':'}{'.'.join(keys)}"

    @property
    def is_there(self) -> bool:
        return self.data is not None

    @property
    def text(self) -> str:
        """The text, stripped as cells are."""
        return str(self.data).strip() if is_scalar(self.data) else ""

    @property
    def is_on(self) -> bool:
        """Tell whether a switch is on: Drupal writes `true`, `1` and `'1'`."""
        return self.text.casefold() in {"true", "1"}

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of a list or, since Drupal keeps checked boxes so, the values of a mapping."""
        items = self.data.values() if isinstance(self.data, dict) else self.data
        if not isinstance(items, Iterable) or isinstance(items, str):
            return ()
        return tuple(str(i).strip() for i in items if is_scalar(i))

    @property
    def weight(self) -> int:
        """The place in an order; 0 where nothing says it."""
        return self.data if isinstance(self.data, int) else 0

    @property
    def children(self) -> Iterator[tuple[str, "Settings"]]:
        """Each item of a mapping or list by its key or number."""
        if isinstance(self.data, dict):
            pairs = ((str(key), value) for key, value in self.data.items())
        elif isinstance(self.data, list):
            pairs = ((str(number), value) for number, value in enumerate(self.data))
        else:
            return
        for key, value in pairs:
            yield key, Settings(value, self._below(key))

    @property
    def cell(self) -> SiteCell:
        return SiteCell(text=self.text, values=(self.text,) if self.text else (), yaml=self.place)

    @property
    def switch(self) -> SiteCell:
        """The switch as `y` or `n`, and where it is."""
        return yes_or_no(is_yes=self.is_on, yaml=self.place)

    def entity(
        self,
        kind: EntityKind,
        name: str,
        cells: Mapping[str, SiteCell],
        *,
        owner_key: str | None = None,
        label: str = "label",
    ) -> SiteEntity:
        """Return the thing that is here; the name of a part is `OWNER/PART`."""
        machine_name = name.rpartition("/")[2]
        return SiteEntity(
            kind=kind,
            key=f"{kind.value}:{name}",
            label=self.at(label).text or machine_name,
            machine_name=machine_name,
            owner_key=owner_key,
            yaml=self.place.partition(":")[0],
            cells=cells,
        )

    def spelled(self, text: str, *values: str) -> SiteCell:
        return SiteCell(text=text, values=values or self.cell.values, yaml=self.place)


def first_yes(found: Iterable[Settings], otherwise: str) -> SiteCell:
    """Return a yes with the place of the first of these; a no with another place if there is none."""
    place = next((each.place for each in found), "")
    return yes_or_no(is_yes=bool(place), yaml=place or otherwise)


def yes_or_no(*, is_yes: bool, yaml: str) -> SiteCell:
    """Return a cell that says `y` or `n`."""
    text = "y" if is_yes else "n"
    return SiteCell(text=text, values=(text,), yaml=yaml)


def is_scalar(value: object) -> TypeGuard[str | int | float | bool]:
    return isinstance(value, str | int | float)
