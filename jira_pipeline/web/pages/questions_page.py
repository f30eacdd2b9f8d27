"""Page 5, Questions: an inbox of what the sheets leave open, by ticket, sheet or assignee.

Belongs here: the list with its filters, the forms of one question, on the page of its ticket too,
suggestions, the spreadsheet out and back, links for clients. Does not: the forms of views
(`view_forms_page`), what answers mean (`review/questions`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Annotated, NamedTuple

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from jira_pipeline.model.entities import WORKBOOK_SUFFIXES
from jira_pipeline.model.errors import (
    AnswerConflictError,
    InputError,
    PipelineError,
    WrongUseError,
)
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review import answers
from jira_pipeline.review.cells import FILLED_MAX_BYTES
from jira_pipeline.review.offered_answers import accepted_answers
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import Answered, Outcome
from jira_pipeline.review.question_cards import (
    QuestionCard,
    Whose,
    cards_of,
    client_cards,
    count_asked,
    minutes_needed,
)
from jira_pipeline.review.questions import (
    ANSWER_MAX_CHARACTERS,
    AskedOnce,
    AskedQuestion,
    merge_same_questions,
)
from jira_pipeline.review.questions_workbook import questions_workbook
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
_AUDIENCES = {f"ask {audience.value}": audience for audience in Audience} | {
    "word": Audience.CLIENT
}
"""Whom a form sends a question to, by what it does; `word` gives the client other words."""
PLACE_PATTERN = r"^[0-9.]*$"
ROWS_MAX = 500
"""Of one question, in a form."""
QUESTIONS_SHOWN = 20
CARD_MAX = 500
"""Questions that one answer is given to."""
SUGGESTIONS_SHOWN = 200
"""On one page, to be accepted at once."""
NAME_MAX = 200
ONE_QUESTION = "text/html; of=question"
"""What the script of the page accepts."""
VALUE_MAX = 300
AnswerText = Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)]
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
    proposal: Annotated[int | None, Field(ge=0)] = None
    """The number of what a client proposed and somebody accepts."""
    row: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=ROWS_MAX)] = []
    """Ids of the rows that are answered one by one."""
    row_was: Annotated[list[AnswerText], Field(max_length=ROWS_MAX)] = []
    """The answers that the page showed of them; empty where it showed none."""
    row_text: Annotated[list[AnswerText], Field(max_length=ROWS_MAX)] = []
    words: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    """For the client, who is asked."""
    then: Annotated[str, Field(max_length=PLACE_MAX_CHARACTERS, pattern=PLACE_PATTERN)] = ""
    """The place of the question that comes next."""

    @property
    def text(self) -> str:
        """What is answered in words; empty where the answer is taken back."""
        if self.do == "take_back":
            return ""
        return _with_line_feeds(self.choice or self.answer_text)

    def question_in(self, opened: OpenSession) -> AskedQuestion | None:
        """Return the question it is about; none where it is not asked any more."""
        key = (self.ticket_id, self.question_id)
        for question in opened.questions:
            if key in question.keys_of_rows:
                return question
        return None


AboutQuestion = Annotated[QuestionForm, Form()]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAnswer:
    """What a form says to one row of a question."""

    place: str
    was: str
    """The answer that the page showed; empty where it showed none."""
    text: str


def _row_answers(question: AskedQuestion, form: QuestionForm) -> Iterator[RowAnswer]:
    """Return what a form says to the rows it names, one by one.

    Raises:
        WrongUseError: One of them is asked about no longer.
    """
    row_by_id = {row.row_id: row for row in question.rows}
    if not len(form.row) == len(form.row_was) == len(form.row_text):
        raise WrongUseError("Each row needs the answer it had and the one it gets.")
    for row_id, was, text in zip(form.row, form.row_was, form.row_text, strict=True):
        if row_id not in row_by_id:
            raise WrongUseError("This question is no longer asked of one of these rows.")
        yield RowAnswer(
            place=row_by_id[row_id].place,
            was=_with_line_feeds(was).strip(),
            text=_with_line_feeds(text).strip(),
        )


def _proposed_to_rows(
    opened: OpenSession, question: AskedQuestion, answer_id: int
) -> list[tuple[str, str]]:
    """Return what a client proposed, for each row that it is for.

    Raises:
        WrongUseError: It is proposed to this question no longer.
    """
    (once,) = opened.asked.in_ticket([question])
    for proposal in opened.proposed_to(once):
        if proposal.proposal.answer_id == answer_id:
            rows = [row.in_ticket(question.ticket.ticket_id) for row in proposal.rows]
            return [(row.place, proposal.text) for row in rows]
    raise WrongUseError("What the client proposed is no longer about this question.")


def decide_question(web: Web, opened: OpenSession, form: QuestionForm, *, by: str) -> Notice:
    """Do what a form says about a question, and say what became of it."""
    question = form.question_in(opened)
    try:
        if question is None:
            raise WrongUseError("This question is no longer open.")
        _refuse_unseen_proposals(opened, question, shown_count=form.proposed)
        if form.do in _AUDIENCES:
            return outcome_notice(web, opened, _send(opened, question, form, by=by), by=by)
        outcome = _answer(opened, question, form, by=by)
    except AnswerConflictError as error:
        notice = notice_of(error)
        if form.text:
            notice = replace(notice, text=f"{notice.text} Yours: “{form.text[:SHOWN_MAX]}”")
        return notice
    except PipelineError as error:
        return notice_of(error)
    notice = outcome_notice(web, opened, outcome, by=by)
    return replace(notice, tickets=outcome.unmarked[:TICKETS_NAMED])


def _send(opened: OpenSession, question: AskedQuestion, form: QuestionForm, *, by: str) -> Outcome:
    """Send a question to those who are to answer it, to the client perhaps in other words."""
    words = _with_line_feeds(form.words) if form.do == "word" else ""
    return answers.ask(opened, [question.place], audience=_AUDIENCES[form.do], words=words, by=by)


def _answer(
    opened: OpenSession, question: AskedQuestion, form: QuestionForm, *, by: str
) -> Answered:
    """Keep an answer, take it back, accept what is suggested, or say why there is none."""
    place = question.place
    were = {place: _with_line_feeds(form.was)}
    given: Sequence[tuple[str, str]] = ()
    taken_over: Sequence[str] = ()
    not_relevant: Sequence[tuple[str, str]] = ()
    objected: Sequence[tuple[str, str]] = ()
    match form.do:
        case "answer" if form.proposal is not None:
            given = _proposed_to_rows(opened, question, form.proposal)
        case "rows":
            changed = [row for row in _row_answers(question, form) if row.text != row.was]
            given = [(row.place, row.text) for row in changed]
            were = {row.place: row.was for row in changed}
        case "answer" | "take_back":
            given = [(place, form.text)]
        case "accept":
            given = accepted_answers([place], opened.questions, {})
        case "take_over":
            taken_over = [place]
        case "not_relevant":
            not_relevant = [(place, form.reason)]
        case "object":
            objected = [(place, form.reason)]
        case _:
            pass
    return answers.answer(
        opened,
        given,
        taken_over=taken_over,
        not_relevant=not_relevant,
        objected=objected,
        were=were,
        is_only=form.alone,
        by=by,
    )


def _with_line_feeds(text: str) -> str:
    """Return a text of a form, in which browsers send two characters for a line break, as we keep it."""
    return text.replace("\r\n", "\n")


def outcome_notice(web: Web, opened: OpenSession, outcome: Outcome, *, by: str) -> Notice:
    """Say what a decision came to, and keep what takes it back."""
    undo = web.undo_steps.keep(outcome.undo, of=opened, by=by)
    sentences = [*outcome.sentences, outcome.left]
    return Notice(
        " ".join(filter(None, sentences)), "ok" if outcome.is_something else "info", undo=undo
    )


def _refuse_unseen_proposals(
    opened: OpenSession, question: AskedQuestion, *, shown_count: int | None
) -> None:
    """Stop what would cover a proposal that came after the page was shown."""
    if shown_count is None:
        return
    once = opened.asked.in_ticket([question])[0]
    proposals = opened.proposed_to(once)
    if len(proposals) > shown_count:
        raise WrongUseError(
            f"The client proposed meanwhile: “{proposals[0].text_with_rows}”. Nothing was saved."
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


@dataclass(frozen=True, kw_only=True)
class QuestionFilters:
    """Which questions the address asks for, and what they are put under."""

    only: Shown
    by: Grouping
    ticket: int | None
    sheet: str
    assignee: str
    first: bool
    """Only those that change the estimate."""

    def chosen(self, opened: OpenSession, card_of: Mapping[int, QuestionCard]) -> list[AskedOnce]:
        return [
            once
            for once in opened.asked.once
            if _is_in_tab(self.only, opened, once, card_of.get(id(once)))
            and self._matches(once, card_of.get(id(once)))
        ]

    def _matches(self, once: AskedOnce, card: QuestionCard | None) -> bool:
        if self.first and not (card and card.is_first):
            return False
        if self.sheet and once.asked.file != self.sheet:
            return False
        tickets = [question.ticket for question in once.everywhere]
        if self.ticket is not None and self.ticket not in {ticket.number for ticket in tickets}:
            return False
        return not self.assignee or self.assignee in map(_assignee, tickets)


class QuestionGroup(NamedTuple):
    """Questions below one heading of the page."""

    card: QuestionCard | None
    """None: they do not belong together otherwise."""
    name: str
    when: str
    questions: list[AskedOnce]


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
    every = opened.asked.once
    counts = _counts(opened)
    if ticket or sheet or assignee:
        only = only or Shown.OPEN
        by = by or Grouping.TICKET
    filters = QuestionFilters(
        only=only or _first_tab(counts),
        by=by or Grouping.CARD,
        ticket=ticket,
        sheet=sheet,
        assignee=assignee,
        first=first,
    )
    cards = cards_of(every)
    # By identity: comparing questions, which are large tuples, would take longer than the page may.
    card_of = {id(once): card for card in cards for once in card.asked}
    chosen = filters.chosen(opened, card_of)

    views = []
    if filters.only in {Shown.OPEN, Shown.AGENCY}:
        views = [once for once in chosen if once.asked.is_about_form]
    if len(views) > 1:  # they have a page of their own
        chosen = [once for once in chosen if not once.asked.is_about_form]
    listed = page_of(
        request, _sorted(chosen, filters.by, card_of), number=page, size=QUESTIONS_SHOWN
    )
    next_places = {
        once.asked.place: following.asked.place for once, following in pairwise(listed.items)
    }
    first_cards = [card for card in cards if card.is_first and card.whose is Whose.AGENCY]
    for_client = client_cards(opened)
    sheet_names = {once.asked.file for once in every if once.asked.is_asked}
    assignees = {_assignee(asking) for asking in opened.tickets if asking.revision.questions}
    return show(
        request,
        "questions.html",
        opened=opened,
        listed=listed,
        grouped=_groups(listed.items, filters.by, card_of),
        then=next_places,
        left=opened.asked.left,
        counts=counts,
        first_count=sum(len(card.asked) for card in first_cards),
        view_count=len(views),
        suggested_count=sum(once.is_suggested for once in every),
        client_links=accounts.links_of(opened),
        client_topics=Counter(card.topic for card in for_client),
        client_minutes=minutes_needed(for_client),
        link_days=(accounts.LINK_DAYS, accounts.LINK_DAYS_MAX),
        asked_count=len(every),
        by=filters.by,
        only=filters.only,
        ticket=ticket,
        sheet=sheet,
        assignee=assignee,
        first=first,
        sheets=sorted(sheet_names),
        assignees=sorted(assignees),
        groupings=list(Grouping),
        shown_kinds=list(Shown),
        nobody=NOBODY,
        back=address_with(request),
        limits={"answer": ANSWER_MAX_CHARACTERS},
        workbooks=",".join(sorted(WORKBOOK_SUFFIXES)),
    )


def _first_tab(counts: Mapping[str, int]) -> Shown:
    """Return the first tab of people who have something to answer; the agency's come first."""
    for whose in Whose:
        if counts[whose.value]:
            return Shown(whose.value)
    return Shown.OPEN


