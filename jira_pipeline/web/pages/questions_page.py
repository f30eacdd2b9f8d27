"""The page of questions: an inbox of what the sheets leave open, by ticket, sheet or assignee.

A question stands in a ticket, at a place such as `12.3` (the third question of ticket 12), and may be
about several rows. An `AskedQuestion` is a question of one ticket; where tickets ask the same, these are
one `AskedOnce`, and one answer is for all of them. A card is what people decide together: several such
questions about one topic.

Belongs here: the list with its filters, the forms of one question, on the page of its ticket too,
suggestions, the spreadsheet out and back, links for clients. Does not: the forms of views
(`view_forms_page`), what answers mean (`review/questions`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from jira_pipeline.model.errors import AnswerConflictError, InputError, PipelineError, WrongUseError
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.model.sheet_names import WORKBOOK_SUFFIXES
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
from jira_pipeline.web.context import KNOWN_PARAMETERS_ONLY, Opened, Reader, Reviewer, TheWeb, Web
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
TYPED_TEXT_SHOWN_MAX = 500
"""Characters of what was typed, in a notice that it was not saved; a browser with scripts has all of it."""
TICKETS_NAMED_MAX = 10
"""Tickets that a notice leads to, of those that are to be approved again after an answer."""
_AUDIENCES = {f"ask {audience.value}": audience for audience in Audience} | {
    "word": Audience.CLIENT
}
"""Whom a form sends a question to, by what it does; `word` gives the client other words."""
PLACE_PATTERN = r"^[0-9.]*$"
ROWS_MAX = 500
"""Of one question, in a form."""
QUESTIONS_PER_PAGE = 20
CARD_MAX = 500
"""Questions that one answer is given to."""
SUGGESTIONS_SHOWN = 200
"""On one page, to be accepted at once."""
NAME_MAX = 200
ONE_QUESTION = "text/html; of=question"
"""The header `accept` of the script of the page, which wants the question alone for an answer."""
VALUE_MAX = 300
AnswerText = Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)]
Place = Annotated[str, Form(max_length=PLACE_MAX_CHARACTERS, pattern=PLACE_PATTERN)]
router = APIRouter(prefix="/sessions/{key}/questions")
file_router = APIRouter(
    prefix="/api/sessions/{key}/questions",
    tags=["sessions"],
    dependencies=[KNOWN_PARAMETERS_ONLY],
)


class Workbook(Response):
    """A spreadsheet to download."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class QuestionForm(BaseModel):
    """The form of one question: what somebody answers or decides, and what the page showed of it."""

    ticket_id: Annotated[str, Field(max_length=64)]
    question_id: Annotated[str, Field(max_length=64)]
    do: Annotated[str, Field(max_length=20)] = "answer"
    """What to do: a word of `_answer`, or of `_AUDIENCES` to send the question to somebody."""
    answer_text: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    choice: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    was: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    """The answer that the page showed; empty where it showed none."""
    proposed: Annotated[int | None, Field(ge=0)] = None
    """How many proposals of clients the page showed; None where a program sent the form."""
    alone: bool = False
    """The answer is for this ticket only, though others ask the same."""
    reason: Annotated[str, Field(max_length=REASON_MAX_CHARACTERS)] = ""
    proposal: Annotated[int | None, Field(ge=0)] = None
    """The number of what a client proposed and somebody accepts."""
    row: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=ROWS_MAX)] = []
    """Ids of the rows that are answered one by one; the two lists below have a text for each."""
    row_was: Annotated[list[AnswerText], Field(max_length=ROWS_MAX)] = []
    """The answers that the page showed; empty where it showed none."""
    row_text: Annotated[list[AnswerText], Field(max_length=ROWS_MAX)] = []
    """The answers that they get."""
    words: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    """The question in other words, for the client who is asked."""
    then: Annotated[str, Field(max_length=PLACE_MAX_CHARACTERS, pattern=PLACE_PATTERN)] = ""
    """The place of the question that comes next in the list, to go on with."""

    @property
    def text(self) -> str:
        """The answer: a choice, or what was typed; empty where the answer is taken back."""
        if self.do == "take_back":
            return ""
        return _with_line_feeds(self.choice or self.answer_text)

    def question_in(self, opened: OpenSession) -> AskedQuestion | None:
        """Return the question that the form is about; None where it is not asked any more."""
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
    """Yield the answer of a form to each row that it names, also where it is what the page showed.

    Raises:
        WrongUseError: One of the rows is not asked about any more, or the form is not whole.
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


def _proposed_answers(
    opened: OpenSession, question: AskedQuestion, answer_id: int
) -> list[tuple[str, str]]:
    """Return the place of each row that one proposal of a client is for, with the proposed answer.

    Raises:
        WrongUseError: The proposal is not about this question any more.
    """
    (once,) = opened.asked.in_ticket([question])
    for proposal in opened.proposed_to(once):
        if proposal.proposal.answer_id == answer_id:
            rows = [row.in_ticket(question.ticket.ticket_id) for row in proposal.rows]
            return [(row.place, proposal.text) for row in rows]
    raise WrongUseError("What the client proposed is no longer about this question.")


def decide_question(web: Web, opened: OpenSession, form: QuestionForm, *, by: str) -> Notice:
    """Do what a form says about a question, and return the notice of it: what was done, or why not.

    Where somebody else answered meanwhile, the notice quotes what was typed, so that it is not lost.
    """
    question = form.question_in(opened)
    try:
        if question is None:
            raise WrongUseError("This question is no longer open.")
        _refuse_unseen_proposals(opened, question, shown_count=form.proposed)
        if form.do in _AUDIENCES:
            sent = _send_question(opened, question, form, by=by)
            return outcome_notice(web, opened, sent, by=by)
        outcome = _answer(opened, question, form, by=by)
    except AnswerConflictError as error:
        notice = notice_of(error)
        if form.text:
            typed = form.text[:TYPED_TEXT_SHOWN_MAX]
            notice = replace(notice, text=f"{notice.text} Yours: “{typed}”")
        return notice
    except PipelineError as error:
        return notice_of(error)
    notice = outcome_notice(web, opened, outcome, by=by)
    return replace(notice, tickets=outcome.unmarked[:TICKETS_NAMED_MAX])


def _send_question(
    opened: OpenSession, question: AskedQuestion, form: QuestionForm, *, by: str
) -> Outcome:
    """Send a question to those who are to answer it, to the client perhaps in other words."""
    words = _with_line_feeds(form.words) if form.do == "word" else ""
    return answers.ask(opened, [question.place], audience=_AUDIENCES[form.do], words=words, by=by)


def _answer(
    opened: OpenSession, question: AskedQuestion, form: QuestionForm, *, by: str
) -> Answered:
    """Save an answer, take it back, accept what is suggested, or say why there is none.

    Raises:
        AnswerConflictError: The question has another answer by now than the page showed.
        WrongUseError: A row or proposal of the form is not there any more.
    """
    place = question.place
    answers_shown = {place: _with_line_feeds(form.was)}
    # Answers and reasons, each with the place that it is for.
    given: Sequence[tuple[str, str]] = ()
    taken_over: Sequence[str] = ()
    not_relevant: Sequence[tuple[str, str]] = ()
    objected: Sequence[tuple[str, str]] = ()
    match form.do:
        case "answer" if form.proposal is not None:
            given = _proposed_answers(opened, question, form.proposal)
        case "rows":
            changed_rows = [row for row in _row_answers(question, form) if row.text != row.was]
            given = [(row.place, row.text) for row in changed_rows]
            answers_shown = {row.place: row.was for row in changed_rows}
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
        case _:  # an unknown word: nothing is done, and the outcome says so
            pass
    return answers.answer(
        opened,
        given,
        taken_over=taken_over,
        not_relevant=not_relevant,
        objected=objected,
        were=answers_shown,
        is_only=form.alone,
        by=by,
    )


def _with_line_feeds(text: str) -> str:
    """Return a text with line breaks as they are kept: browsers send two characters for each."""
    return text.replace("\r\n", "\n")


def outcome_notice(web: Web, opened: OpenSession, outcome: Outcome, *, by: str) -> Notice:
    """Keep what takes a decision back for its undo button, and return the notice that has it."""
    undo = web.undo_steps.keep(outcome.undo, of=opened, by=by)
    text = " ".join(filter(None, [*outcome.sentences, outcome.left]))
    return Notice(text, "ok" if outcome.is_something else "info", undo=undo)


def _refuse_unseen_proposals(
    opened: OpenSession, question: AskedQuestion, *, shown_count: int | None
) -> None:
    """Refuse to answer where a client proposed an answer that the page did not show yet.

    Raises:
        WrongUseError: There are more proposals than the page showed.
    """
    if shown_count is None:  # a program says nothing of what it saw
        return
    once = opened.asked.in_ticket([question])[0]
    proposals = opened.proposed_to(once)
    if len(proposals) > shown_count:
        raise WrongUseError(
            f"The client has proposed an answer since you opened this page: “{proposals[0].text_with_rows}”. Nothing was saved."
        )


def anchor_of(place: str) -> str:
    """Return the fragment of an address that leads to a question, `#question-12-3`; empty for no place."""
    return f"#question-{place.replace('.', '-')}" if place else ""


class Grouping(StrEnum):
    """By what the list puts questions together under a heading."""

    CARD = "card"
    """What people decide together."""
    TICKET = "ticket"
    SHEET = "sheet"
    ASSIGNEE = "assignee"


class ShownQuestions(StrEnum):
    """Which questions a tab of the list shows; the first four are as `Whose`: who is to answer."""

    AGENCY = "agency"
    CLIENT = "client"
    DEVELOPER = "developer"
    ASSUMED = "assumed"
    OPEN = "open"
    PROPOSED = "proposed"
    """Open, with an answer that a client proposed."""
    ANSWERED = "answered"
    NOT_RELEVANT = "not relevant"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class QuestionFilters:
    """Which questions the address asks for, and under what headings; a blank filter asks for all."""

    only: ShownQuestions
    by: Grouping
    ticket: int | None
    """The number of a ticket that asks the question; None for any."""
    sheet: str
    """The file whose rows it is about."""
    assignee: str
    first: bool
    """Only those that change the estimate."""

    def matching(self, opened: OpenSession, card_of: Mapping[int, QuestionCard]) -> list[AskedOnce]:
        """Return the questions of a session that match; `card_of` is by the `id` of a question."""
        matching: list[AskedOnce] = []
        for once in opened.asked.once:
            card = card_of.get(id(once))
            if _is_in_tab(self.only, opened, once, card) and self._matches(once, card):
                matching.append(once)
        return matching

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
    """What people decide together; None where the questions are only listed below each other."""
    name: str
    when: str
    """When they have to be answered, in words; blank where nobody says."""
    questions: list[AskedOnce]


@router.get("")
def questions(
    request: Request,
    _person: Reader,
    opened: Opened,
    *,
    by: Grouping | None = None,
    only: ShownQuestions | None = None,
    ticket: Annotated[int | None, BLANK_IS_NONE, Query(ge=1, le=1_000_000_000)] = None,
    sheet: Annotated[str, Query(max_length=VALUE_MAX)] = "",
    assignee: Annotated[str, Query(max_length=VALUE_MAX)] = "",
    first: bool = False,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """List the questions that the address asks for, each once, however many tickets ask it.

    Without a tab the page shows the first in which somebody has something to answer; for one ticket,
    sheet or assignee all that is open, by ticket.
    """
    every_question = opened.asked.once
    counts = _counts_of_tabs(opened)
    if ticket or sheet or assignee:
        only = only or ShownQuestions.OPEN
        by = by or Grouping.TICKET
    filters = QuestionFilters(
        only=only or _first_tab(counts),
        by=by or Grouping.CARD,
        ticket=ticket,
        sheet=sheet,
        assignee=assignee,
        first=first,
    )
    cards = cards_of(every_question)
    # By identity: comparing questions, which are large tuples, would take longer than the page may.
    card_of = {id(once): card for card in cards for once in card.asked}
    matching = filters.matching(opened, card_of)

    views = []
    if filters.only in {ShownQuestions.OPEN, ShownQuestions.AGENCY}:
        views = [once for once in matching if once.asked.is_about_form]
    if len(views) > 1:  # they have a page of their own
        matching = [once for once in matching if not once.asked.is_about_form]
    listed = page_of(
        request, _sorted(matching, filters.by, card_of), number=page, size=QUESTIONS_PER_PAGE
    )
    next_places: dict[str, str] = {}
    for once, following in pairwise(listed.items):
        next_places[once.asked.place] = following.asked.place
    first_count = 0
    for card in cards:
        if card.is_first and card.whose is Whose.AGENCY:
            first_count += len(card.asked)
    return show(
        request,
        "questions.html",
        opened=opened,
        listed=listed,
        grouped=_groups(listed.items, filters.by, card_of),
        then=next_places,
        left=opened.asked.left,
        counts=counts,
        first_count=first_count,
        view_count=len(views),
        suggested_count=sum(once.is_suggested for once in every_question),
        asked_count=len(every_question),
        back=address_with(request),
        limits={"answer": ANSWER_MAX_CHARACTERS},
        workbooks=",".join(sorted(WORKBOOK_SUFFIXES)),
        **_client_link_values(opened),
        **_filter_values(opened, filters),
    )


def _client_link_values(opened: OpenSession) -> dict[str, Any]:
    """Return what the page shows of links for clients, and of what a new one would ask."""
    cards = client_cards(opened)
    return {
        "client_links": accounts.links_of(opened),
        "client_topics": Counter(card.topic for card in cards),
        "client_minutes": minutes_needed(cards),
        "link_days": (accounts.LINK_DAYS, accounts.LINK_DAYS_MAX),
    }


def _filter_values(opened: OpenSession, filters: QuestionFilters) -> dict[str, Any]:
    """Return the filters of the list as they are set, with what each of them offers."""
    sheets = {once.asked.file for once in opened.asked.once if once.asked.is_asked}
    assignees = {_assignee(ticket) for ticket in opened.tickets if ticket.revision.questions}
    return {
        "by": filters.by,
        "only": filters.only,
        "ticket": filters.ticket,
        "sheet": filters.sheet,
        "assignee": filters.assignee,
        "first": filters.first,
        "sheets": sorted(sheets),
        "assignees": sorted(assignees),
        "groupings": list(Grouping),
        "shown_kinds": list(ShownQuestions),
        "nobody": NOBODY,
    }


def _first_tab(counts: Mapping[str, int]) -> ShownQuestions:
    """Return the first tab of people who have something to answer; the agency's comes first."""
    for whose in Whose:
        if counts[whose.value]:
            return ShownQuestions(whose.value)
    return ShownQuestions.OPEN


