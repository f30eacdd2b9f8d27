"""Who is at work: leases of targets and locks of runs, one kind for each dialect.

Belongs here: taking a lock, holding it, giving it back, asking who has it; the transactions that
need a lease; showing that a process works on a run, and who is dead by that. Does not: when a lease
is needed (`export/target`), what follows when a run died (`context/states`).

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
from jira_pipeline.store.transactions import (
    APPLICATION_NAME,
    Database,
    advisory_key,
    translated_errors,
)

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
"""Since PostgreSQL 14; an export may wait for its horizon longer than an administrator's limit."""
_LEAVE = text("SELECT pg_advisory_unlock(:key)")
_HOLDERS = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
    "AND (classid::bigint << 32 | objid::bigint) = :key "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_IS_OURS = text(f"SELECT pg_backend_pid() IN ({_HOLDERS})")
_HOLDER = text(f"SELECT application_name FROM pg_stat_activity WHERE pid IN ({_HOLDERS})")  # noqa: S608 - fixed words


class FileLocks:
    """Locks that are files of one folder, made when first needed; each with another file about it."""

    def __init__(self, folder: Path, suffix: str, other_suffix: str) -> None:
        self._folder = folder
        self._suffixes = (suffix, other_suffix)

    def paths_of(self, name: str) -> tuple[Path, Path]:
        """Return the files of what is locked; its name may hold an address."""
        digest = hashlib.sha256(name.encode("utf-8")).hexdigest()[:32]
        lock, other = (self._folder / f"{digest}{suffix}" for suffix in self._suffixes)
        return lock, other

    @contextmanager
    def taken(self, path: Path, *, timeout_seconds: float) -> Iterator[bool]:
        """Hold the lock of a file while the block runs, or tell that another process has it."""
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
        """Tell whether somebody holds the lock of a file that is there."""
        with self.taken(path, timeout_seconds=0) as is_ours:
            return not is_ours

    def unusable(self, error: OSError) -> StoreError:
        """Say why the folder cannot keep locks."""
        return StoreError(
            f"The locks in {self._folder} cannot be used: {system_message(error)}.",
            recovery_actions=("Check the folder, its permissions and free space on the disk.",),
        )


class AdvisoryLock:
    """A lock of the server, and the session of its own that holds it; threads take turns."""

    def __init__(self, engine: Engine, name: str, *, key: int, holder: str) -> None:
        self._engine = engine
        self._name = name
        self._key = {"key": key}
        self._holder = application_name_of(holder)
        self._turn = threading.Lock()
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take it; tell whether it was free."""
        with ExitStack() as unless_taken, translated_errors():
            connection = unless_taken.enter_context(self._engine.connect())
            with connection.begin():
                connection.execute(_NEVER_IDLE_TOO_LONG)
                row = connection.execute(_TAKE, {**self._key, "holder": self._holder}).one()
            if row.is_taken:
                self._connection = connection
                unless_taken.pop_all()
            return bool(row.is_taken)

    @property
    def is_kept(self) -> bool:
        """Whether the session that took it is there, as far as is known."""
        return self._connection is not None and not self._connection.invalidated

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction in the session that holds it.

        Raises:
            LeaseLostError: That session is gone, or has the lock no more.
        """
        with self._turn:
            connection = self._connection
            if (
                connection is None or connection.invalidated
            ):  # SQLAlchemy would go on with a new one
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
        """Give it back and end its session; what is lost already needs no giving back."""
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
    """Return what the server lists a lock's session as; run ids as short as Dagster shows them."""
    return (_NAME_PREFIX + _UUID.sub(r"\1", holder))[:_NAME_LENGTH_MAX]


def lease_key(target_id: str) -> int:
    """Return the number of the advisory lock of a target."""
    return advisory_key(f"lease {target_id}")


def run_key(run_id: str) -> int:
    """Return the number of the advisory lock of a run."""
    return advisory_key(f"run {run_id}")


_UNNAMED = "another process"


class FileTargetLease:
    """Lets one process at a time write to a target, for as long as it lives: by file locks."""

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


def _read_name(path: Path) -> str:
    """Return who wrote the name last; the holder may not have come to it yet."""
    try:
        return path.read_text(encoding="utf-8").strip() or _UNNAMED
    except OSError:  # a name that cannot be read must not hide that the lease is held
        return _UNNAMED


