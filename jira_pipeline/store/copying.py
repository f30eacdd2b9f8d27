"""Copies of a store: back-ups of a file, and moving from SQLite to PostgreSQL.

Belongs here: copying, and proving the copy. Does not: making the tables (`migrations`), what is
backed up beside the store (docs/operations.md), back-ups of PostgreSQL, which has its own means.

Rows that move are copied as stored, not as they are read: a value that today's code would write
otherwise keeps its bytes, and with them the hashes of the audit trail.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    delete,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.types import TypeDecorator

from jira_pipeline.errors import ConfigurationError, StoreError
from jira_pipeline.kernel.records import AuditVerification
from jira_pipeline.store import tables
from jira_pipeline.store.engine import open_store
from jira_pipeline.store.records import verified_chain
from jira_pipeline.store.store import Store

BATCH_ROWS = 500
_HOLDER = "a copy of the store"

OnRows = Callable[[str, int, int], None]
"""Called with the table at hand, the rows copied so far, and all rows of the store."""

BUSY_TIMEOUT_SECONDS = 30.0
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCopy:
    """What was copied of one table."""

    table: str
    row_count: int
    sha256: str
    """Over all values as stored, in order of the key; the same on both sides."""
    next_number: int | None
    """The number the next row gets; None where rows do not count themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCopy:
    """A copy that was proved before it was committed."""

    tables: tuple[TableCopy, ...]
    audit: AuditVerification
    """Of the copy."""


def open_target(url: str, *, lock_path: Path) -> Store:
    """Open the database a store is to be copied to; its tables are made.

    Raises:
        ConfigurationError: It is not on PostgreSQL.
        StoreError: It cannot be used, or is of a newer version.
    """
    if not url.startswith("postgresql"):
        raise _other_kind("that is no URL that begins with postgresql://")
    return open_store(url, lock_path=lock_path)


def copy_store(source: Store, target: Store, *, on_rows: OnRows) -> StoreCopy:
    """Copy a store on SQLite into an empty one on PostgreSQL, in one transaction.

    No export runs meanwhile: its leases are held. Nobody writes to either store. Rows, the audit
    trail and the numbers to come are compared before the copy is committed.

    Raises:
        ConfigurationError: The stores are not of these kinds.
        LeaseBusyError: An export is at work.
        StoreError: The target holds something, refused a row, or is not the same afterwards.
    """
    found = (source.database.engine.dialect.name, target.database.engine.dialect.name)
    if found != ("sqlite", "postgresql"):
        raise _other_kind(f"this would go from {found[0]} to {found[1]}")
    with ExitStack() as held:
        for known in source.ledger.targets():
            held.enter_context(source.leases.hold(known.target_id, holder=_HOLDER))
        reading = held.enter_context(source.database.writing())  # keeps every writer out
        writing = held.enter_context(target.database.writing())
        _take_target(writing)
        raw_tables = tuple(_raw_tables())
        total = sum(_count(reading, table) for table in raw_tables)
        done = 0
        copies: list[TableCopy] = []
        try:
            for table in raw_tables:
                for rows in _batches(reading, table):
                    named = [dict(zip(table.columns.keys(), row, strict=True)) for row in rows]
                    writing.execute(insert(table), named)
                    done += len(rows)
                    on_rows(table.name, done, total)
                copies.append(_proved(reading, writing, table))
        except (DataError, IntegrityError) as error:
            raise _refused(str(error.orig).strip().partition("\n")[0]) from error
        audit = verified_chain(writing)
        before = verified_chain(reading)
        if audit != before:
            raise _refused("the audit trail differs from before")
        return StoreCopy(tables=tuple(copies), audit=audit)


def _other_kind(reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"A store is copied from SQLite to PostgreSQL: {reason}.",
        recovery_actions=(
            "Leave JIRA_PIPELINE_DATABASE_URL at the store on SQLite until it is copied.",
            "Name the database on PostgreSQL with --to.",
        ),
    )


