"""First stage: a folder of sheets, or one workbook, becomes an upload session.

Belongs here: reading a folder once, refusing it with every finding, registering the session,
reading what is kept of it. Does not: how a sheet is read (`reading`), the copy itself
(`kept_copies`), Dagster partitions (`defs`).

The copy is kept before the session is registered, or with it: a session in the store always has
its files.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from jira_pipeline.errors import InputError, SessionLockedError, SheetsRefusedError, WrongUseError
from jira_pipeline.grouping.grouping import group_entities
from jira_pipeline.kernel.entities import (
    OTHER_WORKBOOK_SUFFIXES,
    PACKAGE_SUFFIX,
    WORKBOOK_SUFFIX,
    EntityKind,
    SourceFile,
    SourceTable,
    Specification,
    UnknownHeader,
)
from jira_pipeline.kernel.entity_groups import EntityGroup
from jira_pipeline.kernel.file_hashes import file_sha256, folder_content_sha256
from jira_pipeline.kernel.findings import (
    Finding,
    Severity,
    has_errors,
    new_findings,
    sorted_findings,
)
from jira_pipeline.kernel.sessions import (
    SessionManifest,
    SessionStage,
    SessionStatus,
    UploadSession,
    session_key_from,
)
from jira_pipeline.ports.files import upload_place
from jira_pipeline.ports.sessions import UploadRecord
from jira_pipeline.ports.specification import SpecificationSource
from jira_pipeline.session.pipeline import Pipeline
from jira_pipeline.sheets.kept_copies import (
    copied,
    refuse_altered_copy,
    refuse_missing_copy,
)
from jira_pipeline.sheets.manifest import MANIFEST_NAMES, find_manifest, read_manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationReading:
    """One folder, read whole."""

    files: tuple[SourceFile, ...]
    tables: tuple[SourceTable, ...]
    specification: Specification
    groups: tuple[EntityGroup, ...]
    """One for each ticket, in build order."""
    findings: tuple[Finding, ...]
    """Of files, rows, references and groups, sorted; errors first. Whoever counts the findings of
    a folder or session counts these."""
    unknown_headers: tuple[UnknownHeader, ...]
    """What people may say the meaning of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadOutcome:
    """What an upload did."""

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
        """Keys of the groups."""
        return tuple(group.key for group in self.groups)


def read_specification(
    folder: Path, *, manifest: SessionManifest, source: SpecificationSource
) -> SpecificationReading:
    """Read a folder of sheets, or a workbook, into entities and groups; faults are findings.

    Raises:
        WrongUseError: There is no such folder or workbook.
    """
    refuse_unreadable(folder)
    return source.apart(partial(read_and_group, folder, manifest))


def refuse_unreadable(folder: Path) -> None:
    """Stop where there is neither a folder nor a file that holds a specification.

    Raises:
        WrongUseError: It says what to name instead.
    """
    if not folder.is_dir() and not is_workbook(folder):
        way_out = "Name the folder that holds the sheets or packages, or one such file."
        if folder.suffix.casefold() in OTHER_WORKBOOK_SUFFIXES and folder.is_file():
            way_out = "Save it as .xlsx (Excel workbook) in the spreadsheet program, and name that."
        raise WrongUseError(
            f"{folder} is neither a folder nor a workbook (.xlsx) nor a package (.zip).",
            recovery_actions=(way_out,),
        )


def read_and_group(
    folder: Path, manifest: SessionManifest, source: SpecificationSource
) -> SpecificationReading:
    """Read what is there, in this process."""
    reading = source.read_folder(folder, columns=manifest.columns)
    # Where no sheet is known the folder is refused, and what its rows lack says nothing.
    is_known = any(table.file.sheet is not EntityKind.CUSTOM for table in reading.tables)
    entities = source.read_entities(reading.tables if is_known else ())
    specification = Specification(entities=entities.entities)
    grouping = group_entities(
        specification, include_waiting=manifest.include_waiting, removals=manifest.removals
    )
    findings = [*reading.findings, *entities.findings, *grouping.findings]
    if not entities.entities and not has_errors(findings):
        findings.append(
            Finding(
                severity=Severity.ERROR,
                code="nothing_described",
                message="No sheet of the folder has a row that describes anything.",
                advice="Export the sheets again with their rows; a header alone makes no ticket.",
            )
        )
    return SpecificationReading(
        files=tuple(sorted((t.file for t in reading.tables), key=lambda f: f.name)),
        tables=reading.tables,
        specification=specification,
        groups=grouping.groups,
        findings=sorted_findings(findings),
        unknown_headers=reading.unknown_headers,
    )


def is_workbook(path: Path) -> bool:
    """Tell whether a path is a file that holds a whole specification: a workbook, or a package."""
    return path.suffix.casefold() in {WORKBOOK_SUFFIX, PACKAGE_SUFFIX} and path.is_file()


