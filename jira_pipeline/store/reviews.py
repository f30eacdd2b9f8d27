"""What people change about tickets in a review.

Belongs here: keeping edits, fields, order, dependencies by hand and answers, each in one step with
its audit entry. Does not: what may be entered (`stages/review`), what a new generation leaves of
it (`generations`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from jira_pipeline.domain.ports import TicketRework
from jira_pipeline.domain.tickets import (
    ASSIGNABLE_FIELDS,
    PART_NAMES,
    FieldValue,
    ProseParts,
    Revision,
    RevisionOrigin,
    Ticket,
    content_hash_of,
    question_id_of,
)
from jira_pipeline.errors import (
    DependencyCycleError,
    EditConflictError,
    InputError,
    UnknownQuestionError,
    UnknownRevisionError,
    UnknownTicketError,
)
from jira_pipeline.store import tables
from jira_pipeline.store.audit import append_audit
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.sessions import CHANGED_CONTENT, lock_session
from jira_pipeline.store.ticket_rows import (
    NOT_READY,
    change_tickets,
    revisions_of,
    tickets_of,
)
from jira_pipeline.store.transactions import Database, repeated

_DEPENDENCIES = tables.dependencies.c
_RELEASED = tables.released_dependencies.c
_ANSWERS = tables.answers.c


class SqlReviewStore:
    """Keeps what people change about tickets in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    @repeated
    def edit(
        self,
        session_key: str,
        ticket_id: str,
        *,
        expected_revision: int,
        title: str,
        parts: ProseParts,
        by: str,
        at: datetime,
    ) -> Revision:
        """Add a revision of origin `edited` and return it; the same content adds none.

        Raises:
            EditConflictError: Its current revision is not the expected one.
            UnknownTicketError: It is no ticket of the session, or withdrawn.
        """
        with self._database.writing() as connection:
            ticket = _locked_ticket(connection, session_key, ticket_id)
            _refuse_conflict(ticket, expected_revision)
            return _add_revision(
                connection,
                ticket,
                title=title,
                parts=parts,
                like=ticket.revision,
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
            UnknownTicketError: One is no ticket of the session, or withdrawn.
        """
        with self._database.writing() as connection:
            chosen = _locked_tickets(connection, session_key, [w.ticket_id for w in works])
            pairs = list(zip(chosen, works, strict=True))
            for ticket, work in pairs:
                _refuse_conflict(ticket, work.expected_revision)
                _refuse_other_fields(ticket, work.expected_fields)
            return tuple(
                ticket.ticket_id
                for ticket, work in pairs
                if _reworked(connection, ticket, work, by=by, at=at)
            )

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
            UnknownRevisionError: It has no such revision.
            UnknownTicketError: It is no ticket of the session, or withdrawn.
        """
        with self._database.writing() as connection:
            ticket = _locked_ticket(connection, session_key, ticket_id)
            _refuse_conflict(ticket, expected_revision)
            known = {r.number: r for r in revisions_of(connection, ticket_id)}
            if to_revision not in known:
                raise UnknownRevisionError(
                    number=ticket.number, revision=to_revision, known=len(known)
                )
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
        by: str,
        at: datetime,
    ) -> int:
        """Set fields of `ASSIGNABLE_FIELDS`, None to clear; returns how many tickets changed.

        Raises:
            UnknownTicketError: One is no ticket of the session, or withdrawn; none is changed.
        """
        values = _field_values(fields)
        with self._database.writing() as connection:
            chosen = _locked_tickets(connection, session_key, ticket_ids)
            return _assign(connection, chosen, values, by=by, at=at)

    @repeated
    def reorder(self, session_key: str, ticket_ids: Sequence[str], *, by: str, at: datetime) -> int:
        """Put tickets into this order in the places they have; returns how many places changed.

        What Jira gets does not change: marks stay, nothing becomes stale.

        Raises:
            UnknownTicketError: One is no ticket of the session, or withdrawn; none is moved.
        """
        with self._database.writing() as connection:
            moved = _locked_tickets(connection, session_key, ticket_ids)
            ordered = sorted(tickets_of(connection, session_key), key=lambda t: t.place)
            wanted = {t.ticket_id for t in moved}
            following = iter(moved)
            placed = [next(following) if t.ticket_id in wanted else t for t in ordered]
            rows = [
                {"of_ticket": ticket.ticket_id, "position": position}
                for place, ticket in enumerate(placed, start=1)
                if (position := None if place == ticket.number else place) != ticket.position
            ]
            change_tickets(connection, rows)
            if rows:
                append_audit(
                    connection,
                    at=at,
                    session_key=session_key,
                    actor=by,
                    action="tickets_reordered",
                    details={"order": [ticket.ticket_id for ticket in moved]},
                )
            return len(rows)

    @repeated
    def add_dependency(
        self, session_key: str, ticket_id: str, other_ticket_id: str, *, by: str, at: datetime
    ) -> bool:
        """Make a ticket wait for another one; tells whether that changed anything.

        Raises:
            DependencyCycleError: The other one waits for it already, or they are the same.
            UnknownTicketError: One is no ticket of the session, or withdrawn.
        """
        with self._database.writing() as connection:
            ticket, other = _locked_pair(connection, session_key, ticket_id, other_ticket_id)
            if other.ticket_id in ticket.depends_on:
                return False
            _refuse_cycle(ticket, other, tickets_of(connection, session_key))
            connection.execute(
                delete(tables.released_dependencies).where(
                    _RELEASED.ticket_id == ticket_id, _RELEASED.other_ticket_id == other_ticket_id
                )
            )
            if not _is_blocking(connection, ticket_id, other_ticket_id):
                connection.execute(
                    insert(tables.dependencies).values(
                        session_key=session_key,
                        ticket_id=ticket_id,
                        other_ticket_id=other_ticket_id,
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
            UnknownTicketError: One is no ticket of the session, or withdrawn.
        """
        with self._database.writing() as connection:
            ticket, other = _locked_pair(connection, session_key, ticket_id, other_ticket_id)
            if other.ticket_id not in ticket.depends_on:
                return False
            pair = _blocking_pair(ticket_id, other_ticket_id)
            connection.execute(
                delete(tables.dependencies).where(pair, _DEPENDENCIES.origin == "manual")
            )
            if _is_blocking(connection, ticket_id, other_ticket_id):
                connection.execute(
                    insert(tables.released_dependencies).values(
                        session_key=session_key,
                        ticket_id=ticket_id,
                        other_ticket_id=other_ticket_id,
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
    ) -> int:
        """Keep answers by ticket id and question id, empty to take one back; returns how many changed.

        Raises:
            UnknownQuestionError: A ticket has no such question now; none is kept.
            UnknownTicketError: One is no ticket of the session, or withdrawn; none is kept.
        """
        with self._database.writing() as connection:
            chosen = _locked_tickets(connection, session_key, answers)
            changed = {
                ticket.ticket_id: found
                for ticket in chosen
                if (found := _changed_answers(ticket, answers[ticket.ticket_id]))
            }
            for ticket_id, given in changed.items():
                _write_answers(connection, session_key, ticket_id, given, by=by, at=at)
            _invalidate(connection, session_key, tuple(changed), at=at)
            if changed:
                append_audit(
                    connection,
                    at=at,
                    session_key=session_key,
                    actor=by,
                    action="questions_answered",
                    details={
                        "answers": {
                            ticket_id: {key: answer for key, (_, answer) in given.items()}
                            for ticket_id, given in changed.items()
                        }
                    },
                )
            return sum(len(given) for given in changed.values())


def _reworked(
    connection: Connection, ticket: Ticket, work: TicketRework, *, by: str, at: datetime
) -> bool:
    """Change one ticket; tell whether that changed anything."""
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
    assigned = _assign(connection, [ticket], _field_values(work.fields), by=by, at=at)
    return bool(assigned) or kept.number != ticket.revision.number


def _assign(
    connection: Connection,
    chosen: Sequence[Ticket],
    values: Mapping[str, FieldValue],
    *,
    by: str,
    at: datetime,
) -> int:
    """Set fields of locked tickets of one session; return how many changed."""
    rows = [
        {
            "of_ticket": ticket.ticket_id,
            **values,
            "assigned_fields": tuple(sorted({*ticket.assigned_fields, *values})),
        }
        for ticket in chosen
        if values
    ]
    change_tickets(connection, rows)
    changed = [t for t in chosen if any(getattr(t, n) != value for n, value in values.items())]
    if not changed:
        return 0
    session_key = changed[0].session_key
    _invalidate(connection, session_key, [t.ticket_id for t in changed], at=at)
    append_audit(
        connection,
        at=at,
        session_key=session_key,
        actor=by,
        action="fields_assigned",
        details={
            "ticket_ids": [t.ticket_id for t in changed],
            "fields": {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()},
        },
    )
    return len(changed)


def _blocking_pair(ticket_id: str, other_ticket_id: str) -> ColumnElement[bool]:
    return and_(
        _DEPENDENCIES.ticket_id == ticket_id,
        _DEPENDENCIES.other_ticket_id == other_ticket_id,
        _DEPENDENCIES.kind == "blocks",
    )


def _is_blocking(connection: Connection, ticket_id: str, other_ticket_id: str) -> bool:
    """Tell whether a row says that a ticket waits for another one, released or not."""
    chosen = select(_DEPENDENCIES.origin).where(_blocking_pair(ticket_id, other_ticket_id))
    return connection.execute(chosen).first() is not None


def _locked_tickets(
    connection: Connection, session_key: str, ticket_ids: Iterable[str]
) -> list[Ticket]:
    """Lock the session and return those tickets, in the order asked for."""
    lock_session(connection, session_key)
    present = {ticket.ticket_id: ticket for ticket in tickets_of(connection, session_key)}
    wanted = list(dict.fromkeys(ticket_ids))
    for ticket_id in wanted:
        if ticket_id not in present:
            raise UnknownTicketError(session_key=session_key, ticket=ticket_id)
    return [present[ticket_id] for ticket_id in wanted]


def _locked_pair(
    connection: Connection, session_key: str, ticket_id: str, other_ticket_id: str
) -> tuple[Ticket, Ticket]:
    """Lock the session and return two tickets, which may be the same."""
    found = _locked_tickets(connection, session_key, (ticket_id, other_ticket_id))
    return found[0], found[-1]


def _locked_ticket(connection: Connection, session_key: str, ticket_id: str) -> Ticket:
    return _locked_tickets(connection, session_key, (ticket_id,))[0]


def _refuse_conflict(ticket: Ticket, expected_revision: int) -> None:
    current = ticket.revision
    if current.number != expected_revision:
        raise EditConflictError(
            number=ticket.number,
            expected=expected_revision,
            found=current.number,
            author=current.author,
        )


def _refuse_other_fields(ticket: Ticket, expected: Mapping[str, FieldValue]) -> None:
    others = [name for name, value in expected.items() if getattr(ticket, name) != value]
    if others:
        raise InputError(
            f"Somebody else set {', '.join(others)} of ticket {ticket.number} a moment ago; "
            "nothing was kept.",
            recovery_actions=("Write the files anew and make your changes there.",),
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
    if content_hash == ticket.revision.content_hash:
        return ticket.revision
    number = ticket.revision.number + 1
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
            suggestions=like.suggestions,
        )
    )
    change_tickets(
        connection,
        [{"of_ticket": ticket.ticket_id, "current_revision": number, "source_changes": ()}],
    )
    _invalidate(connection, ticket.session_key, [ticket.ticket_id], at=at)
    append_audit(
        connection,
        at=at,
        session_key=ticket.session_key,
        actor=by,
        action="ticket_edited" if origin is RevisionOrigin.EDITED else "ticket_rolled_back",
        details={
            "ticket_id": ticket.ticket_id,
            "revision": number,
            "from_revision": ticket.revision.number,
            "content_hash": content_hash,
            **({"to_revision": like.number} if origin is RevisionOrigin.ROLLED_BACK else {}),
        },
    )
    return next(r for r in revisions_of(connection, ticket.ticket_id) if r.number == number)


def _field_values(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return the columns to set.

    Raises:
        ValueError: A name is no assignable field.
    """
    strangers = fields.keys() - set(ASSIGNABLE_FIELDS)
    if strangers:
        raise ValueError(f"{sorted(strangers)} cannot be assigned.")
    values = dict(fields)
    if "labels" in values:
        values["labels"] = tuple(sorted(set(values["labels"] or ())))
    return values


def _refuse_cycle(ticket: Ticket, other: Ticket, tickets: Sequence[Ticket]) -> None:
    """Refuse when the other one waits for the ticket, directly or through more of them."""
    by_id = {t.ticket_id: t for t in tickets}
    came_from: dict[str, str | None] = {other.ticket_id: None}
    waiting = [other.ticket_id]
    while waiting:
        current = waiting.pop()
        if current == ticket.ticket_id:
            path = _path_to(current, came_from)
            named = [*path, path[0]]
            raise DependencyCycleError([f"{by_id[i].number} {by_id[i].title}" for i in named])
        for dependency in by_id[current].depends_on:
            if dependency not in came_from:
                came_from[dependency] = current
                waiting.append(dependency)


def _path_to(end: str, came_from: Mapping[str, str | None]) -> list[str]:
    """Return the way that was found, from its end: each waits for the next one once added."""
    path = [end]
    step = came_from[end]
    while step is not None:
        path.append(step)
        step = came_from[step]
    return [path[0], *reversed(path[1:])]


def _record_dependency(
    connection: Connection, ticket: Ticket, other: Ticket, *, action: str, by: str, at: datetime
) -> None:
    _invalidate(connection, ticket.session_key, [ticket.ticket_id], at=at)
    append_audit(
        connection,
        at=at,
        session_key=ticket.session_key,
        actor=by,
        action=action,
        details={"ticket_id": ticket.ticket_id, "other_ticket_id": other.ticket_id},
    )


def _changed_answers(ticket: Ticket, given: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return question and new answer by question id, of those that differ from what is kept."""
    questions = {question_id_of(q): q.question for q in ticket.revision.questions}
    known = {answer.question_id: answer.answer for answer in ticket.answers}
    for question_id in given:
        if question_id not in questions:
            raise UnknownQuestionError(number=ticket.number, question_id=question_id)
    return {
        question_id: (questions[question_id], storable_text(answer.strip()))
        for question_id, answer in given.items()
        if storable_text(answer.strip()) != known.get(question_id, "")
    }


def _write_answers(
    connection: Connection,
    session_key: str,
    ticket_id: str,
    given: Mapping[str, tuple[str, str]],
    *,
    by: str,
    at: datetime,
) -> None:
    """Replace answers; an empty one is taken back."""
    connection.execute(
        delete(tables.answers).where(
            _ANSWERS.ticket_id == ticket_id, _ANSWERS.question_id.in_(list(given))
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
        for question_id, (question, answer) in given.items()
        if answer
    ]
    if rows:
        connection.execute(insert(tables.answers), rows)


def _invalidate(
    connection: Connection, session_key: str, ticket_ids: Sequence[str], *, at: datetime
) -> None:
    """Take ready marks away and remember when something changed."""
    if not ticket_ids:
        return
    change_tickets(connection, [{"of_ticket": key, **NOT_READY} for key in ticket_ids])
    connection.execute(
        update(tables.sessions)
        .where(tables.sessions.c.session_key == session_key)
        .values(
            last_invalidated_at=at,
            updated_at=at,
            **CHANGED_CONTENT,
        )
    )
