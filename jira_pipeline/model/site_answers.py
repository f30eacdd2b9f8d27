"""Answers that count for all views of a site: what they are to, and the cells of forms they fill.

Belongs here: their questions, each with a sensible answer; which open cells one fills, and what with.
Does not: keeping them (`store/reviews`), asking for them (`review/forms`).

They are kept once for a session, each under a place such as `site.Access under /admin`, and put into
the open cells of forms whenever tickets are read. A cell that has an answer of its own, or that the
rows fill in, is left alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from jira_pipeline.model.forms_in_text import OPEN, PATH, WrittenCell, form_rows_in
from jira_pipeline.model.tickets import Answer

SITE = "site"
"""The beginning of their places; places of other answers begin with the number of a ticket."""
_ADMIN = "under /admin"
_BLOCKS = "in blocks"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteQuestion:
    """A question asked once for all views: about one column, in displays at one kind of address."""

    column: str
    where: str = ""
    """Which displays: `under /admin`, `in blocks`; empty: all others."""
    question: str
    choices: tuple[str, ...]
    """The first one is suggested."""

    @property
    def suggestion(self) -> str:
        return self.choices[0]

    @property
    def place(self) -> str:
        """What the question is named by, for people and in the store: `site.Access under /admin`."""
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
    """An open cell of a form that answers for the whole site fill, and the questions they answer."""

    cell: WrittenCell
    questions: tuple[SiteQuestion, ...]
    """Several where nobody knows yet at which address the display is: all of them have to be
    answered."""


def site_cells_in(analysis_html: str, own_answers: Mapping[str, str]) -> Iterator[SiteCell]:
    """Yield the open cells of a form that answers for the whole site may fill.

    `own_answers` are those given in this form, by cell id.
    """
    for row in form_rows_in(analysis_html):
        path = next((cell for cell in row if cell.column == PATH), None)
        if path is None:  # people took cells out of the table
            continue
        address = own_answers.get(path.cell_id, path.text)
        is_page = address.startswith("/")
        is_unknown = path.text == OPEN and not is_page  # a block has `placed in ?`
        where = "" if is_page else _BLOCKS
        if f"{address}/".startswith("/admin/"):
            where = _ADMIN
        for cell in row:
            questions = tuple(q for q in SITE_QUESTIONS if q.column == cell.column)
            if not questions or cell.text != OPEN or cell.cell_id in own_answers:
                continue
            if not is_unknown:
                special = tuple(q for q in questions if where and q.where == where)
                questions = special or questions[:1]
            yield SiteCell(cell, questions)


def answers_for_site(
    analysis_html: str, site_answers: Sequence[Answer], own_answers: Mapping[str, str]
) -> Iterator[Answer]:
    """Yield answers for the cells of a form that the answers for the whole site fill.

    `own_answers` are those given in this form, by cell id. Where an address is not known yet, the
    text names both cases: `editors; under /admin: administrators (site)`.
    """
    if not site_answers:
        return
    answers_by_place = {answer.question_id: answer for answer in site_answers}
    for cell, questions in site_cells_in(analysis_html, own_answers):
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
