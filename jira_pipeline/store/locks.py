"""Who is at work: leases of targets and locks of runs, one kind for each dialect.

Belongs here: taking a lock, holding it, giving it back, asking who has it; the transactions that
need a lease; showing that a process works on a run, and who is dead by that. Does not: when a lease
is needed (`export/target`), what follows when a run died (`context/states`).

A lease lets one process at a time write to a target, such as a Jira project; its holder is a text
for people, such as `run 3f2a91c0`. The lock of a run shows that a process works on the run. On SQLite
both are lock files, on PostgreSQL advisory locks of the server.

Whether a holder lives is known from the lock itself, never from a clock: the system or the server
takes it back when the process or its session ends, however it ends. File locks over a network are
not to be trusted. The time in a row is for people.
"""

import hashlib
import logging
import os
import re
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from contextvars import copy_context
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from filelock import FileLock, Timeout
from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Select,
    delete,
    exc,
    insert,
    literal_column,
    select,
    text,
    update,
)
from typing_extensions import override

from jira_pipeline.model.errors import (
    LeaseBusyError,
    LeaseLostError,
    PipelineError,
    StoreBusyError,
    StoreError,
    system_message,
)
from jira_pipeline.model.runs import RunLiveness
from jira_pipeline.store import tables
from jira_pipeline.store.postgres import APPLICATION_NAME, advisory_key
from jira_pipeline.store.transactions import Database, translated_errors

logger = logging.getLogger(__name__)