def session_key_for(path: Path) -> str:
    """Make a session key out of the name of a folder, or of a workbook without its suffix."""
    return session_key_from(path.stem if is_workbook(path) else path.name)


def refuse_errors(
    findings: tuple[Finding, ...], *, source: str, files: tuple[SourceFile, ...] = ()
) -> None:
    """Stop on blocking findings of files.

    Raises:
        SheetsRefusedError: At least one finding is an error; it carries all of them.
    """
    if not has_errors(findings):
        return
    errors = [f for f in findings if f.severity == "error"]
    first = f"{errors[0].place}: {errors[0].message}"
    raise SheetsRefusedError(
        source=source, error_count=len(errors), first=first, findings=findings, files=files
    )


def read_kept_copy(pipeline: Pipeline, session: UploadSession) -> SpecificationReading:
    """Read the immutable copy of a session; what is returned is what was registered.

    Raises:
        StoreError: Files differ, are missing or were added.
    """
    folder = pipeline.store.files.folder(upload_place(session.upload_path))
    refuse_missing_copy(session, folder)
    registered = pipeline.store.sessions.files(session.session_key)
    reading = read_specification(folder, manifest=session.manifest, source=pipeline.source)
    refuse_altered_copy(session, registered=registered, read=reading.files, folder=folder)
    return reading


def upload_path_of(session_key: str, content_sha256: str) -> str:
    """Return the folder of an immutable copy, relative to where copies are kept."""
    return f"{session_key}/{content_sha256[:16]}"


def register_upload(
    pipeline: Pipeline,
    folder: Path,
    *,
    session_key: str,
    auto_approve: bool = False,
    as_new: bool = False,
    manifest: SessionManifest,
    reading: SpecificationReading,
    actor: str,
) -> UploadOutcome:
    """Make a folder of sheets, or a workbook, an upload session, or leave all as it was.

    The same content again is a no-op; other content replaces the upload. Issues that exist are
    not changed by it: `results` lists what people have to change in them.

    Raises:
        SessionLockedError: The session is being exported and the content differs.
    """
    sessions, files, now = pipeline.store.sessions, pipeline.store.files, pipeline.clock.now()
    manifest_path = find_manifest(folder)
    names = sorted(
        {file.file_name for file in reading.files}
        | ({manifest_path.name} if manifest_path else set())
    )
    holder = folder if folder.is_dir() else folder.parent
    with copied(holder, names, staging_path=files.staging_path) as copy:
        _refuse_changed_files(copy, manifest=manifest, files=reading.files)
        manifest = replace(
            manifest,
            auto_approve=manifest.auto_approve or auto_approve,
            as_new=manifest.as_new or as_new,
        )
        content_sha256 = folder_content_sha256(copy, names)
        known = sessions.find(session_key)
        outcome_of = partial(
            UploadOutcome,
            files=reading.files,
            tables=reading.tables,
            findings=reading.findings,
            groups=reading.groups,
            known_findings=sessions.findings(session_key) if known else (),
        )
        if known and known.content_sha256 == content_sha256:
            is_asked_newly = (manifest.auto_approve and not known.manifest.auto_approve) or (
                manifest.as_new and not known.manifest.as_new
            )
            if not is_asked_newly or pipeline.store.ledger.has_receipts(session_key):
                is_restored = files.keep(upload_place(known.upload_path), copy, at=now)
                return outcome_of(session=known, is_unchanged=True, is_restored=is_restored)
        elif known and (known.stage, known.status) == (
            SessionStage.JIRA_EXPORT,
            SessionStatus.RUNNING,
        ):
            raise SessionLockedError(session_key=known.session_key)
        upload_path = upload_path_of(session_key, content_sha256)
        contents = files.placed(upload_place(upload_path), copy, at=now)
    record = UploadRecord(
        session_key=session_key,
        content_sha256=content_sha256,
        upload_path=upload_path,
        manifest=manifest,
        files=reading.files,
        findings=reading.findings,
        contents=contents,
    )
    session = sessions.register(record, at=now, actor=actor)
    return outcome_of(session=session, is_unchanged=False, replaced=known)


def _refuse_changed_files(
    copy: Path, *, manifest: SessionManifest, files: tuple[SourceFile, ...]
) -> None:
    """Stop where the copy is not what was read: the sheets, or what `session.yaml` says of them."""
    hashes = {file.file_name: file.sha256 for file in files}
    changed = [name for name, sha256 in hashes.items() if file_sha256(copy / name) != sha256]
    if read_manifest(copy) != manifest:
        changed.append(MANIFEST_NAMES[0])
    if changed:
        raise InputError(
            f"{', '.join(changed)} changed while being read.",
            recovery_actions=("Wait until the export has finished and upload again.",),
        )