class AdvisoryTargetLease:
    """The same by advisory locks, each on a connection of its own, which may be lost."""

    def __init__(self, database: Database, *, lease_engine: Engine) -> None:
        self._database = database
        self._lease_engine = lease_engine
        self._held: dict[str, AdvisoryLock] = {}

    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        """Hold the lease of a target.

        Raises:
            LeaseBusyError: As above.
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
        """Tell whether this process holds a lease, and still does: its connection may be gone."""
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

    @contextmanager
    def intending(self, target_id: str) -> Iterator[Connection]:
        """Open the transaction that commits an intent: on the connection of the lease we hold.

        Raises:
            LeaseLostError: That connection is gone, and the lease with it.
        """
        lock = self._held.get(target_id)
        with self._database.writing() if lock is None else lock.transaction() as connection:
            yield connection


WatchedLease: TypeAlias = FileTargetLease | AdvisoryTargetLease

HOLD_TIMEOUT_SECONDS = 1.0
"""Longer than somebody needs to look whether a run is dead, which takes the lock for a moment."""
LOOK_SECONDS = 10.0
"""So often a run looks whether it still holds its lock, and takes one again that was lost."""
_NOW: Any = literal_column(
    """to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
)
"""By one clock for all machines, in the form of `UTC_TIME`."""
_HELD: Select[tuple[int]] = select(
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
    def __init__(self, folder: Path) -> None:
        self._locks = FileLocks(folder, ".run", ".left")
        self._left: set[str] = set()

    @override
    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        path, left_path = self._locks.paths_of(run_id)
        with self._locks.taken(path, timeout_seconds=HOLD_TIMEOUT_SECONDS) as is_ours:
            try:
                yield
            finally:
                if is_ours and run_id in self._left:
                    with suppress(OSError):  # the file alone says that the run is dead
                        path.replace(left_path)
                elif is_ours:  # else another process works on the same run and shows it
                    path.unlink(missing_ok=True)

    @override
    def leave(self, run_id: str) -> None:
        self._left.add(run_id)

    @override
    def is_alive(self, run_id: str) -> bool:
        return self._is_held(run_id) is True

    @override
    def find_dead_runs(self, run_ids: Iterable[str]) -> Mapping[str, bool]:
        dead = (run_id for run_id in run_ids if self._is_held(run_id) is False)
        return {run_id: self._locks.paths_of(run_id)[1].is_file() for run_id in dead}

    def _is_held(self, run_id: str) -> bool | None:
        """Tell whether somebody holds the lock of a run; None where nothing is known of it."""
        path, left_path = self._locks.paths_of(run_id)
        if not path.is_file():
            return False if left_path.is_file() else None
        try:
            is_held = self._locks.is_held(path)
        except StoreError:  # it cannot be opened: nothing is known
            return None
        return is_held or (False if path.is_file() else None)

    @override
    def forget(self, run_id: str) -> None:
        for path in self._locks.paths_of(run_id):
            path.unlink(missing_ok=True)


class _ShownRun:
    """The lock of a run, and the row that shows it."""

    def __init__(self, engine: Engine, run_id: str) -> None:
        self._run_id = run_id
        self._is_ours = _RUN.run_id == run_id
        self._lock = AdvisoryLock(engine, run_id, key=run_key(run_id), holder=f"run {run_id}")
        self._stop = threading.Event()

    def begin(self) -> bool:
        """Take the lock and write the row; return whether it was free."""
        if not self._lock.take():
            return False
        try:
            with self._lock.transaction() as connection:
                connection.execute(delete(_ROWS).where(self._is_ours))  # of somebody who is gone
                self._show(connection)
        except BaseException:
            self._lock.leave()
            raise
        return True

    def _show(self, connection: Connection) -> None:
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
        """Look again and again whether it is held, until the block ends."""

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
                    self._show(connection)
        except PipelineError as error:
            logger.warning("The lock of %s cannot be kept: %s", self._run_id, error.message)
            if isinstance(error, LeaseLostError):
                self._lock.leave()

    def end(self, *, is_row_kept: bool) -> None:
        """Give the lock back, after the row; what is lost already needs no giving back."""
        left = update(_ROWS).where(self._is_ours).values(is_left=True)
        try:
            if self._lock.is_kept:
                with self._lock.transaction() as connection:
                    connection.execute(left if is_row_kept else delete(_ROWS).where(self._is_ours))
        except PipelineError as error:
            logger.warning("The lock of %s ended early: %s", self._run_id, error.message)
        self._lock.leave()


class AdvisoryRunLocks(RunLiveness):
    """Keeps the locks of runs on the server, each on a connection of its own."""

    def __init__(
        self, database: Database, *, lock_engine: Engine, look_seconds: float = LOOK_SECONDS
    ) -> None:
        self._database = database
        self._lock_engine = lock_engine
        self._look_seconds = look_seconds
        self._left: set[str] = set()

    @override
    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        run = _ShownRun(self._lock_engine, run_id)
        if not run.begin():  # another process works on the same run and shows it
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
        held = _HELD.where(literal_column("lock_key") == run_key(run_id))
        return bool(self._database.fetch(held))

    @override
    def find_dead_runs(self, run_ids: Iterable[str]) -> Mapping[str, bool]:
        """Look twice at the rows whose locks nobody holds: there are few.

        A holder takes the lock before it writes the row, and removes the row before it lets go. So
        a row that is there before and after its lock is not held is of somebody who is gone.
        """
        wanted_ids = frozenset(run_ids)
        if not wanted_ids:
            return {}
        is_unlocked = _RUN.lock_key.not_in(_HELD)
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
