"""Open questions as a list people answer, with what they answered to each row.

Belongs here: the list, which answer a place means. Does not: finding questions
(`tickets/questions`), keeping answers (`store/reviews`), the workbook (`questions_workbook`), what
is only to be accepted (`offered_answers`).
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
"""Ids of the ticket and of the question in it."""
Shared: TypeAlias = tuple[str | None, ...]
"""As `AskedQuestion.shared`."""
_OPEN_QUESTION = tuple(OpenQuestion.__dataclass_fields__)
CELLS_NAMED = 8
"""Of a form, where a place names none of them."""
ANSWER_MAX_CHARACTERS = 5_000
_UNKNOWN = {"audience": Audience.AGENCY}
"""Whose a question is that no rule of now asks: a model's, or one of earlier."""
NOT_RELEVANT = "Not relevant"
"""What an answer begins with that says why its question needs none."""


@json_fields("row=name question_id=row_id answer=given.answer")
@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRow:
    """One of the rows that a question is about, which has an answer of its own."""

    place: str
    """That of the question, and its own there, as in `12.1.3`."""
    key: str
    """One of `OpenQuestion.keys`."""
    row_id: str
    name: str
    """Its entity, without what that belongs to, unless another row of the question has that name."""
    label: str
    """What clients call it; its name where no rule says."""
    given: Answer | None

    @property
    def answer(self) -> str:
        """What was answered; empty where nothing was."""
        return self.given.answer if self.given is not None else ""

    @property
    def is_waiting(self) -> bool:
        """Nobody answered it; what objects to an assumption is no answer."""
        return self.given is None or self.given.answer.startswith(OBJECTION)


