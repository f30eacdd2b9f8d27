"""Rows of tickets and revisions: the values they become, and the ways to change them.

Belongs here: reading tickets with their current revision and dependencies; updating them, making
stale what changed. Does not: what changes (`generations`, `ticket_store`, `reviews`), lists
(`ticket_lists`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)

from jira_pipeline.model.errors import unknown_ticket
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.records import AuditAction, tickets_named_in
from jira_pipeline.model.site_answers import answers_for_site
from jira_pipeline.model.tickets import (
    GIVEN_REASONS,
    Answer,
    ProseParts,
    Revision,
    Ticket,
    Withdrawal,
    row_ids_of,
)
from jira_pipeline.store import tables
from jira_pipeline.store.changes import CHANGED_CONTENT, Change
from jira_pipeline.store.mapping import Rows

NOT_READY: Mapping[str, object] = {"ready_hash": None, "ready_by": None}
NOT_VANISHED: Mapping[str, object] = {
    "withdrawal": None,
    "withdrawn_by": None,
    "withdrawal_reason": "",
}
PROPOSED: Mapping[str, object] = {**NOT_VANISHED, "withdrawal": Withdrawal.PROPOSED}
"""Its rows are gone: people are asked whether the ticket goes too."""
IDS_NAMED_MAX = 500
"""Of a statement; beyond, all tickets of the session are read."""

_TICKET, _ANSWER = Rows(tables.tickets, Ticket), Rows(tables.answers, Answer)
SITE_ANSWER, _SITE_ANSWERS = Rows(tables.site_answers, Answer), tables.site_answers.c
_OF_SITE = SITE_ANSWER.chosen.where(_SITE_ANSWERS.session_key == bindparam("session"))
_REVISION = Rows(tables.revisions, Revision, but=["questions"])
_PARTS = Rows(tables.revisions, ProseParts)
_TICKETS, _REVISIONS, _ANSWERS = tables.tickets.c, tables.revisions.c, tables.answers.c
_DEPENDENCIES, _AUDIT = tables.dependencies.c, tables.audit.c
_REVISION_COLUMNS = (*_REVISION.columns, _REVISIONS.open_questions, *_PARTS.columns)
_TICKET_COUNT, _REVISION_COUNT = len(_TICKET.names), len(_REVISION.names)
IS_PRESENT: ColumnElement[bool] = _TICKETS.withdrawal.is_(None)
"""The rows of the ticket are in the sheets."""
IS_TAKEN: ColumnElement[bool] = and_(*(_TICKETS[kind.column].is_(None) for kind in GIVEN_REASONS))
"""People left it in; as `Ticket.exclusion` has it, of a ticket whose rows are there."""
IS_EXPORTED: ColumnElement[bool] = IS_PRESENT & IS_TAKEN


def with_current_revision(chosen: Select[Any]) -> Select[Any]:
    """Join each ticket with its current revision."""
    is_current = (_REVISIONS.ticket_id == _TICKETS.ticket_id) & (
        _REVISIONS.number == _TICKETS.current_revision
    )
    return chosen.join_from(tables.tickets, tables.revisions, is_current)


class _Asked:
    """Statements about tickets of a session: making one takes longer than the database its answer."""

    def __init__(self, chosen: Select[Any], ticket_id: ColumnElement[str]) -> None:
        self._every = chosen
        self._some = chosen.where(ticket_id.in_(bindparam("ids", expanding=True)))
        self._numbered = chosen.where(_TICKETS.number == bindparam("number"))

    def rows(
        self,
        connection: Connection,
        session_key: str,
        *,
        only: Collection[str] | None = None,
        number: int | None = None,
    ) -> Sequence[Any]:
        asked: dict[str, object] = {"session": session_key}
        chosen = self._every
        if number is not None:
            chosen, asked["number"] = self._numbered, number
        elif only is not None:
            chosen, asked["ids"] = self._some, list(only)
        return connection.execute(chosen, asked).tuples().all()


_EACH = (
    with_current_revision(select(*_TICKET.columns, *_REVISION_COLUMNS))
    .where(_TICKETS.session_key == bindparam("session"))
    .order_by(_TICKETS.number)
)
_PRESENT = _Asked(_EACH.where(IS_PRESENT), _TICKETS.ticket_id)
_VANISHED = _Asked(_EACH.where(~IS_PRESENT), _TICKETS.ticket_id)
_GIVEN = _Asked(
    select(_ANSWERS.ticket_id, *_ANSWER.columns).where(
        _ANSWERS.session_key == bindparam("session")
    ),
    _ANSWERS.ticket_id,
)
_OTHERS = _Asked(
    select(_DEPENDENCIES.ticket_id, _DEPENDENCIES.kind, _DEPENDENCIES.origin, _TICKETS.ticket_id)
    .join_from(
        tables.dependencies, tables.tickets, _TICKETS.ticket_id == _DEPENDENCIES.other_ticket_id
    )
    .where(_DEPENDENCIES.session_key == bindparam("session"), IS_PRESENT)
    .order_by(_TICKETS.number),
    _DEPENDENCIES.ticket_id,
)


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
    chosen = _VANISHED if is_vanished else _PRESENT
    rows = chosen.rows(connection, session_key, only=only, number=number)
    if not rows:
        return ()
    is_part = is_vanished or number is not None or only is not None
    ids = [row[0] for row in rows] if is_part else None
    others = others_of(connection, session_key, only=ids)
    given = grouped(_GIVEN.rows(connection, session_key, only=ids), itemgetter(0))
    of_site = site_answers_of(connection, session_key)
    tickets = []
    for row in rows:
        revision = _revision_of(row[_TICKET_COUNT:])
        of_ticket = (_ANSWER.made(cells) for _, *cells in given.get(row[0], ()))
        answers = {answer.question_id: answer for answer in of_ticket}
        texts = {key: answer.answer for key, answer in answers.items()}
        filled = answers_for_site(revision.parts.analysis, of_site, texts)
        answers |= {answer.question_id: answer for answer in filled}
        ticket = _TICKET.made(
            row[:_TICKET_COUNT],
            revision=revision,
            depends_on=others.get((row[0], "blocks"), ()),
            relates_to=others.get((row[0], "relates"), ()),
            answers=_in_order_of(revision, answers) if answers else (),
        )
        tickets.append(ticket)
    return tuple(tickets)


def site_answers_of(connection: Connection, session_key: str) -> tuple[Answer, ...]:
    """Return the answers that count for all views of a session."""
    return SITE_ANSWER.of(connection.execute(_OF_SITE, {"session": session_key}))


def _in_order_of(revision: Revision, given: Mapping[str, Answer]) -> tuple[Answer, ...]:
    """Return answers in the order of the questions, then those to what is asked no longer."""
    asked = chain.from_iterable(map(row_ids_of, revision.left_open))
    earlier = sorted(given, key=lambda key: (given[key].answered_at, key))
    return tuple(given[key] for key in dict.fromkeys((*asked, *earlier)) if key in given)


def others_of(
    connection: Connection, session_key: str, *, only: Sequence[str] | None = None
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return other tickets by ticket and kind, in order of their number; of all or some tickets."""
    found: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for ticket_id, kind, origin, other in _OTHERS.rows(connection, session_key, only=only):
        of_ticket = found[ticket_id, kind]
        of_ticket[other] = of_ticket.get(other, True) and origin != "released"
    return {key: tuple(o for o, counts in of.items() if counts) for key, of in found.items()}


