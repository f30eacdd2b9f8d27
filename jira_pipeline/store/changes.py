"""A change of a session by somebody: one transaction that keeps others out and ends in an entry.

Belongs here: beginning one, its entries. Does not: what changes (the module of each verb), what an
entry brings about (`record_store`).
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, UpdateBase

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.store.mapping import Rows, Value
from jira_pipeline.store.record_store import append_audit
from jira_pipeline.store.session_rows import lock_session, update_session
from jira_pipeline.store.transactions import Database, StorePart, repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody changes of a locked session."""

    connection: Connection
    session: UploadSession
    """As it was before."""
    by: str
    at: datetime

    @property
    def session_key(self) -> str:
        """Key of the session."""
        return self.session.session_key

    def note(self, action: AuditAction, **details: object) -> None:
        """Append an entry of the audit trail."""
        append_audit(
            self.connection,
            at=self.at,
            session_key=self.session_key,
            actor=self.by,
            action=action,
            details=details,
        )

    def add(
        self, rows: Rows[Value], value: Value, *, but: Collection[str] = (), **beside: object
    ) -> Value:
        """Insert a value, and return it as it is kept; the database gives the numbers left out."""
        return rows.added(self.connection, value, but=but, **beside)

    def set_session(self, **values: object) -> None:
        """Change the row of the session."""
        update_session(self.connection, self.session_key, {"updated_at": self.at, **values})


@contextmanager
def changing(database: Database, session_key: str, *, by: str, at: datetime) -> Iterator[Change]:
    """Begin a change.

    Raises:
        NotFoundError: There is no such session.
    """
    with database.writing() as connection:
        session = lock_session(connection, session_key)
        yield Change(connection=connection, session=session, by=by, at=at)


class SessionPart(StorePart):
    """Reads and writes one part of the store, and changes what sessions have of it."""

    def _changing(
        self, session_key: str, *, by: str, at: datetime
    ) -> AbstractContextManager[Change]:
        return changing(self._database, session_key, by=by, at=at)

    def _values(
        self,
        rows: Rows[Value],
        *conditions: ColumnElement[bool],
        by: Sequence[ColumnElement[Any]] = (),
        most: int | None = None,
    ) -> tuple[Value, ...]:
        """Return the values that meet conditions, in an order."""
        chosen = rows.chosen.where(*conditions).order_by(*by).limit(most)
        return rows.of(self._database.asked(chosen))

    @repeated
    def _done(self, statement: UpdateBase) -> bool:
        """Execute one statement in a transaction of its own; tell whether it met one row."""
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount == 1
