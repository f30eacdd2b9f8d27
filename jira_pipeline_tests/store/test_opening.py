"""Opening the store, and making and changing its tables."""

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import ProgrammingError

from jira_pipeline.model.errors import ConfigurationError, StoreBusyError, StoreError
from jira_pipeline.store import store as store_module, tables, versions
from jira_pipeline.store.store import Store, create_store_engine, open_store
from jira_pipeline.store.versions import store_version
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import START, an_upload

FIRST_START = """
import sys
from pathlib import Path
from jira_pipeline.store.store import open_store
folder = Path(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
with open_store(f"sqlite:///{folder / 'store.sqlite'}", lock_path=folder / "store.lock") as store:
    print(store.ledger.installation_id())
"""

WORDS = "search_words"
"""The index of words: SQLite has it in tables of its own."""


def _start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", FIRST_START, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_first_starts_at_once_make_one_store(tmp_path: Path) -> None:
    """Without the lock one died in the middle of the other's tables."""
    starts = [_start(tmp_path / "home") for _ in range(2)]
    for start in starts:
        assert start.stdout is not None
        assert start.stdout.readline() == "ready\n"

    for start in starts:
        assert start.stdin is not None
        start.stdin.write("go\n")
        start.stdin.flush()
    answers = [start.communicate() for start in starts]

    assert [errors for _, errors in answers] == [""] * 2
    assert len({output for output, _ in answers}) == 1


def test_a_store_keeps_its_installation_and_contents_when_opened_again(store_folder: Path) -> None:
    with open_in(store_folder) as store:
        store.sessions.register(an_upload(), at=START, actor="ab")
        before = (store.ledger.installation_id(), store.sessions.get("site"))

    with open_in(store_folder) as store:
        assert before == (store.ledger.installation_id(), store.sessions.get("site"))


def test_the_tables_are_the_described_ones(store: Store) -> None:
    with store.database.reading() as connection:
        found = inspect(connection)
        there = {
            name: {column["name"] for column in found.get_columns(name)}
            for name in found.get_table_names()
            if name != store_version.name and not name.startswith(WORDS)
        }

    described = tables.metadata.tables.values()
    assert {each.name: {column.name for column in each.columns} for each in described} == there


def _add_a_remark(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE sessions ADD COLUMN remark TEXT NOT NULL DEFAULT 'none'"))


def test_the_next_version_changes_a_store_with_rows_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    monkeypatch.setattr(versions, "STEPS", (*versions.STEPS, _add_a_remark))
    url = store.database.engine.url.render_as_string(hide_password=False)

    for _ in range(2):
        with open_store(url, lock_path=tmp_path / "next.lock") as changed:
            assert changed.sessions.get("site") == store.sessions.get("site")
            with changed.database.reading() as connection:
                remarks = connection.execute(text("SELECT remark FROM sessions")).scalars().all()
            assert remarks == ["none"]


def test_a_step_that_fails_leaves_the_store_as_it_was(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "STEPS", (*versions.STEPS, _add_a_remark, _add_a_remark))
    url = store.database.engine.url.render_as_string(hide_password=False)

    with pytest.raises((StoreError, ProgrammingError), match="remark"):
        open_store(url, lock_path=tmp_path / "next.lock")

    monkeypatch.undo()
    open_store(url, lock_path=tmp_path / "next.lock").close()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE jira_pipeline_store SET version = 9999", "version 9999"),
        ("DROP TABLE jira_pipeline_store", "tables but no version"),  # 0.2.0 made such ones
    ],
)
def test_a_store_of_another_version_is_refused_with_advice(
    store_folder: Path, change: str, fault: str
) -> None:
    with open_in(store_folder) as store, store.database.writing() as connection:
        connection.execute(text(change))

    with pytest.raises(StoreError, match=fault) as caught:
        open_in(store_folder)

    assert len(caught.value.recovery_actions) == 2


def test_an_initialisation_that_fails_half_way_leaves_nothing_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limited(url: str) -> Engine:
        made = create_store_engine(url)
        event.listen(made, "connect", lambda c, _: c.execute("PRAGMA max_page_count=10"))
        return made

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "create_store_engine", limited)
        with pytest.raises(StoreError, match="disk is full"):
            open_in(tmp_path)

    with open_in(tmp_path) as store:
        assert store.ledger.installation_id()


def test_commits_are_durable_and_references_are_checked(sqlite_store: Store) -> None:
    with sqlite_store.database.reading() as connection:
        settings = [
            connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]

    assert settings == ["wal", 2, 1, 30_000]


@pytest.mark.parametrize(
    ("url", "error", "reason"),
    [
        ("nonsense", ConfigurationError, "not an SQLAlchemy URL"),
        ("mysql://me:hunter2@host/db", ConfigurationError, "mysql is neither"),
        ("sqlite://", ConfigurationError, "in memory"),
        ("sqlite:///:memory:", ConfigurationError, "in memory"),
        ("postgresql://me:hunter2@127.0.0.1:1/store", StoreBusyError, "cannot be reached"),
    ],
    ids=["no URL", "another database", "memory", "memory by name", "no answer"],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(
    tmp_path: Path, url: str, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason) as caught:
        open_store(url, lock_path=tmp_path / "store.lock")

    assert "hunter2" not in str(vars(caught.value))


def test_a_lock_that_stays_taken_is_temporary(
    store_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "TABLES_TIMEOUT_SECONDS", 0.05)

    with (
        FileLock(store_folder / "store.lock"),
        pytest.raises(StoreBusyError, match=r"has held .*store\.lock"),
    ):
        open_in(store_folder)


def test_a_file_that_is_no_database_or_damaged_is_refused(
    store_folder: Path, tmp_path: Path
) -> None:
    other, path = tmp_path / "other", store_folder / "store.sqlite"
    other.mkdir()
    (other / "store.sqlite").write_text("Type,Name\n" * 500, encoding="utf-8")
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))

    with pytest.raises(StoreError, match="is not a SQLite database"):
        open_in(other)
    with pytest.raises(StoreError, match="is damaged"):
        open_in(store_folder)
