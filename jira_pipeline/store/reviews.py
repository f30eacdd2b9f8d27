"""What people change about tickets in a review, and say about them.

Belongs here: each change in one step, with its audit entry, refused where somebody else changed the
ticket meanwhile. Does not: what may be entered (`review/revisions`, `review/outcomes`), what a new
generation leaves of them (`generations`).

Tickets are named by their ids (`"t3f2a…"`), questions by the id of one of their rows (16 hex digits)
or of a cell of a form. Each method is one transaction, which either makes the whole change or none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import (
    AnswerConflictError,
    DependencyCycleError,
    EditConflictError,
    NotFoundError,
    NotFoundKind,
    unknown_ticket,
)
from jira_pipeline.model.forms_in_text import CELL_START
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.manual_fixes import FixState
from jira_pipeline.model.open_questions import Audience, QuestionRoute
from jira_pipeline.model.records import AuditEntry, Comment
from jira_pipeline.model.revisions import ProseParts, Revision, RevisionOrigin
from jira_pipeline.model.site_answers import SITE, SITE_QUESTIONS
from jira_pipeline.model.tickets import (
    ASSIGNABLE_FIELDS,
    Answer,
    FieldValue,
    RowQuestion,
    Ticket,
    content_hash_of,
    refuse_other_fields,
    row_questions_of,
)
from jira_pipeline.model.words_to_take import MovedTexts, moved_words, moved_words_in
from jira_pipeline.store import tables
from jira_pipeline.store.changes import CHANGED_CONTENT, Change, SessionPart, read_entries
from jira_pipeline.store.dependency_cycles import find_cycle
from jira_pipeline.store.documents import hash_again
from jira_pipeline.store.generations import dependency
from jira_pipeline.store.given_back_words import GivenBack, give_words_back, texts_given_back
from jira_pipeline.store.mapping import (
    Rows,
    delete_rows,
    has_cells,
    insert_rows,
    storable,
    storable_text,
    update_rows,
)
from jira_pipeline.store.moved_rows import note_rows_elsewhere
from jira_pipeline.store.taken_words import move_words, read_words, words_to_take
from jira_pipeline.store.ticket_rows import (
    IS_PRESENT,
    NOT_READY,
    SITE_ANSWER,
    invalidate,
    revision_cells,
    revisions_of,
    set_cells,
    site_answers_of,
    tickets_of,
    tickets_to_change,
    update_tickets,
)
from jira_pipeline.store.transactions import repeated

_ANSWER = Rows(tables.answers, Answer)
_ROUTE = Rows(tables.question_routes, QuestionRoute)
_ROUTES = tables.question_routes.c
_COMMENT = Rows(tables.comments, Comment)
_COMMENTS = tables.comments.c
_TICKETS = tables.tickets.c
_DEPENDENCIES = tables.dependencies.c
_FIXES = tables.manual_fixes.c


class ReviewStore(SessionPart):
    """Keeps what people change about tickets; each change in one step, audited.

    A ticket whose text or answers change loses its ready mark, and the session is invalidated;
    fields such as assignee and sprint leave both as they are.

    Every method raises `NotFoundError`, and changes nothing, where an id is of no ticket of the
    session or of one whose rows are gone from the sheets. `expected_revision` and `were` are what the
    person saw before deciding: where something else is stored now, `EditConflictError` is raised.
    """

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
        """Add a revision of origin `edited` and return it.

        Where title and parts are those of the current revision, that one is returned and none added.
        Hours and questions are copied from `like`, or from the current revision without one.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            (ticket,) = tickets_to_change(change, [ticket_id])
            _refuse_conflict(ticket, expected_revision)
            edited = replace(like or ticket.revision, title=title, parts=parts)
            note_rows_elsewhere(change, ticket, edited)
            return _add_revision(change, ticket, edited)

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
        """Add a revision of origin `rolled_back` with the content of an earlier one, and return it.

        Raises:
            NotFoundError: The ticket has no revision with the number `to_revision`.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            (ticket,) = tickets_to_change(change, [ticket_id])
            _refuse_conflict(ticket, expected_revision)
            revisions = {
                revision.number: revision for revision in revisions_of(change.connection, ticket_id)
            }
            if to_revision not in revisions:
                raise NotFoundError(
                    kind=NotFoundKind.REVISION,
                    number=ticket.number,
                    revision=to_revision,
                    known=len(revisions),
                )
            like = revisions[to_revision]
            note_rows_elsewhere(change, ticket, like)
            return _add_revision(change, ticket, like, rolled_back_to=to_revision)

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
        """Set fields of `ASSIGNABLE_FIELDS`, None to clear; return how many tickets changed.

        Later generations keep these values. A field that has the value already is only marked as
        assigned by a person, and its ticket is not counted.
        """
        if unknown := fields.keys() - set(ASSIGNABLE_FIELDS):
            raise ValueError(f"{sorted(unknown)} cannot be assigned.")
        with self._begin_change(session_key, by=by, at=at) as change:
            tickets = tickets_to_change(change, ticket_ids)
            refuse_other_fields(tickets, were or {})
            differing = [ticket for ticket in tickets if _differs_in(ticket, fields)]
            changed = dict.fromkeys(ticket.ticket_id for ticket in differing)
            cells: dict[str, dict[str, object]] = {}
            for ticket in tickets:
                assigned = {*ticket.assigned_fields, *fields}
                if ticket.ticket_id in changed or assigned > set(ticket.assigned_fields):
                    cells[ticket.ticket_id] = {**fields, "assigned_fields": tuple(sorted(assigned))}
            if not cells:  # no ticket changes, so no entry of the audit trail may be written
                return 0
            noted_fields: dict[str, object] = {}
            for name, value in fields.items():
                noted_fields[name] = list(value) if isinstance(value, tuple) else value
            named = {"ticket_ids": list(cells), "fields": noted_fields}
            update_tickets(change, AuditAction.FIELDS_ASSIGNED, cells, **named)
            now = [replace(ticket, **fields) for ticket in differing]  # type: ignore[arg-type] # each by its name
            hashed = hash_again(change.connection, now)
            invalidate(change, changed.keys() - hashed)
            if hashed:
                change.set_session(**CHANGED_CONTENT)
            # A manual fix asks people to set the former value by hand in Jira: nobody has to now.
            is_of_fields = _FIXES.ticket_id.in_(sorted(changed)) & _FIXES.subject.in_(
                sorted(fields)
            )
            obsolete = {"state": FixState.OBSOLETE}
            update_rows(
                change.connection, tables.manual_fixes, obsolete, is_of_fields, state=FixState.OPEN
            )
            return len(changed)

    @repeated
    def reorder(self, session_key: str, ticket_ids: Sequence[str], *, by: str, at: datetime) -> int:
        """Put some tickets into this order; return how many tickets have another position now.

        Together they keep the positions that they had; all other tickets stay where they are.
        What Jira gets does not change: ready marks stay, and no validation becomes stale.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            query = (
                select(_TICKETS.ticket_id, _TICKETS.number, _TICKETS.position)
                .where(_TICKETS.session_key == session_key, IS_PRESENT)
                .order_by(func.coalesce(_TICKETS.position, _TICKETS.number), _TICKETS.number)
            )
            ordered = {}  # number and position by ticket id, in the order of now
            for ticket_id, number, position in change.connection.execute(query).tuples():
                ordered[ticket_id] = (number, position)
            wanted = tuple(dict.fromkeys(ticket_ids))
            if missing := [ticket_id for ticket_id in wanted if ticket_id not in ordered]:
                raise unknown_ticket(session_key=session_key, ticket=missing[0])
            following = iter(wanted)
            new_order = [next(following) if key in wanted else key for key in ordered]
            cells: dict[str, dict[str, int | None]] = {}
            for place, ticket_id in enumerate(new_order, start=1):
                number, position_before = ordered[ticket_id]
                new_position = None if place == number else place
                if new_position != position_before:
                    cells[ticket_id] = {"position": new_position}
            details = {"order": list(wanted), "moved": list(cells)}
            return update_tickets(change, AuditAction.TICKETS_REORDERED, cells, **details)

    @repeated
    def set_dependency(
        self,
        session_key: str,
        ticket_id: str,
        other_ticket_id: str,
        *,
        waits: bool,
        by: str,
        at: datetime,
    ) -> bool:
        """Make a ticket wait for another one, or wait no longer; return whether that changed anything.

        What the sheets demand stays in the store: a row of origin `released` cancels it.

        Raises:
            DependencyCycleError: They would wait for each other.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            tickets = tickets_to_change(change, (ticket_id, other_ticket_id))
            ticket = tickets[0]
            other = tickets[-1]
            if (other.ticket_id in ticket.depends_on) is waits:
                return False
            if waits:
                _refuse_cycle(change, ticket, other)
            origin, other_origin = ("manual", "released") if waits else ("released", "manual")
            pair = {"ticket_id": ticket_id, "other_ticket_id": other_ticket_id, "kind": "blocks"}
            delete_rows(change.connection, tables.dependencies, **pair, origin=other_origin)
            # What remains is the row of the sheets. It settles the matter where it says what the
            # person wants; else a row of people has to say so.
            remaining = select(_DEPENDENCIES.origin).where(has_cells(tables.dependencies, **pair))
            is_demanded_by_sheets = change.connection.execute(remaining).first() is not None
            if is_demanded_by_sheets is not waits:
                row = dependency(change, ticket_id, other_ticket_id, origin=origin)
                insert_rows(change.connection, tables.dependencies, [row])
            invalidate(change, [ticket_id])
            change.note(
                AuditAction.DEPENDENCY_ADDED if waits else AuditAction.DEPENDENCY_REMOVED,
                ticket_id=ticket_id,
                other_ticket_id=other_ticket_id,
            )
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
        """Keep answers by ticket id, then question id; return how many changed.

        An empty text takes an answer back. A cell of a form that is open, or that a model filled in,
        counts as a question. Answers for the whole site have `SITE` in the place of the ticket id,
        and the place of the cells they fill in that of the question id. `were` are the answers that
        the person saw, in the same shape, with an empty text where there was none.

        Raises:
            AnswerConflictError: Somebody else answered one since it was seen; none is kept.
            NotFoundError: A ticket has no such question now; none is kept.
        """
        answers_shown = were or {}
        with self._begin_change(session_key, by=by, at=at) as change:
            connection = change.connection
            site_changes = _changed_site_answers(
                connection, session_key, answers.get(SITE, {}), were=answers_shown.get(SITE, {})
            )
            tickets = tickets_to_change(change, [key for key in answers if key != SITE])
            changes_by_ticket: dict[str, dict[str, tuple[RowQuestion, str]]] = {}
            for ticket in tickets:
                ticket_id = ticket.ticket_id
                changes_by_ticket[ticket_id] = _changed_answers(
                    _answerable_questions(ticket),
                    answers[ticket_id],
                    stored=ticket.own_answers,
                    were=answers_shown.get(ticket_id, {}),
                    where=f"ticket {ticket.number}",
                )
            # An answer for the whole site may answer something in any ticket.
            before = tickets_of(connection, session_key) if site_changes else tickets
            _write_answers(change, SITE_ANSWER, site_changes)
            for ticket_id, changed in changes_by_ticket.items():
                _write_answers(change, _ANSWER, changed, ticket_id=ticket_id)
            effects = _changed_answers_since(change, before, reads_all=bool(site_changes))
            invalidate(change, tuple(effects))
            _note_answers(change, site_changes, effects)
            return len(site_changes) + sum(map(len, changes_by_ticket.values()))

    @repeated
    def take_words(
        self,
        session_key: str,
        gone_id: str,
        ticket_id: str,
        *,
        may_exclude: bool,
        by: str,
        at: datetime,
    ) -> int:
        """Move the words of people from a ticket whose rows are gone to another; return how many.

        Words are answers, texts, fields, comments and the like (`WordsToTake`). Those that the other
        ticket has already stay with it, and the ones of the gone ticket stay where they were. Both
        tickets lose their approval, unless the other says the same as before; the entry of the audit
        trail keeps who had approved the gone one.

        `may_exclude`: the reason why the gone ticket is left out of exports may be moved too.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            connection = change.connection
            (ticket,) = tickets_to_change(change, [ticket_id])
            vanished = tickets_of(connection, session_key, only=[gone_id], is_vanished=True)
            if not vanished:
                raise unknown_ticket(session_key=session_key, ticket=gone_id)
            gone = vanished[0]
            words = words_to_take(change, gone, ticket, may_exclude=may_exclude)
            if not words.count:
                return 0
            move_words(change, gone, ticket, words)
            if words.changes_ticket:
                invalidate(change, [ticket_id])
            # The mark of the gone ticket was given to words that it has no longer.
            set_cells(connection, {gone_id: NOT_READY})
            texts = None
            if words.texts is not None:
                like = replace(ticket.revision, title=words.texts.title, parts=words.texts.parts)
                revision = _add_revision(change, ticket, like)
                _put_text(
                    change,
                    gone,
                    title=words.texts.title_left,
                    parts=words.texts.parts_left,
                    author=gone.revision.author,
                )
                texts = MovedTexts(
                    ticket_before=ticket.revision.number,
                    ticket_after=revision.number,
                    gone_before=gone.revision.number,
                )
            # An empty text says in the entry that a ticket has an answer no longer.
            ids_left = [taken.before.question_id for taken in words.answers]
            ids_left += [answer.question_id for answer in words.copies]
            texts_left = dict.fromkeys(ids_left, "")
            texts_now = {taken.now.question_id: taken.now.answer for taken in words.answers}
            change.note(
                AuditAction.WORDS_TAKEN,
                ticket_ids=[ticket_id, gone_id],
                taken_from=gone.title,
                answers={gone_id: texts_left, ticket_id: texts_now},
                is_by_row=True,
                fields=list(words.fields),
                approved_by=gone.ready_by,
                taken=moved_words(words, gone, ticket, texts=texts).as_details(),
            )
            return words.count

    @repeated
    def give_words_back(
        self, session_key: str, ticket_id: str, former_id: str, *, by: str, at: datetime
    ) -> GivenBack | None:
        """Move what a ticket took over of a former one back; return what went and what stays.

        The entries of the audit trail say what was taken over. What somebody changed since stays
        with the ticket, and what the former one has of its own by now is not replaced. The rows of
        either may be gone. Both lose their approval. None: the ticket took nothing over, or gave
        it back before.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            entries = _taken_entries(change, ticket_id, former_id)
            if not entries:
                return None
            answers: dict[str, dict[str, str]] = {ticket_id: {}, former_id: {}}
            all_given = GivenBack(answers)
            for entry in entries:
                moved = moved_words_in(entry.details["taken"])
                # Both tickets are read again, since the entry before changed them.
                ticket = read_words(change, _ticket_of(change, ticket_id))
                former = read_words(change, _ticket_of(change, former_id))
                given = give_words_back(change, ticket, former, moved)
                if moved.texts is not None:
                    texts = texts_given_back(ticket.revisions, former.revisions, moved.texts)
                    given.count += len(texts.given)
                    given.staying += [f"edited text ({name})" for name in texts.staying]
                    if texts.given:
                        _put_text(
                            change,
                            ticket.ticket,
                            title=texts.title,
                            parts=texts.parts,
                            author=ticket.ticket.revision.author,
                        )
                        _put_text(
                            change,
                            former.ticket,
                            title=texts.title_before,
                            parts=texts.parts_before,
                            author=texts.author_before,
                        )
                all_given.join(given)
            if not all_given.count:  # nothing was moved
                return all_given
            invalidate(change, (ticket_id, former_id))
            change.note(
                AuditAction.WORDS_GIVEN_BACK,
                ticket_ids=[former_id, ticket_id],
                answers=all_given.answers,
                is_by_row=True,
                staying=all_given.staying,
            )
            return all_given

    @repeated
    def route(
        self,
        session_key: str,
        routes: Iterable[tuple[str, str]],
        *,
        audience: Audience | None,
        words: str,
        by: str,
        at: datetime,
    ) -> None:
        """Send questions, given by ticket and question id, to an audience in these words.

        Without an audience they go to the one of their kind again, and `words` are ignored.

        Raises:
            NotFoundError: One is of no ticket of the session; none is sent.
        """
        routes_by_ticket = group_by(routes, lambda route: route[0])
        with self._begin_change(session_key, by=by, at=at) as change:
            for ticket in tickets_to_change(change, routes_by_ticket):
                ticket_id = ticket.ticket_id
                ids = [question_id for _, question_id in routes_by_ticket[ticket_id]]
                is_meant = _ROUTES.question_id.in_(ids)
                delete_rows(change.connection, _ROUTE.table, is_meant, ticket_id=ticket_id)
                if not audience:
                    change.note(AuditAction.QUESTIONS_ROUTED, ticket_id=ticket_id)
                    continue
                rows: list[Mapping[str, object]] = []
                for question_id in ids:
                    question_route = QuestionRoute(
                        ticket_id=ticket_id,
                        question_id=question_id,
                        audience=audience,
                        words=storable_text(words),
                        routed_by=by,
                        routed_at=at,
                    )
                    rows.append(_ROUTE.cells(question_route, session_key=session_key))
                insert_rows(change.connection, tables.question_routes, rows)
                details = {"audience": audience, "words": words}
                change.note(AuditAction.QUESTIONS_ROUTED, ticket_id=ticket_id, **details)

    @repeated
    def remove_routes(
        self, session_key: str, routes: Sequence[QuestionRoute], *, by: str, at: datetime
    ) -> None:
        """Delete routes of questions that no row asks any more; the audit trail keeps their words."""
        with self._begin_change(session_key, by=by, at=at) as change:
            for route in routes:
                key = {"ticket_id": route.ticket_id, "question_id": route.question_id}
                delete_rows(change.connection, _ROUTE.table, **key)
                details = {"removed": route.audience, "words": route.words}
                change.note(AuditAction.QUESTIONS_ROUTED, ticket_id=route.ticket_id, **details)

    def routes(self, session_key: str) -> tuple[QuestionRoute, ...]:
        """Return the routes of a session: which question people sent to which audience."""
        return self._values(_ROUTE, session_key=session_key)


def _taken_entries(change: Change, ticket_id: str, former_id: str) -> Sequence[AuditEntry]:
    """Return the entries by which a ticket took words over of another and has them still.

    Newest first. Entries of an older program, which did not note what it moved, are left out.
    """
    taken: list[AuditEntry] = []
    for entry in read_entries(
        change.connection,
        change.session_key,
        AuditAction.WORDS_TAKEN,
        AuditAction.WORDS_GIVEN_BACK,
    ):
        is_taken = entry.action is AuditAction.WORDS_TAKEN
        if is_taken and entry.ticket_ids == (ticket_id, former_id) and "taken" in entry.details:
            taken.append(entry)
        if not is_taken and entry.ticket_ids == (former_id, ticket_id):
            taken.clear()  # all was given back
    return taken[::-1]


def _ticket_of(change: Change, ticket_id: str) -> Ticket:
    """Return a ticket of the session, with or without rows."""
    for is_vanished in (False, True):
        tickets = tickets_of(
            change.connection, change.session_key, only=[ticket_id], is_vanished=is_vanished
        )
        if tickets:
            return tickets[0]
    raise unknown_ticket(session_key=change.session_key, ticket=ticket_id)


def _differs_in(ticket: Ticket, fields: Mapping[str, FieldValue]) -> bool:
    return any(getattr(ticket, name) != value for name, value in fields.items())


def _write_answers(
    change: Change,
    rows: Rows[Answer],
    given: Mapping[str, tuple[RowQuestion, str]],
    **ticket_cells: str,
) -> None:
    """Replace the stored answers to these questions, of one ticket or of the whole site.

    `given` has each question and its text by question id; an empty text only deletes.
    """
    if not given:
        return
    place = {"session_key": change.session_key, **ticket_cells}
    delete_rows(change.connection, rows.table, rows.table.c.question_id.in_(list(given)), **place)
    cells_of_answers = []
    for question_id, (row, text) in given.items():
        if not text:
            continue
        answer = Answer(
            question_id=question_id,
            question=row.question,
            answer=text,
            answered_by=change.by,
            answered_at=change.at,
            row_key=row.row_key,
            row_label=row.row_label,
        )
        cells_of_answers.append(rows.cells(answer, **place))
    insert_rows(change.connection, rows.table, cells_of_answers)


def _changed_answers_since(
    change: Change, before: Sequence[Ticket], *, reads_all: bool
) -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Return question and new answer by ticket id, then question id, where the answer changed.

    Tickets are compared as they were read before and as the store has them now; those without a
    change are left out.
    """
    ids_to_read = None if reads_all else [ticket.ticket_id for ticket in before]
    after = tickets_of(change.connection, change.session_key, only=ids_to_read)
    tickets_now = {ticket.ticket_id: ticket for ticket in after}
    effects: dict[str, Mapping[str, tuple[str, str]]] = {}
    for ticket in before:
        differing = _differing_answers(ticket, tickets_now[ticket.ticket_id])
        if differing:
            effects[ticket.ticket_id] = differing
    return effects


