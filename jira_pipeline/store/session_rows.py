"""Rows of sessions, and the values they become.

Belongs here: reading, locking and updating the row of a session. Does not: deciding what changes
(`session_store`, `ticket_rows`, `generations`).
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, bindparam, case, exists, select, type_coerce, update

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.entities import PACKAGED, SourceWord
from jira_pipeline.model.errors import NotFoundError, NotFoundKind
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.store import tables
from jira_pipeline.store.column_types import EnumText

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
    """Return the session and keep other writers away from it until the transaction ends.

    Raises:
        NotFoundError: There is none; the message names the known ones.
    """
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
    """Return the session, which is there."""
    return session_of(connection.execute(CHOSEN_SESSION, {"session": session_key}).mappings().one())


def session_of(row: Mapping[Any, Any]) -> UploadSession:
    """Return the session that a row of `SESSION_COLUMNS` describes."""
    return UploadSession(**row)


def update_session(connection: Connection, session_key: str, values: Mapping[str, object]) -> None:
    """Update the row of a session.

    Raises:
        NotFoundError: There is none.
    """
    changed = connection.execute(
        update(tables.sessions).where(tables.sessions.c.session_key == session_key).values(values)
    )
    if changed.rowcount == 0:
        raise unknown_session(connection, session_key)
