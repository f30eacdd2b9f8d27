"""Rows of tickets and revisions: the values they become, and the ways to change them.

Belongs here: reading tickets with their current revision and dependencies; as lists show them, ten
thousand at once, by a narrow query without prose, and how many there are, counted in the database
wherever it can; updating them, making stale what changed. Does not: what changes (`generations`,
`ticket_store`, `reviews`).

A connection with an open transaction comes in, values of `model/tickets` go out. A ticket is present
while its rows are in the sheets, and vanished once they are gone. A question asks about several rows,
each under a row id (16 hex digits), which is also the `question_id` of the answer for that row.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    null,
    select,
    type_coerce,
    update,
)

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.entity_groups import DisplayGroup, GroupAction
from jira_pipeline.model.errors import unknown_ticket
from jira_pipeline.model.forms_in_text import CELL_START, PATH, is_about_form, is_filled_in
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.open_questions import (
    OBJECTION,
    OpenQuestion,
    PlacedQuestion,
    QuestionsLeft,
    count_questions,
)
from jira_pipeline.model.records import tickets_named_in
from jira_pipeline.model.revisions import ProseParts, Revision, RevisionOrigin, written_questions_of
from jira_pipeline.model.site_answers import answers_for_site
from jira_pipeline.model.ticket_decisions import GIVEN_REASONS, Withdrawal
from jira_pipeline.model.tickets import Answer, ListedTicket, Ticket, TicketTally, row_ids_of
from jira_pipeline.store import tables
from jira_pipeline.store.changes import CHANGED_CONTENT, Change
from jira_pipeline.store.mapping import Rows

NOT_READY: Mapping[str, object] = {
    "ready_hash": None,
    "approved_hash": None,
    "ready_by": None,
}
NOT_VANISHED: Mapping[str, object] = {
    "withdrawal": None,
    "withdrawn_by": None,
    "withdrawal_reason": "",
}
PROPOSED: Mapping[str, object] = {**NOT_VANISHED, "withdrawal": Withdrawal.PROPOSED}
"""The rows of the ticket are gone: people are asked whether the ticket goes too."""
IDS_NAMED_MAX = 500
"""So many ids one statement names; where there are more, all tickets of the session are read."""

_TICKET = Rows(tables.tickets, Ticket)
_ANSWER = Rows(tables.answers, Answer)
SITE_ANSWER = Rows(tables.site_answers, Answer)
_SITE_ANSWERS = tables.site_answers.c
_SITE_ANSWERS_QUERY = SITE_ANSWER.query.where(_SITE_ANSWERS.session_key == bindparam("session"))
_REVISION = Rows(tables.revisions, Revision, but=["questions"])
_PARTS = Rows(tables.revisions, ProseParts)
_TICKETS = tables.tickets.c
_REVISIONS = tables.revisions.c
_ANSWERS = tables.answers.c
_DEPENDENCIES = tables.dependencies.c
_AUDIT = tables.audit.c
_REVISION_COLUMNS = (*_REVISION.columns, _REVISIONS.open_questions, *_PARTS.columns)
_TICKET_COUNT = len(_TICKET.names)
_REVISION_COUNT = len(_REVISION.names)
IS_PRESENT: ColumnElement[bool] = _TICKETS.withdrawal.is_(None)
"""The rows of the ticket are in the sheets."""
IS_TAKEN: ColumnElement[bool] = and_(*(_TICKETS[kind.column].is_(None) for kind in GIVEN_REASONS))
"""Nobody skipped the ticket or sent it back."""
IS_EXPORTED: ColumnElement[bool] = IS_PRESENT & IS_TAKEN
"""Exports send the ticket."""


def with_current_revision(query: Select[Any]) -> Select[Any]:
    """Join each ticket with its current revision."""
    is_current = (_REVISIONS.ticket_id == _TICKETS.ticket_id) & (
        _REVISIONS.number == _TICKETS.current_revision
    )
    return query.join_from(tables.tickets, tables.revisions, is_current)


class _TicketQuery:
    """A query about tickets of a session, in three forms: for all of them, some ids, one number.

    They are made once: making a statement takes longer than the database takes to answer it.
    """

    def __init__(self, query: Select[Any], ticket_id: ColumnElement[str]) -> None:
        """Take a query with the parameter `session`, and the column that ids are compared with."""
        self._every = query
        self._some = query.where(ticket_id.in_(bindparam("ids", expanding=True)))
        self._numbered = query.where(_TICKETS.number == bindparam("number"))

    def rows(
        self,
        connection: Connection,
        session_key: str,
        *,
        only: Collection[str] | None = None,
        number: int | None = None,
    ) -> Sequence[Any]:
        """Return the rows of the ticket with that number, else of these ids, else of all tickets."""
        parameters: dict[str, object] = {"session": session_key}
        query = self._every
        if number is not None:
            query = self._numbered
            parameters["number"] = number
        elif only is not None:
            query = self._some
            parameters["ids"] = list(only)
        return connection.execute(query, parameters).tuples().all()


_TICKETS_QUERY = (
    with_current_revision(select(*_TICKET.columns, *_REVISION_COLUMNS))
    .where(_TICKETS.session_key == bindparam("session"))
    .order_by(_TICKETS.number)
)
_PRESENT_TICKETS = _TicketQuery(_TICKETS_QUERY.where(IS_PRESENT), _TICKETS.ticket_id)
_VANISHED_TICKETS = _TicketQuery(_TICKETS_QUERY.where(~IS_PRESENT), _TICKETS.ticket_id)
_GIVEN_ANSWERS = _TicketQuery(
    select(_ANSWERS.ticket_id, *_ANSWER.columns).where(
        _ANSWERS.session_key == bindparam("session")
    ),
    _ANSWERS.ticket_id,
)
_GENERATED_REVISIONS = _TicketQuery(
    select(_REVISIONS.ticket_id, *_REVISION_COLUMNS)
    .join_from(tables.revisions, tables.tickets, _REVISIONS.ticket_id == _TICKETS.ticket_id)
    .where(
        _TICKETS.session_key == bindparam("session"),
        _REVISIONS.origin == RevisionOrigin.GENERATED,
    )
    .order_by(_REVISIONS.number),
    _REVISIONS.ticket_id,
)
_OTHER_TICKETS = _TicketQuery(
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
    """Return tickets of a session, by number: all, the one with a number, or those of some ids.

    They are those whose rows are in the sheets, or with `is_vanished` those whose rows are gone.
    """
    query = _VANISHED_TICKETS if is_vanished else _PRESENT_TICKETS
    rows = query.rows(connection, session_key, only=only, number=number)
    if not rows:
        return ()
    is_part = is_vanished or number is not None or only is not None
    ids = [row[0] for row in rows] if is_part else None  # None reads what belongs to all tickets
    others = others_of(connection, session_key, only=ids)
    given = group_by(_GIVEN_ANSWERS.rows(connection, session_key, only=ids), itemgetter(0))
    site_answers = site_answers_of(connection, session_key)
    current = {row[0]: _revision_of(row[_TICKET_COUNT:]) for row in rows}
    written_questions = _written_questions(connection, session_key, current)
    tickets = []
    for row in rows:
        ticket_id = row[0]
        revision = current[ticket_id]
        own_answers = (_ANSWER.make(cells) for _, *cells in given.get(ticket_id, ()))
        answers = {answer.question_id: answer for answer in own_answers}
        texts = {key: answer.answer for key, answer in answers.items()}
        # Cells of its form that nobody filled in show what was answered for the whole site.
        filled = answers_for_site(revision.parts.analysis, site_answers, texts)
        answers |= {answer.question_id: answer for answer in filled}
        ticket = _TICKET.make(
            row[:_TICKET_COUNT],
            revision=revision,
            depends_on=others.get((ticket_id, "blocks"), ()),
            relates_to=others.get((ticket_id, "relates"), ()),
            answers=_in_order_of(revision, answers) if answers else (),
            written_questions=written_questions.get(ticket_id),
        )
        tickets.append(ticket)
    return tuple(tickets)


def _written_questions(
    connection: Connection, session_key: str, current: Mapping[str, Revision]
) -> Mapping[str, str]:
    """Return the HTML of the questions that writers asked, by ticket id.

    Only tickets whose current text people wrote or changed are in it: in those a question of the
    writer may be missing from the text.
    """
    ids = [
        ticket_id
        for ticket_id, revision in current.items()
        if revision.origin is not RevisionOrigin.GENERATED
    ]
    if not ids:
        return {}
    named = ids if len(ids) <= IDS_NAMED_MAX else None
    rows = group_by(_GENERATED_REVISIONS.rows(connection, session_key, only=named), itemgetter(0))
    questions = {}
    for ticket_id in ids:
        revisions = [_revision_of(cells) for _, *cells in rows.get(ticket_id, ())]
        questions[ticket_id] = written_questions_of(revisions)
    return questions


def site_answers_of(connection: Connection, session_key: str) -> tuple[Answer, ...]:
    """Return the answers that count for all views of a session."""
    return SITE_ANSWER.values_of(connection.execute(_SITE_ANSWERS_QUERY, {"session": session_key}))


def _in_order_of(revision: Revision, given: Mapping[str, Answer]) -> tuple[Answer, ...]:
    """Return answers in the order of the questions, then the others in the order they were given."""
    in_order_of_questions = chain.from_iterable(map(row_ids_of, revision.left_open))
    in_order_of_time = sorted(given, key=lambda key: (given[key].answered_at, key))
    in_order = dict.fromkeys((*in_order_of_questions, *in_order_of_time))
    return tuple(given[key] for key in in_order if key in given)


def others_of(
    connection: Connection, session_key: str, *, only: Sequence[str] | None = None
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the ids of the tickets that tickets wait for or relate to, by number.

    Keys are the id of a ticket and `"blocks"` or `"relates"`. Rows of origin `released` say that
    people took a dependency of the sheets away: such pairs are left out.
    """
    rows = list(_OTHER_TICKETS.rows(connection, session_key, only=only))
    released: set[tuple[str, str, str]] = set()
    for ticket_id, kind, origin, other in rows:
        if origin == "released":
            released.add((ticket_id, kind, other))
    others: dict[tuple[str, str], list[str]] = defaultdict(list)
    for ticket_id, kind, _, other in rows:
        other_ids = others[ticket_id, kind]
        if (ticket_id, kind, other) not in released:
            other_ids.append(other)
    # A pair that both the sheets and a person demand has two rows.
    return {key: tuple(dict.fromkeys(other_ids)) for key, other_ids in others.items()}


