"""What worksheets give by a layout, as people check it: types with their fields, roles, steps, orphans.

Belongs here: the things by kind, what belongs to each, and what belongs to nothing. Does not: cells that
nobody reads (`coverage`), what headers mean (`header_offers`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.columns import label_column_of, owner_column_of
from jira_pipeline.model.entities import AnyBundleType, EntityKind
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.codes import CODE_COLUMNS
from jira_pipeline.sheets.layouts.layout import CUSTOM, HELPER, KINDS
from jira_pipeline.sheets.layouts.row_checks import is_listed
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.worksheet_groups import counted_things, things_word
from jira_pipeline.sheets.reading.labels import bundle_type_of, split_bundle_label

_BUNDLE = EntityKind.BUNDLE.value
_FIELD = EntityKind.FIELD.value
_PARTS: Mapping[str, str] = {
    _BUNDLE: _FIELD,
    EntityKind.VIEW.value: EntityKind.VIEW_DISPLAY.value,
    EntityKind.WORKFLOW.value: EntityKind.WORKFLOW_STATE.value,
}
"""What belongs to things of a kind, and is counted with them."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What belongs to a thing that its row names."""

    name: str
    owner_type: AnyBundleType | None
    """The kind of type that it says it belongs to; None where it says none."""


@dataclass(frozen=True, slots=True)
class GivenThing:
    """One thing, and what belongs to it."""

    name: str
    about: str
    """`6 fields`, or what else is to be checked of it."""
    parts: tuple[str, ...] = ()
    """What belongs to it, by name."""


@dataclass(frozen=True, slots=True)
class GivenKind:
    """Things of a kind."""

    label: str
    """`9 content types with 59 fields`."""
    things: tuple[GivenThing, ...]


