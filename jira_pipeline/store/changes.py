"""A change of a session by somebody: one transaction that keeps others out and ends in an entry.

Belongs here: beginning one; reading, locking and updating the row of a session; the audit trail, its
outbox of what people changed and Dagster does not know yet; stored errors. Does not: what changes
and is worth an entry (the module of each verb), what becomes of an error (`context/run_errors`).
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
from jira_pipeline.model.entities import PACKAGED, SourceWord
from jira_pipeline.model.errors import (
    ManifestError,
    NotFoundError,
    NotFoundKind,
    PipelineError,
    SheetsRefusedError,
)
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.records import (
    ACTIONS_OF_PROGRAM,
    ACTORS_OF_PROGRAM,
    RUN_ACTOR,
    AuditAction,
    AuditEntry,
    ReviewEvent,
    StoredError,
)
from jira_pipeline.model.runs import PIPELINE, RETENTION
from jira_pipeline.model.sessions import UploadSession
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
        by: Sequence[ColumnElement[Any]] = (),
        most: int | None = None,
        **cells: object,
    ) -> tuple[Value, ...]:
        """Return the values of rows that have these cells, in some order, or so many of them."""
        chosen = rows.having(**cells).where(*conditions).order_by(*by).limit(most)
        return rows.of(self._database.asked(chosen))

    def _first(
        self,
        rows: Rows[Value],
        *conditions: ColumnElement[bool],
        by: Sequence[ColumnElement[Any]] = (),
        **cells: object,
    ) -> Value | None:
        """Return the first of the same, or None."""
        return next(iter(self._values(rows, *conditions, by=by, most=1, **cells)), None)

    @repeated
    def _done(self, statement: UpdateBase) -> bool:
        """Execute one statement in a transaction of its own; tell whether it met one row."""
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
        of = [] if actions is None else [_AUDIT.action.in_(sorted(actions))]
        return self._values(_ENTRY, *of, by=[_AUDIT.sequence], session_key=session_key)

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

        `naming` leaves those whose details hold this name, such as the id of a ticket; `after`
        leaves out entries up to that number.
        """
        chosen = entries_since_removal(session_key, actions).where(_AUDIT.sequence > after)
        if naming is not None:
            # A quotation mark within a text is escaped: this is a whole name.
            name = json.dumps(naming, ensure_ascii=False)
            written = type_coerce(_AUDIT.details, Text)
            chosen = chosen.where(written.contains(name, autoescape=True))
        rows = self._database.asked(chosen.order_by(_AUDIT.sequence.desc()).limit(most))
        return _ENTRY.of(rows)

    def newest(self, session_key: str, *, after: int = 0, but: Collection[AuditAction] = ()) -> int:
        """Return the number of the newest entry of a session; 0 where there is none.

        Every change of a session adds one, committed in the order of the numbers: while it is the
        same, nothing changed. `after` leaves out entries up to that number, `but` some actions.
        """
        chosen = _NEWEST.where(_AUDIT.action.not_in(sorted(but))) if but else _NEWEST
        return self._database.asked(chosen, {"session": session_key, "after": after})[0][0] or 0

    def newest_of(self, session_keys: Collection[str]) -> Mapping[str, int]:
        """Return the number of the newest entry of each of these sessions that has one."""
        chosen = (
            select(_AUDIT.session_key, func.max(_AUDIT.sequence))
            .where(_AUDIT.session_key.in_(sorted(session_keys)))
            .group_by(_AUDIT.session_key)
        )
        return {row[0]: row[1] for row in self._database.asked(chosen)}

    def last_changes(self, session_keys: Collection[str]) -> Mapping[str, AuditEntry]:
        """Return the newest entry of each of these sessions that a person is the actor of.

        That somebody looked is no change.
        """
        looks = (AuditAction.TICKETS_SEEN, AuditAction.NAMES_LOOKED_UP)
        is_of_sessions = _AUDIT.session_key.in_(sorted(session_keys))
        is_change = _AUDIT.action.not_in(looks)
        is_by_people = _AUDIT.actor.not_in((PIPELINE, RETENTION))
        newest = _LAST.where(is_of_sessions, is_change, is_by_people)
        newest_of_each = newest.group_by(_AUDIT.session_key)
        chosen = _ENTRY.chosen.where(_AUDIT.sequence.in_(newest_of_each))
        entries = _ENTRY.of(self._database.asked(chosen))
        return {str(entry.session_key): entry for entry in entries}

    def last_act_of_people(self, session_key: str) -> AuditEntry | None:
        """Return the newest entry that a person or a client made, of the session as it is now.

        What runs, sensors and schedules did by themselves does not count.
        """
        is_of_program = _AUDIT.action.in_(sorted(ACTIONS_OF_PROGRAM))
        is_by_part_of_program = _AUDIT.actor.in_(sorted(ACTORS_OF_PROGRAM))
        is_by_run = _AUDIT.actor.startswith(RUN_ACTOR)
        is_by_program = is_of_program & (is_by_part_of_program | is_by_run)
        actions = set(AuditAction) - {AuditAction.SESSION_REMOVED}
        chosen = entries_since_removal(session_key, actions).where(~is_by_program)
        newest_first = chosen.order_by(_AUDIT.sequence.desc())
        entries = _ENTRY.of(self._database.asked(newest_first.limit(1)))
        return entries[0] if entries else None

    def has(self, action: AuditAction) -> bool:
        """Tell whether there is an entry of this action, about whatever session or none."""
        chosen = select(_AUDIT.sequence).where(_AUDIT.action == action).limit(1)
        return bool(self._database.asked(chosen))


