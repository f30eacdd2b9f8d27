"""What differs between two ShareDo environments, read from their export packages.

Belongs here: which components and fields differ, how severe that is, and what was not compared.
Does not: reading packages (`reading/packages`), showing a comparison (`cli/sharedo_packages`).

The first side is what is wanted, the second is what is to become like it: `before` is the second's
value and `after` the first's. Lists are compared without regard to order; ids, times and versions
are not compared.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from textwrap import shorten
from typing import TypeAlias

from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.sharedo.ids import (
    SAME_ID,
    NaturalNames,
    is_guid,
    natural_names,
    without_ids,
)
from jira_pipeline.sharedo.packages import (
    Component,
    ComponentDependency,
    ComponentGroup,
    JsonValue,
    PackageFile,
    SharedoPackage,
    WrittenNumber,
    component_key,
    group_of_provider,
)
from jira_pipeline.sharedo.secret_masking import MASK, without_digits
from jira_pipeline.sharedo.sections import (
    field_of,
    field_path,
    item_label,
    item_path,
    key_parts_of,
    leaves,
    natural_key,
    shown_value,
)

FILE_PROVIDER = "file"
"""Stands for the export provider of a file that no component names."""
COMPARISON_FILE = "comparison.json"
"""Beside the packages of a session: which of them are of which environment."""
_NOISE = re.compile(
    r"graphlayout|(?:row|record|entity)?version(?:number|id)?|revision(?:number)?|etag|timestamp|"
    r"concurrencystamp|"
    r"(?:last)?(?:created|modified|updated|changed|saved|imported|exported|published|deployed)"
    r"(?:on|at|by|date|time|utc)+(?:id|name|user|username)?",
    re.IGNORECASE,
)
"""Fields that differ between environments that are configured alike.

Source: `GraphLayout` differs in exported packages; the others follow the usual names.
"""
_HIGH, _LOW = re.compile(r"Phase|Permission"), re.compile(r"Menu|Aspect")
"""Words in the name of a section that decide its severity."""
_WRITTEN_OUT_DIGITS = 40
"""A number of more digits before or after its point is compared with its exponent."""
_PARAGRAPHS_MAX, _PARAGRAPH_CHARACTERS = 10, 300
"""Of a document that differs, so much of what only one side says is shown."""
_PATHS_MAX = 5
"""Of one component, so many paths are named in a warning."""
_PAIRED_MAX_COUNT = 200
"""Items without a key on one side that are paired by likeness; more are listed one by one."""
_IDENTIFYING = ("SystemName", "Key", "Code")
_NAMING = ("systemname", "key", "code", "name", "label", "title", "text", "value")
"""Fields by which an item without a key is named, the plainest first."""
_ADDRESS = re.compile(
    r"(?:https?|wss?|s?ftps?|imaps?|smtps?)://\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_HOST_FIELD = re.compile(r"host|server|domain|endpoint|smtp|imap", re.IGNORECASE)


class Outcome(StrEnum):
    """What a comparison says of one component."""

    ADDED = "added"
    """Only the first side has it."""
    REMOVED = "removed"
    """Only the second side has it."""
    MODIFIED = "modified"
    UNCHANGED = "unchanged"
    NOT_COMPARED = "not_compared"


class DifferenceSeverity(StrEnum):
    """How much depends on a difference."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def rank(severity: DifferenceSeverity) -> int:
    """Return a number by which severities sort, the gravest first."""
    return list(DifferenceSeverity).index(severity)


def is_address(field: str, value: str) -> bool:
    """Tell whether the value of a field is an address, host or mailbox."""
    is_host = _HOST.fullmatch(value) and _HOST_FIELD.search(field)
    return MASK not in value and bool(_ADDRESS.fullmatch(value) or is_host)


