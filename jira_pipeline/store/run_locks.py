"""The locks of runs: who works on which, and who died at it.

Belongs here: showing that a process works on a run, by a file or by a row that people read, and who
is dead by that. Does not: what a lock is (`locks`), what follows when a run died
(`context/states`).

The lock tells who lives, with PostgreSQL on any number of machines. The time in a row is for people.
"""

import logging
import os
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Row,
    Select,
    delete,
    insert,
    literal_column,
    select,
    text,
    update,
)
from typing_extensions import override

from jira_pipeline.model.errors import LeaseLostError, PipelineError
from jira_pipeline.model.runs import RunLiveness
from jira_pipeline.store import tables
from jira_pipeline.store.locks import AdvisoryLock, FileLocks, run_key
from jira_pipeline.store.transactions import Database

logger = logging.getLogger(__name__)

HOLD_TIMEOUT_SECONDS = 1.0
"""Longer than somebody needs to look whether a run is dead, which takes the lock for a moment."""
LOOK_SECONDS = 10.0
"""So often a run looks whether it still holds its lock, and takes one again that was lost."""
_NOW: Any = literal_column(
    """to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
)
"""By one clock for all machines, in the form of `UtcTime`."""
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
_ROWS, _RUN = tables.runs_at_work, tables.runs_at_work.c


class FileRunLocks(RunLiveness):
    def __init__(self, folder: Path) -> None:
        self._locks = FileLocks(folder)
        self._left: set[str] = set()

    @override
    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        path = self._path_of(run_id)
        with self._locks.taken(path, timeout_seconds=HOLD_TIMEOUT_SECONDS) as is_ours:
            try:
                yield
            finally:
                if is_ours and run_id in self._left:
                    with suppress(OSError):  # the file alone says that the run is dead
                        path.replace(self._left_path_of(run_id))
                elif is_ours:  # else another process works on the same run and shows it
                    path.unlink(missing_ok=True)

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
        try:
            is_held = self._locks.is_held(path)
        except OSError:  # it cannot be opened: nothing is known
            return None
        return is_held or (False if path.is_file() else None)

    @override
    def forget(self, run_id: str) -> None:
        self._path_of(run_id).unlink(missing_ok=True)
        self._left_path_of(run_id).unlink(missing_ok=True)

    def _left_path_of(self, run_id: str) -> Path:
        return self._locks.path_of(run_id, ".left")

    def _path_of(self, run_id: str) -> Path:
        return self._locks.path_of(run_id, ".run")


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
                shown = select(_RUN.run_id).where(self._is_ours)
                if connection.execute(shown).first() is None:
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
    def was_left(self, run_id: str) -> bool:
        return any(row.is_left for row in self._dead([run_id]))

    @override
    def is_alive(self, run_id: str) -> bool:
        held = _HELD.where(literal_column("lock_key") == run_key(run_id))
        return bool(self._database.asked(held))

    @override
    def is_dead(self, run_id: str) -> bool:
        return bool(self._dead([run_id]))

    @override
    def dead_among(self, run_ids: Iterable[str]) -> frozenset[str]:
        wanted = frozenset(run_ids)
        return wanted & {row.run_id for row in self._dead(None)} if wanted else wanted

    @override
    def forget(self, run_id: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(_ROWS).where(_RUN.run_id == run_id))

    def _dead(self, run_ids: Iterable[str] | None) -> list[Row[Any]]:
        """Return the rows whose locks nobody holds.

        A holder takes the lock before it writes the row, and removes the row before it lets go. So
        a row that is there before and after its lock is not held is of somebody who is gone.
        """
        chosen = select(_RUN.run_id, _RUN.since, _RUN.is_left).where(_RUN.lock_key.not_in(_HELD))
        if run_ids is not None:
            chosen = chosen.where(_RUN.run_id.in_(run_ids))
        before = list(self._database.asked(chosen))
        if not before:
            return before
        after = set(self._database.asked(chosen))
        return [row for row in before if row in after]
