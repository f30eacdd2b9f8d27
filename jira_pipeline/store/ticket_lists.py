"""Tickets as lists show them: ten thousand at once, without prose and without decoding each.

Belongs here: the narrow query and how its rows become values. Does not: whole tickets
(`ticket_rows`).
"""

from collections import Counter

from pydantic import TypeAdapter
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Dialect,
    Integer,
    String,
    Text,
    case,
    cast,
    func,
    select,
    type_coerce,
)
from typing_extensions import TypedDict

from jira_pipeline.domain.entity_groups import DisplayGroup, GroupAction
from jira_pipeline.domain.questions.questions_left import (
    PlacedQuestion,
    QuestionsLeft,
    count_questions,
)
from jira_pipeline.domain.tickets import (
    ListedTicket,
    TicketTally,
    question_id_from,
    question_id_of,
)
from jira_pipeline.store import tables
from jira_pipeline.store.ticket_rows import IS_PRESENT, others_of, with_current_revision

_TICKETS = tables.tickets.c
_REVISIONS = tables.revisions.c
_ANSWERS = tables.answers.c
_GROUPS = {group.value: group for group in DisplayGroup}
_ACTIONS = {action.value: action for action in GroupAction}


class _StoredQuestion(TypedDict):
    """What makes a question the same, as `OpenQuestion.asks`; the rest of it is not read."""

    file: str
    column: str
    quote: str
    question: str


_QUESTIONS_OF_TICKETS = TypeAdapter(list[list[_StoredQuestion]])
"""Reads all of them at once: seven times as fast as one question after the other."""


def listed_tickets(
    connection: Connection, session_key: str, *, offset: int = 0, limit: int | None = None
) -> tuple[ListedTicket, ...]:
    """Return the tickets whose rows are in the sheets, in the order people gave them: all or a page."""
    question_count = _length_of(_REVISIONS.open_questions, connection.dialect)
    chosen = (
        with_current_revision(
            select(
                _TICKETS.ticket_id,
                _TICKETS.number,
                _REVISIONS.title,
                type_coerce(_TICKETS.display_group, String),
                type_coerce(_TICKETS.action, String),
                _TICKETS.ready_hash.is_not(None),
                _TICKETS.skipped_reason,
                _TICKETS.assignee,
                _TICKETS.sprint,
                _TICKETS.priority,
                _TICKETS.labels,
                _TICKETS.parent,
                _TICKETS.current_revision,
                type_coerce(_TICKETS.source_changes, Text) != "[]",
                question_count,
                _REVISIONS.fallback_reason != "",
            )
        )
        .where(_TICKETS.session_key == session_key, IS_PRESENT)
        .order_by(func.coalesce(_TICKETS.position, _TICKETS.number), _TICKETS.number)
        .offset(offset)
        .limit(limit)
    )
    rows = connection.execute(chosen).tuples().all()
    others = others_of(
        connection, session_key, only=None if limit is None else [r[0] for r in rows]
    )
    answered = _answered_counts(connection, session_key)
    return tuple(
        ListedTicket._make(
            (
                *(ticket_id, number, title, _GROUPS[group], _ACTIONS[action], bool(is_ready)),
                *fields,
                bool(is_changed),
                others.get((ticket_id, "blocks"), ()),
                others.get((ticket_id, "relates"), ()),
                questions - answered.get(ticket_id, 0),
                bool(is_fallback),
                None,  # only tickets whose rows are in the sheets are chosen
            )
        )
        for (
            ticket_id,
            number,
            title,
            group,
            action,
            is_ready,
            *fields,
            is_changed,
            questions,
            is_fallback,
        ) in rows
    )


