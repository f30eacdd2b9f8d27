"""First stage: a folder of sheets becomes an upload session.

Belongs here: reading a folder once, refusing it with every finding, keeping an immutable copy,
registering the session. Does not: how a sheet is read (`sources`), Dagster partitions (`defs`).

The copy is made before the session is registered: a session in the store always has its files.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from jira_pipeline.domain.entities import SourceFile, SourceTable, Specification
from jira_pipeline.domain.findings import Finding, has_errors, sorted_findings
from jira_pipeline.domain.ports import (
    ExportLedger,
    SessionStore,
    SpecificationSource,
    UploadRecord,
)
from jira_pipeline.domain.sessions import (
    SessionManifest,
    UploadSession,
    checked_session_key,
    session_key_from,
)
from jira_pipeline.errors import (
    InputError,
    SessionLockedError,
    SheetsRefusedError,
    StoreError,
)
from jira_pipeline.stages.manifest import find_manifest, read_manifest

_COPY_CHUNK_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationReading:
    """One folder, read whole."""

    files: tuple[SourceFile, ...]
    tables: tuple[SourceTable, ...]
    specification: Specification
    findings: tuple[Finding, ...]
    """Of files, rows and references, sorted; errors first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadOutcome:
    """What an upload did."""

    session: UploadSession
    files: tuple[SourceFile, ...]
    tables: tuple[SourceTable, ...]
    findings: tuple[Finding, ...]
    is_unchanged: bool
    """The same content was uploaded before: nothing was done."""
    is_replaced: bool
    """Other content of the session was replaced."""