def _revision_of(cells: Sequence[Any]) -> Revision:
    """Return the revision of cells in the order of `_REVISION_COLUMNS`."""
    parts = _PARTS.make(cells[_REVISION_COUNT + 1 :])
    questions = cells[_REVISION_COUNT]
    return _REVISION.make(cells[:_REVISION_COUNT], questions=questions, parts=parts)


def revision_cells(revision: Revision, ticket_id: str) -> dict[str, Any]:
    other_cells = {"open_questions": revision.questions, **_PARTS.cells(revision.parts)}
    return _REVISION.cells(revision, ticket_id=ticket_id, **other_cells)


def revisions_in(rows: Iterable[Sequence[Any]]) -> tuple[Revision, ...]:
    """Return the revisions that rows of `REVISIONS_QUERY` describe."""
    return tuple(map(_revision_of, rows))


REVISIONS_QUERY = (
    select(*_REVISION_COLUMNS)
    .where(_REVISIONS.ticket_id == bindparam("ticket"))
    .order_by(_REVISIONS.number)
)
"""All revisions of a ticket, by number."""


def revisions_of(connection: Connection, ticket_id: str) -> tuple[Revision, ...]:
    """Return all revisions of a ticket, by number."""
    return revisions_in(connection.execute(REVISIONS_QUERY, {"ticket": ticket_id}))


