"""A change of a session by somebody: one transaction that keeps others out and ends in an entry.

Belongs here: beginning one; reading, locking and updating the row of a session; the audit trail, its
outbox of what people changed and Dagster does not know yet; stored errors. Does not: what changes
and is worth an entry (the module of each verb), what becomes of an error (`context/run_errors`).

An entry of the audit trail says who did what, and when: entry 41, `tickets_marked_ready` by `anna`,
with details as JSON. Entries are numbered from 1 without gaps, in the order they are committed. A
method that writes does so in `with self._begin_change(session_key, by=…, at=…) as change:`.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Concatenate

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    UpdateBase,
    bindparam,
    case,
    exists,
    func,
    insert,
    select,
    text,
    type_coerce,
)

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import (
    ACTIONS_OF_PROGRAM,
    ACTORS_OF_PROGRAM,
    RUN_ACTOR,
    AuditAction,
)
from jira_pipeline.model.entities import PACKAGED
from jira_pipeline.model.errors import (
    ManifestError,
    NotFoundError,
    NotFoundKind,
    PipelineError,
    SheetsRefusedError,
)
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.records import AuditEntry, ReviewEvent, StoredError
from jira_pipeline.model.runs import PIPELINE, RETENTION
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.store import tables
from jira_pipeline.store.mapping import (
    Rows,
    Value,
    delete_rows,
    enum_text,
    storable_text,
    update_rows,
)
from jira_pipeline.store.transactions import Answer, Database, Given, repeated

_ERROR = Rows(tables.errors, StoredError)
_ERRORS = tables.errors.c
_ENTRY = Rows(tables.audit, AuditEntry)
_AUDIT = tables.audit.c
_LAST = select(func.max(_AUDIT.sequence))
_NEWEST = _LAST.where(
    _AUDIT.session_key == bindparam("session"), _AUDIT.sequence > bindparam("after")
)
_EVENT = Rows(tables.review_events, ReviewEvent)
_EVENTS = tables.review_events.c


class StorePart:
    """Reads and writes one part of the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _read(
        self,
        read: Callable[Concatenate[Connection, Given], Answer],
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Answer:
        """Return what a function reads in a transaction of its own."""
        with self._database.reading() as connection:
            return read(connection, *args, **kwargs)

    def _values(
        self,
        rows: Rows[Value],
        *conditions: ColumnElement[bool],
        order_by: Sequence[ColumnElement[Any]] = (),
        limit: int | None = None,
        **cells: object,
    ) -> tuple[Value, ...]:
        """Return the values of rows that have these cells and meet all conditions."""
        query = rows.query_where(**cells).where(*conditions).order_by(*order_by).limit(limit)
        return rows.values_of(self._database.fetch(query))

    def _first(
        self,
        rows: Rows[Value],
        *conditions: ColumnElement[bool],
        order_by: Sequence[ColumnElement[Any]] = (),
        **cells: object,
    ) -> Value | None:
        """Return the first value that `_values` would return, or None."""
        return next(
            iter(self._values(rows, *conditions, order_by=order_by, limit=1, **cells)), None
        )

    @repeated
    def _execute(self, statement: UpdateBase) -> bool:
        """Execute one statement in its own transaction; return whether exactly one row was changed."""
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount == 1


class AuditTrail(StorePart):
    """Keeps who did what; append-only."""

    @repeated
    def append(
        self,
        *,
        at: datetime,
        session_key: str | None,
        actor: str,
        action: AuditAction,
        details: Mapping[str, object],
    ) -> None:
        """Append one entry."""
        with self._database.writing() as connection:
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=actor,
                action=action,
                details=details,
            )

    def entries(
        self, session_key: str, *, actions: Collection[AuditAction] | None = None
    ) -> tuple[AuditEntry, ...]:
        """Return the entries of a session, all or those of some actions, oldest first."""
        conditions = [] if actions is None else [_AUDIT.action.in_(sorted(actions))]
        return self._values(
            _ENTRY, *conditions, order_by=[_AUDIT.sequence], session_key=session_key
        )

    def latest(
        self,
        session_key: str,
        *,
        actions: Collection[AuditAction],
        naming: str | None = None,
        after: int = 0,
        most: int | None = None,
    ) -> tuple[AuditEntry, ...]:
        """Return entries of these actions, newest first, of the session that has this key now.

        Entries of an earlier session of the key, which was removed, are left out. `naming` selects
        entries whose details hold this name, such as the id of a ticket; `after` leaves out entries
        up to that number; `most` limits how many are returned.
        """
        query = entries_since_removal(session_key, actions).where(_AUDIT.sequence > after)
        if naming is not None:
            # Quotes inside a JSON text are escaped, so with its quotes only a whole name is found.
            name = json.dumps(naming, ensure_ascii=False)
            written = type_coerce(_AUDIT.details, Text)
            query = query.where(written.contains(name, autoescape=True))
        rows = self._database.fetch(query.order_by(_AUDIT.sequence.desc()).limit(most))
        return _ENTRY.values_of(rows)

    def newest(self, session_key: str, *, after: int = 0, but: Collection[AuditAction] = ()) -> int:
        """Return the number of the newest entry of a session; 0 where there is none.

        Every change of a session adds one, committed in the order of the numbers: while it is the
        same, nothing changed. `after` leaves out entries up to that number, `but` some actions.
        """
        query = _NEWEST.where(_AUDIT.action.not_in(sorted(but))) if but else _NEWEST
        return self._database.fetch(query, {"session": session_key, "after": after})[0][0] or 0

    def newest_of(self, session_keys: Collection[str]) -> Mapping[str, int]:
        """Return the number of the newest entry of each of these sessions that has one."""
        query = (
            select(_AUDIT.session_key, func.max(_AUDIT.sequence))
            .where(_AUDIT.session_key.in_(sorted(session_keys)))
            .group_by(_AUDIT.session_key)
        )
        return {row[0]: row[1] for row in self._database.fetch(query)}

    def last_changes(self, session_keys: Collection[str]) -> Mapping[str, AuditEntry]:
        """Return the newest entry of each of these sessions by which a person changed it.

        That somebody looked at tickets or names is no change.
        """
        looks = (AuditAction.TICKETS_SEEN, AuditAction.NAMES_LOOKED_UP)
        is_of_sessions = _AUDIT.session_key.in_(sorted(session_keys))
        is_change = _AUDIT.action.not_in(looks)
        is_by_people = _AUDIT.actor.not_in((PIPELINE, RETENTION))
        newest = _LAST.where(is_of_sessions, is_change, is_by_people)
        newest_of_each = newest.group_by(_AUDIT.session_key)
        query = _ENTRY.query.where(_AUDIT.sequence.in_(newest_of_each))
        entries = _ENTRY.values_of(self._database.fetch(query))
        return {str(entry.session_key): entry for entry in entries}

    def last_act_of_people(self, session_key: str) -> AuditEntry | None:
        """Return the newest entry that a person or a client made; None where there is none.

        What runs, sensors and schedules did by themselves does not count, nor does an earlier
        session of the key.
        """
        is_of_program = _AUDIT.action.in_(sorted(ACTIONS_OF_PROGRAM))
        is_by_part_of_program = _AUDIT.actor.in_(sorted(ACTORS_OF_PROGRAM))
        is_by_run = _AUDIT.actor.startswith(RUN_ACTOR)
        is_by_program = is_of_program & (is_by_part_of_program | is_by_run)
        actions = set(AuditAction) - {AuditAction.SESSION_REMOVED}
        query = entries_since_removal(session_key, actions).where(~is_by_program)
        newest_first = query.order_by(_AUDIT.sequence.desc())
        entries = _ENTRY.values_of(self._database.fetch(newest_first.limit(1)))
        return entries[0] if entries else None

    def has(self, action: AuditAction) -> bool:
        """Return whether there is an entry of this action, about any session or none."""
        query = select(_AUDIT.sequence).where(_AUDIT.action == action).limit(1)
        return bool(self._database.fetch(query))