@json_fields("path before after severity is_environments_own")
@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field, or one item of a list, that differs."""

    component_key: str
    path: str
    """Where, by natural keys: `Phases[closed].Name`; an item without a key by what is alike in it."""
    before: JsonValue
    """In the second environment; None where it has no such field or item."""
    after: JsonValue
    """In the first environment; None where it has no such field or item."""
    severity: DifferenceSeverity

    @property
    def is_environments_own(self) -> bool:
        """Both environments hold a secret or an address there: each keeps its own."""
        sides = [without_digits(side_text(side)) for side in (self.before, self.after)]
        return all(MASK in side for side in sides) or all(
            is_address(self.path, side) for side in sides
        )


@json_fields("key title group outcome severity reason? unresolved differences")
@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentComparison:
    key: str
    outcome: Outcome
    first: Component | None
    second: Component | None
    differences: tuple[Difference, ...] = ()
    """The gravest first, then by path; empty unless modified."""
    unresolved: tuple[str, ...] = ()
    """Paths of ids that differ and that nothing in the packages explains: each environment has its
    own, so whether what they stand for differs is not known."""
    reason: str = ""
    """Why it was not compared."""

    @property
    def group(self) -> ComponentGroup:
        return group_of_provider(self.key.partition(":")[0])

    @property
    def title(self) -> str:
        """What people call it."""
        known = self.first or self.second
        return known.title if known else self.key.partition(":")[2]

    @property
    def severity(self) -> DifferenceSeverity | None:
        """That of its gravest difference; None where nothing differs or nothing is known."""
        match self.outcome:
            case Outcome.MODIFIED:
                return min((d.severity for d in self.differences), key=rank)
            case Outcome.ADDED | Outcome.REMOVED:
                return _severity_of(self.group, "")
            case Outcome.UNCHANGED | Outcome.NOT_COMPARED:
                return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFailure:
    """An export or a file of one side that could not be read."""

    reason: str
    component_key: str | None = None
    """The component it would have held, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedSide:
    name: str
    packages: tuple[SharedoPackage, ...]
    lacks: frozenset[str] | None = None
    """Keys of what the environment says it does not have; None: it was not asked, its packages are
    files, and count as all that it has."""
    failures: tuple[SideFailure, ...] = ()


@json_fields("first second differs counts warnings components")
@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The first side against the second."""

    first: str
    second: str
    components: tuple[ComponentComparison, ...]
    """In the order of deployment: by group, then by key."""
    warnings: tuple[str, ...]
    platform_versions: tuple[str, str] = ("", "")
    """Of each side, empty where its packages name none."""

    def with_outcome(self, outcome: Outcome) -> tuple[ComponentComparison, ...]:
        """Return the components of one outcome, in order."""
        return tuple(c for c in self.components if c.outcome is outcome)

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many components have each outcome; every outcome is present."""
        found = Counter(component.outcome for component in self.components)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def differs(self) -> bool:
        """Tell whether anything is known to differ."""
        return any(
            self.counts[outcome] for outcome in (Outcome.ADDED, Outcome.REMOVED, Outcome.MODIFIED)
        )