def set_cells(connection: Connection, cells: Mapping[str, Mapping[str, object]]) -> None:
    """Update tickets: `cells` has the new values of columns by ticket id, then name of the column.

    Tickets that get the same columns are updated by one statement.
    """
    by_columns = group_by(cells.items(), lambda entry: tuple(entry[1]))
    for names, tickets_with_cells in by_columns.items():
        is_ticket = _TICKETS.ticket_id == bindparam("of_ticket")
        values: dict[str, object] = {name: bindparam(name) for name in names}
        statement = update(tables.tickets).where(is_ticket).values(values)
        rows: list[dict[str, object]] = []
        for ticket_id, new_cells in tickets_with_cells:
            rows.append({"of_ticket": ticket_id, **new_cells})
        connection.execute(statement, rows)


ENTRIES_SINCE_QUERY = (
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
        *(AuditAction.REMOVAL_ANNOUNCED, AuditAction.REMOVAL_CALLED_OFF),
        AuditAction.WORDS_OVERWRITTEN,
        *(AuditAction.STAGE_SET, AuditAction.TICKETS_SEEN, AuditAction.VALIDATION_RECORDED),
        AuditAction.WRITER_CHOSEN,
    }
)
"""Actions that change no ticket. Those with an event name the tickets they change; all others may
change any ticket."""