def entries_since_removal(session_key: str, actions: Collection[AuditAction]) -> Select[Any]:
    """Return the query for entries of these actions since a session of this key was removed last."""
    is_of_session = _AUDIT.session_key == session_key
    is_removal = _AUDIT.action == AuditAction.SESSION_REMOVED
    last_removal = _LAST.where(is_of_session, is_removal).scalar_subquery()
    is_since_removal = _AUDIT.sequence > func.coalesce(last_removal, 0)
    is_of_actions = _AUDIT.action.in_(sorted(actions))
    return _ENTRY.query.where(is_of_session, is_of_actions, is_since_removal)


def read_entries(
    connection: Connection, session_key: str, *actions: AuditAction
) -> tuple[AuditEntry, ...]:
    """Return the entries of some actions, oldest first, as `entries_since_removal` selects them."""
    query = entries_since_removal(session_key, actions).order_by(_AUDIT.sequence)
    return _ENTRY.values_of(connection.execute(query))


def append_audit(
    connection: Connection,
    *,
    at: datetime,
    session_key: str | None,
    actor: str,
    action: AuditAction,
    details: Mapping[str, object],
) -> None:
    """Append one entry in the transaction of the change it records.

    An action with an event (a change of tickets by people) also adds a row to the outbox, where it
    waits until somebody reported it to Dagster.
    """
    lock_audit(connection)
    actor = storable_text(actor)
    entry = AuditEntry(
        sequence=(connection.execute(_LAST).scalar_one() or 0) + 1,
        at=at,
        session_key=session_key,
        actor=actor,
        action=action,
        details=details,
    )
    connection.execute(insert(tables.audit), _ENTRY.cells(entry))
    if action.event:
        event = {"at": at, "session_key": session_key, "action": action.event, "by": actor}
        connection.execute(insert(tables.review_events).values(event))