def _differing_answers(before: Ticket, after: Ticket) -> dict[str, tuple[str, str]]:
    """Return question and answer by question id, of those whose answer is another one now.

    The text is empty where there is an answer no longer.
    """
    answers_before = {answer.question_id: answer for answer in before.answers}
    answers_now = {answer.question_id: answer for answer in after.answers}
    differing: dict[str, tuple[str, str]] = {}
    for question_id, answer in {**answers_before, **answers_now}.items():
        text = answer.answer if question_id in answers_now else ""
        if question_id not in answers_before or answers_before[question_id].answer != text:
            differing[question_id] = (answer.question, text)
    return differing


def _note_answers(
    change: Change,
    site_changes: Mapping[str, tuple[RowQuestion, str]],
    effects: Mapping[str, Mapping[str, tuple[str, str]]],
) -> None:
    """Append the entries for answers: one where the whole site got some, else one a question."""
    if site_changes:
        site = {row.question: text for row, text in site_changes.values()}
        answers = {ticket_id: dict(effect.values()) for ticket_id, effect in effects.items()}
        change.note(AuditAction.QUESTIONS_ANSWERED, site=site, answers=answers)
        return
    for answered in _entries_of(effects):
        change.note(AuditAction.QUESTIONS_ANSWERED, answers=answered, is_by_row=True)


