"""Who is there and at work, on PostgreSQL: each an advisory lock with a row that people read.

Belongs here: the machines that take runs, the locks of live runs. Does not: the files that show
live runs on SQLite (`leases`), which machine a run is given to (`kernel/machines`).

The lock tells who lives, on any number of machines: the server takes it back when the session ends
that holds it. The times in a row are for people.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Row,
    Select,
    Table,
    delete,
    exc,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from typing_extensions import override

from jira_pipeline.errors import ConfigurationError, PipelineError
from jira_pipeline.kernel.machines import Machine, RunAtWork
from jira_pipeline.ports.runs import RunLiveness
from jira_pipeline.store import tables
from jira_pipeline.store.postgres import advisory_key
from jira_pipeline.store.transactions import Database, translated_errors

logger = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
"""So often a row says that it is still true, and a lock that was lost is taken again."""
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
_MACHINE, _RUN = tables.machines.c, tables.runs_at_work.c
_SHOWN = tuple(_MACHINE[name] for name in Machine.__dataclass_fields__ if name != "run_count")


class _ShownLock:
    """An advisory lock on a connection of its own, and the row that shows it."""

    def __init__(self, engine: Engine, table: Table, row: Mapping[str, Any]) -> None:
        self._engine = engine
        self._table = table
        self._row = dict(row)
        (key,) = table.primary_key.columns
        self._name = row[key.name]
        self._is_ours = key == self._name
        self._key = {"key": row["lock_key"]}
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
                    connection.execute(delete(self._table).where(self._is_ours))
                    self._row["since"] = connection.execute(self._first()).scalar_one()
        except BaseException:
            is_taken = False
            raise
        finally:
            if is_taken:
                self._connection = connection
            else:
                connection.close()
        return is_taken

    def _first(self) -> Any:
        first = insert(self._table).values({"since": _NOW, **self._row, "seen_at": _NOW})
        return first.returning(self._table.c.since)

    @contextmanager
    def shown(self, beat_seconds: float) -> Iterator[None]:
        """Say again and again that it is true, until the block ends."""

        def beat() -> None:
            while not self._stop.wait(beat_seconds):
                self.show()

        run = copy_context().run  # its lines of the log are about the same run
        thread = threading.Thread(target=run, args=(beat,), daemon=True, name="seen")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def show(self, **changed: object) -> None:
        """Say that it is still true, and what changed; take the lock again where it was lost."""
        with self._turn:
            self._row |= changed
            try:
                if self._connection is None and not self.take():
                    logger.warning("Another process holds the lock of %s now.", self._name)
                if self._connection is None:
                    return
                with translated_errors(), self._connection.begin():
                    said = update(self._table).where(self._is_ours).values(seen_at=_NOW, **changed)
                    if self._connection.execute(said).rowcount == 0:
                        self._connection.execute(self._first())
            except PipelineError as error:
                logger.warning("The lock of %s cannot be shown: %s", self._name, error.message)
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
                            update(self._table).where(row).values(is_left=True)
                            if is_row_kept
                            else delete(self._table).where(row)
                        )
                    with connection.begin():
                        connection.execute(_LEAVE, self._key)
                except exc.DBAPIError as error:  # the session ends now, and its lock with it
                    logger.warning("The lock of %s ended early: %s", self._name, error.orig)
                    connection.invalidate()


class AdvisoryRunLocks(RunLiveness):
    """Keeps the locks of runs on the server, each on a connection of its own."""

    def __init__(
        self, database: Database, *, lock_engine: Engine, beat_seconds: float = BEAT_SECONDS
    ) -> None:
        """Keep the database, and the engine whose connections are sessions of their own."""
        self._database = database
        self._lock_engine = lock_engine
        self._beat_seconds = beat_seconds
        self._left: set[str] = set()

    @override
    @contextmanager
    def hold(self, run_id: str, *, machine: str | None = None) -> Iterator[None]:
        row = {
            "run_id": run_id,
            "lock_key": run_key(run_id),
            "machine": machine or socket.gethostname(),
            "process": os.getpid(),
            "is_left": False,
        }
        lock = _ShownLock(self._lock_engine, tables.runs_at_work, row)
        if not lock.take():  # another process works on the same run and shows it
            yield
            return
        try:
            with lock.shown(self._beat_seconds):
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
            connection.execute(delete(tables.runs_at_work).where(_RUN.run_id == run_id))

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


class MachineStore:
    """Knows the machines that take runs; on SQLite there are none."""

    def __init__(self, database: Database, *, lock_engine: Engine | None = None) -> None:
        """Keep the database; without an engine for locks nobody can join."""
        self._database = database
        self._lock_engine = lock_engine

    def live(self) -> tuple[Machine, ...]:
        """Return the machines that hold their lock, by address."""
        if self._lock_engine is None:
            return ()
        runs = (
            select(func.count())
            .select_from(tables.runs_at_work)
            .where(_RUN.machine == _MACHINE.address, _RUN.lock_key.in_(_HELD))
            .scalar_subquery()
            .label("run_count")
        )
        chosen = select(*_SHOWN, runs).where(_MACHINE.lock_key.in_(_HELD))
        rows = self._database.asked(chosen.order_by(_MACHINE.address))
        return tuple(Machine(**row._asdict()) for row in rows)

    def runs_at_work(self) -> tuple[RunAtWork, ...]:
        """Return what works on runs, on machines and on hosts, oldest first."""
        if self._lock_engine is None:
            return ()
        chosen = select(_RUN.run_id, _RUN.machine, _RUN.process, _RUN.since)
        rows = self._database.asked(chosen.where(_RUN.lock_key.in_(_HELD)).order_by(_RUN.since))
        return tuple(RunAtWork(**row._asdict()) for row in rows)

    @contextmanager
    def joined(
        self,
        *,
        address: str,
        name: str,
        version: str,
        capacity: int,
        beat_seconds: float = BEAT_SECONDS,
    ) -> Iterator[Callable[[], AbstractContextManager[None]]]:
        """Have a machine be one of them while the block runs; yield what has it take runs.

        Raises:
            ConfigurationError: The store is on SQLite, or a live machine has the address.
        """
        if self._lock_engine is None:
            raise ConfigurationError(
                "A machine takes runs of others where all share a store on PostgreSQL; this store "
                "is on SQLite, and its runs are of the machine it is on.",
                recovery_actions=(
                    "Set JIRA_PIPELINE_DATABASE_URL to the store of the others, on PostgreSQL.",
                ),
            )
        row = {
            "address": address,
            "lock_key": advisory_key(f"machine {address}"),
            "name": name,
            "version": version,
            "capacity": capacity,
            "is_draining": True,
            "refusal": "",
        }
        lock = _ShownLock(self._lock_engine, tables.machines, row)
        if not lock.take():
            raise ConfigurationError(
                f"A machine with the address {address} is there already.",
                recovery_actions=(
                    "Listen on an address and port that no other machine of this store has.",
                ),
            )

        @contextmanager
        def taking_runs() -> Iterator[None]:
            lock.show(is_draining=False)
            try:
                yield
            finally:
                lock.show(is_draining=True)

        try:
            with lock.shown(beat_seconds):
                yield taking_runs
        finally:
            lock.leave()

    def refuse(self, address: str, reason: str) -> None:
        """Note why a machine gets no runs; an empty reason: it gets them again."""
        changed = update(tables.machines).values(refusal=reason)
        with self._database.writing() as connection:
            connection.execute(changed.where(_MACHINE.address == address))


def run_key(run_id: str) -> int:
    """Return the number of the advisory lock of a run."""
    return advisory_key(f"run {run_id}")
