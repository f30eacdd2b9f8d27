"""A component as a table: one row for each value, or for what a comparison says differs of it.

Belongs here: what a row of such a table is, how it cites its place; of two environments a table for
each component that differs, what its ticket waits for, what a person must know. Does not: which
components a session has, entities out of these rows (`reading`), what counts as a difference
(`sharedo/comparison`).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError

from jira_pipeline.model.entities import (
    EntityKind,
    FolderReading,
    SourceFile,
    SourceRow,
    SourceTable,
    worksheet_name,
)
from jira_pipeline.model.findings import Finding, Severity, sorted_findings
from jira_pipeline.sharedo.comparison import (
    COMPARISON_FILE,
    Comparison,
    ComponentComparison,
    Sides,
    compare_sides,
    side_text,
)
from jira_pipeline.sharedo.packages import (
    Component,
    ComponentDependency,
    DependencyStrength,
    JsonValue,
    PackageFile,
    SharedoPackage,
    field_path,
    item_label,
    item_path,
    key_parts_of,
    leaves,
    natural_key,
    shown_value,
)
from jira_pipeline.sharedo.secret_masking import without_digits
from jira_pipeline.tickets.grouping.component_rows import (
    AFTER,
    BEFORE,
    CHANGES,
    OUTCOME,
    PATH,
    TARGET,
    WANTED_AS_IN,
    Outcome,
    is_guid,
)

COLUMNS = ("Is", "Section", "Number", "Entry", "Path", "Value")
"""What a row is: a value of a section or of an entry, the component's name, or what it depends on."""
RowCells: TypeAlias = tuple[str, str, str, str, str, str]
FILES = "Files"
"""The section of the files that a component names."""
COMPONENT, VALUE = "component", "value"
_SELECTED = re.compile(r':\s*"([^"]*)"')


def table_of(
    component: Component,
    *,
    sha256: str,
    size_bytes: int,
    values: Sequence[RowCells] | None = None,
    dependencies: Sequence[ComponentDependency] | None = None,
) -> SourceTable:
    """Return one row for each value, in the order of the source, below the name and the needs.

    `values` and `dependencies` are shown instead of those of the component.
    """
    needs = [
        (COMPONENT, "", "", "", component.key, component.title),
        *(
            (d.strength.value, "", "", d.target_key, "; ".join(d.reasons), d.description or d.name)
            for d in (component.dependencies if dependencies is None else dependencies)
        ),
    ]
    if values is None:
        values = [*value_rows(component.payload), *file_rows(component.files)]
    name = component.name
    if name.startswith("{"):  # selected by several fields
        name = "-".join(_SELECTED.findall(name)) or name
    part = re.sub(r"[\s:]+", "-", f"{component.provider}/{name}")
    rows = tuple(
        SourceRow(line=number, record=number, cells=cells)
        for number, cells in enumerate((*needs, *values), start=1)
    )
    return SourceTable(
        file=SourceFile(
            name=worksheet_name(component.file, part),
            sheet=EntityKind.COMPONENT,
            row_count=len(values),
            sha256=sha256,
            size_bytes=size_bytes,
            encoding="utf-8",
            delimiter="",
        ),
        columns=COLUMNS,
        rows=rows,
    )


def value_rows(payload: Mapping[str, JsonValue]) -> Iterator[RowCells]:
    """Yield the values of entries below their list, the others by their whole path."""
    for section, value in _sections_of(payload):
        if not isinstance(value, list) or not _is_list_of_objects(value):
            for path, leaf in leaves(value, section=section, path=section):
                yield VALUE, section, "", "", path, text_of(leaf)
            continue
        parts = key_parts_of(section.rpartition(".")[2], value)
        names = {name.casefold() for alternatives in parts for name in alternatives}
        seen: dict[str, int] = {}
        for number, item in enumerate(value, start=1):
            label = item_label(natural_key(item, parts), number)
            seen[label] = seen.get(label, 0) + 1
            entry = f"{label} ({seen[label]})" if seen[label] > 1 else label
            found = [(path, text_of(leaf)) for path, leaf in leaves(item)]
            # What names an entry comes first, ids of the environment last.
            found.sort(key=lambda pair: (pair[0].casefold() not in names, is_guid(pair[1])))
            for path, text in found:
                yield VALUE, section, str(number), entry, path, text


