"""Compares two ShareDo environments by their export packages.

The first side is how the second shall become: so `before` in a difference is the second side's value,
and `after` the first's. Each component is added, removed, modified, unchanged or not compared. Lists
are compared without regard to order; ids, times and versions are not compared.

Belongs here: which components and fields differ, and what was not compared. Does not: reading
packages (`reading/packages`), showing a comparison (`commands`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import MAX_PREC, Context, Decimal

from pydantic import BaseModel

from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.sharedo.natural_keys import (
    SAME_ID,
    field_path,
    item_label,
    item_path,
    key_parts_of,
    leaves,
    named,
    natural_key,
    natural_names,
    shown_value,
)
from jira_pipeline.sharedo.packages import Component, JsonValue, SharedoPackage, WrittenNumber
from jira_pipeline.sharedo.secret_masking import without_digits
from jira_pipeline.tickets.grouping.component_rows import (
    MASK,
    NOISE,
    Outcome,
    group_of_provider,
    is_address,
    is_guid,
)

COMPARISON_FILE = "comparison.json"
"""The file beside a session's packages that says which of them are of which environment."""
_EXACT = Context(prec=MAX_PREC)
"""Numbers are compared without rounding any digit."""
_FILES_MAX = 5
"""How many files one warning names."""
_NAMING = frozenset({"systemname", "key", "code", "name", "label", "title", "text", "value"})
"""Fields whose texts describe an item without a natural key."""
_Change = tuple[str, JsonValue, JsonValue]
"""Path, value of the first side, value of the second."""


