"""Who is at work: leases of targets, and the locks of live runs on one host.

Belongs here: taking and leaving a lease, on one host or through PostgreSQL, the transactions that
need one; showing by a file that a process works on a run. Does not: when a lease is needed
(`export`), the locks of runs on PostgreSQL (`run_locks`), what follows when a run died
(`context/states`).

Whether a holder lives is known from the lock itself, never from a clock: the system or the server
takes it back when the process or its session ends, however it ends. File locks over a network are
not to be trusted.
"""

import hashlib
import logging
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, exc, text
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
from jira_pipeline.store.postgres import APPLICATION_NAME, advisory_key
from jira_pipeline.store.transactions import Database, translated_errors

logger = logging.getLogger(__name__)

_UNNAMED = "another process"
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
HOLD_TIMEOUT_SECONDS = 1.0
"""Longer than somebody needs to look whether a run is dead, which takes the lock for a moment."""


class WatchedLease(Protocol):
    """Lets one process at a time write to a target, for as long as it lives and is connected."""

    def hold(self, target_id: str, *, holder: str) -> AbstractContextManager[None]:
        """Hold the lease of a target.

        Raises:
            LeaseBusyError: Another live process, or another part of this one, holds it; the
                message names it.
            StoreBusyError: The server that keeps leases cannot be reached.
            StoreError: The folder that keeps leases cannot be written.
        """
        ...

    def is_held(self, target_id: str) -> bool:
        """Tell whether this process holds a lease, and still does: its connection may be gone."""
        ...

    def holder_of(self, target_id: str) -> str | None:
        """Return who holds a lease, in whatever process; None where nobody does."""
        ...


class FileTargetLease(WatchedLease):
    """Keeps leases as file locks in one folder."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it is made when first needed."""
        self._folder = folder
        self._held: set[str] = set()

    @override
    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        lock_path, name_path = self._paths_of(target_id)
        lock = FileLock(lock_path, thread_local=False)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            raise LeaseBusyError(target=target_id, holder=_read_name(name_path)) from None
        except OSError as error:
            raise _unusable(self._folder, error) from error
        try:
            try:
                name_path.write_text(holder, encoding="utf-8")
            except OSError as error:
                raise _unusable(self._folder, error) from error
            self._held.add(target_id)
            yield
        finally:
            self._held.discard(target_id)
            lock.release()

    @override
    def is_held(self, target_id: str) -> bool:
        return target_id in self._held

    @override
    def holder_of(self, target_id: str) -> str | None:
        lock_path, name_path = self._paths_of(target_id)
        if not lock_path.is_file():
            return None
        try:
            with FileLock(lock_path, timeout=0, thread_local=False):
                return None
        except Timeout:
            return _read_name(name_path)
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def _paths_of(self, target_id: str) -> tuple[Path, Path]:
        """Return the file that is locked, and the one that names who holds it."""
        name = hashlib.sha256(target_id.encode("utf-8")).hexdigest()[:32]  # ids hold addresses
        return self._folder / f"{name}.lock", self._folder / f"{name}.holder"


def _read_name(path: Path) -> str:
    """Return who wrote the name last; the holder may not have come to it yet."""
    try:
        return path.read_text(encoding="utf-8").strip() or _UNNAMED
    except OSError:  # a name that cannot be read must not hide that the lease is held
        return _UNNAMED


def _unusable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The locks in {folder} cannot be used: {system_message(error)}.",
        recovery_actions=("Check the folder, its permissions and free space on the disk.",),
    )


class AdvisoryTargetLease(WatchedLease):
    """Keeps leases as advisory locks, each on a connection of its own."""

    def __init__(self, database: Database, *, lease_engine: Engine) -> None:
        """Keep the database, and the engine whose connections are sessions of their own."""
        self._database = database
        self._lease_engine = lease_engine
        self._held: dict[str, _HeldLease] = {}

    @override
    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        with translated_errors():
            opened = self._lease_engine.connect()
        with opened as connection:
            lease = _HeldLease(connection, target_id=target_id)
            lease.take(holder)
            self._held[target_id] = lease
            try:
                yield
            finally:
                del self._held[target_id]
                lease.leave()

    @override
    def is_held(self, target_id: str) -> bool:
        lease = self._held.get(target_id)
        if lease is None:
            return False
        try:
            with lease.writing():
                return True
        except (LeaseLostError, StoreBusyError):
            return False

    @override
    def holder_of(self, target_id: str) -> str | None:
        with self._database.reading() as connection:
            found = connection.execute(_HOLDER, {"key": lease_key(target_id)}).scalars().first()
        return None if found is None else str(found).removeprefix(_NAME_PREFIX)

    @contextmanager
    def intending(self, target_id: str) -> Iterator[Connection]:
        """Open the transaction that commits an intent: on the connection of the lease we hold.

        Raises:
            LeaseLostError: That connection is gone, and the lease with it.
        """
        lease = self._held.get(target_id)
        with self._database.writing() if lease is None else lease.writing() as connection:
            yield connection


