"""Copies of a store: a backup of a SQLite file, and all of it in an empty PostgreSQL database.

Belongs here: copying the file and proving the copy; copying rows and files, comparing them, marking
the store that is left. Does not: opening a store (`store`), what is backed up beside it
(docs/operations.md), backups of PostgreSQL, which has means of its own.

Rows are copied to PostgreSQL as stored, not as they are read, in one transaction, while nobody can
write to the store that is left. It is marked once the copy is committed: from then on nobody opens
it, and a program that has it open can neither send nor decide anything more.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    delete,
    insert,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError
from sqlalchemy.types import TypeDecorator

from jira_pipeline.model.errors import ConfigurationError, StoreBusyError, StoreError
from jira_pipeline.model.kept_files import INCOMING, PACKAGES, UPLOADS, file_hashes_of
from jira_pipeline.model.runs import DAEMON
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.store import tables
from jira_pipeline.store.store import BUSY_TIMEOUT_SECONDS, Store, open_store
from jira_pipeline.store.transactions import COPIED_NOTICE
from jira_pipeline.store.versions import store_version

_OWNER_ONLY = 0o600


def copy_sqlite(source: Path, destination: Path) -> int:
    """Copy a SQLite database as it is at one moment; return the size of the copy in bytes.

    Others may write meanwhile. The copy is made under another name and renamed once it is complete
    and on the disk, so where this breaks off there is no file `destination`.

    Raises:
        StoreError: The source cannot be read, the copy cannot be written or is damaged, or
            `destination` exists already.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".copy-", dir=destination.parent) as folder:
            made = Path(folder, destination.name)
            made.touch(_OWNER_ONLY)
            url = f"file:{quote(str(source))}?mode=ro"
            with (
                closing(sqlite3.connect(url, uri=True, timeout=BUSY_TIMEOUT_SECONDS)) as original,
                closing(sqlite3.connect(made)) as copy,
            ):
                original.backup(copy)
                # A backup is one file, without those of WAL mode. The program turns WAL on again
                # when it opens the store.
                copy.execute("PRAGMA journal_mode=DELETE")
                faults = [row[0] for row in copy.execute("PRAGMA integrity_check(5)")]
            if faults != ["ok"]:
                raise sqlite3.DatabaseError(f"the copy is damaged: {'; '.join(faults)}")
            _write_through(made)
            if destination.exists():
                raise FileExistsError(f"{destination.name} already exists")
            made.rename(destination)
        _write_through(destination.parent)
        return destination.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{source.name} could not be copied to {destination}: {error}.",
            recovery_actions=("Check that the folder is writable and has space, then repeat.",),
        ) from error