def lock_audit(connection: Connection) -> None:
    """Keep others from appending until the transaction ends: numbers are committed in their order.

    On SQLite a writing transaction does so anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))


def newest_entry(connection: Connection, session_key: str) -> int:
    """Return the number of the newest entry of a session, and keep others from appending one."""
    lock_audit(connection)
    return connection.execute(_NEWEST, {"session": session_key, "after": 0}).scalar_one() or 0


class ErrorStore(StorePart):
    @repeated
    def record(
        self,
        error: PipelineError,
        *,
        session_key: str | None,
        stage: str,
        at: datetime,
        run_id: str | None = None,
        ticket_id: str | None = None,
    ) -> StoredError:
        """Store an error and return it with its number.

        Refused sheets are placed at the file and line of their first finding, a refused manifest at
        its file.
        """
        file, line = _place_of(error)
        stored = StoredError(
            error_id=0,
            session_key=session_key,
            at=at,
            code=error.code,
            category=error.category.value,
            stage=stage,
            message=error.message,
            recovery_actions=error.recovery_actions
            if session_key is None
            else tuple(step.on(session_key=session_key) for step in error.recovery_actions),
            run_id=run_id,
            ticket_id=ticket_id,
            file=file,
            line=line,
        )
        with self._database.writing() as connection:
            return _ERROR.insert_one(connection, stored, but=["error_id"])

    def get(self, error_id: int) -> StoredError:
        for error in self._values(_ERROR, error_id=error_id):
            return error
        raise NotFoundError(kind=NotFoundKind.ERROR, error_id=error_id)

    def list_all(self, session_key: str) -> tuple[StoredError, ...]:
        """Return the errors of a session, oldest first."""
        return self._values(_ERROR, order_by=[_ERRORS.error_id], session_key=session_key)


def _place_of(error: PipelineError) -> tuple[str | None, int | None]:
    if isinstance(error, SheetsRefusedError):
        for finding in error.findings:
            if isinstance(finding, Finding):
                return finding.file, finding.line
    if isinstance(error, ManifestError):
        return error.file_name, None
    return None, None


class ReviewOutbox(StorePart):
    """Keeps the event of every change of tickets until somebody reported it."""

    def pending(self, session_key: str | None = None) -> tuple[ReviewEvent, ...]:
        """Return the events nobody reported, of all sessions or of one, oldest first."""
        conditions = [] if session_key is None else [_EVENTS.session_key == session_key]
        return self._values(_EVENT, *conditions, order_by=[_EVENTS.event_id])

    @repeated
    def mark_reported(self, event: ReviewEvent) -> None:
        """Remove an event and those of its session before it.

        None of them can appear later: the changes of a session wait for each other.
        """
        until = _EVENTS.event_id <= event.event_id
        with self._database.writing() as connection:
            delete_rows(connection, tables.review_events, until, session_key=event.session_key)


_packages = (
    exists()
    .where(tables.source_files.c.session_key == tables.sessions.c.session_key)
    .where(tables.source_files.c.sheet == PACKAGED)
)
SESSION_COLUMNS = [
    *(column for column in tables.sessions.c if not column.name.startswith("cancel_")),
    type_coerce(
        case((_packages, SourceWord.PACKAGES.value), else_=SourceWord.SHEETS.value),
        enum_text(SourceWord),
    ).label("source_word"),
    select(tables.waiting_uploads.c.content_sha256)
    .where(tables.waiting_uploads.c.session_key == tables.sessions.c.session_key)
    .scalar_subquery()
    .label("waiting_sha256"),
]
SESSION_QUERY = select(*SESSION_COLUMNS).where(
    tables.sessions.c.session_key == bindparam("session")
)
"""Made once: making a statement takes longer than the database takes to answer it."""
_LOCKED = SESSION_QUERY.with_for_update()
"""Returns the row as it is when the lock is taken."""
CHANGED_CONTENT: Mapping[str, object] = {"content_version": tables.sessions.c.content_version + 1}
"""Goes with every write that changes what Jira would get."""
_NAMED_KEYS = 10
"""So many keys of sessions a message names."""


def lock_session(connection: Connection, session_key: str) -> UploadSession:
    """Return the session and keep other writers away from it until the transaction ends."""
    session = session_if_any(connection, session_key)
    if session is None:
        raise unknown_session(connection, session_key)
    return session


def session_if_any(connection: Connection, session_key: str) -> UploadSession | None:
    """Lock and return a session as `lock_session` does; None where there is none."""
    row = connection.execute(_LOCKED, {"session": session_key}).mappings().one_or_none()
    return None if row is None else UploadSession(**row)


def unknown_session(connection: Connection, session_key: str) -> NotFoundError:
    """Return the error for a key without a session: it says when it was removed, or which exist."""
    removed = _removed_session(connection, session_key)
    if removed is not None:
        return removed
    newest = tables.sessions.c.created_at.desc()
    query = select(tables.sessions.c.session_key).order_by(newest, tables.sessions.c.session_key)
    keys = connection.execute(query).scalars().all()
    more = ", …" if len(keys) > _NAMED_KEYS else ""
    known_keys = f"Known: {', '.join(keys[:_NAMED_KEYS])}{more}." if keys else "There is none yet."
    near = get_close_matches(session_key.casefold(), keys)
    suggestion = f"Did you mean {' or '.join(near)}? " if near else ""
    return NotFoundError(
        f"There is no session {session_key!r}. {suggestion}{known_keys}",
        kind=NotFoundKind.SESSION,
        recovery_actions=(
            Action.of(
                ActionKind.UPLOAD,
                "Check the key ({1} lists them), or upload the folder: {}.",
                also=(Action.of(ActionKind.LIST_SESSIONS, "{}"),),
            ),
        ),
    )


def _removed_session(connection: Connection, session_key: str) -> NotFoundError | None:
    """Return the error for a session that was removed, with the way to bring it back; else None."""
    is_of_session = _AUDIT.session_key == session_key
    removals = _LAST.where(is_of_session, _AUDIT.action == AuditAction.SESSION_REMOVED)
    removed_at = connection.execute(
        select(_AUDIT.at).where(_AUDIT.sequence == removals.scalar_subquery())
    ).scalar_one_or_none()
    if removed_at is None:
        return None
    is_kept = tables.kept_reviews.c.session_key == session_key
    kept_review = connection.execute(select(is_kept).where(is_kept).limit(1)).first()
    message = f"The session {session_key!r} was removed on {removed_at:%F}."
    again = Action.of(
        ActionKind.UPLOAD, "To bring it back, upload its files again: {}.", session=session_key
    )
    if kept_review is None:
        return NotFoundError(message, kind=NotFoundKind.SESSION, recovery_actions=(again,))
    return NotFoundError(
        f"{message} What people decided is kept, and returns once its tickets are written again.",
        kind=NotFoundKind.SESSION,
        recovery_actions=(
            again,
            Action.of(ActionKind.SHOW_KEPT, "{} shows what is kept.", session_key=session_key),
        ),
    )


def update_session(connection: Connection, session_key: str, values: Mapping[str, object]) -> None:
    if update_rows(connection, tables.sessions, values, session_key=session_key) == 0:
        raise unknown_session(connection, session_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A transaction in which somebody changes a session, which is locked until it ends."""

    connection: Connection
    session: UploadSession
    """The session as it was before."""
    by: str
    """Name of the person, or of the part of the program, that changes it."""
    at: datetime

    @property
    def session_key(self) -> str:
        return self.session.session_key

    def note(self, action: AuditAction, **details: object) -> None:
        """Append an entry about the session to the audit trail, in this transaction."""
        append_audit(
            self.connection,
            at=self.at,
            session_key=self.session_key,
            actor=self.by,
            action=action,
            details=details,
        )

    def set_session(self, **values: object) -> None:
        update_session(self.connection, self.session_key, {"updated_at": self.at, **values})


class SessionPart(StorePart):
    """A part of the store whose rows belong to sessions."""

    @contextmanager
    def _begin_change(self, session_key: str, *, by: str, at: datetime) -> Iterator[Change]:
        """Begin a transaction with the session locked; committed when the block ends without error.

        Raises:
            NotFoundError: There is no such session.
        """
        with self._database.writing() as connection:
            session = lock_session(connection, session_key)
            yield Change(connection=connection, session=session, by=by, at=at)
