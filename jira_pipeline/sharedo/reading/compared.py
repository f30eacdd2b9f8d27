"""Packages of two environments as a specification: what differs between them.

Belongs here: a table for each component that differs, what its ticket waits for, what a person
must know. Does not: what counts as a difference (`sharedo/comparison`).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from jira_pipeline.model.entities import EntityKind, FolderReading, SourceFile, SourceTable
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
    ComponentDependency,
    DependencyStrength,
    SharedoPackage,
)
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
from jira_pipeline.tickets.grouping.component_rows import (
    AFTER,
    BEFORE,
    CHANGES,
    OUTCOME,
    PATH,
    TARGET,
    WANTED_AS_IN,
    Outcome,
)

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
