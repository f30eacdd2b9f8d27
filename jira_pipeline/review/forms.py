"""The forms of views as people fill them in: their cells by what people call them.

Belongs here: the list of cells with what was answered, a row for each display. Does not: what a
form asks and how it is found in a text (`drupal/view/form`), answers as the store takes
them (`answers`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import ClassVar

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.forms_in_text import OPEN, WrittenCell
from jira_pipeline.model.site_answers import (
    SITE,
    SITE_QUESTIONS,
    SiteQuestion,
    site_cells_in,
)
from jira_pipeline.model.tickets import Answer, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCell:
    """One cell that the rows leave open, with what was answered; a model may have filled it in."""

    ticket: Ticket
    cell: WrittenCell
    answer: Answer | None

    @property
    def place(self) -> str:
        """What people call it: ticket, display and column, as in `12.page_1.Filters`."""
        return f"{self.ticket.number}.{self.cell.display}.{self.cell.column}"

    @property
    def key(self) -> tuple[str, str]:
        """Where its answer is kept."""
        return self.ticket.ticket_id, self.cell.cell_id

    @property
    def known(self) -> str:
        """What it says without an answer, for people to go on with: `content, types:`."""
        return self.cell.text.removesuffix(OPEN).strip()

    @property
    def is_open(self) -> bool:
        """Nobody filled it in."""
        return self.cell.is_open and self.answer is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedForSite:
    """What is asked once for all views of a site, with what was answered."""

    asked: SiteQuestion
    answer: Answer | None
    count: int
    """Of the cells that it fills, alone or with another one."""
    known: ClassVar = ""

    @property
    def place(self) -> str:
        return self.asked.place

    @property
    def key(self) -> tuple[str, str]:
        """Where its answer is kept: beneath no ticket."""
        return SITE, self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayForm:
    """The cells to fill in of one display."""

    ticket: Ticket
    display: str
    cells: Sequence[AskedCell]
    row: Entity | None = field(default=None, compare=False)
    """Of the sheet; None where its rows are gone, or nobody asked for them."""


def asked_cells(ticket: Ticket) -> tuple[AskedCell, ...]:
    """Return the cells of the form of a ticket that its rows leave open."""
    answers = {answer.question_id: answer for answer in ticket.answers}
    return tuple(
        AskedCell(ticket=ticket, cell=cell, answer=answers.get(cell.cell_id))
        for cell in ticket.revision.asked_cells
    )


def asked_for_site(
    tickets: Iterable[Ticket], answers: Iterable[Answer]
) -> tuple[AskedForSite, ...]:
    """Return what is asked once for all views, with the answers of the site."""
    counts = Counter(
        question
        for ticket in tickets
        if ticket.exclusion is None
        for _, questions in site_cells_in(ticket.revision.parts.analysis, ticket.own_answers)
        for question in questions
    )
    given = {answer.question_id: answer for answer in answers}
    return tuple(
        AskedForSite(asked=question, answer=given.get(question.place), count=counts[question])
        for question in SITE_QUESTIONS
    )


def suggested_for_site(
    questions: Iterable[AskedForSite], place: str, *, given: Collection[str]
) -> Sequence[tuple[str, str]]:
    """Return suggested answers by place: of one, or of all that fill a cell and have no answer."""
    suggested = []
    for question in questions:
        waits = question.count > 0 and question.answer is None and question.place not in given
        if question.place == place or (place == SITE and waits):
            suggested.append((question.place, question.asked.suggestion))
    return suggested


def forms_of(cells: Iterable[AskedCell], rows: Iterable[Entity] = ()) -> tuple[DisplayForm, ...]:
    """Put cells together by display, each with the row that describes it."""
    row_by_name = {name: row for row in rows for name in (row.label, row.machine_name) if name}
    forms = []
    by_display = groupby(cells, lambda cell: (cell.ticket.ticket_id, cell.cell.display))
    for (_, display), cells_of_display in by_display:
        same = list(cells_of_display)
        forms.append(
            DisplayForm(
                ticket=same[0].ticket, display=display, cells=same, row=row_by_name.get(display)
            )
        )
    return tuple(forms)