def _is_in_tab(
    tab: ShownQuestions, opened: OpenSession, once: AskedOnce, card: QuestionCard | None
) -> bool:
    match tab:
        case ShownQuestions.OPEN:
            return once.is_open
        case ShownQuestions.PROPOSED:
            return once in opened.questions_with_proposals
        case ShownQuestions.ANSWERED:
            return once.asked.answer is not None
        case ShownQuestions.NOT_RELEVANT:
            return once.asked.is_dismissed
        case ShownQuestions.ALL:
            return True
        case (
            ShownQuestions.AGENCY
            | ShownQuestions.CLIENT
            | ShownQuestions.DEVELOPER
            | ShownQuestions.ASSUMED
        ):
            if card is not None:
                return card.whose.value == tab.value
            # A view to describe belongs to no card: it waits for the agency.
            is_open_view = once.is_open and once.asked.is_about_form
            return tab is ShownQuestions.AGENCY and is_open_view


def _sorted(
    questions: list[AskedOnce], by: Grouping, card_of: Mapping[int, QuestionCard]
) -> list[AskedOnce]:
    """Sort questions so that those below one heading are together; there they keep their order."""
    if by is Grouping.TICKET:
        return questions
    if by is Grouping.CARD:
        positions = {key: position for position, key in enumerate(card_of)}
        return sorted(questions, key=lambda once: positions.get(id(once), len(positions)))
    return sorted(questions, key=lambda once: _group_name(once, by))


