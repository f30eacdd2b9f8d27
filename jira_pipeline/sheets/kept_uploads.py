"""An upload session in the store: registering it, its immutable copy, what its sheets say.

Belongs here: what becomes of the same content, and of other; making the copy, which is checked
whenever it is read; reading it, once in a process. Does not: reading sheets (`upload_reading`),
where copies are kept (`model/kept_files`), Dagster partitions (`dagster_port/partitions`).

The copy is kept before the session is registered, or with it: a session in the store always has
its files, and what they were read to (`kept_readings`). Nothing downstream keeps a second copy of a row.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.actions import Action, ActionKind, command_of
from jira_pipeline.model.audit_actions import RECEIVED
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import (
    EarlierSheetsError,
    GateError,
    GateRule,
    InputError,
    LayoutNeededError,
    SessionLockedError,
    StoreError,
    system_message,
)
from jira_pipeline.model.kept_files import (
    NO_FILES,
    content_sha256,
    file_hashes_of,
    file_sha256,
    folder_content_sha256,
    upload_place,
)
from jira_pipeline.model.layouts import UsedLayout
from jira_pipeline.model.sessions import (
    ConfirmedFiles,
    SessionManifest,
    SessionStage,
    SessionStatus,
    UploadRecord,
    UploadSession,
)
from jira_pipeline.model.source_tables import FolderReading, SourceFile
from jira_pipeline.model.specification_source import LAYOUT_NAME
from jira_pipeline.model.waiting_uploads import WaitingUpload
from jira_pipeline.sheets.inbox import InboxArrival
from jira_pipeline.sheets.kept_readings import (
    keep_reading,
    read_older_upload,
    reading_to_keep,
    stored_reading,
)
from jira_pipeline.sheets.layout_beside import layout_beside
from jira_pipeline.sheets.manifest import MANIFEST_NAMES, find_manifest, read_manifest
from jira_pipeline.sheets.upload_reading import (
    SpecificationReading,
    UploadOutcome,
    group_tables,
    shares_no_ticket,
    upload_path_of,
)
from jira_pipeline.sheets.version_changes import VersionThing, version_things

CONTENTS = "contents"
"""What a process remembers the sheets of an upload by, see `grouped_name`."""

_READ_ONLY = 0o400


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutConfirmation:
    """Somebody confirms the layout of the files that are registered."""

    used: UsedLayout
    revision: int
    """Of the draft that it takes the place of."""
    files: ConfirmedFiles
    """What the person looked at."""


def grouped_name(upload_path: str, manifest: SessionManifest) -> tuple[str, bool, bool]:
    """Name what sheets are grouped to by all that decides it."""
    return upload_path, manifest.include_waiting, manifest.removals


def read_kept_copy(pipeline: Pipeline, session: UploadSession) -> SpecificationReading:
    """Read the immutable copy of a session; what is returned is what was registered.

    Raises:
        StoreError: Files differ, are missing or were added.
        LayoutNeededError: They are of an older program, and no reader of this one reads them.
    """
    folder = pipeline.store.files.folder(upload_place(session.upload_path))
    refuse_missing_copy(session, folder)
    registered = pipeline.store.sessions.files(session.session_key)
    reading = stored_reading(pipeline, session.session_key, session.content_sha256)
    if reading is not None:
        refuse_altered_copy(session, registered=registered, read=(), folder=folder)
    else:
        reading = _read_once(pipeline, session, folder, registered=registered)
    return pipeline.source.run_in_subprocess(partial(group_tables, reading, session.manifest))


def _read_once(
    pipeline: Pipeline, session: UploadSession, folder: Path, *, registered: Sequence[SourceFile]
) -> FolderReading:
    """Read the copy of a session whose reading is not stored, and store it."""
    key = session.session_key
    reading = read_older_upload(pipeline, folder, session.manifest, session_key=key)
    files = [table.file for table in reading.tables]
    refuse_altered_copy(session, registered=registered, read=files, folder=folder)
    keep_reading(pipeline, reading_to_keep(pipeline, key, session.content_sha256, reading))
    return reading


def register_upload(
    pipeline: Pipeline,
    folder: Path,
    *,
    session_key: str,
    auto_approve: bool = False,
    as_new: bool = False,
    replaces_all: bool = False,
    site_name: str | None = None,
    manifest: SessionManifest,
    reading: SpecificationReading,
    arrival: InboxArrival | None = None,
    confirmation: LayoutConfirmation | None = None,
    is_of_settings: bool = False,
    actor: str,
) -> UploadOutcome:
    """Make a folder of sheets, or a workbook, an upload session, or leave all as it was.

    The same content again is a no-op; other content replaces the upload. `site_name` is what a new
    site is called where the manifest does not say; `is_of_settings`: a person changed the settings.
    An `arrival` in the inbox is remembered with the session, and brings earlier sheets back only
    where somebody changed its folder. A `confirmation` of its layout takes the place of the draft.
    Issues that exist are not changed: `results` lists what people have to change in them.

    An upload that needs a layout waits for it: the session keeps the sheets it has until then.

    Raises:
        GateError: It has not one ticket of the session, and nobody said that it `replaces_all`.
        SessionLockedError: The session is being exported and the content differs.
        EarlierSheetsError: The inbox holds what the session had before its newer sheets.
    """
    sessions = pipeline.store.sessions
    files = pipeline.store.files
    now = pipeline.clock.now()
    manifest_path = find_manifest(folder)
    names = sorted(
        {*reading.file_hashes}
        | ({manifest_path.name} if manifest_path else set())
        | ({manifest.logo} if manifest.logo else set())
    )
    holder = folder if folder.is_dir() else folder.parent
    added = {} if reading.layout is None else {LAYOUT_NAME: reading.layout}
    with copied(holder, names, added=added, staging_path=files.staging_path) as copy:
        _refuse_changed_files(copy, manifest=manifest, hashes=reading.file_hashes)
        content_sha256 = folder_content_sha256(copy)
        known = sessions.find(session_key)
        if reading.needs_layout and known is not None:
            same = reading_of_same_sheets(
                pipeline, known, reading.file_hashes, layout=reading.layout, manifest=manifest
            )
            reading = same or reading
        # The sheets in force do not wait, though nobody may be able to read them just now.
        is_in_force = known is not None and _is_in_force(known, content_sha256)
        waits = reading.needs_layout and not is_in_force
        manifest = replace(
            manifest,
            auto_approve=manifest.auto_approve or auto_approve,
            as_new=manifest.as_new or as_new,
            site_name=manifest.site_name
            or _name_of_site(known, site_name, is_of_settings=is_of_settings),
        )
        upload_path = upload_path_of(session_key, content_sha256)
        waiting = WaitingUpload(
            session_key=session_key,
            content_sha256=content_sha256,
            upload_path=upload_path,
            manifest=manifest,
            replaces_all=replaces_all,
            is_of_settings=is_of_settings,
            uploaded_by=actor,
            uploaded_at=now,
        )
        kept_reading = reading_to_keep(pipeline, session_key, content_sha256, reading.folder)
        if arrival is not None and not _has_content(known, content_sha256):
            _refuse_earlier_sheets(pipeline, arrival, known, content_sha256)
        outcome_of = partial(
            UploadOutcome,
            files=reading.files,
            tables=reading.tables,
            findings=reading.findings,
            groups=() if reading.needs_layout else reading.groups,
            known_findings=sessions.findings(session_key) if known else (),
            needs_layout=waits,
        )
        if known is not None and _is_there_already(pipeline, known, waiting, reading):
            is_restored = files.keep(upload_place(upload_path), copy, at=now)
            if not reading.needs_layout:
                # Its copy may have been damaged when the store was upgraded.
                keep_reading(pipeline, kept_reading)
            if is_in_force:
                sessions.discard_waiting_upload(session_key, by=actor, at=now)
            session = sessions.get(session_key)
            return outcome_of(session=session, is_unchanged=True, is_restored=is_restored)
        if known is not None and not waits:
            _refuse_replacement(pipeline, known, reading, waiting)
        contents = files.placed(upload_place(upload_path), copy, at=now)
    record = UploadRecord(
        session_key=session_key,
        content_sha256=content_sha256,
        upload_path=upload_path,
        manifest=manifest,
        files=reading.files,
        findings=reading.findings,
        contents=contents,
        reading=kept_reading,
        is_of_settings=is_of_settings,
        confirms=None if confirmation is None else confirmation.files,
    )
    session = _registered(
        pipeline,
        record,
        waiting if waits else None,
        arrival=arrival,
        confirmation=confirmation,
        at=now,
        actor=actor,
    )
    if waits:
        return outcome_of(session=session, is_unchanged=False)
    pipeline.memory.as_of(None, CONTENTS, grouped_name(upload_path, manifest), lambda: reading)
    replaced = known if known is not None and known.has_sheets else None
    return outcome_of(session=session, is_unchanged=False, replaced=replaced)


def _registered(
    pipeline: Pipeline,
    record: UploadRecord,
    waiting: WaitingUpload | None,
    *,
    arrival: InboxArrival | None,
    confirmation: LayoutConfirmation | None,
    at: datetime,
    actor: str,
) -> UploadSession:
    """Keep an upload as the sheets of its session, or as one that waits for its layout."""
    sessions = pipeline.store.sessions
    register = partial(sessions.register, record, at=at, actor=actor)
    if waiting is not None:
        register = partial(sessions.register_waiting, waiting, record, actor=actor)
    if arrival is None and confirmation is None:
        return register()
    # At once, so that a daemon that is killed here does not take its folder for a changed one, and
    # a draft that somebody changes meanwhile is not confirmed.
    with pipeline.store.database.together():
        if confirmation is not None:
            pipeline.store.layouts.confirm(confirmation.used, revision=confirmation.revision)
        session = register()
        if arrival is not None:
            pipeline.store.inbox.note(arrival.handled(record.content_sha256, at=at))
    return session


def _name_of_site(
    known: UploadSession | None, proposed: str | None, *, is_of_settings: bool
) -> str | None:
    """Return what a site is called of which the manifest does not say it.

    A site keeps its name: a file of the next version is usually called otherwise. Where somebody
    cleared the name in its settings, the files say it again.
    """
    if known is None or is_of_settings:
        return proposed
    return known.manifest.site_name


def _has_content(known: UploadSession | None, content_sha256: str) -> bool:
    """Tell whether a session has these files, as its sheets or as those that wait."""
    return known is not None and content_sha256 in {known.content_sha256, known.waiting_sha256}


def _is_in_force(known: UploadSession, content_sha256: str) -> bool:
    """Tell whether these files are the sheets that a session has."""
    return known.has_sheets and known.content_sha256 == content_sha256


def _is_there_already(
    pipeline: Pipeline, known: UploadSession, upload: WaitingUpload, reading: SpecificationReading
) -> bool:
    """Tell whether a session has, or waits for, just these files, and nothing new is asked of it."""
    if not _is_in_force(known, upload.content_sha256):
        waiting = pipeline.store.sessions.waiting_upload(known.session_key)
        is_same = waiting is not None and _is_same_upload(upload, waiting)
        return reading.needs_layout and is_same
    if reading.needs_layout:  # what is asked of them counts once they can be read again
        return True
    is_asked_newly = (upload.manifest.auto_approve and not known.manifest.auto_approve) or (
        upload.manifest.as_new and not known.manifest.as_new
    )
    return not is_asked_newly or pipeline.store.ledger.has_receipts(known.session_key)


def _refuse_replacement(
    pipeline: Pipeline, known: UploadSession, reading: SpecificationReading, upload: WaitingUpload
) -> None:
    """Stop where a session may not get other sheets now, or would lose every ticket by them."""
    if known.content_sha256 == upload.content_sha256:
        return
    if (known.stage, known.status) == (SessionStage.JIRA_EXPORT, SessionStatus.RUNNING):
        raise SessionLockedError(session_key=known.session_key)
    if not upload.replaces_all:
        _refuse_other_specification(pipeline, known, reading)


def _is_same_upload(upload: WaitingUpload, other: WaitingUpload) -> bool:
    """Tell whether two uploads have the same files, and ask for the same."""
    return upload == replace(other, uploaded_by=upload.uploaded_by, uploaded_at=upload.uploaded_at)


def reading_of_same_sheets(
    pipeline: Pipeline,
    known: UploadSession,
    hashes: Mapping[str, str],
    *,
    layout: bytes | None,
    manifest: SessionManifest,
) -> SpecificationReading | None:
    """Return what the sheets of a session were read to, where an upload has just the same ones.

    A session that an older program read keeps its tickets when people change its settings: it is
    asked for a layout when other sheets come. `hashes` are those of the sheets, by file name.
    """
    if not known.has_sheets:
        return None
    folder = pipeline.store.files.folder(upload_place(known.upload_path))
    beside = {*MANIFEST_NAMES, LAYOUT_NAME, known.manifest.logo}
    try:
        contents = contents_of(pipeline, known)
        kept = {
            name: sha256 for name, sha256 in file_hashes_of(folder).items() if name not in beside
        }
    except (LayoutNeededError, StoreError, OSError):
        return None
    are_same = (
        kept == hashes
        and manifest.columns == known.manifest.columns
        and manifest.owner_blank == known.manifest.owner_blank
        and manifest.encoding == known.manifest.encoding
        and layout_beside(folder) == layout
    )
    if not are_same:
        return None
    grouped = pipeline.source.run_in_subprocess(partial(group_tables, contents.folder, manifest))
    return replace(grouped, layout=layout)


def _refuse_other_specification(
    pipeline: Pipeline, known: UploadSession, reading: SpecificationReading
) -> None:
    """Stop where a session would lose every ticket: another site lies in a folder of that name."""
    try:
        read = contents_of(pipeline, known)
    except (LayoutNeededError, StoreError):
        # Its copy is damaged, or nobody can read it: what is uploaded can only mend that.
        return
    if shares_no_ticket(read.groups, reading.groups):
        raise GateError(
            f"Nothing was uploaded: session {known.session_key} ({known.site_name}) has "
            f"{len(read.groups)} tickets, and of the {len(reading.groups)} of these sheets not one "
            "is about the same.",
            rule=GateRule.OTHER_SPECIFICATION,
        )


def _refuse_earlier_sheets(
    pipeline: Pipeline, arrival: InboxArrival, known: UploadSession | None, content_sha256: str
) -> None:
    """Stop where a folder that nobody changed would bring back what a session had before.

    A home that was moved, or an inbox that nothing is remembered of, holds each folder as if it
    had just arrived. Then only the sheets themselves tell whether they are new.
    """
    key = arrival.folder.session_key
    is_new_here = known is None and arrival.before is None
    if is_new_here or arrival.is_changed_to(content_sha256):
        return
    uploads = pipeline.store.audit.entries(key, actions=RECEIVED)
    had_at = [u.at for u in uploads if u.details["content_sha256"] == content_sha256]
    if not had_at:
        return
    became = (
        "the session was removed"
        if known is None
        else f"it has newer ones since {uploads[-1].at:%Y-%m-%d %H:%M} UTC"
    )
    folder = pipeline.settings.inbox_path / arrival.folder.name
    upload = Action.of(ActionKind.UPLOAD, "", folder=str(folder), session=key)
    raise EarlierSheetsError(
        f"session {key} got these sheets at {had_at[-1]:%Y-%m-%d %H:%M} UTC, and {became}. They are "
        "put back only where somebody says so.",
        content_sha256=content_sha256,
        recovery_actions=(
            f"To put the earlier sheets back, run `{command_of(upload)}`.",
            "Otherwise, remove the folder from the inbox, or put the newer sheets into it.",
        ),
    )


def _refuse_changed_files(
    copy: Path, *, manifest: SessionManifest, hashes: Mapping[str, str]
) -> None:
    """Stop where the copy is not what was read: the sheets, or what `session.yaml` says of them."""
    changed = [name for name, sha256 in hashes.items() if file_sha256(copy / name) != sha256]
    if read_manifest(copy) != manifest:
        changed.append(MANIFEST_NAMES[0])
    if changed:
        raise InputError(
            f"{', '.join(changed)} changed while being read.",
            recovery_actions=("Wait until the export has finished and upload again.",),
        )


def contents_of(pipeline: Pipeline, session: UploadSession) -> SpecificationReading:
    """Return the sheets of a session, read and grouped; a process does that once."""
    return pipeline.memory.as_of(
        None,
        CONTENTS,
        grouped_name(session.upload_path, session.manifest),
        partial(read_kept_copy, pipeline, session),
    )


def readable_contents(pipeline: Pipeline, session: UploadSession) -> SpecificationReading | None:
    """Return the sheets of a session, read and grouped; None where nobody can read them."""
    try:
        return contents_of(pipeline, session)
    except (LayoutNeededError, StoreError):  # newer sheets can only mend a copy that is damaged
        return None


def things_of_session(pipeline: Pipeline, session: UploadSession) -> tuple[VersionThing, ...]:
    """Return everything that the sheets of a session describe; nothing where nobody can read them."""
    contents = readable_contents(pipeline, session)
    return () if contents is None else version_things(contents.specification.entities)


def earlier_groups(
    pipeline: Pipeline, session: UploadSession, content_sha256: str
) -> Mapping[str, EntityGroup] | None:
    """Return the groups of an earlier upload of a session; None where it cannot be read any more.

    Its headers mean what its own `session.yaml` said; which groups there are is said by the
    session as it is now.

    Raises:
        ManifestError: The manifest it was uploaded with cannot be read any more.
    """
    path = upload_path_of(session.session_key, content_sha256)

    def read() -> Mapping[str, EntityGroup] | None:
        try:
            reading = stored_reading(pipeline, session.session_key, content_sha256)
            if reading is None:
                folder = pipeline.store.files.folder(upload_place(path))
                if not folder.is_dir():
                    return None
                manifest = read_manifest(folder)
                key = session.session_key
                reading = read_older_upload(pipeline, folder, manifest, session_key=key)
        except LayoutNeededError:
            return None
        whole = pipeline.source.run_in_subprocess(partial(group_tables, reading, session.manifest))
        return whole.groups_by_key

    return pipeline.memory.as_of(None, "earlier groups", grouped_name(path, session.manifest), read)


@contextmanager
def copied(
    folder: Path,
    names: Sequence[str],
    *,
    added: Mapping[str, bytes] = NO_FILES,
    staging_path: Path,
) -> Iterator[Path]:
    """Copy files beside where they will be kept, so that keeping them is one rename.

    `added` are the contents of further files, by name.
    """
    try:
        staging_path.mkdir(parents=True, exist_ok=True)
        incoming = tempfile.TemporaryDirectory(dir=staging_path, prefix=".incoming-")
    except OSError as error:
        raise _not_copied(folder.name, staging_path, error) from error
    with incoming as path:
        copy = Path(path, "files")
        try:
            copy.mkdir()
            for name in names:
                shutil.copyfile(folder / name, copy / name, follow_symlinks=False)
                (copy / name).chmod(_READ_ONLY)
            for name, content in added.items():
                (copy / name).write_bytes(content)
                (copy / name).chmod(_READ_ONLY)
        except OSError as error:
            raise _not_copied(folder.name, staging_path, error) from error
        yield copy


def refuse_altered_copy(
    session: UploadSession,
    *,
    registered: Sequence[SourceFile],
    read: Sequence[SourceFile],
    folder: Path,
) -> None:
    """Stop where a kept copy is not what was uploaded; `read` is what was read of it just now.

    What was read is not hashed again. The registered files serve to name what is wrong.
    """
    hashes = {file.file_name: file.sha256 for file in read}
    try:
        names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
        hashes |= {name: file_sha256(folder / name) for name in names - hashes.keys()}
    except OSError as error:
        raise _altered(
            session, f"{error.filename} cannot be read: {system_message(error)}"
        ) from error
    if content_sha256(hashes) == session.content_sha256:
        return
    known = {file.file_name: file.sha256 for file in registered}
    missing = [f"{name} is missing" for name in sorted(known.keys() - names)]
    added = [
        f"{name} was added"
        for name in sorted(names - known.keys() - {*MANIFEST_NAMES, LAYOUT_NAME})
    ]
    differing = [
        f"{name} differs" for name in sorted(known) if hashes.get(name, known[name]) != known[name]
    ]
    beside = "session.yaml or layout.yaml" if LAYOUT_NAME in names else "session.yaml"
    faults = [*differing, *missing, *added] or [f"{beside} differs"]
    raise _altered(session, "; ".join(faults))


def refuse_missing_copy(session: UploadSession, folder: Path) -> None:
    """Stop where the kept copy of a session is gone."""
    if not folder.is_dir():
        raise _altered(session, f"{folder} is missing")


def _altered(session: UploadSession, what: str) -> StoreError:
    key = session.session_key
    return StoreError(
        f"The kept copy of session {key} is not what was uploaded: {what}. It was not read.",
        recovery_actions=(
            Action.of(
                ActionKind.UPLOAD,
                f"Upload the same {session.source_word} again: {{}}.",
                session=key,
            ),
            "This restores the copy; then start again.",
        ),
    )


def _not_copied(name: str, staging_path: Path, error: OSError) -> StoreError:
    return StoreError.because(
        error,
        f"The files of {name} could not be copied to {staging_path}: {system_message(error)}.",
        recovery_actions=(
            "Check that the disk has space and that the folder is writable, then upload again.",
        ),
    )