class CommentStore(SessionPart):
    """Keeps what people say about tickets; audited."""

    @repeated
    def add(self, session_key: str, ticket_id: str, *, text: str, by: str, at: datetime) -> Comment:
        """Keep a comment on a ticket of the session and return it with its number.

        The rows of the ticket may be gone from the sheets.

        Raises:
            NotFoundError: The session has no such ticket.
        """
        ticket = has_cells(tables.tickets, session_key=session_key, ticket_id=ticket_id)
        comment = Comment(comment_id=0, ticket_id=ticket_id, author=by, text=text, at=at)
        with self._begin_change(session_key, by=by, at=at) as change:
            if change.connection.execute(select(_TICKETS.ticket_id).where(ticket)).first() is None:
                raise unknown_ticket(session_key=session_key, ticket=ticket_id)
            added_comment = _COMMENT.insert_one(
                change.connection, comment, but=["comment_id"], session_key=session_key
            )
            change.note(
                AuditAction.COMMENT_ADDED, ticket_id=ticket_id, comment_id=added_comment.comment_id
            )
            return added_comment

    def of_ticket(self, ticket_id: str) -> tuple[Comment, ...]:
        """Return the comments on a ticket, oldest first."""
        return self._values(_COMMENT, order_by=[_COMMENTS.comment_id], ticket_id=ticket_id)

    def of_session(self, session_key: str) -> tuple[Comment, ...]:
        """Return the comments on all tickets of a session, oldest first."""
        return self._values(_COMMENT, order_by=[_COMMENTS.comment_id], session_key=session_key)

    @repeated
    def remove(self, session_key: str, comment_id: int, *, by: str, at: datetime) -> bool:
        """Remove a comment that this person wrote; return False where there is none of that number.

        A comment of somebody else stays, and counts as none.
        """
        is_own_comment = (_COMMENTS.session_key == session_key) & (
            _COMMENTS.comment_id == comment_id
        )
        gone = delete(tables.comments).where(is_own_comment, _COMMENTS.author == by)
        with self._begin_change(session_key, by=by, at=at) as change:
            removed = change.connection.execute(gone.returning(_COMMENTS.ticket_id))
            ticket_ids = removed.scalars().all()
            for ticket_id in ticket_ids:
                change.note(AuditAction.COMMENT_REMOVED, ticket_id=ticket_id, comment_id=comment_id)
            return bool(ticket_ids)