class _HeldLease:
    """A connection whose session holds the lock of a target."""

    def __init__(self, connection: Connection, *, target_id: str) -> None:
        self._connection = connection
        self._target_id = target_id
        self._key = {"key": lease_key(target_id)}
        self._turn = threading.Lock()

    def take(self, holder: str) -> None:
        """Take the lock, or raise LeaseBusyError."""
        with translated_errors(), self._connection.begin():
            self._connection.execute(_NEVER_IDLE_TOO_LONG)
            values = {**self._key, "holder": application_name_of(holder)}
            if self._connection.execute(_TAKE, values).one().is_taken:
                return
            name = self._connection.execute(_HOLDER, self._key).scalars().first() or _UNNAMED
            raise LeaseBusyError(target=self._target_id, holder=name.removeprefix(_NAME_PREFIX))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction in the session that holds the lock; threads take turns."""
        with self._turn:
            if self._connection.invalidated:  # SQLAlchemy would go on with a new connection
                raise self._lost()
            try:
                with translated_errors(), self._connection.begin():
                    # A pooler may have given this transaction another session.
                    if not self._connection.execute(_IS_OURS, self._key).scalar_one():
                        raise LeaseLostError(
                            target=self._target_id,
                            reason="the database says that this session has no lock",
                        )
                    yield self._connection
            except PipelineError as error:
                if self._connection.invalidated:
                    raise self._lost() from error
                raise

    def leave(self) -> None:
        """Give the lock back; what is lost already needs no giving back."""
        with self._turn:
            if self._connection.invalidated:
                return
            try:
                with self._connection.begin():
                    self._connection.execute(_LEAVE, self._key)
            except exc.DBAPIError as error:  # the session ends now, and its lock with it
                logger.warning("The lease of %s ended early: %s", self._target_id, error.orig)
                self._connection.invalidate()

    def _lost(self) -> LeaseLostError:
        return LeaseLostError(
            target=self._target_id, reason="the connection that held it is closed"
        )


def lease_key(target_id: str) -> int:
    """Return the number of the advisory lock of a target."""
    return advisory_key(f"lease {target_id}")


def application_name_of(holder: str) -> str:
    """Return what the server lists a lease's session as; run ids as short as Dagster shows them."""
    return (_NAME_PREFIX + _UUID.sub(r"\1", holder))[:_NAME_LENGTH_MAX]


class FileRunLocks(RunLiveness):
    """Keeps the locks of runs in one folder."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it is made when first needed."""
        self._folder = folder
        self._left: set[str] = set()

    @override
    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        path = self._path_of(run_id)
        lock = FileLock(path, thread_local=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=HOLD_TIMEOUT_SECONDS)
        except Timeout:  # another process works on the same run and shows it
            yield
            return
        except OSError as error:
            raise StoreError(
                f"The locks in {self._folder} cannot be used: {system_message(error)}.",
                recovery_actions=("Check the folder, its permissions and free space.",),
            ) from error
        try:
            yield
        finally:
            if run_id in self._left:
                with suppress(OSError):  # the file alone says that the run is dead
                    path.replace(self._left_path_of(run_id))
            else:
                path.unlink(missing_ok=True)
            lock.release()

    @override
    def leave(self, run_id: str) -> None:
        self._left.add(run_id)

    @override
    def was_left(self, run_id: str) -> bool:
        return self.is_dead(run_id) and self._left_path_of(run_id).is_file()

    @override
    def is_alive(self, run_id: str) -> bool:
        return self._is_held(run_id) is True

    @override
    def is_dead(self, run_id: str) -> bool:
        return self._is_held(run_id) is False

    @override
    def dead_among(self, run_ids: Iterable[str]) -> frozenset[str]:
        return frozenset(filter(self.is_dead, run_ids))

    def _is_held(self, run_id: str) -> bool | None:
        """Tell whether somebody holds the lock of a run; None where nothing is known of it."""
        path = self._path_of(run_id)
        if not path.is_file():
            return False if self._left_path_of(run_id).is_file() else None
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:  # it cannot be opened: nothing is known
            return None
        lock.release()
        return False if path.is_file() else None

    @override
    def forget(self, run_id: str) -> None:
        self._path_of(run_id).unlink(missing_ok=True)
        self._left_path_of(run_id).unlink(missing_ok=True)

    def _left_path_of(self, run_id: str) -> Path:
        return self._path_of(run_id).with_suffix(".left")

    def _path_of(self, run_id: str) -> Path:
        name = hashlib.sha256(run_id.encode("utf-8")).hexdigest()[:32]
        return self._folder / f"{name}.run"