def _is_in_tab(tab: Shown, opened: OpenSession, once: AskedOnce, card: QuestionCard | None) -> bool:
    match tab:
        case Shown.OPEN:
            return once.is_open
        case Shown.PROPOSED:
            return once in opened.questions_with_proposals
        case Shown.ANSWERED:
            return once.asked.answer is not None
        case Shown.NOT_RELEVANT:
            return once.asked.is_dismissed
        case Shown.ALL:
            return True
        case Shown.AGENCY | Shown.CLIENT | Shown.DEVELOPER | Shown.ASSUMED:
            if card is not None:
                return card.whose.value == tab.value
            # A view to describe belongs to no card: it waits for the agency.
            is_open_view = once.is_open and once.asked.is_about_form
            return tab is Shown.AGENCY and is_open_view


def _sorted(
    questions: list[AskedOnce], by: Grouping, card_of: Mapping[int, QuestionCard]
) -> list[AskedOnce]:
    """Sort questions so that those of a group are together; within one they keep their order."""
    if by is Grouping.TICKET:
        return questions
    if by is Grouping.CARD:
        positions = {key: position for position, key in enumerate(card_of)}
        return sorted(questions, key=lambda once: positions.get(id(once), len(positions)))
    return sorted(questions, key=lambda once: _group_name(once, by))


