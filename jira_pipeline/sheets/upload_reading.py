"""First stage: a folder of sheets, or one workbook, read whole.

Belongs here: reading a folder once, refusing it with every finding, what an upload did, how its
session is called when nobody says. Does not:
how a sheet is read (`reading`), registering the session (`kept_uploads`).
"""

import os.path
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from jira_pipeline.model.entities import EntityKind, Specification
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import SheetsRefusedError, WrongUseError
from jira_pipeline.model.findings import (
    FORMULA_NOT_COMPUTED,
    LAYOUT_MISFIT,
    Finding,
    Severity,
    has_errors,
    sorted_findings,
)
from jira_pipeline.model.new_findings import new_findings
from jira_pipeline.model.session_keys import loses_letters, session_key_from
from jira_pipeline.model.sessions import SessionManifest, UploadSession
from jira_pipeline.model.sheet_names import (
    OTHER_WORKBOOK_SUFFIXES,
    PACKAGE_SUFFIX,
    WORKBOOK_SUFFIXES,
    WORKBOOK_SUFFIXES_TEXT,
)
from jira_pipeline.model.source_tables import FolderReading, SourceFile, SourceTable
from jira_pipeline.model.specification_source import SpecificationSource
from jira_pipeline.sheets.layout_beside import layout_beside