def changed_since(
    connection: Connection, session_key: str, sequence: int | None
) -> tuple[int, Sequence[str] | None]:
    """Return the number of the newest entry about a session, and the ids of tickets changed since.

    `sequence` is the number of the entry that the caller knows. In the place of the ids None means
    that any ticket may have changed: the caller knows none, or something happened that may change
    all. Entries are committed in the order of their numbers, so none below the newest comes later.
    """
    if sequence is None:
        last = select(func.max(_AUDIT.sequence)).where(_AUDIT.session_key == session_key)
        return connection.execute(last).scalar_one() or 0, None
    since = {"session": session_key, "sequence": sequence}
    entries = connection.execute(ENTRIES_SINCE_QUERY, since).tuples().all()
    newest = entries[-1][0] if entries else sequence
    changed: dict[str, None] = {}
    for _, action, details in entries:
        if AuditAction(action).event:
            changed.update(dict.fromkeys(tickets_named_in(details)))
        elif action not in _CHANGE_NONE:
            return newest, None
    if len(changed) > IDS_NAMED_MAX:
        return newest, None
    return newest, tuple(changed)


def tickets_to_change(change: Change, ticket_ids: Iterable[str]) -> list[Ticket]:
    """Return tickets whose rows are in the sheets, in the order of these ids, each once.

    Raises:
        NotFoundError: An id is of no such ticket of the session.
    """
    wanted = list(dict.fromkeys(ticket_ids))
    only = wanted if len(wanted) <= IDS_NAMED_MAX else None
    present = {t.ticket_id: t for t in tickets_of(change.connection, change.session_key, only=only)}
    if missing := [ticket_id for ticket_id in wanted if ticket_id not in present]:
        raise unknown_ticket(session_key=change.session_key, ticket=missing[0])
    return [present[ticket_id] for ticket_id in wanted]


def update_tickets(
    change: Change,
    action: AuditAction,
    cells: Mapping[str, Mapping[str, object]],
    **details: object,
) -> int:
    """Set cells of tickets (as `set_cells`), append one entry, and return how many tickets it were.

    Where there are none, no entry is appended.
    """
    set_cells(change.connection, cells)
    if cells:
        change.note(action, **details)
    return len(cells)


def invalidate(change: Change, ticket_ids: Collection[str]) -> None:
    """Note that tickets say something else: ready marks and documents go, the session is changed.

    Nothing happens without ids.
    """
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


_GROUPS = {group.value: group for group in DisplayGroup}
_ACTIONS = {action.value: action for action in GroupAction}
_FIELDS = ListedTicket._fields
"""Those that have the name of a column are read from it; `_listed` says what the others are made of."""
_GROUP, _ACTION, _BLOCKS, _RELATES, _UNANSWERED = map(
    _FIELDS.index, ("display_group", "action", "depends_on", "relates_to", "unanswered_count")
)
_FLAGS = tuple(map(_FIELDS.index, ("is_ready", "is_source_changed", "is_fallback")))

