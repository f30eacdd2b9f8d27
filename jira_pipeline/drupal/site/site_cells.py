"""What a site is made of, in the kinds and columns of the sheets, and where its export says so.

Belongs here: the values; the data of one exported file looked into by keys, with the place of each;
the tables of `spellings.toml`, reducing a text or address to what people read. Does not: reading files
(`configuration`), what a setting means, and which table spells it (a module for each subject), which
columns are compared so (`verification/counterparts`).
"""

import html
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TypeGuard

from jira_pipeline.model.entities import AnyBundleType, CellText, EntityKind
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.toml_tables import toml_tables

_NOT_TICKED = "0"


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
    bundle_type: AnyBundleType | None = None
    """Of a bundle its own type, of a field that of its bundle, of a view mode what it shows."""
    is_base_field: bool = False
    """Every item of its entity type has it, and no file has to say so."""
    is_as_shipped: bool = False
    """As on every site, so that no sheet lists it: a base field that is called, described and required
    so, or user accounts without fields."""
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
        return group_by(self.entities, lambda entity: entity.key)

    @cached_property
    def by_kind(self) -> Mapping[EntityKind, Sequence[SiteEntity]]:
        """Entities by kind; every kind is present."""
        found = group_by(self.entities, lambda entity: entity.kind)
        return {kind: found.get(kind, ()) for kind in EntityKind}

    @cached_property
    def members_of(self) -> Mapping[str, Sequence[SiteEntity]]:
        return group_by(self.entities, lambda entity: entity.owner_key or "")


@dataclass(frozen=True, slots=True)
class Settings:
    """Data of one file, looked into by keys: what is absent or of another shape is empty."""

    data: object
    place: str
    """Where they are: `node.type.page.yml`, or with a key behind a colon."""

    def at(self, *keys: str) -> "Settings":
        """Return what is below keys."""
        data = self.data
        for key in keys:
            data = _value_of(data, key)
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
    def ticked(self) -> tuple[str, ...]:
        """The texts of a list of boxes that are ticked: Drupal keeps a zero for each other one."""
        return tuple(text for text in self.texts if text != _NOT_TICKED)

    @property
    def weight(self) -> int:
        """The place in an order; 0 where nothing says it."""
        return self.data if isinstance(self.data, int) else 0

    @property
    def children(self) -> Iterator[tuple[str, "Settings"]]:
        """Each item of a mapping or list by its key or number."""
        listed = self.data if isinstance(self.data, list) else ()
        pairs = self.data.items() if isinstance(self.data, dict) else enumerate(listed)
        return ((str(key), Settings(value, self._below(str(key)))) for key, value in pairs)

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


def _value_of(settings: object, key: str) -> object:
    """Return what a mapping has at a key: YAML reads `2018:` as a number, which PHP does not tell apart."""
    if not isinstance(settings, dict):
        return None
    if key.isdecimal() and key not in settings:
        return next((value for name, value in settings.items() if str(name) == key), None)
    return settings.get(key)


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


_TAG = re.compile(r"<[^>]*>")
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|code|em|i|mark|small|span|strong|sub|sup|u)\b[^>]*>", re.IGNORECASE
)
"""What no gap is at: `the <a>library</a>.` is read `the library.`"""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
"""Characters that nobody sees, and that the reader of sheets leaves out."""
_ALIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
"""Kinds of quotation marks, accents typed as such, and dashes."""


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

    words: Mapping[str, Mapping[str, str]]
    """By table of the file, such as `field_types`, and id."""
    core_modules: frozenset[str]
    others: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Further labels of the plugins of contributed modules, by table and id."""
    base_fields: Mapping[str, Mapping[str, BaseField]]
    """By entity type and machine name."""


@cache
def spellings() -> Spellings:
    """Return the tables; the file is read once in a process."""
    tables = {**toml_tables(__package__, "spellings.toml")}  # others read the file too
    base_fields = tables.pop("base_fields")
    of_core = tables.pop("core_modules")
    others: dict[str, dict[str, tuple[str, ...]]] = {"field_types": {}, "widgets": {}}
    for module in tables.pop("modules"):
        for table in others.keys() & module.keys():
            for plugin, (label, *further) in module[table].items():
                tables[table][plugin] = label
                others[table][plugin] = tuple(further)
    return Spellings(
        words=tables,
        core_modules=frozenset(of_core["names"]),
        others=others,
        base_fields={
            table["entity_type"]: {
                name: BaseField(**field) for name, field in table.items() if isinstance(field, dict)
            }
            for table in base_fields
        },
    )


def word_for(table: str, name: str) -> str:
    """Return what sheets call an id of a table; the id itself where it is in none."""
    return spellings().words[table].get(name, name)


def plain(text: str) -> str:
    """Reduce a text to what people read: no tags, entities, line breaks, controls or kinds of quotes."""
    shown = _without_tags(html.unescape(_without_tags(text)))
    shown = _CONTROL.sub("", shown)
    shown = shown.replace("\\/", "/").translate(_ALIKE)
    return " ".join(unicodedata.normalize("NFC", shown).split())


def _without_tags(text: str) -> str:
    return _TAG.sub(" ", _INLINE_TAG.sub("", text)) if "<" in text else text


def plain_address(text: str) -> str:
    """Reduce an address to what it leads to: the same without slashes at its ends."""
    return plain(text).strip("/ ")
