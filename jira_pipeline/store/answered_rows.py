"""The step of the store that names the row of each answer, by the question of that time.

Belongs here: that step, for stores of programs that kept an answer under the id of its row alone. Does
not: other steps (`versions`), how an answer names its row (`model/tickets`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, column, select, table, text, update

from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.tickets import RowQuestion, row_questions_of
from jira_pipeline.store.mapping import UTC_TIME, json_text

_LISTED = json_text(tuple[OpenQuestion, ...])
_REVISIONS = table(
    "revisions",
    column("ticket_id"),
    column("number"),
    column("created_at", UTC_TIME),
    column("open_questions", _LISTED),
    column("assumptions", _LISTED),
)
_ANSWERS = table(
    "answers",
    column("ticket_id"),
    column("question_id"),
    column("answered_at", UTC_TIME),
    column("row_key"),
    column("row_label"),
)


def name_answered_rows(connection: Connection) -> None:
    """Note of each answer which row it was said of; empty where no revision of its ticket tells it."""
    for name in ("row_key", "row_label"):
        connection.execute(text(f"ALTER TABLE answers ADD COLUMN {name} TEXT NOT NULL DEFAULT ''"))
    query = select(_ANSWERS.c.ticket_id, _ANSWERS.c.question_id, _ANSWERS.c.answered_at)
    answers = group_by(connection.execute(query).tuples().all(), lambda answer: answer[0])
    rows = []
    for ticket_id, of_ticket in answers.items():
        by_revision = _questions_by_revision(connection, ticket_id)
        for _, question_id, answered_at in of_ticket:
            row = _row_at(answered_at, question_id, by_revision)
            if row is not None:
                rows.append(
                    {
                        "of_ticket": ticket_id,
                        "of_question": question_id,
                        "key": row.row_key,
                        "label": row.row_label,
                    }
                )
    if rows:
        is_that_row = and_(
            _ANSWERS.c.ticket_id == bindparam("of_ticket"),
            _ANSWERS.c.question_id == bindparam("of_question"),
        )
        values: dict[str, object] = {"row_key": bindparam("key"), "row_label": bindparam("label")}
        connection.execute(update(_ANSWERS).where(is_that_row).values(values), rows)


def _questions_by_revision(
    connection: Connection, ticket_id: str
) -> Sequence[tuple[datetime, Mapping[str, RowQuestion]]]:
    """Return when each revision of a ticket was written and what it asks, by row, oldest first."""
    query = (
        select(_REVISIONS.c.created_at, _REVISIONS.c.open_questions, _REVISIONS.c.assumptions)
        .where(_REVISIONS.c.ticket_id == ticket_id)
        .order_by(_REVISIONS.c.number)
    )
    by_revision = []
    for created_at, questions, assumptions in connection.execute(query).tuples():
        of_rows: dict[str, RowQuestion] = {}
        for question in (*questions, *assumptions):
            of_rows |= row_questions_of(question)
        by_revision.append((created_at, of_rows))
    return by_revision


def _row_at(
    at: datetime,
    question_id: str,
    by_revision: Sequence[tuple[datetime, Mapping[str, RowQuestion]]],
) -> RowQuestion | None:
    """Return how a row was asked about at a moment, or else the first time after it."""
    row = None
    for created_at, of_rows in by_revision:
        if question_id in of_rows and (row is None or created_at <= at):
            row = of_rows[question_id]
    return row
