"""Export packages as a specification: a folder of them becomes tables, their rows become entities.

Belongs here: which file of a folder is a package, one table for each component with a row for each
value, entities and references out of these rows. Does not: reading one package (`packages`), which
entities form a ticket (`stages/entity_grouping`).

A part of a package is cited as `export.zip:sharedo-type/matter`, an entry of one of its lists as
`export.zip:sharedo-type/matter/Phases` with its number in the list in the place of the line.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jira_pipeline.domain.entities import (
    PACKAGE_SUFFIX,
    Entity,
    EntityKind,
    FolderReading,
    Reference,
    ReferenceState,
    RowSource,
    SourceFile,
    SourceRow,
    SourceTable,
    Status,
    worksheet_name,
)
from jira_pipeline.domain.findings import Finding, Severity, sorted_findings
from jira_pipeline.domain.secret_masking import without_digits
from jira_pipeline.domain.sharedo_packages import (
    Component,
    DependencyStrength,
    JsonValue,
    SharedoPackage,
)
from jira_pipeline.domain.sharedo_sections import (
    item_label,
    key_parts_of,
    leaves,
    natural_key,
    shown_value,
)
from jira_pipeline.domain.sharedo_words import noun_of, provider_noun
from jira_pipeline.errors import PackageRefusedError
from jira_pipeline.sources.sharedo.packages import PackageLimits, read_package_file

COLUMNS = ("Is", "Section", "Number", "Entry", "Path", "Value")
"""What a row is: a value of a section or of an entry, the component's name, or what it depends on."""
_COMPONENT, _VALUE = "component", "value"
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_NAMES = ("Name", "Label", "Title", "DisplayName")
"""Fields that hold what people call an entry."""
DEPENDENCIES = "Dependencies"
"""The column that the references of a component are said to be in."""


def is_package(path: Path) -> bool:
    """Tell whether a path is a file whose name says that it is an export package."""
    return path.suffix.casefold() == PACKAGE_SUFFIX and path.is_file()


def package_paths(folder: Path) -> tuple[Path, ...]:
    """Return the packages of a folder, or the one a path is; sorted by name."""
    if not folder.is_dir():
        return (folder,) if is_package(folder) else ()
    return tuple(
        sorted(p for p in folder.iterdir() if is_package(p) and not p.name.startswith("."))
    )


def read_packages(
    folder: Path, *, limits: PackageLimits, secret_key: bytes, others: Sequence[str] = ()
) -> FolderReading:
    """Read every package of a folder; a package that is refused is a finding.

    `others` are files of the folder that are sheets: a session has one kind of specification.
    """
    findings: list[Finding] = [
        Finding(
            severity=Severity.ERROR,
            code="mixed_sources",
            file=name,
            message="The folder holds export packages, so a sheet in it is not read.",
            advice="Upload sheets and packages as two sessions.",
        )
        for name in others
    ]
    packages: list[SharedoPackage] = []
    for path in package_paths(folder):
        try:
            packages.append(read_package_file(path, secret_key=secret_key, limits=limits))
        except PackageRefusedError as error:
            findings.append(
                Finding(
                    severity=Severity.ERROR,
                    code="package_refused",
                    file=path.name,
                    message=f"The package cannot be read: {error.reason}.",
                    advice="Export it again, or remove it from the folder.",
                )
            )
    tables: list[SourceTable] = []
    seen: dict[str, Component] = {}
    sizes = {path.name: path.stat().st_size for path in package_paths(folder)}
    for package in packages:
        for component in package.components:
            known = seen.setdefault(component.key, component)
            if known is not component:
                findings.append(_repeated(component, known))
                continue
            tables.append(_table_of(component, package, size_bytes=sizes[package.file]))
    return FolderReading(
        tables=tuple(sorted(tables, key=lambda table: table.file.name)),
        findings=sorted_findings(findings),
    )


def read_components(
    tables: Sequence[SourceTable],
) -> tuple[tuple[Entity, ...], tuple[Finding, ...]]:
    """Return the components that tables hold, with their entries, and what they lack."""
    keys = {_key_of(table): _label_of(table) for table in tables}
    entities: list[Entity] = []
    findings: list[Finding] = []
    for table in tables:
        found = [*_entities_of(table, keys)]
        entities += found
        outside = [
            r for r in found[0].references if r.state is ReferenceState.DANGLING and r.is_required
        ]
        if outside:
            named = ", ".join(r.text for r in outside[:3])
            more = f" and {len(outside) - 3} more" if len(outside) > 3 else ""  # noqa: PLR2004 - as shown
            findings.append(
                Finding(
                    severity=Severity.WARNING,
                    code="dependency_outside",
                    file=table.file.name,
                    column=DEPENDENCIES,
                    message=f"{found[0].label} needs what no package of the session holds: "
                    f"{named}{more}.",
                    advice="Export with dependencies, or see that the target has them.",
                )
            )
    return tuple(entities), tuple(findings)


def _repeated(component: Component, known: Component) -> Finding:
    is_same = component.content_hash == known.content_hash
    return Finding(
        severity=Severity.INFO if is_same else Severity.ERROR,
        code="component_repeated",
        file=component.file,
        value=component.key,
        message=f"{component.title} is in {known.file} too"
        + (", with the same content; it is read once." if is_same else ", with other content."),
        advice="Nothing to do." if is_same else "Keep the package that is right.",
    )