@json_fields("path before after is_environments_own")
@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field, or one item of a list, that differs."""

    component_key: str
    path: str
    """Its path by natural keys: `Phases[closed].Name`; an item without a key has a description."""
    before: JsonValue
    """The value in the second environment; None where it has no such field or item."""
    after: JsonValue
    """The value in the first environment; None where it has no such field or item."""

    @property
    def is_environments_own(self) -> bool:
        """Whether both values are secrets or addresses, which each environment keeps as its own."""
        sides = [without_digits(side_text(side)) for side in (self.before, self.after)]
        return all(MASK in side for side in sides) or all(
            is_address(self.path, side) for side in sides
        )


@json_fields("key title group outcome reason? differences")
@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentComparison:
    """How one component differs between the sides."""

    key: str
    outcome: Outcome
    first: Component | None
    second: Component | None
    differences: tuple[Difference, ...] = ()
    """The differences in the order of their paths; none unless it is modified."""
    reason: str = ""
    """Why it was not compared; empty where it was."""

    @property
    def group(self) -> DisplayGroup:
        return group_of_provider(self.key.partition(":")[0])

    @property
    def title(self) -> str:
        """What people call it."""
        side = self.first or self.second
        return side.title if side else self.key.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFailure:
    """An export of one side that failed."""

    reason: str
    component_key: str
    """The key of the component that it would have had."""


class Side(BaseModel, extra="forbid", frozen=True):
    """What is known of one environment."""

    name: str
    packages: tuple[str, ...]
    """The file names of its packages."""
    lacks: tuple[str, ...] = ()
    """Keys of components that the environment says it does not have."""
    failures: tuple[SideFailure, ...] = ()
    """Exports that failed: their components may be in the environment."""


class Sides(BaseModel, extra="forbid", frozen=True):
    """Which packages are of which environment, as `comparison.json` says it."""

    first: Side
    second: Side


@json_fields("first second differs counts warnings components")
@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The first side against the second."""

    first: str
    second: str
    components: tuple[ComponentComparison, ...]
    """In the order of deployment: by group, then by key."""
    warnings: tuple[str, ...]

    def with_outcome(self, *outcomes: Outcome) -> tuple[ComponentComparison, ...]:
        """Return the components of some outcomes, in order."""
        return tuple(c for c in self.components if c.outcome in outcomes)

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many components have each outcome; every outcome is present."""
        count = Counter(component.outcome for component in self.components)
        return {outcome: count[outcome] for outcome in Outcome}

    @property
    def changing(self) -> tuple[ComponentComparison, ...]:
        """The components that differ, in order; each gets a ticket."""
        return self.with_outcome(Outcome.ADDED, Outcome.REMOVED, Outcome.MODIFIED)

    @property
    def differs(self) -> bool:
        return bool(self.changing)


def compare_sides(sides: Sides, packages: Mapping[str, SharedoPackage]) -> Comparison:
    """Compare two environments by their packages, given by file name.

    A component that only one side has counts as added or removed only where the other side says that
    it lacks it. Otherwise, as where an export failed, it is not compared.
    """
    first = _contents_of(sides.first, packages)
    second = _contents_of(sides.second, packages)
    keys = {*first.by_key, *second.by_key, *first.failed, *second.failed}
    groups = list(DisplayGroup)

    def place_of(key: str) -> tuple[int, str]:
        provider, _, _ = key.partition(":")
        return groups.index(group_of_provider(provider)), key

    components = []
    for key in sorted(keys, key=place_of):
        components.append(_compared(key, first, second))
    return Comparison(
        first=sides.first.name,
        second=sides.second.name,
        components=tuple(components),
        warnings=tuple(_warnings(first, second)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    """The components of one side, and why others of it are not known."""

    side: Side
    packages: tuple[SharedoPackage, ...]
    by_key: Mapping[str, Component]
    failed: Mapping[str, str]
    """By component key, why a component is not known."""
    names: Mapping[str, str]
    """Natural names by id."""

    def reason_unknown(self, key: str) -> str | None:
        """Return why it is not known whether this side has a component; None where it is known."""
        if key in self.failed:
            return self.failed[key]
        lacks = {name.casefold() for name in self.side.lacks}
        if key in self.by_key or key.casefold() in lacks:
            return None
        name = self.side.name
        if any(d.target_key == key for c in self.by_key.values() for d in c.dependencies):
            return f"{name} uses it, and its packages do not include it"
        return f"{name} neither includes it in its packages nor reports that it does not have it"


def _contents_of(side: Side, packages: Mapping[str, SharedoPackage]) -> _Contents:
    """Return the components of a side's packages; one that two packages state differently failed."""
    side_packages = tuple(packages[name] for name in side.packages if name in packages)
    components: list[Component] = []
    for package in side_packages:
        components += package.components
    names = natural_names(components)
    by_key: dict[str, Component] = {}
    failed: dict[str, str] = {}
    for component in components:
        first = by_key.setdefault(component.key, component)
        if first is not component and _differences_of(first, component, names, names):
            failed[component.key] = (
                f"{first.file} and {component.file} of {side.name} have different versions of it"
            )
    for key in failed:
        del by_key[key]
    for failure in side.failures:  # another package may hold it all the same
        if failure.component_key not in by_key:
            failed.setdefault(failure.component_key, failure.reason)
    return _Contents(side=side, packages=side_packages, by_key=by_key, failed=failed, names=names)


def _compared(key: str, first_side: _Contents, second_side: _Contents) -> ComponentComparison:
    """Compare a component of two sides; it is not compared where a side's is not known."""
    first = first_side.by_key.get(key)
    second = second_side.by_key.get(key)
    reasons = []
    for side in (first_side, second_side):
        reason = side.reason_unknown(key)
        if reason:
            reasons.append(reason)
    differences: tuple[Difference, ...] = ()
    if reasons:
        outcome = Outcome.NOT_COMPARED
    elif first is None or second is None:
        outcome = Outcome.REMOVED if first is None else Outcome.ADDED
    else:
        differences = _differences_of(first, second, first_side.names, second_side.names)
        outcome = Outcome.MODIFIED if differences else Outcome.UNCHANGED
    return ComponentComparison(
        key=key,
        outcome=outcome,
        first=first,
        second=second,
        differences=differences,
        reason="; ".join(reasons),
    )