def _groups(
    questions: Sequence[AskedOnce], by: Grouping, card_of: Mapping[int, QuestionCard]
) -> list[QuestionGroup]:
    """Put sorted questions below their headings: the topic of their card, or what they are grouped by."""

    def heading(once: AskedOnce) -> tuple[QuestionCard | None, str, str]:
        card = card_of.get(id(once)) if by is Grouping.CARD else None
        if card is None:
            return None, _group_name(once, by), ""
        is_alone = len(card.asked) == 1  # a card of one question has nothing to decide together
        return None if is_alone else card, card.topic.capitalize(), card.when

    groups = []
    for (card, name, when), of_heading in groupby(questions, key=heading):
        groups.append(QuestionGroup(card, name, when, list(of_heading)))
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


def _counts_of_tabs(opened: OpenSession) -> Mapping[str, int]:
    """Return how many questions tabs have, by their value; those of people add up to all open ones."""
    counts = {whose.value: count for whose, count in count_asked(opened.asked.once).items()}
    counts["open"] = opened.asked.left.count
    counts["proposed"] = len(opened.questions_with_proposals)
    return counts


@router.post("")
def answer(
    request: Request, person: Reviewer, opened: Opened, web: TheWeb, form: AboutQuestion
) -> Response:
    """Do what a form says about a question, and go on to the next one in the list.

    The script of the page, which asks for `ONE_QUESTION`, gets the question alone, as it is now.
    """
    notice = decide_question(web, opened, form, by=person.name)
    opened = opened.reload()
    question = form.question_in(opened)
    notice = replace(notice, undone_at=question.place if question else "")
    list_address = address_with(request)
    if question is None or request.headers.get("accept") != ONE_QUESTION:
        return go_to(request, list_address + anchor_of(form.then), notice)
    once = opened.asked.in_ticket([question])[0]
    left = opened.asked.left
    return show(
        request,
        "answered.html",
        opened=opened,
        notices=[notice],
        counts=_counts_of_tabs(opened),
        left=left,
        once=once,
        q=question,
        here=f"/sessions/{opened.key}/tickets/",
        back=list_address,
        limits={"answer": ANSWER_MAX_CHARACTERS},
    )


