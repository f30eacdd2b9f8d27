"""Tickets as lists show them: ten thousand at once, without prose and without decoding each.

Belongs here: the narrow query and how its rows become values. Does not: whole tickets
(`ticket_rows`), counting them (`ticket_tallies`).
"""

from collections import Counter

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

from jira_pipeline.domain.entity_groups import DisplayGroup, GroupAction
from jira_pipeline.domain.tickets import ListedTicket, question_id_of
from jira_pipeline.store import tables
from jira_pipeline.store.ticket_rows import IS_PRESENT, others_of, with_current_revision

_TICKETS = tables.tickets.c
_REVISIONS = tables.revisions.c
_ANSWERS = tables.answers.c
_GROUPS = {group.value: group for group in DisplayGroup}
_ACTIONS = {action.value: action for action in GroupAction}


def listed_tickets(
    connection: Connection, session_key: str, *, offset: int = 0, limit: int | None = None
) -> tuple[ListedTicket, ...]:
    """Return the tickets whose rows are in the sheets, in the order people gave them: all or a page."""
    question_count = length_of(_REVISIONS.open_questions, connection.dialect)
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
                _REVISIONS.estimated_hours,
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


def length_of(column: ColumnElement[object], dialect: Dialect) -> ColumnElement[int]:
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
