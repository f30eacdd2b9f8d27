"""The forms of views: tables in tickets whose open cells people fill in.

Where the sheets only name a view, its ticket has a form: a row for each display of the view, with
cells such as *Filters*. People call a cell by ticket, display and column, as in `12.page_1.Filters`.
Some cells are asked once for all views of the site, as in `site.Sort`.

Belongs here: the list of cells with their answers. Does not: what a form asks and how it is found in
a text (`drupal/view/form`), storing answers (`answers`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import ClassVar

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.forms_in_text import OPEN, WrittenCell
from jira_pipeline.model.site_answers import SITE, SITE_QUESTIONS, SiteQuestion, site_cells_in
from jira_pipeline.model.tickets import Answer, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCell:
    """A cell of a form that the rows leave open, with its answer; a model may have filled it in."""

    ticket: Ticket
    cell: WrittenCell
    answer: Answer | None

    @property
    def place(self) -> str:
        """What people call it: ticket, display and column, as in `12.page_1.Filters`."""
        return f"{self.ticket.number}.{self.cell.display}.{self.cell.column}"

    @property
    def key(self) -> tuple[str, str]:
        """The ids of ticket and question under which its answer is stored."""
        return self.ticket.ticket_id, self.cell.cell_id

    @property
    def known(self) -> str:
        """The text that the rows give, for people to complete: `content, types:`."""
        return self.cell.text.removesuffix(OPEN).strip()

    @property
    def is_open(self) -> bool:
        """Neither a person nor a model filled it in."""
        return self.cell.is_open and self.answer is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedForSite:
    """A question that is asked once for all views of a site, with its answer."""

    asked: SiteQuestion
    answer: Answer | None
    count: int
    """How many cells it fills, alone or together with another question."""
    known: ClassVar = ""

    @property
    def place(self) -> str:
        return self.asked.place

    @property
    def key(self) -> tuple[str, str]:
        """The ids under which its answer is stored, which is of no ticket."""
        return SITE, self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayForm:
    """The open cells of one display of a view."""

    ticket: Ticket
    display: str
    """The display's machine name."""
    cells: Sequence[AskedCell]
    row: Entity | None = field(default=None, compare=False)
    """The row of the sheet that describes it; None where that is gone, or was not asked for."""


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
    """Return the questions that are asked once for all views, with the answers of the site."""
    counts: Counter[SiteQuestion] = Counter()
    for ticket in tickets:
        if ticket.exclusion is not None:
            continue
        analysis = ticket.revision.parts.analysis
        for _, questions in site_cells_in(analysis, ticket.own_answers):
            counts.update(questions)
    given = {answer.question_id: answer for answer in answers}
    return tuple(
        AskedForSite(asked=question, answer=given.get(question.place), count=counts[question])
        for question in SITE_QUESTIONS
    )


def suggested_for_site(
    questions: Iterable[AskedForSite], place: str, *, given: Collection[str]
) -> Sequence[tuple[str, str]]:
    """Return suggested answers as pairs of place and text.

    For `site` these are of all questions that fill a cell and have no answer, neither stored nor
    among `given`, the places that are answered now; else that of the question at the place, if any.
    """
    suggested = []
    for question in questions:
        waits = question.count > 0 and question.answer is None and question.place not in given
        if question.place == place or (place == SITE and waits):
            suggested.append((question.place, question.asked.suggestion))
    return suggested


def forms_of(cells: Iterable[AskedCell], rows: Iterable[Entity] = ()) -> tuple[DisplayForm, ...]:
    """Return the forms that cells belong to, one a display, with the row that describes it.

    Cells of one display follow each other.
    """
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