def _groups(
    questions: Sequence[AskedOnce], by: Grouping, card_of: Mapping[int, QuestionCard]
) -> list[QuestionGroup]:
    """Put sorted questions under their headings."""

    def heading(once: AskedOnce) -> tuple[QuestionCard | None, str, str]:
        card = card_of.get(id(once)) if by is Grouping.CARD else None
        if card is None:
            return None, _group_name(once, by), ""
        is_alone = len(card.asked) == 1
        return None if is_alone else card, card.topic.capitalize(), card.when

    groups = []
    for (card, name, when), alike in groupby(questions, key=heading):
        groups.append(QuestionGroup(card, name, when, list(alike)))
    return groups


def _assignee(ticket: Ticket) -> str:
    return ticket.assignee or NOBODY


def _group_name(once: AskedOnce, by: Grouping) -> str:
    ticket = once.asked.ticket
    if by is Grouping.SHEET:
        return once.asked.file
    if by is Grouping.ASSIGNEE:
        return _assignee(ticket)
    return f"{ticket.number} · {ticket.title}"


def _counts(opened: OpenSession) -> Mapping[str, int]:
    """Return how many questions each tab has, by name; those of people add up to all open ones."""
    counts = {whose.value: count for whose, count in count_asked(opened.asked.once).items()}
    counts["open"] = opened.asked.left.count
    counts["proposed"] = len(opened.questions_with_proposals)
    return counts


