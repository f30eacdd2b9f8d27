"""Open questions as people are asked them, with the answers they gave.

A ticket asks a question about one row of the sheets or several; each row has an answer of its own.
The same question may be in many tickets (`AskedQuestion`) but is asked once (`AskedOnce`). People
name a question by its place: `12.1` is the first question of ticket 12, `12.1.3` its third row. The
store has answers by ids: ticket id and question id, which is the id of a row.

Belongs here: the list of questions, which answers a place means. Does not: finding questions
(`tickets/questions`), storing answers (`store/reviews`), the workbook (`questions_workbook`),
suggestions and proposals (`offered_answers`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import NamedTuple, TypeAlias

from jira_pipeline.drupal.words import question_words
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.forms_in_text import OPEN, is_about_form
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.open_questions import (
    ASKED_ONCE,
    NO_QUESTIONS,
    OBJECTION,
    Audience,
    OpenQuestion,
    PlacedQuestion,
    QuestionRoute,
    QuestionsLeft,
    sharing_key,
)
from jira_pipeline.model.site_answers import SITE
from jira_pipeline.model.tickets import (
    FORM_FILLED_IN,
    Answer,
    Ticket,
    row_ids_of,
    row_name_of,
    row_names_of,
)
from jira_pipeline.review.forms import AskedCell, AskedForSite

QuestionKey: TypeAlias = tuple[str, str]
"""The id of a ticket and that of a question, or of one of its rows, in it."""
Shared: TypeAlias = tuple[str | None, ...]
"""A value that is equal where people are asked once: see `AskedQuestion.shared`."""
_OPEN_QUESTION = tuple(OpenQuestion.__dataclass_fields__)
CELLS_NAMED = 8
"""How many cells of a form an error names as possible places."""
ANSWER_MAX_CHARACTERS = 5_000
_UNKNOWN = {"audience": Audience.AGENCY}
"""The form of a question that no rule asks: a model's, or one of an older version."""
NOT_RELEVANT = "Not relevant"
"""Begins an answer that says why its question needs none."""


@json_fields("row=name question_id=row_id answer=given.answer")
@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRow:
    """One of the rows that a question is about, with an answer of its own."""

    place: str
    """The place of the question and the row's number in it, as in `12.1.3`."""
    key: str
    """What names the row in the sheets: one of `OpenQuestion.keys`."""
    row_id: str
    """The id under which its answer is stored: a hash of question and key."""
    name: str
    """The name of its entity, with its bundle only where two rows of the question share the name."""
    label: str
    """What clients call it; its name where no rule has a label."""
    given: Answer | None
    """The stored answer; None where nobody answered."""

    @property
    def answer(self) -> str:
        """What was answered; empty where nothing was."""
        return self.given.answer if self.given is not None else ""

    @property
    def is_waiting(self) -> bool:
        """Whether it needs an answer; an objection to an assumption is none."""
        return self.given is None or self.given.answer.startswith(OBJECTION)