def _write_through(path: Path) -> None:
    """Have the system write a file, or the names in a folder, to the disk now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


BATCH_ROWS = 500
"""So many rows are copied by one statement."""
_HOLDER = "a copy of the store"
TABLES_NOT_COPIED = frozenset({"kept_files", "runs_at_work"})
"""Files are copied by `_copy_files`; no run is at work on the copy."""


@contextmanager
def opened_to_copy(url: str, to: str, *, home_path: Path) -> Iterator[tuple[Store, Store]]:
    """Open the store of `url`, which is copied, and the one of `to`, whose tables are made.

    Raises:
        ConfigurationError: The first is not on SQLite, or the second not on PostgreSQL.
        StoreError: One cannot be used.
    """
    try:
        kinds = make_url(url).get_backend_name(), make_url(to).get_backend_name()
    except ArgumentError:
        kinds = "", ""
    if kinds != ("sqlite", "postgresql"):
        raise ConfigurationError(
            "Only a SQLite store can be copied, and only to PostgreSQL.",
            recovery_actions=("Name an empty PostgreSQL database with --to.",),
        )
    lock_path = home_path / "store-copy.lock"
    with (
        open_store(url, lock_path=home_path / "store.lock") as source,
        open_store(to, lock_path=lock_path) as target,
    ):
        yield source, target
    lock_path.unlink(missing_ok=True)


def copy_store(source: Store, target: Store, *, to: str) -> tuple[dict[str, int], int]:
    """Copy all rows and files and mark the source as copied; return rows by table, and count files.

    All leases of the source are held meanwhile, so that no run begins. From then on the target is
    the store, and nobody opens the source. `to` is the URL of the target.

    Raises:
        StoreBusyError: A run is at work.
        StoreError: The target holds something, refused a row, or is not the same afterwards.
    """
    with ExitStack() as held:
        for name in (DAEMON, *(target_row.target_id for target_row in source.ledger.targets())):
            held.enter_context(source.leases.hold(name, holder=_HOLDER))
        for session in source.sessions.list_all():
            is_running = session.status is SessionStatus.RUNNING and session.run_id is not None
            if is_running and source.run_locks.is_alive(str(session.run_id)):
                raise StoreBusyError(
                    f"Run {session.run_id} is working on session {session.session_key}.",
                    recovery_actions=("Wait until it has ended, then start again.",),
                )
        with source.database.writing() as reading, target.database.writing() as writing:
            writing.execute(text("SET LOCAL statement_timeout = 0"))
            writing.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            try:
                counts = _copy_rows(reading, writing)
                file_count = _copy_files(source, target)
            except (DataError, IntegrityError) as error:
                raise _refused(str(error.orig).strip().partition("\n")[0]) from error
            _mark(reading, make_url(to).set(password=None).render_as_string())
        return counts, file_count


def _copy_rows(reading: Connection, writing: Connection) -> dict[str, int]:
    """Copy each table, owners before what they own, and return the number of rows by table.

    A table whose rows are numbered goes on from the last number of the source.
    """
    counts = {}
    writing.execute(delete(tables.installation))
    for declared in tables.metadata.sorted_tables:
        if declared.name in TABLES_NOT_COPIED:
            continue
        # The plain types, so that cells are copied as stored and not as the values they become.
        types = (
            (
                column.name,
                column.type.impl_instance
                if isinstance(column.type, TypeDecorator)
                else column.type,
            )
            for column in declared.columns
        )
        table = Table(declared.name, MetaData(), *(Column(name, kind) for name, kind in types))
        if writing.execute(select(table).limit(1)).first() is not None:
            raise _refused(f"the database is not empty: it has rows in {table.name}")
        for batch in reading.execute(select(table)).mappings().partitions(BATCH_ROWS):
            writing.execute(insert(table), [dict(row) for row in batch])
        counts[table.name], digest = _digest(reading, table)
        if (counts[table.name], digest) != _digest(writing, table):
            raise _refused(f"the rows of {table.name} differ from before")
        if (number := declared.autoincrement_column) is not None:
            last = reading.execute(
                text("SELECT seq FROM sqlite_sequence WHERE name = :table"),
                {"table": declared.name},
            ).scalar()
            writing.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, :column), :next, false)"),
                {"table": declared.name, "column": number.name, "next": (last or 0) + 1},
            )
    return counts


def _digest(connection: Connection, table: Table) -> tuple[int, str]:
    """Return the number of rows of a table and a hash of them all.

    They are sorted here, because each database orders texts in its own way.
    """
    rows = connection.execute(select(table))
    lines = sorted(json.dumps(list(row), default=bytes.hex) for row in rows)
    return len(lines), hashlib.sha256("\n".join(lines).encode("ascii")).hexdigest()


def _copy_files(source: Store, target: Store) -> int:
    """Copy all files, compare the copies and return how many there are.

    Files that the target has already stay as they are, so this may be repeated.
    """
    count = 0
    places = [*source.files.places(UPLOADS)]
    places += [*source.files.places(PACKAGES), *source.files.places(INCOMING)]
    for kept_place in places:
        if "/." in kept_place.place:  # of an upload that did not end
            continue
        folder = source.files.folder(kept_place.place)
        hashes = file_hashes_of(folder)
        target.files.staging_path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.files.staging_path) as temporary:
            copy = shutil.copytree(folder, Path(temporary, "files"))
            target.files.keep(kept_place.place, copy, at=kept_place.kept_at)
        if hashes != file_hashes_of(target.files.folder(kept_place.place)):
            raise _refused(f"the files of {kept_place.place} differ from before")
        count += len(hashes)
    return count


def _mark(connection: Connection, name: str) -> None:
    """Mark a SQLite store as copied to another one, which it names.

    Programs refuse to open it from now on. Those that have it open can add no entry to ledger or
    audit trail, so they neither send nor decide anything more.
    """
    connection.execute(update(store_version).values(copied_to=name))
    words = f"{COPIED_NOTICE}{name}".replace("'", "''")
    for table in ("ledger", "audit"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_copied BEFORE INSERT ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )


def _refused(reason: str) -> StoreError:
    return StoreError(
        f"The store was not copied: {reason}. It is unchanged.",
        recovery_actions=("Name an empty database; two stores cannot be merged.",),
    )