@router.get("/suggestions")
def suggestions(request: Request, _person: Reviewer, opened: Opened) -> Response:
    """Show the answers that the sheets make likely, to accept all of them, or some, at once."""
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
    """Give one answer to all questions of a card that nobody answered; all are saved, or none.

    `place` are those of the questions, and `proposed` how many proposals the page showed of each.

    Raises:
        WrongUseError: There is no answer, or a client proposed one that the page did not show.
    """
    # The filters of the list are in the address of this form, too.
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
    answers_shown = _answers_shown(opened, place)
    outcome = answers.answer(opened, given, were=answers_shown, by=person.name)
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
    """Accept the suggested answers at some places, of questions that nobody answered; all or none."""
    refused_at(request, request.url.path)
    opened.stored.refuse_others(sheets)
    if not place:
        raise WrongUseError("Select at least one suggestion.")
    answers_shown = _answers_shown(opened, place)
    outcome = answers.answer(opened, accepted=place, were=answers_shown, by=person.name)
    notice = outcome_notice(web, opened, outcome, by=person.name)
    address = address_with(request).replace("/questions/suggestions", "/questions", 1)
    return go_to(request, address, replace(notice, kind="ok"))


def _answers_shown(opened: OpenSession, places: Sequence[str]) -> Mapping[str, str]:
    """Return what the page showed as answers of questions that nobody answered, by place.

    That is an objection where there is one, and otherwise nothing.
    """
    objections = {question.place: question.objection for question in opened.questions}
    return {place: objections.get(place, "") for place in places}


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
    """Use an answer or a question that newer sheets left without its row for another one, or drop it.

    `answer` is the number of what a client answered, `question` the place of one that was sent to
    somebody. `place` is what to use it for; with a blank one it is set aside.
    """
    address = refused_at(request, f"/sessions/{opened.key}/questions")
    if answer is None:
        outcome = _take_question(opened, question, new_place=place.strip(), by=person.name)
    else:
        outcome = answers.take_answer(
            opened, [answer], place=place.strip(), note=note, reason=reason, by=person.name
        )
    notice = outcome_notice(web, opened, outcome, by=person.name)
    return go_to(request, address, replace(notice, kind="ok"))


