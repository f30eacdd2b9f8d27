"""Names the questions of a store of version 1 by kind and rows: until then their words named them.

Belongs here: telling the kind by the words of then (`questions_of_version_1.toml`), the rows by
their names. Does not: what names a question now (`model/tickets.row_ids_of`).
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, column, delete, insert, select, table, update

from jira_pipeline.model.open_questions import MODEL
from jira_pipeline.model.tickets import row_ids_from
from jira_pipeline.model.toml_tables import toml_tables

_REVISIONS = table("revisions", *map(column, ("ticket_id", "number", "open_questions")))
_ROWS = table("ticket_rows", column("ticket_id"), column("rows"))
_BESIDE = ("ticket_id", "session_key", "question", "answer", "answered_by", "answered_at")
_ANSWERS = table("answers", column("question_id"), *map(column, _BESIDE))
_PROPOSED = table("proposed_answers", *map(column, ("answer_id", "ticket_id", "question_id")))
_Stored = Mapping[str, Any]


def name_questions_by_kind(connection: Connection) -> None:
    """Name questions, and answers and proposals with those of the current revision.

    What cannot be told, or several of one revision would share, keeps its name of then, as does what
    only earlier revisions ask and somebody answered: it is answered again where such a one comes back.
    """
    groups = {key: json.loads(rows) for key, rows in connection.execute(select(_ROWS)).tuples()}
    answers = connection.execute(select(_ANSWERS)).mappings().all()
    proposed = connection.execute(select(_PROPOSED)).tuples().all()
    used = {(one["ticket_id"], one["question_id"]) for one in answers}
    used |= {(ticket_id, question_id) for _, ticket_id, question_id in proposed}
    ids: dict[tuple[str, str], Sequence[str]] = {}
    current: dict[str, int] = {}
    renamed = []
    newest_first = select(_REVISIONS).order_by(_REVISIONS.c.number.desc())
    for ticket_id, number, text in connection.execute(newest_first).tuples():
        is_current = current.setdefault(ticket_id, number) == number
        group = groups.get(ticket_id, {"heads": (), "members": ()})
        questions = json.loads(text)
        named = [_named(one, (*group["heads"], *group["members"])) for one in questions]
        times = Counter(row_id for one in named for row_id in _ids_of(one))
        for place, one in enumerate(named):
            before, row_ids = (ticket_id, *_ids_of(questions[place])), _ids_of(one)
            is_free = is_current or before not in used or ids.get(before) == row_ids
            if is_free and all(times[row_id] == 1 for row_id in row_ids):
                questions[place] = one
                ids |= {before: row_ids} if is_current else {}
        renamed.append({"t": ticket_id, "n": number, "q": json.dumps(questions)})
    is_it = (_REVISIONS.c.ticket_id == bindparam("t")) & (_REVISIONS.c.number == bindparam("n"))
    _execute(
        connection, update(_REVISIONS).where(is_it).values(open_questions=bindparam("q")), renamed
    )
    moved = [one for one in answers if (one["ticket_id"], one["question_id"]) in ids]
    is_it = (_ANSWERS.c.ticket_id == bindparam("t")) & (_ANSWERS.c.question_id == bindparam("q"))
    gone = [{"t": one["ticket_id"], "q": one["question_id"]} for one in moved]
    _execute(connection, delete(_ANSWERS).where(is_it), gone)
    rows = [
        {**one, "question_id": i}
        for one in moved
        for i in ids[one["ticket_id"], one["question_id"]]
    ]
    _execute(connection, insert(_ANSWERS), rows)
    is_it = _PROPOSED.c.answer_id == bindparam("a")
    rows = [{"a": key, "q": " ".join(ids[t, q])} for key, t, q in proposed if (t, q) in ids]
    _execute(connection, update(_PROPOSED).where(is_it).values(question_id=bindparam("q")), rows)


def _execute(connection: Connection, statement: Any, rows: Sequence[_Stored]) -> None:
    if rows:
        connection.execute(statement, rows)


def _ids_of(question: _Stored) -> tuple[str, ...]:
    asks = (question["file"], question["column"], question["quote"], question["question"])
    kind, keys = question.get("kind", ""), question.get("keys", ())
    return row_ids_from(kind, keys, question["column"], asks)


def _named(question: _Stored, entities: Collection[_Stored]) -> _Stored:
    """Return a question with its kind and the keys of its rows; as it is where they cannot be told."""
    kind, about = MODEL, question["question"]
    if not question.get("proposed_by"):
        kind, about = _kind_of(question["question"])
    keys = [_key_of(subject, question, entities) for subject in question["subjects"]]
    if not (kind and keys and all(keys)):
        return question
    marked = [f"{key} “{about}”" if about else key for key in keys]
    return {**question, "kind": kind, "keys": list(dict.fromkeys(marked))}


def _key_of(subject: str, question: _Stored, entities: Collection[_Stored]) -> str:
    """Return the key of the one row that has a name; empty where several have it, or none."""
    keys = set()
    for row in entities:
        names = {row["machine_name"], row["label"], row["label"].rpartition(" (")[0]}
        source = row["source"]
        if source["file"] == question["file"] and subject in names | {row["cells"].get("Name")}:
            if source["line"] == question["line"]:
                return str(row["key"])
            keys.add(row["key"])
    return keys.pop() if len(keys) == 1 else ""


def _kind_of(words: str) -> tuple[str, str]:
    """Tell a kind by the words it was asked in, and what in its cell it is about."""
    for kind, pattern in _patterns():
        if match := pattern.fullmatch(words):
            return kind, match.groupdict().get("each", "")
    return "", ""


@cache
def _patterns() -> Sequence[tuple[str, re.Pattern[str]]]:
    """Return what the words of each kind look like, those first that say most of it."""
    found = []
    for kind, form in toml_tables(__package__, "questions_of_version_1.toml").items():
        for words in form["words"]:
            parts = re.split(r"{(\w+)}", words)
            places = [
                "(?P<each>.*?)" if name == form.get("each") else ".*?" for name in parts[1::2]
            ]
            texts = [re.escape(part) for part in parts[::2]]
            written = "".join(
                f"{text}{place}" for text, place in zip(texts, [*places, ""], strict=True)
            )
            found.append(
                (-len("".join(texts)), kind, re.compile(written, re.DOTALL | re.IGNORECASE))
            )
    return [(kind, pattern) for _, kind, pattern in sorted(found, key=lambda one: one[:2])]
