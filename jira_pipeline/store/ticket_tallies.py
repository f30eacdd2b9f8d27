"""How many tickets of a session there are, and what waits for people in them: one pass over all.

Belongs here: counting in rows that are read once, ten thousand in the time a person takes for none.
Does not: the tickets themselves (`ticket_lists`, `ticket_rows`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import Connection, Text, select, type_coerce
from typing_extensions import TypedDict

from jira_pipeline.domain.questions.questions_left import QuestionsLeft, sharing_scope
from jira_pipeline.domain.tickets import TicketTally, question_id_from
from jira_pipeline.store import tables
from jira_pipeline.store.ticket_rows import IS_PRESENT, with_current_revision

_TICKETS = tables.tickets.c
_REVISIONS = tables.revisions.c
_ANSWERS = tables.answers.c
_NONE = "[]"


class _StoredQuestion(TypedDict):
    """What makes a question the same, as `OpenQuestion.asks`; the rest of it is not read."""

    file: str
    column: str
    quote: str
    question: str


_QUESTIONS_OF_TICKETS = TypeAdapter(list[list[_StoredQuestion]])
"""Reads all of them at once, which takes a third of the time of one text after the other."""


class _Row(NamedTuple):
    """What is counted of a ticket."""

    ticket_id: str
    number: int
    group_key: str
    skipped_reason: str | None
    ready_hash: str | None
    source_changes: str
    fallback_reason: str
    questions: str


def ticket_tally(connection: Connection, session_key: str) -> TicketTally:
    """Count the tickets whose rows are in the sheets, and what waits for people in them."""
    chosen = (
        with_current_revision(
            select(
                _TICKETS.ticket_id,
                _TICKETS.number,
                _TICKETS.group_key,
                _TICKETS.skipped_reason,
                _TICKETS.ready_hash,
                type_coerce(_TICKETS.source_changes, Text),
                _REVISIONS.fallback_reason,
                type_coerce(_REVISIONS.open_questions, Text),
            )
        )
        .where(_TICKETS.session_key == session_key, IS_PRESENT)
        .order_by(_TICKETS.number)
    )
    known = [_Row._make(row) for row in connection.execute(chosen).tuples().all()]
    told = [row for row in known if row.skipped_reason is None]
    return TicketTally(
        total=len(known),
        skipped=len(known) - len(told),
        ready=sum(row.ready_hash is not None for row in told),
        source_changed=tuple(row.number for row in told if row.source_changes != _NONE),
        fallbacks=tuple(r.number for r in told if r.fallback_reason and r.ready_hash is None),
        questions=_unanswered(connection, session_key, told),
    )


def _unanswered(connection: Connection, session_key: str, rows: Sequence[_Row]) -> QuestionsLeft:
    """Count the questions nobody answered, as `count_questions` does, without a value for each."""
    answers = select(_ANSWERS.ticket_id, _ANSWERS.question_id).where(
        _ANSWERS.session_key == session_key
    )
    given = set(connection.execute(answers).tuples())
    with_answers = {ticket_id for ticket_id, _ in given}
    asking = [row for row in rows if row.questions != _NONE]
    read = _QUESTIONS_OF_TICKETS.validate_json(f"[{','.join(r.questions for r in asking)}]")
    once: set[tuple[str, ...]] = set()
    ticket_count = 0
    for row, questions in zip(asking, read, strict=True):
        asked = [(q["file"], q["column"], q["quote"], q["question"]) for q in questions]
        if row.ticket_id in with_answers:
            asked = [a for a in asked if (row.ticket_id, question_id_from(a)) not in given]
        scope = sharing_scope(row.ticket_id, group_key=row.group_key)
        once.update((scope, *asks) for asks in asked)
        ticket_count += bool(asked)
    return QuestionsLeft(count=len(once), ticket_count=ticket_count)