def _table_of(component: Component, package: SharedoPackage, *, size_bytes: int) -> SourceTable:
    """Return one row for each value, in the order of the source, below the name and the needs."""
    said = [
        (_COMPONENT, "", "", "", component.key, component.title),
        *(
            (d.strength.value, "", "", d.target_key, "; ".join(d.reasons), d.description or d.name)
            for d in component.dependencies
        ),
    ]
    values = [*_value_rows(component.payload)]
    part = re.sub(r"[\s:]+", "-", f"{component.provider}/{component.name}")
    rows = tuple(
        SourceRow(line=number, record=number, cells=cells)
        for number, cells in enumerate((*said, *values), start=1)
    )
    return SourceTable(
        file=SourceFile(
            name=worksheet_name(component.file, part),
            sheet=EntityKind.COMPONENT,
            row_count=len(values),
            sha256=package.sha256,
            size_bytes=size_bytes,
            encoding="utf-8",
            delimiter="",
        ),
        columns=COLUMNS,
        rows=rows,
    )


_Cells = tuple[str, str, str, str, str, str]


def _value_rows(payload: Mapping[str, JsonValue]) -> Iterator[_Cells]:
    """Yield the values of entries below their list, the others by their whole path."""
    for section, value in payload.items():
        if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
            for path, leaf in leaves(value, section=section, path=section):
                yield _VALUE, section, "", "", path, _text_of(leaf)
            continue
        parts = key_parts_of(section, value)
        names = [name for alternatives in parts for name in alternatives]
        seen: dict[str, int] = {}
        for number, item in enumerate(value, start=1):
            label = item_label(natural_key(item, parts), number)
            seen[label] = seen.get(label, 0) + 1
            entry = f"{label} ({seen[label]})" if seen[label] > 1 else label
            found = [(path, _text_of(leaf)) for path, leaf in leaves(item)]
            # What names an entry comes first, ids of the environment last.
            found.sort(key=lambda pair: (pair[0] not in names, bool(_GUID.fullmatch(pair[1]))))
            for path, text in found:
                yield _VALUE, section, str(number), entry, path, text


def _text_of(value: JsonValue) -> str:
    """Return a value as text: nothing for null and for what is empty."""
    return "" if value in (None, "", [], {}) else without_digits(shown_value(value)).strip()


def _key_of(table: SourceTable) -> str:
    return table.rows[0].cells[4]


def _label_of(table: SourceTable) -> str:
    return " ".join(table.rows[0].cells[5].split())


@dataclass(slots=True)
class _Entry:
    """One entry of a list while its values are collected."""

    section: str
    number: int
    label: str
    cells: dict[str, str]


def _entities_of(table: SourceTable, keys: Mapping[str, str]) -> Iterator[Entity]:
    """Yield a component, then the entries of its lists."""
    file = table.file.name
    key = f"{EntityKind.COMPONENT}:{_key_of(table)}"
    cells: dict[str, str] = {}
    entries: dict[tuple[str, int], _Entry] = {}
    references: list[Reference] = []
    for row in table.rows[1:]:
        what, section, number, entry, path, value = row.cells
        if what in {DependencyStrength.MANDATORY, DependencyStrength.RECOMMENDED}:
            references.append(_reference(entry, value, keys, is_required=what == "mandatory"))
        elif number:
            place = (section, int(number))
            entries.setdefault(place, _Entry(section, int(number), entry, {})).cells[path] = value
        else:
            cells[path] = value
    head = Entity(
        kind=EntityKind.COMPONENT,
        key=key,
        label=_label_of(table),
        machine_name=_key_of(table).partition(":")[2],
        status=Status.APPROVED,
        source=RowSource(file=file, line=1, record=1),
        cells=cells,
        references=tuple(references),
    )
    yield replace(head, label=f"{head.label} ({noun_of(head)})")
    for item in entries.values():
        yield Entity(
            kind=EntityKind.COMPONENT_ITEM,
            key=f"{EntityKind.COMPONENT_ITEM}:{_key_of(table)}/{item.section}[{item.label}]",
            label=next((item.cells[c] for c in _NAMES if item.cells.get(c)), item.label),
            machine_name=item.label,
            status=Status.APPROVED,
            source=RowSource(file=f"{file}/{item.section}", line=item.number, record=item.number),
            cells=item.cells,
            owner_key=key,
        )


def _reference(
    target: str, description: str, keys: Mapping[str, str], *, is_required: bool
) -> Reference:
    """Return what a component depends on: a component of the session, or one of the target."""
    provider, _, name = target.partition(":")
    is_here = target in keys
    called = " ".join(description.split())
    return Reference(
        column=DEPENDENCIES,
        text=f"{called} ({provider_noun(provider)} {name})",
        target_kind=EntityKind.COMPONENT,
        state=ReferenceState.RESOLVED if is_here else ReferenceState.DANGLING,
        target_key=f"{EntityKind.COMPONENT}:{target}" if is_here else None,
        is_required=is_required,
    )
