"""What each upload of a session was read to, kept beside the session and removed with it.

Belongs here: keeping a reading with the registration of its upload, or later, and finding it; the
step of the store that lists the uploads of programs that kept none. Does not: what the bytes say
(`sheets/stored_readings`), reading those uploads (`sheets/kept_readings`).
"""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select, text

from jira_pipeline.model.upload_readings import ReadingState, UploadReading
from jira_pipeline.store import tables
from jira_pipeline.store.changes import StorePart, session_if_any
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import repeated

_READING = Rows(tables.upload_readings, UploadReading)
_READINGS = tables.upload_readings.c


class UploadReadingStore(StorePart):
    """Keeps what uploads were read to."""

    def find(self, session_key: str, content_sha256: str) -> UploadReading | None:
        """Return what became of the reading of an upload; None where nothing is known of it."""
        return self._first(_READING, session_key=session_key, content_sha256=content_sha256)

    def state_of(self, session_key: str, content_sha256: str) -> ReadingState | None:
        """Return the same without what it was read to."""
        query = select(_READINGS.state).where(
            _READINGS.session_key == session_key, _READINGS.content_sha256 == content_sha256
        )
        return next((row.state for row in self._database.fetch(query)), None)

    def pending(self) -> Sequence[UploadReading]:
        """Return the uploads of an older program that nobody read since, by session."""
        order_by = (_READINGS.session_key, _READINGS.content_sha256)
        return self._values(_READING, order_by=order_by, state=ReadingState.PENDING)

    @repeated
    def keep(self, reading: UploadReading) -> None:
        """Keep what became of the reading of an upload; of a session that is gone nothing is kept.

        That it is unreadable does not take the place of what somebody read meanwhile.
        """
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"session {reading.session_key}")
            if session_if_any(connection, reading.session_key) is not None:
                put_reading(connection, reading)

    @repeated
    def forget(self, reading: UploadReading) -> None:
        """Forget an upload that is pending and whose files are gone."""
        with self._database.writing() as connection:
            delete_rows(
                connection,
                tables.upload_readings,
                session_key=reading.session_key,
                content_sha256=reading.content_sha256,
                state=ReadingState.PENDING,
            )


def put_reading(connection: Connection, reading: UploadReading) -> None:
    """Keep a reading in the transaction of who holds the lock of its session."""
    key = {"session_key": reading.session_key, "content_sha256": reading.content_sha256}
    if reading.state is not ReadingState.READ:
        is_read = connection.execute(_READING.query_where(**key, state=ReadingState.READ)).first()
        if is_read is not None:
            return
    delete_rows(connection, tables.upload_readings, **key)
    insert_rows(connection, tables.upload_readings, [_READING.cells(reading)])


def keep_upload_readings(connection: Connection) -> None:
    """List every upload that a session of this store had: each is read once and kept."""
    binary = "BLOB" if connection.dialect.name == "sqlite" else "BYTEA"
    connection.execute(
        text(
            f"""CREATE TABLE upload_readings (
                session_key TEXT NOT NULL, content_sha256 TEXT NOT NULL,
                state VARCHAR(64) NOT NULL, unreadable_because TEXT NOT NULL,
                format_version INTEGER NOT NULL, reading {binary} NOT NULL, read_at VARCHAR(32),
                CONSTRAINT pk_upload_readings PRIMARY KEY (session_key, content_sha256),
                CONSTRAINT fk_upload_readings_session_key_sessions FOREIGN KEY (session_key)
                    REFERENCES sessions (session_key) ON DELETE CASCADE
            )"""
        )
    )
    connection.execute(text("CREATE INDEX ix_upload_readings_state ON upload_readings (state)"))
    sessions = connection.execute(text("SELECT session_key, content_sha256 FROM sessions"))
    uploads = dict.fromkeys(sessions.tuples())
    keys = {session_key for session_key, _ in uploads}
    registered = text(
        "SELECT session_key, details FROM audit "
        "WHERE action IN ('session_registered', 'upload_replaced') ORDER BY sequence DESC"
    )
    for session_key, details in connection.execute(registered).tuples():
        # A key may have been that of a session that was removed; its uploads have no files.
        if session_key in keys:
            uploads[(session_key, str(json.loads(details)["content_sha256"]))] = None
    listed = text(
        "INSERT INTO upload_readings (session_key, content_sha256, state, unreadable_because, "
        "format_version, reading) VALUES (:session_key, :content_sha256, 'pending', '', 0, :reading)"
    )
    for session_key, content_sha256 in uploads:
        cells = {"session_key": session_key, "content_sha256": content_sha256, "reading": b""}
        connection.execute(listed, cells)