QUESTIONS_COMPARED_MAX = 5_000
"""Reading ten thousand takes 35 ms of the 50 that people may wait for a status."""
_QUESTIONS_JSON = type_coerce(_REVISIONS.open_questions, Text)
_NONE = "[]"
"""An empty list as it is stored."""
_IS_ANSWER = ~_ANSWERS.answer.startswith(OBJECTION)
"""An objection to an assumption is stored as an answer, and is none."""
_IS_FALLBACK = (_REVISIONS.fallback_reason != "") & _TICKETS.ready_hash.is_(None)
"""The template wrote it although a model was asked, and nobody marked it ready."""


@cache
def _listed(dialect: str) -> Select[Any]:
    """Return the query for tickets as lists show them, in the order people gave them.

    It is made once for each dialect, since that takes longer than the database takes for a page.
    `depends_on`, `relates_to` and the answers are not read by it: `listed_tickets` adds them.
    """
    columns: Mapping[str, ColumnElement[Any]] = {
        "title": _REVISIONS.title,
        "display_group": type_coerce(_TICKETS.display_group, String),
        "action": type_coerce(_TICKETS.action, String),
        "is_ready": _TICKETS.ready_hash.is_not(None),
        "estimated_hours": _REVISIONS.estimated_hours,
        "revision_number": _TICKETS.current_revision,
        "is_source_changed": type_coerce(_TICKETS.source_changes, Text) != _NONE,
        "unanswered_count": length_of(_REVISIONS.open_questions, dialect),
        "is_fallback": _REVISIONS.fallback_reason != "",
        "revised_at": _REVISIONS.created_at,
        **dict.fromkeys(("depends_on", "relates_to"), null()),
    }
    listed = [columns[name] if name in columns else _TICKETS[name] for name in _FIELDS]
    return (
        with_current_revision(select(*listed))
        .where(_TICKETS.session_key == bindparam("session"), IS_PRESENT)
        .order_by(func.coalesce(_TICKETS.position, _TICKETS.number), _TICKETS.number)
    )


def listed_tickets(
    connection: Connection,
    session_key: str,
    *,
    offset: int = 0,
    limit: int | None = None,
    only: Collection[str] | None = None,
) -> tuple[ListedTicket, ...]:
    """Return tickets whose rows are in the sheets, in the order people gave them.

    Either all of them, a page (`offset`, `limit`), or those of some ids (`only`).
    """
    query = _listed(connection.dialect.name).offset(offset).limit(limit)
    if only is not None:
        query = query.where(_TICKETS.ticket_id.in_(only))
    rows = connection.execute(query, {"session": session_key}).tuples().all()
    is_all = limit is None and only is None
    others = others_of(connection, session_key, only=None if is_all else [r[0] for r in rows])
    conditions = [IS_PRESENT] if only is None else [IS_PRESENT, _TICKETS.ticket_id.in_(only)]
    answered = _answered_counts(connection, session_key, conditions)
    objected = Counter(
        objection.ticket_id
        for objection in _objected_assumptions(connection, session_key, conditions)
    )
    listed = []
    for row in rows:
        cells = list(row)
        ticket_id = row[0]
        cells[_GROUP] = _GROUPS[row[_GROUP]]
        cells[_ACTION] = _ACTIONS[row[_ACTION]]
        for place in _FLAGS:
            cells[place] = bool(row[place])
        cells[_BLOCKS] = others.get((ticket_id, "blocks"), ())
        cells[_RELATES] = others.get((ticket_id, "relates"), ())
        # Until here it is the count of all questions.
        if ticket_id in answered:
            answered_count, _ = answered[ticket_id]
            cells[_UNANSWERED] -= answered_count
        cells[_UNANSWERED] += objected[ticket_id]
        listed.append(ListedTicket._make(cells))
    return tuple(listed)


