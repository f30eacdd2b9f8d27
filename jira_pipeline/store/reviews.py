"""What people change about tickets in a review.

Belongs here: each change in one step, with its audit entry, refused where somebody else changed
the ticket meanwhile. Does not: what may be entered (`review`), what a new generation leaves
of them (`generations`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from jira_pipeline.model.dependencies import path_between
from jira_pipeline.model.errors import (
    AnswerConflictError,
    DependencyCycleError,
    EditConflictError,
    NotFoundError,
    NotFoundKind,
    unknown_revision,
    unknown_ticket,
)
from jira_pipeline.model.forms_in_text import CELL_START
from jira_pipeline.model.tickets import (
    ASSIGNABLE_FIELDS,
    PART_NAMES,
    FieldValue,
    ProseParts,
    Revision,
    RevisionOrigin,
    Ticket,
    content_hash_of,
    question_id_of,
    refuse_other_fields,
)
from jira_pipeline.ports.reviews import TicketRework
from jira_pipeline.store import tables
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.documents import SqlDocumentStore, hash_again
from jira_pipeline.store.record_store import append_audit
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.ticket_rows import (
    IS_PRESENT,
    change_and_record,
    change_tickets,
    invalidate,
    locked_pair,
    locked_ticket,
    locked_tickets,
    others_of,
    revisions_of,
    tickets_of,
)
from jira_pipeline.store.transactions import repeated

_ANSWERS = tables.answers.c
_DEPENDENCIES = tables.dependencies.c
_RELEASED = tables.released_dependencies.c
_TICKETS = tables.tickets.c


class ReviewStore:
    """Keeps what people change about tickets; each change in one step, audited.

    A ticket that would show otherwise in Jira loses its ready mark, and the session is invalidated.
    """

    def __init__(self, documents: SqlDocumentStore) -> None:
        """Keep what makes the documents of tickets that change."""
        self._documents = documents

    @repeated
    def edit(
        self,
        session_key: str,
        ticket_id: str,
        *,
        expected_revision: int,
        title: str,
        parts: ProseParts,
        like: Revision | None = None,
        by: str,
        at: datetime,
    ) -> Revision:
        """Add a revision of origin `edited` and return it; the same content adds none.

        Hours and questions are those of `like`, else those it had.

        Raises:
            EditConflictError: Its current revision is not the expected one.
            NotFoundError: It is no ticket of the session, or its rows are gone.
        """
        with self._documents.changing(session_key) as connection:
            ticket = locked_ticket(connection, session_key, ticket_id)
            _refuse_conflict(ticket, expected_revision)
            return _add_revision(
                connection,
                ticket,
                title=title,
                parts=parts,
                like=like or ticket.revision,
                origin=RevisionOrigin.EDITED,
                by=by,
                at=at,
            )

    @repeated
    def rework(
        self, session_key: str, works: Sequence[TicketRework], *, by: str, at: datetime
    ) -> tuple[str, ...]:
        """Change prose and fields of many tickets, of all or of none; returns whose changed.

        Raises:
            EditConflictError: The current revision of one is not the expected one.
            InputError: A field of one does not hold what is expected.
            NotFoundError: One is no ticket of the session, or its rows are gone.
        """
        with self._documents.changing(session_key) as connection:
            chosen = locked_tickets(connection, session_key, [w.ticket_id for w in works])
            pairs = list(zip(chosen, works, strict=True))
            for ticket, work in pairs:
                _refuse_conflict(ticket, work.expected_revision)
                refuse_other_fields([ticket], work.expected_fields)
            changed = []
            for ticket, work in pairs:
                kept = _add_revision(
                    connection,
                    ticket,
                    title=work.title,
                    parts=work.parts,
                    like=ticket.revision,
                    origin=RevisionOrigin.EDITED,
                    by=by,
                    at=at,
                )
                values = _field_values(work.fields)
                assigned = _assign_fields(connection, [ticket], values, by=by, at=at)
                if assigned or kept.number != ticket.revision.number:
                    changed.append(ticket.ticket_id)
            return tuple(changed)

    @repeated
    def roll_back(
        self,
        session_key: str,
        ticket_id: str,
        *,
        to_revision: int,
        expected_revision: int,
        by: str,
        at: datetime,
    ) -> Revision:
        """Add a revision with the content of an earlier one, of origin `rolled_back`.

        Raises:
            EditConflictError: Its current revision is not the expected one.
            NotFoundError: It has no such revision.
            NotFoundError: It is no ticket of the session, or its rows are gone.
        """
        with self._documents.changing(session_key) as connection:
            ticket = locked_ticket(connection, session_key, ticket_id)
            _refuse_conflict(ticket, expected_revision)
            known = {r.number: r for r in revisions_of(connection, ticket_id)}
            if to_revision not in known:
                raise unknown_revision(number=ticket.number, revision=to_revision, known=len(known))
            earlier = known[to_revision]
            return _add_revision(
                connection,
                ticket,
                title=earlier.title,
                parts=earlier.parts,
                like=earlier,
                origin=RevisionOrigin.ROLLED_BACK,
                by=by,
                at=at,
            )

    @repeated
    def assign(
        self,
        session_key: str,
        ticket_ids: Iterable[str],
        *,
        fields: Mapping[str, FieldValue],
        were: Mapping[str, FieldValue] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Set fields of `ASSIGNABLE_FIELDS`, None to clear; returns how many tickets changed.

        A later generation leaves these fields of these tickets alone.

        Raises:
            FieldConflictError: One of them has not what people saw; none is changed.
            NotFoundError: One is no ticket of the session, or its rows are gone; none is changed.
        """
        values = _field_values(fields)
        with self._documents.changing(session_key) as connection:
            chosen = locked_tickets(connection, session_key, ticket_ids)
            refuse_other_fields(chosen, were or {})
            return _assign_fields(connection, chosen, values, by=by, at=at)

    @repeated
    def reorder(self, session_key: str, ticket_ids: Sequence[str], *, by: str, at: datetime) -> int:
        """Put tickets into this order in the places they have; returns how many places changed.

        What Jira gets does not change: marks stay, nothing becomes stale.

        Raises:
            NotFoundError: One is no ticket of the session, or its rows are gone; none is moved.
        """
        with self._documents.changing(session_key) as connection:
            lock_session(connection, session_key)
            chosen = (
                select(_TICKETS.ticket_id, _TICKETS.number, _TICKETS.position)
                .where(_TICKETS.session_key == session_key, IS_PRESENT)
                .order_by(func.coalesce(_TICKETS.position, _TICKETS.number), _TICKETS.number)
            )
            ordered = {key: rest for key, *rest in connection.execute(chosen)}
            wanted = tuple(dict.fromkeys(ticket_ids))
            for ticket_id in wanted:
                if ticket_id not in ordered:
                    raise unknown_ticket(session_key=session_key, ticket=ticket_id)
            following = iter(wanted)
            placed = [next(following) if key in wanted else key for key in ordered]
            rows = []
            for place, ticket_id in enumerate(placed, start=1):
                number, before = ordered[ticket_id]
                position = None if place == number else place
                if position != before:
                    rows.append({"of_ticket": ticket_id, "position": position})
            return change_and_record(
                connection,
                rows,
                session_key=session_key,
                action="tickets_reordered",
                details={"order": list(wanted), "moved": [row["of_ticket"] for row in rows]},
                by=by,
                at=at,
            )

    @repeated
    def add_dependency(
        self, session_key: str, ticket_id: str, other_ticket_id: str, *, by: str, at: datetime
    ) -> bool:
        """Make a ticket wait for another one; tells whether that changed anything.

        Raises:
            DependencyCycleError: The other one waits for it already, or they are the same.
            NotFoundError: One is no ticket of the session, or its rows are gone.
        """
        with self._documents.changing(session_key) as connection:
            ticket, other = locked_pair(connection, session_key, ticket_id, other_ticket_id)
            if other.ticket_id in ticket.depends_on:
                return False
            others = others_of(connection, session_key)
            waits_for = {key: on for (key, kind), on in others.items() if kind == "blocks"}
            path = path_between(other.ticket_id, ticket.ticket_id, waits_for)
            if path is not None:
                by_id = {t.ticket_id: t for t in tickets_of(connection, session_key, only=path)}
                named = [by_id[key] for key in (ticket.ticket_id, *path)]
                raise DependencyCycleError([f"{one.number} {one.title}" for one in named])
            connection.execute(
                delete(tables.released_dependencies).where(
                    _RELEASED.ticket_id == ticket.ticket_id,
                    _RELEASED.other_ticket_id == other.ticket_id,
                )
            )
            if not _is_blocking(connection, ticket, other):
                connection.execute(
                    insert(tables.dependencies).values(
                        session_key=session_key,
                        ticket_id=ticket.ticket_id,
                        other_ticket_id=other.ticket_id,
                        kind="blocks",
                        origin="manual",
                    )
                )
            _record_dependency(connection, ticket, other, action="dependency_added", by=by, at=at)
            return True

    @repeated
    def remove_dependency(
        self, session_key: str, ticket_id: str, other_ticket_id: str, *, by: str, at: datetime
    ) -> bool:
        """Let a ticket no longer wait for another one; tells whether that changed anything.

        Raises:
            NotFoundError: One is no ticket of the session, or its rows are gone.
        """
        with self._documents.changing(session_key) as connection:
            ticket, other = locked_pair(connection, session_key, ticket_id, other_ticket_id)
            if other.ticket_id not in ticket.depends_on:
                return False
            connection.execute(
                delete(tables.dependencies).where(
                    _blocking_pair(ticket, other), _DEPENDENCIES.origin == "manual"
                )
            )
            if _is_blocking(connection, ticket, other):  # the sheets say so
                connection.execute(
                    insert(tables.released_dependencies).values(
                        session_key=session_key,
                        ticket_id=ticket.ticket_id,
                        other_ticket_id=other.ticket_id,
                    )
                )
            _record_dependency(connection, ticket, other, action="dependency_removed", by=by, at=at)
            return True

    @repeated
    def answer(
        self,
        session_key: str,
        answers: Mapping[str, Mapping[str, str]],
        *,
        by: str,
        at: datetime,
        were: Mapping[str, Mapping[str, str]] | None = None,
    ) -> int:
        """Keep answers by ticket id and question id, empty to take one back; returns how many changed.

        A cell of a form that is open, or that a model filled in, is a question, too. `were` are the answers that somebody saw,
        in the same shape, empty where there was none.

        Raises:
            AnswerConflictError: Somebody else answered one since it was seen; none is kept.
            NotFoundError: A ticket has no such question now; none is kept.
            NotFoundError: One is no ticket of the session, or its rows are gone; none is kept.
        """
        with self._documents.changing(session_key) as connection:
            chosen = locked_tickets(connection, session_key, answers)
            given = {
                t.ticket_id: _changed_answers(
                    t, answers[t.ticket_id], were=(were or {}).get(t.ticket_id, {})
                )
                for t in chosen
            }
            changed = {ticket_id: found for ticket_id, found in given.items() if found}
            if not changed:
                return 0
            for ticket_id, found in changed.items():
                connection.execute(
                    delete(tables.answers).where(
                        _ANSWERS.ticket_id == ticket_id, _ANSWERS.question_id.in_(list(found))
                    )
                )
            rows = [
                {
                    "session_key": session_key,
                    "ticket_id": ticket_id,
                    "question_id": question_id,
                    "question": question,
                    "answer": answer,
                    "answered_by": by,
                    "answered_at": at,
                }
                for ticket_id, found in changed.items()
                for question_id, (question, answer) in found.items()
                if answer
            ]
            if rows:
                connection.execute(insert(tables.answers), rows)
            invalidate(connection, session_key, tuple(changed), at=at)
            for answered in _entries_of(changed):
                append_audit(
                    connection,
                    at=at,
                    session_key=session_key,
                    actor=by,
                    action="questions_answered",
                    details={"answers": answered},
                )
            return sum(len(found) for found in changed.values())