def _entries_of(
    changed: Mapping[str, Mapping[str, tuple[str, str]]],
) -> Iterable[Mapping[str, Mapping[str, str]]]:
    """Return for each entry of the audit trail the answers it names, by ticket id.

    All cells of forms share one entry, which names them by their question, since the id of a cell
    does not say what it asks. Each other question has an entry of its own, which names every row
    that got the answer. (Entries of older versions lack `is_by_row`: they name the first row only.)
    """
    entries: dict[tuple[str, ...], dict[str, dict[str, str]]] = {}
    for ticket_id, answers in changed.items():
        for key, (question, answer) in answers.items():
            if key.startswith(CELL_START):
                entry_of_cells = entries.setdefault((), {})
                entry_of_cells.setdefault(ticket_id, {})[question] = answer
            else:
                entry_of_question = entries.setdefault((question, answer), {})
                entry_of_question.setdefault(ticket_id, {})[key] = answer
    return entries.values()


def _refuse_conflict(ticket: Ticket, expected_revision: int) -> None:
    current = ticket.revision
    if current.number != expected_revision:
        raise EditConflictError(
            number=ticket.number,
            expected=expected_revision,
            found=current.number,
            author=current.author,
        )


def _add_revision(
    change: Change, ticket: Ticket, like: Revision, *, rolled_back_to: int | None = None
) -> Revision:
    """Add a revision with the content of `like` and return it; the current one where that is equal.

    It has the origin `edited`, or `rolled_back` where the number it is rolled back to is given.
    """
    current = ticket.revision
    wanted = storable(like)
    action = AuditAction.TICKET_EDITED
    origin = RevisionOrigin.EDITED
    if rolled_back_to is not None:
        action = AuditAction.TICKET_ROLLED_BACK
        origin = RevisionOrigin.ROLLED_BACK
    content_hash = content_hash_of(
        title=wanted.title, parts=wanted.parts, estimated_hours=wanted.estimated_hours
    )
    if wanted.questions == current.questions and content_hash == current.content_hash:
        return current
    revision = replace(
        wanted,
        number=current.number + 1,
        origin=origin,
        author=change.by,
        created_at=change.at,
        content_hash=content_hash,
        rolled_back_to=rolled_back_to,
    )
    row = revision_cells(revision, ticket.ticket_id)
    change.connection.execute(insert(tables.revisions), row)
    cells = {"current_revision": revision.number, "source_changes": ()}
    set_cells(change.connection, {ticket.ticket_id: cells})
    invalidate(change, [ticket.ticket_id])
    details: dict[str, object] = {
        "ticket_id": ticket.ticket_id,
        "revision": revision.number,
        "from_revision": current.number,
        "content_hash": revision.content_hash,
    }
    if rolled_back_to is not None:
        details["to_revision"] = rolled_back_to
    change.note(action, **details)
    return revision