def ticket_tally(connection: Connection, session_key: str) -> TicketTally:
    """Count the tickets whose rows are in the sheets, and what waits for people in them."""
    is_open = _TICKETS.skipped_reason.is_(None)
    is_fallback = (_REVISIONS.fallback_reason != "") & _TICKETS.ready_hash.is_(None)
    chosen = with_current_revision(
        select(
            func.count(_TICKETS.ticket_id),
            _sum_of(case((is_open, 0), else_=1)),
            _sum_of(case((is_open & _TICKETS.ready_hash.is_not(None), 1), else_=0)),
            _sum_of(case((is_open & is_fallback, 1), else_=0)),
        )
    ).where(_TICKETS.session_key == session_key, IS_PRESENT)
    total, skipped, ready, fallback_count = connection.execute(chosen).tuples().one()
    is_changed = type_coerce(_TICKETS.source_changes, Text) != "[]"
    is_told = (_TICKETS.session_key == session_key) & IS_PRESENT & is_open
    changed = select(_TICKETS.number).where(is_told, is_changed).order_by(_TICKETS.number)
    instead = with_current_revision(select(_TICKETS.number)).where(is_told, is_fallback)
    fallbacks: tuple[int, ...] = ()
    if fallback_count:  # seldom: joining ten thousand revisions once more takes its time
        fallbacks = tuple(connection.execute(instead.order_by(_TICKETS.number)).scalars())
    return TicketTally(
        total=total,
        skipped=skipped,
        ready=ready,
        source_changed=tuple(connection.execute(changed).scalars()),
        fallbacks=fallbacks,
    )


def unanswered_questions(connection: Connection, session_key: str) -> QuestionsLeft:
    """Count the questions nobody answered, of tickets in the sheets that are not skipped."""
    answers = select(_ANSWERS.ticket_id, _ANSWERS.question_id).where(
        _ANSWERS.session_key == session_key
    )
    given = set(connection.execute(answers).tuples())
    with_answers = {ticket_id for ticket_id, _ in given}
    questions_json = type_coerce(_REVISIONS.open_questions, Text)
    chosen = with_current_revision(
        select(_TICKETS.ticket_id, _TICKETS.group_key, questions_json)
    ).where(
        _TICKETS.session_key == session_key,
        IS_PRESENT,
        _TICKETS.skipped_reason.is_(None),
        questions_json != "[]",
    )
    rows = connection.execute(chosen).tuples().all()
    read = _QUESTIONS_OF_TICKETS.validate_json(f"[{','.join(row[2] for row in rows)}]")
    placed = (
        PlacedQuestion(ticket_id, group_key, (q["file"], q["column"], q["quote"], q["question"]))
        for (ticket_id, group_key, _), questions in zip(rows, read, strict=True)
        for q in questions
    )
    return count_questions(
        question
        for question in placed
        if question.ticket_id not in with_answers
        or (question.ticket_id, question_id_from(question.asks)) not in given
    )


def _sum_of(column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0, type_=Integer)


def _length_of(column: ColumnElement[object], dialect: Dialect) -> ColumnElement[int]:
    """Count the elements of a list kept as JSON text."""
    is_postgres = dialect.name == "postgresql"
    text = type_coerce(column, Text)
    length = func.json_array_length(cast(text, JSON) if is_postgres else text, type_=Integer)
    return case((text == "[]", 0), else_=length)


def _answered_counts(connection: Connection, session_key: str) -> Counter[str]:
    """Count the current questions that are answered, by ticket; most tickets have no answer."""
    given = (
        select(_ANSWERS.ticket_id, _ANSWERS.question_id, _REVISIONS.open_questions)
        .join_from(tables.answers, tables.tickets, _TICKETS.ticket_id == _ANSWERS.ticket_id)
        .join(
            tables.revisions,
            (_REVISIONS.ticket_id == _TICKETS.ticket_id)
            & (_REVISIONS.number == _TICKETS.current_revision),
        )
        .where(_ANSWERS.session_key == session_key, IS_PRESENT)
    )
    counts: Counter[str] = Counter()
    for ticket_id, question_id, questions in connection.execute(given).tuples():
        counts[ticket_id] += sum(question_id_of(asked) == question_id for asked in questions)
    return counts
