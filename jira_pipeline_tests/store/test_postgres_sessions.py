"""What a PostgreSQL server must keep to, and how its sessions are set.

A pooler in transaction mode, as small as one can be, hands the session of a server to another client
as soon as a transaction is over. Source: PostgreSQL's documentation, 55.7 Message Formats, 2025.
"""

import logging
import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import DataError, InternalError

from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import (
    ConfigurationError,
    LeaseLostError,
    StoreBusyError,
    StoreError,
)
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.store import tables
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline.store.locks import AdvisoryTargetLease
from jira_pipeline.store.postgres import create_lease_engine
from jira_pipeline.store.reviews import ReviewStore
from jira_pipeline.store.session_store import SessionStore
from jira_pipeline.store.store import Store, create_store_engine
from jira_pipeline.store.ticket_store import TicketStore
from jira_pipeline.store.transactions import Database, translated_errors
from jira_pipeline_tests.contracts.open_stores import empty_database, open_postgres
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_draft,
    a_target,
    an_entry,
    an_upload,
)
from jira_pipeline_tests.store.session_locks import outside
from jira_pipeline_tests.tables import each

_IDLE = b"I"
_READY = b"Z"
_TERMINATE = b"X"
pytestmark = pytest.mark.postgres
WORKERS = 6
IDLE = 0
"""Source: libpq, PQTRANS_IDLE, 2025."""


class _Wire:
    """One end of a connection that speaks in messages."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected

    def read(self) -> tuple[bytes, bytes]:
        kind = self._exactly(1)
        return kind, self.read_untyped()

    def read_untyped(self) -> bytes:
        """Return the body of a message without a kind: the first one of a client."""
        (length,) = struct.unpack("!I", self._exactly(4))
        return self._exactly(length - 4)

    def write(self, kind: bytes, body: bytes) -> None:
        self.socket.sendall(kind + struct.pack("!I", len(body) + 4) + body)

    def _exactly(self, count: int) -> bytes:
        read = b""
        while len(read) < count:
            more = self.socket.recv(count - len(read))
            if not more:
                raise EOFError
            read += more
        return read


class TransactionPooler:
    """Gives clients a session for one transaction at a time, the one used last first."""

    def __init__(self, server: URL) -> None:
        """Listen on a free port; the server asks for no password."""
        self._server = server
        self._free: list[_Wire] = []
        self._open: list[_Wire] = []
        self._attending: list[threading.Thread] = []
        self._greeting: list[tuple[bytes, bytes]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[str] = []
        """What clients sent after they had logged in, each a round trip."""

    def serve(self) -> None:
        """Accept clients until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            wire = _Wire(client)
            self._open.append(wire)
            self._attending.append(threading.Thread(target=self._attend, args=(wire,)))
            self._attending[-1].start()

    def close(self) -> None:
        """Accept nobody any more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def end(self) -> None:
        """End every client and session, whatever they are doing; nobody may be accepted any more.

        A session may have been lent to a client that went away in mid-transaction.
        """
        for wire in [*self._open]:
            with suppress(OSError):  # the other end was first
                wire.socket.shutdown(socket.SHUT_RDWR)
        for thread in self._attending:
            thread.join()
        for wire in self._open:
            wire.socket.close()

    def _attend(self, client: _Wire) -> None:
        with suppress(EOFError, OSError):  # one of the two went away
            while len(client.read_untyped()) == 4:  # asks for encryption
                client.socket.sendall(b"N")
            self._free.append(self._new_session())
            for kind, body in self._greeting:
                client.write(kind, body)
            while True:
                kind, body = client.read()
                if kind == _TERMINATE:
                    break
                self._pass_on(client, kind, body)
        with suppress(OSError):
            client.socket.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, client: _Wire, kind: bytes, body: bytes) -> None:
        """Lend a session until the server says that no transaction is open."""
        session = self._free.pop() if self._free else self._new_session()
        while True:
            self.asked.append(body.rstrip(b"\0").decode())
            session.write(kind, body)
            if self._answer(client, session) == _IDLE:
                self._free.append(session)
                return
            kind, body = client.read()

    def _answer(self, client: _Wire, session: _Wire) -> bytes:
        """Pass on what the server says until it is ready; return whether a transaction is open."""
        while True:
            kind, body = session.read()
            client.write(kind, body)
            if kind == _READY:
                return body

    def _new_session(self) -> _Wire:
        """Log in; what the server answers is what every client is greeted with."""
        assert self._server.host is not None
        assert self._server.port is not None
        session = _Wire(socket.create_connection((self._server.host, self._server.port)))
        self._open.append(session)
        words = f"user\0{self._server.username}\0database\0{self._server.database}\0\0"
        session.write(b"", struct.pack("!I", 3 << 16) + words.encode())
        greeting = [session.read()]
        while greeting[-1][0] != _READY:
            greeting.append(session.read())
        self._greeting = greeting
        return session


@contextmanager
def pooled(url: str, *, asked: list[str] | None = None) -> Iterator[str]:
    """Put a pooler in front of a database and return its URL; `asked` gets what clients send."""
    server = make_url(url)
    pooler = TransactionPooler(server)
    pooler.asked = pooler.asked if asked is None else asked
    serving = threading.Thread(target=pooler.serve)
    serving.start()
    try:
        yield server.set(host="127.0.0.1", port=pooler.port).render_as_string(hide_password=False)
    finally:
        pooler.close()
        serving.join()
        pooler.end()


def with_options(url: str, options: str) -> str:
    return (
        make_url(url).update_query_dict({"options": options}).render_as_string(hide_password=False)
    )


@pytest.mark.parametrize("value", ["off", "local"])
def test_a_server_whose_commits_are_not_durable_is_refused_with_advice(
    postgres_url: str, tmp_path: Path, value: str
) -> None:
    url = with_options(postgres_url, f"-csynchronous_commit={value}")

    with pytest.raises(StoreError, match=f"synchronous_commit is {value}") as caught:
        open_postgres(url, tmp_path)

    assert "ALTER ROLE" in action_text(caught.value.recovery_actions[0])


def test_a_server_that_a_power_failure_can_rob_is_named_in_the_log(
    postgres_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The throw-away servers of tests run without fsync."""
    with caplog.at_level(logging.WARNING), open_postgres(postgres_url, tmp_path):
        pass

    assert "fsync=off" in caplog.text