def _put_text(
    change: Change, ticket: Ticket, *, title: str, parts: ProseParts, author: str
) -> None:
    """Add a revision after texts of people were moved out of a ticket, or back into it.

    Where title and parts are those of the last generation again (notes apart), the revision is one
    of the writer, so the ticket counts as one that nobody edited; else it is an edit by `author`.
    """
    current = ticket.revision
    revisions = revisions_of(change.connection, ticket.ticket_id)
    generated_revisions = [
        revision for revision in revisions if revision.origin is RevisionOrigin.GENERATED
    ]
    generated = generated_revisions[-1]
    has_written_parts = replace(parts, notes="") == replace(generated.parts, notes="")
    if title == generated.title and has_written_parts:
        like = generated
    else:
        like = replace(current, origin=RevisionOrigin.EDITED, author=author)
    content_hash = content_hash_of(title=title, parts=parts, estimated_hours=like.estimated_hours)
    revision = replace(
        like,
        number=current.number + 1,
        title=title,
        parts=parts,
        created_at=change.at,
        content_hash=content_hash,
        rolled_back_to=None,
    )
    insert_rows(change.connection, tables.revisions, [revision_cells(revision, ticket.ticket_id)])
    set_cells(change.connection, {ticket.ticket_id: {"current_revision": revision.number}})


