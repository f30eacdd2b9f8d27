"""Answers that count for all views of a site: what they are to, and the cells of forms they fill.

Belongs here: their questions, each with a sensible answer; which open cells one fills, and what with.
Does not: keeping them (`store/reviews`), asking for them (`review/forms`).

They are kept once for a session and found again in its texts: a cell that has an answer of its own,
or of which the rows say anything, is left alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from jira_pipeline.model.forms_in_text import OPEN, PATH, WrittenCell, form_rows_in
from jira_pipeline.model.tickets import Answer

SITE = "site"
"""What their places begin with, as those of others with the number of a ticket."""
_ADMIN = "under /admin"
_BLOCKS = "in blocks"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteQuestion:
    """What is asked once for all views: one column, in the displays of one kind of place."""

    column: str
    where: str = ""
    """Empty: everywhere else."""
    question: str
    choices: tuple[str, ...]
    """The first one is suggested."""

    @property
    def suggestion(self) -> str:
        return self.choices[0]

    @property
    def place(self) -> str:
        """What people call it, and it is kept as: `site.Access under /admin`."""
        return f"{SITE}.{self.column} {self.where}".rstrip()


SITE_QUESTIONS = (
    SiteQuestion(
        column="Access",
        question="Who may see lists?",
        choices=("all visitors", "visitors who are signed in"),
    ),
    SiteQuestion(
        column="Access",
        where=_ADMIN,
        question="Who may see lists under /admin?",
        choices=("editors", "administrators"),
    ),
    SiteQuestion(
        column="When empty",
        question="What does a page say when its list is empty?",
        choices=("Nothing found", "no text"),
    ),
    SiteQuestion(
        column="When empty",
        where=_BLOCKS,
        question="What does a block show when its list is empty?",
        choices=("nothing: the block is left out", "Nothing found"),
    ),
    SiteQuestion(
        column="Sort",
        question="How are lists sorted where nothing else is said?",
        choices=("newest first", "by title"),
    ),
    SiteQuestion(
        column="Items per page",
        question="How many items does a page show at a time?",
        choices=("10", "20", "50"),
    ),
    SiteQuestion(
        column="Items per page",
        where=_BLOCKS,
        question="How many items does a block show?",
        choices=("as many as the design has", "3", "5"),
    ),
)


class SiteCell(NamedTuple):
    """An open cell that answers for the site fill: all of them, or none."""

    cell: WrittenCell
    questions: tuple[SiteQuestion, ...]
    """Several where nobody knows yet in which place the display is."""


def site_cells_in(analysis_html: str, own: Mapping[str, str]) -> Iterator[SiteCell]:
    """Yield the open cells of a text that answers for the site fill; `own` are its answers, by id."""
    for row in form_rows_in(analysis_html):
        path = next((cell for cell in row if cell.column == PATH), None)
        if path is None:  # people took cells out of the table
            continue
        place = own.get(path.cell_id, path.text)
        is_unknown = path.text == OPEN and not place.startswith("/")  # of a block: `placed in ?`
        where = {_ADMIN: f"{place}/".startswith("/admin/"), _BLOCKS: not place.startswith("/")}
        for cell in row:
            questions = tuple(q for q in SITE_QUESTIONS if q.column == cell.column)
            there = tuple(q for q in questions if where.get(q.where))
            if questions and cell.text == OPEN and cell.cell_id not in own:
                yield SiteCell(cell, questions if is_unknown else there or questions[:1])


def answers_for_site(
    analysis_html: str, given: Sequence[Answer], own: Mapping[str, str]
) -> Iterator[Answer]:
    """Yield what answers for the site say in cells of a text, as answers of these cells."""
    if not given:
        return
    answers_by_place = {answer.question_id: answer for answer in given}
    for cell, questions in site_cells_in(analysis_html, own):
        if not all(question.place in answers_by_place for question in questions):
            continue
        answers: dict[str, Answer] = {}
        for question in questions:
            answers[question.where] = answers_by_place[question.place]
        texts: list[str] = []
        for where, answer in answers.items():
            is_named = bool(where) and len(answers) > 1
            texts.append(f"{where}: {answer.answer}" if is_named else answer.answer)
        newest = max(answers.values(), key=lambda answer: answer.answered_at)
        yield replace(
            newest,
            question_id=cell.cell_id,
            question=cell.asks,
            answer=f"{'; '.join(texts)} ({SITE})",
            is_of_site=True,
        )
