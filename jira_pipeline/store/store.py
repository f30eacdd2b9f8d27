"""The store as one value: all its parts, and opening it.

Belongs here: which parts there are, and which of them each database has; the options of each
dialect, that one process at a time makes the tables. Does not: statements (the module of each part),
how tables are made and changed (`versions`), transactions (`transactions`), copies (`store_copies`).

A store is a SQLite file with folders beside it, or a PostgreSQL database. `open_store` takes its URL
(`sqlite:////srv/pipeline/store.sqlite`) and returns a `Store`, which has one attribute for each part.
"""

import os
import socket
import sqlite3
import uuid
from functools import partial
from pathlib import Path
from typing import Any, Self
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
from jira_pipeline.model.kept_files import CACHE, KeptFiles
from jira_pipeline.model.runs import RunLiveness
from jira_pipeline.store import versions
from jira_pipeline.store.changes import AuditTrail, ErrorStore, ReviewOutbox
from jira_pipeline.store.client_link_store import ClientLinkStore
from jira_pipeline.store.documents import SqlDocumentStore
from jira_pipeline.store.files import FolderFiles, RowFiles
from jira_pipeline.store.inbox_store import InboxStore
from jira_pipeline.store.kept_reviews import KeptReviewStore
from jira_pipeline.store.keyed_request_store import KeyedRequestStore
from jira_pipeline.store.layout_store import LayoutStore
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline.store.locks import (
    AdvisoryRunLocks,
    AdvisoryTargetLease,
    FileRunLocks,
    FileTargetLease,
    WatchedLease,
)
from jira_pipeline.store.people_store import PeopleStore
from jira_pipeline.store.postgres import (
    check_server,
    create_lease_engine,
    create_postgres_engine,
    lock_for_transaction,
)
from jira_pipeline.store.reviews import CommentStore, ReviewStore
from jira_pipeline.store.run_records import ComparisonStore, ExportRunStore, ManualFixStore
from jira_pipeline.store.run_request_store import RunRequestStore
from jira_pipeline.store.search_index import SearchIndex
from jira_pipeline.store.session_store import SessionStore
from jira_pipeline.store.sharedo_job_store import SqlExportJobStore
from jira_pipeline.store.site_verification_store import SiteVerificationStore
from jira_pipeline.store.ticket_store import TicketStore
from jira_pipeline.store.transactions import ASKS_ONCE, WRITES, Database
from jira_pipeline.store.upload_readings import UploadReadingStore
from jira_pipeline.store.validation_store import ValidationStore
from jira_pipeline.store.webhook_delivery_store import WebhookDeliveryStore
from jira_pipeline.store.writing_record import WritingRecord
from jira_pipeline.store.written_from import WrittenFromStore

_LEASE_FOLDER = "leases"
_RUN_FOLDER = "runs"