def compare_sides(
    first: ComparedSide, second: ComparedSide, *, ignored_fields: frozenset[str] = frozenset()
) -> Comparison:
    """Compare two environments by their packages.

    What one side lacks is "added" or "removed" only where that side is known to lack it: not where a
    package of it could not be read, not where its own components name the missing one, and not where
    an environment that was asked for its packages was not asked for this one.
    `ignored_fields` are names of fields that are not compared, besides ids, times and versions.
    """
    ignored = frozenset(name.casefold() for name in ignored_fields)
    one, other = (_contents_of(side, ignored) for side in (first, second))
    order = list(ComponentGroup)
    keys = sorted(
        {*one.by_key, *other.by_key, *one.failed, *other.failed},
        key=lambda key: (order.index(group_of_provider(key.partition(":")[0])), key),
    )
    components = tuple(_compared(key, one, other, ignored) for key in keys)
    return Comparison(
        first=first.name,
        second=second.name,
        components=components,
        warnings=(
            *_warnings(first, second),
            *_unasked(first, second, components),
            *_unexplained(components),
        ),
        platform_versions=(_versions_of(first), _versions_of(second)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    """The components of one side, and why others are not known."""

    name: str
    by_key: Mapping[str, Component]
    failed: Mapping[str, str]
    """Reasons by component key."""
    named: Mapping[str, ComponentDependency]
    """What its components depend on, by key."""
    unread: tuple[str, ...]
    """Reasons of packages that could not be read and may have held anything."""
    lacks: frozenset[str] | None
    """As `ComparedSide.lacks`, in lower case."""
    names: NaturalNames

    def reason_unknown(self, key: str) -> str | None:
        """Say why it is not known whether this side has a component; None where it is known."""
        if key in self.failed:
            return self.failed[key]
        if key in self.by_key or key.casefold() in (self.lacks or ()):
            return None
        is_file = key.startswith(f"{FILE_PROVIDER}:")  # it comes with whatever was exported
        if unread := [*self.unread, *(self.failed.values() if is_file else ())]:
            return f"{self.name} may have it: {'; '.join(unread)}"
        if key in self.named:
            return f"{self.name} uses it, and its packages do not include it"
        if self.lacks is not None and not is_file:
            return (
                f"{self.name} neither includes it in its packages nor reports that it does not "
                "have it"
            )
        return None


def _contents_of(side: ComparedSide, ignored: frozenset[str]) -> _Contents:
    """Gather the components of all packages; what two packages state differently is not known."""
    by_key: dict[str, Component] = {}
    failed: dict[str, str] = {}
    names = natural_names(c for package in side.packages for c in package.components)
    for package in side.packages:
        unnamed = (_as_component(file, package) for file in package.unnamed_files)
        for component in (*package.components, *unnamed):
            known = by_key.setdefault(component.key, component)
            if known is component:
                continue
            if _differences_of(known, component, ignored, (names, names))[0]:
                failed[component.key] = (
                    f"{known.file} and {component.file} of {side.name} have different versions of it"
                )
    for key in failed:
        del by_key[key]
    for failure in side.failures:  # another package may hold it all the same
        if failure.component_key is not None and failure.component_key not in by_key:
            failed.setdefault(failure.component_key, failure.reason)
    return _Contents(
        name=side.name,
        by_key=by_key,
        failed=failed,
        named={d.target_key: d for c in by_key.values() for d in c.dependencies},
        unread=tuple(f.reason for f in side.failures if f.component_key is None),
        lacks=None if side.lacks is None else frozenset(key.casefold() for key in side.lacks),
        names=names,
    )


def _as_component(file: PackageFile, package: SharedoPackage) -> Component:
    return Component(
        key=component_key(FILE_PROVIDER, {"SystemName": file.name}),
        provider=FILE_PROVIDER,
        name=file.name,
        title=file.name,
        payload={"Content": file.distinction, "NamedBy": "no component in the package"},
        dependencies=(),
        file=package.file,
        part=f"files/{file.name}",
        content_hash=file.sha256,
    )


def _compared(
    key: str, one: _Contents, other: _Contents, ignored: frozenset[str]
) -> ComponentComparison:
    first, second = one.by_key.get(key), other.by_key.get(key)
    reasons = [reason for side in (one, other) if (reason := side.reason_unknown(key))]
    differences: tuple[Difference, ...] = ()
    unresolved: tuple[str, ...] = ()
    if reasons:
        outcome = Outcome.NOT_COMPARED
    elif first is None or second is None:
        outcome = Outcome.REMOVED if first is None else Outcome.ADDED
    else:
        differences, unresolved = _differences_of(first, second, ignored, (one.names, other.names))
        outcome = Outcome.MODIFIED if differences else Outcome.UNCHANGED
    return ComponentComparison(
        key=key,
        outcome=outcome,
        first=first,
        second=second,
        differences=differences,
        unresolved=unresolved,
        reason="; ".join(reasons),
    )


def _warnings(first: ComparedSide, second: ComparedSide) -> Iterator[str]:
    places = []
    for side in (first, second):
        places.append(sorted({p.exported_from for p in side.packages if p.exported_from}))
        if len(places[-1]) > 1:
            yield f"{side.name} has packages from several environments: {', '.join(places[-1])}."
        for failure in side.failures:
            yield f"{side.name}: {failure.reason}."
    versions = (_versions_of(first), _versions_of(second))
    if all(versions) and versions[0] != versions[1]:
        yield (
            f"The platform versions differ: {first.name} has {versions[0]}, "
            f"{second.name} has {versions[1]}. Differences may come from the platform."
        )
    if len(places[0]) == 1 and places[0] == places[1]:
        yield f"Both sides were exported from {places[0][0]}."


def _unasked(
    first: ComparedSide, second: ComparedSide, components: Sequence[ComponentComparison]
) -> Iterator[str]:
    """Warn of what counts as missing only because files were given instead of an environment."""
    for side, other, outcome in ((second, first, Outcome.ADDED), (first, second, Outcome.REMOVED)):
        count = sum(component.outcome is outcome for component in components)
        if side.lacks is None and count:
            yield (
                f"What only {other.name} has ({count}) counts as missing in {side.name}: files "
                "show what was exported, not what exists."
            )


def _unexplained(components: Sequence[ComponentComparison]) -> Iterator[str]:
    """Name the ids of which nobody can say whether what they stand for differs."""
    for component in components:
        if paths := component.unresolved:
            yield (
                f"{component.title} ({component.key}): the ids in "
                f"{first_named(paths, _PATHS_MAX)} differ, and nothing in the packages says what "
                "they stand for, so this may not be a real difference."
            )


def _versions_of(side: ComparedSide) -> str:
    return ", ".join(sorted({p.platform_version for p in side.packages if p.platform_version}))


_Names: TypeAlias = tuple[NaturalNames, NaturalNames]
"""Of the first side and of the second."""


def _differences_of(
    first: Component, second: Component, ignored: frozenset[str], names: _Names
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """Return what differs between two forms of a component, its dependencies and files included.

    The second are the paths of ids that nothing explains, and that are not the same on both sides.
    """
    ours, theirs = (
        {d.target_key: d.strength.value for d in side.dependencies} for side in (first, second)
    )
    values, unresolved = _values_that_differ(first, second, ignored, names)
    found = [
        *values,
        *_stated("Dependencies", ours, theirs),
        *_stated("Files", _described_files(first, second), _described_files(second, first)),
    ]
    differences = [
        Difference(
            component_key=first.key,
            path=path,
            before=before,
            after=after,
            severity=_severity_of(first.group, path),
        )
        for path, after, before in found
    ]
    return tuple(sorted(differences, key=lambda d: (rank(d.severity), d.path))), unresolved


def _values_that_differ(
    first: Component, second: Component, ignored: frozenset[str], names: _Names
) -> tuple[list["_Found"], tuple[str, ...]]:
    sides = tuple(zip((first.payload, second.payload), names, strict=True))
    ours, theirs = (_comparable(payload, ignored, known) for payload, known in sides)
    found: list[_Found] = []
    unresolved: set[str] = set()
    for path, after, before in _fields(ours, theirs, path=""):
        if _may_be(before, after, names[0], names[1]) or _may_be(after, before, names[1], names[0]):
            unresolved.add(path)
        else:
            found.append((path, after, before))
    if SAME_ID in _as_text(ours) and SAME_ID in _as_text(theirs):
        ours, theirs = (
            _comparable(payload, ignored, replace(known, keeps_unknown=True))
            for payload, known in sides
        )
        for path, *values in _fields(ours, theirs, path=""):
            texts = [_as_text(value) for value in values if value is not None]
            plain = without_ids(path)
            if plain != path or all(without_ids(text) != text for text in texts):
                unresolved.add(plain)
    return found, tuple(sorted(unresolved - {path for path, *_ in found}))


def _may_be(
    unexplained: JsonValue, named: JsonValue, own: NaturalNames, there: NaturalNames
) -> bool:
    """Tell whether an id may be of what the other side's id is of: its side knows no such thing."""
    is_name = isinstance(named, str) and named in own.known and named not in there.known
    return is_name and unexplained == SAME_ID


def _described_files(side: Component, other: Component) -> dict[str, str]:
    """Return of each file what differs from the other side's: its hash, and paragraphs of its own."""
    others = {file.name: file for file in other.files}
    described = {}
    for file in side.files:
        known = others.get(file.name)
        theirs = frozenset(known.paragraphs if known is not None else ())
        own = [p for p in file.paragraphs if p not in theirs] if theirs else []
        shown = [shorten(p, _PARAGRAPH_CHARACTERS) for p in own[:_PARAGRAPHS_MAX]]
        rest = [f"({len(own) - len(shown)} more)"] if len(own) > len(shown) else []
        described[file.name] = "\n".join([file.distinction, *shown, *rest])
    return described


def _stated(
    section: str, ours: Mapping[str, str], theirs: Mapping[str, str]
) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    """Yield what two sides state differently beside their values."""
    for name in sorted({*ours, *theirs}):
        if ours.get(name) != theirs.get(name):
            yield item_path(section, name, {}), ours.get(name), theirs.get(name)


def is_upkeep(path: str, value: str) -> bool:
    """Tell whether the text at a path is an id, a time or a version: not compared, set by nobody."""
    name = path.rpartition(".")[2]
    if name.casefold() == "id":
        return not value or value.isdigit() or is_guid(value)
    return _NOISE.fullmatch(name) is not None


def side_text(value: JsonValue) -> str:
    """Write one side of a difference for people, an item of a list one field to a line.

    Ids of the environment are left out; nothing is said of what is not there.
    """
    if isinstance(value, dict | list) and value:
        shown = [(path, leaf) for path, leaf in leaves(value) if leaf != SAME_ID]
        return "\n".join(f"{path}: {shown_value(leaf)}" for path, leaf in shown)
    return "" if value is None else shown_value(value)


_Found = tuple[str, JsonValue, JsonValue]
"""Path, value of the first side, value of the second."""


def _comparable(value: JsonValue, ignored: frozenset[str], names: NaturalNames) -> JsonValue:
    """Return what counts of a value: without noise, null and empty lists; ids by what they are of."""
    match value:
        case dict():
            kept: dict[str, JsonValue] = {}
            by_id: list[JsonValue] = []
            for name, inner in value.items():
                if _NOISE.fullmatch(name) or name.casefold() in ignored:
                    continue
                is_id = isinstance(inner, int) or (isinstance(inner, str) and is_guid(inner))
                is_own_id = name.casefold() == "id" and is_id
                if is_own_id or _is_named_beside(name, value):
                    continue
                field = _comparable(inner, ignored, names)
                if field is None or field == []:
                    continue
                known = names.named(name) if is_guid(name) else name
                if known == SAME_ID or known in kept:
                    by_id.append(field)
                else:
                    kept[known] = field
            return {**kept, SAME_ID: by_id} if by_id else kept
        case list():
            counted = [_comparable(inner, ignored, names) for inner in value if inner is not None]
            return sorted(counted, key=_as_text)
        case str() if not isinstance(value, WrittenNumber):
            return names.named(value)
        case _:
            return value


def _is_named_beside(field: str, holder: Mapping[str, JsonValue]) -> bool:
    """Tell whether `FromPhaseId` stands beside `FromPhaseSystemName`, which says the same."""
    stem = field.removesuffix("Id")
    is_id = isinstance(value := holder[field], str) and is_guid(value)
    return is_id and stem != field and bool(holder.get(f"{stem}SystemName"))


def _plain_numbers(value: JsonValue) -> JsonValue:
    """Write numbers the one way in which equal ones are alike: `250000.0` as `250000`."""
    match value:
        case dict():
            return {name: _plain_numbers(inner) for name, inner in value.items()}
        case list():
            return [_plain_numbers(inner) for inner in value]
        case float() | WrittenNumber():
            plain = Decimal(str(value))
            if plain == 0 or abs(plain.adjusted()) > _WRITTEN_OUT_DIGITS:
                return [str(plain.normalize())] if plain else 0
            whole = plain.to_integral_value()
            return int(whole) if plain == whole else [f"{plain.normalize():f}"]
        case _:
            return value


def _as_text(value: JsonValue) -> str:
    return canonical_json(_plain_numbers(value))


def _changes(first: JsonValue, second: JsonValue, *, path: str, section: str) -> Iterator[_Found]:
    if _as_text(first) == _as_text(second):
        return
    if isinstance(first, dict) and isinstance(second, dict):
        yield from _fields(first, second, path=path)
    elif isinstance(first, list | None) and isinstance(second, list | None):
        yield from _items(first or [], second or [], path=path, section=section)
    else:
        yield path, first, second


def _fields(first: JsonValue, second: JsonValue, *, path: str) -> Iterator[_Found]:
    if not isinstance(first, dict) or not isinstance(second, dict):
        return
    for name in sorted({*first, *second}):
        inner = field_path(path, name)
        yield from _changes(first.get(name), second.get(name), path=inner, section=name)


def _items(
    first: list[JsonValue], second: list[JsonValue], *, path: str, section: str
) -> Iterator[_Found]:
    """Compare two lists without regard to order: by natural keys, items without one by likeness."""
    parts = key_parts_of(section, first, second)
    by_key: dict[tuple[str, ...] | None, tuple[list[JsonValue], list[JsonValue]]] = {}
    for side, items in enumerate((first, second)):
        for item in items:
            by_key.setdefault(natural_key(item, parts), ([], []))[side].append(item)
    taken: dict[str, int] = {}
    for key in sorted(by_key, key=lambda key: key or ()):
        ours, theirs = by_key[key]
        label = item_label(key, 0) if key else ""
        if key and len(ours) == len(theirs) == 1:
            inner = item_path(path, label, taken)
            yield from _changes(ours[0], theirs[0], path=inner, section=section)
        else:
            yield from _multiset(ours, theirs, path=path, label=label, taken=taken)


def _multiset(
    first: list[JsonValue], second: list[JsonValue], *, path: str, label: str, taken: dict[str, int]
) -> Iterator[_Found]:
    """Leave out what both have equally often; pair what is most alike; the rest is there or not."""
    ours, theirs = _left_of(first, second), _left_of(second, first)

    def named(item: JsonValue, other: JsonValue) -> str:
        return item_path(path, label or _description(item, other), taken)

    pairs, ours, theirs = _paired(ours, theirs)
    for one, other in pairs:
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _fields(one, other, path=named(one, other))
        else:
            yield path, one, other
    for item in ours:
        yield named(item, item), item, None
    for item in theirs:
        yield named(item, item), None, item


def _left_of(items: list[JsonValue], others: list[JsonValue]) -> list[JsonValue]:
    left = Counter(map(_as_text, items)) - Counter(map(_as_text, others))
    found = []
    for item in sorted(items, key=_as_text):
        text = _as_text(item)
        if left[text]:
            left[text] -= 1
            found.append(item)
    return found


def _paired(
    ours: list[JsonValue], theirs: list[JsonValue]
) -> tuple[list[tuple[JsonValue, JsonValue]], list[JsonValue], list[JsonValue]]:
    """Pair objects that share half of their fields, most alike first, or two lone values of a kind.

    Return the pairs, then what is left of each side.
    """
    if len(ours) == len(theirs) == 1 and not isinstance(ours[0], dict | list):
        is_alike = type(ours[0]) is type(theirs[0])
        return ([(ours[0], theirs[0])], [], []) if is_alike else ([], ours, theirs)
    if len(ours) > _PAIRED_MAX_COUNT or len(theirs) > _PAIRED_MAX_COUNT:
        return [], ours, theirs
    scored = sorted(
        (-likeness, number, place)
        for number, one in enumerate(ours)
        for place, other in enumerate(theirs)
        if (likeness := _likeness(one, other)) >= 0.5  # noqa: PLR2004 - half
    )
    pairs: dict[int, int] = {}
    for _, number, place in scored:
        if number not in pairs and place not in pairs.values():
            pairs[number] = place
    return (
        [(ours[number], theirs[place]) for number, place in pairs.items()],
        [item for number, item in enumerate(ours) if number not in pairs],
        [item for place, item in enumerate(theirs) if place not in pairs.values()],
    )


def _likeness(one: JsonValue, other: JsonValue) -> float:
    """Share of the fields of two objects that are equal; another system name is another thing."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return 0
    for name in _IDENTIFYING:
        ours, theirs = field_of(one, name), field_of(other, name)
        if ours and theirs and ours != theirs:
            return 0
    names = {*one, *other}
    return sum(
        name in one and name in other and _as_text(one[name]) == _as_text(other[name])
        for name in names
    ) / (len(names) or 1)


def _description(item: JsonValue, other: JsonValue) -> str:
    """Name an item that has no key: by up to two texts that both forms of it have, names first."""
    if not isinstance(item, dict) or not isinstance(other, dict):
        return canonical_json(item) if isinstance(item, dict | list) else str(item)
    alike = [
        f"{name} {value}"
        for name, value in sorted(
            item.items(), key=lambda field: (_naming_rank(field[0]), field[0])
        )
        if isinstance(value, str) and other.get(name) == value
    ]
    return ", ".join(alike[:2]) or "item"


def _naming_rank(field: str) -> int:
    name = field.casefold()
    return _NAMING.index(name) if name in _NAMING else len(_NAMING)


def _severity_of(group: ComponentGroup, path: str) -> DifferenceSeverity:
    """Permissions and phases matter most, menus and aspects least."""
    section = re.split(r"[.\[]", path, maxsplit=1)[0]
    if group is ComponentGroup.PERMISSIONS or _HIGH.search(section):
        return DifferenceSeverity.HIGH
    return DifferenceSeverity.LOW if _LOW.search(section) else DifferenceSeverity.MEDIUM
