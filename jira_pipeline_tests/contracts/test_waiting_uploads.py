"""Uploads that wait for their layout, in the store."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import EditConflictError
from jira_pipeline.model.sessions import ConfirmedFiles, SessionStage, SessionStatus, UploadRecord
from jira_pipeline.model.upload_readings import ReadingState, UploadReading
from jira_pipeline.model.waiting_uploads import WaitingUpload
from jira_pipeline.store.store import Store
from jira_pipeline.store.upload_readings import keep_upload_readings
from jira_pipeline.store.versions import keep_waiting_uploads
from jira_pipeline_tests.contracts.stored_values import (
    SHA,
    START,
    TABLES_OF_READINGS,
    after,
    an_upload,
)

NEWER = "b" * 64
NEWEST = "c" * 64


def a_waiting_upload(content_sha256: str = NEWER) -> WaitingUpload:
    return WaitingUpload(
        session_key="site",
        content_sha256=content_sha256,
        upload_path=f"site/{content_sha256}",
        manifest=replace(an_upload().manifest, auto_approve=True),
        replaces_all=True,
        uploaded_by="ada",
        uploaded_at=after(2),
    )


def register_waiting(store: Store, waiting: WaitingUpload) -> UploadRecord:
    upload = an_upload(
        content_sha256=waiting.content_sha256,
        upload_path=waiting.upload_path,
        manifest=waiting.manifest,
        reading=UploadReading(
            session_key="site",
            content_sha256=waiting.content_sha256,
            state=ReadingState.NEEDS_LAYOUT,
        ),
        contents={"Fields.csv": b"Name\n"},
    )
    store.sessions.register_waiting(waiting, upload, actor="ada")
    return upload


def test_a_new_session_has_no_sheets_until_an_upload_is_settled(store: Store) -> None:
    waiting = a_waiting_upload()
    register_waiting(store, waiting)

    first = store.sessions.get("site")
    kept = store.sessions.waiting_upload("site")
    settled = store.sessions.register(an_upload(), at=after(3), actor="ab")

    assert (first.has_sheets, first.waiting_sha256) == (False, NEWER)
    assert (first.stage, first.status) == (SessionStage.UPLOAD, SessionStatus.WAITING)
    assert kept == waiting
    assert store.sessions.files("site") != ()
    assert (settled.has_sheets, settled.waiting_sha256) == (True, None)
    assert store.sessions.waiting_upload("site") is None


def test_a_session_keeps_its_sheets_beside_what_waits_and_the_newest_waits(store: Store) -> None:
    before = store.sessions.register(an_upload(), at=START, actor="ab")
    files = store.sessions.files("site")
    register_waiting(store, a_waiting_upload())
    newest = a_waiting_upload(NEWEST)
    register_waiting(store, newest)

    session = store.sessions.get("site")
    kept = store.sessions.waiting_upload("site")
    is_discarded = store.sessions.discard_waiting_upload("site", by="ab", at=after(3))
    is_discarded_again = store.sessions.discard_waiting_upload("site", by="ab", at=after(4))

    assert replace(session, waiting_sha256=None) == before
    assert (session.waiting_sha256, kept) == (NEWEST, newest)
    assert store.sessions.files("site") == files
    assert (is_discarded, is_discarded_again) == (True, False)
    assert [entry.action for entry in store.audit.entries("site")] == [
        AuditAction.SESSION_REGISTERED,
        AuditAction.UPLOAD_WAITS,
        AuditAction.UPLOAD_WAITS,
        AuditAction.WAITING_UPLOAD_DISCARDED,
    ]


def test_what_waits_is_not_discarded_where_there_is_nothing_else(store: Store) -> None:
    register_waiting(store, a_waiting_upload())

    assert not store.sessions.discard_waiting_upload("site", by="ab", at=after(3))
    assert store.sessions.waiting_upload("site") is not None


def test_a_layout_is_confirmed_for_the_files_that_wait_or_not_at_all(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    register_waiting(store, a_waiting_upload(NEWEST))
    confirmed = an_upload(content_sha256="d" * 64, confirms=ConfirmedFiles(waiting_sha256=NEWER))

    with pytest.raises(EditConflictError, match="Other sheets were uploaded"):
        store.sessions.register(confirmed, at=after(3), actor="ab")
    session = store.sessions.register(
        replace(confirmed, confirms=ConfirmedFiles(waiting_sha256=NEWEST)), at=after(4), actor="ab"
    )

    assert (session.content_sha256, session.waiting_sha256) == ("d" * 64, None)


def test_a_store_of_before_learns_of_waiting_uploads(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    with store.database.writing() as connection:
        for statement in TABLES_OF_READINGS:
            connection.execute(text(statement))
        keep_upload_readings(connection)
        keep_waiting_uploads(connection)

    session = store.sessions.get("site")
    pending = [one.content_sha256 for one in store.upload_readings.pending()]
    register_waiting(store, a_waiting_upload())
    waiting = store.sessions.get("site").waiting_sha256

    assert (session.waiting_sha256, session.has_sheets) == (None, True)
    assert pending == [SHA]
    assert waiting == NEWER