@router.post("")
def answer(
    request: Request, person: Reviewer, opened: Opened, web: TheWeb, form: AboutQuestion
) -> Response:
    """Do what somebody wants about a question, and show the list again, at the next question.

    A script gets that question alone, as it is now.
    """
    notice = decide_question(web, opened, form, by=person.name)
    opened = opened.reload()
    question = form.question_in(opened)
    notice = replace(notice, undone_at=question.place if question else "")
    list_address = address_with(request)
    if question is None or request.headers.get("accept") != ONE_QUESTION:
        return go_to(request, list_address + anchor_of(form.then), notice)
    once = opened.asked.in_ticket([question])[0]
    return show(
        request,
        "answered.html",
        opened=opened,
        notices=[notice],
        counts=_counts(opened),
        once=once,
        q=question,
        here=f"/sessions/{opened.key}/tickets/",
        back=list_address,
        limits={"answer": ANSWER_MAX_CHARACTERS},
    )


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
def answer_card(
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
    """Give one answer to all questions of a card that nobody answered; all are kept, or none."""
    address = address_with(request).replace("/questions/card", "/questions", 1)
    refused_at(request, address)
    opened.stored.refuse_others(sheets)
    text = _with_line_feeds(answer_text).strip()
    if not place or not text:
        raise WrongUseError("The answer is empty.")
    shown_counts = dict(zip(place, proposed or (), strict=False))
    for question in opened.questions:
        if question.place in place:
            shown_count = shown_counts.get(question.place, 0)
            _refuse_unseen_proposals(opened, question, shown_count=shown_count)
    given = [(question_place, text) for question_place in place]
    were = _objections(opened, place)
    outcome = answers.answer(opened, given, were=were, by=person.name)
    notice = outcome_notice(web, opened, outcome, by=person.name)
    return go_to(request, address, replace(notice, kind="ok"))


@router.post("/suggestions")
def accept_suggestions(
    request: Request,
    person: Reviewer,
    opened: Opened,
    web: TheWeb,
    *,
    place: Annotated[list[Place] | None, Form(max_length=CARD_MAX)] = None,
    sheets: SheetsShown = "",
) -> Response:
    """Accept the suggestions that are ticked, of questions that nobody answered; all or none."""
    refused_at(request, request.url.path)
    opened.stored.refuse_others(sheets)
    if not place:
        raise WrongUseError("Select at least one suggestion.")
    were = _objections(opened, place)
    outcome = answers.answer(opened, accepted=place, were=were, by=person.name)
    notice = outcome_notice(web, opened, outcome, by=person.name)
    address = address_with(request).replace("/questions/suggestions", "/questions", 1)
    return go_to(request, address, replace(notice, kind="ok"))


def _objections(opened: OpenSession, places: Sequence[str]) -> Mapping[str, str]:
    """Return what a page showed of questions that nobody answered, by place: objections, or nothing."""
    shown = {question.place: question.objection for question in opened.questions}
    return {place: shown.get(place, "") for place in places}


@router.post("/stranded")
def take_stranded(
    request: Request,
    person: Reviewer,
    opened: Opened,
    web: TheWeb,
    *,
    answer: Annotated[int | None, Form(ge=1)] = None,
    question: Annotated[str, Form(max_length=PLACE_MAX_CHARACTERS)] = "",
    place: Annotated[str, Form(max_length=PLACE_MAX_CHARACTERS)] = "",
    note: Annotated[int | None, BLANK_IS_NONE, Form(ge=1, le=1_000_000_000)] = None,
    reason: Annotated[str, Form(max_length=REASON_MAX_CHARACTERS)] = "",
) -> Response:
    """Use what a client answered, or a question sent to somebody, for another row, or set it aside."""
    address = refused_at(request, f"/sessions/{opened.key}/questions")
    if answer is None:
        outcome = _take_question(opened, question, place=place.strip(), by=person.name)
    else:
        outcome = answers.take_answer(
            opened, [answer], place=place.strip(), note=note, reason=reason, by=person.name
        )
    notice = outcome_notice(web, opened, outcome, by=person.name)
    return go_to(request, address, replace(notice, kind="ok"))


def _take_question(opened: OpenSession, name: str, *, place: str, by: str) -> Outcome:
    """Send the question at a place as one was sent that no row asks; without a place, set that aside."""
    if not place:
        return answers.ask(opened, [name], by=by)
    by_name = {stranded.place: stranded for stranded in opened.stranded_questions}
    if name not in by_name:
        raise WrongUseError(f"Nothing was saved: no question {name} waits that is no longer asked.")
    stranded = by_name[name]
    return answers.ask(opened, [place], audience=stranded.audience, words=stranded.words, by=by)


@file_router.get("/file")
def questions_file(
    _person: Reader,
    session: Opened,
    *,
    open: bool = False,  # noqa: A002 - the name in the address
) -> Response:
    """Write the questions as a workbook to send to a client, to be filled in."""
    listed = merge_same_questions(q for q in session.questions if q.is_open or not open)
    return Response(
        questions_workbook(listed, session.proposed_answers),
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
    outcome = answers.answer_by_file(
        opened, content, name=(file.filename or "The file")[:NAME_MAX], by=person.name
    )
    return go_to(request, address, " ".join(outcome.sentences))


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
    if not topic:
        raise WrongUseError("No topic selected: select at least one.")
    is_every_topic = {card.topic for card in client_cards(opened)} <= {*topic}
    link_address, link = accounts.make_link(
        opened,
        base=web.pipeline.settings.web_base_url or str(request.base_url),
        days=days,
        by=person.name,
        made_for=made_for,
        sender=sender,
        topics=() if is_every_topic else topic,
    )
    cards = accounts.cards_on(opened, link)
    return show(
        request,
        "client_link.html",
        opened=opened,
        address=link_address,
        link=link,
        count=len(cards),
        minutes=minutes_needed(cards),
    )
