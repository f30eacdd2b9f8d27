"""Opening the store: connecting, and making or changing its tables when that is needed.

Belongs here: the options of each dialect, and that one process at a time makes the tables. Does
not: statements (the module of each port), how tables are made and changed (`versions`).
"""

import os
import sqlite3
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError

from jira_pipeline.model.errors import (
    ConfigurationError,
    StoreBusyError,
    StoreError,
    system_message,
)
from jira_pipeline.store import versions
from jira_pipeline.store.store import Store
from jira_pipeline.store.transactions import (
    ASKS_ONCE,
    WRITES,
    Database,
    check_server,
    create_postgres_engine,
    lock_for_transaction,
)

BUSY_TIMEOUT_SECONDS = 30.0
TABLES_TIMEOUT_SECONDS = 120.0
_SYNCHRONOUS_FULL = 2


def open_store(database_url: str, *, lock_path: Path) -> Store:
    """Open the store; the first to come makes or changes its tables while the others wait.

    Locks of runs, leases and files are kept in folders beside `lock_path` on SQLite, and on the
    server on PostgreSQL.

    Raises:
        ConfigurationError: The URL names no database we know.
        StoreBusyError: Another process keeps the store, or the making of its tables, to itself.
        StoreError: The store cannot be used, was copied to PostgreSQL, is of a newer version than
            this program, or has none.
    """
    database = Database(create_store_engine(database_url))
    try:
        _bring_up_to_date(database, lock_path)
    except BaseException:
        database.engine.dispose()
        raise
    return Store(database, lock_path=lock_path)


def create_store_engine(
    database_url: str, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
) -> Engine:
    """Make the engine for a URL; nothing is connected yet."""
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        raise _unknown_database("it is not an SQLAlchemy URL") from error
    match url.drivername.partition("+")[0]:
        case "sqlite":
            return _sqlite_engine(url, busy_timeout_seconds)
        case "postgresql":
            return create_postgres_engine(url)
        case other:
            raise _unknown_database(f"{other} is neither sqlite nor postgresql")


def _unknown_database(reason: str) -> ConfigurationError:
    """Say what is wrong without the URL: it may hold a password."""
    return ConfigurationError(
        f"JIRA_PIPELINE_DATABASE_URL cannot be used: {reason}.",
        recovery_actions=("Use sqlite:////absolute/path.sqlite or postgresql://…, or remove it.",),
    )


def _sqlite_engine(url: URL, busy_timeout_seconds: float) -> Engine:
    if not url.database or url.database == ":memory:":
        raise _unknown_database("a store in memory would forget what was sent")
    path = Path(url.database)
    if _is_read_only(path):

        def connect() -> sqlite3.Connection:
            # In WAL mode SQLite makes two files beside it. Where they are, somebody is at work or
            # was killed at it: they are read too. Else the file itself holds everything.
            is_alone = not all(Path(f"{path}{suffix}").exists() for suffix in ("-wal", "-shm"))
            mode = "immutable=1" if is_alone else "mode=ro"
            return sqlite3.connect(
                f"file:{quote(str(path))}?{mode}",
                uri=True,
                timeout=busy_timeout_seconds,
                check_same_thread=False,
            )

        engine = create_engine(url, creator=connect, hide_parameters=True)
        event.listen(engine, "connect", _leave_transactions_to_us)
    else:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = system_message(error)
            raise StoreError(
                f"The folder of the store, {path.parent}, cannot be created: {why}.",
                recovery_actions=(
                    "Check its permissions, or set JIRA_PIPELINE_HOME to another one.",
                ),
            ) from error
        engine = create_engine(
            url, connect_args={"timeout": busy_timeout_seconds}, hide_parameters=True
        )
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _is_read_only(path: Path) -> bool:
    """Tell whether a SQLite file is there and neither it nor its folder can be written."""
    if not path.exists():
        return False
    is_effective = os.access in os.supports_effective_ids
    return not all(
        os.access(each, os.W_OK, effective_ids=is_effective) for each in (path, path.parent)
    )


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Make commits durable; leave beginning transactions to `_begin_sqlite`."""
    _leave_transactions_to_us(connection, _record)
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if mode != "wal" or synchronous != _SYNCHRONOUS_FULL:
        raise StoreError(
            f"SQLite would not keep commits safe here (journal {mode}, synchronous {synchronous}).",
            recovery_actions=("Put the store on a local disk, or use PostgreSQL.",),
        )


def _begin_sqlite(connection: Connection) -> None:
    """Begin a writing transaction as a writer.

    One that begins by reading and then writes fails as locked when another wrote in between,
    whatever the timeout: 144 of 200 did so.
    """
    options = connection.get_execution_options()
    if options.get(ASKS_ONCE, False):
        return
    is_writing = options.get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


@event.listens_for(Engine, "handle_error")
def _keep_when_interrupted(context: ExceptionContext) -> None:
    """Let a transaction that Ctrl-C interrupts in SQLite be rolled back; Dagster's own, too.

    SQLAlchemy would close the connection instead. SQLite ends neither the transaction nor its lock
    as long as a statement is left, and the traceback of the interrupt holds the cursor: the process
    then waits for itself, 90 s, to store that it was stopped.
    """
    if context.dialect.name == "sqlite" and not isinstance(context.original_exception, Exception):
        context.is_disconnect = False


def _bring_up_to_date(database: Database, lock_path: Path) -> None:
    """Check the version under the lock: four first starts at once must not meet in the middle.

    A store that cannot be written needs no lock: nobody here changes its tables.
    """
    url = database.engine.url
    if url.get_backend_name() == "sqlite" and _is_read_only(Path(url.database or "")):
        with database.reading() as connection:
            if versions.is_current(connection):
                return
        raise StoreError(
            "The store has an older version, and its folder is not writable, so it cannot be upgraded.",
            recovery_actions=("Start the program once with an account that can write there.",),
        )
    try:
        lock_path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock_path, timeout=TABLES_TIMEOUT_SECONDS):
            if database.engine.dialect.name == "postgresql":
                check_server(database.engine)
            with database.reading() as connection:
                is_current = versions.is_current(connection)
            if not is_current:
                _bring_tables_up_to_date(database)
    except Timeout as error:
        raise StoreBusyError(
            f"Another process has held {lock_path} for more than {TABLES_TIMEOUT_SECONDS:g} s.",
            recovery_actions=("Wait until it has opened the store, then start again.",),
        ) from error
    except OSError as error:
        raise StoreError(
            f"The lock of the store, {lock_path}, cannot be created: {system_message(error)}.",
            recovery_actions=("Check its folder, its permissions and free space on the disk.",),
        ) from error


def _bring_tables_up_to_date(database: Database) -> None:
    installation_id = str(uuid.uuid4())  # noqa: TID251 - the one identity made from nothing
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            limit = f"{TABLES_TIMEOUT_SECONDS:g}s"
            connection.execute(text(f"SET LOCAL lock_timeout = '{limit}'"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        lock_for_transaction(connection, "tables")  # the lock file is of one machine only
        if not versions.is_current(connection):
            versions.bring_up_to_date(connection, installation_id=installation_id)
