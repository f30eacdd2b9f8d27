"""Moves a store between SQLite and PostgreSQL, with its files, so that only one is worked on.

Belongs here: marking the store that is left, copying, and proving the copy. Does not: making the
tables (`versions`), refusing a store that was moved when it is opened (`engine`).

The store that is left is marked first, and from then on refuses to be opened by a program of any
version, and the next entry of its ledger and audit trail by one that has it open. Then everything
is copied in one transaction and compared. A process that is killed leaves the mark; the same
command carries on. Where nothing was copied, the mark is taken away again.

Rows are copied as stored, not as they are read: a value that today's code would write otherwise
keeps its bytes, and with them the hashes of the audit trail.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

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
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError
from sqlalchemy.types import TypeDecorator

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.errors import ConfigurationError, StoreBusyError, StoreError
from jira_pipeline.kernel.file_hashes import file_hashes_of
from jira_pipeline.kernel.records import AuditVerification
from jira_pipeline.kernel.sessions import SessionStatus
from jira_pipeline.ports.files import INCOMING, PACKAGES, UPLOADS
from jira_pipeline.store import tables
from jira_pipeline.store.engine import MOVED, moved, open_store
from jira_pipeline.store.records import verified_chain
from jira_pipeline.store.store import Store
from jira_pipeline.store.transactions import MOVED_WORDS
from jira_pipeline.store.versions import store_version

BATCH_ROWS = 500
_HOLDER = "a move of the store"
_SQLITE, _POSTGRES = "sqlite", "postgresql"
LEFT = frozenset({"kept_files", "machines", "runs_at_work"})
"""Files go by their own way; who is at work on a server is not at work on a file."""
_WRITTEN = ("ledger", "audit")
"""The tables that refuse entries in a store that was moved: nothing is sent or decided without."""

OnRows = Callable[[str, int, int], None]
"""Called with the table at hand, the rows copied so far, and all rows of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTable:
    """What was moved of one table."""

    table: str
    row_count: int
    sha256: str
    """Over all values as stored, in order of the key; the same on both sides."""
    next_number: int | None
    """The number the next row gets; None where rows do not count themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedStore:
    """A move that was proved before it was committed."""

    tables: tuple[MovedTable, ...]
    file_count: int
    audit: AuditVerification
    """Of the store as it is now."""


@contextmanager
def opened_to_move(url: str, to: str, *, home_path: Path) -> Iterator[tuple[Store, Store]]:
    """Open the store that is moved, and the one it is to become, whose tables are made.

    Raises:
        ConfigurationError: They are not one on SQLite and one on PostgreSQL.
        StoreError: One cannot be used, or was moved elsewhere.
    """
    kinds = {_kind_of(url), _kind_of(to)}
    if kinds != {_SQLITE, _POSTGRES}:
        raise _other_kind(f"this would go from {_kind_of(url)} to {_kind_of(to)}")
    lock_path = home_path / "store-move.lock"
    with (
        open_store(url, lock_path=home_path / "store.lock", moving_to=name_of(to)) as source,
        open_store(to, lock_path=lock_path) as target,
    ):
        yield source, target
    lock_path.unlink(missing_ok=True)


def name_of(url: str) -> str:
    """Return the URL of a store without its password."""
    return make_url(url).set(password=None).render_as_string()


def _kind_of(url: str) -> str:
    try:
        return make_url(url).get_backend_name()
    except ArgumentError as error:
        raise _other_kind("that is no URL of a database") from error


def _other_kind(reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"A store is moved between SQLite and PostgreSQL: {reason}.",
        recovery_actions=(
            "Name a database on PostgreSQL with --to; from there, --to sqlite leads back.",
        ),
    )


def move_store(source: Store, target: Store, *, to: str, on_rows: OnRows) -> MovedStore:
    """Move a store with its files into an empty one; where that was begun, carry on.

    Nothing runs meanwhile. Rows, the audit trail, the numbers to come and files are compared before
    the copy is committed.

    Raises:
        LeaseBusyError: An export is at work.
        StoreBusyError: A run is at work.
        StoreError: The target holds something, refused a row, or is not the same afterwards.
    """
    with ExitStack() as held:
        for known in source.ledger.targets():
            held.enter_context(source.leases.hold(known.target_id, holder=_HOLDER))
        _refuse_at_work(source)
        with target.database.reading() as connection:
            full = _full_table(connection)
        with source.database.writing() as connection:
            is_carried_on = (
                connection.execute(select(store_version.c.version)).scalar_one() == MOVED
            )
            if full is not None and not is_carried_on:
                raise _not_empty(full)
            if not is_carried_on:
                _mark(connection, name_of(to))
        is_copied_before = full is not None
        is_safe_to_take_back = not is_copied_before
        try:
            with source.database.writing() as reading, target.database.writing() as writing:
                _keep_out(reading, "EXCLUSIVE")  # readers stay: files are read beside it
                _keep_out(writing, "ACCESS EXCLUSIVE")
                if not is_copied_before:
                    _copy_rows(reading, writing, on_rows)
                done = MovedStore(
                    tables=tuple(_proved(reading, writing, table) for table in _raw_tables()),
                    file_count=_carry_files(source, target),
                    audit=_same_trail(reading, writing),
                )
                is_safe_to_take_back = False  # it may be committed, whatever comes of it
        except BaseException:
            if is_safe_to_take_back:
                with source.database.writing() as connection:
                    _unmark(connection)
            raise
        _finish(source)
        return done


def _refuse_at_work(source: Store) -> None:
    """Stop where something runs.

    Raises:
        StoreBusyError: It names the session.
    """
    for session in source.sessions.list_all():
        is_running = session.status is SessionStatus.RUNNING and session.run_id is not None
        if is_running and source.run_locks.is_alive(str(session.run_id)):
            raise StoreBusyError(
                f"Run {session.run_id} is at work on session {session.session_key}: the store is "
                "not moved.",
                recovery_actions=(
                    Action.of(
                        ActionKind.CANCEL,
                        "Wait until it has ended, or stop it: {}.",
                        session_key=session.session_key,
                    ),
                ),
            )


def _mark(connection: Connection, name: str) -> None:
    """Have the store say where it goes, to whoever opens it and whoever has it open."""
    moved.create(connection)
    version = connection.execute(select(store_version.c.version)).scalar_one()
    connection.execute(insert(moved).values(target=name, version=version, is_finished=False))
    connection.execute(update(store_version).values(version=MOVED))
    words = f"{MOVED_WORDS}{name}".replace("'", "''")
    is_sqlite = connection.dialect.name == _SQLITE
    if not is_sqlite:
        connection.exec_driver_sql(
            "CREATE FUNCTION jira_pipeline_moved() RETURNS trigger LANGUAGE plpgsql AS "
            f"$body$BEGIN RAISE EXCEPTION USING MESSAGE = '{words}'; END$body$"
        )
    for table in _WRITTEN:
        does = (
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            if is_sqlite
            else "FOR EACH ROW EXECUTE FUNCTION jira_pipeline_moved()"
        )
        connection.exec_driver_sql(f"CREATE TRIGGER {table}_moved BEFORE INSERT ON {table} {does}")


def _unmark(connection: Connection) -> None:
    version = connection.execute(select(moved.c.version)).scalar_one()
    connection.execute(update(store_version).values(version=version))
    moved.drop(connection)
    is_sqlite = connection.dialect.name == _SQLITE
    for table in _WRITTEN:
        of_table = "" if is_sqlite else f" ON {table}"
        connection.exec_driver_sql(f"DROP TRIGGER {table}_moved{of_table}")
    if not is_sqlite:
        connection.exec_driver_sql("DROP FUNCTION jira_pipeline_moved()")


def _finish(source: Store) -> None:
    with source.database.writing() as connection:
        connection.execute(update(moved).values(is_finished=True))


def _raw_tables() -> Iterator[Table]:
    """Yield each table with what its columns are in the database, owners before what they own."""
    plain = MetaData()
    for table in tables.metadata.sorted_tables:
        if table.name in LEFT:
            continue
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


def _full_table(connection: Connection) -> str | None:
    """Return what holds something in a store, and how much; None where only its own name is in it."""
    for table in _raw_tables():
        count = 0 if table.name == tables.installation.name else _count(connection, table)
        if count:
            return f"{table.name} has {count} row(s)"
    return None


def _not_empty(full: str) -> StoreError:
    return StoreError(
        f"The database is not empty: {full}. Nothing was moved.",
        recovery_actions=("Name an empty database; two stores cannot be joined.",),
    )


def _keep_out(connection: Connection, mode: str) -> None:
    """Keep others out while a transaction lasts; on SQLite its beginning does."""
    if connection.dialect.name == _POSTGRES:
        names = ", ".join(table.name for table in _raw_tables())
        connection.execute(text(f"LOCK TABLE {names} IN {mode} MODE"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _copy_rows(reading: Connection, writing: Connection, on_rows: OnRows) -> None:
    """Copy all rows.

    Raises:
        StoreError: The target holds something since it was looked at, or refused a row.
    """
    full = _full_table(writing)
    if full is not None:
        raise _not_empty(full)
    writing.execute(delete(tables.installation))
    raw_tables = tuple(_raw_tables())
    total = sum(_count(reading, table) for table in raw_tables)
    done = 0
    try:
        for table in raw_tables:
            for rows in _batches(reading, table):
                named = [dict(zip(table.columns.keys(), row, strict=True)) for row in rows]
                writing.execute(insert(table), named)
                done += len(rows)
                on_rows(table.name, done, total)
    except (DataError, IntegrityError) as error:
        raise _refused(str(error.orig).strip().partition("\n")[0]) from error


def _proved(reading: Connection, writing: Connection, table: Table) -> MovedTable:
    """Compare a table with what it was copied from, and let it count on from there."""
    sha256 = _digest(reading, table)
    if sha256 != _digest(writing, table):
        raise _refused(f"the rows of {table.name} differ from before")
    return MovedTable(
        table=table.name,
        row_count=_count(writing, table),
        sha256=sha256,
        next_number=_count_on(reading, writing, table),
    )


def _same_trail(reading: Connection, writing: Connection) -> AuditVerification:
    audit = verified_chain(writing)
    if audit != verified_chain(reading):
        raise _refused("the audit trail differs from before")
    return audit


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
    place = {"table": table.name, "column": number.name}
    if reading.dialect.name == _SQLITE:
        asked = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
        last = reading.execute(asked, place).scalar_one_or_none() or 0
        counting = text("SELECT setval(pg_get_serial_sequence(:table, :column), :next, false)")
        writing.execute(counting, {**place, "next": last + 1})
    else:
        named = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = reading.execute(named, place).scalar_one()
        reached = "SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM"
        last = reading.execute(text(f"{reached} {sequence}")).scalar_one()
        writing.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), place)
        counting = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)")
        writing.execute(counting, {**place, "last": last})
    return int(last) + 1


def _carry_files(source: Store, target: Store) -> int:
    """Have the target keep all files, and compare them; return how many there are."""
    count = 0
    places = [one for below in (UPLOADS, PACKAGES, INCOMING) for one in source.files.places(below)]
    for one in places:
        if "/." in one.place:  # of an upload that did not end
            continue
        folder = source.files.folder(one.place)
        here = file_hashes_of(folder)
        target.files.staging_path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.files.staging_path) as temporary:
            copy = shutil.copytree(folder, Path(temporary, "files"))
            target.files.keep(one.place, copy, at=one.kept_at)
        there = file_hashes_of(target.files.folder(one.place))
        if here != there:
            raise _refused(f"the files of {one.place} differ from before")
        count += len(here)
    return count


def _refused(reason: str) -> StoreError:
    return StoreError(
        f"The store was not moved: {reason}. It is where it was.",
        recovery_actions=("Keep using the store as it is, and look at the log of the database.",),
    )
