"""Leases of targets: who may write to one, and the transactions that need that.

Belongs here: taking and leaving a lease, on one host or through PostgreSQL. Does not: when a lease
is needed (`export/target`), what a lock is (`locks`), who works on a run (`run_locks`).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine
from typing_extensions import override

from jira_pipeline.model.errors import LeaseBusyError, LeaseLostError, StoreBusyError
from jira_pipeline.store.locks import AdvisoryLock, FileLocks, holder_of, lease_key
from jira_pipeline.store.transactions import Database

_UNNAMED = "another process"


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

    def is_held(self, target_id: str) -> bool:
        """Tell whether this process holds a lease, and still does: its connection may be gone."""

    def holder_of(self, target_id: str) -> str | None:
        """Return who holds a lease, in whatever process; None where nobody does."""


class FileTargetLease(WatchedLease):
    """Keeps leases as file locks in one folder."""

    def __init__(self, folder: Path) -> None:
        self._locks = FileLocks(folder)
        self._held: set[str] = set()

    @override
    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        lock_path, name_path = self._paths_of(target_id)
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

    @override
    def is_held(self, target_id: str) -> bool:
        return target_id in self._held

    @override
    def holder_of(self, target_id: str) -> str | None:
        lock_path, name_path = self._paths_of(target_id)
        try:
            is_held = lock_path.is_file() and self._locks.is_held(lock_path)
        except OSError as error:
            raise self._locks.unusable(error) from error
        return _read_name(name_path) if is_held else None

    def _paths_of(self, target_id: str) -> tuple[Path, Path]:
        return self._locks.path_of(target_id, ".lock"), self._locks.path_of(target_id, ".holder")


def _read_name(path: Path) -> str:
    """Return who wrote the name last; the holder may not have come to it yet."""
    try:
        return path.read_text(encoding="utf-8").strip() or _UNNAMED
    except OSError:  # a name that cannot be read must not hide that the lease is held
        return _UNNAMED


class AdvisoryTargetLease(WatchedLease):
    """Keeps leases as advisory locks, each on a connection of its own."""

    def __init__(self, database: Database, *, lease_engine: Engine) -> None:
        self._database = database
        self._lease_engine = lease_engine
        self._held: dict[str, AdvisoryLock] = {}

    @override
    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
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

    @override
    def is_held(self, target_id: str) -> bool:
        lock = self._held.get(target_id)
        if lock is None:
            return False
        try:
            with lock.transaction():
                return True
        except (LeaseLostError, StoreBusyError):
            return False

    @override
    def holder_of(self, target_id: str) -> str | None:
        return holder_of(self._database, lease_key(target_id))

    @contextmanager
    def intending(self, target_id: str) -> Iterator[Connection]:
        """Open the transaction that commits an intent: on the connection of the lease we hold.

        Raises:
            LeaseLostError: That connection is gone, and the lease with it.
        """
        lock = self._held.get(target_id)
        with self._database.writing() if lock is None else lock.transaction() as connection:
            yield connection