def test_sessions_have_limits_and_notice_a_dead_peer(postgres_store: Store) -> None:
    names = (
        "lock_timeout",
        "statement_timeout",
        "idle_in_transaction_session_timeout",
        "tcp_keepalives_idle",
        "tcp_keepalives_count",
    )
    with postgres_store.database.writing() as connection:
        found = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in names]
        own = connection.connection.dbapi_connection

    assert found == ["30s", "1min", "2min", "10", "3"]
    assert own is not None
    assert own.info.dsn_parameters["keepalives_idle"] == "10"
    assert own.info.dsn_parameters["tcp_user_timeout"] == "30000"


def test_a_pooler_in_transaction_mode_is_refused(postgres_url: str, tmp_path: Path) -> None:
    with pooled(postgres_url) as url, pytest.raises(StoreError, match="transaction mode") as caught:
        open_postgres(url, tmp_path)

    assert "session mode" in action_text(caught.value.recovery_actions[0])


def test_through_a_pooler_nobody_noticed_no_intent_is_committed_without_the_lock(
    postgres_url: str,
) -> None:
    """The lock stays with a session that others get; each intent asks for it."""
    with pooled(postgres_url) as url:
        database = Database(create_store_engine(url))
        lease_engine = create_lease_engine(make_url(url))
        leases = AdvisoryTargetLease(database, lease_engine=lease_engine)
        ledger = SqlExportLedger(database, intending=leases.intending)
        ledger.record_target(a_target(), at=START)

        with leases.hold(a_target().target_id, holder="we"), database.writing() as other:
            other.execute(text("SELECT 1"))
            with pytest.raises(LeaseLostError, match="has no lock"):
                ledger.append(an_entry(LedgerEvent.INTENT))

        database.engine.dispose()


