"""Open questions as a workbook to fill in, and reading back what people filled in.

A question has one line for all of its rows as long as they have the same answer and clients proposed
the same for them; else each row has a line. Whoever copies a line and leaves some names in *For rows*
answers these rows alone. Hidden columns have the ids of ticket and rows, and a hash of the answer at
the time of writing, so that reading knows what was changed, and by whom first.

Belongs here: the columns, which rows a line is about, reading it back. Does not: workbooks themselves
(`cells`), storing what was read (`answers`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.tickets import Ticket, canonical_hash, row_ids_of
from jira_pipeline.review.cells import (
    ColumnLook,
    FilledTable,
    unusable_file_error,
    workbook_content,
)
from jira_pipeline.review.offered_answers import Proposed, RowProposal, proposals_to
from jira_pipeline.review.questions import (
    ANSWER_MAX_CHARACTERS,
    AskedOnce,
    AskedQuestion,
    AskedRow,
    QuestionKey,
    answer_to,
    answers_everywhere,
    question_everywhere,
    questions_of,
)

_WORKBOOK_LOOK = {
    "ticket": ColumnLook(width=7),
    "title": ColumnLook(width=28),
    "for": ColumnLook(width=10),
    "question": ColumnLook(width=60),
    "for_rows": ColumnLook(width=28),
    "quote": ColumnLook(width=40),
    "suggested": ColumnLook(width=30),
    "choices": ColumnLook(width=30),
    "proposed": ColumnLook(width=40),
    "answer": ColumnLook(width=50),
    "also_in": ColumnLook(width=10),
    "file": ColumnLook(width=24),
    "line": ColumnLook(width=6),
    "row": ColumnLook(width=6),
    "column": ColumnLook(width=16),
} | dict.fromkeys(
    ("session", "ticket_id", "question_id", "answer_hash", "proposal_ids"),
    ColumnLook(width=12, is_hidden=True),
)
_NUMBER = re.compile(r"\d+")
_ID_START = "q"
"""Begins the id of a question in a file: spreadsheet programs take digits for a number."""
_NAMES_APART = "; "
"""Between the names of rows in *For rows*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionLine:
    """One line of the workbook: a question, for all of its rows or for one."""

    once: AskedOnce
    rows: tuple[AskedRow, ...]
    answer: str
    proposals: tuple[RowProposal, ...]


def questions_workbook(
    questions: Iterable[AskedOnce], proposed: Proposed = MappingProxyType({})
) -> bytes:
    """Return a workbook to fill in with each question once, for people who never saw the tickets.

    It shows what clients proposed, in the lines of the rows that it is for.
    """
    lines = (line for once in questions for line in _lines_of(once, proposed))
    return workbook_content("Questions", _WORKBOOK_LOOK, map(_cells_of, lines))


def _lines_of(once: AskedOnce, proposed: Proposed) -> Iterator[QuestionLine]:
    """Yield one line for a question, or one for each of its rows where these differ."""
    question = once.asked
    waiting = tuple(proposal for proposal in proposals_to(once, proposed) if proposal.is_new)
    answers = {row.answer for row in question.rows}
    if len(answers) == 1 and all(proposal.is_of_all for proposal in waiting):
        yield QuestionLine(
            once=once, rows=question.rows, answer=question.answer or "", proposals=waiting
        )
        return
    for row, key in zip(question.rows, question.keys_of_rows, strict=True):
        for_row = []
        for proposal in waiting:
            if any(key in shared.keys for shared in proposal.rows):
                for_row.append(proposal)
        yield QuestionLine(once=once, rows=(row,), answer=row.answer, proposals=tuple(for_row))


def _cells_of(line: QuestionLine) -> Mapping[str, object]:
    """Return the cells of a line by column; rows are named where the question has several."""
    question = line.once.asked
    names = [row.name for row in line.rows] if question.rows[1:] else []
    return {
        "ticket": question.ticket.number,
        "title": question.ticket.title,
        "also_in": line.once.also_in,
        "session": question.ticket.session_key,
        "ticket_id": question.ticket.ticket_id,
        "question_id": _ID_START + " ".join(row.row_id for row in line.rows),
        "answer_hash": _hash_of_answer(line.answer),
        "file": question.file,
        "line": question.line,
        "row": question.record or "",
        "column": question.column,
        "quote": question.quote,
        "for": "assumed" if question.is_assumed else question.audience,
        "question": question.as_shown,
        "for_rows": _NAMES_APART.join(names),
        "suggested": question.suggestion,
        "choices": " | ".join(question.choices),
        "proposed": "\n".join(
            f"{proposal.text} ({proposal.given_by})" for proposal in line.proposals
        ),
        "proposal_ids": " ".join(f"p{offered.proposal.answer_id}" for offered in line.proposals),
        "answer": line.answer,
    }


