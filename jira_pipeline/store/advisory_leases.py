"""Leases on PostgreSQL: one process at a time, on any machine, writes to a target.

Belongs here: taking and leaving a lease, and the transactions that need it. Does not: when one is
needed (`stages/jira_export`), leases on one host (`leases`).

A lease is an advisory lock of one session, on a connection of its own. The server takes it back
when that session ends, however it ends. Intents are committed on this same connection: when it is
gone there is no intent, so nothing is sent.
"""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, exc, text
from typing_extensions import override

from jira_pipeline.errors import LeaseBusyError, LeaseLostError, PipelineError
from jira_pipeline.ports.export import TargetLease
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


class AdvisoryTargetLease(TargetLease):
    """Keeps leases as advisory locks, each on a connection of its own."""

    def __init__(self, database: Database, *, lease_engine: Engine) -> None:
        """Keep the database, and the engine whose connections are sessions of their own."""
        self._database = database
        self._lease_engine = lease_engine
        self._held: dict[str, _HeldLease] = {}

    @override
    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        """Hold the lease of a target; `intending` uses its connection meanwhile.

        Raises:
            LeaseBusyError: Another session holds it; the message names its holder.
            StoreBusyError: The server cannot be reached.
        """
        with _opened(self._lease_engine) as connection:
            lease = _HeldLease(connection, target_id=target_id)
            lease.take(holder)
            self._held[target_id] = lease
            try:
                yield
            finally:
                del self._held[target_id]
                lease.leave()

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
            self._check_connected()
            try:
                with translated_errors(), self._connection.begin():
                    self._check_ours()
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

    def _check_connected(self) -> None:
        """Stop here: SQLAlchemy would go on with a new connection, which holds nothing."""
        if self._connection.invalidated:
            raise self._lost()

    def _check_ours(self) -> None:
        """Ask the server: a pooler may have given this transaction another session."""
        if not self._connection.execute(_IS_OURS, self._key).scalar_one():
            raise LeaseLostError(
                target=self._target_id, reason="the database says that this session has no lock"
            )

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


@contextmanager
def _opened(engine: Engine) -> Iterator[Connection]:
    with translated_errors():
        connection = engine.connect()
    with connection:
        yield connection