def _take_question(opened: OpenSession, stranded_place: str, *, new_place: str, by: str) -> Outcome:
    """Send a question to whom another one was sent that no row asks any more, in the same words.

    Without a new place, the question that is not asked any more is set aside.
    """
    if not new_place:
        return answers.ask(opened, [stranded_place], by=by)
    stranded_by_place = {stranded.place: stranded for stranded in opened.stranded_questions}
    if stranded_place not in stranded_by_place:
        raise WrongUseError(
            f"Nothing was saved: no question {stranded_place} waits that is no longer asked."
        )
    stranded = stranded_by_place[stranded_place]
    return answers.ask(opened, [new_place], audience=stranded.audience, words=stranded.words, by=by)


@file_router.get("/file", response_class=Workbook)
def questions_file(
    _person: Reader,
    session: Opened,
    *,
    open: bool = False,  # noqa: A002 - the name in the address
) -> Response:
    """Send the questions as a workbook to be filled in; with `open` only those without an answer."""
    listed = merge_same_questions(
        question for question in session.questions if question.is_open or not open
    )
    return Workbook(
        questions_workbook(listed, session.proposed_answers),
        headers={"content-disposition": f'attachment; filename="questions-{session.key}.xlsx"'},
    )


@router.post("/upload")
def upload(
    request: Request, person: Reviewer, opened: Opened, file: Annotated[UploadFile, File()]
) -> Response:
    """Save the answers of a workbook that was filled in, all of them or none."""
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
    """Make a link for somebody of the client and show it once, or revoke the link `revoke`.

    Raises:
        WrongUseError: No topic was selected.
    """
    address = refused_at(request, f"/sessions/{opened.key}/questions", by=WrongUseError)
    if revoke:
        return go_to(request, address, accounts.revoke_links(opened, [revoke], by=person.name))
    if not topic:
        raise WrongUseError("No topic selected: select at least one.")
    topics_of_link = [*topic]
    every_topic = {card.topic for card in client_cards(opened)}
    if every_topic <= {*topic}:
        topics_of_link = []  # all of them, also those that come later
    base = web.pipeline.settings.web_base_url or str(request.base_url)
    link_address, link = accounts.make_link(
        opened,
        base=base,
        days=days,
        by=person.name,
        made_for=made_for,
        sender=sender,
        topics=topics_of_link,
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
