"""Names the questions of a store of version 1 by kind and rows: until then their words named them.

Belongs here: telling the kind by the words of then (`questions_of_version_1.toml`), the rows by
their names. Does not: what names a question now (`model/tickets.row_ids_of`), what becomes of
answers where a kind is renamed (`generations`).
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from sqlalchemy import Connection, column, delete, func, insert, select, table, update

from jira_pipeline.model.open_questions import MODEL, OpenQuestion
from jira_pipeline.model.tickets import row_ids_of
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.store.mapping import JsonText

_Stored: TypeAlias = Mapping[str, Any]
_QUESTIONS = column("open_questions", JsonText(tuple[OpenQuestion, ...]))
_REVISIONS = table("revisions", column("ticket_id"), column("number"), _QUESTIONS)
_ROWS = table("ticket_rows", column("ticket_id"), column("rows"))
_PROPOSED = table("proposed_answers", *map(column, ("ticket_id", "question_id")))
_COLUMNS = ("session_key", "question", "answer", "answered_by", "answered_at")
_ANSWERS = table("answers", *map(column, ("ticket_id", "question_id", *_COLUMNS)))


def name_questions_by_kind(connection: Connection) -> None:
    """Name questions by kind and rows, and with those of current revisions what people said to them.

    What cannot be told, or two of one revision would share, keeps the name by its words. So does
    what only an earlier revision asks and somebody answered.
    """
    rows_of = {
        ticket_id: (*group["heads"], *group["members"])
        for ticket_id, text in connection.execute(select(_ROWS)).tuples()
        for group in [json.loads(text)]
    }
    ids: dict[tuple[str, str], Sequence[str]] = {}
    answered = {
        (one.ticket_id, one.question_id)
        for table in (_ANSWERS, _PROPOSED)
        for one in connection.execute(select(table)).all()
    }
    seen = set()
    newest_first = select(_REVISIONS).order_by(_REVISIONS.c.number.desc())
    for ticket_id, number, stored in connection.execute(newest_first).tuples().all():
        questions = [*stored]
        named = [_named(one, rows_of.get(ticket_id, ())) for one in stored]
        times = Counter(row_id for one in named for row_id in row_ids_of(one))
        for place, one in enumerate(named):
            before, row_ids = (ticket_id, row_ids_of(questions[place])[0]), row_ids_of(one)
            is_free = ticket_id not in seen or before not in answered or before in ids
            if is_free and all(times[row_id] == 1 for row_id in row_ids):
                questions[place] = one
                ids.setdefault(before, row_ids)
        seen.add(ticket_id)
        is_it = (_REVISIONS.c.ticket_id == ticket_id) & (_REVISIONS.c.number == number)
        renamed = {"open_questions": tuple(questions)}
        connection.execute(update(_REVISIONS).where(is_it).values(renamed))
    rename_answered(connection, {one: ids[one] for one in answered & ids.keys()})


def rename_answered(
    connection: Connection,
    ids: Mapping[tuple[str, str], Sequence[str]],
    *,
    staying: Collection[tuple[str, str]] = (),
) -> None:
    """Name what people said to a question, by ticket and id, by all of the ids that it has since.

    Proposals may meet at one question, answers not: those that would are named as `staying`.
    """
    for (ticket_id, before), row_ids in ids.items():
        renamed = func.replace(_PROPOSED.c.question_id, before, " ".join(row_ids))
        of_ticket = _PROPOSED.c.ticket_id == ticket_id
        connection.execute(update(_PROPOSED).where(of_ticket).values(question_id=renamed))
        is_it = (_ANSWERS.c.ticket_id == ticket_id) & (_ANSWERS.c.question_id == before)
        given = connection.execute(select(_ANSWERS).where(is_it)).mappings().all()
        for one in given if (ticket_id, before) not in staying else ():
            connection.execute(delete(_ANSWERS).where(is_it))
            rows = [{**one, "question_id": row_id} for row_id in row_ids]
            connection.execute(insert(_ANSWERS), rows)


def _named(question: OpenQuestion, rows: Collection[_Stored]) -> OpenQuestion:
    """Return a question with its kind and the keys of its rows; as it is where they cannot be told."""
    kind, about = MODEL, question.question
    if not question.proposed_by:
        kind, about = _kind_of(question.question)
    keys = [_key_of(subject, question, rows) for subject in question.subjects]
    if not (kind and keys and all(keys)):
        return question
    marked = [f"{key} “{about}”" if about else key for key in keys]
    return replace(question, kind=kind, keys=tuple(dict.fromkeys(marked)))


def _kind_of(words: str) -> tuple[str, str]:
    """Tell a kind by the words it was asked in, and what in its cell it is about."""
    for kind, pattern in toml_tables(__package__, "questions_of_version_1.toml")["words"]:
        if match := re.fullmatch(pattern, words, re.DOTALL | re.IGNORECASE):
            return kind, match.groupdict().get("each", "")
    return "", ""


def _key_of(subject: str, question: OpenQuestion, rows: Collection[_Stored]) -> str:
    """Return the key of the one row that has a name; empty where several have it, or none."""
    names = ((row["machine_name"], row["label"], row["cells"].get("Name")) for row in rows)
    called = [
        row
        for row, named in zip(rows, names, strict=True)
        if row["source"]["file"] == question.file
        and subject in {*named, row["label"].rpartition(" (")[0]}
    ]
    raising = [row for row in called if row["source"]["line"] == question.line]
    keys = {str(row["key"]) for row in raising or called}
    return keys.pop() if len(keys) == 1 else ""