def shown_proposals(filled: FilledTable) -> frozenset[int]:
    """Return the ids of the clients' proposals that a file showed."""
    numbers: set[int] = set()
    for _, row in filled.rows:
        numbers.update(map(int, _NUMBER.findall(row.get("proposal_ids", ""))))
    return frozenset(numbers)


def read_answers(
    filled: FilledTable, *, session_key: str, tickets: Iterable[Ticket]
) -> Mapping[str, Mapping[str, str]]:
    """Return the edited answers of a filled-in file, by ticket id and question id.

    An answer is edited where it differs from the one when the file was written, and from the present
    one; in a file without that column, where it is filled in. A line that names further tickets
    answers the same question there.

    Raises:
        InputError: A column is missing, the file is of another session, a line names no ticket or an
            unknown row, an answer is too long, a question has two answers, or somebody else answered
            it since the file was written.
    """
    filled.refuse_without("ticket", "question_id", "answer")
    name = filled.name
    every_ticket = tuple(tickets)
    _refuse_other_session(
        [row for _, row in filled.rows], every_ticket, name=name, session_key=session_key
    )
    of_ticket = {ticket.ticket_id: questions_of(ticket) for ticket in every_ticket}
    by_row_id = _questions_by_row_id(of_ticket)
    # A file names a ticket by its id, and one that people made by its number.
    ticket_by_name = {str(ticket.number): ticket for ticket in every_ticket}
    ticket_by_name |= {ticket.ticket_id: ticket for ticket in every_ticket}

    answers: dict[str, dict[str, str]] = {}
    for line, row in filled.rows:
        answer = row["answer"].strip()
        ticket = ticket_by_name.get((row.get("ticket_id") or row["ticket"]).strip())
        if ticket is None:
            raise unusable_file_error(
                name, f"line {line}: there is no ticket {row['ticket'].strip()!r}"
            )
        row_ids = row["question_id"].strip().removeprefix(_ID_START).split() or [""]
        questions_named = [by_row_id.get((ticket.ticket_id, row_id)) for row_id in row_ids]
        question = next(filter(None, questions_named), None)
        if question is not None:
            # Rows that the question got since the file was written are not answered by it.
            line_rows = tuple(r for r in question.rows if r.row_id in row_ids) or question.rows
            line_rows = _rows_named(line_rows, row.get("for_rows", ""), file=name, line=line)
            answer_now = answer_to(line_rows, ticket.given_answers)
            question = replace(question, rows=line_rows, answer=answer_now)
        now = (question.answer if question else None) or ""
        if not _is_edited(answer, now=now, written=row.get("answer_hash")):
            continue
        given = answers.setdefault(ticket.ticket_id, {})
        by_row = question.with_answer(answer) if question else dict.fromkeys(row_ids, answer)
        other = next((given[row_id] for row_id in by_row if row_id in given), None)
        fault = _fault_of(answer, now=now, other=other, row=row)
        if fault:
            raise unusable_file_error(name, f"line {line}: {fault}")
        given |= by_row
        for ticket_id, also in _also_answered(row, question, answer, of_ticket).items():
            # The answer of a line about that ticket itself counts before this one.
            answers[ticket_id] = also | answers.get(ticket_id, {})
    return answers


def _questions_by_row_id(
    of_ticket: Mapping[str, Sequence[AskedQuestion]],
) -> Mapping[QuestionKey, AskedQuestion]:
    """Return questions by ticket id and the id of each row, also by the ids of version 1."""
    by_row_id: dict[QuestionKey, AskedQuestion] = {}
    for ticket_id, questions in of_ticket.items():
        for question in questions:
            # A file of version 1 names a question by its words, whatever its kind.
            ids_of_version_1 = row_ids_of(replace(question, kind=""))
            for row_id in (*ids_of_version_1, *(row.row_id for row in question.rows)):
                by_row_id[ticket_id, row_id] = question
    return by_row_id


def _rows_named(
    rows: tuple[AskedRow, ...], names: str, *, file: str, line: int
) -> tuple[AskedRow, ...]:
    """Return those of a line's rows that it names in *For rows*; all where it names none.

    Raises:
        InputError: It names something else.
    """
    wanted = {name.strip() for name in names.split(_NAMES_APART.strip())} - {""}
    by_name = {row.name: row for row in rows}
    unknown = sorted(wanted - by_name.keys())
    if unknown:
        listed = _NAMES_APART.join(by_name)
        raise unusable_file_error(
            file, f"line {line}: {', '.join(unknown)} is none of its rows ({listed})"
        )
    return tuple(row for row in rows if row.name in wanted) or rows


