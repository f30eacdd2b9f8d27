"""Page 5, Questions: an inbox of what the sheets leave open, by ticket, sheet or assignee.

Belongs here: the list with its filters, the forms of one question, on the page of its ticket too,
the spreadsheet out and back; below it, the forms of views on one page: what the sheets leave open of each
display, beside its notes, and above them what counts for all views of the site. Does not: what
answers mean (`review/questions`), what a form asks (`tickets/questions/questions_of_views`), what a note says of a field (`review/forms`).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from jira_pipeline.model.entities import WORKBOOK_SUFFIXES
from jira_pipeline.model.errors import (
    AnswerConflictError,
    EditConflictError,
    InputError,
    PipelineError,
    WrongUseError,
)
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.model.site_answers import SITE
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review import answers
from jira_pipeline.review.cells import FILLED_MAX_BYTES
from jira_pipeline.review.forms import asked_cells, forms_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import Outcome
from jira_pipeline.review.question_cards import (
    QuestionCard,
    Whose,
    cards_of,
    client_cards,
    count_asked,
    minutes,
)
from jira_pipeline.review.questions import (
    ANSWER_MAX_CHARACTERS,
    AskedOnce,
    AskedQuestion,
    accepted_at,
    asked_once,
    questions_workbook,
)
from jira_pipeline.review.ticket_reading import ticket_of_id
from jira_pipeline.sessions import accounts
from jira_pipeline.web.context import Opened, Reader, Reviewer, TheWeb, Web
from jira_pipeline.web.pages.showing import (
    BLANK_IS_NONE,
    NOBODY,
    PAGE_MAX,
    Notice,
    SheetsShown,
    address_with,
    go_to,
    notice_of,
    page_of,
    refused_at,
    show,
)

REASON_MAX_CHARACTERS = 1_000
PLACE_MAX_CHARACTERS = 40
SHOWN_MAX = 500
TICKETS_NAMED = 10
"""Of what was typed; a browser with scripts has all of it."""
_ASKING = {f"ask {one.value}": one for one in Audience} | {"word": Audience.CLIENT}
"""What a form does that sends a question to somebody."""
_ANSWERING = {"answer", "take_back"}
PLACE_PATTERN = r"^[0-9.]*$"
QUESTIONS_SHOWN = 20
CARD_MAX = 500
"""Questions that one answer is given to."""
SUGGESTIONS_SHOWN = 200
"""On one page, to be accepted at once."""
NAME_MAX = 200
ONE_QUESTION = "text/html; of=question"
"""What the script of the page accepts."""
VALUE_MAX = 300
Place = Annotated[str, Form(max_length=PLACE_MAX_CHARACTERS, pattern=PLACE_PATTERN)]
router = APIRouter(prefix="/sessions/{key}/questions")
file_router = APIRouter(prefix="/api/sessions/{key}/questions")


class QuestionForm(BaseModel):
    """What somebody does about one question."""

    ticket_id: Annotated[str, Field(max_length=64)]
    question_id: Annotated[str, Field(max_length=64)]
    do: Annotated[str, Field(max_length=20)] = "answer"
    answer_text: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    choice: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    was: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    """The answer that the page showed; empty where it showed none."""
    proposed: Annotated[int | None, Field(ge=0)] = None
    """How much the page showed that clients proposed."""
    alone: bool = False
    """The answer is for this ticket, not where else the same is asked."""
    reason: Annotated[str, Field(max_length=REASON_MAX_CHARACTERS)] = ""
    words: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    """For the client, who is asked."""
    then: Annotated[str, Field(max_length=PLACE_MAX_CHARACTERS, pattern=PLACE_PATTERN)] = ""
    """The place of the question that comes next."""

    @property
    def text(self) -> str:
        """What is answered in words; empty where the answer is taken back."""
        text = (self.choice or self.answer_text).replace("\r\n", "\n")
        return "" if self.do == "take_back" else text

    def question_in(self, opened: OpenSession) -> AskedQuestion | None:
        """Return the question it is about; none where it is not asked any more."""
        wanted = (self.ticket_id, self.question_id)
        return next((q for q in opened.questions if wanted in q.keys_of_rows), None)


AboutQuestion = Annotated[QuestionForm, Form()]


def _outcome_notice(web: Web, opened: OpenSession, outcome: Outcome, *, by: str) -> Notice:
    """Say what a decision came to, and keep what takes it back."""
    undo = web.undo_steps.keep(outcome.undo, of=opened, by=by)
    return Notice(" ".join(outcome.sentences), "ok" if outcome.is_something else "info", undo=undo)


def done_about(web: Web, opened: OpenSession, form: QuestionForm, *, by: str) -> Notice:
    """Do what a form says about a question, and say what that came to."""
    question = form.question_in(opened)
    try:
        if question is None:
            raise WrongUseError("This question is no longer open.")
        _refuse_unseen(opened, question, shown=form.proposed)
        if form.do in _ASKING:
            words = form.words.replace("\r\n", "\n") if form.do == "word" else ""
            sent = answers.ask(
                opened, [question.place], audience=_ASKING[form.do], words=words, by=by
            )
            return _outcome_notice(web, opened, sent, by=by)
        suggested = accepted_at(
            [question.place] if form.do == "accept" else [], opened.questions, {}
        )
        outcome = answers.answer(
            opened,
            [(question.place, form.text), *suggested] if form.do in _ANSWERING else suggested,
            not_relevant=[(question.place, form.reason)] if form.do == "not_relevant" else [],
            objected=[(question.place, form.reason)] if form.do == "object" else [],
            were={question.place: form.was.replace("\r\n", "\n")},
            is_only=form.alone,
            by=by,
        )
    except AnswerConflictError as error:
        notice = notice_of(error)
        yours = f" Yours: “{form.text[:SHOWN_MAX]}”" if form.text else ""
        return replace(notice, text=notice.text + yours)
    except PipelineError as error:
        return notice_of(error)
    return replace(
        _outcome_notice(web, opened, outcome, by=by), tickets=outcome.unmarked[:TICKETS_NAMED]
    )


def _refuse_unseen(opened: OpenSession, question: AskedQuestion, *, shown: int | None) -> None:
    """Stop what would cover a proposal that came after the page showed so many."""
    proposals = opened.proposed_to(opened.asked.in_ticket([question])[0])
    if shown is not None and len(proposals) > shown:
        raise WrongUseError(
            f"The client proposed meanwhile: “{proposals[0].text}”. Nothing was saved."
        )


def anchor_of(place: str) -> str:
    """Return where a question is on the page of questions; empty for none."""
    return f"#question-{place.replace('.', '-')}" if place else ""


class Grouping(StrEnum):
    """What the questions are put under."""

    CARD = "card"
    """What people decide together."""
    TICKET = "ticket"
    SHEET = "sheet"
    ASSIGNEE = "assignee"


class Shown(StrEnum):
    AGENCY = "agency"
    CLIENT = "client"
    DEVELOPER = "developer"
    ASSUMED = "assumed"
    """As `Whose`."""
    OPEN = "open"
    PROPOSED = "proposed"
    """Open, with an answer that a client proposed."""
    ANSWERED = "answered"
    NOT_RELEVANT = "not relevant"
    ALL = "all"


@router.get("")
def questions(
    request: Request,
    _person: Reader,
    opened: Opened,
    *,
    by: Grouping | None = None,
    only: Shown | None = None,
    ticket: Annotated[int | None, BLANK_IS_NONE, Query(ge=1, le=1_000_000_000)] = None,
    sheet: Annotated[str, Query(max_length=VALUE_MAX)] = "",
    assignee: Annotated[str, Query(max_length=VALUE_MAX)] = "",
    first: bool = False,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """List the questions that the address asks for, each once, wherever it is asked."""
    every, cards = opened.asked.once, cards_of(opened.asked.once)
    of_client = client_cards(opened)
    counts = _counts(opened)
    is_of_some = bool(ticket or sheet or assignee)
    firsts_of = {id(once) for card in cards if card.is_first for once in card.asked}
    firsts = (Shown(one.value) for one in Whose if counts[one.value] and not is_of_some)
    only = only or next(firsts, Shown.OPEN)
    by = by or (Grouping.TICKET if is_of_some else Grouping.CARD)
    card_of = {id(once): card for card in cards for once in card.asked}
    chosen = [
        once
        for once in every
        if _is_shown(opened, once, only, card_of.get(id(once)))
        and (not first or id(once) in firsts_of)
        and (ticket is None or any(q.ticket.number == ticket for q in once.everywhere))
        and sheet in ("", once.asked.file)
        and (not assignee or any(_assignee(q.ticket) == assignee for q in once.everywhere))
    ]
    is_ours = only in {Shown.OPEN, Shown.AGENCY}
    views = [once for once in chosen if is_ours and once.asked.is_about_form]
    if len(views) > 1:  # they have a page of their own
        chosen = [once for once in chosen if not once.asked.is_about_form]
    if by is Grouping.CARD:
        among = {key: place for place, key in enumerate(card_of)}
        chosen.sort(key=lambda once: among.get(id(once), len(among)))
    elif by is not Grouping.TICKET:  # sorting keeps the order of tickets within a group
        chosen.sort(key=lambda once: _group_name(once, by))

    def heading(once: AskedOnce) -> tuple[QuestionCard | None, str, str]:
        card = card_of.get(id(once)) if by is Grouping.CARD else None
        if card is None:
            return None, _group_name(once, by), ""
        return card if card.asked[1:] else None, card.topic.capitalize(), card.when

    listed = page_of(request, chosen, number=page, size=QUESTIONS_SHOWN)
    return show(
        request,
        "questions.html",
        opened=opened,
        listed=listed,
        grouped=[
            (card, name, when, list(same))
            for (card, name, when), same in groupby(listed.items, key=heading)
        ],
        then={
            once.asked.place: following.asked.place for once, following in pairwise(listed.items)
        },
        left=opened.asked.left,
        counts=counts,
        first_count=sum(
            len(card.asked) for card in cards if card.is_first and card.whose is Whose.AGENCY
        ),
        view_count=len(views),
        suggested_count=sum(once.is_suggested for once in every),
        client_links=accounts.links_of(opened),
        client_topics=Counter(card.topic for card in of_client),
        client_minutes=minutes(of_client),
        link_days=(accounts.LINK_DAYS, accounts.LINK_DAYS_MAX),
        asked_count=len(every),
        by=by,
        only=only,
        ticket=ticket,
        sheet=sheet,
        assignee=assignee,
        first=first,
        sheets=sorted({once.asked.file for once in every if once.asked.is_asked}),
        assignees=sorted({_assignee(one) for one in opened.tickets if one.revision.questions}),
        groupings=list(Grouping),
        shown_kinds=list(Shown),
        nobody=NOBODY,
        back=address_with(request),
        limits={"answer": ANSWER_MAX_CHARACTERS},
        workbooks=",".join(sorted(WORKBOOK_SUFFIXES)),
    )


def _counts(opened: OpenSession) -> Mapping[str, int]:
    """Return how many questions each tab has, by name; those of people add up to all open ones."""
    counts = {one.value: count for one, count in count_asked(opened.asked.once).items()}
    return counts | {"open": opened.asked.left.count, "proposed": len(opened.arrived)}


@router.post("")
def answer(
    request: Request, person: Reviewer, opened: Opened, web: TheWeb, form: AboutQuestion
) -> Response:
    """Do what somebody wants about a question, and show the list as it was, at the next one.

    A script gets that question alone, as it is now.
    """
    notice, now = done_about(web, opened, form, by=person.name), opened.again()
    asked = form.question_in(now)
    notice = replace(notice, undone_at=asked.place if asked else "")
    if asked and request.headers.get("accept") == ONE_QUESTION:
        return show(
            request,
            "answered.html",
            opened=now,
            notices=[notice],
            counts=_counts(now),
            once=now.asked.in_ticket([asked])[0],
            q=asked,
            here=f"/sessions/{opened.key}/tickets/",
            back=address_with(request),
            limits={"answer": ANSWER_MAX_CHARACTERS},
        )
    return go_to(request, address_with(request) + anchor_of(form.then), notice)


@router.get("/suggestions")
def suggestions(request: Request, _person: Reviewer, opened: Opened) -> Response:
    """Show what the sheets make likely, to accept all of it, or what is ticked, at once."""
    return show(
        request,
        "suggestions.html",
        opened=opened,
        suggested=[once for once in opened.asked.once if once.is_suggested][:SUGGESTIONS_SHOWN],
    )


@router.post("/card")
@router.post("/suggestions")
def answer_several(
    request: Request,
    person: Reviewer,
    opened: Opened,
    web: TheWeb,
    *,
    place: Annotated[list[Place] | None, Form(max_length=CARD_MAX)] = None,
    proposed: Annotated[list[int] | None, Form(max_length=CARD_MAX)] = None,
    answer_text: Annotated[str, Form(max_length=2 * ANSWER_MAX_CHARACTERS)] = "",
    sheets: SheetsShown = "",
) -> Response:
    """Give one answer to all questions of a card, or accept the suggestions that are ticked.

    Only to those that nobody answered; all are kept, or none.
    """
    is_card = request.url.path.endswith("/card")
    text = answer_text.replace("\r\n", "\n").strip()
    listed = re.sub("/questions/(card|suggestions)", "/questions", address_with(request), count=1)
    refused_at(request, listed if is_card else request.url.path)
    opened.stored.refuse_others(sheets)
    if not place or (is_card and not text):
        raise WrongUseError(
            "The answer is empty." if is_card else "Select at least one suggestion."
        )
    given = [(one, text) for one in place] if is_card else []
    accepted = [] if is_card else place
    shown = dict(zip(place, proposed or (), strict=False))
    for question in opened.questions:
        if is_card and question.place in place:
            _refuse_unseen(opened, question, shown=shown.get(question.place, 0))
    outcome = answers.answer(
        opened, given, accepted=accepted, were=dict.fromkeys(place, ""), by=person.name
    )
    return go_to(
        request, listed, replace(_outcome_notice(web, opened, outcome, by=person.name), kind="ok")
    )


@file_router.get("/file")
def questions_file(
    _person: Reader,
    session: Opened,
    *,
    open: bool = False,  # noqa: A002 - the name in the address
) -> Response:
    """Write the questions as a workbook to send to a client, to be filled in."""
    listed = asked_once(q for q in session.questions if q.is_open or not open)
    return Response(
        questions_workbook(listed),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"content-disposition": f'attachment; filename="questions-{session.key}.xlsx"'},
    )


@router.post("/upload")
def upload(
    request: Request, person: Reviewer, opened: Opened, file: Annotated[UploadFile, File()]
) -> Response:
    """Read the answers of a workbook that was filled in; all are kept, or none."""
    address = f"/sessions/{opened.key}/questions"
    content = file.file.read(FILLED_MAX_BYTES + 1)
    refused_at(request, address, by=InputError)
    kept = answers.answer_by_file(
        opened, content, name=(file.filename or "The file")[:NAME_MAX], by=person.name
    )
    return go_to(request, address, " ".join(kept.sentences))


@router.post("/link")
def change_link(
    request: Request,
    person: Reviewer,
    opened: Opened,
    web: TheWeb,
    *,
    days: Annotated[int, Form(ge=1, le=accounts.LINK_DAYS_MAX)] = accounts.LINK_DAYS,
    made_for: Annotated[str, Form(max_length=VALUE_MAX)] = "",
    sender: Annotated[str, Form(max_length=VALUE_MAX)] = "",
    topic: Annotated[
        list[Annotated[str, Form(max_length=VALUE_MAX)]] | None, Form(max_length=100)
    ] = None,
    revoke: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Make a link for somebody of the client and show it, or revoke one."""
    address = refused_at(request, f"/sessions/{opened.key}/questions", by=WrongUseError)
    if revoke:
        return go_to(request, address, accounts.revoke_links(opened, [revoke], by=person.name))
    asked = dict.fromkeys(card.topic for card in client_cards(opened))
    if not topic:
        raise WrongUseError("No topic selected: select at least one.")
    address, link = accounts.make_link(
        opened,
        base=web.pipeline.settings.web_base_url or str(request.base_url),
        days=days,
        by=person.name,
        made_for=made_for,
        sender=sender,
        topics=() if {*topic} >= {*asked} else topic,
    )
    cards = accounts.cards_on(opened, link)
    return show(
        request,
        "client_link.html",
        opened=opened,
        address=address,
        link=link,
        count=len(cards),
        minutes=minutes(cards),
    )