class Store:
    """An open store; closed with `close` or at the end of a `with` block."""

    def __init__(self, database: Database, *, lock_path: Path) -> None:
        """Make all parts of a store; the folder of `lock_path` has its locks and files on SQLite."""
        self.database = database
        """For tests and modules of this package; everybody else uses the parts."""
        self.folder = lock_path.parent
        self.is_postgres = database.engine.dialect.name == "postgresql"
        self.sessions = SessionStore(database)
        self.inbox = InboxStore(database)
        self.tickets = TicketStore(database)
        self.documents = SqlDocumentStore(database)
        self.search = SearchIndex(database)
        self.reviews = ReviewStore(database)
        self.outbox = ReviewOutbox(database)
        self.validations = ValidationStore(database)
        self.writing = WritingRecord(database)
        self.manual_fixes = ManualFixStore(database)
        self.export_runs = ExportRunStore(database)
        self.run_requests = RunRequestStore(database)
        self.comparisons = ComparisonStore(database)
        self.errors = ErrorStore(database)
        self.audit = AuditTrail(database)
        self.sharedo_jobs = SqlExportJobStore(database)
        self.site_verifications = SiteVerificationStore(database)
        self.people = PeopleStore(database)
        self.client_links = ClientLinkStore(database)
        self.comments = CommentStore(database)
        self.kept_reviews = KeptReviewStore(database)
        self.upload_readings = UploadReadingStore(database)
        self.written_from = WrittenFromStore(database)
        self.layouts = LayoutStore(database)
        self.keyed_requests = KeyedRequestStore(database)
        self.webhook_deliveries = WebhookDeliveryStore(database)
        self.files: KeptFiles = FolderFiles(self.folder)
        """Files in folders on SQLite; rows on PostgreSQL, with copies in a cache of this machine."""
        self.leases: WatchedLease = FileTargetLease(self.folder / _LEASE_FOLDER)
        """Which process alone writes to a target: lock files on SQLite, locks of the server on
        PostgreSQL."""
        self.run_locks: RunLiveness = FileRunLocks(self.folder / _RUN_FOLDER)
        """Which runs have a living process, known in the same way."""
        self.ledger = SqlExportLedger(database)
        """What was sent; on PostgreSQL intents are committed on the connection of the lease."""
        if self.is_postgres:
            # Leases and locks of runs are held by connections, which no pool may close or share.
            engine = create_lease_engine(database.engine.url)
            leases = AdvisoryTargetLease(database, lease_engine=engine)
            self.files = RowFiles(database, cache=FolderFiles(self.folder / CACHE))
            self.leases = leases
            self.ledger = SqlExportLedger(database, intending=leases.intending)
            self.run_locks = AdvisoryRunLocks(database, lock_engine=engine)

    @property
    def place(self) -> str:
        """Where this store is, such as `db.example.org/pipeline`: a copy of it has another place."""
        url = self.database.engine.url
        if self.is_postgres:
            return f"{url.host}/{url.database}"
        return f"{socket.gethostname()}:{self.folder.absolute()}"

    def close(self) -> None:
        self.database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


BUSY_TIMEOUT_SECONDS = 30.0
"""How long a writer on SQLite waits for another one."""
TABLES_TIMEOUT_SECONDS = 120.0
"""How long a program that starts waits for another one that makes or changes the tables."""
_SYNCHRONOUS_FULL = 2
"""What `PRAGMA synchronous` answers where it is FULL."""


