"""The forms of views on one page: what the sheets leave open of each display, beside its notes.

Above them is what counts for all views of the site.

Belongs here: these fields, keeping what is typed in them. Does not: what a form asks
(`tickets/questions/questions_of_views`), what a note says of a field (`review/forms`).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from jira_pipeline.model.errors import EditConflictError, InputError, WrongUseError
from jira_pipeline.model.site_answers import SITE
from jira_pipeline.review import answers
from jira_pipeline.review.forms import asked_cells, forms_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import ANSWER_MAX_CHARACTERS
from jira_pipeline.review.ticket_reading import ticket_of_id
from jira_pipeline.web.context import Opened, Reviewer, TheWeb
from jira_pipeline.web.pages.showing import (
    PAGE_MAX,
    Notice,
    address_with,
    go_to,
    notice_of,
    page_of,
    show,
)

VIEWS_SHOWN = 20
CELLS_MAX = 10_000
CellText = Annotated[str, Form(max_length=2 * ANSWER_MAX_CHARACTERS)]
"""Browsers send two characters for a line break."""
router = APIRouter(prefix="/sessions/{key}/questions/forms")


@router.get("")
def forms(
    request: Request,
    _person: Reviewer,
    opened: Opened,
    *,
    ticket: Annotated[int | None, Query(ge=1, le=1_000_000_000)] = None,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """Show the views that nobody described yet, or that of one ticket."""
    return _page(request, opened, ticket=ticket, number=page)


def _page(
    request: Request,
    opened: OpenSession,
    *,
    ticket: int | None = None,
    number: int = 1,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    notices: Sequence[Notice] = (),
) -> Response:
    """Show views; cells that are `typed`, by their ids, are kept nowhere yet."""
    asking = [one for one in opened.tickets if one.number == ticket or not ticket]
    wanted = [
        one
        for one in asking
        if one.exclusion is None and any(c.is_open or ticket for c in asked_cells(one))
    ]
    listed = page_of(request, wanted, number=number, size=VIEWS_SHOWN)
    return show(
        request,
        "forms.html",
        status=status,
        notices=notices,
        opened=opened,
        listed=listed,
        site=[one for one in opened.asked_for_site if one.count or one.answer] * (not ticket),
        of_site=SITE,
        views=[
            (one, view, forms_of(asked_cells(one), [view, *tables.group.members]))
            for one in listed.items
            if (tables := opened.find_tables(one))
            for view in tables.group.heads[:1]
        ],
        typed=typed or {},
        back=address_with(request),
        limits={"answer": ANSWER_MAX_CHARACTERS},
    )


@router.post("")
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
    """Keep what differs from what is known, as `was`, of a view or the whole site; all or none.

    Where somebody answered meanwhile, or sheets did, the page has what was typed beside that.
    """
    ticket = None if ticket_id == SITE else ticket_of_id(opened, ticket_id)
    cells = asked_cells(ticket) if ticket else opened.asked_for_site
    by_id = {question_id: one for one in cells for _, question_id in [one.key]}
    given, seen, typed, gone = {}, {}, {}, []
    for cell_id, *both in zip(cell, was, text, strict=False):
        shown, answer = (one.replace("\r\n", "\n").strip() for one in both)
        if answer == shown:
            continue
        if one := by_id.get(cell_id):
            typed[cell_id] = answer
            given[one.place] = "" if answer == one.known else answer
            seen[one.place] = "" if shown == one.known else shown
        elif answer:
            gone.append(f"“{answer}”")
    try:
        if gone:
            texts = ", ".join(gone)
            raise WrongUseError(f"Nothing was saved: these are no longer open: {texts}.")
        outcome = answers.answer(
            opened,
            [*given.items()],
            accepted=[accepted] if accepted else [],
            were=seen,
            by=person.name,
        )
    except InputError as error:
        return _page(
            request,
            opened.again(),
            ticket=ticket.number if ticket else None,
            status=409 if isinstance(error, EditConflictError) else 422,
            typed=typed,
            notices=[notice_of(error)],
        )
    undo = web.undo_steps.keep(outcome.undo, of=opened, by=person.name)
    notice = Notice(" ".join(outcome.sentences), "ok" if outcome.kept else "info", undo=undo)
    return go_to(request, f"{address_with(request)}{f'#{then}' if then else ''}", notice)
