"""Page 5, Questions: an inbox of what the sheets leave open, by ticket, sheet or assignee.

Belongs here: the list with its filters, answering in place, the spreadsheet back. Does not: what
answers mean (`review/questions`), the spreadsheet out (`api/questions`).
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BeforeValidator
from starlette.responses import Response

from jira_pipeline.errors import InputError
from jira_pipeline.flow.open_session import OpenSession
from jira_pipeline.kernel.people import Role
from jira_pipeline.kernel.tickets import Ticket
from jira_pipeline.look.rendering import counted
from jira_pipeline.review import decisions
from jira_pipeline.review.cells import CSV_MAX_BYTES
from jira_pipeline.review.questions import (
    ANSWER_MAX_CHARACTERS,
    AskedOnce,
    AskedQuestion,
    AskingTicket,
)
from jira_pipeline.web.access import Respondent, Reviewer
from jira_pipeline.web.context import Opened
from jira_pipeline.web.pages.paging import PAGE_MAX, address_with, page_of
from jira_pipeline.web.pages.showing import Notice, go_to, notice_of, show
from jira_pipeline.web.pages.ticket import answered

QUESTIONS_SHOWN = 40
NOBODY = "-"
"""In an address: tickets without an assignee."""
NAME_MAX = 200
VALUE_MAX = 300
router = APIRouter(prefix="/sessions/{key}/questions")
BLANK_IS_NONE = BeforeValidator(lambda value: None if value == "" else value)


class Grouping(StrEnum):
    """What the questions are put under."""

    TICKET = "ticket"
    SHEET = "sheet"
    ASSIGNEE = "assignee"


class Shown(StrEnum):
    """Which questions are shown."""

    OPEN = "open"
    SUGGESTED = "suggested"
    """Open, with an answer the sheets make likely."""
    PROPOSED = "proposed"
    """Open, with an answer that somebody proposed who does not decide."""
    ANSWERED = "answered"
    ALL = "all"


@router.get("")
def questions(
    request: Request,
    person: Respondent,
    opened: Opened,
    *,
    by: Grouping = Grouping.TICKET,
    only: Shown = Shown.OPEN,
    ticket: Annotated[int | None, BLANK_IS_NONE, Query(ge=1, le=1_000_000_000)] = None,
    sheet: Annotated[str, Query(max_length=VALUE_MAX)] = "",
    assignee: Annotated[str, Query(max_length=VALUE_MAX)] = "",
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """List the questions that the address asks for, each once, wherever it is asked."""
    every = opened.asked.once
    chosen = [
        once
        for once in _shown_of(opened, only)
        if (ticket is None or any(q.ticket.number == ticket for q in _all_of(once)))
        and sheet in ("", once.asked.file)
        and (not assignee or any(_assignee(q.ticket) == assignee for q in _all_of(once)))
    ]
    if by is not Grouping.TICKET:  # sorting keeps the order of tickets within a group
        chosen.sort(key=lambda once: _group_name(once, by))
    listed = page_of(request, chosen, number=page, size=QUESTIONS_SHOWN)
    return show(
        request,
        "questions.html",
        person=person,
        opened=opened,
        listed=listed,
        grouped=[
            (name, list(same))
            for name, same in groupby(listed.items, key=lambda once: _group_name(once, by))
        ],
        then={
            once.asked.place: following.asked.place for once, following in pairwise(listed.items)
        },
        left=opened.asked.left,
        suggested_count=sum(once.is_suggested for once in every),
        proposed_count=sum(1 for _ in _shown_of(opened, Shown.PROPOSED)),
        asked_count=len(every),
        by=by,
        only=only,
        ticket=ticket,
        sheet=sheet,
        assignee=assignee,
        sheets=sorted({once.asked.file for once in every}),
        assignees=sorted({_assignee(one) for one in opened.tickets if one.revision.questions}),
        groupings=list(Grouping),
        shown_kinds=list(Shown),
        nobody=NOBODY,
        back=address_with(request),
        may_review=person.role.includes(Role.REVIEWER),
        limits={"answer": ANSWER_MAX_CHARACTERS},
        cells_left=sum(cell.is_open for cell in opened.cells),
        has_forms=bool(opened.cells),
    )


@router.post("")
def answer(
    request: Request,
    person: Respondent,
    opened: Opened,
    *,
    ticket_id: Annotated[str, Form(max_length=64)],
    question_id: Annotated[str, Form(max_length=64)],
    answer_text: Annotated[str, Form(max_length=ANSWER_MAX_CHARACTERS)] = "",
    choice: Annotated[str, Form(max_length=ANSWER_MAX_CHARACTERS)] = "",
    do: Annotated[str, Form(max_length=20)] = "answer",
    alone: Annotated[bool, Form()] = False,
    then: Annotated[str, Form(max_length=40, pattern=r"^[0-9.]*$")] = "",
) -> Response:
    """Answer a question, and show the list as it was, at the question that came next."""
    notice = answered(
        opened,
        ticket_id=ticket_id,
        question_id=question_id,
        text=choice or answer_text,
        do=do,
        is_only=alone,
        person=person,
    )
    anchor = f"#question-{then.replace('.', '-')}" if then else ""
    return go_to(request, address_with(request) + anchor, notice)


@router.post("/upload")
def upload(
    request: Request, person: Reviewer, opened: Opened, file: Annotated[UploadFile, File()]
) -> Response:
    """Read the answers of a spreadsheet, of questions or of views; all are kept, or none."""
    address = f"/sessions/{opened.key}/questions"
    content = file.file.read(CSV_MAX_BYTES + 1)
    try:
        name = (file.filename or "The file")[:NAME_MAX]
        kept = decisions.answer_by_file(opened, content, name=name, by=person.name)
    except InputError as error:
        return go_to(request, address, notice_of(error))
    where = f" in {counted(len(kept.tickets), 'ticket')}" if kept.kept else ""
    remarks = [Notice(kept.remark, "warn")] if kept.remark else []
    done = Notice(f"{counted(kept.kept, 'answer')} kept{where}.")
    return go_to(request, address, done, *remarks)


def _all_of(once: AskedOnce) -> Sequence[AskedQuestion]:
    return (once.asked, *once.also)


def _shown_of(opened: OpenSession, only: Shown) -> Iterable[AskedOnce]:
    every = opened.asked.once
    match only:
        case Shown.OPEN:
            return (once for once in every if once.is_open)
        case Shown.SUGGESTED:
            return (once for once in every if once.is_suggested)
        case Shown.PROPOSED:
            return (once for once in every if once.is_open and opened.proposed_to(once))
        case Shown.ANSWERED:
            return (once for once in every if once.asked.answer is not None)
        case Shown.ALL:
            return every


def _assignee(ticket: Ticket | AskingTicket) -> str:
    return ticket.assignee or NOBODY


def _group_name(once: AskedOnce, by: Grouping) -> str:
    match by:
        case Grouping.TICKET:
            return f"{once.asked.ticket.number} · {once.asked.ticket.title}"
        case Grouping.SHEET:
            return once.asked.file
        case Grouping.ASSIGNEE:
            return _assignee(once.asked.ticket)
