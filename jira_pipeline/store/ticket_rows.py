"""Rows of tickets and revisions: the values they become, and the ways to change them.

Belongs here: reading tickets with their current revision and dependencies; locking the session of
the tickets that are meant, updating them, the audit entry, making stale what changed. Does not:
what changes (`generations`, `ticket_store`, `reviews`).
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    Select,
    bindparam,
    delete,
    func,
    select,
    update,
)

from jira_pipeline.model.errors import unknown_ticket
from jira_pipeline.model.records import EXPORT_STARTED, TICKETS_SEEN
from jira_pipeline.model.tickets import (
    PART_NAMES,
    Answer,
    ProseParts,
    Revision,
    Ticket,
    Withdrawal,
    question_id_of,
)
from jira_pipeline.store import tables
from jira_pipeline.store.record_store import append_audit
from jira_pipeline.store.session_rows import CHANGED_CONTENT, lock_session, update_session

NOT_READY: Mapping[str, object] = {"ready_hash": None, "ready_by": None}
NOT_VANISHED: Mapping[str, object] = {
    "withdrawal": None,
    "withdrawn_by": None,
    "withdrawal_reason": "",
}
PROPOSED: Mapping[str, object] = {**NOT_VANISHED, "withdrawal": Withdrawal.PROPOSED}
"""Its rows are gone: people are asked whether the ticket goes too."""

_REVISION_NAMES = tuple(c.name for c in tables.revisions.c if c.name != "ticket_id")
_TICKETS = tables.tickets.c
_REVISIONS = tables.revisions.c
_DEPENDENCIES = tables.dependencies.c
_RELEASED = tables.released_dependencies.c
_ANSWERS = tables.answers.c
IDS_NAMED_MAX = 500
"""Of a statement; beyond, all tickets of the session are read."""
_OF_SESSION = _TICKETS.session_key == bindparam("session")
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_AUDIT = tables.audit.c
ENTRIES_SINCE = (
    select(_AUDIT.sequence, _AUDIT.action, _AUDIT.details)
    .where(_AUDIT.session_key == bindparam("session"), _AUDIT.sequence > bindparam("sequence"))
    .order_by(_AUDIT.sequence)
)
IS_PRESENT: ColumnElement[bool] = _TICKETS.withdrawal.is_(None)
"""The rows of the ticket are in the sheets."""


def tickets_of(
    connection: Connection,
    session_key: str,
    *,
    number: int | None = None,
    only: Collection[str] | None = None,
    is_vanished: bool = False,
) -> tuple[Ticket, ...]:
    """Return the tickets whose rows are in the sheets, or whose are gone, by number.

    All of them, the one of a number, or those of some ids.
    """
    chosen = _chosen_tickets(
        is_vanished=is_vanished, is_numbered=number is not None, is_named=only is not None
    )
    asked = {"session": session_key}
    wanted = {"number": number, "ids": None if only is None else list(only)}
    named = {name: value for name, value in wanted.items() if value is not None}
    rows = connection.execute(chosen, asked | named).mappings().all()
    if not rows:
        return ()
    is_part = is_vanished or number is not None or only is not None
    found = [row["ticket_id"] for row in rows] if is_part else None
    others = others_of(connection, session_key, only=found)
    given = _chosen_answers(is_named=is_part)
    answers: dict[str, dict[str, Answer]] = {}
    for row in connection.execute(given, asked | ({"ids": found} if is_part else {})).mappings():
        answer = Answer(**{name: row[name] for name in Answer.__dataclass_fields__})
        answers.setdefault(row["ticket_id"], {})[answer.question_id] = answer
    return tuple(_ticket_of(row, others, answers) for row in rows)


@cache
def _chosen_tickets(*, is_vanished: bool, is_numbered: bool, is_named: bool) -> Select[Any]:
    """Make the statement once: making it took longer than the database takes to answer it."""
    revision_columns = [_REVISIONS[name].label(f"revision_{name}") for name in _REVISION_NAMES]
    chosen = (
        with_current_revision(select(tables.tickets, *revision_columns))
        .where(_OF_SESSION, ~IS_PRESENT if is_vanished else IS_PRESENT)
        .order_by(_TICKETS.number)
    )
    if is_numbered:
        chosen = chosen.where(_TICKETS.number == bindparam("number"))
    return chosen.where(_TICKETS.ticket_id.in_(_IDS)) if is_named else chosen


@cache
def _chosen_answers(*, is_named: bool) -> Select[Any]:
    chosen = select(tables.answers).where(_ANSWERS.session_key == bindparam("session"))
    return chosen.where(_ANSWERS.ticket_id.in_(_IDS)) if is_named else chosen


def others_of(
    connection: Connection, session_key: str, *, only: Sequence[str] | None = None
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return other tickets by ticket and kind, in order of their number; of all or some tickets."""
    named = {} if only is None else {"ids": list(only)}
    chosen = _chosen_others(is_named=only is not None)
    found: dict[tuple[str, str], dict[str, None]] = {}
    for ticket_id, kind, other in connection.execute(chosen, {"session": session_key} | named):
        found.setdefault((ticket_id, kind), {})[other] = None
    return {key: tuple(others) for key, others in found.items()}