def _warnings(first: _Contents, second: _Contents) -> Iterator[str]:
    """Yield sentences on what may make the comparison as a whole wrong or incomplete."""
    for side in (first.side, second.side):
        for failure in side.failures:
            yield f"{side.name}: {failure.reason}."
    first_versions = _platform_versions(first)
    second_versions = _platform_versions(second)
    if first_versions and second_versions and first_versions != second_versions:
        yield (
            f"The platform versions differ: {first.side.name} has "
            f"{', '.join(sorted(first_versions))}, {second.side.name} has "
            f"{', '.join(sorted(second_versions))}. Differences may come from the platform."
        )
    for place in sorted(_places(first) & _places(second)):
        yield f"Both sides were exported from {place}."
    names = _differing_names(_unnamed_files(first), _unnamed_files(second))
    if names:
        yield f"Files that no component names differ: {first_named(names, _FILES_MAX)}."


def _platform_versions(contents: _Contents) -> set[str]:
    return {package.platform_version for package in contents.packages} - {""}


def _places(contents: _Contents) -> set[str]:
    """Return the addresses of the environments that packages were exported from."""
    return {package.exported_from for package in contents.packages} - {""}


def _unnamed_files(contents: _Contents) -> Mapping[str, str]:
    """Return size and hash of the files that no component names, as text by file name."""
    distinctions = {}
    for package in contents.packages:
        for file in package.unnamed_files:
            distinctions[file.name] = file.distinction
    return distinctions