@each("scheme", ["postgresql", "postgresql+psycopg2"])
def test_both_schemes_name_the_same_driver(scheme: str) -> None:
    made = create_store_engine(f"{scheme}://me:hunter2@example.org/store")

    assert made.url.drivername == "postgresql+psycopg2"
    assert "hunter2" not in repr(made)


@each("scheme", ["postgresql+asyncpg", "postgresql+psycopg", "postgres"])
def test_another_driver_is_refused_without_the_password(scheme: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        create_store_engine(f"{scheme}://me:hunter2@example.org/store")

    assert scheme in caught.value.message
    assert "hunter2" not in f"{caught.value.message} {caught.value.recovery_actions}"


@pytest.mark.parametrize(
    ("username", "database", "words"),
    [
        ("nobody", None, 'role "nobody" does not exist'),
        (None, "nothing", 'database "nothing" does not exist'),
    ],
)
def test_a_role_or_database_that_is_not_there_is_for_an_administrator(
    postgres_url: str, tmp_path: Path, username: str | None, database: str | None, words: str
) -> None:
    url = make_url(postgres_url).set(password="hunter2", username=username, database=database)

    with pytest.raises(ConfigurationError, match=words) as caught:
        open_postgres(url.render_as_string(hide_password=False), tmp_path)

    assert "hunter2" not in caught.value.message


def test_a_statement_that_takes_too_long_is_temporary(postgres_url: str, tmp_path: Path) -> None:
    with open_postgres(postgres_url, tmp_path) as store, store.database.writing() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 20"))

        with pytest.raises(StoreBusyError, match="took too long"), translated_errors():
            connection.execute(text("SELECT pg_sleep(30)"))


def test_reading_cannot_write(postgres_store: Store) -> None:
    with (
        pytest.raises(StoreError, match="read-only transaction") as caught,
        postgres_store.database.reading() as connection,
    ):
        connection.execute(text("DELETE FROM targets"))

    assert isinstance(caught.value.__cause__, InternalError)


def test_a_question_is_one_round_trip_and_a_reading_two_more(postgres_url: str) -> None:
    """What the driver added, to begin, to commit and to set what was set, made them six."""
    asked: list[str] = []
    chosen = select(tables.targets.c.target_id)
    with pooled(postgres_url, asked=asked) as url:
        database = Database(create_store_engine(url))
        database.fetch(chosen)
        asked.clear()

        database.fetch(chosen)
        with database.reading() as connection:
            connection.execute(chosen)
        with database.writing() as connection:
            connection.execute(chosen)
        database.fetch(chosen)
        database.engine.dispose()

    statement = "SELECT targets.target_id \nFROM targets"
    assert asked == [
        statement,
        *("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", statement, "ROLLBACK"),
        *("BEGIN", statement, "COMMIT"),
        statement,
    ]


def test_many_rows_are_updated_in_one_round_trip(postgres_url: str) -> None:
    """Fifty assigned tickets were a hundred."""
    asked: list[str] = []
    with pooled(postgres_url, asked=asked) as url:
        database = Database(create_store_engine(url))
        SessionStore(database).register(an_upload(), at=START, actor="ab")
        drafts = [a_draft(of) for of in range(1, 21)]
        TicketStore(database).save_generated("site", drafts, at=START)
        asked.clear()

        ReviewStore(database).assign(
            "site", [draft.ticket_id for draft in drafts], fields={"sprint": "1"}, by="ab", at=START
        )
        database.engine.dispose()

    updates = [statement.count("UPDATE tickets SET sprint") for statement in asked]
    assert [count for count in updates if count] == [20]


def test_a_reading_that_fails_leaves_no_transaction(postgres_url: str) -> None:
    database = Database(create_store_engine(postgres_url))
    with pytest.raises(DataError), database.reading() as connection:
        connection.execute(text("SELECT 1 / 0"))

    with database.engine.connect() as again:
        driver = again.connection.driver_connection
        assert driver is not None
        assert driver.info.transaction_status == IDLE
        assert not driver.autocommit
    database.engine.dispose()


def test_a_connection_that_ended_unused_is_replaced(postgres_url: str) -> None:
    """As after a restart of the server; nothing asks it before each statement."""
    database = Database(create_store_engine(postgres_url))
    (pid,) = database.fetch(select(func.pg_backend_pid()))[0]
    with outside(postgres_url) as administrator:
        administrator.execute(text("SELECT pg_terminate_backend(:pid, 30000)"), {"pid": pid})

    (other,) = database.fetch(select(func.pg_backend_pid()))[0]

    assert other != pid
    database.engine.dispose()


def test_a_server_that_ends_every_connection_is_temporary(postgres_url: str) -> None:
    """As one does that is being stopped."""
    engine = create_store_engine(postgres_url)
    database = Database(engine)

    def end(connection: Any, _record: object) -> None:
        with outside(postgres_url) as administrator:
            ending = text("SELECT pg_terminate_backend(:pid, 30000)")
            administrator.execute(ending, {"pid": connection.info.backend_pid})

    with engine.connect() as used:
        pid = used.scalar(select(func.pg_backend_pid()))
    event.listen(engine, "connect", end)
    with outside(postgres_url) as administrator:
        administrator.execute(text("SELECT pg_terminate_backend(:pid, 30000)"), {"pid": pid})

    with pytest.raises(StoreBusyError, match="its server cannot be reached"):
        database.fetch(select(func.pg_backend_pid()))

    engine.dispose()


def test_a_connection_with_settings_of_its_own_is_kept(postgres_url: str) -> None:
    """Unasked messages are no end."""
    database = Database(create_store_engine(postgres_url))
    with database.writing() as connection:
        connection.execute(text("LISTEN news"))
    (pid,) = database.fetch(select(func.pg_backend_pid()))[0]
    with outside(postgres_url) as administrator:
        administrator.execute(text("NOTIFY news"))

    assert database.fetch(select(func.pg_backend_pid()))[0] == (pid,)
    database.engine.dispose()


def test_first_starts_on_several_machines_make_one_store(tmp_path: Path) -> None:
    """Their lock files are not the same one."""

    def start(number: int) -> str:
        with open_postgres(url, tmp_path / str(number)) as store:
            return store.ledger.installation_id()

    with empty_database() as url, ThreadPoolExecutor(WORKERS) as machines:
        installations = list(machines.map(start, range(WORKERS)))

    assert len(set(installations)) == 1


def test_first_uploads_of_one_key_at_once_end_as_if_one_after_the_other(
    postgres_store: Store,
) -> None:
    """A row that is not there cannot be locked."""

    def register(number: int) -> str:
        upload = an_upload(content_sha256=f"{number:064}")
        return postgres_store.sessions.register(upload, at=START, actor="ab").session_key

    with ThreadPoolExecutor(WORKERS) as threads:
        keys = list(threads.map(register, range(WORKERS)))

    actions = [entry.action for entry in postgres_store.audit.entries("site")]
    assert keys == ["site"] * WORKERS
    assert actions == ["session_registered"] + ["upload_replaced"] * (WORKERS - 1)


def test_the_store_shares_its_database_with_tables_of_others(tmp_path: Path) -> None:
    """Dagster's storage may live there, with a version table of its own."""
    with empty_database() as url:
        other = create_engine(url)
        with other.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
            connection.execute(text("INSERT INTO alembic_version VALUES ('abcdef')"))
        other.dispose()

        with open_postgres(url, tmp_path) as store:
            assert store.ledger.installation_id()
