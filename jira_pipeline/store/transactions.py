"""How the store is read and written: one transaction at a time, foreign errors translated.

Belongs here: beginning, ending and repeating transactions, the table that turns a database's errors
into ours. Does not: connections to PostgreSQL (`postgres`), opening (`store`), statements (the module
of each part), locks (`locks`).

A broken constraint is a mistake of ours, not of the store: `IntegrityError` stays what it is, save
the lines of its message that quote values.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, Row, Select, exc
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from jira_pipeline.model.errors import (
    ConfigurationError,
    StoreBusyError,
    StoreError,
    StoreFullError,
)

THE_STORE = "The store"
"""What messages call the database, unless another one is named."""
WRITES = "jira_pipeline_writes"
"""Execution option of connections whose transactions write."""
COPIED_NOTICE = "The store was copied to "
"""How the message begins with which a store that was copied refuses to be written."""
WRITTEN_ALONG: ContextVar[Callable[[Connection], object] | None] = ContextVar(
    "written_along", default=None
)
"""What is written at the end of every transaction of a context that writes; None: nothing."""
ASKS_ONCE = "jira_pipeline_asks_once"
"""Execution option of connections for one statement, which is a transaction by itself."""
_BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""Begins a transaction on PostgreSQL whose statements all read the same state of the store; on
SQLite those of any transaction do."""
Columns = TypeVar("Columns", bound=tuple[Any, ...])
Given = ParamSpec("Given")
Answer = TypeVar("Answer")

_SPACE = "Free up space on the disk or in the database's quota, then start again."
_BUSY = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "40001", "40P01", "55P03", "55006"}
"""Another process has the lock. Source: result codes of SQLite; SQLSTATE of PostgreSQL, appendix A."""
_ADVICE = {
    "SQLITE_FULL": ("the disk is full", _SPACE),
    "SQLITE_IOERR": ("the disk cannot be read or written", _SPACE),
    "SQLITE_CORRUPT": ("the file is damaged", "Restore the store from its last backup."),
    "SQLITE_NOTADB": ("the file is not a SQLite database", "Check JIRA_PIPELINE_DATABASE_URL."),
    "SQLITE_CANTOPEN": ("the file cannot be opened", "Check its folder and its permissions."),
    "SQLITE_READONLY": (
        "it or its folder is read-only, and this command has to write",
        "Use an account that can write there; `status` and lists only read.",
    ),
    "SQLITE_PERM": ("access is denied", "Check its permissions."),
    "SQLITE_AUTH": ("access is denied", "Check its permissions."),
    "SQLITE_TOOBIG": ("a value is too long", "Shorten the text named in the log."),
    "SQLITE_NOMEM": ("memory is exhausted", "Free memory, then start again."),
    "53100": ("the disk is full", _SPACE),
}
_FULL = {"SQLITE_FULL", "53100"}
_TOO_SLOW = {"57014": "a statement took too long", "25P03": "a transaction was idle too long"}
_UNREACHABLE_CLASSES = ("08", "57", "53")
"""SQLSTATE classes: connection, operator intervention, resources. Worth another attempt."""
_NOT_LET_IN = ("authentication failed", "does not exist", "pg_hba.conf", "no password supplied")
"""What a server says of a connection that it refuses for good; there is no SQLSTATE then."""

_ROLLED_BACK = {"40001", "40P01"}
"""SQLSTATE: serialization failure, deadlock. Nothing was changed, and a repetition may succeed."""
REPEATS_MAX = 5
_LONGEST_PAUSE_SECONDS = 0.5


def _is_rolled_back(error: BaseException) -> bool:
    """Return whether the database rolled a transaction back in favour of another one."""
    cause = error.__cause__
    return isinstance(cause, exc.DBAPIError) and _code_of(cause) in _ROLLED_BACK