def _is_shown(opened: OpenSession, once: AskedOnce, only: Shown, card: QuestionCard | None) -> bool:
    is_form = only is Shown.AGENCY and once.is_open and once.asked.is_about_form
    shown = {
        Shown.OPEN: once.is_open,
        Shown.PROPOSED: only is Shown.PROPOSED and once in opened.arrived,
        Shown.ANSWERED: once.asked.answer is not None,
        Shown.NOT_RELEVANT: once.asked.is_dismissed,
        Shown.ALL: True,
    }
    return shown.get(only, is_form if card is None else card.whose.value == only.value)


def _assignee(ticket: Ticket) -> str:
    return ticket.assignee or NOBODY


def _group_name(once: AskedOnce, by: Grouping) -> str:
    ticket = once.asked.ticket
    others = {Grouping.SHEET: once.asked.file, Grouping.ASSIGNEE: _assignee(ticket)}
    return others.get(by, f"{ticket.number} · {ticket.title}")


VIEWS_SHOWN = 20
CELLS_MAX = 10_000
CellText = Annotated[str, Form(max_length=2 * ANSWER_MAX_CHARACTERS)]
"""Browsers send two characters for a line break."""


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
    return _forms(request, opened, ticket=ticket, number=page)


def _forms(
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
        return _forms(
            request,
            opened.again(),
            ticket=ticket.number if ticket else None,
            status=409 if isinstance(error, EditConflictError) else 422,
            typed=typed,
            notices=[notice_of(error)],
        )
    address = f"{address_with(request)}{f'#{then}' if then else ''}"
    return go_to(request, address, _outcome_notice(web, opened, outcome, by=person.name))
