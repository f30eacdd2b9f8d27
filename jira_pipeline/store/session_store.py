"""Upload sessions, their files and findings.

Belongs here: keeping them, their stage, progress and requests to cancel. Does not: whether an
upload may be replaced (`sources/sheets`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, delete, insert, select
from typing_extensions import override

from jira_pipeline.model.entities import SourceFile
from jira_pipeline.model.errors import SessionLockedError
from jira_pipeline.model.findings import Finding, sorted_findings
from jira_pipeline.model.records import EXPORT_STARTED, PIPELINE, SESSION_REMOVED
from jira_pipeline.model.sessions import (
    AsNew,
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadSession,
    first_percentage,
)
from jira_pipeline.ports.export import Retried
from jira_pipeline.ports.files import UPLOADS, upload_place
from jira_pipeline.ports.sessions import SessionStore, UploadRecord
from jira_pipeline.store import tables
from jira_pipeline.store.files import delete_files, insert_files
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.record_store import append_audit
from jira_pipeline.store.session_rows import (
    CHANGED_CONTENT,
    CHOSEN_SESSION,
    SESSION_COLUMNS,
    is_locked,
    lock_session,
    session_of,
    stored_session,
    unknown_session,
    update_session,
)
from jira_pipeline.store.transactions import StorePart, repeated

_FINDINGS = (
    select(*(one for one in tables.findings.c if one.name not in {"session_key", "position"}))
    .where(tables.findings.c.session_key == bindparam("session"))
    .order_by(tables.findings.c.position)
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
}
_AT_WORK = {SessionStatus.RUNNING, SessionStatus.WAITING}
_AFTER_WRITING = {SessionStage.REVIEW, SessionStage.COMPLETED}


class SqlSessionStore(StorePart, SessionStore):
    """Keeps upload sessions in the store."""

    @override
    def find(self, session_key: str) -> UploadSession | None:
        rows = self._database.asked(CHOSEN_SESSION, {"session": session_key})
        return session_of(rows[0]._asdict()) if rows else None

    @override
    def get(self, session_key: str) -> UploadSession:
        found = self.find(session_key)
        if found is None:
            with self._database.reading() as connection:
                raise unknown_session(connection, session_key)
        return found

    @override
    def list_all(self, *, status: SessionStatus | None = None) -> tuple[UploadSession, ...]:
        chosen = select(*SESSION_COLUMNS).order_by(
            tables.sessions.c.created_at.desc(), tables.sessions.c.session_key
        )
        if status is not None:
            chosen = chosen.where(tables.sessions.c.status == status)
        return tuple(session_of(row._asdict()) for row in self._database.asked(chosen))

    @override
    @repeated
    def register(self, upload: UploadRecord, *, at: datetime, actor: str) -> UploadSession:
        key = upload.session_key
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"session {key}")
            is_known = is_locked(connection, key)
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
            if is_known:
                known = stored_session(connection, key)
                place = (known.stage, known.status)
                is_exporting = place == (SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
                # Asked under the lock: an export may have begun since the folder was read.
                if is_exporting and known.content_sha256 != upload.content_sha256:
                    raise SessionLockedError(session_key=key)
                if known.manifest.writer != upload.manifest.writer:
                    values["writer"] = None
                update_session(
                    connection, key, values | {"last_invalidated_at": at, **CHANGED_CONTENT}
                )
            else:
                connection.execute(
                    insert(tables.sessions).values(session_key=key, created_at=at, **values)
                )
            _replace_reading(connection, key, files=upload.files, findings=upload.findings)
            insert_files(connection, upload_place(upload.upload_path), upload.contents, at=at)
            append_audit(
                connection,
                at=at,
                session_key=key,
                actor=actor,
                action="upload_replaced" if is_known else "session_registered",
                details={
                    "content_sha256": upload.content_sha256,
                    "files": sorted(file.name for file in upload.files),
                },
            )
            return stored_session(connection, key)

    @override
    @repeated
    def record_reading(
        self, session_key: str, *, files: Sequence[SourceFile], findings: Sequence[Finding]
    ) -> None:
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            _replace_reading(connection, session_key, files=files, findings=findings)

    @override
    def files(self, session_key: str) -> tuple[SourceFile, ...]:
        columns = [column for column in tables.source_files.c if column.name != "session_key"]
        chosen = (
            select(*columns)
            .where(tables.source_files.c.session_key == session_key)
            .order_by(tables.source_files.c.name)
        )
        return tuple(SourceFile(**row._asdict()) for row in self._database.asked(chosen))

    @override
    def findings(self, session_key: str, *, code: str | None = None) -> tuple[Finding, ...]:
        chosen = _FINDINGS if code is None else _FINDINGS.where(tables.findings.c.code == code)
        found = self._database.asked(chosen, {"session": session_key})
        return tuple(Finding(**row._asdict()) for row in found)

    @override
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
        is_done = stage is SessionStage.COMPLETED
        is_export_over = is_done or is_undone
        values: dict[str, object] = {"stage": stage, "status": status, "updated_at": at}
        if failed_at_ticket_number or is_export_over or stage is SessionStage.JIRA_EXPORT:
            values["failed_at_ticket_number"] = failed_at_ticket_number
        if run_id is not None:
            values["run_id"] = run_id
        if status not in _AT_WORK:
            values |= _NO_CANCEL
        with self._database.writing() as connection:
            session = lock_session(connection, session_key)
            begins_in_review = (stage, status) == (SessionStage.REVIEW, SessionStatus.RUNNING)
            if session.stage is not stage or begins_in_review:
                first = first_percentage(stage, status)
                values |= {**_NO_PROGRESS, "progress_percentage": first}
            update_session(connection, session_key, values)
            retries, over = tables.retries.c, set[Retried]()
            if stage in _AFTER_WRITING:
                over.add("generation")
            if is_export_over:
                over.add("export")
            connection.execute(
                delete(tables.retries).where(
                    retries.session_key == session_key, retries.what.in_(over)
                )
            )
            if started_by is not None:
                append_audit(
                    connection,
                    at=at,
                    session_key=session_key,
                    actor=started_by,
                    action=EXPORT_STARTED,
                    details={"run_id": run_id},
                )
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=PIPELINE,
                action="stage_set",
                details={
                    "from": [session.stage, session.status],
                    "to": [stage, status],
                    "run_id": run_id,
                    "failed_at_ticket_number": failed_at_ticket_number,
                },
            )

    @override
    @repeated
    def set_progress(
        self,
        session_key: str,
        *,
        percentage: float,
        text: str,
        at: datetime,
        details: TicketProgress | None = None,
    ) -> None:
        if not 0 <= percentage <= 100:  # noqa: PLR2004 - it is a percentage
            raise ValueError(f"{percentage} is not a percentage.")
        kept = tables.sessions.c.progress_percentage
        values = {
            "progress_percentage": case((kept > percentage, kept), else_=percentage),
            "progress_text": text,
            "progress_details": details,
            "updated_at": at,
        }
        with self._database.writing() as connection:
            update_session(connection, session_key, values)

    @override
    @repeated
    def choose_writer(self, session_key: str, writer: str, *, by: str, at: datetime) -> None:
        with self._database.writing() as connection:
            before = lock_session(connection, session_key).writer
            if writer == before:
                return
            update_session(connection, session_key, {"writer": writer, "updated_at": at})
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=by,
                action="writer_chosen",
                details={"from": before, "to": writer},
            )

    @override
    @repeated
    def answer_as_new(
        self,
        session_key: str,
        answers: Iterable[AsNew],
        *,
        by: str,
        at: datetime,
    ) -> None:
        with self._database.writing() as connection:
            known = lock_session(connection, session_key).as_new
            added = tuple(answer for answer in dict.fromkeys(answers) if answer not in known)
            if not added:
                return
            values = {"as_new": (*known, *added), "updated_at": at}
            update_session(connection, session_key, values)
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=by,
                action="as_new_answered",
                details={
                    "target_id": added[0].target_id,
                    "sessions": [answer.session_key for answer in added],
                    "beside": [answer.beside for answer in added],
                },
            )

    @override
    def mark_generated(self, session_key: str, *, from_sha256: str, at: datetime) -> None:
        self._change(
            session_key,
            {
                "generated_at": at,
                "generated_from_sha256": from_sha256,
                "updated_at": at,
                **CHANGED_CONTENT,
            },
            at=at,
            actor=PIPELINE,
            action="generation_marked",
            details={"from_sha256": from_sha256},
        )

    @override
    def mark_invalidated(self, session_key: str, *, at: datetime) -> None:
        self._change(
            session_key,
            {"last_invalidated_at": at, "updated_at": at, **CHANGED_CONTENT},
            at=at,
            actor=PIPELINE,
            action="validation_invalidated",
            details={},
        )

    @override
    @repeated
    def remove(
        self,
        session_key: str,
        *,
        at: datetime,
        by: str,
        unchanged_since: datetime | None = None,
    ) -> bool:
        with self._database.writing() as connection:
            session = lock_session(connection, session_key)
            if unchanged_since is not None and session.updated_at > unchanged_since:
                return False
            connection.execute(
                delete(tables.sessions).where(tables.sessions.c.session_key == session_key)
            )
            delete_files(connection, f"{UPLOADS}/{session_key}")
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=by,
                action=SESSION_REMOVED,
                details={
                    "content_sha256": session.content_sha256,
                    "stage": session.stage.value,
                    "updated_at": session.updated_at.isoformat(),
                },
            )
            return True

    @override
    def request_cancel(
        self, session_key: str, *, at: datetime, by: str, run_id: str | None = None
    ) -> None:
        self._change(
            session_key,
            {
                "cancel_requested_at": at,
                "cancel_requested_by": by,
                "cancel_run_id": run_id or tables.sessions.c.run_id,
                "updated_at": at,
            },
            at=at,
            actor=by,
            action="cancel_requested",
            details={},
        )

    @override
    def is_cancel_requested(self, session_key: str) -> bool:
        columns = tables.sessions.c
        chosen = select(columns.cancel_requested_at, columns.cancel_run_id, columns.run_id)
        with self._database.reading() as connection:
            row = connection.execute(chosen.where(columns.session_key == session_key)).one_or_none()
            if row is None:
                raise unknown_session(connection, session_key)
            return row.cancel_requested_at is not None and row.cancel_run_id == row.run_id

    @repeated
    def _change(
        self,
        session_key: str,
        values: Mapping[str, object],
        *,
        at: datetime,
        actor: str,
        action: str,
        details: Mapping[str, object],
    ) -> None:
        with self._database.writing() as connection:
            update_session(connection, session_key, values)
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=actor,
                action=action,
                details=details,
            )


def _replace_reading(
    connection: Connection,
    session_key: str,
    *,
    files: Sequence[SourceFile],
    findings: Sequence[Finding],
) -> None:
    for table in (tables.source_files, tables.findings):
        connection.execute(delete(table).where(table.c.session_key == session_key))
    file_rows = [_row_of(session_key, file) for file in files]
    finding_rows = [
        _row_of(session_key, finding) | {"position": position}
        for position, finding in enumerate(sorted_findings(findings))
    ]
    if file_rows:
        connection.execute(insert(tables.source_files), file_rows)
    if finding_rows:
        connection.execute(insert(tables.findings), finding_rows)


def _row_of(session_key: str, value: SourceFile | Finding) -> dict[str, object]:
    cells = {name: getattr(value, name) for name in value.__dataclass_fields__}
    return {"session_key": session_key, **cells}
