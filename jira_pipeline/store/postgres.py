"""Connections to PostgreSQL, and what a server must keep to.

Belongs here: the settings of a connection, checking a server before the store is used, advisory locks.
Does not: transactions and errors (`transactions`), opening a store (`store`), leases (`locks`).

A server must make commits durable, and a connection must stay the same session for as long as it
lasts: a pooler in transaction mode gives every transaction another one, and the lease with it.
"""

import hashlib
import logging
import select
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, Pool, create_engine, event, exc, text

from jira_pipeline.model.errors import ConfigurationError, StoreError
from jira_pipeline.store.transactions import translated_errors

logger = logging.getLogger(__name__)

DRIVER = "postgresql+psycopg2"
APPLICATION_NAME = "jira_pipeline"
CONNECT_TIMEOUT_SECONDS = 10
SESSION_SETTINGS = {
    "lock_timeout": "30s",
    "statement_timeout": "60s",
    # A process that was suspended inside a transaction must not keep others out.
    "idle_in_transaction_session_timeout": "120s",
    # The server notices within half a minute that the machine of a lease's holder is gone.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""What every session is set to."""
_CONNECT_OPTIONS = {
    "connect_timeout": CONNECT_TIMEOUT_SECONDS,
    "fallback_application_name": APPLICATION_NAME,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
_DURABLE = {"on", "remote_write", "remote_apply"}
_SET_PROBE = text("SELECT set_config('jira_pipeline.probe', 'ours', false), pg_backend_pid()")
_READ_PROBE = text("SELECT current_setting('jira_pipeline.probe', true), pg_backend_pid()")
_KEY_BYTES = 8


def create_postgres_engine(url: URL, *, poolclass: type[Pool] | None = None) -> Engine:
    """Return the engine for a URL of PostgreSQL; options in the URL have precedence over ours.

    Raises:
        ConfigurationError: The URL names a driver that is not supported.
    """
    if url.drivername not in {"postgresql", DRIVER}:
        raise ConfigurationError(
            f"JIRA_PIPELINE_DATABASE_URL cannot be used: {url.drivername} is not supported.",
            recovery_actions=(f"Start the URL with postgresql:// or {DRIVER}://.",),
        )
    options = {name: value for name, value in _CONNECT_OPTIONS.items() if name not in url.query}
    engine = create_engine(
        url.set(drivername=DRIVER),
        connect_args=options,
        hide_parameters=True,
        poolclass=poolclass,
        # Many rows are updated in one round trip; each would be one.
        executemany_mode="values_plus_batch",
    )
    event.listen(engine, "connect", _prepare_session)
    event.listen(engine, "checkout", _refuse_dead)
    return engine


def create_lease_engine(url: URL) -> Engine:
    """Return an engine without a pool: each connection is a new session, which ends with it."""
    return create_postgres_engine(url, poolclass=NullPool)


def advisory_key(name: str) -> int:
    """Return the number an advisory lock of that name has: 64 bits of its hash, signed."""
    digest = hashlib.sha256(f"{APPLICATION_NAME}\n{name}".encode()).digest()
    return int.from_bytes(digest[:_KEY_BYTES], "big", signed=True)


def check_server(engine: Engine) -> None:
    """Raise StoreError where a pooler in transaction mode is between us and the server.

    It gives every transaction another session, so locks of ours would be held by others. It shows
    where a second connection takes the session that the first one used: what the first one set is
    gone then. A server that runs without fsync is logged as a warning.
    """
    with translated_errors(), engine.connect() as first, engine.connect() as second:
        with first.begin():
            before = first.execute(_SET_PROBE).one()
        with second.begin():
            fsync = second.execute(text("SELECT current_setting('fsync')")).scalar_one()
            with first.begin():
                after = first.execute(_READ_PROBE).one()
    if tuple(before) != tuple(after):
        raise StoreError(
            "The database runs every transaction in a different session, as a connection pooler in "
            "transaction mode does: locks that keep exports apart would not work.",
            recovery_actions=(
                "Set JIRA_PIPELINE_DATABASE_URL to the server, or to a pooler in session mode.",
            ),
        )
    if fsync != "on":
        logger.warning("PostgreSQL runs with fsync=%s: a power failure can lose commits.", fsync)


def lock_for_transaction(connection: Connection, name: str) -> None:
    """Wait for the advisory lock of a name and hold it until the transaction ends.

    On SQLite nothing is done, since it has one writer at a time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": advisory_key(name)})


def _refuse_dead(connection: Any, record: Any, _proxy: object) -> None:
    """Have the pool replace a connection that the server closed since it was used last.

    Raises:
        DisconnectionError: It is closed: the pool takes another one.
    """
    # A new one that is closed already fails with the next statement, whose error is translated.
    if record.info.pop("is_new", False):
        return
    if connection.closed:
        raise exc.DisconnectionError
    # A server that closes a connection says so, and sends nothing else unasked but notices. So it is
    # asked only where something arrived: each time would be a round trip before every other one.
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            connection.rollback()
        except connection.Error as error:
            raise exc.DisconnectionError from error


def _prepare_session(connection: Any, record: Any) -> None:
    """Set the limits of a new session; StoreError where its commits would not be durable."""
    record.info["is_new"] = True
    limits = ", ".join("set_config(%s, %s, false)" for _ in SESSION_SETTINGS)
    values = [word for setting in SESSION_SETTINGS.items() for word in setting]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT current_setting('synchronous_commit'), {limits}", values)
        synchronous_commit, *_ = cursor.fetchone()
    connection.commit()
    if synchronous_commit not in _DURABLE:
        raise StoreError(
            "PostgreSQL would not keep commits safe here (synchronous_commit is "
            f"{synchronous_commit}): after a crash the store would not know what was sent.",
            recovery_actions=(
                "Run `ALTER ROLE … SET synchronous_commit = on` for the role, then start again.",
            ),
        )
