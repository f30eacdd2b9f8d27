"""Export packages as a specification: a folder of them becomes tables, their rows become entities.

Belongs here: which file of a folder is a package; what a row of a table is, how it cites its place:
one for each value of a component, or for what a comparison says differs of it, with what its ticket
waits for and what a person must know; entities and references out of these rows. Does not: reading
one package (`packages`), what counts as a difference (`sharedo/comparison`), which entities form a
ticket (`tickets/grouping/ticket_plan`).

A part of a package is cited as `export.zip:sharedo-type/matter`, an entry of one of its lists as
`export.zip:sharedo-type/matter/Phases` with its number in the list in the place of the line.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError
from typing_extensions import override

from jira_pipeline.model.entities import (
    Entity,
    EntityKind,
    Reference,
    ReferenceState,
    RowSource,
    Status,
)
from jira_pipeline.model.errors import LayoutRefusedError
from jira_pipeline.model.findings import Finding, Severity, sorted_findings
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.sheet_names import WORKBOOK_SUFFIXES, worksheet_name
from jira_pipeline.model.source_tables import (
    FolderReading,
    SourceFile,
    SourceRow,
    SourceTable,
    with_own_names,
)
from jira_pipeline.model.specification_source import (
    LAYOUT_NAME,
    EntityReading,
    SpecificationSource,
    is_package,
)
from jira_pipeline.sharedo.comparison import (
    COMPARISON_FILE,
    Comparison,
    ComponentComparison,
    Sides,
    compare_sides,
    side_text,
)
from jira_pipeline.sharedo.errors import PackageRefusedError
from jira_pipeline.sharedo.natural_keys import (
    field_path,
    item_label,
    item_path,
    key_parts_of,
    leaves,
    natural_key,
    shown_value,
)
from jira_pipeline.sharedo.packages import (
    Component,
    ComponentDependency,
    DependencyStrength,
    JsonValue,
    PackageFile,
    SharedoPackage,
)
from jira_pipeline.sharedo.reading.packages import PackageLimits, read_package_file
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
    noun_of,
    provider_noun,
)

COLUMNS = ("Is", "Section", "Number", "Entry", "Path", "Value")
"""What a row is: a value of a section or of an entry, the component's name, or what it depends on."""
RowCells: TypeAlias = tuple[str, str, str, str, str, str]
FILES = "Files"
"""The section of the files that a component names."""
COMPONENT = "component"
VALUE = "value"
_SELECTED = re.compile(r':\s*"([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSource(SpecificationSource):
    """Export packages, and which of them a comparison names."""

    package_max_bytes: int

    @override
    def read_folder(
        self,
        folder: Path,
        *,
        columns: ColumnMeanings,
        owner_blank: OwnerBlank | None = None,
        encoding: str | None = None,
        layout: bytes | None = None,
    ) -> FolderReading:
        """Read the packages of a folder; sheets beside them are refused.

        Raises:
            LayoutRefusedError: Packages have no worksheets, so that a layout says nothing of them.
        """
        if layout is not None:
            raise LayoutRefusedError(
                file_name=LAYOUT_NAME,
                reason="there are packages beside it, and a layout is of worksheets",
            )
        paths = sorted(folder.iterdir()) if folder.is_dir() else [folder]
        packages = [path for path in paths if is_package(path)]
        comparison = next((path for path in paths if path.name == COMPARISON_FILE), None)
        sheet_suffixes = {".csv", *WORKBOOK_SUFFIXES}
        sheet_names = [path.name for path in paths if path.suffix.casefold() in sheet_suffixes]
        return read_packages(
            packages,
            comparison=comparison,
            limits=PackageLimits(package_max_bytes=self.package_max_bytes),
            secret_key=secrets.token_bytes(32),  # tickets show no digits that depend on it
            others=tuple(sheet_names),
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn the values of components into entities."""
        return read_components(tables)


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
    packages: dict[str, SharedoPackage] = {}
    files: dict[str, SourceFile] = {}
    for path in paths:
        try:
            package = read_package_file(path, secret_key=secret_key, limits=limits)
            file = _file(path, sha256=package.sha256)
            packages[path.name] = package
            files[path.name] = file
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
        return _read_comparison(comparison, packages, files=files, findings=findings)
    tables: list[SourceTable] = []
    seen: dict[str, Component] = {}
    for package in packages.values():
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
            first = seen.setdefault(component.key, component)
            if first is component:
                values = [*value_rows(component.payload), *file_rows(component.files)]
                tables.append(
                    _table_of(component, files, values=values, needs=component.dependencies)
                )
            elif first.content_hash != component.content_hash:
                findings.append(
                    Finding(
                        severity=Severity.ERROR,
                        code="component_repeated",
                        file=component.file,
                        value=component.key,
                        message=f"{component.title} is in {first.file}, too, with different content.",
                        advice="Keep only the correct package.",
                    )
                )
    return _read(tables, findings)


def _read(tables: Iterable[SourceTable], findings: Iterable[Finding]) -> FolderReading:
    return FolderReading(
        tables=tuple(with_own_names(sorted(tables, key=lambda table: table.file.name))),
        findings=sorted_findings(findings),
    )


def _file(path: Path, *, sha256: str) -> SourceFile:
    return SourceFile(
        name=path.name,
        file_name=path.name,
        sheet=EntityKind.COMPONENT,
        row_count=0,
        sha256=sha256,
        size_bytes=path.stat().st_size,
        encoding="utf-8",
        delimiter="",
    )


def _table_of(
    component: Component,
    files: Mapping[str, SourceFile],
    *,
    values: Sequence[RowCells],
    needs: Iterable[ComponentDependency],
) -> SourceTable:
    """Return one row for each value, in the order of the source, below the name and the needs."""
    name = component.name
    if name.startswith("{"):  # selected by several fields
        name = "-".join(_SELECTED.findall(name)) or name
    part = re.sub(r"[\s:]+", "-", f"{component.provider}/{name}")
    file = replace(
        files[component.file], name=worksheet_name(component.file, part), row_count=len(values)
    )
    all_cells: list[RowCells] = [(COMPONENT, "", "", "", component.key, component.title)]
    for need in needs:
        reasons = "; ".join(need.reasons)
        description = need.description or need.name
        all_cells.append((need.strength.value, "", "", need.target_key, reasons, description))
    all_cells += values
    rows = tuple(
        SourceRow(line=number, record=number, cells=cells)
        for number, cells in enumerate(all_cells, start=1)
    )
    return SourceTable(file=file, columns=COLUMNS, rows=rows)


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
        for number, entry_value in enumerate(value, start=1):
            label = item_label(natural_key(entry_value, parts), number)
            seen[label] = seen.get(label, 0) + 1
            entry = f"{label} ({seen[label]})" if seen[label] > 1 else label
            texts = [(path, text_of(leaf)) for path, leaf in leaves(entry_value)]
            # What names an entry comes first, ids of the environment last.
            texts.sort(key=lambda pair: (pair[0].casefold() not in names, is_guid(pair[1])))
            for path, text in texts:
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


def _read_comparison(
    path: Path,
    packages: Mapping[str, SharedoPackage],
    *,
    files: Mapping[str, SourceFile],
    findings: Sequence[Finding],
) -> FolderReading:
    """Compare the packages of a folder, given by file name, as its `comparison.json` says.

    There is a table for each component that differs, and one without rows for each file.
    """
    content = path.read_bytes()[: _COMPARISON_MAX_BYTES + 1]
    package_file = _file(path, sha256=hashlib.sha256(content).hexdigest())
    plain = [SourceTable(file=f, columns=COLUMNS, rows=()) for f in (*files.values(), package_file)]

    def refused(why: str) -> FolderReading:
        advice = "Compare the environments again."
        return _read(plain, [*findings, _finding(why, code="comparison_refused", advice=advice)])

    try:
        sides = Sides.model_validate_json(content)
    except ValidationError as error:
        reason = error.errors(include_input=False, include_url=False)[0]["msg"]
        return refused(f"{COMPARISON_FILE} cannot be used: {reason}.")
    odd = sorted({*sides.first.packages, *sides.second.packages} ^ packages.keys())
    if odd and not findings:
        return refused(f"{COMPARISON_FILE} and the folder disagree about {', '.join(odd)}.")
    comparison = compare_sides(sides, packages)
    second_packages = [packages[name] for name in sides.second.packages if name in packages]
    present_keys = _present_keys(second_packages)
    tables = []
    for compared in comparison.changing:
        component = compared.first or compared.second
        if component is None:
            continue
        values = list(_rows_of(compared, comparison))
        needs = _awaited(compared, comparison, present_keys=present_keys)
        tables.append(_table_of(component, files, values=values, needs=needs))
    return _read((*plain, *tables), [*findings, *_findings_of(comparison)])


def _present_keys(packages: Sequence[SharedoPackage]) -> frozenset[str]:
    """Return the components that the environment of packages has.

    They are in a package, or one that is cannot be without them.
    """
    keys = set()
    for package in packages:
        for component in package.components:
            keys.add(component.key)
            for dependency in component.dependencies:
                if dependency.strength is DependencyStrength.MANDATORY:
                    keys.add(dependency.target_key)
    return frozenset(keys)


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


def _awaited(
    compared: ComponentComparison, comparison: Comparison, *, present_keys: frozenset[str]
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
            added = [d for d in other.differences if d.before is None and d.path.endswith("]")]
            names = {d.path.rpartition("[")[2].removesuffix("]") for d in added}
            system_names = {d.after.get("SystemName") for d in added if isinstance(d.after, dict)}
            texts = {name for name in system_names if isinstance(name, str)}
            is_awaited = not used.isdisjoint(names | texts)
        elif is_change:
            is_awaited = is_named or is_stated_anew
        else:
            is_awaited = True
        if not is_awaited or (other is None and dependency.target_key in present_keys):
            continue
        # the change cannot be made before what it names, whatever the manifest calls it
        is_made_first = is_change and is_named and other is not None and other.second is None
        strength = DependencyStrength.MANDATORY if is_made_first else dependency.strength
        yield replace(dependency, strength=strength)


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


_NAMES = ("Label", "Title", "DisplayName", "Name", "Caption", "Text")
"""Fields that hold what people call an entry, the plainest first."""
_NAME_CHARACTERS_MAX = 80
"""A longer text is no name."""
_NAMING = ("Name", "Role", "Code", "Field", "To", "Type")
"""Endings of fields that name an entry without a name or key, the most informative first."""
DEPENDENCIES = "Dependencies"
"""The column named in the references of a component."""


def read_components(tables: Sequence[SourceTable]) -> EntityReading:
    """Return the components that tables hold, with their entries, and what they lack."""
    component_tables = [
        table for table in tables if table.rows and table.rows[0].cells[0] == COMPONENT
    ]
    labels = {_key_of(table): _label_of(table) for table in component_tables}
    entities: list[Entity] = []
    findings: list[Finding] = []
    for table in component_tables:
        table_entities = list(_entities_of(table, labels))
        entities += table_entities
        finding = _missing_needs(table, table_entities[0])
        if finding is not None:
            findings.append(finding)
    return EntityReading(
        entities=tuple(entity.as_seen for entity in entities), findings=tuple(findings)
    )


def _missing_needs(table: SourceTable, component: Entity) -> Finding | None:
    """Return a finding where a component needs what no package of the session contains."""
    missing = []
    for reference in component.references:
        if reference.state is ReferenceState.DANGLING and reference.is_required:
            missing.append(reference.text)
    if not missing:
        return None
    return Finding(
        severity=Severity.WARNING,
        code="dependency_outside",
        file=table.file.name,
        column=DEPENDENCIES,
        message=f"{component.label} needs what no package in the session contains: "
        f"{first_named(missing, 3)}.",
        advice="Export with dependencies, or make sure that the target has them.",
    )


def _key_of(table: SourceTable) -> str:
    return table.rows[0].cells[4]


def _label_of(table: SourceTable) -> str:
    return " ".join(table.rows[0].cells[5].split())


def _entities_of(table: SourceTable, keys: Mapping[str, str]) -> Iterator[Entity]:
    """Yield a component, then the entries of its lists."""
    file = table.file.name
    component_key = _key_of(table)
    owner_key = f"{EntityKind.COMPONENT}:{component_key}"
    cells: dict[str, str] = {}
    entries: dict[_Entry, dict[str, str]] = {}
    references: list[Reference] = []
    for row in table.rows[1:]:
        what, section, number, label, path, value = row.cells
        if what in {DependencyStrength.MANDATORY, DependencyStrength.RECOMMENDED}:
            is_required = what == DependencyStrength.MANDATORY
            references.append(_reference(label, value, keys, is_required=is_required))
        elif number:
            entry = _Entry(section=section, number=int(number), label=label)
            entries.setdefault(entry, {})[path] = value
        else:
            cells[path] = value
    # The outcome of a comparison; without one a component is to be built.
    is_added = cells.get(OUTCOME, Outcome.ADDED) == Outcome.ADDED
    head = Entity(
        kind=EntityKind.COMPONENT,
        key=owner_key,
        label=_label_of(table),
        machine_name=component_key.partition(":")[2],
        status=Status.APPROVED if is_added else Status.CHANGED,
        source=RowSource(file=file, line=1, record=1),
        cells=cells,
        unknown_columns=tuple(cells),
        references=tuple(references),
    )
    yield replace(head, label=f"{head.label} ({noun_of(head)})")
    for position, (entry, fields) in enumerate(entries.items(), start=1):
        name = _name_of(entry.label, fields)
        source = RowSource(
            file=f"{file}/{entry.section}",
            line=entry.number,
            record=entry.number,
            position=position,
        )
        yield Entity(
            kind=EntityKind.COMPONENT_ITEM,
            key=f"{EntityKind.COMPONENT_ITEM}:{component_key}/{entry.section}[{entry.label}]",
            label=name,
            machine_name=name if entry.label.startswith("#") else entry.label,
            status=Status.APPROVED,
            source=source,
            cells=fields,
            unknown_columns=tuple(fields),
            owner_key=owner_key,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry in a list of a component, whose fields are several rows."""

    section: str
    number: int
    """Its place in the list."""
    label: str
    """Its natural key; a number sign and its place where it has none."""


def _name_of(label: str, cells: Mapping[str, str]) -> str:
    """Return what people call an entry; without a name or key, the first thing that it names."""
    fields = {column.casefold(): value for column, value in cells.items()}
    for column in _NAMES:
        value = fields.get(column.casefold(), "")
        if _may_be_name(value):
            return value
    if not label.startswith("#"):
        return " / ".join(part for part in label.split(" / ") if part != "-")
    for ending in _NAMING:
        for column, value in cells.items():
            if column.endswith(ending) and _may_be_name(value):
                return value
    return label


def _may_be_name(text: str) -> bool:
    return 0 < len(text) <= _NAME_CHARACTERS_MAX


def _reference(
    target: str, description: str, keys: Mapping[str, str], *, is_required: bool
) -> Reference:
    """Return what a component depends on: a component of the session, or one of the target."""
    provider, _, name = target.partition(":")
    noun = provider_noun(provider)
    # A description may begin with the noun and a colon, which the text begins with already.
    first_part, _, rest = description.partition(":")
    if " ".join(first_part.split()).casefold() == noun:
        description = rest
    title = " ".join(description.split())
    text = f"{noun} {name}"
    if title and title.casefold() != name.casefold():
        text = f"{text} ({title})"
    state = ReferenceState.DANGLING
    target_key = None
    if target in keys:
        state = ReferenceState.RESOLVED
        target_key = f"{EntityKind.COMPONENT}:{target}"
    return Reference(
        column=DEPENDENCIES,
        text=text,
        target_kind=EntityKind.COMPONENT,
        state=state,
        target_key=target_key,
        is_required=is_required,
    )
