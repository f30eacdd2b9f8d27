"""Open questions as a list people answer, in a terminal or in a spreadsheet.

Belongs here: the list, the CSV file to fill in, and reading it back. Does not: finding questions
(`domain/questions`), keeping answers (`store/reviews`).
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jira_pipeline.domain.tickets import Ticket, question_id_of
from jira_pipeline.errors import InputError

CSV_COLUMNS = (
    *("ticket", "title", "question_id", "file", "line", "column", "quote", "question", "answer"),
)
ANSWER_MAX_CHARACTERS = 5_000
CSV_MAX_BYTES = 5_000_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """One question of a ticket with what was answered."""

    ticket: Ticket
    position: int
    """From 1 within its ticket."""
    question_id: str
    file: str
    line: int
    column: str
    quote: str
    question: str
    answer: str | None


def asked_questions(tickets: Iterable[Ticket]) -> tuple[AskedQuestion, ...]:
    """List the questions of tickets, those of a ticket in their order."""
    return tuple(
        AskedQuestion(
            ticket=ticket,
            position=position,
            question_id=question_id_of(asked),
            file=asked.file,
            line=asked.line,
            column=asked.column,
            quote=asked.quote,
            question=asked.question,
            answer=next(
                (a.answer for a in ticket.answers if a.question_id == question_id_of(asked)), None
            ),
        )
        for ticket in tickets
        for position, asked in enumerate(ticket.revision.questions, start=1)
    )


def questions_csv(questions: Iterable[AskedQuestion]) -> str:
    """Write questions as CSV to fill in: UTF-8 with a mark, so that spreadsheet programs know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for asked in questions:
        writer.writerow(
            [
                asked.ticket.number,
                _as_cell(asked.ticket.title),
                asked.question_id,
                _as_cell(asked.file),
                asked.line,
                _as_cell(asked.column),
                _as_cell(asked.quote),
                _as_cell(asked.question),
                _as_cell(asked.answer or ""),
            ]
        )
    return f"\ufeff{text.getvalue()}"


def read_answers(
    content: bytes, *, name: str, tickets: Iterable[Ticket]
) -> Mapping[str, Mapping[str, str]]:
    """Read a filled-in CSV into answers by ticket id and question id; unanswered rows are left out.

    Raises:
        InputError: It is too large, no such CSV, names no ticket, or an answer is too long.
    """
    if len(content) > CSV_MAX_BYTES:
        raise _refused(name, f"it has {len(content):,} bytes; {CSV_MAX_BYTES:,} are allowed")
    rows = _rows_of(content, name=name)
    by_number = {ticket.number: ticket for ticket in tickets}
    answers: dict[str, dict[str, str]] = {}
    for line, row in rows:
        answer = (row["answer"] or "").strip()
        if len(answer) > ANSWER_MAX_CHARACTERS:
            limit = f"{ANSWER_MAX_CHARACTERS:,}"
            raise _refused(name, f"line {line}: the answer has more than {limit} characters")
        number = (row["ticket"] or "").strip()
        if not number.isdecimal() or int(number) not in by_number:
            raise _refused(name, f"line {line}: there is no ticket {number!r}")
        ticket = by_number[int(number)]
        question_id = (row["question_id"] or "").strip()
        known = {given.question_id for given in ticket.answers}
        if answer or question_id in known:
            answers.setdefault(ticket.ticket_id, {})[question_id] = _from_cell(answer)
    return answers


def _rows_of(content: bytes, *, name: str) -> list[tuple[int, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(name, "it is not UTF-8; save it as “CSV UTF-8”") from error
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    missing = [c for c in ("ticket", "question_id", "answer") if c not in (reader.fieldnames or ())]
    if missing:
        raise _refused(name, f"it has no column {', '.join(missing)}")
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise _refused(name, f"line {reader.line_num}: {error}") from error


def _refused(name: str, fault: str) -> InputError:
    return InputError(
        f"{name} cannot be read: {fault}.",
        recovery_actions=("Write the file anew with `questions KEY --csv FILE` and fill it in.",),
    )


def _as_cell(text: str) -> str:
    """Keep a spreadsheet program from taking text for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _from_cell(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS) else text