@dataclass(frozen=True, slots=True)
class UnsettledThings:
    """Things that belong to nothing that a worksheet lists, or have no name."""

    count: int
    text: str
    """`57 fields do not say which type they belong to`."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GivenThings:
    """What some worksheets give."""

    kinds: tuple[GivenKind, ...]
    unsettled: tuple[UnsettledThings, ...]

    @property
    def summary(self) -> str:
        return ", ".join(kind.label for kind in self.kinds)

    @property
    def unsettled_count(self) -> int:
        return sum(things.count for things in self.unsettled)


class GivenReading:
    """What a whole workbook gives, for its worksheets one after the other."""

    def __init__(self, rows: Sequence[CanonicalRow]) -> None:
        self._rows = [row for row in rows if row.kind != HELPER]
        self._rows_by_worksheet = group_by(self._rows, lambda row: row.worksheet)

    def of_worksheets(self, titles: Sequence[str]) -> GivenThings:
        """Return what some worksheets give; parts are counted wherever they are listed."""
        rows: list[CanonicalRow] = []
        for title in titles:
            rows += self._rows_by_worksheet.get(title, ())
        return GivenThings(tuple(self._kinds_in(rows)), (*_nameless(rows), *self._orphans_in(rows)))

    def is_owner_listed(self, row: CanonicalRow) -> bool:
        """Tell whether what a row says it belongs to is listed, as the kind of type that it says."""
        column = None if row.kind == CUSTOM else owner_column_of(row.kind)
        owner = _owner_of(row)
        if column is None or not owner:
            return False
        if not is_listed(owner, self._listed_names.get(column.names, frozenset())):
            return False
        types = self._types_by_name.get(normal(owner), frozenset())
        owner_type = bundle_type_of(row.cells.get("Bundle type", ""))
        # A name that is listed with its type in brackets, or of a kind that nobody says, is enough.
        return row.kind != _FIELD or owner_type is None or not types or owner_type in types

    @cached_property
    def _types_by_name(self) -> Mapping[str, AbstractSet[AnyBundleType]]:
        """Return the kinds of the types that are called so; none where that of one is not known."""
        types: dict[str, set[AnyBundleType]] = defaultdict(set)
        of_no_known_type: set[str] = set()
        for row in self._rows:
            if row.kind != _BUNDLE:
                continue
            bundle_type = bundle_type_of(row.cells.get("Type", ""))
            for name in _names_of(row):
                if bundle_type is None:
                    of_no_known_type.add(name)
                else:
                    types[name].add(bundle_type)
        return {name: types[name] for name in types if name not in of_no_known_type}

    def _kinds_in(self, rows: Sequence[CanonicalRow]) -> Iterator[GivenKind]:
        by_kind: dict[str, list[CanonicalRow]] = defaultdict(list)
        for row in rows:
            by_kind[row.kind].append(row)
        counted_with_owners = {_PARTS[kind] for kind in by_kind if kind in _PARTS}
        for kind in sorted(by_kind, key=KINDS.index):
            if kind == _BUNDLE:
                yield from self._types(by_kind[kind])
            elif kind == CUSTOM:
                count = len(by_kind[kind])
                label = format_count(count, "row")
                yield GivenKind(f"{label} to quote word for word in a ticket of their own", ())
            elif kind not in counted_with_owners:
                yield self._things_of_kind(kind, by_kind[kind])

    def _types(self, rows: Sequence[CanonicalRow]) -> Iterator[GivenKind]:
        by_type: dict[str, list[CanonicalRow]] = defaultdict(list)
        for row in rows:
            bundle_type = bundle_type_of(row.cells.get("Type", ""))
            by_type[bundle_type.value if bundle_type else ""].append(row)
        for type_name, of_type in by_type.items():
            things = [self._thing(row) for row in of_type]
            fields = sum(len(self._parts_of(row)) for row in of_type)
            label = f"{len(things)} {_type_word(type_name, len(things))}"
            if fields:
                label = f"{label} with {format_count(fields, 'field')}"
            yield GivenKind(label, tuple(thing for thing in things if thing.name))

    def _things_of_kind(self, kind: str, rows: Sequence[CanonicalRow]) -> GivenKind:
        things = [self._thing(row) for row in rows]
        label = counted_things({kind: len(rows)})
        parts = sum(len(self._parts_of(row)) for row in rows)
        if parts:
            label = f"{label} with {counted_things({_PARTS[kind]: parts})}"
        if owner_column_of(kind) is not None and kind != EntityKind.WORKFLOW_TRANSITION.value:
            things = self._by_owner(kind, rows)
        return GivenKind(label, tuple(thing for thing in things if thing.name))

    def _by_owner(self, kind: str, rows: Sequence[CanonicalRow]) -> list[GivenThing]:
        """Return the owners that rows of a kind name, each with these as its parts."""
        by_owner: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            by_owner[_owner_of(row)].append(_name_of(row))
        return [
            GivenThing(owner, counted_things({kind: len(names)}), tuple(names))
            for owner, names in by_owner.items()
            if owner
        ]

    def _thing(self, row: CanonicalRow) -> GivenThing:
        name = _name_of(row)
        if row.kind == EntityKind.WORKFLOW_TRANSITION.value:
            steps = f"{row.cells.get('From state', '?')} → {row.cells.get('To state', '?')}"
            return GivenThing(name, steps)
        part_kind = _PARTS.get(row.kind)
        if part_kind is None:
            return GivenThing(name, row.cells.get("Notes", ""))
        parts = self._parts_of(row)
        if not parts:
            return GivenThing(name, row.cells.get("Settings/notes", ""))
        return GivenThing(name, counted_things({part_kind: len(parts)}), tuple(filter(None, parts)))

    def _parts_of(self, row: CanonicalRow) -> list[str]:
        """Return the names of what belongs to a thing, wherever it is listed."""
        parts: list[str] = []
        part_kind = _PARTS.get(row.kind, "")
        bundle_type = bundle_type_of(row.cells.get("Type", "")) if row.kind == _BUNDLE else None
        for own_name in _names_of(row):
            for part in self._parts_by_owner.get((part_kind, own_name), ()):
                # Two types of one name are told apart by their kind, where a field says it.
                if part.owner_type in {None, bundle_type}:
                    parts.append(part.name)
        return parts

    @cached_property
    def _parts_by_owner(self) -> Mapping[tuple[str, str], Sequence[_Part]]:
        """Return fields, displays and states, by their kind and the name of their owner."""
        parts: dict[tuple[str, str], list[_Part]] = defaultdict(list)
        for row in self._rows:
            owner = _owner_of(row)
            if row.kind not in _PARTS.values() or not owner:
                continue
            owner_type = bundle_type_of(row.cells.get("Bundle type", ""))
            owner_column = owner_column_of(row.kind)
            listed = self._listed_names.get(owner_column.names if owner_column else "", frozenset())
            if normal(owner) not in listed:
                owner, type_in_brackets = split_bundle_label(owner)
                owner_type = type_in_brackets or owner_type
            parts[row.kind, normal(owner)].append(_Part(_name_of(row), owner_type))
        return parts

    @cached_property
    def _listed_names(self) -> Mapping[str, AbstractSet[str]]:
        names: dict[str, set[str]] = defaultdict(set)
        for row in self._rows:
            names[row.kind].update(_names_of(row))
        return names

    def _orphans_in(self, rows: Sequence[CanonicalRow]) -> Iterator[UnsettledThings]:
        """Yield what says of nothing that it belongs to it, and what names something unlisted."""
        without_owner: dict[str, list[str]] = defaultdict(list)
        unlisted: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in rows:
            column = None if row.kind == CUSTOM else owner_column_of(row.kind)
            if column is None:
                continue
            owner = row.cells.get(column.name, "")
            if not owner:
                without_owner[row.kind].append(_name_of(row))
            elif not is_listed(owner, self._listed_names.get(column.names, frozenset())):
                unlisted[row.kind, owner].append(_name_of(row))
            elif not self.is_owner_listed(row):
                unlisted[row.kind, _owner_with_type(row)].append(_name_of(row))
        for kind, names in without_owner.items():
            verb = "does" if len(names) == 1 else "do"
            pronoun = "it belongs" if len(names) == 1 else "they belong"
            text = f"{counted_things({kind: len(names)})} {verb} not say to which {_owner_word(kind)} {pronoun}"
            yield UnsettledThings(len(names), text, tuple(names))
        for (kind, owner), names in unlisted.items():
            verb = "belongs" if len(names) == 1 else "belong"
            text = f"{counted_things({kind: len(names)})} {verb} to “{owner}”, which no worksheet lists"
            yield UnsettledThings(len(names), text, tuple(names))


def _type_word(type_name: str, count: int) -> str:
    """Return what so many types of a kind are called: `content types`."""
    if not type_name:
        return "type of no known kind" if count == 1 else "types of no known kind"
    word = type_name.lower()
    if count == 1:
        return word
    return f"{word.removesuffix('y')}ies" if word.endswith("y") else f"{word}s"


def _nameless(rows: Sequence[CanonicalRow]) -> Iterator[UnsettledThings]:
    """Yield what has no name."""
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        if label_column_of(row.kind) is not None and not _names_of(row):
            counts[row.kind] += 1
    for kind, count in counts.items():
        verb = "has" if count == 1 else "have"
        yield UnsettledThings(count, f"{counted_things({kind: count})} {verb} no name yet", ())


def _owner_of(row: CanonicalRow) -> str:
    column = None if row.kind == CUSTOM else owner_column_of(row.kind)
    return "" if column is None else row.cells.get(column.name, "")


def _owner_with_type(row: CanonicalRow) -> str:
    """Return what a row says it belongs to, with the kind of type that it says."""
    owner_type = row.cells.get("Bundle type", "")
    return f"{_owner_of(row)} ({owner_type})"


def _owner_word(kind: str) -> str:
    column = owner_column_of(kind)
    return "thing" if column is None else things_word(column.names, 1)


def _name_of(row: CanonicalRow) -> str:
    """Return what a row is called: its label, or else its machine name."""
    names = (row.cells.get(column, "") for column in _name_columns(row.kind))
    return next(filter(None, names), "")


def _names_of(row: CanonicalRow) -> Sequence[str]:
    """Return what others may call what a row lists, once each: its label, then its machine name."""
    names = (normal(row.cells.get(column, "")) for column in _name_columns(row.kind))
    return tuple(dict.fromkeys(filter(None, names)))


def _name_columns(kind: str) -> Sequence[str]:
    return tuple(filter(None, (label_column_of(kind), *CODE_COLUMNS)))