@json_fields(
    "ticket_id=ticket.ticket_id number=position ticket_number=ticket.number "
    "ticket_title=ticket.title question_id kind audience is_asked is_assumed assumption? "
    "file line record column quote question proposed_by? suggested_answer? suggested_because? choices compared answer rows "
    "answered_by=given.answered_by answered_at=given.answered_at"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion(OpenQuestion):
    """One question of a ticket with its answers."""

    ticket: Ticket
    position: int
    """Its number within the ticket, from 1."""
    rows: tuple[AskedRow, ...]
    answer: str | None
    """The answers of all rows as one text; None where a row has none yet."""
    shared: Shared
    """Its `sharing_key` and its answers: questions with equal values are asked once."""
    is_asked: bool = True
    """False where the rows ask it no more, and only its answer is left."""
    is_assumed: bool = False
    """Its assumption is built, so nobody has to answer it, as long as nobody objects."""
    is_routed: bool = False
    """Somebody decided who is asked."""
    words: str = ""
    """The words in which somebody put it for the client; empty where nobody did."""

    @property
    def question_id(self) -> str:
        """The id that stays when its number changes: that of its first row."""
        return self.rows[0].row_id

    @property
    def given(self) -> Answer | None:
        """The stored answer of its first row; None where it is open, or a filled-in form answers it."""
        return self.rows[0].given if self.answer is not None else None

    @property
    def given_in_part(self) -> str:
        """The answers of some of its rows, while others wait; empty where all have one or none."""
        return _each_answer(self.rows) if self.answer is None else ""

    @property
    def key(self) -> QuestionKey:
        """The ids of its ticket and of itself, which stay when its number changes."""
        return self.ticket.ticket_id, self.question_id

    @property
    def keys_of_rows(self) -> tuple[QuestionKey, ...]:
        return tuple((self.ticket.ticket_id, row.row_id) for row in self.rows)

    def with_answer(self, text: str) -> dict[str, str]:
        """Return the answers of its rows, by row id, where it is answered with a text.

        The text is for the rows that wait, or for all where none does. The text of the present
        answer leaves each row its own.
        """
        if self.answer is None:
            # An empty text takes back what objects to an assumption.
            return dict.fromkeys((row.row_id for row in self._waiting_rows), text)
        if text == self.answer:
            return {row.row_id: row.answer for row in self.rows}
        return dict.fromkeys((row.row_id for row in self.rows), text)

    @property
    def objection(self) -> str:
        """The objection to its assumption; empty where there is none, or waiting rows differ."""
        texts = {row.answer for row in self._waiting_rows}
        return texts.pop() if len(texts) == 1 else ""

    @property
    def _waiting_rows(self) -> tuple[AskedRow, ...]:
        return tuple(row for row in self.rows if row.is_waiting)

    @property
    def other_choices(self) -> tuple[str, ...]:
        """The answers to choose from, without the suggested one."""
        return tuple(choice for choice in self.choices if choice != self.suggested_answer)

    @property
    def is_dismissed(self) -> bool:
        """Its answer says that it needs none."""
        return (self.answer or "").startswith(NOT_RELEVANT)

    @property
    def suggestion(self) -> str:
        """The answer that the sheets make likely, and why; empty where they suggest none."""
        if not self.suggested_answer:
            return ""
        return f"{self.suggested_answer} ({self.suggested_because})"

    @property
    def place(self) -> str:
        """What people call it: the number of its ticket and its own in it, as in `12.1`."""
        return f"{self.ticket.number}.{self.position}"

    @property
    def is_about_form(self) -> bool:
        """Whether filling in the form of its ticket answers it, as nobody answered it in words."""
        is_in_words = self.answer not in {None, FORM_FILLED_IN}
        has_cells = bool(self.ticket.revision.asked_cells)
        return has_cells and is_about_form(self.question) and not is_in_words

    @property
    def decides_scope(self) -> bool:
        """Whether it asks if the ticket's subject is to be built at all."""
        return question_words().get(self.kind, {}).get("topic") == "scope"

    @property
    def is_open(self) -> bool:
        """Whether people have to answer it."""
        return self.answer is None and self.ticket.exclusion is None and not self.is_assumed

    @property
    def as_shown(self) -> str:
        """The text for lists: the question, marked if a model proposed it, or the assumption."""
        if self.is_assumed:
            return f"(assumed) {self.assumption}"
        return f"(proposed) {self.question}" if self.proposed_by else self.question


class _Listed(NamedTuple):
    """A question of a ticket, with the ids of its rows."""

    question: OpenQuestion
    row_ids: tuple[str, ...]
    is_asked: bool
    """False where the rows ask it no more, and only answers are left."""


def questions_of(ticket: Ticket) -> tuple[AskedQuestion, ...]:
    """Return the questions of a ticket, then those of which only an answer is left.

    Each has the audience of its kind here. `with_routes` gives them the audience that people decided
    on; so every list, page and file shows `OpenSession.questions`.
    """
    listed = [
        _Listed(question=question, row_ids=row_ids_of(question), is_asked=True)
        for question in ticket.left_open
    ]
    for answers_left in _answers_left(ticket):
        row_ids = tuple(answer.question_id for answer in answers_left)
        question = _question_left(answers_left)
        listed.append(_Listed(question=question, row_ids=row_ids, is_asked=False))

    assumed = ticket.assumed
    given = {answer.question_id: answer for answer in ticket.answers}
    answers = ticket.given_answers
    questions = []
    for position, (question, row_ids, is_asked) in enumerate(listed, start=1):
        place = f"{ticket.number}.{position}"
        rows = _rows_of(place, question, row_ids, given=given)
        placed = PlacedQuestion(ticket.ticket_id, ticket.group_key, question)
        audience_of_kind = question_words().get(question.kind, _UNKNOWN)["audience"]
        fields = {name: getattr(question, name) for name in _OPEN_QUESTION}
        fields["audience"] = question.audience or audience_of_kind
        questions.append(
            AskedQuestion(
                **fields,
                ticket=ticket,
                position=position,
                rows=rows,
                answer=answer_to(rows, answers),
                shared=(*sharing_key(placed), *dict.fromkeys(map(answers.get, row_ids))),
                is_asked=is_asked,
                is_assumed=ticket.exclusion is None and question in assumed,
            )
        )
    return tuple(questions)


def _rows_of(
    place: str, question: OpenQuestion, row_ids: tuple[str, ...], *, given: Mapping[str, Answer]
) -> tuple[AskedRow, ...]:
    """Return the rows of the question at a place, with the answers given to them by their ids."""
    keys = question.keys or row_ids
    names = row_names_of(keys)
    # Not every question has a label for each row.
    labels = question.labels if len(question.labels) == len(keys) else names
    rows: list[AskedRow] = []
    for row_id, key, name, label in zip(row_ids, keys, names, labels, strict=True):
        number = len(rows) + 1
        row = AskedRow(
            place=f"{place}.{number}",
            key=key,
            row_id=row_id,
            name=name,
            label=label,
            given=given.get(row_id),
        )
        rows.append(row)
    return tuple(rows)


def with_routes(
    of_tickets: Sequence[tuple[AskedQuestion, ...]], routes: Iterable[QuestionRoute]
) -> Iterator[tuple[AskedQuestion, ...]]:
    """Yield the questions of each ticket, with the audience and words of the routes people gave them.

    A question in a ticket without a route has the route that the same question has in another one.
    """
    route_of = {(route.ticket_id, route.question_id): route for route in routes}
    route_of_same: dict[Shared, QuestionRoute] = {}
    for question in chain.from_iterable(of_tickets):
        if question.key in route_of:
            route_of_same.setdefault(question.shared, route_of[question.key])
    for questions in of_tickets:
        sent = []
        for question in questions:
            route = route_of.get(question.key) or route_of_same.get(question.shared)
            sent.append(question if route is None else _with_route(route, question))
        yield tuple(sent)


def _with_route(route: QuestionRoute, question: AskedQuestion) -> AskedQuestion:
    """Return a question as people sent it: in their words, or else in those of its kind."""
    words = route.words or question.for_client or question.question
    return replace(
        question, audience=route.audience, for_client=words, is_routed=True, words=route.words
    )


def _answers_left(ticket: Ticket) -> Iterable[Sequence[Answer]]:
    """Return the answers whose questions the ticket asks no more; equal answers are one group.

    An answer that was given together with one to a question still asked is left out, as that shows it.
    """
    asked_ids = {cell.cell_id for cell in ticket.revision.asked_cells}
    for question in ticket.left_open:
        asked_ids.update(row_ids_of(question))
    shown = {answer.as_given for answer in ticket.answers if answer.question_id in asked_ids}
    left = [answer for answer in ticket.answers if answer.question_id not in asked_ids]
    by_words = group_by(left, lambda answer: answer.as_given)
    return [answers for words, answers in by_words.items() if words not in shown]


def _question_left(answers: Sequence[Answer]) -> OpenQuestion:
    """Return the question that answers once had, as far as they tell it, with its rows."""
    names = [answer.row_name for answer in answers if answer.row_name]
    of_rows = f" ({', '.join(names)})" if names else ""
    are_named = len(names) == len(answers)
    return OpenQuestion(
        file="",
        line=0,
        column="",
        quote="",
        question=f"{answers[0].question}{of_rows}",
        keys=tuple(answer.row_key or answer.question_id for answer in answers),
        labels=tuple(names) if are_named else (),
    )


def answer_to(rows: Sequence[AskedRow], answers: Mapping[str, str]) -> str | None:
    """Return the answer to a question about rows, from the answers by row id.

    It names the rows where their answers differ; None where a row has none, or an objection.
    """
    texts = {answers.get(row.row_id) for row in rows}
    if any(text is None or text.startswith(OBJECTION) for text in texts):
        return None
    return texts.pop() if len(texts) == 1 else _each_answer(rows)


def _each_answer(rows: Iterable[AskedRow]) -> str:
    """Return the answers of rows as one text: `Event: 10; News: none`."""
    return "; ".join(f"{row.name}: {row.given.answer}" for row in rows if row.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRow:
    """One row of a question, as it is in every ticket that asks the question about it."""

    rows: tuple[tuple[str, AskedRow], ...]
    """Pairs of ticket id and row, in the order of the tickets."""

    @property
    def first(self) -> AskedRow:
        """The row in the first of these tickets."""
        return self.rows[0][1]

    @property
    def keys(self) -> tuple[QuestionKey, ...]:
        return tuple((ticket_id, row.row_id) for ticket_id, row in self.rows)

    @property
    def is_waiting(self) -> bool:
        return any(row.is_waiting for _, row in self.rows)

    def in_ticket(self, ticket_id: str) -> AskedRow:
        """Return the row of a ticket, or that of the first one where the ticket has none."""
        for row_ticket_id, row in self.rows:
            if row_ticket_id == ticket_id:
                return row
        return self.first

    def is_decided_since(self, at: datetime) -> bool:
        """Tell whether somebody answered it in every ticket at a time or after it."""
        for _, row in self.rows:
            if row.is_waiting or (row.given is not None and row.given.answered_at < at):
                return False
        return True


class AskedOnce(NamedTuple):
    """A question as people are asked it: once for all tickets that have it with the same answer.

    It is a tuple, because thousands are made.
    """

    asked: AskedQuestion
    """The question in the first ticket, with the first suggested answer of all the tickets."""
    also: tuple[AskedQuestion, ...]
    """The question in the other tickets."""
    is_open: bool
    """It is open in at least one ticket."""
    is_suggested: bool
    """It is open in a ticket in which it has a suggested answer."""

    @property
    def everywhere(self) -> tuple[AskedQuestion, ...]:
        """The question in each ticket that has it."""
        return (self.asked, *self.also)

    @property
    def shared_rows(self) -> tuple[SharedRow, ...]:
        """Its rows, each with the same row in the other tickets.

        Rows are the same by their name: a field that several bundles share has another key in each.
        The key counts where one ticket has two rows of the name, or where the question is about all
        rows together, which are different things.
        """
        same: dict[str, list[tuple[str, AskedRow]]] = {}
        for question in self.everywhere:
            names = Counter(_name_and_passage(row.key) for row in question.rows)
            for row in question.rows:
                identity = _name_and_passage(row.key)
                if names[identity] > 1 or question.kind in ASKED_ONCE:
                    identity = row.key
                same.setdefault(identity, []).append((question.ticket.ticket_id, row))
        return tuple(SharedRow(rows=tuple(rows)) for rows in same.values())

    def elsewhere(self, ticket_id: str) -> list[int]:
        """Return the numbers of the tickets that have it, except this one."""
        tickets = [question.ticket for question in self.everywhere]
        return [ticket.number for ticket in tickets if ticket.ticket_id != ticket_id]

    @property
    def also_in(self) -> str:
        """The numbers of the other tickets, as text: `13, 21`."""
        return ", ".join(str(other.ticket.number) for other in self.also)


def _name_and_passage(key: str) -> str:
    """Return the name of a row's entity, with the passage of its cell where the key quotes one."""
    _, mark, passage = key.partition(" “")
    return f"{row_name_of(key)}{mark}{passage}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestions:
    """All questions of some tickets, as they are asked and as each ticket has them."""

    once: tuple[AskedOnce, ...] = ()
    """Each question once, in the order of the tickets."""
    left: QuestionsLeft = NO_QUESTIONS
    """How many questions people have to answer."""
    of_ticket: Mapping[str, tuple[AskedQuestion, ...]]
    """All questions of each ticket, by its id."""
    by_shared: Mapping[Shared, AskedOnce]

    def in_ticket(self, questions: Iterable[AskedQuestion]) -> tuple[AskedOnce, ...]:
        """Return each question of a ticket once, with the other tickets that have it."""
        once_each = {}
        for question in questions:
            once = self.by_shared.get(question.shared)
            ticket_ids = set()
            if once is not None:
                ticket_ids = {other.ticket.ticket_id for other in once.everywhere}
            if once is None or question.ticket.ticket_id not in ticket_ids:
                # These questions are of another moment, or of a ticket that is gone.
                once = _merged_question([question])
            once_each[question.shared] = once
        return tuple(once_each.values())


def merge_same_questions(questions: Iterable[AskedQuestion]) -> tuple[AskedOnce, ...]:
    """Return each question once, in the order of first mention; different answers keep them apart."""
    return tuple(
        map(_merged_question, group_by(questions, lambda question: question.shared).values())
    )


def _merged_question(same: Sequence[AskedQuestion]) -> AskedOnce:
    """Return one question for questions that ask the same, given in the order of their tickets."""
    still_open = [question for question in same if question.is_open]
    first = same[0]
    suggesting = next((question for question in same if question.suggested_answer), first)
    if suggesting is not first:
        first = replace(
            first,
            suggested_answer=suggesting.suggested_answer,
            suggested_because=suggesting.suggested_because,
        )
    return AskedOnce(
        asked=first,
        also=tuple(same[1:]),
        is_open=bool(still_open),
        is_suggested=any(question.suggested_answer for question in still_open),
    )


def merged_questions(of_ticket: Mapping[str, tuple[AskedQuestion, ...]]) -> AskedQuestions:
    """Return the questions of tickets, by ticket id in the order of the tickets, each also once."""
    once_each = merge_same_questions(chain.from_iterable(of_ticket.values()))
    open_count = 0
    view_count = 0
    by_shared: dict[Shared, AskedOnce] = {}
    for once in once_each:
        by_shared[once.asked.shared] = once
        if once.is_open:
            open_count += 1
            view_count += is_about_form(once.asked.question)
    asking_count = 0
    for questions in of_ticket.values():
        asking_count += any(question.is_open for question in questions)
    left = QuestionsLeft(count=open_count, ticket_count=asking_count, view_count=view_count)
    return AskedQuestions(once=once_each, left=left, of_ticket=of_ticket, by_shared=by_shared)


def answers_everywhere(
    place: AskedQuestion, answer: str, questions: Iterable[AskedQuestion]
) -> dict[str, dict[str, str]]:
    """Return the answers, by ticket id and row id, that answer a question in every ticket.

    `questions` are those among which the same question is looked for.
    """
    same = [question for question in questions if question.shared == place.shared]
    return {question.ticket.ticket_id: question.with_answer(answer) for question in same}


def question_everywhere(place: AskedQuestion, questions: Iterable[AskedQuestion]) -> AskedOnce:
    """Return a question together with the same one in other tickets, which are among `questions`."""
    return _merged_question([question for question in questions if question.shared == place.shared])


def _row_answers_everywhere(
    place: AskedQuestion, row: AskedRow, answer: str, questions: Iterable[AskedQuestion]
) -> dict[str, dict[str, str]]:
    """Return the answers, by ticket id and row id, that answer one row in every ticket."""
    key = (place.ticket.ticket_id, row.row_id)
    by_ticket: dict[str, dict[str, str]] = {}
    for shared in question_everywhere(place, questions).shared_rows:
        if key in shared.keys:
            for ticket_id, row_id in shared.keys:
                by_ticket.setdefault(ticket_id, {})[row_id] = answer
    return by_ticket


def answers_by_ticket(
    given: Iterable[tuple[str, str]],
    questions: Sequence[AskedQuestion],
    *,
    cells: Iterable[AskedCell | AskedForSite] = (),
    is_only: bool,
) -> Mapping[str, Mapping[str, str]]:
    """Return the answers that people gave by place as the store has them: by ticket and question id.

    Each answers the row that its place names, or all waiting rows of the question, in every ticket
    that asks it; with `is_only` in the one ticket of the place. A place may also be a cell of a form.

    Raises:
        WrongUseError: A place is no question or cell, one gets two answers, an answer is too long,
            or leaves its cell open.
    """
    by_place = {question.place: question for question in questions}
    by_row = {row.place: (question, row) for question in questions for row in question.rows}
    by_cell = {cell.place.casefold(): cell for cell in cells}
    answers = _AnswersByTicket()
    for place, text in given:
        answer = text.strip()
        if len(answer) > ANSWER_MAX_CHARACTERS:
            limit = f"{ANSWER_MAX_CHARACTERS:,} characters"
            answers.faults.append(f"{place}: an answer is limited to {limit}")
        if place.casefold() in by_cell:
            ticket_id, cell_id = by_cell[place.casefold()].key
            if answer.endswith(OPEN):
                answers.faults.append(f"{place}: “{OPEN}” at the end marks open answers")
            answers.add(place, {ticket_id: {cell_id: answer}})
        elif place in by_row:
            question, row = by_row[place]
            among = [question] if is_only else questions
            answers.add(place, _row_answers_everywhere(question, row, answer, among))
        elif place not in by_place:
            near = _cells_near(place, by_cell.values())
            answers.faults.append(f"there is no question {place!r}{near}")
        else:
            question = by_place[place]
            among = [question] if is_only else questions
            answers.add(place, answers_everywhere(question, answer, among))
    numbered = Action.of(ActionKind.SHOW_QUESTIONS, "The numbers are in the first column of {}.")
    refuse_faults(answers.faults, numbered)
    return answers.texts


@dataclass(slots=True)
class _AnswersByTicket:
    """Answers while they are gathered place by place, and what is wrong with them."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    """The answers by ticket id and question id."""
    first_places: dict[QuestionKey, str] = field(default_factory=dict)
    """The place whose answer each question got first."""
    faults: list[str] = field(default_factory=list)
    """Why nothing can be saved, for people."""

    def add(self, place: str, by_ticket: Mapping[str, Mapping[str, str]]) -> None:
        """Add the answers of a place; where an earlier place answers otherwise, that is a fault."""
        for ticket_id, of_ticket in by_ticket.items():
            for question_id, answer in of_ticket.items():
                text = self.texts.setdefault(ticket_id, {}).setdefault(question_id, answer)
                first_place = self.first_places.setdefault((ticket_id, question_id), place)
                if text == answer:
                    continue
                if first_place == place:
                    self.faults.append(f"{place} has two answers")
                else:
                    self.faults.append(
                        f"{first_place} and {place} ask the same and have different answers "
                        "(--only keeps them apart)"
                    )
                return


def _cells_near(place: str, cells: Iterable[AskedCell | AskedForSite]) -> str:
    """Return a clause with the cells of the form that a wrong place is in; empty for other places."""
    number, _, rest = place.partition(".")
    if "." not in rest and number != SITE:
        return ""
    near = [cell.place for cell in cells if cell.place.startswith(f"{number}.")]
    whole = "the site" if number == SITE else f"the form of ticket {number}"
    return f"; {whole} has {first_named(near, CELLS_NAMED)}" if near else ""


def answers_with_reason(
    reasons: Iterable[tuple[str, str]], verdict: str
) -> Sequence[tuple[str, str]]:
    """Return answers as pairs of place and text, made of a verdict and people's reasons.

    The verdict is that a question is not relevant, or that an assumption does not hold.

    Raises:
        WrongUseError: A reason is missing.
    """
    answers = []
    without_reason = []
    for place, text in reasons:
        reason = " ".join(text.split())
        answers.append((place, f"{verdict}: {reason}"))
        if not reason:
            without_reason.append(place)
    if without_reason:
        places = ", ".join(without_reason)
        refuse_faults(
            [f"why {places} is {verdict.casefold()} is missing"], "Say it in a few words."
        )
    return answers


def objections_at(
    reasons: Sequence[tuple[str, str]], questions: Sequence[AskedQuestion]
) -> Sequence[tuple[str, str]]:
    """Return the answers that say why assumptions do not hold, by place.

    Raises:
        WrongUseError: A reason is missing, or a place has no assumption.
    """
    assumed = {question.place for question in questions if question.assumption}
    others = [f"{place} has no assumption" for place, _ in reasons if place not in assumed]
    refuse_faults(others, Action.of(ActionKind.SHOW_QUESTIONS, "{} lists them, marked as assumed."))
    return answers_with_reason(reasons, OBJECTION)


def refuse_faults(faults: Sequence[str], step: Action | str) -> None:
    """Refuse to save anything where there are faults; `step` is what a person can do.

    Raises:
        WrongUseError: There are faults.
    """
    if faults:
        fault = f"Nothing was saved: {'; '.join(faults)}."
        raise WrongUseError(fault, recovery_actions=(step,))