def _refuse_cycle(change: Change, ticket: Ticket, other: Ticket) -> None:
    """Stop a ticket from waiting for one that waits for it."""
    connection = change.connection
    cycle = find_cycle(connection, change.session_key, ticket.ticket_id, other.ticket_id)
    if not cycle:
        return
    waiting_tickets = tickets_of(connection, change.session_key, only=cycle)
    by_id = {waiting.ticket_id: waiting for waiting in waiting_tickets}
    path = [by_id[ticket_id] for ticket_id in (*cycle, cycle[0])]
    names = [f"{waiting.number} {waiting.title}" for waiting in path]
    way_out = Action.of(ActionKind.CORRECT, "Name another ticket: none waits for itself.")
    if len(cycle) > 1:
        # The first waits for the second as somebody asks now; the second waits already.
        way_out = Action(
            kind=ActionKind.DEPEND,
            sentence="Remove one of these dependencies first, such as this one: {}.",
            arguments={
                "session_key": change.session_key,
                "number": path[1].number,
                "on": str(path[2].number),
                "not": True,
            },
        )
    raise DependencyCycleError(cycle=" → ".join(names), recovery_actions=(way_out,))


def _answerable_questions(ticket: Ticket) -> Mapping[str, RowQuestion]:
    """Return what can be answered in a ticket, by question id.

    That is what its text asks now, the cells of its form, and earlier questions that were answered.
    """
    questions = {
        answer.question_id: RowQuestion(
            question=answer.question, row_key=answer.row_key, row_label=answer.row_label
        )
        for answer in ticket.answers
    }
    for question in ticket.left_open:
        questions |= row_questions_of(question)
    for cell in ticket.revision.asked_cells:
        questions[cell.cell_id] = RowQuestion(question=cell.asks)
    return questions


