"""The locks of runs on PostgreSQL: each an advisory lock, with a row that people read.

Belongs here: taking and leaving them, and who is dead by them. Does not: the files that show live
runs on SQLite (`leases`).

The lock tells who lives, on any number of machines: the server takes it back when the session ends
that holds it. The time in a row is for people.
"""

import logging
import os
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Row,
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

from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.runs import RunLiveness
from jira_pipeline.store import tables
from jira_pipeline.store.postgres import advisory_key
from jira_pipeline.store.transactions import Database, translated_errors

logger = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""So often a run looks whether it still holds its lock, and takes one again that was lost."""
_TAKE = text("SELECT pg_try_advisory_lock(:key)")
_LEAVE = text("SELECT pg_advisory_unlock(:key)")
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


class _RunLock:
    """An advisory lock on a connection of its own, and the row that shows it."""

    def __init__(self, engine: Engine, run_id: str) -> None:
        self._engine = engine
        self._run_id = run_id
        self._is_ours = _RUN.run_id == run_id
        self._key = {"key": run_key(run_id)}
        self._turn = threading.Lock()
        self._stop = threading.Event()
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take the lock and write the row; return whether it was free."""
        with translated_errors():
            connection = self._engine.connect()
        is_taken = False
        try:
            with translated_errors(), connection.begin():
                is_taken = bool(connection.execute(_TAKE, self._key).scalar_one())
                if is_taken:  # what is there is of somebody who is gone
                    connection.execute(delete(_ROWS).where(self._is_ours))
                    connection.execute(self._row())
        except BaseException:
            is_taken = False
            raise
        finally:
            if is_taken:
                self._connection = connection
            else:
                connection.close()
        return is_taken

    def _row(self) -> Any:
        return insert(_ROWS).values(
            run_id=self._run_id,
            lock_key=self._key["key"],
            host=socket.gethostname(),
            process=os.getpid(),
            since=_NOW,
            is_left=False,
        )

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
        with self._turn:
            try:
                if self._connection is None and not self.take():
                    logger.warning("Another process holds the lock of %s now.", self._run_id)
                if self._connection is None:
                    return
                with translated_errors(), self._connection.begin():
                    asked = select(_RUN.run_id).where(self._is_ours)
                    if self._connection.execute(asked).first() is None:
                        self._connection.execute(self._row())
            except PipelineError as error:
                logger.warning("The lock of %s cannot be kept: %s", self._run_id, error.message)
                if self._connection is not None and self._connection.invalidated:
                    self._connection.close()
                    self._connection = None

    def leave(self, *, is_row_kept: bool = False) -> None:
        """Give the lock back, after the row; what is lost already needs no giving back."""
        with self._turn:
            if self._connection is None:
                return
            with self._connection as connection:
                try:
                    with connection.begin():
                        row = self._is_ours
                        connection.execute(
                            update(_ROWS).where(row).values(is_left=True)
                            if is_row_kept
                            else delete(_ROWS).where(row)
                        )
                    with connection.begin():
                        connection.execute(_LEAVE, self._key)
                except exc.DBAPIError as error:  # the session ends now, and its lock with it
                    logger.warning("The lock of %s ended early: %s", self._run_id, error.orig)
                    connection.invalidate()


class AdvisoryRunLocks(RunLiveness):
    """Keeps the locks of runs on the server, each on a connection of its own."""

    def __init__(
        self, database: Database, *, lock_engine: Engine, look_seconds: float = LOOK_SECONDS
    ) -> None:
        """Keep the database, and the engine whose connections are sessions of their own."""
        self._database = database
        self._lock_engine = lock_engine
        self._look_seconds = look_seconds
        self._left: set[str] = set()

    @override
    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        lock = _RunLock(self._lock_engine, run_id)
        if not lock.take():  # another process works on the same run and shows it
            yield
            return
        try:
            with lock.kept(self._look_seconds):
                yield
        finally:
            lock.leave(is_row_kept=run_id in self._left)

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


def run_key(run_id: str) -> int:
    """Return the number of the advisory lock of a run."""
    return advisory_key(f"run {run_id}")