def length_of(column: ColumnElement[object], dialect: str) -> ColumnElement[int]:
    """Count the elements of a list kept as JSON text."""
    is_postgres = dialect == "postgresql"
    text = type_coerce(column, Text)
    length = func.json_array_length(cast(text, JSON) if is_postgres else text, type_=Integer)
    return case((text == "[]", 0), else_=length)


def _answered_counts(
    connection: Connection, session_key: str, conditions: Sequence[ColumnElement[bool]]
) -> Mapping[str, tuple[int, int]]:
    """Return how many questions are answered, and how many there are, by ticket id.

    Tickets without any answer are left out. A question counts once all of its rows have an answer
    of the ticket, one for the whole site, or are asked about by another ticket; one about a form
    once the form is filled in.
    """
    query = (
        with_current_revision(
            select(_ANSWERS.ticket_id, _ANSWERS.question_id, _REVISIONS.open_questions)
        )
        .join(tables.answers, _ANSWERS.ticket_id == _TICKETS.ticket_id)
        .where(_ANSWERS.session_key == session_key, _IS_ANSWER, *conditions)
    )
    filled_cells = _cells_filled_by_site_answers(connection, session_key, conditions)
    elsewhere = _rows_asked_elsewhere(connection, session_key, conditions)
    rows = [*connection.execute(query).tuples(), *filled_cells, *elsewhere]
    given = {(ticket_id, question_id) for ticket_id, question_id, _ in rows}
    questions_by_ticket = {ticket_id: questions for ticket_id, _, questions in rows}
    filled_in = _tickets_with_filled_form(connection, given)
    counts: dict[str, tuple[int, int]] = {}
    for ticket_id, questions in questions_by_ticket.items():
        answered_count = 0
        for question in questions:
            is_in_form = ticket_id in filled_in and is_about_form(question.question)
            answered_count += is_in_form or _is_answered(ticket_id, question, given)
        counts[ticket_id] = (answered_count, len(questions))
    return counts


def _objected_assumptions(
    connection: Connection, session_key: str, conditions: Sequence[ColumnElement[bool]]
) -> list[PlacedQuestion]:
    """Return the assumptions that somebody objects to, each once: they are questions again."""
    columns = select(
        _TICKETS.ticket_id, _TICKETS.group_key, _ANSWERS.question_id, _REVISIONS.assumptions
    )
    is_of_ticket = _ANSWERS.ticket_id == _TICKETS.ticket_id
    is_of_session = _ANSWERS.session_key == session_key
    with_answers = with_current_revision(columns).join(tables.answers, is_of_ticket)
    query = with_answers.where(is_of_session, ~_IS_ANSWER, *conditions)
    objected: dict[tuple[str, str], PlacedQuestion] = {}
    for ticket_id, group_key, row_id, assumptions in connection.execute(query).tuples():
        for assumption in assumptions:
            if row_id in row_ids_of(assumption):
                question = PlacedQuestion(ticket_id, group_key, assumption)
                objected[ticket_id, assumption.asks] = question
    return list(objected.values())


def _cells_filled_by_site_answers(
    connection: Connection, session_key: str, conditions: Sequence[ColumnElement[bool]]
) -> Iterator[tuple[str, str, Sequence[OpenQuestion]]]:
    """Yield ticket id, cell id and questions of the ticket for each cell that a site answer fills."""
    site_answers = site_answers_of(connection, session_key)
    if not site_answers:
        return
    answers = select(_ANSWERS.ticket_id, _ANSWERS.question_id, _ANSWERS.answer)
    of_cells = answers.where(
        _ANSWERS.session_key == session_key, _ANSWERS.question_id.startswith(CELL_START)
    )
    texts_by_ticket: dict[str, dict[str, str]] = defaultdict(dict)
    for ticket_id, cell_id, text in connection.execute(of_cells).tuples():
        texts_by_ticket[ticket_id][cell_id] = text
    forms = with_current_revision(
        select(_TICKETS.ticket_id, _REVISIONS.analysis, _REVISIONS.open_questions)
    )
    has_place = _REVISIONS.analysis.contains(PATH)
    query = forms.where(_TICKETS.session_key == session_key, has_place, *conditions)
    for ticket_id, analysis, questions in connection.execute(query).tuples():
        texts = texts_by_ticket.get(ticket_id, {})
        for answer in answers_for_site(analysis, site_answers, texts):
            yield ticket_id, answer.question_id, questions