@cache
def _chosen_others(*, is_named: bool) -> Select[Any]:
    chosen = (
        select(_DEPENDENCIES.ticket_id, _DEPENDENCIES.kind, _TICKETS.ticket_id.label("other"))
        .join_from(
            tables.dependencies,
            tables.tickets,
            _TICKETS.ticket_id == _DEPENDENCIES.other_ticket_id,
        )
        .outerjoin(
            tables.released_dependencies,
            (_RELEASED.ticket_id == _DEPENDENCIES.ticket_id)
            & (_RELEASED.other_ticket_id == _DEPENDENCIES.other_ticket_id)
            & (_DEPENDENCIES.kind == "blocks"),
        )
        .where(
            _DEPENDENCIES.session_key == bindparam("session"),
            IS_PRESENT,
            _RELEASED.ticket_id.is_(None),
        )
        .order_by(_TICKETS.number)
    )
    return chosen.where(_DEPENDENCIES.ticket_id.in_(_IDS)) if is_named else chosen


def _ticket_of(
    row: RowMapping,
    others: Mapping[tuple[str, str], tuple[str, ...]],
    answers: Mapping[str, Mapping[str, Answer]],
) -> Ticket:
    ticket_id = row["ticket_id"]
    given = answers.get(ticket_id, {})
    asked = [question_id_of(q) for q in row["revision_open_questions"]] if given else []
    earlier = sorted(given, key=lambda key: (given[key].answered_at, key))  # also asked no longer
    return Ticket(
        ticket_id=ticket_id,
        session_key=row["session_key"],
        number=row["number"],
        group_key=row["group_key"],
        display_group=row["display_group"],
        action=row["action"],
        revision=_revision_of({name: row[f"revision_{name}"] for name in _REVISION_NAMES}),
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
        withdrawal=row["withdrawal"],
        withdrawn_by=row["withdrawn_by"],
        withdrawal_reason=row["withdrawal_reason"],
        position=row["position"],
        assigned_fields=row["assigned_fields"],
        answers=tuple(given[key] for key in dict.fromkeys([*asked, *earlier]) if key in given),
        source_changes=row["source_changes"],
    )


def revision_of(row: Row[Any]) -> Revision:
    """Return the revision that a row of `chosen_revisions` describes."""
    return _revision_of(row._asdict())


def _revision_of(row: Mapping[str, Any]) -> Revision:
    return Revision(
        number=row["number"],
        origin=row["origin"],
        title=row["title"],
        parts=ProseParts(**{name: row[name] for name in PART_NAMES}),
        questions=row["open_questions"],
        estimated_hours=row["estimated_hours"],
        writer=row["writer"],
        author=row["author"],
        created_at=row["created_at"],
        content_hash=row["content_hash"],
        facts_hash=row["facts_hash"],
        rolled_back_to=row["rolled_back_to"],
        fallback_reason=row["fallback_reason"],
        changes=row["changes"],
    )


def revisions_of(
    connection: Connection, ticket_id: str, *, number: int | None = None
) -> tuple[Revision, ...]:
    """Return all revisions of a ticket, by number, or the one of a number."""
    return tuple(map(revision_of, connection.execute(chosen_revisions(ticket_id, number=number))))


def chosen_revisions(ticket_id: str, *, number: int | None = None) -> Select[Any]:
    """Make the statement for all revisions of a ticket, by number, or for the one of a number."""
    chosen = select(tables.revisions).where(_REVISIONS.ticket_id == ticket_id)
    if number is not None:
        chosen = chosen.where(_REVISIONS.number == number)
    return chosen.order_by(_REVISIONS.number)


def with_current_revision(chosen: Select[Any]) -> Select[Any]:
    """Join each ticket with its current revision."""
    return chosen.join_from(
        tables.tickets,
        tables.revisions,
        (_REVISIONS.ticket_id == _TICKETS.ticket_id)
        & (_REVISIONS.number == _TICKETS.current_revision),
    )