def _sections_of(payload: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Yield the sections of a payload.

    A list inside a section that is no list itself is a section too: `Definition.Steps`.
    """
    for section, value in payload.items():
        fields = value if isinstance(value, dict) else {}
        lists = {name: inner for name, inner in fields.items() if _is_list_of_objects(inner)}
        rest = {name: inner for name, inner in fields.items() if name not in lists}
        if rest or not lists:
            yield section, rest if lists else value
        yield from ((field_path(section, name), inner) for name, inner in lists.items())


def _is_list_of_objects(value: JsonValue) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def file_rows(files: Iterable[PackageFile]) -> Iterator[RowCells]:
    """Yield a value for each file that a component names, by which another one would be noticed."""
    for file in files:
        yield VALUE, FILES, "", "", item_path(FILES, file.name, {}), file.distinction


def text_of(value: JsonValue) -> str:
    """Return a value as text: nothing for null and for what is empty."""
    return "" if value in (None, "", [], {}) else without_digits(shown_value(value)).strip()


_COMPARISON_MAX_BYTES = 1_000_000


def read_comparison(
    path: Path, packages: Mapping[str, SharedoPackage], *, findings: Sequence[Finding]
) -> FolderReading:
    """Compare the packages of a folder, given by file name, as its `comparison.json` says.

    There is a table for each component that differs, and one without rows for each file.
    """
    content = path.read_bytes()[: _COMPARISON_MAX_BYTES + 1]
    files = {
        package.file: _file(package.file, sha256=package.sha256, folder=path.parent)
        for package in packages.values()
    }
    own = _file(path.name, sha256=hashlib.sha256(content).hexdigest(), folder=path.parent)
    plain = [SourceTable(file=f, columns=COLUMNS, rows=()) for f in (*files.values(), own)]
    try:
        sides = Sides.model_validate_json(content)
    except ValidationError as error:
        reason = error.errors(include_input=False, include_url=False)[0]["msg"]
        return _refused(plain, findings, f"{COMPARISON_FILE} cannot be used: {reason}.")
    odd = sorted({*sides.first.packages, *sides.second.packages} ^ packages.keys())
    if odd and not findings:
        message = f"{COMPARISON_FILE} and the folder disagree about {', '.join(odd)}."
        return _refused(plain, findings, message)
    comparison = compare_sides(sides, packages)
    there = _held(packages[name] for name in sides.second.packages if name in packages)
    tables = [
        table_of(
            component,
            sha256=files[component.file].sha256,
            size_bytes=files[component.file].size_bytes,
            values=[*_rows_of(compared, comparison)],
            dependencies=[*_awaited(compared, comparison, there=there)],
        )
        for compared in comparison.changing
        if (component := compared.first or compared.second) is not None
    ]
    return FolderReading(
        tables=tuple(sorted((*plain, *tables), key=lambda table: table.file.name)),
        findings=sorted_findings([*findings, *_findings_of(comparison)]),
    )


def _file(name: str, *, sha256: str, folder: Path) -> SourceFile:
    return SourceFile(
        name=name,
        sheet=EntityKind.COMPONENT,
        row_count=0,
        sha256=sha256,
        size_bytes=(folder / name).stat().st_size,
        encoding="utf-8",
        delimiter="",
    )


def _refused(
    plain: Sequence[SourceTable], findings: Sequence[Finding], message: str
) -> FolderReading:
    fault = _finding(message, code="comparison_refused", advice="Compare the environments again.")
    return FolderReading(tables=tuple(plain), findings=sorted_findings([*findings, fault]))


def _finding(
    message: str,
    *,
    code: str,
    advice: str,
    severity: Severity = Severity.ERROR,
    value: str | None = None,
) -> Finding:
    return Finding(
        severity=severity,
        code=code,
        file=COMPARISON_FILE,
        value=value,
        message=message,
        advice=advice,
    )


def _held(packages: Iterator[SharedoPackage]) -> frozenset[str]:
    """Return the keys of what packages hold, or cannot be without: their environment has both."""
    components = [component for package in packages for component in package.components]
    used = {
        d.target_key
        for component in components
        for d in component.dependencies
        if d.strength is DependencyStrength.MANDATORY
    }
    return frozenset({component.key for component in components} | used)


def _awaited(
    compared: ComponentComparison, comparison: Comparison, *, there: frozenset[str]
) -> Iterator[ComponentDependency]:
    """Yield the dependencies for which a ticket waits, or which its target has to have.

    A component to create waits for others to create, a change for what its new values name; both
    wait for a change that adds what they name. Whatever else the target has is there already.
    """
    first = compared.first
    if first is None:
        return
    is_change = compared.outcome is Outcome.MODIFIED
    values = [d.after for d in compared.differences] if is_change else [first.payload]
    used = {str(leaf) for value in values for _, leaf in leaves(value)}
    newly = {d.path for d in compared.differences if d.before is None}
    others = {other.key: other for other in comparison.changing}
    for dependency in first.dependencies:
        other = others.get(dependency.target_key)
        is_named = dependency.name in used
        is_stated_anew = item_path("Dependencies", dependency.target_key, {}) in newly
        if other is not None and other.outcome is Outcome.MODIFIED:
            is_awaited = not used.isdisjoint(_added_by(other))
        elif is_change:
            is_awaited = is_named or is_stated_anew
        else:
            is_awaited = True
        if not is_awaited or (other is None and dependency.target_key in there):
            continue
        # the change cannot be made before what it names, whatever the manifest calls it
        is_made_first = is_change and is_named and other is not None and other.second is None
        strength = DependencyStrength.MANDATORY if is_made_first else dependency.strength
        yield replace(dependency, strength=strength)


def _added_by(compared: ComponentComparison) -> set[str]:
    """Return the names of the items that a change adds to what the target has."""
    added = [d for d in compared.differences if d.before is None and d.path.endswith("]")]
    names = {d.path.rpartition("[")[2].removesuffix("]") for d in added}
    system_names = {d.after.get("SystemName") for d in added if isinstance(d.after, dict)}
    return names | {name for name in system_names if isinstance(name, str)}


def _rows_of(compared: ComponentComparison, comparison: Comparison) -> Iterator[RowCells]:
    """Yield what a comparison records of a component, then its values, or what differs of them."""
    stated = {
        OUTCOME: compared.outcome.value,
        WANTED_AS_IN: comparison.first,
        TARGET: comparison.second,
    }
    for path, value in stated.items():
        yield VALUE, "", "", "", path, value
    shown = compared.first or compared.second
    if compared.outcome is not Outcome.MODIFIED and shown is not None:
        yield from value_rows(shown.payload)
        yield from file_rows(shown.files)
    for number, difference in enumerate(compared.differences, start=1):
        path = without_digits(difference.path)
        before, after = (
            without_digits(side_text(side)) for side in (difference.before, difference.after)
        )
        if before == after:  # secrets that differ look alike
            after = f"{after} (another)"
        for column, text in {PATH: path, BEFORE: before, AFTER: after}.items():
            yield VALUE, CHANGES, str(number), path, column, text


def _findings_of(comparison: Comparison) -> Iterator[Finding]:
    """Yield what a person must know of a comparison: warnings, and what was not compared."""
    for warning in comparison.warnings:
        yield _finding(
            warning,
            code="comparison_warning",
            advice="Keep this in mind when you review the tickets.",
            severity=Severity.WARNING,
        )
    for compared in comparison.with_outcome(Outcome.NOT_COMPARED):
        yield _finding(
            f"{compared.title} was not compared: {compared.reason}.",
            code="not_compared",
            advice="Export it from both environments and compare again.",
            severity=Severity.WARNING,
            value=compared.key,
        )
    if not comparison.differs:
        yield _finding(
            f"Nothing that was compared differs between {comparison.first} and "
            f"{comparison.second}.",
            code="nothing_differs",
            advice="There is nothing to migrate.",
        )
