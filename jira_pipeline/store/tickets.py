"""Tickets, their revisions, dependencies and ready marks.

Belongs here: keeping them, and what a new generation does to the ones there are. Does not: what a
ticket says (`writers`), what it is validated against (`store/validations`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    RowMapping,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from jira_pipeline.domain.ports import GenerationOutcome, TicketDraft
from jira_pipeline.domain.tickets import (
    ProseParts,
    Revision,
    RevisionOrigin,
    Ticket,
    content_hash_of,
)
from jira_pipeline.errors import UnknownTicketError
from jira_pipeline.store import tables
from jira_pipeline.store.audit import PIPELINE, append_audit
from jira_pipeline.store.sessions import lock_session
from jira_pipeline.store.transactions import Database

_TICKETS = tables.tickets.c
_REVISIONS = tables.revisions.c
_DEPENDENCIES = tables.dependencies.c
_PART_NAMES = tuple(ProseParts.__dataclass_fields__)
_NOT_READY: Mapping[str, object] = {"ready_hash": None, "ready_by": None}


class SqlTicketStore:
    """Keeps tickets and their revisions in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def save_generated(
        self, session_key: str, drafts: Sequence[TicketDraft], *, at: datetime
    ) -> GenerationOutcome:
        """Store one generation in one step; audited.

        A ticket whose title and prose did not change keeps its revision and ready mark; else it
        gets a new revision of origin `generated` and loses the mark. Tickets that are not among
        the drafts are withdrawn and lose the mark; one that comes back is no longer withdrawn and
        counts as created. Tickets whose current revision was edited keep it. Dependencies made by
        hand stay.
        """
        _check(drafts)
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            stored = _stored_tickets(connection, session_key)
            changes = [
                _change_of(draft, stored.get(draft.ticket_id))
                for draft in sorted(drafts, key=lambda d: d.number)
            ]
            vanished = _vanished(stored, drafts)
            _write_tickets(connection, session_key, changes)
            _write_revisions(connection, changes, at=at)
            _write_dependencies(connection, session_key, drafts)
            _withdraw(connection, vanished)
            outcome = _outcome_of(changes, withdrawn_count=len(vanished))
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=PIPELINE,
                action="tickets_generated",
                details={
                    "created": [c.draft.ticket_id for c in changes if c.is_new],
                    "rewritten": [c.draft.ticket_id for c in changes if c.is_rewritten],
                    "unchanged": outcome.unchanged,
                    "withdrawn": vanished,
                },
            )
            return outcome

    def list_all(self, session_key: str) -> tuple[Ticket, ...]:
        """Return the tickets that are not withdrawn, by number."""
        with self._database.reading() as connection:
            return _tickets_of(connection, session_key)

    def get(self, session_key: str, number: int) -> Ticket:
        """Return the ticket with that number, or raise UnknownTicketError."""
        with self._database.reading() as connection:
            found = _tickets_of(connection, session_key, number=number)
        if not found:
            raise UnknownTicketError(session_key=session_key, ticket=str(number))
        return found[0]

    def revisions(self, ticket_id: str) -> tuple[Revision, ...]:
        """Return all revisions of a ticket, by number."""
        chosen = (
            select(tables.revisions)
            .where(_REVISIONS.ticket_id == ticket_id)
            .order_by(_REVISIONS.number)
        )
        with self._database.reading() as connection:
            return tuple(_revision_of(dict(row)) for row in connection.execute(chosen).mappings())

    def mark_ready(
        self, session_key: str, rendered_hashes: Mapping[str, str], *, by: str, at: datetime
    ) -> int:
        """Mark tickets ready, each bound to the hash of what was validated; audited.

        Returns how many were not ready with that hash before.

        Raises:
            UnknownTicketError: One is no ticket of the session, or withdrawn; none is marked.
        """
        with self._database.writing() as connection:
            present = _present(connection, session_key, rendered_hashes, _TICKETS.ready_hash)
            changed = {
                ticket_id: rendered_hash
                for ticket_id, rendered_hash in sorted(rendered_hashes.items())
                if present[ticket_id] != rendered_hash
            }
            rows = [
                {"of_ticket": ticket_id, "ready_hash": rendered_hash, "ready_by": by}
                for ticket_id, rendered_hash in changed.items()
            ]
            _change_tickets(connection, rows)
            if changed:
                append_audit(
                    connection,
                    at=at,
                    session_key=session_key,
                    actor=by,
                    action="tickets_marked_ready",
                    details={"rendered_hashes": changed},
                )
            return len(changed)

    def unmark_ready(
        self, session_key: str, ticket_ids: Iterable[str], *, by: str, at: datetime
    ) -> int:
        """Take ready marks away; audited. Returns how many were taken.

        Raises:
            UnknownTicketError: One is no ticket of the session, or withdrawn; all marks stay.
        """
        with self._database.writing() as connection:
            present = _present(connection, session_key, ticket_ids, _TICKETS.ready_hash)
            changed = sorted(ticket_id for ticket_id, mark in present.items() if mark is not None)
            _change_tickets(connection, [{"of_ticket": key, **_NOT_READY} for key in changed])
            if changed:
                append_audit(
                    connection,
                    at=at,
                    session_key=session_key,
                    actor=by,
                    action="tickets_unmarked_ready",
                    details={"ticket_ids": changed},
                )
            return len(changed)

    def skip(
        self, session_key: str, ticket_ids: Iterable[str], *, reason: str, by: str, at: datetime
    ) -> int:
        """Leave tickets out of exports, with a reason; audited. Returns how many changed.

        Raises:
            UnknownTicketError: One is no ticket of the session, or withdrawn; none is skipped.
        """
        if not reason.strip():
            raise ValueError("A ticket is skipped with a reason.")
        return self._set_skipped(session_key, ticket_ids, reason=reason, by=by, at=at)

    def unskip(self, session_key: str, ticket_ids: Iterable[str], *, by: str, at: datetime) -> int:
        """Take skipped tickets in again; audited. Returns how many changed.

        Raises:
            UnknownTicketError: One is no ticket of the session, or withdrawn; none is taken in.
        """
        return self._set_skipped(session_key, ticket_ids, reason=None, by=by, at=at)

    def _set_skipped(
        self,
        session_key: str,
        ticket_ids: Iterable[str],
        *,
        reason: str | None,
        by: str,
        at: datetime,
    ) -> int:
        with self._database.writing() as connection:
            present = _present(connection, session_key, ticket_ids, _TICKETS.skipped_reason)
            changed = sorted(ticket_id for ticket_id, was in present.items() if was != reason)
            _change_tickets(
                connection, [{"of_ticket": key, "skipped_reason": reason} for key in changed]
            )
            if changed:
                append_audit(
                    connection,
                    at=at,
                    session_key=session_key,
                    actor=by,
                    action="tickets_unskipped" if reason is None else "tickets_skipped",
                    details={"ticket_ids": changed, "reason": reason},
                )
            return len(changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What a generation does to one ticket."""

    draft: TicketDraft
    content_hash: str
    revision: int
    """Number of its current revision afterwards."""
    is_known: bool
    is_revived: bool
    is_rewritten: bool

    @property
    def is_new(self) -> bool:
        return self.is_revived or not self.is_known

    @property
    def has_new_revision(self) -> bool:
        return self.is_rewritten or not self.is_known


def _check(drafts: Sequence[TicketDraft]) -> None:
    """Refuse a generation that is not one: a mistake of ours, found before anything is written."""
    ticket_ids = {draft.ticket_id for draft in drafts}
    if len(ticket_ids) != len(drafts):
        raise ValueError("Two drafts have the same ticket id.")
    if len({draft.number for draft in drafts}) != len(drafts):
        raise ValueError("Two drafts have the same number.")
    for draft in drafts:
        strangers = {*draft.depends_on, *draft.relates_to} - ticket_ids
        if strangers:
            raise ValueError(f"{draft.ticket_id} refers to {sorted(strangers)}, not generated.")


def _stored_tickets(connection: Connection, session_key: str) -> dict[str, RowMapping]:
    """Return all tickets of the session, withdrawn ones too, with their current revision."""
    chosen = _with_current_revision(
        select(
            _TICKETS.ticket_id,
            _TICKETS.is_withdrawn,
            _TICKETS.current_revision,
            _REVISIONS.origin,
            _REVISIONS.content_hash,
            _REVISIONS.open_questions,
        )
    ).where(_TICKETS.session_key == session_key)
    return {row["ticket_id"]: row for row in connection.execute(chosen).mappings()}


def _with_current_revision(chosen: Select[Any]) -> Select[Any]:
    return chosen.join_from(
        tables.tickets,
        tables.revisions,
        (_REVISIONS.ticket_id == _TICKETS.ticket_id)
        & (_REVISIONS.number == _TICKETS.current_revision),
    )


def _change_of(draft: TicketDraft, stored: RowMapping | None) -> _Change:
    content_hash = content_hash_of(
        title=draft.title, parts=draft.prose.parts, estimated_hours=draft.prose.estimated_hours
    )
    is_rewritten = (
        stored is not None
        and stored["origin"] is RevisionOrigin.GENERATED
        and (stored["content_hash"], stored["open_questions"])
        != (content_hash, draft.prose.questions)
    )
    number = 1 if stored is None else stored["current_revision"] + int(is_rewritten)
    return _Change(
        draft=draft,
        content_hash=content_hash,
        revision=number,
        is_known=stored is not None,
        is_revived=stored is not None and stored["is_withdrawn"],
        is_rewritten=is_rewritten,
    )


def _vanished(stored: Mapping[str, RowMapping], drafts: Sequence[TicketDraft]) -> list[str]:
    drafted = {draft.ticket_id for draft in drafts}
    return sorted(
        ticket_id
        for ticket_id, row in stored.items()
        if ticket_id not in drafted and not row["is_withdrawn"]
    )


def _write_tickets(connection: Connection, session_key: str, changes: Sequence[_Change]) -> None:
    new = [
        {"ticket_id": c.draft.ticket_id, "session_key": session_key, **_NOT_READY, **_cells_of(c)}
        for c in changes
        if not c.is_known
    ]
    if new:
        connection.execute(insert(tables.tickets), new)
    known = [c for c in changes if c.is_known]
    rewritten = [c for c in known if c.is_rewritten]
    _change_tickets(connection, [{"of_ticket": c.draft.ticket_id, **_cells_of(c)} for c in known])
    _change_tickets(connection, [{"of_ticket": c.draft.ticket_id, **_NOT_READY} for c in rewritten])


def _cells_of(change: _Change) -> dict[str, object]:
    draft = change.draft
    return {
        "number": draft.number,
        "group_key": draft.group_key,
        "display_group": draft.display_group,
        "action": draft.action,
        "current_revision": change.revision,
        "source_lines": draft.source_lines,
        "assignee": draft.assignee,
        "sprint": draft.sprint,
        "priority": draft.priority,
        "labels": draft.labels,
        "parent": draft.parent,
        "is_withdrawn": False,
    }


def _write_revisions(connection: Connection, changes: Sequence[_Change], *, at: datetime) -> None:
    rows = [_revision_row(c, at=at) for c in changes if c.has_new_revision]
    if rows:
        connection.execute(insert(tables.revisions), rows)


def _revision_row(change: _Change, *, at: datetime) -> dict[str, object]:
    prose = change.draft.prose
    return {
        "ticket_id": change.draft.ticket_id,
        "number": change.revision,
        "origin": RevisionOrigin.GENERATED,
        "title": change.draft.title,
        **{name: getattr(prose.parts, name) for name in _PART_NAMES},
        "open_questions": prose.questions,
        "estimated_hours": prose.estimated_hours,
        "writer": prose.writer,
        "author": prose.writer,
        "created_at": at,
        "content_hash": change.content_hash,
    }


def _write_dependencies(
    connection: Connection, session_key: str, drafts: Sequence[TicketDraft]
) -> None:
    """Replace what was computed; what was made by hand stays."""
    connection.execute(
        delete(tables.dependencies).where(
            _DEPENDENCIES.session_key == session_key, _DEPENDENCIES.origin == "computed"
        )
    )
    rows = [
        {
            "session_key": session_key,
            "ticket_id": draft.ticket_id,
            "other_ticket_id": other,
            "kind": kind,
            "origin": "computed",
        }
        for draft in drafts
        for kind, others in (("blocks", draft.depends_on), ("relates", draft.relates_to))
        for other in sorted(set(others))
    ]
    if rows:
        connection.execute(insert(tables.dependencies), rows)


def _withdraw(connection: Connection, ticket_ids: Sequence[str]) -> None:
    _change_tickets(
        connection,
        [{"of_ticket": key, "is_withdrawn": True, **_NOT_READY} for key in ticket_ids],
    )


def _change_tickets(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Update tickets; every row has the same columns and its ticket id in `of_ticket`."""
    if rows:
        names = [name for name in rows[0] if name != "of_ticket"]
        statement = (
            update(tables.tickets)
            .where(_TICKETS.ticket_id == bindparam("of_ticket"))
            .values({name: bindparam(name) for name in names})
        )
        connection.execute(statement, rows)


def _outcome_of(changes: Sequence[_Change], *, withdrawn_count: int) -> GenerationOutcome:
    created = sum(c.is_new for c in changes)
    rewritten = sum(c.is_rewritten and not c.is_new for c in changes)
    return GenerationOutcome(
        created=created,
        rewritten=rewritten,
        unchanged=len(changes) - created - rewritten,
        withdrawn=withdrawn_count,
    )


def _present(
    connection: Connection, session_key: str, ticket_ids: Iterable[str], column: Column[str]
) -> dict[str, str | None]:
    """Return what a column holds for those tickets, after locking their session."""
    lock_session(connection, session_key)
    chosen = select(_TICKETS.ticket_id, column).where(
        _TICKETS.session_key == session_key, _TICKETS.is_withdrawn.is_(False)
    )
    present = {row[0]: row[1] for row in connection.execute(chosen)}
    wanted = sorted(set(ticket_ids))
    for ticket_id in wanted:
        if ticket_id not in present:
            raise UnknownTicketError(session_key=session_key, ticket=ticket_id)
    return {ticket_id: present[ticket_id] for ticket_id in wanted}


def _tickets_of(
    connection: Connection, session_key: str, *, number: int | None = None
) -> tuple[Ticket, ...]:
    others = _others_of(connection, session_key)
    revision_columns = [
        column.label(f"revision_{column.name}")
        for column in _REVISIONS
        if column.name != "ticket_id"
    ]
    chosen = (
        _with_current_revision(select(tables.tickets, *revision_columns))
        .where(_TICKETS.session_key == session_key, _TICKETS.is_withdrawn.is_(False))
        .order_by(_TICKETS.number)
    )
    if number is not None:
        chosen = chosen.where(_TICKETS.number == number)
    return tuple(_ticket_of(row, others) for row in connection.execute(chosen).mappings())


def _others_of(connection: Connection, session_key: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return other tickets by ticket and kind, in order of their number."""
    chosen = (
        select(_DEPENDENCIES.ticket_id, _DEPENDENCIES.kind, _TICKETS.ticket_id.label("other"))
        .join_from(
            tables.dependencies,
            tables.tickets,
            _TICKETS.ticket_id == _DEPENDENCIES.other_ticket_id,
        )
        .where(_DEPENDENCIES.session_key == session_key, _TICKETS.is_withdrawn.is_(False))
        .order_by(_TICKETS.number)
    )
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in connection.execute(chosen):
        found.setdefault((row.ticket_id, row.kind), {})[row.other] = None
    return {key: tuple(others) for key, others in found.items()}


def _ticket_of(row: RowMapping, others: Mapping[tuple[str, str], tuple[str, ...]]) -> Ticket:
    ticket_id = row["ticket_id"]
    return Ticket(
        ticket_id=ticket_id,
        session_key=row["session_key"],
        number=row["number"],
        group_key=row["group_key"],
        display_group=row["display_group"],
        action=row["action"],
        revision=_revision_of(
            {name: row[f"revision_{name}"] for name in _REVISIONS.keys() if name != "ticket_id"}  # noqa: SIM118 - a collection of columns, not a mapping
        ),
        depends_on=others.get((ticket_id, "blocks"), ()),
        relates_to=others.get((ticket_id, "relates"), ()),
        source_lines=row["source_lines"],
        assignee=row["assignee"],
        sprint=row["sprint"],
        priority=row["priority"],
        labels=row["labels"],
        parent=row["parent"],
        ready_hash=row["ready_hash"],
        ready_by=row["ready_by"],
        skipped_reason=row["skipped_reason"],
        is_withdrawn=row["is_withdrawn"],
    )


def _revision_of(row: Mapping[str, Any]) -> Revision:
    return Revision(
        number=row["number"],
        origin=row["origin"],
        title=row["title"],
        parts=ProseParts(**{name: row[name] for name in _PART_NAMES}),
        questions=row["open_questions"],
        estimated_hours=row["estimated_hours"],
        writer=row["writer"],
        author=row["author"],
        created_at=row["created_at"],
        content_hash=row["content_hash"],
    )
