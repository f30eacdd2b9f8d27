"""Tickets as lists show them, ten thousand at once, and how many there are.

Belongs here: the narrow query without prose, counting in the database wherever it can. Does not:
whole tickets (`ticket_rows`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
    bindparam,
    case,
    cast,
    func,
    null,
    select,
    type_coerce,
)

from jira_pipeline.model.entity_groups import DisplayGroup, GroupAction
from jira_pipeline.model.forms_in_text import CELL_START, PATH, is_about_form, is_filled_in
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.open_questions import (
    OBJECTION,
    OpenQuestion,
    PlacedQuestion,
    QuestionsLeft,
    count_questions,
)
from jira_pipeline.model.site_answers import answers_for_site
from jira_pipeline.model.tickets import ListedTicket, TicketTally, row_ids_of
from jira_pipeline.store import tables
from jira_pipeline.store.ticket_rows import (
    IS_EXPORTED,
    IS_PRESENT,
    IS_TAKEN,
    others_of,
    site_answers_of,
    with_current_revision,
)

_TICKETS = tables.tickets.c
_REVISIONS = tables.revisions.c
_ANSWERS = tables.answers.c
_GROUPS = {group.value: group for group in DisplayGroup}
_ACTIONS = {action.value: action for action in GroupAction}
_FIELDS = ListedTicket._fields
"""Columns of tickets have their names; what is no column is made of others, in `_listed` or below."""
_GROUP, _ACTION, _BLOCKS, _RELATES, _ASKED = map(
    _FIELDS.index, ("display_group", "action", "depends_on", "relates_to", "unanswered_count")
)
_FLAGS = tuple(map(_FIELDS.index, ("is_ready", "is_source_changed", "is_fallback")))

QUESTIONS_COMPARED_MAX = 5_000
"""Reading ten thousand takes 35 ms of the 50 that people may wait for a status."""
_QUESTIONS_JSON = type_coerce(_REVISIONS.open_questions, Text)
_NONE = "[]"
_IS_ANSWER = ~_ANSWERS.answer.startswith(OBJECTION)
"""What objects to an assumption is none."""


@cache
def _listed(dialect: str) -> Select[Any]:
    """Make the statement once: making it takes longer than the database takes to answer a page."""
    beside: Mapping[str, ColumnElement[Any]] = {
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
    return (
        with_current_revision(
            select(*(beside[name] if name in beside else _TICKETS[name] for name in _FIELDS))
        )
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
    """Return the tickets whose rows are in the sheets, in the order people gave them.

    All of them, a page, or those of some ids.
    """
    chosen = _listed(connection.dialect.name).offset(offset).limit(limit)
    if only is not None:
        chosen = chosen.where(_TICKETS.ticket_id.in_(only))
    rows = connection.execute(chosen, {"session": session_key}).tuples().all()
    is_all = limit is None and only is None
    others = others_of(connection, session_key, only=None if is_all else [r[0] for r in rows])
    conditions = [IS_PRESENT] if only is None else [IS_PRESENT, _TICKETS.ticket_id.in_(only)]
    answered = _answered(connection, session_key, conditions)
    objected = Counter(one.ticket_id for one in _objected(connection, session_key, conditions))
    listed = []
    for row in rows:
        cells, ticket_id = list(row), row[0]
        cells[_GROUP], cells[_ACTION] = _GROUPS[row[_GROUP]], _ACTIONS[row[_ACTION]]
        for place in _FLAGS:
            cells[place] = bool(row[place])
        cells[_BLOCKS] = others.get((ticket_id, "blocks"), ())
        cells[_RELATES] = others.get((ticket_id, "relates"), ())
        if ticket_id in answered:
            cells[_ASKED] -= answered[ticket_id][0]
        cells[_ASKED] += objected[ticket_id]
        listed.append(ListedTicket._make(cells))
    return tuple(listed)


def length_of(column: ColumnElement[object], dialect: str) -> ColumnElement[int]:
    """Count the elements of a list kept as JSON text."""
    is_postgres = dialect == "postgresql"
    text = type_coerce(column, Text)
    length = func.json_array_length(cast(text, JSON) if is_postgres else text, type_=Integer)
    return case((text == "[]", 0), else_=length)


def _answered(
    connection: Connection, session_key: str, conditions: Sequence[ColumnElement[bool]]
) -> Mapping[str, tuple[int, int]]:
    chosen = (
        with_current_revision(
            select(_ANSWERS.ticket_id, _ANSWERS.question_id, _REVISIONS.open_questions)
        )
        .join(tables.answers, _ANSWERS.ticket_id == _TICKETS.ticket_id)
        .where(_ANSWERS.session_key == session_key, _IS_ANSWER, *conditions)
    )
    of_site = _given_for_site(connection, session_key, conditions)
    rows = [*connection.execute(chosen).tuples(), *of_site]
    given = {(ticket_id, question_id) for ticket_id, question_id, _ in rows}
    asked = {ticket_id: questions for ticket_id, _, questions in rows}
    filled_in = _filled_in(connection, given)
    return {
        ticket_id: (
            sum(
                _is_answered(ticket_id, question, given)
                or (ticket_id in filled_in and is_about_form(question.question))
                for question in questions
            ),
            len(questions),
        )
        for ticket_id, questions in asked.items()
    }


def _objected(
    connection: Connection, session_key: str, conditions: Sequence[ColumnElement[bool]]
) -> list[PlacedQuestion]:
    """Return the assumptions that somebody objects to: they are questions again."""
    chosen = (
        with_current_revision(
            select(
                _TICKETS.ticket_id, _TICKETS.group_key, _ANSWERS.question_id, _REVISIONS.assumptions
            )
        )
        .join(tables.answers, _ANSWERS.ticket_id == _TICKETS.ticket_id)
        .where(_ANSWERS.session_key == session_key, ~_IS_ANSWER)
        .where(*conditions)
    )
    found = {
        (ticket_id, assumption.asks): PlacedQuestion(ticket_id, group_key, assumption)
        for ticket_id, group_key, row_id, assumed in connection.execute(chosen).tuples()
        for assumption in assumed
        if row_id in row_ids_of(assumption)
    }
    return [*found.values()]


def _given_for_site(
    connection: Connection, session_key: str, conditions: Sequence[ColumnElement[bool]]
) -> Iterator[tuple[str, str, Sequence[OpenQuestion]]]:
    """Yield the cells that answers for the site fill, each with the questions of its ticket."""
    given = site_answers_of(connection, session_key)
    if not given:
        return
    of_cells = select(_ANSWERS.ticket_id, _ANSWERS.question_id, _ANSWERS.answer).where(
        _ANSWERS.session_key == session_key, _ANSWERS.question_id.startswith(CELL_START)
    )
    own = grouped(connection.execute(of_cells).tuples(), itemgetter(0))
    chosen = with_current_revision(
        select(_TICKETS.ticket_id, _REVISIONS.analysis, _REVISIONS.open_questions)
    ).where(_TICKETS.session_key == session_key, _REVISIONS.analysis.contains(PATH), *conditions)
    for ticket_id, analysis, questions in connection.execute(chosen).tuples():
        texts = {cell_id: text for _, cell_id, text in own.get(ticket_id, ())}
        for answer in answers_for_site(analysis, given, texts):
            yield ticket_id, answer.question_id, questions


def _is_answered(
    ticket_id: str, question: OpenQuestion, given: Collection[tuple[str, str]]
) -> bool:
    return all((ticket_id, row_id) in given for row_id in row_ids_of(question))


def _filled_in(connection: Connection, given: Collection[tuple[str, str]]) -> frozenset[str]:
    """Return the tickets, of those with the answers given, whose form is filled in."""
    in_forms = grouped((one for one in given if one[1].startswith(CELL_START)), itemgetter(0))
    if not in_forms:
        return frozenset()
    chosen = with_current_revision(select(_TICKETS.ticket_id, _REVISIONS.analysis)).where(
        _TICKETS.ticket_id.in_(list(in_forms))
    )
    return frozenset(
        ticket_id
        for ticket_id, analysis in connection.execute(chosen).tuples()
        if is_filled_in(analysis, [cell_id for _, cell_id in in_forms[ticket_id]])
    )


_QUESTIONS_OF_TICKETS = TypeAdapter(list[list[OpenQuestion]])
"""Reads all of them at once, which takes a third of the time of one text after the other."""


def ticket_tally(
    connection: Connection, session_key: str, *, compared_max: int = QUESTIONS_COMPARED_MAX
) -> TicketTally:
    """Count the tickets whose rows are in the sheets, and what waits for people in them.

    More questions than `compared_max` are counted once for each ticket.
    """
    is_fallback = (_REVISIONS.fallback_reason != "") & _TICKETS.ready_hash.is_(None)
    question_count = length_of(_REVISIONS.open_questions, connection.dialect.name)
    chosen = with_current_revision(
        select(
            func.count(_TICKETS.ticket_id),
            _sum_of(case((IS_TAKEN, 0), else_=1)),
            _sum_of(case((IS_TAKEN & _TICKETS.ready_hash.is_not(None), 1), else_=0)),
            _sum_of(case((IS_TAKEN & is_fallback, 1), else_=0)),
            _sum_of(case((IS_TAKEN, question_count), else_=0)),
            _sum_of(case((IS_TAKEN & (_QUESTIONS_JSON != _NONE), 1), else_=0)),
        )
    ).where(_TICKETS.session_key == session_key, IS_PRESENT)
    total, excluded, ready, fallback_count, asked, asking = (
        connection.execute(chosen).tuples().one()
    )
    is_listed = (_TICKETS.session_key == session_key) & IS_EXPORTED
    changed = select(_TICKETS.number).where(
        is_listed, type_coerce(_TICKETS.source_changes, Text) != _NONE
    )
    instead = with_current_revision(select(_TICKETS.number)).where(is_listed, is_fallback)
    waiting = (
        select(_TICKETS.assignee, func.count())
        .where(is_listed, _TICKETS.ready_hash.is_(None), _TICKETS.assignee != "")
        .group_by(_TICKETS.assignee)
    )
    fallbacks: tuple[int, ...] = ()
    if fallback_count:  # seldom: joining ten thousand revisions once more takes its time
        fallbacks = tuple(connection.execute(instead.order_by(_TICKETS.number)).scalars())
    again = _objected(connection, session_key, [IS_EXPORTED])
    left = QuestionsLeft(count=asked + len(again), ticket_count=asking)
    if asked <= compared_max:
        left = _each_once(connection, session_key, left, again)
    else:
        left = _once_for_each_ticket(connection, session_key, left)
    return TicketTally(
        total=total,
        excluded=excluded,
        ready=ready,
        source_changed=tuple(connection.execute(changed.order_by(_TICKETS.number)).scalars()),
        fallbacks=fallbacks,
        questions=left,
        waiting=tuple(sorted(connection.execute(waiting).tuples())),
    )


def _each_once(
    connection: Connection,
    session_key: str,
    asked: QuestionsLeft,
    again: Iterable[PlacedQuestion],
) -> QuestionsLeft:
    """Count the questions nobody answered, reading nothing else of their tickets."""
    if not asked.count:
        return asked
    answers = select(_ANSWERS.ticket_id, _ANSWERS.question_id).where(
        _ANSWERS.session_key == session_key, _IS_ANSWER
    )
    of_site = _given_for_site(connection, session_key, [IS_EXPORTED])
    given = {
        *connection.execute(answers).tuples(),
        *((ticket_id, cell_id) for ticket_id, cell_id, _ in of_site),
    }
    with_answers = {ticket_id for ticket_id, _ in given}
    filled_in = _filled_in(connection, given)
    chosen = with_current_revision(
        select(_TICKETS.ticket_id, _TICKETS.group_key, _QUESTIONS_JSON)
    ).where(_TICKETS.session_key == session_key, IS_EXPORTED, _QUESTIONS_JSON != _NONE)
    rows = connection.execute(chosen).tuples().all()
    read = _QUESTIONS_OF_TICKETS.validate_json(f"[{','.join(row[2] for row in rows)}]")
    waiting = (
        PlacedQuestion(ticket_id, group_key, question)
        for (ticket_id, group_key, _), questions in zip(rows, read, strict=True)
        for question in questions
        if not (ticket_id in filled_in and is_about_form(question.question))
        and not (ticket_id in with_answers and _is_answered(ticket_id, question, given))
    )
    return count_questions(chain(waiting, again))


def _once_for_each_ticket(
    connection: Connection, session_key: str, asked: QuestionsLeft
) -> QuestionsLeft:
    """Take away what is answered; what several tickets ask is not looked for."""
    answered = _answered(connection, session_key, [IS_EXPORTED]).values()
    return QuestionsLeft(
        count=asked.count - sum(count for count, _ in answered),
        ticket_count=asked.ticket_count - sum(0 < every == count for count, every in answered),
        is_each_once=False,
    )


def _sum_of(column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0, type_=Integer)