def _revision_of(cells: Sequence[Any]) -> Revision:
    parts = _PARTS.made(cells[_REVISION_COUNT + 1 :])
    questions = cells[_REVISION_COUNT]
    return _REVISION.made(cells[:_REVISION_COUNT], questions=questions, parts=parts)


def revision_cells(revision: Revision, ticket_id: str) -> dict[str, Any]:
    beside = {"open_questions": revision.questions, **_PARTS.cells(revision.parts)}
    return _REVISION.cells(revision, ticket_id=ticket_id, **beside)


def revisions_in(rows: Iterable[Sequence[Any]]) -> tuple[Revision, ...]:
    """Return the revisions that rows of `CHOSEN_REVISIONS` describe."""
    return tuple(map(_revision_of, rows))


CHOSEN_REVISIONS = (
    select(*_REVISION_COLUMNS)
    .where(_REVISIONS.ticket_id == bindparam("ticket"))
    .order_by(_REVISIONS.number)
)
"""All revisions of a ticket, by number."""


def revisions_of(connection: Connection, ticket_id: str) -> tuple[Revision, ...]:
    """Return all revisions of a ticket, by number."""
    return revisions_in(connection.execute(CHOSEN_REVISIONS, {"ticket": ticket_id}))


def set_cells(connection: Connection, cells: Mapping[str, Mapping[str, object]]) -> None:
    """Update tickets by their ids; all of them get the same columns."""
    if cells:
        names = next(iter(cells.values()))
        statement = (
            update(tables.tickets)
            .where(_TICKETS.ticket_id == bindparam("of_ticket"))
            .values({name: bindparam(name) for name in names})
        )
        rows = [{"of_ticket": key, **values} for key, values in cells.items()]
        connection.execute(statement, rows)


