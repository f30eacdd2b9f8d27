"""The questions part: open questions as a numbered list with the cells that raise them.

Belongs here: citation, quote and markup. Does not: finding the questions
(`sources/questions/found_questions`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.model.columns import NOTE_COLUMNS, PROSE_COLUMNS
from jira_pipeline.model.entities import RowSource
from jira_pipeline.model.line_numbers import Placed, citation_html, places_cited
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.writing.fragments import numbered_list, quoted, text, with_code
from jira_pipeline.writing.group_facts import GroupFacts, literal

_LINES_MAX = 8
_PROSE = frozenset({*PROSE_COLUMNS, *NOTE_COLUMNS, "URL alias pattern", "Image Style Group(s)"})
"""Columns worth quoting; what shorter cells hold, such as `y`, is in the question itself."""


def questions_part(facts: GroupFacts, questions: Sequence[OpenQuestion]) -> str:
    """Return the questions as an ordered list, empty when nothing is open."""
    return numbered_list(question_items(facts, questions))


def question_items(facts: GroupFacts, questions: Sequence[OpenQuestion]) -> Iterator[str]:
    """Yield each question as an item of that list."""
    first: dict[tuple[str, str], RowSource] = {}
    for row in facts.own_rows:
        first.setdefault((row.source.file, literal(row)), row.source)
    yield from (_item(question, first) for question in questions)


def proposed_item(question: OpenQuestion) -> str:
    """Return a question that a model proposed as an item, marked as such."""
    source = _source(question) if question.quote else ""
    place = citation_html(places_cited([question]), is_strong=True)
    asked = with_code(question.question)
    return f"{place} <strong>(proposed)</strong> {source}{asked}{_likely(question)}"


def _item(question: OpenQuestion, first: Mapping[tuple[str, str], RowSource]) -> str:
    place = citation_html(_place_of(question, first), is_strong=True)
    source = _source(question) if is_quote_needed(question) else ""
    asked = with_code(question.question)
    compared = places_cited(question.compared)
    beside = f" {citation_html(f'(compare {compared})')}" if compared else ""
    return f"{place} {source}{asked}{_likely(question)}{beside}"


def _source(question: OpenQuestion) -> str:
    """Quote what raises a question, with a stop before what is asked."""
    words = quoted(question.quote)
    stop = "" if words[-2] in "?!" else "."
    return f"{text(question.column)}: {words}{stop} "


def _likely(question: OpenQuestion) -> str:
    answer = question.suggested_answer.rstrip(". ")
    if not answer or f": {answer}." in question.question:
        return ""
    return f" Suggested unless you object: {with_code(answer)} ({with_code(question.suggested_because)})."


def is_quote_needed(question: OpenQuestion) -> bool:
    """Tell whether a question says too little without the words that raise it."""
    return question.column in _PROSE and question.quote not in question.question


def _place_of(question: OpenQuestion, first: Mapping[tuple[str, str], RowSource]) -> str:
    """Cite the row of a question, or those of all its subjects, each where it is first."""
    found: list[Placed] = [question]
    if len(question.subjects) > 1:
        named = ((question.file, subject) for subject in question.subjects)
        found += [first[name] for name in named if name in first]
    by_line = {one.line: one for one in found}
    lines = sorted(by_line)
    cited = places_cited([by_line[line] for line in lines[:_LINES_MAX]])
    return f"{cited} …" if len(lines) > _LINES_MAX else cited
