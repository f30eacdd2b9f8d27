"""Upload sessions, their files and findings.

Belongs here: keeping them, their stage, progress and requests to cancel. Does not: whether an upload
may be replaced (`sheets/kept_uploads`), validations (`validation_store`), folders of the inbox
(`inbox_store`), sites compared (`site_verification_store`).

A session has a key that people chose, such as `museum`, and the last upload of sheets under that
key. It is in a stage (upload, review, export …) with a status (idle, running, waiting …). An upload
whose layout nobody confirmed yet waits beside the sheets that the session has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, insert, select

from jira_pipeline.model.audit_actions import OF_SETTINGS, REPLACED_SETTINGS, AuditAction
from jira_pipeline.model.errors import EditConflictError, SessionLockedError
from jira_pipeline.model.findings import Finding, sorted_findings
from jira_pipeline.model.kept_files import UPLOADS, upload_place
from jira_pipeline.model.manifest_settings import changed_settings, settings_made
from jira_pipeline.model.runs import PIPELINE
from jira_pipeline.model.sessions import (
    AT_WORK,
    AsNew,
    ConfirmedFiles,
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadRecord,
    UploadSession,
    Wait,
    first_percentage,
)
from jira_pipeline.model.source_tables import SourceFile
from jira_pipeline.model.waiting_uploads import WaitingUpload
from jira_pipeline.model.work_records import Retried
from jira_pipeline.store import tables
from jira_pipeline.store.changes import (
    CHANGED_CONTENT,
    SESSION_COLUMNS,
    SESSION_QUERY,
    SessionPart,
    append_audit,
    lock_session,
    newest_entry,
    session_if_any,
    unknown_session,
    update_session,
)
from jira_pipeline.store.files import delete_files, insert_files
from jira_pipeline.store.kept_reviews import keep_reviews
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import repeated
from jira_pipeline.store.upload_readings import put_reading

_SESSIONS = tables.sessions.c
_FILE = Rows(tables.source_files, SourceFile)
_FILES = tables.source_files.c
_FINDING = Rows(tables.findings, Finding)
_WAITING = Rows(tables.waiting_uploads, WaitingUpload)
_FINDINGS = _FINDING.query.where(tables.findings.c.session_key == bindparam("session")).order_by(
    tables.findings.c.position
)
_NO_CANCEL: Mapping[str, object] = {
    "cancel_requested_at": None,
    "cancel_requested_by": None,
    "cancel_run_id": None,
}
_NO_PROGRESS: Mapping[str, object] = {
    "progress_percentage": 0.0,
    "progress_text": "",
    "progress_details": None,
    "wait": None,
}
_AFTER_WRITING = {SessionStage.REVIEW, SessionStage.COMPLETED}


class SessionStore(SessionPart):
    """Keeps upload sessions, their files and findings."""

    def find(self, session_key: str) -> UploadSession | None:
        rows = self._database.fetch(SESSION_QUERY, {"session": session_key})
        return UploadSession(**rows[0]._asdict()) if rows else None

    def get(self, session_key: str) -> UploadSession:
        """Return the session, or raise NotFoundError that names it and the known ones."""
        session = self.find(session_key)
        if session is None:
            raise self._read(unknown_session, session_key)
        return session

    def list_all(self) -> tuple[UploadSession, ...]:
        """Return all sessions, newest first."""
        query = select(*SESSION_COLUMNS).order_by(
            _SESSIONS.created_at.desc(), _SESSIONS.session_key
        )
        return tuple(UploadSession(**row._asdict()) for row in self._database.fetch(query))

    @repeated
    def register(self, upload: UploadRecord, *, at: datetime, actor: str) -> UploadSession:
        """Create the session, or replace its upload (files, findings, manifest), in one step.

        Replacing sets `last_invalidated_at` and resets progress and a request to cancel. Ready
        marks stay: they are bound to what was validated, and count only as long as it is the same.
        The writer that people chose stays too, unless the manifest names another one than before.
        An upload that waited for its layout is discarded.

        Raises:
            SessionLockedError: The session is being exported, and the sheets are others.
            EditConflictError: The upload confirms the layout of files that are not waiting any more.
        """
        key = upload.session_key
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"session {key}")
            session = session_if_any(connection, key)
            if upload.confirms is not None:
                _refuse_other_files(session, upload.confirms)
            values: dict[str, object] = {
                "content_sha256": upload.content_sha256,
                "upload_path": upload.upload_path,
                "manifest": upload.manifest,
                "stage": SessionStage.UPLOAD,
                "status": SessionStatus.IDLE,
                "updated_at": at,
                **_NO_PROGRESS,
                "failed_at_ticket_number": None,
                **_NO_CANCEL,
            }
            if session is not None:
                place = (session.stage, session.status)
                is_exporting = place == (SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
                # Only now, under the lock: an export may have begun since the folder was read.
                if is_exporting and session.content_sha256 != upload.content_sha256:
                    raise SessionLockedError(session_key=key)
                if session.manifest.writer != upload.manifest.writer:
                    values["writer"] = None
                update_session(
                    connection, key, values | {"last_invalidated_at": at, **CHANGED_CONTENT}
                )
            else:
                row = {"session_key": key, "created_at": at, **values}
                connection.execute(insert(tables.sessions).values(row))
            _replace_reading(connection, key, files=upload.files, findings=upload.findings)
            delete_rows(connection, tables.waiting_uploads, session_key=key)
            if upload.reading is not None:
                put_reading(connection, upload.reading)
            insert_files(connection, upload_place(upload.upload_path), upload.contents, at=at)
            append_audit(
                connection,
                at=at,
                session_key=key,
                actor=actor,
                action=AuditAction.UPLOAD_REPLACED if session else AuditAction.SESSION_REGISTERED,
                details={
                    "content_sha256": upload.content_sha256,
                    "files": sorted(file.name for file in upload.files),
                    **_settings_details(upload, session),
                },
            )
            return lock_session(connection, key)

    @repeated
    def register_waiting(
        self, waiting: WaitingUpload, upload: UploadRecord, *, actor: str
    ) -> UploadSession:
        """Keep an upload that waits for its layout, in place of one that waited before.

        A session that has sheets keeps them and its state. Otherwise the session is created, or
        taken over, for the files that wait; it has no sheets until their layout is confirmed.
        """
        key = waiting.session_key
        at = waiting.uploaded_at
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"session {key}")
            session = session_if_any(connection, key)
            if session is None:
                action = AuditAction.SESSION_REGISTERED
            elif session.has_sheets:
                action = AuditAction.UPLOAD_WAITS
            else:
                action = AuditAction.UPLOAD_REPLACED
            if action is not AuditAction.UPLOAD_WAITS:
                _put_session_without_sheets(connection, waiting, is_new=session is None)
                _replace_reading(connection, key, files=upload.files, findings=upload.findings)
            delete_rows(connection, tables.waiting_uploads, session_key=key)
            insert_rows(connection, tables.waiting_uploads, [_WAITING.cells(waiting)])
            if upload.reading is not None:
                put_reading(connection, upload.reading)
            insert_files(connection, upload_place(upload.upload_path), upload.contents, at=at)
            append_audit(
                connection,
                at=at,
                session_key=key,
                actor=actor,
                action=action,
                details={
                    "content_sha256": waiting.content_sha256,
                    "files": sorted(file.name for file in upload.files),
                    "needs_layout": True,
                },
            )
            return lock_session(connection, key)

    def waiting_upload(self, session_key: str) -> WaitingUpload | None:
        """Return the upload of a session that waits for its layout, or None."""
        return self._first(_WAITING, session_key=session_key)

    @repeated
    def discard_waiting_upload(self, session_key: str, *, by: str, at: datetime) -> bool:
        """Discard the upload that waits for its layout; the session keeps the sheets it has.

        Return False where none waits, or the session has no other sheets.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            waiting_sha256 = change.session.waiting_sha256
            if waiting_sha256 is None or not change.session.has_sheets:
                return False
            delete_rows(change.connection, tables.waiting_uploads, session_key=session_key)
            change.note(AuditAction.WAITING_UPLOAD_DISCARDED, content_sha256=waiting_sha256)
            return True

    @repeated
    def record_reading(
        self, session_key: str, *, files: Sequence[SourceFile], findings: Sequence[Finding]
    ) -> None:
        """Replace the stored files and findings of a session with what was read just now."""
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            _replace_reading(connection, session_key, files=files, findings=findings)

    def files(self, session_key: str) -> tuple[SourceFile, ...]:
        """Return its files, by name."""
        return self._values(_FILE, order_by=[_FILES.name], session_key=session_key)

    def findings(self, session_key: str, *, code: str | None = None) -> tuple[Finding, ...]:
        """Return its findings as `sorted_findings` orders them: all, or those of a code."""
        query = _FINDINGS if code is None else _FINDINGS.where(tables.findings.c.code == code)
        return _FINDING.values_of(self._database.fetch(query, {"session": session_key}))

    @repeated
    def set_stage(
        self,
        session_key: str,
        *,
        stage: SessionStage,
        status: SessionStatus,
        at: datetime,
        run_id: str | None = None,
        failed_at_ticket_number: int | None = None,
        is_undone: bool = False,
        started_by: str | None = None,
    ) -> None:
        """Move a session to a stage and status; audited.

        `run_id` is kept where one is given. `started_by` is the person whose run begins an export:
        that is an entry of its own, by which they are told of its end.

        What else changes with stage and status:

        - Progress starts again with another stage, and with work that begins in the review; its text
          is emptied once the session does not wait any more.
        - A status without work settles a request to cancel.
        - The ticket number where an export failed is replaced when the export goes on or is over.
        - Retries of the writing are forgotten once the review begins; those of an export once it is completed or
          undone. Edits and validations leave both.
        """
        is_export_over = stage is SessionStage.COMPLETED or is_undone
        values: dict[str, object] = {"stage": stage, "status": status}
        if failed_at_ticket_number or is_export_over or stage is SessionStage.JIRA_EXPORT:
            values["failed_at_ticket_number"] = failed_at_ticket_number
        if run_id is not None:
            values["run_id"] = run_id
        if status not in AT_WORK:
            values |= _NO_CANCEL
        ended: set[Retried] = {"generation"} if stage in _AFTER_WRITING else set()
        if is_export_over:
            ended.add("export")
        is_ended = tables.retries.c.what.in_(ended)
        with self._begin_change(session_key, by=PIPELINE, at=at) as change:
            before = change.session
            begins_in_review = (stage, status) == (SessionStage.REVIEW, SessionStatus.RUNNING)
            if before.stage is not stage or begins_in_review:
                first = first_percentage(stage, status)
                values |= {**_NO_PROGRESS, "progress_percentage": first}
            elif before.status is SessionStatus.WAITING and status is not SessionStatus.WAITING:
                # Else "Next attempt at 16:46:34" is shown for ever where that attempt fails at once.
                values |= {"progress_text": "", "wait": None}
            change.set_session(**values)
            delete_rows(change.connection, tables.retries, is_ended, session_key=session_key)
            if started_by is not None:
                replace(change, by=started_by).note(AuditAction.EXPORT_STARTED, run_id=run_id)
            change.note(
                AuditAction.STAGE_SET,
                **{"from": [before.stage, before.status], "to": [stage, status]},
                run_id=run_id,
                failed_at_ticket_number=failed_at_ticket_number,
            )

    @repeated
    def set_progress(
        self,
        session_key: str,
        *,
        percentage: float,
        text: str,
        at: datetime,
        details: TicketProgress | None = None,
        wait: Wait | None = None,
    ) -> None:
        """Store progress within the current stage; a lower percentage than before is ignored.

        Without a `wait` the session waits for nothing any more.
        """
        if not 0 <= percentage <= 100:  # noqa: PLR2004 - it is a percentage
            raise ValueError(f"{percentage} is not a percentage.")
        percentage_before = _SESSIONS.progress_percentage
        values = {
            "progress_percentage": case(
                (percentage_before > percentage, percentage_before), else_=percentage
            ),
            "progress_text": text,
            "progress_details": details,
            "wait": wait,
            "updated_at": at,
        }
        with self._database.writing() as connection:
            update_session(connection, session_key, values)

    @repeated
    def choose_writer(self, session_key: str, writer: str, *, by: str, at: datetime) -> None:
        """Decide who writes the tickets from now on; audited where it changes."""
        with self._begin_change(session_key, by=by, at=at) as change:
            before = change.session.writer
            if writer != before:
                change.set_session(writer=writer)
                change.note(AuditAction.WRITER_CHOSEN, **{"from": before, "to": writer})

    @repeated
    def answer_as_new(
        self, session_key: str, answers: Iterable[AsNew], *, by: str, at: datetime
    ) -> None:
        """Remember the decision that a session creates issues beside those that exist already.

        Audited, unless all of these answers are stored already.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            answers_before = change.session.as_new
            new_answers = [
                answer for answer in dict.fromkeys(answers) if answer not in answers_before
            ]
            if not new_answers:
                return
            change.set_session(as_new=(*answers_before, *new_answers))
            details = {
                "target_id": new_answers[0].target_id,
                "sessions": [answer.session_key for answer in new_answers],
                "beside": [answer.beside for answer in new_answers],
            }
            change.note(AuditAction.AS_NEW_ANSWERED, **details)

    @repeated
    def mark_generated(self, session_key: str, *, from_sha256: str, at: datetime) -> None:
        """Remember which upload the tickets were generated from; audited."""
        with self._begin_change(session_key, by=PIPELINE, at=at) as change:
            now = {"generated_at": at, "generated_from_sha256": from_sha256}
            change.set_session(**now, **CHANGED_CONTENT)
            change.note(AuditAction.GENERATION_MARKED, from_sha256=from_sha256)

    @repeated
    def remove(
        self, session_key: str, *, at: datetime, by: str, last_entry: int | None = None
    ) -> bool:
        """Remove a session with its tickets; ledger, errors and audit trail stay. Audited.

        What people decided about the tickets is kept until a session has the key again.

        Return False, and remove nothing, where the session has an entry after `last_entry`: the
        number of the newest one when somebody decided to remove it. None does not look.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            session = change.session
            if last_entry is not None and newest_entry(change.connection, session_key) > last_entry:
                return False
            kept_count = keep_reviews(change)
            delete_rows(change.connection, tables.sessions, session_key=session_key)
            delete_files(change.connection, f"{UPLOADS}/{session_key}")
            change.note(
                AuditAction.SESSION_REMOVED,
                content_sha256=session.content_sha256,
                stage=session.stage,
                updated_at=session.updated_at.isoformat(),
                reviews_kept=kept_count,
            )
            return True

    @repeated
    def request_cancel(
        self, session_key: str, *, at: datetime, by: str, run_id: str | None = None
    ) -> None:
        """Ask a run to stop; None: the one that works on the session now. Audited.

        A later run of the session is not stopped by it.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            cells = {"cancel_requested_at": at, "cancel_requested_by": by}
            change.set_session(**cells, cancel_run_id=run_id or change.session.run_id)
            change.note(AuditAction.CANCEL_REQUESTED)

    def is_cancel_requested(self, session_key: str) -> bool:
        """Return whether somebody asked the run that works on the session now to stop."""
        query = select(_SESSIONS.cancel_requested_at, _SESSIONS.cancel_run_id, _SESSIONS.run_id)
        rows = self._database.fetch(query.where(_SESSIONS.session_key == session_key))
        if not rows:
            raise self._read(unknown_session, session_key)
        row = rows[0]
        return row.cancel_requested_at is not None and row.cancel_run_id == row.run_id


def _refuse_other_files(session: UploadSession | None, confirmed: ConfirmedFiles) -> None:
    """Raise EditConflictError where other files wait now than those whose layout is confirmed.

    The confirmation would discard them.
    """
    waiting_sha256 = None if session is None else session.waiting_sha256
    if waiting_sha256 != confirmed.waiting_sha256:
        raise EditConflictError(
            "Other sheets were uploaded since the layout was shown, so it was not confirmed.",
            recovery_actions=("Look at the layout of the newer sheets, then confirm that.",),
        )


def _put_session_without_sheets(
    connection: Connection, waiting: WaitingUpload, *, is_new: bool
) -> None:
    """Create or update the session of an upload that waits for its layout."""
    key = waiting.session_key
    uploaded_at = waiting.uploaded_at
    values: dict[str, object] = {
        "content_sha256": waiting.content_sha256,
        "upload_path": waiting.upload_path,
        "manifest": waiting.manifest,
        "stage": SessionStage.UPLOAD,
        "status": SessionStatus.WAITING,
        "updated_at": uploaded_at,
        "failed_at_ticket_number": None,
    }
    values |= _NO_PROGRESS
    values |= _NO_CANCEL
    if not is_new:
        update_session(connection, key, values)
        return
    row = {"session_key": key, "created_at": uploaded_at, **values}
    connection.execute(insert(tables.sessions).values(row))


def _replace_reading(
    connection: Connection,
    session_key: str,
    *,
    files: Sequence[SourceFile],
    findings: Sequence[Finding],
) -> None:
    """Replace the stored files and findings of a session, in the transaction of the caller."""
    for table in (tables.source_files, tables.findings):
        delete_rows(connection, table, session_key=session_key)
    file_rows = [_FILE.cells(file, session_key=session_key) for file in files]
    finding_rows = [
        _FINDING.cells(finding, session_key=session_key, position=position)
        for position, finding in enumerate(sorted_findings(findings))
    ]
    insert_rows(connection, tables.source_files, file_rows)
    insert_rows(connection, tables.findings, finding_rows)


def _settings_details(upload: UploadRecord, session: UploadSession | None) -> Mapping[str, object]:
    """Return details for the audit trail about settings of people that an upload replaces.

    Empty where the session is new or no setting is replaced.
    """
    if session is None:
        return {}
    replaced = changed_settings(settings_made(session.manifest), upload.manifest)
    details: dict[str, object] = {REPLACED_SETTINGS: replaced} if replaced else {}
    if upload.is_of_settings:
        details[OF_SETTINGS] = True
    return details