def _entries_of(
    changed: Mapping[str, Mapping[str, tuple[str, str]]],
) -> Iterable[Mapping[str, Mapping[str, str]]]:
    """Return the answers that each entry of the audit trail names: to one question, or of all cells.

    Of a cell, which has no id that says what it asks, it names the question.
    """
    entries: dict[str, dict[str, dict[str, str]]] = {}
    for ticket_id, found in changed.items():
        for key, (question, answer) in found.items():
            is_cell = key.startswith(CELL_START)
            of_ticket = entries.setdefault("" if is_cell else key, {}).setdefault(ticket_id, {})
            of_ticket[question if is_cell else key] = answer
    return entries.values()


def _refuse_conflict(ticket: Ticket, expected_revision: int) -> None:
    """Refuse an edit of another revision than the current one.

    Raises:
        EditConflictError: Somebody else edited the ticket meanwhile.
    """
    current = ticket.revision
    if current.number != expected_revision:
        raise EditConflictError(
            number=ticket.number,
            expected=expected_revision,
            found=current.number,
            author=current.author,
        )


def _add_revision(
    connection: Connection,
    ticket: Ticket,
    *,
    title: str,
    parts: ProseParts,
    like: Revision,
    origin: RevisionOrigin,
    by: str,
    at: datetime,
) -> Revision:
    """Add a revision, unless it would say what the current one says; what is not content is `like`'s."""
    title = storable_text(title)
    texts = {name: storable_text(getattr(parts, name)) for name in PART_NAMES}
    content_hash = content_hash_of(
        title=title, parts=ProseParts(**texts), estimated_hours=like.estimated_hours
    )
    current = ticket.revision
    if like.questions == current.questions and content_hash == current.content_hash:
        return current
    number = current.number + 1
    connection.execute(
        insert(tables.revisions).values(
            ticket_id=ticket.ticket_id,
            number=number,
            origin=origin,
            title=title,
            **texts,
            open_questions=like.questions,
            estimated_hours=like.estimated_hours,
            writer=like.writer,
            author=by,
            created_at=at,
            content_hash=content_hash,
            facts_hash=like.facts_hash,
            rolled_back_to=like.number if origin is RevisionOrigin.ROLLED_BACK else None,
            fallback_reason=like.fallback_reason,
            changes=like.changes,
        )
    )
    change_tickets(
        connection,
        [{"of_ticket": ticket.ticket_id, "current_revision": number, "source_changes": ()}],
    )
    invalidate(connection, ticket.session_key, [ticket.ticket_id], at=at)
    append_audit(
        connection,
        at=at,
        session_key=ticket.session_key,
        actor=by,
        action="ticket_edited" if origin is RevisionOrigin.EDITED else "ticket_rolled_back",
        details={
            "ticket_id": ticket.ticket_id,
            "revision": number,
            "from_revision": current.number,
            "content_hash": content_hash,
            **({"to_revision": like.number} if origin is RevisionOrigin.ROLLED_BACK else {}),
        },
    )
    return revisions_of(connection, ticket.ticket_id, number=number)[0]