ENTRIES_SINCE = (
    select(_AUDIT.sequence, _AUDIT.action, _AUDIT.details)
    .where(_AUDIT.session_key == bindparam("session"), _AUDIT.sequence > bindparam("sequence"))
    .order_by(_AUDIT.sequence)
)
_CHANGE_NONE = frozenset(
    {
        *(
            AuditAction.AS_NEW_ANSWERED,
            AuditAction.CANCEL_REQUESTED,
            AuditAction.EXPORT_REQUESTED,
            AuditAction.EXPORT_STARTED,
        ),
        *(AuditAction.FIX_STATE_SET, AuditAction.NAMES_LOOKED_UP),
        *(AuditAction.STAGE_SET, AuditAction.TICKETS_SEEN, AuditAction.VALIDATION_RECORDED),
        AuditAction.WRITER_CHOSEN,
    }
)
"""Actions that change no ticket; those of a review name theirs, every other one may change any."""


def changed_since(
    connection: Connection, session_key: str, sequence: int | None
) -> tuple[int, Sequence[str] | None]:
    """Return the newest entry about a session, and the ids of the tickets changed since another one.

    None means all of them: there was no such entry, or what happened since may have changed
    any. Entries are committed in the order of their numbers, so none before them comes later.
    """
    if sequence is None:
        last = select(func.max(_AUDIT.sequence)).where(_AUDIT.session_key == session_key)
        return connection.execute(last).scalar_one() or 0, None
    since = {"session": session_key, "sequence": sequence}
    entries = connection.execute(ENTRIES_SINCE, since).tuples().all()
    newest = entries[-1][0] if entries else sequence
    if not all(AuditAction(action).event or action in _CHANGE_NONE for _, action, _ in entries):
        return newest, None
    named = (
        tickets_named_in(details) for _, action, details in entries if AuditAction(action).event
    )
    changed = tuple(dict.fromkeys(ticket_id for ids in named for ticket_id in ids))
    return newest, changed if len(changed) <= IDS_NAMED_MAX else None


def tickets_to_change(change: Change, ticket_ids: Iterable[str]) -> list[Ticket]:
    """Return those tickets, all of which have rows, in the order asked for."""
    wanted = list(dict.fromkeys(ticket_ids))
    only = wanted if len(wanted) <= IDS_NAMED_MAX else None
    present = {t.ticket_id: t for t in tickets_of(change.connection, change.session_key, only=only)}
    for ticket_id in wanted:
        if ticket_id not in present:
            raise unknown_ticket(session_key=change.session_key, ticket=ticket_id)
    return [present[ticket_id] for ticket_id in wanted]


def decide(
    change: Change,
    action: AuditAction,
    cells: Mapping[str, Mapping[str, object]],
    **details: object,
) -> int:
    """Update tickets with one entry of the audit trail, and return how many there were."""
    set_cells(change.connection, cells)
    if cells:
        change.note(action, **details)
    return len(cells)


def invalidate(change: Change, ticket_ids: Collection[str]) -> None:
    """Take ready marks and documents away and remember when something changed."""
    if ticket_ids:
        set_cells(change.connection, dict.fromkeys(ticket_ids, NOT_READY))
        outdate(change.connection, ticket_ids)
        change.set_session(last_invalidated_at=change.at, **CHANGED_CONTENT)


def outdate(connection: Connection, ticket_ids: Collection[str]) -> None:
    """Take the documents of tickets away: they say something else from now on."""
    ids = list(ticket_ids)
    for begin in range(0, len(ids), IDS_NAMED_MAX):
        some = ids[begin : begin + IDS_NAMED_MAX]
        connection.execute(delete(tables.documents).where(tables.documents.c.ticket_id.in_(some)))