def open_store(database_url: str, *, lock_path: Path) -> Store:
    """Open the store; the first process makes its tables, or upgrades them, while others wait.

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


def open_store_to_read(database_url: str, *, lock_path: Path) -> Store:
    """Open a store that exists, of this version, so that nothing can be written to it.

    No home, table or lock is made: this is for programs beside the one that keeps the store.

    Raises:
        ConfigurationError: The URL names no database we know.
        StoreError: There is no store, or it is of another version than this program.
    """
    engine = create_store_engine(database_url, is_read_only=True)
    database = Database(engine)
    try:
        with database.reading() as connection:
            versions.refuse_other_version(connection)
    except BaseException:
        engine.dispose()
        raise
    return Store(database, lock_path=lock_path)


def create_store_engine(
    database_url: str,
    *,
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
    is_read_only: bool = False,
) -> Engine:
    """Return the engine for a URL; nothing is connected yet.

    Where it is read only, the database itself refuses every write.

    Raises:
        ConfigurationError: The URL names no database we know.
        StoreError: The store has to be read and does not exist, or its folder cannot be created.
    """
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        raise _unknown_database("it is not an SQLAlchemy URL") from error
    match url.drivername.partition("+")[0]:
        case "sqlite":
            if is_read_only:
                return _sqlite_reading_engine(url, busy_timeout_seconds)
            return _sqlite_engine(url, busy_timeout_seconds)
        case "postgresql":
            engine = create_postgres_engine(url)
            if is_read_only:
                return engine.execution_options(postgresql_readonly=True)
            return engine
        case other:
            raise _unknown_database(f"{other} is neither sqlite nor postgresql")


def _unknown_database(reason: str) -> ConfigurationError:
    """Return the error for a URL that cannot be used; it leaves the URL out, which may hold a password."""
    return ConfigurationError(
        f"JIRA_PIPELINE_DATABASE_URL cannot be used: {reason}.",
        recovery_actions=("Use sqlite:////absolute/path.sqlite or postgresql://…, or remove it.",),
    )


def _sqlite_reading_engine(url: URL, busy_timeout_seconds: float) -> Engine:
    """Return an engine that only reads an existing SQLite file; StoreError where there is none."""
    path = Path(url.database or "")
    if not path.is_file():
        raise StoreError(
            f"There is no store at {path}, so there is nothing to read.",
            recovery_actions=(
                "Start the program once where its data is.",
                "Name the folder with its data in JIRA_PIPELINE_HOME.",
            ),
        )
    if _is_read_only(path):
        return _sqlite_engine(url, busy_timeout_seconds)
    engine = create_engine(
        url, connect_args={"timeout": busy_timeout_seconds}, hide_parameters=True
    )
    event.listen(engine, "connect", _refuse_writes)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _refuse_writes(connection: Any, _record: object) -> None:
    _leave_transactions_to_us(connection, _record)
    connection.execute("PRAGMA query_only=ON")


def _sqlite_engine(url: URL, busy_timeout_seconds: float) -> Engine:
    """Return the engine for a SQLite file, which is created when it is first connected.

    A file that this account cannot write is opened to be read only; else the folder is created.
    """
    if not url.database or url.database == ":memory:":
        raise _unknown_database("a store in memory would forget what was sent")
    path = Path(url.database)
    if _is_read_only(path):
        connect = partial(_connect_read_only, path, busy_timeout_seconds)
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


def _connect_read_only(path: Path, busy_timeout_seconds: float) -> sqlite3.Connection:
    """Connect to a SQLite file without writing anything, not even beside it."""
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


def _is_read_only(path: Path) -> bool:
    """Return whether a SQLite file exists that cannot be written, itself or in its folder."""
    is_effective = os.access in os.supports_effective_ids
    return path.exists() and not all(
        os.access(place, os.W_OK, effective_ids=is_effective) for place in (path, path.parent)
    )


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    """Keep the driver from beginning transactions: `_begin_sqlite` does."""
    connection.isolation_level = None


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Make commits durable on a new connection; StoreError where the file system does not allow it."""
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
    """Begin a transaction; one that will write takes the lock for writing at once.

    One that begins by reading and then writes fails as locked when another wrote in between,
    whatever the timeout: 144 of 200 did so when it was measured. A connection for one statement
    begins none.
    """
    options = connection.get_execution_options()
    if options.get(ASKS_ONCE, False):
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES, False) else "BEGIN")


@event.listens_for(Engine, "handle_error")
def _keep_when_interrupted(context: ExceptionContext) -> None:
    """Have a transaction that Ctrl-C interrupts in SQLite rolled back, in Dagster's own stores too.

    SQLAlchemy would close the connection instead. SQLite ends neither the transaction nor its lock
    as long as a statement is left, and the traceback of the interrupt holds the cursor: the process
    then waits for itself, 90 s, to store that it was stopped.
    """
    if context.dialect.name == "sqlite" and not isinstance(context.original_exception, Exception):
        context.is_disconnect = False


def _bring_up_to_date(database: Database, lock_path: Path) -> None:
    """Make the tables of a store, or upgrade them, unless they are of this version.

    A lock file keeps other processes of this machine away meanwhile: several programs may start at
    once. A store that cannot be written needs no lock, since nobody changes its tables here.
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
    """Make or upgrade the tables in one transaction, unless another machine did so just now."""
    installation_id = str(uuid.uuid4())  # noqa: TID251 - the one identity made from nothing
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            limit = f"{TABLES_TIMEOUT_SECONDS:g}s"
            connection.execute(text(f"SET LOCAL lock_timeout = '{limit}'"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        lock_for_transaction(connection, "tables")  # the lock file is of one machine only
        if not versions.is_current(connection):
            versions.bring_up_to_date(connection, installation_id=installation_id)
