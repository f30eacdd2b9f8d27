"""Export packages as a specification: a folder of them becomes tables, their rows become entities.

Belongs here: which file of a folder is a package, one table for each component with a row for each
value, entities and references out of these rows. Does not: reading one package (`packages`), which
entities form a ticket (`tickets/grouping/ticket_plan`).

A part of a package is cited as `export.zip:sharedo-type/matter`, an entry of one of its lists as
`export.zip:sharedo-type/matter/Phases` with its number in the list in the place of the line.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from typing_extensions import override

from jira_pipeline.model.entities import (
    WORKBOOK_SUFFIXES,
    Entity,
    EntityKind,
    FolderReading,
    Reference,
    ReferenceState,
    RowSource,
    SourceTable,
    Status,
)
from jira_pipeline.model.findings import Finding, Severity, sorted_findings
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource, is_package
from jira_pipeline.sharedo.comparison import COMPARISON_FILE
from jira_pipeline.sharedo.errors import PackageRefusedError
from jira_pipeline.sharedo.packages import Component, DependencyStrength, SharedoPackage
from jira_pipeline.sharedo.reading.component_tables import COMPONENT, read_comparison, table_of
from jira_pipeline.sharedo.reading.packages import PackageLimits, read_package_file
from jira_pipeline.tickets.grouping.component_rows import OUTCOME, Outcome, noun_of, provider_noun

_NAMES = ("Label", "Title", "DisplayName", "Name", "Caption", "Text")
"""Fields that hold what people call an entry, the plainest first."""
_NAME_CHARACTERS_MAX = 80
"""A longer text is no name."""
_NAMING = ("Name", "Role", "Code", "Field", "To", "Type")
"""Endings of fields that name an entry without a name or key, the most informative first."""
DEPENDENCIES = "Dependencies"
"""The column named in the references of a component."""


def read_packages(
    paths: Sequence[Path],
    *,
    comparison: Path | None = None,
    limits: PackageLimits,
    secret_key: bytes,
    others: Sequence[str] = (),
) -> FolderReading:
    """Read packages; one that is refused is a finding.

    `comparison` says which of them are of which environment. `others` are files of the folder that are sheets: a session has one kind of specification.
    """
    findings: list[Finding] = [
        Finding(
            severity=Severity.ERROR,
            code="mixed_sources",
            file=name,
            message="The folder contains export packages, so this sheet is not read.",
            advice="Upload sheets and packages as two sessions.",
        )
        for name in others
    ]
    packages: list[SharedoPackage] = []
    for path in paths:
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
    if comparison is not None:
        by_file = {package.file: package for package in packages}
        return read_comparison(comparison, by_file, findings=findings)
    tables: list[SourceTable] = []
    seen: dict[str, Component] = {}
    for package in packages:
        findings += [
            Finding(
                severity=Severity.WARNING,
                code="file_unnamed",
                file=package.file,
                value=file.name,
                message=f"No component in the package names its file {file.name}, so it is in no ticket.",
                advice="Check whether anything needs it and whether the import includes it.",
            )
            for file in package.unnamed_files
        ]
        for component in package.components:
            known = seen.setdefault(component.key, component)
            if known is component:
                size_bytes = next(p.stat().st_size for p in paths if p.name == package.file)
                tables.append(table_of(component, sha256=package.sha256, size_bytes=size_bytes))
            elif known.content_hash != component.content_hash:
                findings.append(
                    Finding(
                        severity=Severity.ERROR,
                        code="component_repeated",
                        file=component.file,
                        value=component.key,
                        message=f"{component.title} is in {known.file}, too, with different content.",
                        advice="Keep only the correct package.",
                    )
                )
    return FolderReading(
        tables=tuple(sorted(tables, key=lambda table: table.file.name)),
        findings=sorted_findings(findings),
    )


def read_components(tables: Sequence[SourceTable]) -> EntityReading:
    """Return the components that tables hold, with their entries, and what they lack."""
    of_components = [t for t in tables if t.rows and t.rows[0].cells[0] == COMPONENT]
    keys = {_key_of(table): _label_of(table) for table in of_components}
    entities: list[Entity] = []
    findings: list[Finding] = []
    for table in of_components:
        found = [*_entities_of(table, keys)]
        entities += found
        outside = [
            r for r in found[0].references if r.state is ReferenceState.DANGLING and r.is_required
        ]
        if outside:
            named = first_named([r.text for r in outside], 3)
            findings.append(
                Finding(
                    severity=Severity.WARNING,
                    code="dependency_outside",
                    file=table.file.name,
                    column=DEPENDENCIES,
                    message=f"{found[0].label} needs what no package in the session contains: "
                    f"{named}.",
                    advice="Export with dependencies, or make sure that the target has them.",
                )
            )
    return EntityReading(
        entities=tuple(entity.as_seen for entity in entities), findings=tuple(findings)
    )


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
        # what a comparison makes of it; without one it is to be built
        status=Status.APPROVED
        if cells.get(OUTCOME, Outcome.ADDED) == Outcome.ADDED
        else Status.CHANGED,
        source=RowSource(file=file, line=1, record=1),
        cells=cells,
        references=tuple(references),
    )
    yield replace(head, label=f"{head.label} ({noun_of(head)})")
    for position, item in enumerate(entries.values(), start=1):
        yield Entity(
            kind=EntityKind.COMPONENT_ITEM,
            key=f"{EntityKind.COMPONENT_ITEM}:{_key_of(table)}/{item.section}[{item.label}]",
            label=_name_of(item),
            machine_name=_name_of(item) if item.label.startswith("#") else item.label,
            status=Status.APPROVED,
            source=RowSource(
                file=f"{file}/{item.section}",
                line=item.number,
                record=item.number,
                position=position,
            ),
            cells=item.cells,
            owner_key=key,
        )


def _name_of(entry: _Entry) -> str:
    """Return what people call an entry; without a name or key, the first thing that it names."""
    fields = {column.casefold(): value for column, value in entry.cells.items()}
    found = (fields.get(column.casefold(), "") for column in _NAMES)
    named = next((name for name in found if 0 < len(name) <= _NAME_CHARACTERS_MAX), "")
    if named or not entry.label.startswith("#"):
        return named or " / ".join(part for part in entry.label.split(" / ") if part != "-")
    others = (
        value
        for ending in _NAMING
        for column, value in entry.cells.items()
        if column.endswith(ending) and 0 < len(value) <= _NAME_CHARACTERS_MAX
    )
    return next(others, entry.label)


def _reference(
    target: str, description: str, keys: Mapping[str, str], *, is_required: bool
) -> Reference:
    """Return what a component depends on: a component of the session, or one of the target."""
    provider, _, name = target.partition(":")
    is_here = target in keys
    kind, _, label = (" ".join(part.split()) for part in description.partition(":"))
    called = label if kind.casefold() == provider_noun(provider) else " ".join(description.split())
    is_informative = called.casefold() not in {name.casefold(), ""}
    return Reference(
        column=DEPENDENCIES,
        text=f"{provider_noun(provider)} {name}" + (f" ({called})" if is_informative else ""),
        target_kind=EntityKind.COMPONENT,
        state=ReferenceState.RESOLVED if is_here else ReferenceState.DANGLING,
        target_key=f"{EntityKind.COMPONENT}:{target}" if is_here else None,
        is_required=is_required,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSource(SpecificationSource):
    """Export packages, and which of them a comparison names."""

    package_max_bytes: int

    @override
    def read_folder(
        self, folder: Path, *, columns: ColumnMeanings, owner_blank: OwnerBlank | None = None
    ) -> FolderReading:
        """Read the packages of a folder; sheets beside them are refused."""
        paths = sorted(folder.iterdir()) if folder.is_dir() else [folder]
        suffixes = {".csv", *WORKBOOK_SUFFIXES}
        return read_packages(
            [path for path in paths if is_package(path)],
            comparison=next((path for path in paths if path.name == COMPARISON_FILE), None),
            limits=PackageLimits(package_max_bytes=self.package_max_bytes),
            secret_key=secrets.token_bytes(32),  # tickets show no digits that depend on it
            others=tuple(path.name for path in paths if path.suffix.casefold() in suffixes),
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn the values of components into entities."""
        return read_components(tables)
