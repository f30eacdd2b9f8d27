"""What the store keeps of the readings of uploads."""

from dataclasses import replace

from sqlalchemy import text

from jira_pipeline.model.upload_readings import ReadingState, UploadReading
from jira_pipeline.store.store import Store
from jira_pipeline.store.upload_readings import keep_upload_readings
from jira_pipeline_tests.contracts.stored_values import SHA, START, after, an_upload

OTHER = "b" * 64
READ = UploadReading(
    session_key="site",
    content_sha256=SHA,
    state=ReadingState.READ,
    format_version=1,
    reading=b"\0\xff read",
    read_at=START,
)


def test_a_reading_is_kept_with_the_registration_of_its_upload(store: Store) -> None:
    store.sessions.register(an_upload(reading=READ), at=START, actor="ab")
    replaced = an_upload(
        content_sha256=OTHER, reading=replace(READ, content_sha256=OTHER, reading=b"other")
    )

    store.sessions.register(replaced, at=after(1), actor="ab")

    assert store.upload_readings.find("site", SHA) == READ
    assert store.upload_readings.find("site", OTHER) == replaced.reading
    assert store.upload_readings.find("other", SHA) is None


def test_a_reading_goes_with_its_session(store: Store) -> None:
    store.sessions.register(an_upload(reading=READ), at=START, actor="ab")

    store.sessions.remove("site", at=after(1), by="retention")
    store.upload_readings.keep(READ)  # by who had begun to read it before

    assert store.upload_readings.find("site", SHA) is None


def test_that_an_upload_is_unreadable_does_not_take_the_place_of_its_reading(store: Store) -> None:
    """Of two programs that read an upload at once, one may meet a disk that fails."""
    unreadable = replace(
        READ, state=ReadingState.UNREADABLE, unreadable_because="gone", reading=b""
    )
    store.sessions.register(an_upload(), at=START, actor="ab")

    store.upload_readings.keep(unreadable)
    first = store.upload_readings.find("site", SHA)
    store.upload_readings.keep(READ)
    store.upload_readings.keep(unreadable)

    assert first == unreadable
    assert store.upload_readings.find("site", SHA) == READ


def test_every_upload_of_the_sessions_of_an_older_store_waits_to_be_read(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.sessions.register(an_upload(content_sha256=OTHER), at=after(1), actor="ab")
    store.sessions.register(an_upload("gone"), at=after(2), actor="ab")
    store.sessions.remove("gone", at=after(3), by="retention")
    with store.database.writing() as connection:
        connection.execute(text("DROP TABLE upload_readings"))
        keep_upload_readings(connection)

    pending = store.upload_readings.pending()
    store.upload_readings.forget(pending[0])
    store.upload_readings.keep(replace(READ, content_sha256=OTHER))
    store.upload_readings.forget(pending[1])

    assert [(one.session_key, one.content_sha256, one.state) for one in pending] == [
        ("site", SHA, ReadingState.PENDING),
        ("site", OTHER, ReadingState.PENDING),
    ]
    assert store.upload_readings.pending() == ()
    assert store.upload_readings.find("site", SHA) is None
    assert store.upload_readings.find("site", OTHER) == replace(READ, content_sha256=OTHER)
