"""Packages of two environments as a specification: what differs between them.

Belongs here: `comparison.json`, which says which packages are of which environment, and a table for
each component that differs. Does not: what counts as a difference (`sharedo/comparison`).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from pydantic import BaseModel, ValidationError

from jira_pipeline.model.entities import EntityKind, FolderReading, SourceFile, SourceTable
from jira_pipeline.model.findings import Finding, Severity, sorted_findings
from jira_pipeline.sharedo import lexicon
from jira_pipeline.sharedo.comparison import (
    COMPARISON_FILE,
    ComparedSide,
    Comparison,
    ComponentComparison,
    Difference,
    Outcome,
    SideFailure,
    compare_sides,
    side_text,
)
from jira_pipeline.sharedo.ids import SAME_ID, NaturalNames, is_guid, natural_names
from jira_pipeline.sharedo.packages import Component, DependencyStrength, SharedoPackage
from jira_pipeline.sharedo.reading.component_tables import (
    COLUMNS,
    VALUE,
    RowCells,
    file_rows,
    table_of,
    value_rows,
)
from jira_pipeline.sharedo.secret_masking import without_digits
from jira_pipeline.sharedo.sections import item_path, leaves

_SWITCHES = frozenset({"isenabled", "isactive", "enabled", "active"})
_COMPARISON_MAX_BYTES = 1_000_000
_SYSTEM_NAME = re.compile(r"[A-Za-z][\w.-]*")
_BUILT_IN = ("core.", "core-", "system.")
"""How the system names begin that every environment has."""


class _Side(BaseModel, extra="forbid", frozen=True):
    """One environment as `comparison.json` says it."""

    name: str
    packages: tuple[str, ...]
    lacks: frozenset[str] | None = None
    failures: tuple[SideFailure, ...] = ()


class _Sides(BaseModel, extra="forbid", frozen=True):
    first: _Side
    second: _Side
    ignored_fields: frozenset[str] = frozenset()


def read_comparison(
    path: Path, packages: Sequence[SharedoPackage], *, findings: Sequence[Finding]
) -> FolderReading:
    """Compare the packages of a folder as its `comparison.json` says.

    There is a table for each component that differs, and one without rows for each file.
    """
    content = path.read_bytes()[: _COMPARISON_MAX_BYTES + 1]
    files = [
        _file(p.file, sha256=p.sha256, size_bytes=path.with_name(p.file).stat().st_size)
        for p in packages
    ]
    files.append(
        _file(path.name, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
    )
    plain = [SourceTable(file=file, columns=COLUMNS, rows=()) for file in files]
    try:
        sides = _Sides.model_validate_json(content)
    except ValidationError as error:
        reason = error.errors(include_input=False, include_url=False)[0]["msg"]
        if len(content) > _COMPARISON_MAX_BYTES:
            reason = f"it is larger than {_COMPARISON_MAX_BYTES:,} bytes"
        return _refused(plain, findings, f"{COMPARISON_FILE} cannot be used: {reason}.")
    by_file = {package.file: package for package in packages}
    named = {*sides.first.packages, *sides.second.packages}
    if named != by_file.keys() and not findings:
        odd = ", ".join(sorted(named ^ by_file.keys()))
        return _refused(plain, findings, f"{COMPARISON_FILE} and the folder disagree about {odd}.")
    comparison = _compared(sides, by_file)
    changing = _changing(comparison)
    known_there = {
        value
        for package in (by_file[n] for n in sides.second.packages if n in by_file)
        for component in package.components
        for value in (component.name, *(str(leaf) for _, leaf in leaves(component.payload)))
    }
    held = {c.key for package in packages for c in package.components}
    there = _keys_of(sides.second, by_file) - changing
    additions = _additions(comparison)
    target = [c for n in sides.second.packages if n in by_file for c in by_file[n].components]
    names = natural_names(target)
    file_of = {file.name: file for file in files}
    tables = [
        table_of(
            component,
            sha256=file_of[component.file].sha256,
            size_bytes=file_of[component.file].size_bytes,
            values=[
                *_rows_of(
                    compared,
                    comparison,
                    known_there=known_there,
                    held=held,
                    target=target,
                    names=names,
                )
            ],
            on_target=there | _unneeded(compared, additions),
            made_first=_made_first(compared, comparison),
        )
        for compared in comparison.components
        if compared.key in changing and (component := compared.first or compared.second) is not None
    ]
    all_findings = [*findings, *_findings_of(comparison)]
    return FolderReading(
        tables=tuple(sorted((*plain, *tables), key=lambda table: table.file.name)),
        findings=sorted_findings(all_findings),
    )


def _compared(sides: _Sides, by_file: dict[str, SharedoPackage]) -> Comparison:
    return compare_sides(
        _side(sides.first, by_file),
        _side(sides.second, by_file),
        ignored_fields=sides.ignored_fields,
    )


def _refused(
    plain: Sequence[SourceTable], findings: Sequence[Finding], message: str
) -> FolderReading:
    fault = Finding(
        severity=Severity.ERROR,
        code="comparison_refused",
        file=COMPARISON_FILE,
        message=message,
        advice="Upload the packages of both sides again.",
    )
    return FolderReading(tables=tuple(plain), findings=sorted_findings([*findings, fault]))


def _file(name: str, *, sha256: str, size_bytes: int) -> SourceFile:
    return SourceFile(
        name=name,
        sheet=EntityKind.COMPONENT,
        row_count=0,
        sha256=sha256,
        size_bytes=size_bytes,
        encoding="utf-8",
        delimiter="",
    )


def _side(side: _Side, by_file: dict[str, SharedoPackage]) -> ComparedSide:
    return ComparedSide(
        name=side.name,
        packages=tuple(by_file[name] for name in side.packages if name in by_file),
        lacks=side.lacks,
        failures=side.failures,
    )


def _keys_of(side: _Side, by_file: dict[str, SharedoPackage]) -> set[str]:
    """Return what the packages of a side hold, or cannot be without: it has both."""
    held = [c for name in side.packages if name in by_file for c in by_file[name].components]
    used = {
        d.target_key
        for c in held
        for d in c.dependencies
        if d.strength is DependencyStrength.MANDATORY
    }
    return {c.key for c in held} | used


def _additions(comparison: Comparison) -> Mapping[str, frozenset[str]]:
    """Return by key the names of the items that a change adds to what the target has."""
    found = {}
    for compared in comparison.with_outcome(Outcome.MODIFIED):
        items = [d for d in compared.differences if d.before is None and d.path.endswith("]")]
        names = {d.path.rpartition("[")[2].removesuffix("]") for d in items}
        for item in items:
            own = item.after.get("SystemName") if isinstance(item.after, dict) else None
            names |= {own} if isinstance(own, str) else set()
        found[compared.key] = frozenset(names)
    return found


def _unneeded(
    compared: ComponentComparison, additions: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """Return what a ticket does not wait for although it depends on it: the target has what it uses.

    A component to create waits for others to create, and for a change that adds what it names; a
    change waits for what its new values name.
    """
    known = compared.first or compared.second
    stated = {d.target_key for d in known.dependencies} if known is not None else set[str]()
    if compared.outcome is Outcome.ADDED and compared.first is not None:
        used = {str(leaf) for _, leaf in leaves(compared.first.payload)}
        needed = stated - additions.keys()
    elif compared.outcome is Outcome.MODIFIED:
        new = [d for d in compared.differences if d.after is not None]
        used = {str(leaf) for d in new for _, leaf in leaves(d.after)}
        newly = {d.path for d in new if d.before is None}
        needed = {
            key
            for key in stated - additions.keys()
            if key.partition(":")[2] in used or item_path("Dependencies", key, {}) in newly
        }
    else:
        return frozenset(stated)
    needed |= {key for key in stated if not used.isdisjoint(additions.get(key, ()))}
    return frozenset(stated - needed)


def _made_first(compared: ComponentComparison, comparison: Comparison) -> Mapping[str, str]:
    """Return the titles, by key, of components to create that new values of a change name.

    The change cannot be made before them, whatever the manifest calls the dependency, if it states it.
    """
    if compared.outcome is not Outcome.MODIFIED or compared.first is None:
        return {}
    kinds = lexicon.kinds_named()
    values = [leaf for d in compared.differences for leaf in leaves(d.after, path=d.path)]
    named = {(kinds.get(lexicon.last_name(path).casefold()), str(leaf)) for path, leaf in values}
    stated = {dependency.target_key for dependency in compared.first.dependencies}
    return {
        other.key: other.title
        for other in comparison.with_outcome(Outcome.ADDED)
        if other.first is not None
        and any(
            name == other.first.name
            and (other.key in stated or kind == lexicon.provider_noun(other.first.provider))
            for kind, name in named
        )
    }


def _changing(comparison: Comparison) -> frozenset[str]:
    """Return the keys of the components that get a ticket."""
    outcomes = (Outcome.ADDED, Outcome.MODIFIED, Outcome.REMOVED)
    return frozenset(c.key for outcome in outcomes for c in comparison.with_outcome(outcome))


def _rows_of(
    compared: ComponentComparison,
    comparison: Comparison,
    *,
    known_there: AbstractSet[str],
    held: AbstractSet[str],
    target: Sequence[Component],
    names: NaturalNames,
) -> Iterator[RowCells]:
    """Yield what a comparison records of a component, then its values, or what differs of them."""
    named = {
        lexicon.OUTCOME: compared.outcome.value,
        lexicon.WANTED_AS_IN: comparison.first,
        lexicon.TARGET: comparison.second,
    }
    first, second = comparison.platform_versions
    if first and second and first != second:
        named[lexicon.BUILDS] = f"{comparison.first} {first}, {comparison.second} {second}"
    if addresses := [*_switched_on_addresses(compared)]:
        named[lexicon.ADDRESSES] = "\n".join(addresses)
    shown = compared.first or compared.second
    values = [*value_rows(shown.payload if shown else {})]
    named |= dict(_named_by(compared, values, known_there=known_there, held=held))
    if users := [*_users_there(compared, target)]:
        named[lexicon.USED_THERE] = "\n".join(sorted(users))
    for path, value in named.items():
        yield VALUE, "", "", "", path, value
    if compared.outcome is not Outcome.MODIFIED:
        yield from values
        yield from file_rows(shown.files if shown else ())
        return
    for number, difference in enumerate(compared.differences, start=1):
        before, after = (
            without_digits(side_text(side)) for side in (difference.before, difference.after)
        )
        if before == "" and _has_already(compared.second, difference, names):
            before, after = f"{after}\n{lexicon.ONCE}", f"{after}\n(once more)"
        if before == after:  # secrets that differ look alike
            after = f"{after} (another)"
        cells = {
            lexicon.PATH: without_digits(difference.path),
            lexicon.BEFORE: before,
            lexicon.AFTER: after,
            lexicon.SEVERITY: difference.severity.value,
        }
        for column, text in cells.items():
            yield VALUE, lexicon.CHANGES, str(number), without_digits(difference.path), column, text


def _named_by(
    compared: ComponentComparison,
    values: Sequence[RowCells],
    *,
    known_there: AbstractSet[str],
    held: AbstractSet[str],
) -> Iterator[tuple[str, str]]:
    """Yield which names the target knows already, or which new ones neither side's packages hold."""
    kinds = lexicon.kinds_named()
    if compared.outcome is Outcome.ADDED:
        named = dict.fromkeys(
            value
            for _, section, _, _, path, value in values
            if lexicon.last_name(path, section=section).casefold() in kinds and value in known_there
        )
        if names := [name for name in named if name]:
            yield lexicon.KNOWN_THERE, "\n".join(names)
    if compared.outcome is Outcome.MODIFIED:
        stated = {d.name for c in (compared.first, compared.second) if c for d in c.dependencies}
        paths = {path for path, _ in leaves(compared.first.payload)} if compared.first else set()
        known = known_there | stated | {key.partition(":")[2] for key in held}
        new = {
            f"{kind}: {leaf}"
            for difference in compared.differences
            for path, leaf in leaves(difference.after, path=difference.path)
            if not _is_label(path, paths)
            if (kind := kinds.get(lexicon.last_name(path).casefold())) and isinstance(leaf, str)
            if leaf not in known and _names_another(leaf)
        }
        if new:
            yield lexicon.NEW_NAMES, "\n".join(sorted(new))