def read_specification(folder: Path, *, source: SpecificationSource) -> SpecificationReading:
    """Read a folder of sheets into entities; faults are findings.

    Raises:
        InputError: There is no such folder.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder.",
            recovery_actions=("Name the folder that holds the CSV files of the sheets.",),
        )
    reading = source.read_folder(folder)
    entities = source.read_entities(reading.tables)
    return SpecificationReading(
        files=tuple(sorted((t.file for t in reading.tables), key=lambda f: f.name)),
        tables=reading.tables,
        specification=Specification(entities=entities.entities),
        findings=sorted_findings([*reading.findings, *entities.findings]),
    )


def refuse_errors(findings: tuple[Finding, ...], *, source: str) -> None:
    """Stop on blocking findings.

    Raises:
        SheetsRefusedError: At least one finding is an error; it carries all of them.
    """
    if not has_errors(findings):
        return
    errors = [f for f in findings if f.severity == "error"]
    first = f"{errors[0].place}: {errors[0].message}"
    raise SheetsRefusedError(source=source, error_count=len(errors), first=first, findings=findings)


def upload_folder(
    folder: Path,
    *,
    session_key: str | None,
    auto_approve: bool,
    source: SpecificationSource,
    sessions: SessionStore,
    ledger: ExportLedger,
    uploads_path: Path,
    now: datetime,
    actor: str,
) -> UploadOutcome:
    """Register a folder of sheets as an upload session, or leave everything as it was.

    The same content again is a no-op; other content replaces the upload of a session that was
    never exported.

    Raises:
        SessionKeyError: The key is malformed.
        ManifestError: `session.yaml` cannot be used.
        SheetsRefusedError: The sheets hold blocking findings.
        SessionLockedError: The session was exported and the content differs.
    """
    if session_key is None:
        session_key = session_key_from(folder.resolve().name)
    key = checked_session_key(session_key)
    reading = read_specification(folder, source=source)
    refuse_errors(reading.findings, source=folder.name)
    return _register(
        folder,
        session_key=key,
        auto_approve=auto_approve,
        reading=reading,
        sessions=sessions,
        ledger=ledger,
        uploads_path=uploads_path,
        now=now,
        actor=actor,
    )


def upload_inbox_folder(
    folder: Path,
    *,
    source: SpecificationSource,
    sessions: SessionStore,
    ledger: ExportLedger,
    uploads_path: Path,
    now: datetime,
) -> UploadOutcome:
    """Register a folder of the inbox, blocking findings included: its run fails with them stored.

    Raises:
        SessionKeyError: The folder's name is no session key.
        ManifestError: `session.yaml` cannot be used.
        SessionLockedError: The session was exported and the content differs.
    """
    return _register(
        folder,
        session_key=checked_session_key(folder.name),
        auto_approve=False,
        reading=read_specification(folder, source=source),
        sessions=sessions,
        ledger=ledger,
        uploads_path=uploads_path,
        now=now,
        actor="upload_sensor",
    )


def read_session(
    session: UploadSession,
    *,
    source: SpecificationSource,
    sessions: SessionStore,
    uploads_path: Path,
) -> SpecificationReading:
    """Read the immutable copy of a session and store what was found in it.

    Findings about files that could not be kept (too large, unreadable) stay as they were told
    when the folder was uploaded.
    """
    folder = uploads_path / session.upload_path
    reading = read_specification(folder, source=source)
    kept = {path.name for path in folder.iterdir()}
    about_others = [
        f for f in sessions.findings(session.session_key) if f.file is None or f.file not in kept
    ]
    findings = sorted_findings({*reading.findings, *about_others})
    sessions.record_reading(session.session_key, files=reading.files, findings=findings)
    return replace(reading, findings=findings)


def folder_content_sha256(folder: Path, file_names: tuple[str, ...]) -> str:
    """Hash the names and bytes of files, in order of name."""
    digest = hashlib.sha256()
    for name in sorted(file_names):
        digest.update(f"{name}\n{file_sha256(folder / name)}\n".encode())
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Hash the bytes of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_COPY_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _register(
    folder: Path,
    *,
    session_key: str,
    auto_approve: bool,
    reading: SpecificationReading,
    sessions: SessionStore,
    ledger: ExportLedger,
    uploads_path: Path,
    now: datetime,
    actor: str,
) -> UploadOutcome:
    names = _names_to_keep(folder, reading)
    with _copied(folder, names, uploads_path=uploads_path) as copy:
        _refuse_changed_files(copy, reading.files)
        manifest = _effective_manifest(copy, auto_approve=auto_approve)
        content_sha256 = folder_content_sha256(copy, names)
        known = sessions.find(session_key)
        if known and known.content_sha256 == content_sha256:
            is_approval_new = manifest.auto_approve and not known.manifest.auto_approve
            if not is_approval_new or ledger.has_receipts(session_key):
                return _outcome(known, reading, is_unchanged=True)
        elif known:
            _refuse_exported(session_key, ledger=ledger)
        upload_path = f"{session_key}/{content_sha256[:16]}"
        _keep(copy, uploads_path / upload_path)
    record = UploadRecord(
        session_key=session_key,
        content_sha256=content_sha256,
        upload_path=upload_path,
        manifest=manifest,
        files=reading.files,
        findings=reading.findings,
    )
    session = sessions.register(record, at=now, actor=actor)
    return _outcome(session, reading, is_unchanged=False, is_replaced=known is not None)


def _outcome(
    session: UploadSession,
    reading: SpecificationReading,
    *,
    is_unchanged: bool,
    is_replaced: bool = False,
) -> UploadOutcome:
    return UploadOutcome(
        session=session,
        files=reading.files,
        tables=reading.tables,
        findings=reading.findings,
        is_unchanged=is_unchanged,
        is_replaced=is_replaced,
    )


def _names_to_keep(folder: Path, reading: SpecificationReading) -> tuple[str, ...]:
    """Name the sheets that were read, and the manifest."""
    manifest = find_manifest(folder)
    names = {file.name for file in reading.files} | ({manifest.name} if manifest else set())
    return tuple(sorted(names))


def _effective_manifest(folder: Path, *, auto_approve: bool) -> SessionManifest:
    manifest = read_manifest(folder)
    return replace(manifest, auto_approve=True) if auto_approve else manifest


@contextmanager
def _copied(folder: Path, names: tuple[str, ...], *, uploads_path: Path) -> Iterator[Path]:
    """Copy files beside where they will be kept, so that keeping them is one rename.

    Raises:
        StoreError: They cannot be written there, or cannot be read any more.
    """
    try:
        uploads_path.mkdir(parents=True, exist_ok=True)
        incoming = tempfile.TemporaryDirectory(dir=uploads_path, prefix=".incoming-")
    except OSError as error:
        raise _not_copied(folder, uploads_path, error) from error
    with incoming as path:
        copy = Path(path, "files")
        try:
            copy.mkdir()
            for name in names:
                shutil.copyfile(folder / name, copy / name, follow_symlinks=False)
        except OSError as error:
            raise _not_copied(folder, uploads_path, error) from error
        yield copy


def _not_copied(folder: Path, uploads_path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The files of {folder.name} could not be copied to {uploads_path}: {error.strerror}.",
        recovery_actions=(
            "Check that the disk has room and that the folder may be written, then upload again.",
        ),
    )


def _refuse_changed_files(copy: Path, files: tuple[SourceFile, ...]) -> None:
    changed = [file.name for file in files if file_sha256(copy / file.name) != file.sha256]
    if changed:
        raise InputError(
            f"{', '.join(changed)} changed while being read.",
            recovery_actions=("Wait until the export has finished and upload again.",),
        )


def _refuse_exported(session_key: str, *, ledger: ExportLedger) -> None:
    """Refuse before anything is copied; `register` refuses what was exported meanwhile."""
    if ledger.has_receipts(session_key):
        raise SessionLockedError(session_key=session_key)


def _keep(copy: Path, destination: Path) -> None:
    """Move a copy to its place; the place is named by content, so one that exists is the same."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    if not destination.exists():
        try:
            copy.rename(destination)
        except OSError:
            if not destination.exists():
                raise
