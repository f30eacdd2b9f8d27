"""Open questions as a workbook to fill in, and what people filled in.

Belongs here: its columns, which rows of a question a line is about, reading it back. Does not:
workbooks themselves (`cells`), keeping what was read (`answers`).

A question has one line for all of its rows as long as they have the same answer and clients proposed
the same for them; else each row has a line. Whoever copies a line and leaves some names in *For rows*
answers these rows alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.tickets import Ticket, canonical_hash, row_ids_of
from jira_pipeline.review.cells import ColumnLook, FilledTable, unusable, workbook_content
from jira_pipeline.review.offered_answers import Proposed, RowProposal, proposals_to
from jira_pipeline.review.questions import (
    ANSWER_MAX_CHARACTERS,
    AskedOnce,
    AskedQuestion,
    AskedRow,
    answer_to,
    answered_alike,
    once_of,
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
"""Before the id of a question in a file: spreadsheet programs take digits for a number."""
_NAMES_APART = "; "


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
    """Write questions as a workbook to fill in, each once, for people who never saw the tickets.

    What clients proposed stands beside the rows that it is for.
    """
    lines = (line for once in questions for line in _lines_of(once, proposed))
    return workbook_content("Questions", _WORKBOOK_LOOK, map(_cells_of, lines))


def _lines_of(once: AskedOnce, proposed: Proposed) -> Iterator[QuestionLine]:
    """Return one line for a question, or one for each of its rows where these differ."""
    question = once.asked
    waiting = tuple(proposal for proposal in proposals_to(once, proposed) if proposal.is_new)
    answers = {row.given.answer if row.given else "" for row in question.rows}
    if len(answers) == 1 and all(proposal.is_of_all for proposal in waiting):
        yield QuestionLine(
            once=once, rows=question.rows, answer=question.answer or "", proposals=waiting
        )
        return
    for row in question.rows:
        key = (question.ticket.ticket_id, row.row_id)
        yield QuestionLine(
            once=once,
            rows=(row,),
            answer=row.given.answer if row.given else "",
            proposals=tuple(
                proposal
                for proposal in waiting
                if any(key in shared.keys for shared in proposal.rows)
            ),
        )


def _cells_of(line: QuestionLine) -> Mapping[str, object]:
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
    """Return the numbers of what clients proposed, as far as the file showed it."""
    return frozenset(
        int(number)
        for _, row in filled.rows
        for number in _NUMBER.findall(row.get("proposal_ids", ""))
    )


def read_answers(
    filled: FilledTable, *, session_key: str, tickets: Iterable[Ticket]
) -> Mapping[str, Mapping[str, str]]:
    """Return the answers of a filled-in file by ticket id and question id, but for untouched rows.

    Touched is what differs from the answer there was when the file was written; in a file that
    does not tell it, what is filled in. A row that names further tickets answers theirs alike.

    Raises:
        InputError: It has not the columns, is of another session, names no ticket, an answer is too
            long, a question is there with two answers, or somebody else answered it since.
    """
    filled.refuse_without("ticket", "question_id", "answer")
    name = filled.name
    rows = filled.rows
    every_ticket = tuple(tickets)
    _refuse_other_session(
        [row for _, row in rows], every_ticket, name=name, session_key=session_key
    )
    of_ticket = {ticket.ticket_id: questions_of(ticket) for ticket in every_ticket}
    by_name = {str(t.number): t for t in every_ticket} | {t.ticket_id: t for t in every_ticket}
    by_id = {
        (ticket_id, row_id): one
        for ticket_id, questions in of_ticket.items()
        for one in questions
        # A file of version 1 names it by its words.
        for row_id in (*row_ids_of(replace(one, kind="")), *(row.row_id for row in one.rows))
    }
    answers: dict[str, dict[str, str]] = {}
    for line, row in rows:
        answer = row["answer"].strip()
        ticket = by_name.get((row.get("ticket_id") or row["ticket"]).strip())
        if ticket is None:
            raise unusable(name, f"line {line}: there is no ticket {row['ticket'].strip()!r}")
        ids = row["question_id"].strip().removeprefix(_ID_START).split() or [""]
        named_here = (by_id.get((ticket.ticket_id, row_id)) for row_id in ids)
        question = next(filter(None, named_here), None)
        if question is not None:  # a row it got since the file was written waits for its own answer
            named = tuple(one for one in question.rows if one.row_id in ids) or question.rows
            named = _rows_named(named, row.get("for_rows", ""), file=name, line=line)
            question = replace(question, rows=named, answer=answer_to(named, ticket.given_answers))
        now = (question.answer if question else None) or ""
        if _is_edited(answer, now=now, written=row.get("answer_hash")):
            given = answers.setdefault(ticket.ticket_id, {})
            each = question.with_answer(answer) if question else dict.fromkeys(ids, answer)
            other = next((given[key] for key in each if key in given), None)
            fault = _fault_of(answer, now=now, other=other, row=row)
            if fault:
                raise unusable(name, f"line {line}: {fault}")
            given |= each
            for ticket_id, same in _also_answered(row, question, answer, of_ticket).items():
                answers[ticket_id] = same | answers.get(ticket_id, {})
    return answers


def _rows_named(
    rows: tuple[AskedRow, ...], names: str, *, file: str, line: int
) -> tuple[AskedRow, ...]:
    """Return the rows that a line names, all of its own where it names none.

    Raises:
        InputError: It names something that is none of its rows.
    """
    wanted = {name.strip() for name in names.split(_NAMES_APART.strip()) if name.strip()}
    by_name = {row.name: row for row in rows}
    if unknown := sorted(wanted - by_name.keys()):
        listed = _NAMES_APART.join(by_name)
        raise unusable(file, f"line {line}: {', '.join(unknown)} is none of its rows ({listed})")
    return tuple(row for row in rows if row.name in wanted) or rows


def is_filled_in(filled: FilledTable, *, session_key: str, tickets: Iterable[Ticket]) -> bool:
    """Tell whether a file holds what is kept nowhere else: answers, or anything unreadable."""
    every_ticket = tuple(tickets)
    stored = {
        (ticket.ticket_id, question_id): answer
        for ticket in every_ticket
        for question_id, answer in ticket.given_answers.items()
    }
    try:
        given = read_answers(filled, session_key=session_key, tickets=every_ticket)
    except InputError:  # it cannot be read as answers: then it is not what was written
        return True
    has_other_columns = any(
        value.strip()
        for _, row in filled.rows
        for name, value in row.items()
        if name not in _WORKBOOK_LOOK
    )
    return has_other_columns or any(
        answer != stored.get((ticket_id, question_id), "")
        for ticket_id, answers in given.items()
        for question_id, answer in answers.items()
    )


def _refuse_other_session(
    rows: Sequence[Mapping[str, str]], tickets: Sequence[Ticket], *, name: str, session_key: str
) -> None:
    """Stop where a file was written for another session; an older one is recognised by its tickets."""
    named = {row.get("session", "").strip() for row in rows} - {"", session_key}
    ids = {row.get("ticket_id", "").strip() for row in rows} - {""}
    if not named and (not ids or ids & {ticket.ticket_id for ticket in tickets}):
        return
    other = min(named, default="")
    there = Action.of(
        ActionKind.SHOW_QUESTIONS, "Or read it there: {}.", session_key=other, answers="FILE"
    )
    raise InputError(
        f"{name} cannot be used: it was written for "
        f"{f'session {other}' if other else 'another session'}, not for {session_key}.",
        recovery_actions=(
            Action.of(
                ActionKind.SHOW_QUESTIONS,
                "Fill in the file written by {}.",
                session_key=session_key,
                xlsx="FILE",
            ),
            *([there] if other else []),
        ),
    )


def _also_answered(
    row: Mapping[str, str],
    asked: AskedQuestion | None,
    answer: str,
    of_ticket: Mapping[str, Sequence[AskedQuestion]],
) -> dict[str, dict[str, str]]:
    """Answer the question of a line in the further tickets it names, by ticket id.

    A line that is about some of its rows answers the same rows there.
    """
    named = set(_NUMBER.findall(row.get("also_in", "")))
    if not named or asked is None:
        return {}
    own_id = asked.ticket.ticket_id
    others = [
        question
        for questions in of_ticket.values()
        for question in questions
        if str(question.ticket.number) in named and question.ticket.ticket_id != own_id
    ]
    (whole,) = [question for question in of_ticket[own_id] if question.place == asked.place]
    if len(asked.rows) == len(whole.rows):
        return answered_alike(asked, answer, others)
    answered = {(own_id, row_id) for row_id in asked.with_answer(answer)}
    also: dict[str, dict[str, str]] = {}
    for shared in once_of(whole, [whole, *others]).shared_rows:
        if not answered.isdisjoint(shared.keys):
            for ticket_id, row_id in shared.keys:
                also.setdefault(ticket_id, {})[row_id] = answer
    return {ticket_id: answers for ticket_id, answers in also.items() if ticket_id != own_id}


def _is_edited(answer: str, *, now: str, written: str | None) -> bool:
    """Tell whether somebody filled in, changed or emptied the answer of a row."""
    if written is None:
        return bool(answer)
    return _hash_of_answer(answer) not in {written.strip(), _hash_of_answer(now)}


def _fault_of(answer: str, *, now: str, other: str | None, row: Mapping[str, str]) -> str:
    """Say why an answer cannot be kept; empty where it can."""
    is_too_long = len(answer) > ANSWER_MAX_CHARACTERS
    is_answered = row.get("answer_hash", _hash_of_answer(now)).strip() != _hash_of_answer(now)
    faults = (
        (is_too_long, f"the answer has more than {ANSWER_MAX_CHARACTERS:,} characters"),
        (other not in {None, answer}, "the same question has a different answer above"),
        (is_answered, f"somebody else has answered it since the file was written: {now!r}"),
    )
    return next((fault for is_so, fault in faults if is_so), "")


def _hash_of_answer(answer: str) -> str:
    """Name an answer, whatever ends its lines; empty where there is none."""
    text = "\n".join(answer.strip().splitlines())
    return f"a{canonical_hash(text)[:12]}" if text else ""