@dataclass(frozen=True, kw_only=True)
class SpecificationReading:
    """One folder, read whole."""

    folder: FolderReading
    """What the files themselves were read to."""
    files: tuple[SourceFile, ...]
    specification: Specification
    groups: tuple[EntityGroup, ...]
    """One for each ticket, in build order."""
    findings: tuple[Finding, ...]
    """Of files, rows, references and groups, sorted; errors first. Whoever counts the findings of
    a folder or session counts these."""
    entity_findings: tuple[Finding, ...]
    """Of these, those of rows and references."""
    group_findings: tuple[Finding, ...]
    layout: bytes | None = None
    """The content of the `layout.yaml` that it was read by."""
    file_hashes: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of every file that was read, by name; those of which no table came, too."""

    @property
    def tables(self) -> tuple[SourceTable, ...]:
        return self.folder.tables

    @property
    def needs_layout(self) -> bool:
        """Something is left to settle about the layout of its worksheets, which findings name."""
        return self.folder.needs_layout

    @cached_property
    def groups_by_key(self) -> Mapping[str, EntityGroup]:
        """Groups by key."""
        return {group.key: group for group in self.groups}

    @cached_property
    def owners_of_rows(self) -> Mapping[tuple[object, ...], frozenset[str]]:
        """Which bundles have a row that says the same."""
        return owners_of_rows(self.groups)


def owners_of_rows(
    groups: Iterable[EntityGroup],
) -> Mapping[tuple[object, ...], frozenset[str]]:
    """Return which bundles have a row that says the same, by what it says as it is written."""
    from jira_pipeline.drupal.columns import content_of  # noqa: PLC0415 - slow: every rule declares some

    owners = defaultdict[tuple[object, ...], set[str]](set)
    for group in groups:
        for row in group.as_in_sheet.members:
            if row.owner_key is not None:
                owners[content_of(row)].add(row.owner_key)
    return {says: frozenset(keys) for says, keys in owners.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadOutcome:
    session: UploadSession
    files: tuple[SourceFile, ...]
    tables: tuple[SourceTable, ...]
    findings: tuple[Finding, ...]
    is_unchanged: bool
    """The same content was uploaded before: nothing was done."""
    replaced: UploadSession | None = None
    """The session as it was, where other content of it was replaced."""
    groups: tuple[EntityGroup, ...] = ()
    """One for each ticket, in build order."""
    is_restored: bool = False
    """The kept copy of the same content was damaged or gone, and is whole again."""
    known_findings: tuple[Finding, ...] = ()
    """Those of the sheets that the session had."""
    needs_layout: bool = False
    """The upload waits until somebody has said what its worksheets hold."""

    @property
    def new_findings(self) -> tuple[Finding, ...]:
        """Those that its sheets did not have before."""
        return new_findings(self.findings, self.known_findings)

    @property
    def is_replaced(self) -> bool:
        """Other content of the session was replaced."""
        return self.replaced is not None

    @property
    def group_keys(self) -> tuple[str, ...]:
        return tuple(group.key for group in self.groups)


def read_specification(
    folder: Path,
    *,
    manifest: SessionManifest,
    source: SpecificationSource,
    layout: bytes | None = None,
) -> SpecificationReading:
    """Read a folder of sheets, or a workbook, into entities and groups; faults are findings.

    `layout` is the content of a layout that is declared for it; otherwise the one in the folder
    counts.

    Raises:
        WrongUseError: There is no such folder or workbook.
        LayoutRefusedError: The layout cannot be used.
    """
    refuse_unreadable(folder)
    declared = layout_beside(folder) if layout is None else layout
    return source.run_in_subprocess(partial(read_and_group, folder, manifest, declared))


def refuse_unreadable(folder: Path) -> None:
    """Stop where there is neither a folder nor a file that holds a specification."""
    if not folder.is_dir() and not is_workbook(folder):
        way_out = "Name the folder with the sheets or packages, or a single file."
        if folder.suffix.casefold() in OTHER_WORKBOOK_SUFFIXES and folder.is_file():
            way_out = "Save it as .xlsx (Excel workbook) in the spreadsheet program, and name that."
        raise WrongUseError(
            f"{folder} is neither a folder nor a workbook ({WORKBOOK_SUFFIXES_TEXT}) nor a package (.zip).",
            recovery_actions=(way_out,),
        )


def read_and_group(
    folder: Path, manifest: SessionManifest, layout: bytes | None, source: SpecificationSource
) -> SpecificationReading:
    """Read a folder, in this process, by the content of a layout where there is one."""
    reading = source.read_folder(
        folder,
        columns=manifest.columns,
        owner_blank=manifest.owner_blank,
        encoding=manifest.encoding,
        layout=layout,
    )
    return replace(group_tables(reading, manifest, source), layout=layout)


def group_tables(
    reading: FolderReading, manifest: SessionManifest, source: SpecificationSource
) -> SpecificationReading:
    """Make entities of the rows of a folder that was read, and groups of those."""
    # Where no sheet is known the folder is refused, and what its rows lack says nothing.
    is_known = any(table.file.sheet is not EntityKind.CUSTOM for table in reading.tables)
    entities = source.read_entities(reading.tables if is_known else ())
    from jira_pipeline.tickets.grouping.grouping import group_entities  # noqa: PLC0415 - slow; of who reads

    specification = Specification(entities=entities.entities, captions=entities.captions)
    grouping = group_entities(
        specification, include_waiting=manifest.include_waiting, removals=manifest.removals
    )
    findings = [
        *reading.findings,
        *_findings_that_stay(entities.findings, reading),
        *grouping.findings,
    ]
    if not entities.entities and not has_errors(findings) and not reading.needs_layout:
        findings.append(
            Finding(
                severity=Severity.ERROR,
                code="nothing_described",
                message="No sheet in the folder has a row that describes anything.",
                advice="Export the sheets again with their rows; a header alone does not produce "
                "tickets.",
            )
        )
    return SpecificationReading(
        folder=reading,
        files=tuple(sorted((t.file for t in reading.tables), key=lambda f: f.name)),
        specification=specification,
        groups=grouping.groups,
        findings=sorted_findings(findings),
        entity_findings=entities.findings,
        group_findings=grouping.findings,
        file_hashes={
            **reading.file_hashes,
            **{table.file.file_name: table.file.sha256 for table in reading.tables},
        },
    )


def _findings_that_stay(findings: Iterable[Finding], reading: FolderReading) -> Iterator[Finding]:
    """Yield what is found in rows, but for those of a worksheet of which a header is not there any more.

    Such rows lack what is below the header under its new name: they are told of it once, by the header.
    """
    without_header = {finding.file for finding in reading.findings if finding.code == LAYOUT_MISFIT}
    for finding in findings:
        if finding.severity is Severity.ERROR or finding.file not in without_header:
            yield finding


def is_workbook(path: Path) -> bool:
    """Tell whether a path is a file that holds a whole specification: a workbook, or a package."""
    return path.suffix.casefold() in {*WORKBOOK_SUFFIXES, PACKAGE_SUFFIX} and path.is_file()


_OWN = {EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW, EntityKind.COMPONENT}
"""Kinds of things that sites have of their own."""


@dataclass(frozen=True, slots=True)
class HeadKeys:
    """What tickets are about, by key."""

    every: frozenset[str]
    of_own_kinds: frozenset[str]
    """Of kinds of things that sites have of their own."""


def head_keys_of(groups: Iterable[EntityGroup]) -> HeadKeys:
    """Return what tickets are about."""
    heads = [head for group in groups for head in group.heads]
    every = frozenset(head.key for head in heads)
    of_own_kinds = frozenset(head.key for head in heads if head.kind in _OWN)
    return HeadKeys(every, of_own_kinds)


def shares_no_ticket(before: Iterable[EntityGroup], after: Iterable[EntityGroup]) -> bool:
    """Tell whether tickets are about other things altogether: the sheets are of another site."""
    return shares_no_head(head_keys_of(before), head_keys_of(after))


def shares_no_head(before: HeadKeys, after: HeadKeys) -> bool:
    """Tell whether tickets are about other things altogether.

    Things that any site has, such as roles and image styles, say nothing where both have own ones.
    """
    has_own = bool(before.of_own_kinds and after.of_own_kinds)
    first = before.of_own_kinds if has_own else before.every
    second = after.of_own_kinds if has_own else after.every
    return bool(first and second) and first.isdisjoint(second)


_NO_NAME = re.compile(
    r"v?\d+|spec(ification)?s?|technical|drupal|sheets?|workbook|final|draft|copy|of",
    re.IGNORECASE,
)
"""What names of files say of a specification, and not of its site."""


def session_key_for(path: Path) -> str:
    """Make a session key out of the name of a folder, or of a workbook without its suffix."""
    return session_key_from(path.stem if is_workbook(path) else path.name)


def site_name_of(path: Path, *, is_named_so: bool) -> str | None:
    """Return what a site is called by its folder, if that is named so, or by what its files begin with.

    None where the session key says it as well, or the files have nothing in common.
    """
    name = path.stem if is_workbook(path) else path.name
    if is_named_so and loses_letters(name) and name.isprintable():
        return name
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    stems = [one.stem for one in files if one.suffix.casefold() in {".csv", *WORKBOOK_SUFFIXES}]
    common = os.path.commonprefix(stems)  # noqa: RUF071 - of names, not of paths
    if len(stems) > 1 or not any(map(is_workbook, files)):  # of `Site_Fields`, no sheet's name
        common = re.sub(r"[^\s_.-]*$", "", common)
    words = re.split(r"[\s_.-]+", common)
    return " ".join(w for w in words if w and not _NO_NAME.fullmatch(w)) or None


def refusing_findings(findings: Iterable[Finding], *, needs_layout: bool) -> tuple[Finding, ...]:
    """Return the errors for which files are not taken.

    A cell without a result does not count where somebody has to say what the worksheets list: its own
    may be none of them. Whoever confirms that is shown the cells that are left.
    """
    errors = (finding for finding in findings if finding.severity is Severity.ERROR)
    return tuple(
        finding for finding in errors if not needs_layout or finding.code != FORMULA_NOT_COMPUTED
    )


def refuse_errors(
    findings: tuple[Finding, ...],
    *,
    source: str,
    needs_layout: bool = False,
    files: tuple[SourceFile, ...] = (),
) -> None:
    """Stop on findings for which files are not taken."""
    errors = refusing_findings(findings, needs_layout=needs_layout)
    if not errors:
        return
    first = f"{errors[0].place}: {errors[0].message}"
    raise SheetsRefusedError(
        source=source, error_count=len(errors), first=first, findings=findings, files=files
    )


def upload_path_of(session_key: str, content_sha256: str) -> str:
    """Return the folder of an immutable copy, relative to where copies are kept."""
    return f"{session_key}/{content_sha256[:16]}"