@json_fields(
    "ticket_id=ticket.ticket_id number=position ticket_number=ticket.number "
    "ticket_title=ticket.title question_id kind audience is_asked is_assumed assumption? "
    "file line record column quote question proposed_by? suggested_answer? suggested_because? choices compared answer rows "
    "answered_by=given.answered_by answered_at=given.answered_at"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion(OpenQuestion):
    """One question of a ticket with what was answered."""

    ticket: Ticket
    position: int
    """From 1 within its ticket."""
    rows: tuple[AskedRow, ...]
    answer: str | None
    """None where a row has none yet."""
    shared: Shared
    """Its `sharing_key`, and the answers: equal where people are asked once."""
    is_asked: bool = True
    """False where only an answer of earlier is left of it."""
    is_assumed: bool = False
    """It is built so, and nobody has to answer it, as nobody objects."""
    is_routed: bool = False
    """Somebody decided whom it goes to."""
    words: str = ""
    """Those that somebody gave it for the client."""

    @property
    def question_id(self) -> str:
        """What names it, whatever its number: the first of its rows."""
        return self.rows[0].row_id

    @property
    def given(self) -> Answer | None:
        """Its answer, with who gave it; None also where a form that is filled in answers it."""
        return self.rows[0].given if self.answer is not None else None

    @property
    def given_in_part(self) -> str:
        """What was answered of some of its rows, while others wait for an answer."""
        return _each_answer(self.rows) if self.answer is None else ""

    @property
    def key(self) -> QuestionKey:
        """What names it, whatever its number."""
        return self.ticket.ticket_id, self.question_id

    @property
    def keys_of_rows(self) -> tuple[QuestionKey, ...]:
        return tuple((self.ticket.ticket_id, row.row_id) for row in self.rows)

    def with_answer(self, text: str) -> dict[str, str]:
        """Answer it by row: the rows that wait, else all; the answer it has leaves each its own."""
        if self.answer is None:
            # An empty text takes back what objects to an assumption.
            return dict.fromkeys((row.row_id for row in self._waiting_rows), text)
        if text == self.answer:
            return {row.row_id: row.answer for row in self.rows}
        return dict.fromkeys((row.row_id for row in self.rows), text)

    @property
    def objection(self) -> str:
        """What objects to it as an assumption; empty also where rows that wait differ in that."""
        texts = {row.answer for row in self._waiting_rows}
        return texts.pop() if len(texts) == 1 else ""

    @property
    def _waiting_rows(self) -> tuple[AskedRow, ...]:
        return tuple(row for row in self.rows if row.is_waiting)

    @property
    def other_choices(self) -> tuple[str, ...]:
        """The answers to choose from beside the suggested one."""
        return tuple(choice for choice in self.choices if choice != self.suggested_answer)

    @property
    def is_dismissed(self) -> bool:
        """Its answer says that it needs none."""
        return (self.answer or "").startswith(NOT_RELEVANT)

    @property
    def suggestion(self) -> str:
        """What the sheets make likely and why, for people; empty where they say nothing."""
        if not self.suggested_answer:
            return ""
        return f"{self.suggested_answer} ({self.suggested_because})"

    @property
    def place(self) -> str:
        """What people call it: the number of its ticket, and its own there, as in `12.1`."""
        return f"{self.ticket.number}.{self.position}"

    @property
    def is_about_form(self) -> bool:
        """Filling in the form of its ticket answers it, unless somebody did in words."""
        is_in_words = self.answer not in {None, FORM_FILLED_IN}
        has_cells = bool(self.ticket.revision.asked_cells)
        return has_cells and is_about_form(self.question) and not is_in_words

    @property
    def decides_scope(self) -> bool:
        """It asks whether what its ticket builds is to be built at all."""
        return question_words().get(self.kind, {}).get("topic") == "scope"

    @property
    def is_open(self) -> bool:
        """People have to answer it."""
        return self.answer is None and self.ticket.exclusion is None and not self.is_assumed

    @property
    def as_shown(self) -> str:
        """The question, marked where a model proposed it; what is assumed in its place."""
        if self.is_assumed:
            return f"(assumed) {self.assumption}"
        return f"(proposed) {self.question}" if self.proposed_by else self.question


class _Listed(NamedTuple):
    """A question of a ticket, with the ids of its rows."""

    question: OpenQuestion
    row_ids: tuple[str, ...]
    is_asked: bool
    """False where only answers are left of it."""


def questions_of(ticket: Ticket) -> tuple[AskedQuestion, ...]:
    """List the questions of a ticket, then those that only an answer is left of.

    Their audience is the one of their kind: `OpenSession.questions` are those that `routed` gave
    the audience that people decided on, and what every list, page and file shows.
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
        said_of_it = {name: getattr(question, name) for name in _OPEN_QUESTION}
        said_of_it["audience"] = question.audience or audience_of_kind
        questions.append(
            AskedQuestion(
                **said_of_it,
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


def routed(
    of_tickets: Sequence[tuple[AskedQuestion, ...]], routes: Iterable[QuestionRoute]
) -> Iterator[tuple[AskedQuestion, ...]]:
    """Return the questions of each ticket with whom people sent them to, and in which words.

    A ticket that asks a question since it was sent asks the same people.
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
            sent.append(question if route is None else _sent_by(route, question))
        yield tuple(sent)


def _sent_by(route: QuestionRoute, question: AskedQuestion) -> AskedQuestion:
    words = route.words or question.for_client or question.question
    return replace(
        question, audience=route.audience, for_client=words, is_routed=True, words=route.words
    )


def _answers_left(ticket: Ticket) -> Iterable[Sequence[Answer]]:
    """Return the answers whose questions are asked no longer, together what was said once."""
    asked_ids = {cell.cell_id for cell in ticket.revision.asked_cells}
    for question in ticket.left_open:
        asked_ids.update(row_ids_of(question))
    shown = {answer.as_given for answer in ticket.answers if answer.question_id in asked_ids}
    left = [answer for answer in ticket.answers if answer.question_id not in asked_ids]
    by_words = group_by(left, lambda answer: answer.as_given)
    return [answers for words, answers in by_words.items() if words not in shown]


def _question_left(answers: Sequence[Answer]) -> OpenQuestion:
    """Return the question that answers are left of, with the rows that they were said of."""
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
    texts = {answers.get(row.row_id) for row in rows}
    if any(text is None or text.startswith(OBJECTION) for text in texts):
        return None
    return texts.pop() if len(texts) == 1 else _each_answer(rows)


def _each_answer(rows: Iterable[AskedRow]) -> str:
    """Say what was answered of each row that has an answer."""
    return "; ".join(f"{row.name}: {row.given.answer}" for row in rows if row.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRow:
    """One row of a question, in every ticket that asks the question of it."""

    rows: tuple[tuple[str, AskedRow], ...]
    """By id of the ticket, in the order of the tickets."""

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
        """Return it as a ticket has it, or else as the first one has it."""
        return next((row for id_, row in self.rows if id_ == ticket_id), self.first)

    def is_decided_since(self, at: datetime) -> bool:
        """Tell whether somebody answered it, everywhere, after a moment."""
        return not any(
            row.is_waiting or (row.given is not None and row.given.answered_at < at)
            for _, row in self.rows
        )


class AskedOnce(NamedTuple):
    """A question as people are asked it: once, wherever it is; a tuple, for thousands are made."""

    asked: AskedQuestion
    """In the first ticket that has it, with the suggested answer of the first that has one."""
    also: tuple[AskedQuestion, ...]
    """In other tickets that have it and the same answer, or none, so far."""
    is_open: bool
    """People have to answer it, somewhere."""
    is_suggested: bool
    """It is open where the sheets make an answer likely."""

    @property
    def everywhere(self) -> tuple[AskedQuestion, ...]:
        """The question in each ticket that has it."""
        return (self.asked, *self.also)

    @property
    def shared_rows(self) -> tuple[SharedRow, ...]:
        """Its rows, each with what is the same row in other tickets.

        A field that several bundles share is one row of several keys: its name tells that, unless
        a ticket has two of that name. What is asked once of all rows is asked of different things.
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
        """Return the numbers of the tickets that have it, beside one."""
        tickets = [question.ticket for question in self.everywhere]
        return [ticket.number for ticket in tickets if ticket.ticket_id != ticket_id]

    @property
    def also_in(self) -> str:
        """Numbers of the other tickets, as people say them."""
        return ", ".join(str(other.ticket.number) for other in self.also)


def _name_and_passage(key: str) -> str:
    """Return what names a row in its ticket: its entity, and the passage of its cell."""
    _, mark, passage = key.partition(" “")
    return f"{row_name_of(key)}{mark}{passage}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestions:
    """What tickets ask, each question once, in the order of the tickets."""

    once: tuple[AskedOnce, ...] = ()
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
                # The ticket is gone from the sheets, or was read at another moment.
                once = _once([question])
            once_each[question.shared] = once
        return tuple(once_each.values())


def merge_same_questions(questions: Iterable[AskedQuestion]) -> tuple[AskedOnce, ...]:
    """Put together what is asked of one field in several bundles of a type, in their order.

    What was answered differently stays apart.
    """
    return tuple(map(_once, group_by(questions, lambda question: question.shared).values()))


def _once(same: Sequence[AskedQuestion]) -> AskedOnce:
    """Make one question of all that ask the same, in the order of their tickets."""
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


def asked_by(of_ticket: Mapping[str, tuple[AskedQuestion, ...]]) -> AskedQuestions:
    """Put together what tickets ask, given by their ids in the order people gave them."""
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


def answered_alike(
    place: AskedQuestion, answer: str, questions: Iterable[AskedQuestion]
) -> dict[str, dict[str, str]]:
    """Answer a question wherever it is asked as it is in one place, by ticket and question id."""
    same = [question for question in questions if question.shared == place.shared]
    return {question.ticket.ticket_id: question.with_answer(answer) for question in same}


def once_of(place: AskedQuestion, questions: Iterable[AskedQuestion]) -> AskedOnce:
    """Return a question with all that ask the same, in the order of these."""
    return _once([question for question in questions if question.shared == place.shared])


def _answered_in_row(
    place: AskedQuestion, row: AskedRow, answer: str, questions: Iterable[AskedQuestion]
) -> dict[str, dict[str, str]]:
    """Answer one row of a question wherever it is asked, by ticket and question id."""
    key = (place.ticket.ticket_id, row.row_id)
    by_ticket: dict[str, dict[str, str]] = {}
    for shared in once_of(place, questions).shared_rows:
        if key in shared.keys:
            for ticket_id, row_id in shared.keys:
                by_ticket.setdefault(ticket_id, {})[row_id] = answer
    return by_ticket


def answers_at(
    given: Iterable[tuple[str, str]],
    questions: Sequence[AskedQuestion],
    *,
    cells: Iterable[AskedCell | AskedForSite] = (),
    is_only: bool,
) -> Mapping[str, Mapping[str, str]]:
    """Return answers that people gave by place, by ticket id and question id.

    Each counts wherever its question is asked, of the row that its place names or of all that wait,
    unless `is_only` keeps it to its place; one in a cell of a form counts there.

    Raises:
        WrongUseError: There is no such question or cell, one gets two answers, an answer is too
            long, or leaves its cell open.
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
            answers.add(place, _answered_in_row(question, row, answer, among))
        elif place not in by_place:
            near = _cells_near(place, by_cell.values())
            answers.faults.append(f"there is no question {place!r}{near}")
        else:
            question = by_place[place]
            among = [question] if is_only else questions
            answers.add(place, answered_alike(question, answer, among))
    numbered = Action.of(ActionKind.SHOW_QUESTIONS, "The numbers are in the first column of {}.")
    refuse(answers.faults, numbered)
    return answers.texts


@dataclass(slots=True)
class _AnswersByTicket:
    """Answers as they are gathered by place, and what is wrong with them."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    """By ticket and question id."""
    first_places: dict[QuestionKey, str] = field(default_factory=dict)
    """Where each was given first."""
    faults: list[str] = field(default_factory=list)

    def add(self, place: str, by_ticket: Mapping[str, Mapping[str, str]]) -> None:
        """Take the answer of a place, for all that it answers; the first that differs is a fault."""
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
    """Name the cells of the ticket in whose form a place looks for one, or what a site is asked."""
    number, _, rest = place.partition(".")
    if "." not in rest and number != SITE:
        return ""
    near = [cell.place for cell in cells if cell.place.startswith(f"{number}.")]
    whole = "the site" if number == SITE else f"the form of ticket {number}"
    return f"; {whole} has {first_named(near, CELLS_NAMED)}" if near else ""


def answers_with_reason(
    reasons: Iterable[tuple[str, str]], verdict: str
) -> Sequence[tuple[str, str]]:
    """Return the answers that say why questions need none, or assumptions do not hold, by place.

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
        refuse([f"why {places} is {verdict.casefold()} is missing"], "Say it in a few words.")
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
    refuse(others, Action.of(ActionKind.SHOW_QUESTIONS, "{} lists them, marked as assumed."))
    return answers_with_reason(reasons, OBJECTION)


def refuse(faults: Sequence[str], step: Action | str) -> None:
    """Stop what has faults, and say what to do.

    Raises:
        WrongUseError: There are some.
    """
    if faults:
        fault = f"Nothing was saved: {'; '.join(faults)}."
        raise WrongUseError(fault, recovery_actions=(step,))