def _is_label(path: str, paths: Iterable[str]) -> bool:
    """Tell whether a value is what people call the thing whose system name is beside it.

    That refers to nothing: `ParticipantRole.Name` beside `ParticipantRole.SystemName`.
    """
    holder, dot, name = path.rpartition(".")
    beside = f"{holder}{dot}SystemName".casefold()
    return name.casefold() == "name" and any(other.casefold() == beside for other in paths)


def _names_another(value: str) -> bool:
    """Tell whether a value is a system name that not every environment has."""
    is_built_in = value.casefold().startswith(_BUILT_IN) or value.casefold() in {"true", "false"}
    return bool(_SYSTEM_NAME.fullmatch(value)) and not is_guid(value) and not is_built_in


def _users_there(compared: ComponentComparison, target: Sequence[Component]) -> Iterator[str]:
    """Yield the components of the target that name one which only it has."""
    gone = compared.second
    if compared.outcome is not Outcome.REMOVED or gone is None:
        return
    for other in target:
        needed = {dependency.target_key for dependency in other.dependencies}
        named = {str(leaf) for _, leaf in leaves(other.payload)}
        if other.key != gone.key and (gone.key in needed or gone.name in named):
            yield other.title


def _has_already(there: Component | None, difference: Difference, names: NaturalNames) -> bool:
    """Tell whether the list that lacks an item holds another one that is the same."""
    wanted = difference.after
    section = difference.path.partition("[")[0]
    items = there.payload.get(section) if there is not None else None
    if not isinstance(wanted, dict) or not isinstance(items, list):
        return False
    compared = {name: value for name, value in wanted.items() if value != SAME_ID}
    return difference.path.count("[") == 1 and any(
        isinstance(item, dict)
        and all(
            (names.named(own) if isinstance(own := item.get(name), str) else own) == value
            for name, value in compared.items()
        )
        for item in items
    )