def _rows_asked_elsewhere(
    connection: Connection, session_key: str, conditions: Sequence[ColumnElement[bool]]
) -> Iterator[tuple[str, str, Sequence[OpenQuestion]]]:
    """Yield ticket id, row id and questions of the ticket for each row another ticket asks about."""
    query = with_current_revision(
        select(_TICKETS.ticket_id, _TICKETS.rows_elsewhere, _REVISIONS.open_questions)
    ).where(
        _TICKETS.session_key == session_key,
        type_coerce(_TICKETS.rows_elsewhere, Text) != _NONE,
        *conditions,
    )
    for ticket_id, row_ids, questions in connection.execute(query).tuples():
        for row_id in row_ids:
            yield ticket_id, row_id, questions


def _is_answered(
    ticket_id: str, question: OpenQuestion, given: Collection[tuple[str, str]]
) -> bool:
    return all((ticket_id, row_id) in given for row_id in row_ids_of(question))


def _tickets_with_filled_form(
    connection: Connection, given: Collection[tuple[str, str]]
) -> frozenset[str]:
    """Return the ids of tickets whose form is filled in; `given` are ticket and question ids."""
    cells_in_forms: dict[str, list[str]] = {}
    for ticket_id, row_id in given:
        if row_id.startswith(CELL_START):
            cells_in_forms.setdefault(ticket_id, []).append(row_id)
    if not cells_in_forms:
        return frozenset()
    query = with_current_revision(select(_TICKETS.ticket_id, _REVISIONS.analysis)).where(
        _TICKETS.ticket_id.in_(list(cells_in_forms))
    )
    filled_in: set[str] = set()
    for ticket_id, analysis in connection.execute(query).tuples():
        if is_filled_in(analysis, cells_in_forms[ticket_id]):
            filled_in.add(ticket_id)
    return frozenset(filled_in)


_QUESTIONS_OF_TICKETS = TypeAdapter(list[list[OpenQuestion]])
"""Reads all of them at once, which takes a third of the time of one text after the other."""


@dataclass(frozen=True, slots=True)
class _TicketCounts:
    """Counts of the tickets whose rows are in the sheets; fields in the order of the statement."""

    total: int
    """All of them."""
    excluded: int
    """Those that people left out of exports; all counts below are of the other tickets."""
    ready: int
    fallback: int
    """Those that the template wrote although a model was asked, and nobody marked ready."""
    questions: int
    """How many questions they ask, with an answer or without."""
    with_questions: int
    """How many of them ask any."""


def ticket_tally(
    connection: Connection, session_key: str, *, compared_max: int = QUESTIONS_COMPARED_MAX
) -> TicketTally:
    """Count the tickets whose rows are in the sheets, and what waits for people in them.

    More questions than `compared_max` are counted once for each ticket.
    """
    counts = _ticket_counts(connection, session_key)
    is_of_session = _TICKETS.session_key == session_key
    numbers = select(_TICKETS.number).where(is_of_session, IS_EXPORTED).order_by(_TICKETS.number)
    fallbacks: tuple[int, ...] = ()
    if counts.fallback:  # else joining ten thousand revisions once more would be for nothing
        written_by_template = with_current_revision(numbers).where(_IS_FALLBACK)
        fallbacks = tuple(connection.execute(written_by_template).scalars())
    questions_left = _questions_left(connection, session_key, counts, compared_max=compared_max)
    has_changed_cells = type_coerce(_TICKETS.source_changes, Text) != _NONE
    source_changed = tuple(connection.execute(numbers.where(has_changed_cells)).scalars())
    is_assigned = _TICKETS.assignee != ""
    is_not_ready = _TICKETS.ready_hash.is_(None)
    waiting = (
        select(_TICKETS.assignee, func.count())
        .where(is_of_session, IS_EXPORTED, is_not_ready, is_assigned)
        .group_by(_TICKETS.assignee)
    )
    return TicketTally(
        total=counts.total,
        excluded=counts.excluded,
        ready=counts.ready,
        source_changed=source_changed,
        fallbacks=fallbacks,
        questions=questions_left,
        waiting=tuple(sorted(connection.execute(waiting).tuples())),
    )


