"""Open questions as a list people answer, in a terminal or in a spreadsheet.

Belongs here: the list, the columns of the CSV file to fill in. Does not: finding questions
(`domain/questions`), keeping answers (`store/reviews`), CSV itself (`cells`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jira_pipeline.domain.tickets import Ticket, question_id_of
from jira_pipeline.stages.review.cells import csv_rows, csv_text, unusable

CSV_COLUMNS = (
    *("ticket", "title", "question_id", "file", "line", "column", "quote", "question", "answer"),
)
ANSWER_MAX_CHARACTERS = 5_000


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
    """Write questions as CSV to fill in."""
    return csv_text(
        CSV_COLUMNS,
        (
            {
                "ticket": asked.ticket.number,
                "title": asked.ticket.title,
                "question_id": asked.question_id,
                "file": asked.file,
                "line": asked.line,
                "column": asked.column,
                "quote": asked.quote,
                "question": asked.question,
                "answer": asked.answer or "",
            }
            for asked in questions
        ),
    )


def read_answers(
    content: bytes, *, name: str, tickets: Iterable[Ticket]
) -> Mapping[str, Mapping[str, str]]:
    """Read a filled-in CSV into answers by ticket id and question id; unanswered rows are left out.

    Raises:
        InputError: It is too large, no such CSV, names no ticket, or an answer is too long.
    """
    rows = csv_rows(content, name=name, needed=("ticket", "question_id", "answer"))
    by_number = {str(ticket.number): ticket for ticket in tickets}
    answers: dict[str, dict[str, str]] = {}
    for line, row in rows:
        answer = row["answer"].strip()
        if len(answer) > ANSWER_MAX_CHARACTERS:
            limit = f"{ANSWER_MAX_CHARACTERS:,}"
            raise unusable(name, f"line {line}: the answer has more than {limit} characters")
        number = row["ticket"].strip()
        if number not in by_number:
            raise unusable(name, f"line {line}: there is no ticket {number!r}")
        ticket = by_number[number]
        question_id = row["question_id"].strip()
        if answer or question_id in {given.question_id for given in ticket.answers}:
            answers.setdefault(ticket.ticket_id, {})[question_id] = answer
    return answers
