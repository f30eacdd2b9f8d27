"""What the store remembers of the folders of the inbox, and of the files that tables came in."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from jira_pipeline.model.sessions import HandledFolder
from jira_pipeline.store.store import Store, open_store
from jira_pipeline_tests.contracts.stored_values import SHA, START, a_file, after, an_upload

MUSEUM = HandledFolder(
    name="My Museum",
    session_key="my-museum",
    signature="looks",
    content_sha256=SHA,
    awaited_run_key="my-museum:aaaaaaaaaaaa:1",
    handled_at=START,
)


def test_a_folder_is_remembered_as_it_was_handled_last(store: Store) -> None:
    changed = replace(MUSEUM, signature="", content_sha256=None, handled_at=after(2))
    store.inbox.note(MUSEUM)
    store.inbox.note(replace(MUSEUM, name="Zoo", awaited_run_key=None))

    store.inbox.note(changed)

    assert store.inbox.handled()["My Museum"] == changed
    assert [folder.name for folder in store.inbox.handled().values()] == ["My Museum", "Zoo"]


def test_a_run_is_awaited_until_it_is_forgotten_and_no_other_is(store: Store) -> None:
    store.inbox.note(MUSEUM)
    later = replace(MUSEUM, awaited_run_key="my-museum:bbbbbbbbbbbb:2")
    store.inbox.note(later)

    store.inbox.forget_run(MUSEUM)
    awaited = store.inbox.awaiting_runs()
    store.inbox.forget_run(later)

    assert awaited == (later,)
    assert store.inbox.awaiting_runs() == ()
    assert store.inbox.handled() == {"My Museum": replace(later, awaited_run_key=None)}


def test_what_is_remembered_of_a_folder_stays_when_its_session_goes(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="upload_sensor")
    store.inbox.note(replace(MUSEUM, session_key="site"))

    store.sessions.remove("site", at=after(1), by="retention")

    assert {*store.inbox.handled()} == {"My Museum"}


def test_a_store_of_version_9_knows_the_files_of_its_tables(store: Store, tmp_path: Path) -> None:
    files = [
        a_file("Bundles.csv"),
        a_file("Spec.xlsx:Roles · Rights", file_name="Spec.xlsx"),
        a_file("export.zip:form/intake", file_name="export.zip"),
    ]
    store.sessions.register(an_upload(files=tuple(files)), at=START, actor="ab")
    with store.database.writing() as connection:
        connection.execute(text("ALTER TABLE source_files DROP COLUMN file_name"))
        connection.execute(text("DROP TABLE handled_folders"))
        connection.execute(text("UPDATE jira_pipeline_store SET version = 9"))
    url = store.database.engine.url.render_as_string(hide_password=False)

    with open_store(url, lock_path=tmp_path / "next.lock") as opened:
        read = opened.sessions.files("site")
        opened.inbox.note(MUSEUM)
        remembered = opened.inbox.handled()

    assert {file.name: file.file_name for file in read} == {
        file.name: file.file_name for file in files
    }
    assert remembered == {"My Museum": MUSEUM}