def _differing_names(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    """Return the names that only one of two mappings has, or that have different values."""
    names = first.keys() | second.keys()
    return sorted(name for name in names if first.get(name) != second.get(name))


def _differences_of(
    first: Component, second: Component, ours: Mapping[str, str], theirs: Mapping[str, str]
) -> tuple[Difference, ...]:
    """Return the differences between two versions of a component, in the order of their paths.

    Those of its dependencies and files are among them. `ours` and `theirs` are the natural names of
    ids on each side.
    """
    our_payload = _comparable(first.payload, ours)
    their_payload = _comparable(second.payload, theirs)
    changes = list(_changes(our_payload, their_payload, path="", section=""))
    changes += _changed_values("Dependencies", _strengths(first), _strengths(second))
    changes += _changed_values("Files", _distinctions(first), _distinctions(second))
    differences = [
        Difference(component_key=first.key, path=path, before=before, after=after)
        for path, after, before in changes
    ]
    return tuple(sorted(differences, key=lambda difference: difference.path))


def _changed_values(
    section: str, first: Mapping[str, str], second: Mapping[str, str]
) -> Iterator[_Change]:
    """Yield the changes of a mapping as those of a list of items that are named by its keys."""
    for name in _differing_names(first, second):
        yield item_path(section, name, {}), first.get(name), second.get(name)


def _strengths(component: Component) -> Mapping[str, str]:
    """Return how much a component needs each of its dependencies, by their key."""
    return {
        dependency.target_key: dependency.strength.value for dependency in component.dependencies
    }


def _distinctions(component: Component) -> Mapping[str, str]:
    """Return size and hash of a component's files, as text by file name."""
    return {file.name: file.distinction for file in component.files}


def side_text(value: JsonValue) -> str:
    """Return one side of a difference as text for people: an object or list as a line for each field.

    Ids are left out; the text of a missing value is empty.
    """
    if isinstance(value, dict | list) and value:
        shown = [(path, leaf) for path, leaf in leaves(value) if leaf != SAME_ID]
        return "\n".join(f"{path}: {shown_value(leaf)}" for path, leaf in shown)
    return "" if value is None else shown_value(value)


def _comparable(value: JsonValue, names: Mapping[str, str]) -> JsonValue:
    """Return a value as it is compared: without noise, nulls and empty lists, ids by natural names."""
    match value:
        case dict():
            fields: dict[str, JsonValue] = {}
            unexplained: list[JsonValue] = []
            for name, inner in value.items():
                if _counts(name, value) and (field := _comparable(inner, names)) not in (None, []):
                    # In `WorkSchedules` the names of fields are ids.
                    called = named(name, names) if is_guid(name) else name
                    if called == SAME_ID or called in fields:
                        unexplained.append(field)
                    else:
                        fields[called] = field
            return {**fields, SAME_ID: unexplained} if unexplained else fields
        case list():
            counted = [_comparable(inner, names) for inner in value if inner is not None]
            return sorted(counted, key=_as_text)
        case str() if not isinstance(value, WrittenNumber):
            return named(value, names)
        case _:
            return value


def _counts(field: str, holder: Mapping[str, JsonValue]) -> bool:
    """Tell whether a field of an object is compared: not noise, nor the object's own id.

    `FromPhaseId` is not compared beside `FromPhaseSystemName`, which says the same.
    """
    value = holder[field]
    stem = field.removesuffix("Id")
    if NOISE.fullmatch(field):
        return False
    if not isinstance(value, str) or not is_guid(value):
        return field.casefold() != "id" or not isinstance(value, int)
    return field.casefold() != "id" and (stem == field or not holder.get(f"{stem}SystemName"))


def _as_text(value: JsonValue) -> str:
    """Return a text that is the same for values that count as equal."""
    return canonical_json(_plain_numbers(value))


def _plain_numbers(value: JsonValue) -> JsonValue:
    """Return a value whose equal numbers are written the same: `250000.0` as `250000`."""
    match value:
        case dict():
            return {name: _plain_numbers(inner) for name, inner in value.items()}
        case list():
            return [_plain_numbers(inner) for inner in value]
        case bool():
            return value
        case int() | float() | WrittenNumber():
            plain = Decimal(str(value))
            return [str(plain.normalize(_EXACT)) if plain else "0"]
        case _:
            return value


def _changes(first: JsonValue, second: JsonValue, *, path: str, section: str) -> Iterator[_Change]:
    """Yield the changes between two values at a path; `section` is the name of their field."""
    if _as_text(first) == _as_text(second):
        return
    if isinstance(first, dict) and isinstance(second, dict):
        for name in sorted({*first, *second}):
            inner = field_path(path, name)
            yield from _changes(first.get(name), second.get(name), path=inner, section=name)
    elif isinstance(first, list | None) and isinstance(second, list | None):
        yield from _items(first or [], second or [], path=path, section=section)
    else:
        yield path, first, second


def _items(
    first: list[JsonValue], second: list[JsonValue], *, path: str, section: str
) -> Iterator[_Change]:
    """Yield the changes between two lists, without regard to order.

    Items with the same natural key are compared; others are whole items that only one list has.
    """
    parts = key_parts_of(section, first, second)
    of_first = group_by(first, lambda entry: natural_key(entry, parts))
    of_second = group_by(second, lambda entry: natural_key(entry, parts))
    taken: dict[str, int] = {}
    for key in sorted({*of_first, *of_second}, key=lambda key: key or ()):
        # Where several items have the key, it is not known which became which.
        ours = of_first.get(key, [])
        theirs = of_second.get(key, [])
        if key and len(ours) == len(theirs) == 1:
            inner = item_path(path, item_label(key, 0), taken)
            yield from _changes(ours[0], theirs[0], path=inner, section=section)
            continue
        for entry in _left_of(ours, theirs):
            label = item_label(key, 0) if key else _description(entry)
            yield item_path(path, label, taken), entry, None
        for entry in _left_of(theirs, ours):
            label = item_label(key, 0) if key else _description(entry)
            yield item_path(path, label, taken), None, entry


def _left_of(entries: list[JsonValue], others: list[JsonValue]) -> Iterator[JsonValue]:
    """Yield the entries that are not among the others, or not as often."""
    counts = Counter(map(_as_text, others))
    for entry in entries:
        text = _as_text(entry)
        if counts[text] > 0:
            counts[text] -= 1
        else:
            yield entry


def _description(entry: JsonValue) -> str:
    """Return a description of an item without a key: its first two texts, those of names first."""
    if isinstance(entry, list):
        return canonical_json(entry)
    if not isinstance(entry, dict):
        return str(entry)

    def by_use(name: str) -> tuple[bool, str]:
        is_other = name.casefold() not in _NAMING
        return is_other, name

    texts = []
    for name in sorted(entry, key=by_use):
        text = entry[name]
        if isinstance(text, str):
            texts.append(f"{name} {text}")
    return ", ".join(texts[:2]) or "item"