def _switched_on_addresses(compared: ComponentComparison) -> Iterator[str]:
    if compared.first is None:
        return
    on = [
        d.path.rpartition(".")[0]
        for d in compared.differences
        if d.after is True and d.path.rpartition(".")[2].casefold() in _SWITCHES
    ]
    asked = {d.path for d in compared.differences}  # an address that differs is asked about itself
    for path, value in leaves(compared.first.payload):
        if path in asked:
            continue
        is_below = any(not place or path.startswith(f"{place}.") for place in on)
        if is_below and isinstance(value, str) and value.startswith(("http://", "https://")):
            yield without_digits(value)


def _findings_of(comparison: Comparison) -> Iterator[Finding]:
    """Yield what a person must know of a comparison: warnings, and what was not compared."""
    for warning in comparison.warnings:
        yield Finding(
            severity=Severity.WARNING,
            code="comparison_warning",
            file=COMPARISON_FILE,
            message=warning,
            advice="Keep this in mind when you review the tickets.",
        )
    for compared in comparison.with_outcome(Outcome.NOT_COMPARED):
        yield Finding(
            severity=Severity.WARNING,
            code="not_compared",
            file=COMPARISON_FILE,
            value=compared.key,
            message=f"{compared.title} was not compared: {compared.reason}.",
            advice="Export it from both environments and compare again.",
        )
    if not _changing(comparison):
        yield Finding(
            severity=Severity.ERROR,
            code="nothing_differs",
            file=COMPARISON_FILE,
            message=f"Nothing that was compared differs between {comparison.first} and "
            f"{comparison.second}.",
            advice="There is nothing to migrate.",
        )