def repeated(method: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Decorate a method that is one transaction: repeat it where the database rolled it back.

    That happens where two transactions are in each other's way. The method is called again with the
    same arguments, so none of them may be an iterator.
    """
    return retry(
        retry=retry_if_exception(_is_rolled_back),
        stop=stop_after_attempt(REPEATS_MAX),
        wait=wait_random_exponential(multiplier=0.01, max=_LONGEST_PAUSE_SECONDS),
        reraise=True,
    )(method)


class Database:
    """Opens transactions that read or write, on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._is_postgres = engine.dialect.name == "postgresql"
        self._writer = engine.execution_options(**{WRITES: True})
        self._single_query = engine.execution_options(**{ASKS_ONCE: True})
        self._joined: ContextVar[Connection | None] = ContextVar("joined", default=None)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Put all that this thread reads and writes until the block ends into one transaction.

        Where the block ends with an error, everything is rolled back.
        """
        with self.writing() as connection:
            before = self._joined.set(connection)
            try:
                yield
            finally:
                self._joined.reset(before)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the store and writes nothing."""
        if (joined := self._joined.get()) is not None:
            yield joined
            return
        with translated_errors(), self.engine.connect() as connection, connection.begin():
            if not self._is_postgres:
                yield connection
                return
            with _autocommitted(connection):
                connection.exec_driver_sql(_BEGIN_SNAPSHOT)
                try:
                    yield connection
                finally:
                    _end_reading(connection)

    def fetch(
        self, query: Select[Columns], parameters: Mapping[str, object] | None = None
    ) -> Sequence[Row[Columns]]:
        """Return all rows of one query, without a transaction unless one is open in this thread."""
        if (joined := self._joined.get()) is not None:
            with translated_errors():
                return joined.execute(query, dict(parameters or {})).all()
        with (
            translated_errors(),
            self._single_query.connect() as connection,
            _autocommitted(connection) if self._is_postgres else nullcontext(),
        ):
            return connection.execute(query, dict(parameters or {})).all()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that is committed, durably, when the block ends without an error.

        Raises:
            StoreBusyError: Others write for longer than we wait.
            StoreError: The store cannot be written.
        """
        if (joined := self._joined.get()) is not None:
            with translated_errors():
                yield joined
            return
        with translated_errors(), self._writer.connect() as connection, connection.begin():
            yield connection
            write_along = WRITTEN_ALONG.get()
            if write_along is not None:
                write_along(connection)


@contextmanager
def _autocommitted(connection: Connection) -> Iterator[None]:
    """Keep the driver of PostgreSQL from beginning a transaction of its own.

    Each begin and commit is a round trip, and after each a thread waits for its turn in Python.
    """
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - it is connected
    driver.autocommit = True
    try:
        yield
    finally:
        if not connection.invalidated:
            driver.autocommit = False


def _end_reading(connection: Connection) -> None:
    """Roll back a transaction of which the driver knows nothing.

    Where that fails, the connection is closed, so that the pool gets none with an open transaction.
    """
    if connection.invalidated:
        return
    try:
        connection.exec_driver_sql("ROLLBACK")
    except BaseException:
        connection.invalidate()
        raise


@contextmanager
def translated_errors(what: str = THE_STORE) -> Iterator[None]:
    """Raise an error of ours in place of one of the database; `what` names the database in messages.

    A broken constraint stays the error it is, since it is a mistake of ours, without its values.
    """
    try:
        yield
    except exc.DBAPIError as error:
        if COPIED_NOTICE in str(error.orig):
            advised = "Set JIRA_PIPELINE_DATABASE_URL to that one, then start this program again."
            raise StoreError(_first_line_of(error), recovery_actions=(advised,)) from None
        if isinstance(error, exc.IntegrityError | exc.ProgrammingError | exc.DataError):
            raise _without_values(error) from None
        raise _translation_of(error, what) from error
    except exc.StatementError as error:  # what a column type refused, such as a naive time
        if isinstance(error.orig, ValueError):
            raise error.orig from None
        raise
    except exc.TimeoutError as error:
        raise _busy("no connection became free", what) from error


def _without_values(error: exc.DBAPIError) -> exc.DBAPIError:
    """Return the same error with the first line of its message and without parameters.

    In the lines below PostgreSQL quotes the whole row, with texts of tickets.
    """
    if error.orig is None:
        return error
    first_line = type(error.orig)(_first_line_of(error))
    return type(error)(error.statement, None, first_line, hide_parameters=True)


def _translation_of(
    error: exc.DBAPIError, what: str
) -> StoreError | StoreBusyError | ConfigurationError:
    """Return the error of ours for one of the database, by its code."""
    code = _code_of(error)
    base = "_".join(code.split("_")[:2])  # SQLITE_BUSY for SQLITE_BUSY_SNAPSHOT
    if code in _BUSY or base in _BUSY:
        return _busy("another process kept it locked", what)
    if base in _ADVICE:
        why, action = _ADVICE[base]
        kind = StoreFullError if base in _FULL else StoreError
        return kind(f"{what} cannot be used: {why} ({code}).", recovery_actions=(action,))
    if code in _TOO_SLOW:
        return _busy(f"{_TOO_SLOW[code]} ({code})", what)
    if not code and any(words in str(error.orig) for words in _NOT_LET_IN):
        return ConfigurationError(
            f"{what} cannot be used: its server denies access: {_first_line_of(error)}.",
            recovery_actions=(
                (
                    "Check role, password and database: JIRA_PIPELINE_DATABASE_URL names the store's, "
                    "dagster.yaml Dagster's."
                ),
            ),
        )
    if not code or code.startswith(_UNREACHABLE_CLASSES):  # no code: nobody answered
        return StoreBusyError(
            f"{what} cannot be used: its server cannot be reached ({code or _first_line_of(error)}).",
            recovery_actions=("Start again when its server responds; finished work is kept.",),
        )
    return StoreError(
        f"{what} cannot be used: {code}: {_first_line_of(error)}.",
        recovery_actions=("Look at the database's log, then start again.",),
    )


def _code_of(error: exc.DBAPIError) -> str:
    """Return SQLite's name of the error, PostgreSQL's SQLSTATE, or an empty string."""
    name = getattr(error.orig, "sqlite_errorname", None)
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return str(name or state or "")


def _first_line_of(error: exc.DBAPIError) -> str:
    """Return the first line of the message; later lines may quote values."""
    return str(error.orig).strip().partition("\n")[0]


def _busy(reason: str, what: str) -> StoreBusyError:
    return StoreBusyError(
        f"{what} is busy: {reason}.",
        recovery_actions=("Wait a moment and start again; nothing was changed.",),
    )