_UUID = re.compile(r"\b([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_NAME_PREFIX = f"{APPLICATION_NAME}: "
_NAME_LENGTH_MAX = 63
"""Source: PostgreSQL's documentation of application_name; the server cuts longer ones."""
_TAKE = text(
    "SELECT set_config('application_name', :holder, false), pg_try_advisory_lock(:key) AS is_taken"
)
_NEVER_IDLE_TOO_LONG = text(
    "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'"
)
"""An administrator may limit how long a session is idle (since PostgreSQL 14). An export that waits
before it sends an unconfirmed ticket again is idle for longer, and must keep its lock."""
_LEAVE = text("SELECT pg_advisory_unlock(:key)")
_HOLDERS = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
    "AND (classid::bigint << 32 | objid::bigint) = :key "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_IS_OURS = text(f"SELECT pg_backend_pid() IN ({_HOLDERS})")
_HOLDER = text(f"SELECT application_name FROM pg_stat_activity WHERE pid IN ({_HOLDERS})")  # noqa: S608 - fixed words

_SINCE = text(f"SELECT backend_start FROM pg_stat_activity WHERE pid IN ({_HOLDERS})")  # noqa: S608 - fixed words


class FileLocks:
    """Lock files in one folder, which are created when first needed.

    Beside each there may be a second file, which says something about the lock.
    """

    def __init__(self, folder: Path, suffix: str, other_suffix: str) -> None:
        """Take the folder, and the suffixes of lock files and of the files beside them."""
        self._folder = folder
        self._suffixes = (suffix, other_suffix)

    def paths_of(self, name: str) -> tuple[Path, Path]:
        """Return the lock file of a target or run, and the file beside it."""
        # A name may hold an address, so the files are named by its hash.
        digest = hashlib.sha256(name.encode("utf-8")).hexdigest()[:32]
        lock, other = (self._folder / f"{digest}{suffix}" for suffix in self._suffixes)
        return lock, other

    @contextmanager
    def taken(self, path: Path, *, timeout_seconds: float) -> Iterator[bool]:
        """Try to take a lock file and hold it while the block runs; yields whether it was taken.

        False: another process holds it for longer than the timeout; the block runs all the same.
        """
        lock = FileLock(path, thread_local=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(Timeout):
                lock.acquire(timeout=timeout_seconds)
        except OSError as error:
            raise self.unusable(error) from error
        try:
            yield lock.is_locked
        finally:
            lock.release()

    def is_held(self, path: Path) -> bool:
        """Return whether somebody holds a lock file that exists; it is taken for a moment to see."""
        with self.taken(path, timeout_seconds=0) as is_ours:
            return not is_ours

    def unusable(self, error: OSError) -> StoreError:
        """Return the error for a folder that cannot keep lock files."""
        return StoreError(
            f"The locks in {self._folder} cannot be used: {system_message(error)}.",
            recovery_actions=("Check the folder, its permissions and free space on the disk.",),
        )


class AdvisoryLock:
    """An advisory lock of the server, held by a connection of its own, which threads use in turn."""

    def __init__(self, engine: Engine, name: str, *, key: int, holder: str) -> None:
        """Take what is locked (`name`), the number of the lock, and who holds it, for people."""
        self._engine = engine
        self._name = name
        self._key = {"key": key}
        self._holder = application_name_of(holder)
        self._turn = threading.Lock()
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take the lock and keep its connection; return False, and keep none, where it is held."""
        with ExitStack() as closing_connection, translated_errors():
            connection = closing_connection.enter_context(self._engine.connect())
            with connection.begin():
                connection.execute(_NEVER_IDLE_TOO_LONG)
                row = connection.execute(_TAKE, {**self._key, "holder": self._holder}).one()
            if row.is_taken:
                self._connection = connection
                closing_connection.pop_all()  # the connection stays open
            return bool(row.is_taken)

    @property
    def is_kept(self) -> bool:
        """Whether the connection that took the lock is open, as far as is known here."""
        return self._connection is not None and not self._connection.invalidated

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction on the connection that holds the lock.

        Raises:
            LeaseLostError: That connection is closed, or the lock is not held by it any more.
        """
        with self._turn:
            connection = self._connection
            # SQLAlchemy would replace an invalidated connection by a new one, without the lock.
            if connection is None or connection.invalidated:
                raise self._lost()
            try:
                with translated_errors(), connection.begin():
                    # A pooler may have given this transaction another session.
                    if not connection.execute(_IS_OURS, self._key).scalar_one():
                        raise LeaseLostError(
                            target=self._name,
                            reason="the database says that this session has no lock",
                        )
                    yield connection
            except PipelineError as error:
                if connection.invalidated:
                    raise self._lost() from error
                raise

    def leave(self) -> None:
        """Release the lock and close its connection; nothing is done where either is lost already."""
        with self._turn:
            if self._connection is None:
                return
            with self._connection as connection:
                self._connection = None
                if connection.invalidated:
                    return
                try:
                    with connection.begin():
                        connection.execute(_LEAVE, self._key)
                except exc.DBAPIError as error:  # the session ends now, and its lock with it
                    logger.warning("The lock of %s ended early: %s", self._name, error.orig)
                    connection.invalidate()

    def _lost(self) -> LeaseLostError:
        return LeaseLostError(target=self._name, reason="the connection that held it is closed")


def application_name_of(holder: str) -> str:
    """Return the name under which the server lists the connection of a lock.

    Run ids are shortened to eight digits, as Dagster shows them.
    """
    return (_NAME_PREFIX + _UUID.sub(r"\1", holder))[:_NAME_LENGTH_MAX]


def lease_key(target_id: str) -> int:
    """Return the number of the advisory lock of a target."""
    return advisory_key(f"lease {target_id}")


def run_key(run_id: str) -> int:
    """Return the number of the advisory lock of a run."""
    return advisory_key(f"run {run_id}")


_UNNAMED = "another process"
"""Stands for a holder whose name is not known."""


class FileTargetLease:
    """Lets one process at a time write to a target, for as long as it lives, by lock files."""

    def __init__(self, folder: Path) -> None:
        self._locks = FileLocks(folder, ".lock", ".holder")
        self._held: set[str] = set()

    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        """Hold the lease of a target.

        Raises:
            LeaseBusyError: Another live process, or another part of this one, holds it; the
                message names it.
            StoreError: The folder that keeps leases cannot be written.
        """
        lock_path, name_path = self._locks.paths_of(target_id)
        with self._locks.taken(lock_path, timeout_seconds=0) as is_ours:
            if not is_ours:
                raise LeaseBusyError(target=target_id, holder=_read_name(name_path))
            try:
                name_path.write_text(holder, encoding="utf-8")
            except OSError as error:
                raise self._locks.unusable(error) from error
            self._held.add(target_id)
            try:
                yield
            finally:
                self._held.discard(target_id)

    def is_held(self, target_id: str) -> bool:
        """Tell whether this process holds a lease."""
        return target_id in self._held

    def holder_of(self, target_id: str) -> str | None:
        """Return who holds a lease, in whatever process; None where nobody does."""
        lock_path, name_path = self._locks.paths_of(target_id)
        is_held = lock_path.is_file() and self._locks.is_held(lock_path)
        return _read_name(name_path) if is_held else None

    def held_since(self, target_id: str) -> datetime | None:
        """Return when the holder of a lease took it; None where nobody holds it, or that is not known."""
        lock_path, name_path = self._locks.paths_of(target_id)
        if not lock_path.is_file() or not self._locks.is_held(lock_path):
            return None
        try:
            return datetime.fromtimestamp(name_path.stat().st_mtime, tz=UTC)
        except OSError:
            return None


def _read_name(path: Path) -> str:
    """Return the name of a holder from its file.

    The file may be missing or name the holder before, since a lock is taken before it is written.
    """
    try:
        return path.read_text(encoding="utf-8").strip() or _UNNAMED
    except OSError:  # a name that cannot be read must not hide that the lease is held
        return _UNNAMED


class AdvisoryTargetLease:
    """Lets one process at a time write to a target, by advisory locks of PostgreSQL.

    Each lock is held by a connection of its own, which may be lost, and the lease with it.
    """

    def __init__(self, database: Database, *, lease_engine: Engine) -> None:
        """Take the database, and an engine that opens a new connection each time."""
        self._database = database
        self._lease_engine = lease_engine
        self._held: dict[str, AdvisoryLock] = {}

    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        """Hold the lease of a target.

        Raises:
            LeaseBusyError: Another live process, or another part of this one, holds it; the
                message names it.
            StoreBusyError: The server that keeps leases cannot be reached.
        """
        key = lease_key(target_id)
        lock = AdvisoryLock(self._lease_engine, target_id, key=key, holder=holder)
        if not lock.take():
            raise LeaseBusyError(target=target_id, holder=self.holder_of(target_id) or _UNNAMED)
        self._held[target_id] = lock
        try:
            yield
        finally:
            del self._held[target_id]
            lock.leave()

    def is_held(self, target_id: str) -> bool:
        """Return whether this process holds the lease of a target and its connection still has it."""
        lock = self._held.get(target_id)
        if lock is None:
            return False
        try:
            with lock.transaction():
                return True
        except (LeaseLostError, StoreBusyError):
            return False

    def holder_of(self, target_id: str) -> str | None:
        """Return who holds a lease, in whatever process; None where nobody does."""
        with self._database.reading() as connection:
            name = connection.execute(_HOLDER, {"key": lease_key(target_id)}).scalars().first()
        return None if name is None else str(name).removeprefix(_NAME_PREFIX)

    def held_since(self, target_id: str) -> datetime | None:
        """Return when the connection that holds a lease was opened; None where nobody holds it."""
        with self._database.reading() as connection:
            since = connection.execute(_SINCE, {"key": lease_key(target_id)}).scalars().first()
        return since if isinstance(since, datetime) else None

    @contextmanager
    def intending(self, target_id: str) -> Iterator[Connection]:
        """Open the transaction that commits an intent to send something to a target.

        It is one on the connection of the lease, where this process holds it: so an intent cannot be
        committed once the lease is lost. Else it is any writing transaction.

        Raises:
            LeaseLostError: That connection is gone, and the lease with it.
        """
        lock = self._held.get(target_id)
        with self._database.writing() if lock is None else lock.transaction() as connection:
            yield connection


WatchedLease: TypeAlias = FileTargetLease | AdvisoryTargetLease

HOLD_TIMEOUT_SECONDS = 1.0
"""How long a run waits for its own lock file. Whoever looks whether the run is dead takes the lock
for a moment, which is shorter."""
LOOK_SECONDS = 10.0
"""How often a run looks whether it still holds its lock, and takes it again where it was lost."""
_NOW: Any = literal_column(
    """to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
)
"""By one clock for all machines, in the form of `UTC_TIME`."""
_HELD_KEYS: Select[tuple[int]] = select(
    text(
        "SELECT classid::bigint << 32 | objid::bigint AS lock_key FROM pg_locks "
        "WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    .columns(lock_key=BigInteger)
    .subquery()
    .c.lock_key
)
_ROWS = tables.runs_at_work
_RUN = tables.runs_at_work.c


class FileRunLocks(RunLiveness):
    """Keeps the locks of runs as files.

    `….run` is locked while a process works on the run. Where the process was killed, the file is
    there without a lock. Where it ended and could not store how (`leave`), it is renamed to `….left`.
    """

    def __init__(self, folder: Path) -> None:
        self._locks = FileLocks(folder, ".run", ".left")
        self._left: set[str] = set()
        """Ids of runs of this process that could not store how they ended."""

    @override
    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        """Show that this process works on a run, until the block ends.

        Where another process has its lock already, that one shows it, and the block runs all the
        same.
        """
        path, left_path = self._locks.paths_of(run_id)
        with self._locks.taken(path, timeout_seconds=HOLD_TIMEOUT_SECONDS) as is_ours:
            try:
                yield
            finally:
                if is_ours and run_id in self._left:
                    with suppress(OSError):  # a file without a lock says that the run is dead, too
                        path.replace(left_path)
                elif is_ours:
                    path.unlink(missing_ok=True)

    @override
    def leave(self, run_id: str) -> None:
        self._left.add(run_id)

    @override
    def is_alive(self, run_id: str) -> bool:
        return self._is_held(run_id) is True

    @override
    def find_dead_runs(self, run_ids: Iterable[str]) -> Mapping[str, bool]:
        dead_runs: dict[str, bool] = {}
        for run_id in run_ids:
            if self._is_held(run_id) is False:
                _, left_path = self._locks.paths_of(run_id)
                dead_runs[run_id] = left_path.is_file()
        return dead_runs

    def _is_held(self, run_id: str) -> bool | None:
        """Return whether a process holds the lock of a run; None where nothing is known of the run.

        False: the run is dead.
        """
        path, left_path = self._locks.paths_of(run_id)
        if not path.is_file():
            return False if left_path.is_file() else None
        try:
            is_held = self._locks.is_held(path)
        except StoreError:  # it cannot be opened: nothing is known
            return None
        if is_held:
            return True
        # The run may have ended, and removed its file, while we looked.
        return False if path.is_file() else None

    @override
    def forget(self, run_id: str) -> None:
        for path in self._locks.paths_of(run_id):
            path.unlink(missing_ok=True)


class _ShownRun:
    """The advisory lock of a run, and the row of `runs_at_work` that shows it."""

    def __init__(self, engine: Engine, run_id: str) -> None:
        self._run_id = run_id
        self._is_ours = _RUN.run_id == run_id  # the condition for its row
        self._lock = AdvisoryLock(engine, run_id, key=run_key(run_id), holder=f"run {run_id}")
        self._stop = threading.Event()

    def begin(self) -> bool:
        """Take the lock and write the row; return False, and write nothing, where it is held."""
        if not self._lock.take():
            return False
        try:
            with self._lock.transaction() as connection:
                # Since the lock was free, a row that is there is of a process that is gone.
                connection.execute(delete(_ROWS).where(self._is_ours))
                self._insert_row(connection)
        except BaseException:
            self._lock.leave()
            raise
        return True

    def _insert_row(self, connection: Connection) -> None:
        """Write the row: this process works on the run."""
        row = {
            "run_id": self._run_id,
            "lock_key": run_key(self._run_id),
            "host": socket.gethostname(),
            "process": os.getpid(),
            "since": _NOW,
            "is_left": False,
        }
        connection.execute(insert(_ROWS).values(row))

    @contextmanager
    def kept(self, look_seconds: float) -> Iterator[None]:
        """Look every so many seconds whether the lock is held, in a thread, until the block ends."""

        def look() -> None:
            while not self._stop.wait(look_seconds):
                self._keep()

        run = copy_context().run  # its lines of the log are about the same run
        thread = threading.Thread(target=run, args=(look,), daemon=True, name="run lock")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _keep(self) -> None:
        """Take the lock again where it was lost, and write the row where somebody removed it."""
        try:
            if not self._lock.is_kept:
                if not self.begin():
                    logger.warning("Another process holds the lock of %s now.", self._run_id)
                return
            with self._lock.transaction() as connection:
                if connection.execute(select(_RUN.run_id).where(self._is_ours)).first() is None:
                    self._insert_row(connection)
        except PipelineError as error:
            logger.warning("The lock of %s cannot be kept: %s", self._run_id, error.message)
            if isinstance(error, LeaseLostError):
                self._lock.leave()

    def end(self, *, is_row_kept: bool) -> None:
        """Delete the row, then release the lock.

        With `is_row_kept` the row stays and says that the run could not store how it ended. A lock
        that is lost already needs no release.
        """
        mark_left = update(_ROWS).where(self._is_ours).values(is_left=True)
        delete_row = delete(_ROWS).where(self._is_ours)
        try:
            if self._lock.is_kept:
                with self._lock.transaction() as connection:
                    connection.execute(mark_left if is_row_kept else delete_row)
        except PipelineError as error:
            logger.warning("The lock of %s ended early: %s", self._run_id, error.message)
        self._lock.leave()


class AdvisoryRunLocks(RunLiveness):
    """Keeps the locks of runs on PostgreSQL, each on a connection of its own."""

    def __init__(
        self, database: Database, *, lock_engine: Engine, look_seconds: float = LOOK_SECONDS
    ) -> None:
        """Take the database, and an engine that opens a new connection each time."""
        self._database = database
        self._lock_engine = lock_engine
        self._look_seconds = look_seconds
        self._left: set[str] = set()

    @override
    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        """Show that this process works on a run, until the block ends.

        Where another process has its lock already, that one shows it, and the block runs all the
        same.
        """
        run = _ShownRun(self._lock_engine, run_id)
        if not run.begin():
            yield
            return
        try:
            with run.kept(self._look_seconds):
                yield
        finally:
            run.end(is_row_kept=run_id in self._left)

    @override
    def leave(self, run_id: str) -> None:
        self._left.add(run_id)

    @override
    def is_alive(self, run_id: str) -> bool:
        held = _HELD_KEYS.where(literal_column("lock_key") == run_key(run_id))
        return bool(self._database.fetch(held))

    @override
    def find_dead_runs(self, run_ids: Iterable[str]) -> Mapping[str, bool]:
        """Return those runs that are dead: rows without a lock that are seen twice.

        A process takes the lock before it writes the row, and deletes the row before it releases the
        lock. So a row seen once may be of a run that just ended; one seen twice is of a process that
        is gone.
        """
        wanted_ids = frozenset(run_ids)
        if not wanted_ids:
            return {}
        is_unlocked = _RUN.lock_key.not_in(_HELD_KEYS)
        query = select(_RUN.run_id, _RUN.since, _RUN.is_left).where(is_unlocked)
        unlocked_before = self._database.fetch(query)
        if not unlocked_before:
            return {}
        dead_runs: dict[str, bool] = {}
        for row in self._database.fetch(query):
            if row.run_id in wanted_ids and row in unlocked_before:
                dead_runs[row.run_id] = row.is_left
        return dead_runs

    @override
    def forget(self, run_id: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(_ROWS).where(_RUN.run_id == run_id))
