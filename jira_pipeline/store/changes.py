"""A change of a session by somebody: one transaction that keeps others out and ends in an entry.

Belongs here: beginning one, its entries; reading, locking and updating the row of a session. Does
not: what changes (the module of each verb), what an entry brings about (`record_store`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    UpdateBase,
    bindparam,
    case,
    exists,
    select,
    type_coerce,
    update,
)

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.entities import PACKAGED, SourceWord
from jira_pipeline.model.errors import NotFoundError, NotFoundKind
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.store import tables
from jira_pipeline.store.mapping import EnumText, Rows, Value
from jira_pipeline.store.record_store import append_audit
from jira_pipeline.store.transactions import Database, StorePart, repeated

_packages = (
    exists()
    .where(tables.source_files.c.session_key == tables.sessions.c.session_key)
    .where(tables.source_files.c.sheet == PACKAGED)
)
SESSION_COLUMNS = [
    *(column for column in tables.sessions.c if not column.name.startswith("cancel_")),
    type_coerce(
        case((_packages, SourceWord.PACKAGES.value), else_=SourceWord.SHEETS.value),
        EnumText(SourceWord),
    ).label("source_word"),
]
CHOSEN_SESSION = select(*SESSION_COLUMNS).where(
    tables.sessions.c.session_key == bindparam("session")
)
"""Made once: making a statement takes longer than the database takes to answer it."""
_LOCKED = CHOSEN_SESSION.with_for_update()
"""Returns the row as it is when the lock is taken."""
CHANGED_CONTENT: Mapping[str, object] = {"content_version": tables.sessions.c.content_version + 1}
"""Goes with every write that changes what Jira would get."""
_NAMED_KEYS = 10


def lock_session(connection: Connection, session_key: str) -> UploadSession:
    """Return the session and keep other writers away from it until the transaction ends."""
    row = connection.execute(_LOCKED, {"session": session_key}).mappings().one_or_none()
    if row is None:
        raise unknown_session(connection, session_key)
    return session_of(row)


def unknown_session(connection: Connection, session_key: str) -> NotFoundError:
    """Say that there is no such session, and name those like it and the newest ones."""
    newest = tables.sessions.c.created_at.desc()
    chosen = select(tables.sessions.c.session_key).order_by(newest, tables.sessions.c.session_key)
    keys = connection.execute(chosen).scalars().all()
    more = ", …" if len(keys) > _NAMED_KEYS else ""
    known = f"Known: {', '.join(keys[:_NAMED_KEYS])}{more}." if keys else "There is none yet."
    near = get_close_matches(session_key.casefold(), keys)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return NotFoundError(
        f"There is no session {session_key!r}. {meant}{known}",
        kind=NotFoundKind.SESSION,
        recovery_actions=(
            Action.of(ActionKind.UPLOAD, "Check the key, or upload the folder: {}."),
        ),
    )


def is_locked(connection: Connection, session_key: str) -> bool:
    """Lock the row where the dialect has row locks (SQLite has one writer); whether there is one."""
    chosen = select(tables.sessions.c.session_key).where(
        tables.sessions.c.session_key == session_key
    )
    return connection.execute(chosen.with_for_update()).one_or_none() is not None


def stored_session(connection: Connection, session_key: str) -> UploadSession:
    return session_of(connection.execute(CHOSEN_SESSION, {"session": session_key}).mappings().one())


def session_of(row: Mapping[Any, Any]) -> UploadSession:
    """Return the session that a row of `SESSION_COLUMNS` describes."""
    return UploadSession(**row)


def update_session(connection: Connection, session_key: str, values: Mapping[str, object]) -> None:
    changed = connection.execute(
        update(tables.sessions).where(tables.sessions.c.session_key == session_key).values(values)
    )
    if changed.rowcount == 0:
        raise unknown_session(connection, session_key)


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
        update_session(self.connection, self.session_key, {"updated_at": self.at, **values})


@contextmanager
def changing(database: Database, session_key: str, *, by: str, at: datetime) -> Iterator[Change]:
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
        chosen = rows.chosen.where(*conditions).order_by(*by).limit(most)
        return rows.of(self._database.asked(chosen))

    @repeated
    def _done(self, statement: UpdateBase) -> bool:
        """Execute one statement in a transaction of its own; tell whether it met one row."""
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount == 1