def entries_since_removal(session_key: str, actions: Collection[AuditAction]) -> Select[Any]:
    """Choose the entries of these actions of the session that has this key now."""
    is_of = _AUDIT.session_key == session_key
    removed = _LAST.where(is_of, _AUDIT.action == AuditAction.SESSION_REMOVED).scalar_subquery()
    is_since = _AUDIT.sequence > func.coalesce(removed, 0)
    return _ENTRY.chosen.where(is_of, _AUDIT.action.in_(sorted(actions)), is_since)


def read_entries(
    connection: Connection, session_key: str, *actions: AuditAction
) -> tuple[AuditEntry, ...]:
    """Return these entries of some actions, oldest first, in a transaction that is open."""
    chosen = entries_since_removal(session_key, actions).order_by(_AUDIT.sequence)
    return _ENTRY.of(connection.execute(chosen))


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

    A change of tickets by people also waits in the outbox until it is reported to Dagster.
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
    """Keep others from appending until the transaction ends: numbers are committed in their order."""
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
        """Store an error; refused sheets are placed at their first finding, a manifest at its file."""
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
            return _ERROR.added(connection, stored, but=["error_id"])

    def get(self, error_id: int) -> StoredError:
        for error in self._values(_ERROR, error_id=error_id):
            return error
        raise NotFoundError(kind=NotFoundKind.ERROR, error_id=error_id)

    def list_all(self, session_key: str) -> tuple[StoredError, ...]:
        """Return the errors of a session, oldest first."""
        return self._values(_ERROR, by=[_ERRORS.error_id], session_key=session_key)


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
        of = [] if session_key is None else [_EVENTS.session_key == session_key]
        return self._values(_EVENT, *of, by=[_EVENTS.event_id])

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
    session = session_if_any(connection, session_key)
    if session is None:
        raise unknown_session(connection, session_key)
    return session


def session_if_any(connection: Connection, session_key: str) -> UploadSession | None:
    """Lock as `lock_session`; None where there is none."""
    row = connection.execute(_LOCKED, {"session": session_key}).mappings().one_or_none()
    return None if row is None else UploadSession(**row)


def unknown_session(connection: Connection, session_key: str) -> NotFoundError:
    """Say that there is no such session: that it was removed, or which ones there are."""
    removed = _removed_session(connection, session_key)
    if removed is not None:
        return removed
    newest = tables.sessions.c.created_at.desc()
    chosen = select(tables.sessions.c.session_key).order_by(newest, tables.sessions.c.session_key)
    keys = connection.execute(chosen).scalars().all()
    more = ", …" if len(keys) > _NAMED_KEYS else ""
    known_keys = f"Known: {', '.join(keys[:_NAMED_KEYS])}{more}." if keys else "There is none yet."
    near = get_close_matches(session_key.casefold(), keys)
    suggestion = f"Did you mean {' or '.join(near)}? " if near else ""
    return NotFoundError(
        f"There is no session {session_key!r}. {suggestion}{known_keys}",
        kind=NotFoundKind.SESSION,
        recovery_actions=(
            Action.of(ActionKind.UPLOAD, "Check the key, or upload the folder: {}."),
        ),
    )


def _removed_session(connection: Connection, session_key: str) -> NotFoundError | None:
    """Say when a session was removed, and what brings back what people said; None: it never was."""
    is_of = _AUDIT.session_key == session_key
    removals = _LAST.where(is_of, _AUDIT.action == AuditAction.SESSION_REMOVED)
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

    def set_session(self, **values: object) -> None:
        update_session(self.connection, self.session_key, {"updated_at": self.at, **values})


class SessionPart(StorePart):
    """Changes what sessions have of its part, too."""

    @contextmanager
    def _changing(self, session_key: str, *, by: str, at: datetime) -> Iterator[Change]:
        with self._database.writing() as connection:
            session = lock_session(connection, session_key)
            yield Change(connection=connection, session=session, by=by, at=at)