def _changed_site_answers(
    connection: Connection, session_key: str, given: Mapping[str, str], *, were: Mapping[str, str]
) -> dict[str, tuple[RowQuestion, str]]:
    """Return question and new answer by place, of answers for the whole site that differ."""
    answers_before = {
        answer.question_id: answer.answer for answer in site_answers_of(connection, session_key)
    }
    questions: dict[str, RowQuestion] = {}
    for site_question in SITE_QUESTIONS:
        questions[site_question.place] = RowQuestion(question=site_question.question)
    return _changed_answers(
        questions, given, stored=answers_before, were=were, where="the whole site"
    )


def _changed_answers(
    questions: Mapping[str, RowQuestion],
    given: Mapping[str, str],
    *,
    stored: Mapping[str, str],
    were: Mapping[str, str],
    where: str,
) -> dict[str, tuple[RowQuestion, str]]:
    """Return question and new answer by question id, of answers that differ from the stored ones.

    Raises:
        AnswerConflictError: Another answer is stored than the one the person saw (`were`).
        NotFoundError: No such question is asked; `where` says in which ticket, for the message.
    """
    changed = {}
    for question_id, text in given.items():
        if question_id not in questions:
            raise NotFoundError(
                f"{where.capitalize()} has no question {question_id} now; the sheets may have "
                "changed.",
                kind=NotFoundKind.QUESTION,
            )
        row = questions[question_id]
        answer = storable_text(text.strip())
        now = stored.get(question_id, "")
        # Who gives the answer that is stored already has no conflict, whatever they saw.
        if now not in {were.get(question_id, now), answer}:
            what = f"answered it “{now}”" if now else "removed the answer"
            raise AnswerConflictError(
                f"{row.question.rstrip('?.')} ({where}): somebody else {what} since this "
                "was read; nothing was saved.",
                recovery_actions=("Read it again, and answer it if yours is better.",),
            )
        if answer != now:
            changed[question_id] = row, answer
    return changed
