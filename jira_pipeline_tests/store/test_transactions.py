"""Writing at the same time, full disks, locks, and what a database says."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, create_engine, event, exc, select, update
from sqlalchemy.pool import NullPool

from jira_pipeline.model.errors import PipelineError, StoreBusyError, StoreError
from jira_pipeline.model.exports import LedgerEntry
from jira_pipeline.store import tables
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline.store.store import Store, create_store_engine
from jira_pipeline.store.transactions import REPEATS_MAX, Database, repeated, translated_errors
from jira_pipeline_tests.contracts.open_stores import sqlite_url
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_draft,
    a_target,
    an_entry,
    an_upload,
)
from jira_pipeline_tests.forking import CHILDREN
from jira_pipeline_tests.store.appending import append_to_audit
from jira_pipeline_tests.tables import each

WRITERS = 8
WRITES = 25


def opening(store: Store, folder: Path) -> tuple[str, str]:
    return store.database.engine.url.render_as_string(hide_password=False), str(folder)


@pytest.mark.xdist_group("processes")
def test_no_read_modify_write_of_eight_processes_fails_or_is_lost(
    store: Store, tmp_path: Path
) -> None:
    url, folder = opening(store, tmp_path)
    writers = [
        CHILDREN.Process(target=append_to_audit, args=(url, Path(folder), str(name), WRITES))
        for name in range(WRITERS)
    ]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)

    numbers = [entry.sequence for entry in store.audit.entries("site")]
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert numbers == list(range(1, WRITERS * WRITES + 1))


def test_generations_of_one_session_at_once_end_as_if_one_after_the_other(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")

    def generate(name: int) -> int:
        drafts = [a_draft(1), a_draft(2, title=f"Title {name}")]
        return store.tickets.save_generated("site", drafts, at=START).created

    with ThreadPoolExecutor(WRITERS) as threads:
        created = sum(threads.map(generate, range(WRITERS)))

    revisions = store.tickets.revisions("t02")
    assert (2, list(range(1, WRITERS + 1))) == (created, [r.number for r in revisions])
    assert store.tickets.get("site", 2).revision == revisions[-1]


APPEND_TO_LEDGER = """
import sys
from pathlib import Path
from jira_pipeline.store.store import open_store
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry
url, folder = sys.argv[1], Path(sys.argv[2])
with open_store(url, lock_path=folder / "store.lock") as store:
    store.ledger.record_target(a_target(), at=START)
    while True:
        print(store.ledger.append(an_entry()).sequence, flush=True)
