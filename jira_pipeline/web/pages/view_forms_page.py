"""The forms of views on one page: what the sheets leave open of each display, beside its notes.

Belongs here: showing the forms, with what counts for all views of the site above them, and keeping what
is typed. Does not: what a form asks (`drupal/view/form`), what a note says of a
field (`review/forms`), other questions (`questions_page`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.model.errors import EditConflictError, InputError, WrongUseError
from jira_pipeline.model.site_answers import SITE
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review import answers
from jira_pipeline.review.forms import AskedCell, AskedForSite, asked_cells, forms_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import ANSWER_MAX_CHARACTERS
from jira_pipeline.review.ticket_reading import ticket_of_id
from jira_pipeline.web.context import Opened, Reviewer, TheWeb
from jira_pipeline.web.pages.questions_page import outcome_notice
from jira_pipeline.web.pages.showing import (
    PAGE_MAX,
    Notice,
    address_with,
    go_to,
    notice_of,
    page_of,
    show,
)

VIEWS_PER_PAGE = 20
CELLS_MAX = 10_000
"""Cells of one form."""
CellText = Annotated[str, Form(max_length=2 * ANSWER_MAX_CHARACTERS)]
"""Browsers send two characters for a line break."""
router = APIRouter(prefix="/sessions/{key}/questions")


@router.get("/forms")
def forms(
    request: Request,
    _person: Reviewer,
    opened: Opened,
    *,
    ticket: Annotated[int | None, Query(ge=1, le=1_000_000_000)] = None,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """Show the views that nobody described yet, or that of one ticket."""
    return _show_forms(request, opened, ticket=ticket, number=page)


def _show_forms(
    request: Request,
    opened: OpenSession,
    *,
    ticket: int | None = None,
    number: int = 1,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    notices: Sequence[Notice] = (),
) -> Response:
    """Show forms; cells that are `typed`, by their ids, are kept nowhere yet."""
    wanted = [with_form for with_form in opened.tickets if _has_form(with_form, ticket)]
    listed = page_of(request, wanted, number=number, size=VIEWS_PER_PAGE)
    views = []
    for form in listed.items:
        tables = opened.find_tables(form)
        if tables and tables.group.heads:
            view = tables.group.heads[0]
            displays = forms_of(asked_cells(form), [view, *tables.group.members])
            views.append((form, view, displays))
    asked_for_site = []
    if not ticket:
        asked_for_site = [
            site_question
            for site_question in opened.asked_for_site
            if site_question.count or site_question.answer
        ]
    return show(
        request,
        "forms.html",
        status=status,
        notices=notices,
        opened=opened,
        listed=listed,
        site=asked_for_site,
        of_site=SITE,
        views=views,
        note_of=note_of,
        typed=typed or {},
        back=address_with(request),
        limits={"answer": ANSWER_MAX_CHARACTERS},
    )


def _has_form(ticket: Ticket, number: int | None) -> bool:
    """Tell whether a ticket has cells to fill in: the one with a number any, others open ones."""
    if ticket.exclusion is not None:
        return False
    if number:
        return ticket.number == number and bool(asked_cells(ticket))
    return any(cell.is_open for cell in asked_cells(ticket))


@router.post("/forms")
def fill_in(
    request: Request,
    person: Reviewer,
    opened: Opened,
    web: TheWeb,
    *,
    ticket_id: Annotated[str, Form(max_length=64)],
    cell: Annotated[list[CellText], Form(max_length=CELLS_MAX)],
    was: Annotated[list[CellText], Form(max_length=CELLS_MAX)],
    text: Annotated[list[CellText], Form(max_length=CELLS_MAX)],
    accepted: Annotated[Literal["", "site"], Form()] = "",
    then: Annotated[str, Form(max_length=40, pattern=r"^[a-z0-9-]*$")] = "",
) -> Response:
    """Keep what was changed in the form of a view, or of the whole site; all or none.

    `cell`, `was` and `text` are parallel: the id of each cell, the text that the page showed and the
    text now. Where an answer or other sheets came meanwhile, the page is shown again with both.
    `then` is the section of the page to show next.
    """
    ticket = None if ticket_id == SITE else ticket_of_id(opened, ticket_id)
    cells = opened.asked_for_site if ticket is None else asked_cells(ticket)
    changes = _changed_cells(cells, zip(cell, was, text, strict=False))
    try:
        if changes.closed:
            texts = ", ".join(f"“{closed}”" for closed in changes.closed)
            raise WrongUseError(f"Nothing was saved: these are no longer open: {texts}.")
        outcome = answers.answer(
            opened,
            list(changes.given.items()),
            accepted=[accepted] if accepted else [],
            were=changes.seen,
            by=person.name,
        )
    except InputError as error:
        return _show_forms(
            request,
            opened.reload(),
            ticket=ticket.number if ticket else None,
            status=409 if isinstance(error, EditConflictError) else 422,
            typed=changes.typed,
            notices=[notice_of(error)],
        )
    address = address_with(request)
    if then:
        address += f"#{then}"
    return go_to(request, address, outcome_notice(web, opened, outcome, by=person.name))


@dataclass(slots=True)
class ChangedCells:
    """The cells of a form whose text is not what the page showed."""

    given: dict[str, str] = field(default_factory=dict)
    """Answers by place; empty where an answer is taken back."""
    seen: dict[str, str] = field(default_factory=dict)
    """The answers that the page showed, by place; empty where it showed none."""
    typed: dict[str, str] = field(default_factory=dict)
    """Texts by id of the cell, to be shown again where they cannot be kept."""
    closed: list[str] = field(default_factory=list)
    """Texts for cells that are not open any more."""


def _changed_cells(
    cells: Sequence[AskedCell | AskedForSite], inputs: Iterable[tuple[str, str, str]]
) -> ChangedCells:
    """Compare the inputs of a form, each a cell's id, the text shown and the text typed."""
    cells_by_id = {cell.key[1]: cell for cell in cells}
    changes = ChangedCells()
    for cell_id, shown, text in inputs:
        shown_text = shown.replace("\r\n", "\n").strip()
        new_text = text.replace("\r\n", "\n").strip()
        if new_text == shown_text:
            continue
        cell = cells_by_id.get(cell_id)
        if cell is not None:
            # What the sheets say without an answer, `known`, is not an answer.
            changes.given[cell.place] = "" if new_text == cell.known else new_text
            changes.seen[cell.place] = "" if shown_text == cell.known else shown_text
            changes.typed[cell_id] = new_text
        elif new_text:
            changes.closed.append(new_text)
    return changes
