"""The questions part: open questions as a numbered list with the cells that raise them.

Belongs here: citation, quote and markup. Does not: finding the questions
(`domain/questions/open_questions`).
"""

from collections.abc import Iterable, Sequence

from jira_pipeline.domain.questions.open_questions import OpenQuestion
from jira_pipeline.domain.questions.row_questions import HELP_TEXT, PROSE_COLUMNS
from jira_pipeline.writers.fragments import numbered_list, quoted, text, with_code
from jira_pipeline.writers.group_facts import GroupFacts, literal

_LINES_MAX = 8
_PROSE = frozenset({*PROSE_COLUMNS, HELP_TEXT, "URL alias pattern", "Image Style Group(s)"})
"""Columns worth quoting; what shorter cells hold, such as `y`, is in the question itself."""


def questions_part(facts: GroupFacts, questions: Sequence[OpenQuestion]) -> str:
    """Return the questions as an ordered list, empty when nothing is open."""
    lines: dict[tuple[str, str], list[int]] = {}
    for row in facts.own_rows:
        lines.setdefault((row.source.file, literal(row)), []).append(row.source.line)
    return numbered_list(_item(question, lines) for question in questions)


def proposed_item(question: OpenQuestion) -> str:
    """Return a question that a model proposed as an item, marked as such."""
    place = f"{question.file}:{question.line}"
    source = _source(question) if question.quote else ""
    asked = with_code(question.question)
    return f"<strong>{text(place)} (proposed)</strong> {source}{asked}{_likely(question)}"


def _item(question: OpenQuestion, lines: dict[tuple[str, str], list[int]]) -> str:
    place = f"{question.file}:{_line_numbers(question, lines)}"
    source = _source(question) if is_quote_needed(question) else ""
    asked = with_code(question.question)
    return f"<strong>{text(place)}</strong> {source}{asked}{_likely(question)}"


def _source(question: OpenQuestion) -> str:
    """Quote what raises a question, with a stop before what is asked."""
    words = quoted(question.quote)
    stop = "" if words[-2] in "?!" else "."
    return f"{text(question.column)}: {words}{stop} "


def _likely(question: OpenQuestion) -> str:
    answer = question.suggested_answer.rstrip(". ")
    if not answer or f": {answer}." in question.question:
        return ""
    return f" Suggested unless you object: {text(answer)} ({text(question.suggested_because)})."


def is_quote_needed(question: OpenQuestion) -> bool:
    """Tell whether a question says too little without the words that raise it."""
    return question.column in _PROSE and question.quote not in question.question


def _line_numbers(question: OpenQuestion, lines: dict[tuple[str, str], list[int]]) -> str:
    found = [question.line]
    if len(question.subjects) > 1:
        found += _lines_of(question.subjects, question.file, lines)
    numbers = sorted(dict.fromkeys(found))
    shown = ", ".join(str(line) for line in numbers[:_LINES_MAX])
    return f"{shown} …" if len(numbers) > _LINES_MAX else shown


def _lines_of(
    subjects: Iterable[str], file: str, lines: dict[tuple[str, str], list[int]]
) -> list[int]:
    return [line for subject in subjects for line in lines.get((file, subject), ())[:1]]