def _raw_tables() -> Iterator[Table]:
    """Yield each table with what its columns are in the database, owners before what they own."""
    plain = MetaData()
    for table in tables.metadata.sorted_tables:
        columns = [
            Column(
                column.name,
                column.type.impl_instance
                if isinstance(column.type, TypeDecorator)
                else column.type,
                primary_key=column.primary_key,
                autoincrement=False,
            )
            for column in table.columns
        ]
        yield Table(table.name, plain, *columns)


def _take_target(writing: Connection) -> None:
    """Keep everybody out of the target, and see that only its own name is in it.

    Raises:
        StoreError: It holds something.
    """
    names = [table.name for table in tables.metadata.sorted_tables]
    writing.execute(text(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"))
    writing.execute(text("SET LOCAL statement_timeout = 0"))
    for table in tables.metadata.sorted_tables:
        if table is tables.installation:
            continue
        count = _count(writing, table)
        if count:
            raise StoreError(
                f"The database is not empty: {table.name} has {count} row(s). Nothing was copied.",
                recovery_actions=("Name an empty database; two stores cannot be joined.",),
            )
    writing.execute(delete(tables.installation))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _proved(reading: Connection, writing: Connection, table: Table) -> TableCopy:
    """Compare a table with what it was copied from, and let it count on from there."""
    sha256 = _digest(reading, table)
    if sha256 != _digest(writing, table):
        raise _refused(f"the rows of {table.name} differ from before")
    return TableCopy(
        table=table.name,
        row_count=_count(writing, table),
        sha256=sha256,
        next_number=_count_on(reading, writing, table),
    )


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[tuple[object, ...]]]:
    rows = connection.execute(select(table).order_by(*table.primary_key.columns))
    for batch in rows.partitions(BATCH_ROWS):
        yield [tuple(row) for row in batch]


def _digest(connection: Connection, table: Table) -> str:
    """Hash all rows; sorted here, because databases order text each in its own way."""
    digest = hashlib.sha256()
    lines = sorted(
        json.dumps(row, ensure_ascii=True) for batch in _batches(connection, table) for row in batch
    )
    for line in lines:
        digest.update(line.encode("ascii") + b"\n")
    return digest.hexdigest()


def _count_on(reading: Connection, writing: Connection, table: Table) -> int | None:
    """Let the target give the number that the source would have given next."""
    number = tables.metadata.tables[table.name].autoincrement_column
    if number is None or not isinstance(number.type, BigInteger | Integer):
        return None
    last = reading.execute(
        text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
    ).scalar_one_or_none()
    following = (last or 0) + 1
    writing.execute(
        text("SELECT setval(pg_get_serial_sequence(:table, :column), :following, false)"),
        {"table": table.name, "column": number.name, "following": following},
    )
    return following


def _refused(reason: str) -> StoreError:
    return StoreError(
        f"The store was not copied: {reason}. The database is as empty as before.",
        recovery_actions=("Keep using the store as it is, and look at the log of the database.",),
    )


def copy_sqlite(source: Path, destination: Path) -> int:
    """Copy a database as it is at one moment; return the bytes of the copy.

    The copy is whole, whatever others write meanwhile, and it is on the disk when this returns.

    Raises:
        StoreError: The source cannot be read, the copy not be written, or it is damaged.
    """
    try:
        destination.touch(_OWNER_ONLY, exist_ok=False)
        url = f"file:{quote(str(source))}?mode=ro"
        with (
            closing(sqlite3.connect(url, uri=True, timeout=BUSY_TIMEOUT_SECONDS)) as here,
            closing(sqlite3.connect(destination)) as there,
        ):
            here.backup(there)
            # One file is a back-up; the program turns WAL on again when it opens the store.
            there.execute("PRAGMA journal_mode=DELETE")
            faults = [row[0] for row in there.execute("PRAGMA integrity_check(5)")]
        if faults != ["ok"]:
            raise sqlite3.DatabaseError(f"the copy is damaged: {'; '.join(faults)}")
        for path in (destination, destination.parent):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return destination.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{source.name} could not be copied to {destination}: {error}.",
            recovery_actions=("Check that the folder can be written and has room, then repeat.",),
        ) from error
