"""How the store is read and written: one transaction at a time, foreign errors translated.

Belongs here: beginning and ending transactions, the table that turns a database's errors into
ours. Does not: connecting (`engine`), statements (the module of each port).

A broken constraint is a mistake of ours, not of the store: `IntegrityError` stays what it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, exc

from jira_pipeline.errors import StoreBusyError, StoreError

WRITES = "jira_pipeline_writes"
"""Execution option of connections whose transactions write."""

_SPACE = "Free space on the disk or in the quota of the database, then start again."
_BUSY = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "40001", "40P01", "55P03", "55006"}
_ADVICE = {
    "SQLITE_FULL": ("the disk is full", _SPACE),
    "SQLITE_IOERR": ("the disk cannot be read or written", _SPACE),
    "SQLITE_CORRUPT": ("the file is damaged", "Restore the store from its last backup."),
    "SQLITE_NOTADB": ("the file is no SQLite database", "Check JIRA_PIPELINE_DATABASE_URL."),
    "SQLITE_CANTOPEN": ("the file cannot be opened", "Check its folder and its permissions."),
    "SQLITE_READONLY": ("the file is read-only", "Check its permissions."),
    "SQLITE_PERM": ("access is denied", "Check its permissions."),
    "SQLITE_AUTH": ("access is denied", "Check its permissions."),
    "SQLITE_TOOBIG": ("a value is too long", "Shorten the text named in the log."),
    "SQLITE_NOMEM": ("memory is exhausted", "Free memory, then start again."),
    "53100": ("the disk is full", _SPACE),
}
_UNREACHABLE_CLASSES = ("08", "57", "53")
"""SQLSTATE classes: connection, operator intervention, resources. Worth another attempt."""


class Database:
    """Hands out transactions."""

    def __init__(self, engine: Engine) -> None:
        """Keep the engine."""
        self.engine = engine
        self._writer = engine.execution_options(**{WRITES: True})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the store and writes nothing."""
        with translated_errors(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that is committed, durably, when the block ends without an error.

        Raises:
            StoreBusyError: Others write for longer than we wait.
            StoreError: The store cannot be written.
        """
        with translated_errors(), self._writer.connect() as connection, connection.begin():
            yield connection


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what the database says into a `StoreError` or `StoreBusyError`."""
    try:
        yield
    except (exc.IntegrityError, exc.ProgrammingError, exc.DataError):
        raise
    except exc.DBAPIError as error:
        raise _translation_of(error) from error
    except exc.StatementError as error:  # what a column type refused, such as a naive time
        if isinstance(error.orig, ValueError):
            raise error.orig from None
        raise
    except exc.TimeoutError as error:
        raise _busy("no connection became free") from error


def _translation_of(error: exc.DBAPIError) -> StoreError | StoreBusyError:
    code = _code_of(error)
    base = "_".join(code.split("_")[:2])
    if code in _BUSY or base in _BUSY:
        return _busy("another process kept it locked")
    if base in _ADVICE:
        what, action = _ADVICE[base]
        return StoreError(f"The store cannot be used: {what} ({code}).", recovery_actions=(action,))
    if not code or code.startswith(_UNREACHABLE_CLASSES):  # no code: nobody answered
        return _busy(f"its server cannot be reached ({code or _first_line_of(error)})")
    return StoreError(
        f"The store cannot be used: {code}: {_first_line_of(error)}.",
        recovery_actions=("Look at the log of the database, then start again.",),
    )


def _code_of(error: exc.DBAPIError) -> str:
    """Return SQLite's name of the error, PostgreSQL's SQLSTATE, or an empty string."""
    name = getattr(error.orig, "sqlite_errorname", None)
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return str(name or state or "")


def _first_line_of(error: exc.DBAPIError) -> str:
    """Return what was said; later lines may quote values."""
    return str(error.orig).strip().partition("\n")[0]


def _busy(reason: str) -> StoreBusyError:
    return StoreBusyError(
        f"The store is busy: {reason}.",
        recovery_actions=("Wait a moment and start again; nothing was changed.",),
    )