"""


def test_every_entry_a_killed_process_saw_committed_is_there(store: Store, tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", APPEND_TO_LEDGER, *opening(store, tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with writer:
        assert writer.stdout is not None
        reported = [int(writer.stdout.readline()) for _ in range(50)]
        writer.kill()
        reported += [int(line) for line in writer.stdout if line.endswith("\n")]

    entries = store.ledger.entries(target_id=a_target().target_id, session_key="site")
    kept = [entry.sequence for entry in entries]
    assert reported == kept[: len(reported)]
    assert len(kept) - len(reported) in {0, 1}


@pytest.fixture
def impatient(store_folder: Path) -> Iterator[SqlExportLedger]:
    """A ledger that waits for other writers for a moment only."""
    engine = create_store_engine(sqlite_url(store_folder), busy_timeout_seconds=0.05)
    ledger = SqlExportLedger(Database(engine))
    ledger.record_target(a_target(), at=START)
    yield ledger
    engine.dispose()


def test_a_store_that_stays_locked_is_busy_and_nothing_was_changed(
    impatient: SqlExportLedger, store_folder: Path
) -> None:
    entry = impatient.append(an_entry())
    with closing(sqlite3.connect(store_folder / "store.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreBusyError, match="another process"):
            impatient.append(an_entry())

        assert (entry,) == impatient.entries(target_id=entry.target_id, session_key="site")
    impatient.append(an_entry())


def test_an_interrupted_write_gives_the_store_back_at_once(
    impatient: SqlExportLedger, store_folder: Path
) -> None:
    """Its lock lasted as long as the traceback: the process waited for itself for 90 s."""
    engine = create_store_engine(sqlite_url(store_folder), busy_timeout_seconds=0.05)
    _interrupt_while_a_row_waits(engine)

    with pytest.raises(KeyboardInterrupt) as kept, Database(engine).writing() as connection:
        connection.exec_driver_sql("SELECT * FROM targets")
    impatient.append(an_entry())

    assert kept.value.__traceback__ is not None
    engine.dispose()


def test_an_interrupted_write_of_dagsters_gives_its_database_back_at_once(tmp_path: Path) -> None:
    """Dagster then could not store that its run had ended."""
    url = f"sqlite:///{tmp_path / 'events.db'}"
    engine, other = (
        create_engine(url, poolclass=NullPool, connect_args={"timeout": 0.05}) for _ in range(2)
    )
    with other.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE event_logs (event TEXT)")
        connection.exec_driver_sql("INSERT INTO event_logs VALUES ('start'), ('success')")
    _interrupt_while_a_row_waits(engine)

    def write_half() -> None:
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("INSERT INTO event_logs VALUES ('half')")
            connection.exec_driver_sql("SELECT * FROM event_logs")

    with pytest.raises(KeyboardInterrupt) as kept:
        write_half()
    with other.begin() as connection:
        connection.exec_driver_sql("INSERT INTO event_logs VALUES ('failure')")
        events = [event for (event,) in connection.exec_driver_sql("SELECT * FROM event_logs")]

    assert kept.value.__traceback__ is not None
    assert events == ["start", "success", "failure"]


def _interrupt_while_a_row_waits(engine: Engine) -> None:
    @event.listens_for(engine, "do_execute")
    def _interrupt(cursor: sqlite3.Cursor, statement: str, *_rest: object) -> bool:
        cursor.execute(statement)
        if statement.startswith("SELECT"):
            raise KeyboardInterrupt
        return True


def test_a_full_disk_is_reported_and_everything_that_was_committed_is_there(
    sqlite_store: Store,
) -> None:
    sqlite_store.ledger.record_target(a_target(), at=START)
    engine = sqlite_store.database.engine
    engine.dispose()
    event.listen(engine, "connect", _limit_to_four_more_pages)
    committed: list[LedgerEntry] = []

    with pytest.raises(StoreError, match="disk is full") as caught:
        _append_up_to_a_thousand(sqlite_store, committed)

    event.remove(engine, "connect", _limit_to_four_more_pages)
    engine.dispose()
    committed.append(sqlite_store.ledger.append(an_entry()))
    assert caught.value.recovery_actions
    assert tuple(committed) == sqlite_store.ledger.entries(
        target_id=a_target().target_id, session_key="site"
    )


def _limit_to_four_more_pages(connection: sqlite3.Connection, _: object) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages + 4}")


def _append_up_to_a_thousand(store: Store, committed: list[LedgerEntry]) -> None:
    for _ in range(1000):
        committed.append(store.ledger.append(an_entry(detail="x" * 500)))  # kept when it raises


def _error_with(code: str, *, attribute: str) -> exc.OperationalError:
    error = sqlite3.OperationalError("words of the database")
    setattr(error, attribute, code)
    return exc.OperationalError("INSERT …", {"secret": "hunter2"}, error)


@each(
    ("code", "attribute", "expected", "words"),
    [
        ("SQLITE_BUSY", "sqlite_errorname", StoreBusyError, "another process"),
        ("SQLITE_BUSY_SNAPSHOT", "sqlite_errorname", StoreBusyError, "another process"),
        ("SQLITE_LOCKED", "sqlite_errorname", StoreBusyError, "another process"),
        ("SQLITE_PROTOCOL", "sqlite_errorname", StoreBusyError, "another process"),
        ("SQLITE_FULL", "sqlite_errorname", StoreError, "disk is full"),
        ("SQLITE_IOERR", "sqlite_errorname", StoreError, "disk cannot be read"),
        ("SQLITE_IOERR_WRITE", "sqlite_errorname", StoreError, "disk cannot be read"),
        ("SQLITE_CORRUPT_INDEX", "sqlite_errorname", StoreError, "damaged"),
        ("SQLITE_NOTADB", "sqlite_errorname", StoreError, "not a SQLite database"),
        ("SQLITE_CANTOPEN", "sqlite_errorname", StoreError, "cannot be opened"),
        ("SQLITE_READONLY_DBMOVED", "sqlite_errorname", StoreError, "read-only"),
        ("SQLITE_PERM", "sqlite_errorname", StoreError, "access is denied"),
        ("SQLITE_AUTH", "sqlite_errorname", StoreError, "access is denied"),
        ("SQLITE_TOOBIG", "sqlite_errorname", StoreError, "too long"),
        ("SQLITE_NOMEM", "sqlite_errorname", StoreError, "memory"),
        ("SQLITE_ERROR", "sqlite_errorname", StoreError, "words of the database"),
        ("40001", "pgcode", StoreBusyError, "another process"),
        ("40P01", "pgcode", StoreBusyError, "another process"),
        ("55P03", "pgcode", StoreBusyError, "another process"),
        ("53100", "pgcode", StoreError, "disk is full"),
        ("53300", "pgcode", StoreBusyError, "cannot be reached"),
        ("08006", "pgcode", StoreBusyError, "cannot be reached"),
        ("57P01", "pgcode", StoreBusyError, "cannot be reached"),
        ("42P01", "pgcode", StoreError, "words of the database"),
        ("", "pgcode", StoreBusyError, "words of the database"),
    ],
)
def test_what_a_database_says_becomes_an_error_of_ours_without_the_values(
    code: str, attribute: str, expected: type[PipelineError], words: str
) -> None:
    with pytest.raises(expected, match=words) as caught, translated_errors():
        raise _error_with(code, attribute=attribute)

    assert "hunter2" not in caught.value.message
    assert caught.value.recovery_actions


def test_a_broken_constraint_stays_a_mistake_of_ours() -> None:
    with pytest.raises(exc.IntegrityError), translated_errors():
        raise exc.IntegrityError("INSERT …", {}, sqlite3.IntegrityError("UNIQUE"))


def test_an_exhausted_pool_is_busy() -> None:
    with pytest.raises(StoreBusyError, match="no connection"), translated_errors():
        raise exc.TimeoutError


def test_texts_of_tickets_do_not_reach_the_message_of_a_broken_constraint(store: Store) -> None:
    """PostgreSQL quotes the whole row below the first line."""
    store.ledger.record_target(a_target(), at=START)

    with pytest.raises(exc.IntegrityError, match="attempt") as caught:
        store.ledger.append(an_entry(detail="hunter2", attempt=None))

    assert "hunter2" not in str(caught.value)


def test_a_reader_sees_one_state_in_all_its_statements(store: Store) -> None:
    chosen = select(tables.targets.c.target_id)
    with store.database.reading() as connection:
        before = connection.execute(chosen).scalars().all()

        store.ledger.record_target(a_target(), at=START)

        assert before == connection.execute(chosen).scalars().all() == []
    assert (a_target(),) == store.ledger.targets()


class PairOfTargets:
    """Locks two rows, one after the other, as a method of a store would."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.attempts = 0
        self._meeting = Barrier(2)

    @repeated
    def rename(self, first: str, second: str) -> None:
        """Rename both; the first time, not before somebody else holds the second one."""
        self.attempts += 1
        is_first_time = self.attempts <= 2
        with self._database.writing() as connection:
            for target_id in (first, second):
                connection.execute(
                    update(tables.targets)
                    .where(tables.targets.c.target_id == target_id)
                    .values(project_key=first)
                )
                if is_first_time and target_id == first:
                    self._meeting.wait()


@pytest.mark.postgres
def test_of_two_transactions_that_wait_for_each_other_the_loser_is_repeated(
    postgres_store: Store,
) -> None:
    """SQLite has one writer, so two never wait for each other."""
    for target_id in "AB":
        postgres_store.ledger.record_target(a_target(target_id), at=START)
    pair = PairOfTargets(postgres_store.database)

    with ThreadPoolExecutor(2) as threads:
        ends = [threads.submit(pair.rename, *order) for order in ("AB", "BA")]
        results = [end.result() for end in ends]

    first, second = postgres_store.ledger.targets()
    assert results == [None, None]
    assert pair.attempts == 3
    assert first.project_key == second.project_key


@each(
    ("code", "expected"),
    [("40001", REPEATS_MAX), ("40P01", REPEATS_MAX), ("55P03", 1), ("53100", 1), ("57P01", 1)],
)
def test_only_what_was_rolled_back_is_repeated_and_not_for_ever(code: str, expected: int) -> None:
    attempts = []

    @repeated
    def write() -> None:
        attempts.append(code)
        with translated_errors():
            raise _error_with(code, attribute="pgcode")

    with pytest.raises(PipelineError):
        write()

    assert len(attempts) == expected
