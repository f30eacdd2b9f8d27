"""How sessions come and go: a folder becomes a session, its sheets are read, it is removed.

Belongs here: calling a stage with what the process works with, the order of removing. Does not:
rules (`sheets/upload_reading`, `sheets/inbox`), which sessions the clock removes
(`context/retention`).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.run_errors import unexpected_error
from jira_pipeline.export.target_questions import duplicate_sessions_of
from jira_pipeline.model.actions import Action
from jira_pipeline.model.audit_actions import UPLOADING, AuditAction
from jira_pipeline.model.errors import (
    EarlierSheetsError,
    ErrorCategory,
    LayoutRefusedError,
    PipelineError,
)
from jira_pipeline.model.findings import Finding, sorted_findings
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.kept_files import CACHE, UPLOADS
from jira_pipeline.model.manifest_settings import settings_made
from jira_pipeline.model.runs import RETENTION, UPLOAD_SENSOR
from jira_pipeline.model.same_specifications import SameSpecification
from jira_pipeline.model.session_keys import checked_session_key
from jira_pipeline.model.sessions import HandledFolder, SessionManifest, SessionStage, UploadSession
from jira_pipeline.model.sheet_names import is_of_file
from jira_pipeline.model.specification_source import is_package
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.approvals import tickets_left_by_sheets
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.withdrawals import vanished_json
from jira_pipeline.sessions.notifying import notify_of_layout
from jira_pipeline.sheets.inbox import (
    InboxArrival,
    acceptance_text,
    refusal_text,
    refuse_unusable,
    write_beside,
)
from jira_pipeline.sheets.kept_uploads import earlier_groups, register_upload
from jira_pipeline.sheets.layout_beside import layout_beside
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.manifest_changes import replaced_settings
from jira_pipeline.sheets.missing_sheets import missing_sheets
from jira_pipeline.sheets.upload_preview import TicketChange, asked_rows, ticket_changes
from jira_pipeline.sheets.upload_reading import (
    SpecificationReading,
    UploadOutcome,
    read_specification,
    refuse_errors,
    session_key_for,
    site_name_of,
)
from jira_pipeline.store.files import FolderFiles

UNDER_WAY = timedelta(minutes=10)
"""A folder that is younger may be of an upload whose session is not registered yet."""


def upload(
    pipeline: Pipeline,
    folder: Path,
    *,
    session_key: str | None,
    auto_approve: bool,
    actor: str,
    as_new: bool = False,
    replaces_all: bool = False,
    site_name: str = "",
    is_of_settings: bool = False,
    layout: bytes | None = None,
) -> UploadOutcome:
    """Register a folder of sheets, or a workbook, as a session, or as newer sheets of one.

    Args:
        pipeline: What the process works with.
        folder: The folder, or the workbook.
        session_key: The session's key; None makes one from the folder's name.
        auto_approve: Whether valid tickets are approved without a person.
        actor: Who uploads, for the audit trail.
        as_new: Whether new issues are wanted although another session has the same specification.
        replaces_all: Whether newer sheets may share no ticket with the session.
        site_name: The name of a new site; empty takes it from the files.
        is_of_settings: Whether a person changed the settings on the session's page.
        layout: The content of a layout, in place of the one in the folder.

    Raises:
        GateError: Newer sheets share no ticket with the session, and `replaces_all` is false.
        SessionKeyError: The key is malformed.
        ManifestError: `session.yaml` cannot be used.
        LayoutRefusedError: The layout cannot be used.
        SheetsRefusedError: The sheets hold blocking findings.
        SessionLockedError: The session is being exported and the content differs.
    """
    name = site_name or site_name_of(folder.resolve(), is_named_so=session_key is None)
    if session_key is None:
        session_key = session_key_for(folder.resolve())
    key = checked_session_key(session_key)
    manifest = read_manifest(folder)
    reading = _read_upload(pipeline, folder, session_key=key, manifest=manifest, layout=layout)
    refuse_errors(
        reading.findings,
        source=folder.name,
        needs_layout=reading.needs_layout,
        files=reading.files,
    )
    outcome = register_upload(
        pipeline,
        folder,
        session_key=key,
        auto_approve=auto_approve,
        as_new=as_new,
        replaces_all=replaces_all,
        site_name=name,
        manifest=manifest,
        reading=reading,
        is_of_settings=is_of_settings,
        actor=actor,
    )
    _remember_layout(pipeline, outcome, reading, by=actor)
    return outcome


def _read_upload(
    pipeline: Pipeline,
    folder: Path,
    *,
    session_key: str,
    manifest: SessionManifest,
    layout: bytes | None = None,
) -> SpecificationReading:
    """Read an upload, with the session's last layout where it has none of its own.

    Where the last layout leaves something to settle, the upload counts as one without a layout, and
    its findings say what changed.
    """
    read = partial(read_specification, folder, manifest=manifest, source=pipeline.source)
    used = layout_used_last(pipeline, folder, session_key=session_key) if layout is None else None
    if used is None:
        return read(layout=layout)
    reading = read(layout=used)
    return replace(reading, layout=None) if reading.needs_layout else reading


def layout_used_last(pipeline: Pipeline, folder: Path, *, session_key: str) -> bytes | None:
    """Return the layout that a session was last read with, for a folder that has none.

    None where the folder has a layout or packages, which have no worksheets, where the session had no
    layout, or where this program cannot read it.
    """
    used = pipeline.store.layouts.used_by(session_key)
    files = [*folder.iterdir()] if folder.is_dir() else [folder]
    if used is None or layout_beside(folder) is not None or any(map(is_package, files)):
        return None
    from jira_pipeline.sheets.layouts.layout_files import read_layout  # noqa: PLC0415 - of few uploads

    content = used.layout.encode()
    try:
        read_layout(content)
    except LayoutRefusedError:  # a newer or older program wrote it
        return None
    return content


def _remember_layout(
    pipeline: Pipeline, outcome: UploadOutcome, reading: SpecificationReading, *, by: str
) -> None:
    """Store a layout that came with an upload, so that the next upload can use it.

    One that left something to settle is not stored.
    """
    if reading.layout is None or reading.needs_layout or outcome.is_unchanged:
        return
    from jira_pipeline.sessions.layouts import remember_layout  # noqa: PLC0415 - of few uploads

    remember_layout(pipeline, outcome.session, reading.layout, by=by)


@json_fields(
    "session_key=outcome.session.session_key is_unchanged=outcome.is_unchanged "
    "needs_layout=outcome.needs_layout is_replaced=outcome.is_replaced files=outcome.files findings=outcome.findings "
    "missing_sheets withdrawals=withdrawals_shown same_specification project_warnings "
    "replaced_settings"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """The result of an upload, with what people should know of it."""

    outcome: UploadOutcome
    missing_sheets: tuple[str, ...]
    leaving: tuple[Ticket, ...]
    """The tickets whose withdrawal the next generation proposes."""
    same_specification: tuple[SameSpecification, ...]
    project_warnings: tuple[str, ...]
    settings_before: Mapping[str, str]
    """The settings before this upload, of the session or of a removed one with its key, by name."""

    @property
    def replaced_settings(self) -> tuple[str, ...]:
        """The settings that this upload changed, as texts for people."""
        return replaced_settings(self.settings_before, self.outcome.session.manifest)

    @property
    def withdrawals_shown(self) -> list[dict[str, object]]:
        """The leaving tickets as JSON."""
        return [vanished_json(ticket) for ticket in self.leaving]

    @property
    def became(self) -> str:
        """What the upload did to the session, as a word or clause for people."""
        if self.outcome.needs_layout:
            return "needs a layout before its sheets are used"
        if self.outcome.is_restored:
            return "unchanged; its saved copy was restored"
        if self.outcome.is_replaced:
            return "replaced"
        return "unchanged" if self.outcome.is_unchanged else "registered"


def uploaded(pipeline: Pipeline, outcome: UploadOutcome) -> Uploaded:
    """Return an upload with what people should know of it.

    That is: tickets that it leaves without rows, missing sheets, sessions with the same
    specification, and what keeps an export from the Jira project.
    """
    session = OpenSession(pipeline=pipeline, stored=outcome.session)
    warnings: tuple[str, ...] = ()
    if not outcome.is_unchanged and not pipeline.settings.is_sandbox:
        from jira_pipeline.export.project_check import project_warnings  # noqa: PLC0415 - HTTP client

        warnings = project_warnings(pipeline, session.key)
    leaving = () if outcome.needs_layout else tickets_left_by_sheets(session)
    same_specification = tuple(duplicate_sessions_of(session, outcome.group_keys))
    return Uploaded(
        outcome=outcome,
        missing_sheets=tuple(missing_sheets(outcome.files, outcome.findings)),
        leaving=leaving,
        same_specification=same_specification,
        project_warnings=warnings,
        settings_before=_settings_before(pipeline, outcome),
    )


def _settings_before(pipeline: Pipeline, outcome: UploadOutcome) -> Mapping[str, str]:
    if outcome.replaced is not None:
        return settings_made(outcome.replaced.manifest)
    if outcome.is_unchanged:
        return {}
    return pipeline.store.kept_reviews.settings(outcome.session)


def changed_tickets(pipeline: Pipeline, outcome: UploadOutcome) -> tuple[TicketChange, ...] | None:
    """Return what an upload of newer sheets changes, ticket by ticket, like its preview.

    Empty for the first sheets of a session; None where the copy of the earlier ones is gone.
    """
    from jira_pipeline.tickets.questions.found_questions import all_open_questions  # noqa: PLC0415 - all rules

    if outcome.replaced is None:
        return ()
    before = earlier_groups(pipeline, outcome.replaced, outcome.replaced.content_sha256)
    if before is None:
        return None
    session = OpenSession(pipeline=pipeline, stored=outcome.session)
    left_open = all_open_questions(outcome.groups, session.contents.specification)
    return ticket_changes(
        before,
        outcome.groups,
        tickets=session.tickets,
        asked_after=asked_rows((group.key, question) for group, question in left_open),
    )


def read_files(session: OpenSession) -> SpecificationReading:
    """Read the stored copy of a session's upload and store its findings.

    Findings about files that could not be copied, because they were too large or unreadable, stay as
    they were when the folder was uploaded.

    Raises:
        StoreError: The copy is not what was uploaded; nothing is stored.
    """
    reading = session.contents
    kept_names = {file.file_name for file in session.files}

    def is_of_kept_file(finding: Finding) -> bool:
        file = finding.file
        return file is not None and any(is_of_file(file, name) for name in kept_names)

    about_others = [finding for finding in session.findings if not is_of_kept_file(finding)]
    findings = sorted_findings({*reading.findings, *about_others})
    session.store.sessions.record_reading(session.key, files=reading.files, findings=findings)
    return replace(reading, findings=findings)


def upload_inbox_folder(
    pipeline: Pipeline, folder: Path, *, arrival: InboxArrival | None = None
) -> UploadOutcome:
    """Register a folder or workbook of the inbox, even with findings that block it.

    Nobody waits for an answer here, so they are stored, and the run that follows fails with them. The
    session's key is the name of the folder or workbook as a slug.
    """
    manifest = read_manifest(folder)
    key = session_key_for(folder)
    reading = _read_upload(pipeline, folder, session_key=key, manifest=manifest)
    outcome = register_upload(
        pipeline,
        folder,
        session_key=key,
        site_name=site_name_of(folder, is_named_so=True),
        manifest=manifest,
        reading=reading,
        arrival=arrival,
        actor=UPLOAD_SENSOR,
    )
    _remember_layout(pipeline, outcome, reading, by=UPLOAD_SENSOR)
    return outcome


def upload_from_inbox(
    pipeline: Pipeline,
    arrival: InboxArrival,
    *,
    job_name_of: Callable[[UploadSession], str],
    run_key_of: Callable[[UploadSession], str],
    text_of: Callable[[Action], str],
    project_warnings_of: Callable[[UploadSession], Sequence[str]],
    log: logging.Logger,
) -> UploadSession | PipelineError:
    """Register a folder of the inbox; return its session, or the error for which it is refused.

    A text file beside the folder tells people which. Every exception is a refusal, so that other
    folders go on. The store notes the folder only after the file is written, so that an interrupted
    look is repeated.

    Args:
        pipeline: What the process works with.
        arrival: The folder, with a signature that changes with its files.
        job_name_of: Returns the name of the job that the session's run has.
        run_key_of: Returns the key of that run.
        text_of: Returns an action as text for the file.
        project_warnings_of: Returns what keeps an export from the Jira project.
        log: Where people look for what failed.
    """
    folder = arrival.folder
    taken: UploadSession | PipelineError
    text = ""
    at = pipeline.clock.now()
    try:
        refuse_unusable(folder)
        path = pipeline.settings.inbox_path / folder.name
        outcome = upload_inbox_folder(pipeline, path, arrival=arrival)
    except PipelineError as error:
        taken = error
    except Exception as error:
        log.exception("inbox/%s was not uploaded", folder.shown_name)
        taken = unexpected_error(f"Reading inbox/{folder.shown_name}", error)
    else:
        taken = outcome.session
        warnings = () if outcome.is_unchanged else project_warnings_of(taken)
        for warning in warnings:
            log.warning("inbox/%s: %s", folder.shown_name, warning)
        session = OpenSession(pipeline=pipeline, stored=taken)
        notify_of_layout(session, outcome)
        text = acceptance_text(
            folder,
            outcome,
            job_name=job_name_of(taken),
            text_of=text_of,
            at=at,
            same=duplicate_sessions_of(session, outcome.group_keys),
            replaced_settings=replaced_settings(
                _settings_before(pipeline, outcome), taken.manifest
            ),
            project_warnings=warnings,
        )
    if isinstance(taken, PipelineError):
        log.warning("inbox/%s was not uploaded: %s", folder.shown_name, taken.message)
        if is_inbox_settled(taken):
            pipeline.store.errors.record(
                taken, session_key=folder.session_key, stage=SessionStage.UPLOAD.value, at=at
            )
            text = refusal_text(folder, taken, text_of=text_of, at=at)
    try:
        if text:
            write_beside(pipeline.settings.inbox_path, folder, text)
    except OSError as error:  # an inbox that may only be read is no reason to stop
        log.warning("nothing could be written beside inbox/%s: %s", folder.shown_name, error)
    if is_inbox_settled(taken):
        pipeline.store.inbox.note(_handled_folder(arrival, taken, run_key_of=run_key_of, at=at))
    return taken


def _handled_folder(
    arrival: InboxArrival,
    taken: UploadSession | PipelineError,
    *,
    run_key_of: Callable[[UploadSession], str],
    at: datetime,
) -> HandledFolder:
    """Return what the store notes of a folder, so that it is not taken again until it changes."""
    signature = arrival.folder.signature
    match taken:
        case UploadSession(waiting_sha256=str() as waiting_sha256):
            # No run begins before somebody says what its worksheets hold.
            return arrival.handled(waiting_sha256, signature=signature, at=at)
        case UploadSession():
            run_key = run_key_of(taken)
            return arrival.handled(
                taken.content_sha256, signature=signature, awaited_run_key=run_key, at=at
            )
        case EarlierSheetsError():
            return arrival.handled(taken.content_sha256, signature=signature, at=at)
        case _:
            return arrival.handled(None, signature=signature, at=at)


def upload_count(pipeline: Pipeline, session_key: str) -> int:
    """Return how often new sheets were uploaded to a session, also before it was removed."""
    return len(pipeline.store.audit.entries(session_key, actions=UPLOADING))


def is_inbox_settled(upload: UploadSession | PipelineError) -> bool:
    """Tell whether a folder is not tried again until it changes; temporary errors are."""
    return isinstance(upload, UploadSession) or upload.category is not ErrorCategory.TEMPORARY


def remove_session(
    pipeline: Pipeline,
    session_key: str,
    *,
    remove_partition: Callable[[str], None],
    last_entry: int | None = None,
) -> bool:
    """Remove a session, its partition and its files; return whether it is gone.

    A session stays in which anything was done after the audit entry `last_entry`, and so does one
    that is uploaded again meanwhile. Without `last_entry` only the rest of an interrupted removal is
    removed. Files go last, so that a crash leaves nothing that cannot be removed later. The audit
    trail, the ledger and the history of runs stay.

    Raises:
        StoreError: A file cannot be removed; removing again carries on.
    """
    sessions = pipeline.store.sessions
    if sessions.find(session_key) is not None:
        is_removed = last_entry is not None and sessions.remove(
            session_key, at=pipeline.clock.now(), by=RETENTION, last_entry=last_entry
        )
        if not is_removed:
            return False
    remove_partition(session_key)
    home_path = pipeline.settings.home_path
    for path in files_of_session(pipeline, session_key):
        if sessions.find(session_key) is not None:
            return False
        FolderFiles(home_path).remove(str(path.relative_to(home_path)))
    return True


def sessions_with_files_left(pipeline: Pipeline) -> Sequence[str]:
    """Return the keys of removed sessions whose files are still there, as a removal was interrupted."""
    keys = {session.session_key for session in pipeline.store.sessions.list_all()}
    uploads = pipeline.settings.uploads_path
    if not uploads.is_dir():
        return ()
    settled = (pipeline.clock.now() - UNDER_WAY).timestamp()
    folders = {
        path.name for path in uploads.iterdir() if path.is_dir() and path.stat().st_mtime < settled
    }
    gone = []
    for key in sorted(folders - keys):
        entries = pipeline.store.audit.entries(key)
        # A folder without that entry is of a first upload that was not registered.
        if entries and entries[-1].action == AuditAction.SESSION_REMOVED:
            gone.append(key)
    return tuple(gone)


def files_of_session(pipeline: Pipeline, session_key: str) -> tuple[Path, ...]:
    """Return the folders of a session outside the store, as far as they exist: copies, caches, pages."""
    settings = pipeline.settings
    cached = settings.home_path / CACHE / UPLOADS / session_key
    folders = [settings.uploads_path / session_key, cached, settings.pages_path / session_key]
    return tuple(path for path in folders if path.exists())