def _field_values(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return the columns to set.

    Raises:
        ValueError: A name is no assignable field.
    """
    unknown = fields.keys() - set(ASSIGNABLE_FIELDS)
    if unknown:
        raise ValueError(f"{sorted(unknown)} cannot be assigned.")
    values = dict(fields)
    if "labels" in values:
        values["labels"] = tuple(sorted(set(values["labels"] or ())))
    return values


def _assign_fields(
    connection: Connection,
    chosen: Sequence[Ticket],
    values: Mapping[str, FieldValue],
    *,
    by: str,
    at: datetime,
) -> int:
    """Set fields of locked tickets of one session; return how many changed.

    A field that has the value already is people's from now on: a generation leaves it alone.
    """
    rows = [
        {
            "of_ticket": ticket.ticket_id,
            **values,
            "assigned_fields": tuple(sorted({*ticket.assigned_fields, *values})),
        }
        for ticket in chosen
        if not values.keys() <= set(ticket.assigned_fields) or _differs(ticket, values)
    ]
    if not rows:
        return 0
    change_tickets(connection, rows)
    session_key = chosen[0].session_key
    changed = [ticket.ticket_id for ticket in chosen if _differs(ticket, values)]
    invalidate(connection, session_key, changed, at=at, is_in_document=False)
    now = [
        replace(ticket, **values)  # type: ignore[arg-type] # each by its name
        for ticket in chosen
        if _differs(ticket, values)
    ]
    hash_again(connection, now)
    append_audit(
        connection,
        at=at,
        session_key=session_key,
        actor=by,
        action="fields_assigned",
        details={
            "ticket_ids": [row["of_ticket"] for row in rows],
            "fields": {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()},
        },
    )
    return len(changed)


def _differs(ticket: Ticket, values: Mapping[str, FieldValue]) -> bool:
    return any(getattr(ticket, name) != value for name, value in values.items())


def _blocking_pair(ticket: Ticket, other: Ticket) -> ColumnElement[bool]:
    return and_(
        _DEPENDENCIES.ticket_id == ticket.ticket_id,
        _DEPENDENCIES.other_ticket_id == other.ticket_id,
        _DEPENDENCIES.kind == "blocks",
    )


def _is_blocking(connection: Connection, ticket: Ticket, other: Ticket) -> bool:
    """Tell whether a row says that a ticket waits for another one, released or not."""
    chosen = select(_DEPENDENCIES.origin).where(_blocking_pair(ticket, other))
    return connection.execute(chosen).first() is not None


def _record_dependency(
    connection: Connection, ticket: Ticket, other: Ticket, *, action: str, by: str, at: datetime
) -> None:
    invalidate(connection, ticket.session_key, [ticket.ticket_id], at=at)
    append_audit(
        connection,
        at=at,
        session_key=ticket.session_key,
        actor=by,
        action=action,
        details={"ticket_id": ticket.ticket_id, "other_ticket_id": other.ticket_id},
    )


def _changed_answers(
    ticket: Ticket, given: Mapping[str, str], *, were: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Return question and new answer by question id, of those that differ from what is kept."""
    questions = {question_id_of(q): q.question for q in ticket.revision.questions}
    questions |= {cell.cell_id: cell.asks for cell in ticket.revision.asked_cells}
    known = {answer.question_id: answer.answer for answer in ticket.answers}
    for question_id, answer in given.items():
        if question_id not in questions:
            raise NotFoundError(
                f"Ticket {ticket.number} has no question {question_id} now; the sheets may have "
                "changed.",
                kind=NotFoundKind.QUESTION,
            )
        now = known.get(question_id, "")
        if now not in {were.get(question_id, now), storable_text(answer.strip())}:
            raise AnswerConflictError(
                number=ticket.number, question=questions[question_id], answer=now
            )
    return {
        question_id: (questions[question_id], storable_text(answer.strip()))
        for question_id, answer in given.items()
        if storable_text(answer.strip()) != known.get(question_id, "")
    }