def is_filled_in(filled: FilledTable, *, session_key: str, tickets: Iterable[Ticket]) -> bool:
    """Tell whether a file has something that the store has not: answers, or anything unreadable.

    Such a file must not be overwritten.
    """
    every_ticket = tuple(tickets)
    try:
        given = read_answers(filled, session_key=session_key, tickets=every_ticket)
    except InputError:  # people changed it so that it cannot be read
        return True
    for _, row in filled.rows:
        others = [text for column, text in row.items() if column not in _WORKBOOK_LOOK]
        if any(text.strip() for text in others):
            return True
    stored = {ticket.ticket_id: ticket.given_answers for ticket in every_ticket}
    for ticket_id, answers in given.items():
        stored_answers = stored.get(ticket_id, {})
        for question_id, answer in answers.items():
            if answer != stored_answers.get(question_id, ""):
                return True
    return False


def _refuse_other_session(
    rows: Sequence[Mapping[str, str]], tickets: Sequence[Ticket], *, name: str, session_key: str
) -> None:
    """Refuse a file that was written for another session, by its column or else by its tickets.

    Raises:
        InputError: It names another session, or only tickets of another one.
    """
    other_keys = {row.get("session", "").strip() for row in rows} - {"", session_key}
    ids = {row.get("ticket_id", "").strip() for row in rows} - {""}
    has_own_tickets = not ids or not ids.isdisjoint(ticket.ticket_id for ticket in tickets)
    if not other_keys and has_own_tickets:
        return
    ways_out = [
        Action.of(
            ActionKind.SHOW_QUESTIONS,
            "Fill in the file written by {}.",
            session_key=session_key,
            xlsx="FILE",
        )
    ]
    whose = "another session"
    if other_keys:
        other_key = min(other_keys)
        whose = f"session {other_key}"
        read_in_other = Action.of(
            ActionKind.SHOW_QUESTIONS,
            "Or read it there: {}.",
            session_key=other_key,
            answers="FILE",
        )
        ways_out.append(read_in_other)
    raise InputError(
        f"{name} cannot be used: it was written for {whose}, not for {session_key}.",
        recovery_actions=tuple(ways_out),
    )


def _also_answered(
    row: Mapping[str, str],
    question: AskedQuestion | None,
    answer: str,
    of_ticket: Mapping[str, Sequence[AskedQuestion]],
) -> dict[str, dict[str, str]]:
    """Return the answers that a line gives in the further tickets it names, by ticket and row id.

    A line about some rows of its question answers the same rows there.
    """
    numbers = set(_NUMBER.findall(row.get("also_in", "")))
    if not numbers or question is None:
        return {}
    ticket_id = question.ticket.ticket_id
    others: list[AskedQuestion] = []
    for other_id, questions in of_ticket.items():
        if other_id != ticket_id and questions and str(questions[0].ticket.number) in numbers:
            others += questions
    (whole,) = [q for q in of_ticket[ticket_id] if q.place == question.place]
    if len(question.rows) == len(whole.rows):
        return answers_everywhere(question, answer, others)
    answered = {(ticket_id, row_id) for row_id in question.with_answer(answer)}
    also: dict[str, dict[str, str]] = {}
    for shared in question_everywhere(whole, [whole, *others]).shared_rows:
        if answered.isdisjoint(shared.keys):
            continue
        for other_id, row_id in shared.keys:
            if other_id != ticket_id:
                also.setdefault(other_id, {})[row_id] = answer
    return also


def _is_edited(answer: str, *, now: str, written: str | None) -> bool:
    """Tell whether somebody filled in, changed or emptied the answer of a line.

    `written` is the hash of the answer when the file was written; None where the file has no such
    column.
    """
    if written is None:
        return bool(answer)
    return _hash_of_answer(answer) not in {written.strip(), _hash_of_answer(now)}


def _fault_of(answer: str, *, now: str, other: str | None, row: Mapping[str, str]) -> str:
    """Return why an answer cannot be stored; empty where it can.

    `now` is the answer in the store, `other` one that an earlier line gave the same question.
    """
    if len(answer) > ANSWER_MAX_CHARACTERS:
        return f"the answer has more than {ANSWER_MAX_CHARACTERS:,} characters"
    if other is not None and other != answer:
        return "the same question has a different answer above"
    hash_now = _hash_of_answer(now)
    if row.get("answer_hash", hash_now).strip() != hash_now:
        return f"someone else has answered it since the file was written: {now!r}"
    return ""


def _hash_of_answer(answer: str) -> str:
    """Return a short hash of an answer, the same for all kinds of line ends; empty for no answer."""
    text = "\n".join(answer.strip().splitlines())
    return f"a{canonical_hash(text)[:12]}" if text else ""
