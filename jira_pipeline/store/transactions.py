"""How the store is read and written: one transaction at a time, foreign errors translated.

Belongs here: beginning, ending and repeating transactions, the table that turns a database's
errors into ours. Does not: connecting (`engine`), statements (the module of each part).

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
WRITES = "jira_pipeline_writes"
"""Execution option of connections whose transactions write."""
COPIED_NOTICE = "The store was copied to "
"""How the message of a store begins that refuses to be written, since another took its place."""
ASKS_ONCE = "jira_pipeline_asks_once"
"""Execution option of connections for one statement, which is a transaction by itself."""
_ONE_STATE = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""Several statements read one state; on SQLite every transaction does."""
Columns = TypeVar("Columns", bound=tuple[Any, ...])
Given = ParamSpec("Given")
Answer = TypeVar("Answer")

_SPACE = "Free up space on the disk or in the database's quota, then start again."
_BUSY = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "40001", "40P01", "55P03", "55006"}
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
"""What a server says of a connection it refuses for good; there is no SQLSTATE then."""

_ROLLED_BACK = {"40001", "40P01"}
"""SQLSTATE: serialization failure, deadlock. Nothing was changed, the same again may pass."""
REPEATS_MAX = 5
_LONGEST_PAUSE_SECONDS = 0.5


def _is_rolled_back(error: BaseException) -> bool:
    cause = error.__cause__
    return isinstance(cause, exc.DBAPIError) and _code_of(cause) in _ROLLED_BACK


def repeated(method: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Repeat a method that is one transaction when the database gave way to another transaction.

    Its arguments are read again, so iterators must not be among them.
    """
    return retry(
        retry=retry_if_exception(_is_rolled_back),
        stop=stop_after_attempt(REPEATS_MAX),
        wait=wait_random_exponential(multiplier=0.01, max=_LONGEST_PAUSE_SECONDS),
        reraise=True,
    )(method)


class Database:
    """Hands out transactions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._is_postgres = engine.dialect.name == "postgresql"
        self._writer = engine.execution_options(**{WRITES: True})
        self._single_query = engine.execution_options(**{ASKS_ONCE: True})
        self._joined: ContextVar[Connection | None] = ContextVar("joined", default=None)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one transaction of what this thread reads and writes until the block ends.

        Where the block ends with an error, nothing of it was done.
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
                connection.exec_driver_sql(_ONE_STATE)
                try:
                    yield connection
                finally:
                    _end_reading(connection)

    def asked(
        self, chosen: Select[Columns], parameters: Mapping[str, object] | None = None
    ) -> Sequence[Row[Columns]]:
        """Return the rows of one statement, which sees one state of the store by itself."""
        if (joined := self._joined.get()) is not None:
            with translated_errors():
                return joined.execute(chosen, dict(parameters or {})).all()
        with (
            translated_errors(),
            self._single_query.connect() as connection,
            _autocommitted(connection) if self._is_postgres else nullcontext(),
        ):
            return connection.execute(chosen, dict(parameters or {})).all()

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


class StorePart:
    def __init__(self, database: Database) -> None:
        self._database = database


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
    """End a transaction of which the driver knows nothing; the pool gets none that is open."""
    if connection.invalidated:
        return
    try:
        connection.exec_driver_sql("ROLLBACK")
    except BaseException:
        connection.invalidate()
        raise


@contextmanager
def translated_errors(what: str = THE_STORE) -> Iterator[None]:
    """Turn what the database says into an error of ours, which names what is kept there."""
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
    """Keep the first line: PostgreSQL quotes the whole row, texts of tickets, in those below."""
    if error.orig is None:
        return error
    first_line = type(error.orig)(_first_line_of(error))
    return type(error)(error.statement, None, first_line, hide_parameters=True)


def _translation_of(
    error: exc.DBAPIError, what: str
) -> StoreError | StoreBusyError | ConfigurationError:
    code = _code_of(error)
    base = "_".join(code.split("_")[:2])
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
    """Return the message; later lines may quote values."""
    return str(error.orig).strip().partition("\n")[0]


def _busy(reason: str, what: str) -> StoreBusyError:
    return StoreBusyError(
        f"{what} is busy: {reason}.",
        recovery_actions=("Wait a moment and start again; nothing was changed.",),
    )