def _ticket_counts(connection: Connection, session_key: str) -> _TicketCounts:
    """Count tickets in one statement."""
    is_ready = _TICKETS.ready_hash.is_not(None)
    has_questions = _QUESTIONS_JSON != _NONE
    question_count = length_of(_REVISIONS.open_questions, connection.dialect.name)
    total = func.count(_TICKETS.ticket_id)
    excluded = _sum_of(case((IS_TAKEN, 0), else_=1))
    ready = _count_where(IS_TAKEN & is_ready)
    fallback = _count_where(IS_TAKEN & _IS_FALLBACK)
    questions = _sum_of(case((IS_TAKEN, question_count), else_=0))
    with_questions = _count_where(IS_TAKEN & has_questions)
    columns = with_current_revision(
        select(total, excluded, ready, fallback, questions, with_questions)
    )
    query = columns.where(_TICKETS.session_key == session_key, IS_PRESENT)
    counts = connection.execute(query).tuples().one()
    return _TicketCounts(*counts)


def _questions_left(
    connection: Connection, session_key: str, counts: _TicketCounts, *, compared_max: int
) -> QuestionsLeft:
    """Count the questions without an answer.

    A question that several tickets ask counts once, unless the tickets have more than
    `compared_max` questions: then it counts in each of them.
    """
    objected = _objected_assumptions(connection, session_key, [IS_EXPORTED])
    if counts.questions <= compared_max:
        return _count_each_question_once(connection, session_key, objected)
    count = counts.questions + len(objected)
    ticket_count = counts.with_questions
    answered_by_ticket = _answered_counts(connection, session_key, [IS_EXPORTED])
    for answered_count, question_count in answered_by_ticket.values():
        count -= answered_count
        if 0 < question_count == answered_count:  # nothing is left to ask in this ticket
            ticket_count -= 1
    return QuestionsLeft(count=count, ticket_count=ticket_count, is_each_once=False)


def _count_each_question_once(
    connection: Connection, session_key: str, objected: Iterable[PlacedQuestion]
) -> QuestionsLeft:
    """Count the questions nobody answered, and assumptions objected to; equal ones count once."""
    answers = select(_ANSWERS.ticket_id, _ANSWERS.question_id).where(
        _ANSWERS.session_key == session_key, _IS_ANSWER
    )
    filled_cells = _cells_filled_by_site_answers(connection, session_key, [IS_EXPORTED])
    elsewhere = _rows_asked_elsewhere(connection, session_key, [IS_EXPORTED])
    given = set(connection.execute(answers).tuples())
    given |= {(ticket_id, row_id) for ticket_id, row_id, _ in chain(filled_cells, elsewhere)}
    with_answers = {ticket_id for ticket_id, _ in given}
    filled_in = _tickets_with_filled_form(connection, given)
    query = with_current_revision(
        select(_TICKETS.ticket_id, _TICKETS.group_key, _QUESTIONS_JSON)
    ).where(_TICKETS.session_key == session_key, IS_EXPORTED, _QUESTIONS_JSON != _NONE)
    rows = connection.execute(query).tuples().all()
    questions_of_rows = _QUESTIONS_OF_TICKETS.validate_json(f"[{','.join(row[2] for row in rows)}]")
    waiting: list[PlacedQuestion] = []
    for (ticket_id, group_key, _), questions in zip(rows, questions_of_rows, strict=True):
        for question in questions:
            if ticket_id in filled_in and is_about_form(question.question):
                continue
            if ticket_id in with_answers and _is_answered(ticket_id, question, given):
                continue
            waiting.append(PlacedQuestion(ticket_id, group_key, question))
    return count_questions(chain(waiting, objected))


def _count_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return _sum_of(case((condition, 1), else_=0))


def _sum_of(column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0, type_=Integer)
