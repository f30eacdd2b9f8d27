"""Answers of people to open questions.

Belongs here: which of them change, and their rows. Does not: reading them with their tickets
(`ticket_rows`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert

from jira_pipeline.domain.tickets import Ticket, question_id_of
from jira_pipeline.errors import UnknownQuestionError
from jira_pipeline.store import tables
from jira_pipeline.store.audit import append_audit
from jira_pipeline.store.changed_tickets import invalidate
from jira_pipeline.store.column_types import storable_text

_ANSWERS = tables.answers.c


def write_answers(
    connection: Connection,
    chosen: Sequence[Ticket],
    answers: Mapping[str, Mapping[str, str]],
    *,
    by: str,
    at: datetime,
) -> int:
    """Keep answers by ticket id and question id for locked tickets of one session.

    Returns how many changed.

    Raises:
        UnknownQuestionError: A ticket has no such question now; none is kept.
    """
    changed = {
        ticket.ticket_id: found
        for ticket in chosen
        if (found := _changed_answers(ticket, answers[ticket.ticket_id]))
    }
    if not changed:
        return 0
    session_key = chosen[0].session_key
    for ticket_id, given in changed.items():
        _replace_answers(connection, session_key, ticket_id, given, by=by, at=at)
    invalidate(connection, session_key, tuple(changed), at=at)
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


def _replace_answers(
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