def change_tickets(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Update tickets; every row has the same columns and its ticket id in `of_ticket`."""
    if rows:
        names = [name for name in rows[0] if name != "of_ticket"]
        statement = (
            update(tables.tickets)
            .where(_TICKETS.ticket_id == bindparam("of_ticket"))
            .values({name: bindparam(name) for name in names})
        )
        connection.execute(statement, rows)


_NAMED_IN: Mapping[str, Callable[[Any], Iterable[str]]] = {
    "dependency_added": lambda details: (details["ticket_id"],),
    "dependency_removed": lambda details: (details["ticket_id"],),
    "fields_assigned": lambda details: details["ticket_ids"],
    "questions_answered": lambda details: details["answers"],
    "ticket_edited": lambda details: (details["ticket_id"],),
    "ticket_rolled_back": lambda details: (details["ticket_id"],),
    "tickets_marked_ready": lambda details: details["rendered_hashes"],
    "tickets_reordered": lambda details: details["moved"],
    "tickets_skipped": lambda details: details["ticket_ids"],
    "tickets_unmarked_ready": lambda details: details["ticket_ids"],
    "tickets_unskipped": lambda details: details["ticket_ids"],
}
"""Which tickets an entry of the audit trail says were changed, by its action."""
_CHANGE_NONE = frozenset(
    {
        *("as_new_answered", "cancel_requested", "export_requested", EXPORT_STARTED),
        "fix_state_set",
        *("stage_set", TICKETS_SEEN, "validation_invalidated", "validation_recorded"),
        "writer_chosen",
    }
)
"""Actions that change no ticket; every other one may have changed any."""


def changed_since(
    connection: Connection, session_key: str, sequence: int | None
) -> tuple[int, Sequence[str] | None]:
    """Return the newest entry about a session, and the ids of the tickets changed since another one.

    None means all of them: there was no such entry, or what happened since may have changed
    any. Entries are committed in the order of their numbers, so none before them comes later.
    """
    if sequence is None:
        newest = select(func.max(_AUDIT.sequence)).where(_AUDIT.session_key == session_key)
        return connection.execute(newest).scalar_one() or 0, None
    changed: dict[str, None] = {}
    is_known = True
    since = {"session": session_key, "sequence": sequence}
    for newest, action, details in connection.execute(ENTRIES_SINCE, since).tuples():
        sequence = newest
        if action in _NAMED_IN:
            changed |= dict.fromkeys(_NAMED_IN[action](json.loads(details)))
        else:
            is_known &= action in _CHANGE_NONE
    is_known &= len(changed) <= IDS_NAMED_MAX
    return sequence, tuple(changed) if is_known else None


def locked_tickets(
    connection: Connection, session_key: str, ticket_ids: Iterable[str]
) -> list[Ticket]:
    """Lock the session and return those tickets, in the order asked for.

    Raises:
        NotFoundError: One is no ticket of the session, or its rows are gone.
    """
    lock_session(connection, session_key)
    wanted = list(dict.fromkeys(ticket_ids))
    only = wanted if len(wanted) <= IDS_NAMED_MAX else None
    present = {t.ticket_id: t for t in tickets_of(connection, session_key, only=only)}
    for ticket_id in wanted:
        if ticket_id not in present:
            raise unknown_ticket(session_key=session_key, ticket=ticket_id)
    return [present[ticket_id] for ticket_id in wanted]


def locked_pair(
    connection: Connection, session_key: str, ticket_id: str, other_ticket_id: str
) -> tuple[Ticket, Ticket]:
    """Lock the session and return two tickets, which may be the same."""
    found = locked_tickets(connection, session_key, (ticket_id, other_ticket_id))
    return found[0], found[-1]


def locked_ticket(connection: Connection, session_key: str, ticket_id: str) -> Ticket:
    """Lock the session and return one ticket."""
    return locked_tickets(connection, session_key, (ticket_id,))[0]


def change_and_record(
    connection: Connection,
    rows: Sequence[Mapping[str, object]],
    *,
    session_key: str,
    action: str,
    details: Mapping[str, object],
    by: str,
    at: datetime,
) -> int:
    """Update tickets as `change_tickets` does, with one audit entry; return how many there were."""
    change_tickets(connection, rows)
    if rows:
        append_audit(
            connection, at=at, session_key=session_key, actor=by, action=action, details=details
        )
    return len(rows)


def invalidate(
    connection: Connection,
    session_key: str,
    ticket_ids: Sequence[str],
    *,
    at: datetime,
    is_in_document: bool = True,
) -> None:
    """Take ready marks and documents away and remember when something changed.

    Documents stay where what changed is not in them, as fields are not.
    """
    if not ticket_ids:
        return
    change_tickets(connection, [{"of_ticket": key, **NOT_READY} for key in ticket_ids])
    if is_in_document:
        outdate(connection, ticket_ids)
    update_session(
        connection,
        session_key,
        {"last_invalidated_at": at, "updated_at": at, **CHANGED_CONTENT},
    )


def outdate(connection: Connection, ticket_ids: Collection[str]) -> None:
    """Take the documents of tickets away: they say something else from now on."""
    ids = list(ticket_ids)
    for begin in range(0, len(ids), IDS_NAMED_MAX):
        some = ids[begin : begin + IDS_NAMED_MAX]
        connection.execute(delete(tables.documents).where(tables.documents.c.ticket_id.in_(some)))
