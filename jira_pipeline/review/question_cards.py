"""Questions put together on cards: by who can answer them, and what people decide at once.

A `QuestionCard` has questions of one kind for one owner: agency, client or developer, or those that
are assumed. A client gets a link with `ClientCard`s, which say the same in the client's words, in
the order of what blocks most, with an estimate of the minutes that they take.

Belongs here: cards, how many questions wait for whom, what a client's link shows. Does not: whose a
kind of question is, its words and what
silence means (`drupal/words`), who moves one (`answers.ask`), the page of a
client (`web/pages/client_page`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jira_pipeline.drupal.words import question_words
from jira_pipeline.model.grouped import group_by
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import AskedOnce, AskedQuestion, SharedRow

WORDS_A_MINUTE = 200
"""How fast people read."""
TAP_SECONDS = 3
"""How long one choice takes."""
TYPED_SECONDS = 20
"""How long typing some ten words takes, where there is no choice."""
FINE = "That is fine"
"""The choice that agrees to an assumption; it is not stored, as an assumption holds without it."""
_TOPICS = ("People", "Publishing", "Existing content", "What pages hold", "Files", "Numbers")
"""The topics of clients' questions, those first whose open questions block most."""
_LITERAL = re.compile(r" ?\(`[^`]*`\)|`")
"""Machine names after a label, which say nothing to a client, and marks of literal text."""


class Whose(StrEnum):
    """Whose a card is: of those who can answer it, or nobody's, as it is assumed."""

    AGENCY = "agency"
    CLIENT = "client"
    DEVELOPER = "developer"
    ASSUMED = "assumed"

    @property
    def label(self) -> str:
        return "ours" if self is Whose.AGENCY else self.value


_ORDER = ("estimate", "build", "during", "launch", "")
"""By when a kind of question has to be answered, the earliest first; empty where it does not say."""
_WHEN = {
    "estimate": "before the estimate",
    "build": "before it is built",
    "during": "while it is built",
    "launch": "before the launch",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCard:
    """Questions of one kind that people decide together."""

    whose: Whose
    kind: str
    card: str
    """What its questions have in common besides their kind; the id of a question that is alone."""
    asked: tuple[AskedOnce, ...]

    @property
    def _form(self) -> Mapping[str, str]:
        return question_words().get(self.kind, {})

    @property
    def topic(self) -> str:
        return self._form.get("topic", "other questions")

    @property
    def when(self) -> str:
        """When it has to be answered, as text for people; empty where its kind does not say."""
        return _WHEN.get(self._form.get("by", ""), "")

    @property
    def silence(self) -> str:
        """What is built where nobody answers; empty where it has to be answered."""
        return self._form.get("silence", "")

    @property
    def is_first(self) -> bool:
        """Whether it has to be answered before the estimate, because it changes that."""
        return self._form.get("by") == "estimate"

    @property
    def place(self) -> tuple[int, str]:
        """Sort key: by when cards have to be answered, those of a topic together."""
        return _ORDER.index(self._form.get("by", "")), self.topic


def owner_of(once: AskedOnce) -> Whose | None:
    """Return who has to answer a question, or `ASSUMED`; None where it is answered or left out."""
    if once.is_open:
        return Whose(once.asked.audience)
    is_assumed = any(question.is_assumed for question in once.everywhere)
    return Whose.ASSUMED if is_assumed else None


def count_asked(once_each: Iterable[AskedOnce]) -> Mapping[Whose, int]:
    """Count questions by whose they are; each of `Whose` has a count, in its order.

    Views to describe are counted, too. Without the assumed ones, these are all open questions.
    """
    owners = [owner_of(once) for once in once_each]
    return {owner: owners.count(owner) for owner in Whose}


def counts_text(once_each: Iterable[AskedOnce]) -> str:
    """Return how many questions wait for whom: `ours 53, client 10, developer 18, assumed 41`."""
    counts = count_asked(once_each)
    return ", ".join(f"{owner.label} {count}" for owner, count in counts.items())


def cards_of(once_each: Iterable[AskedOnce]) -> tuple[QuestionCard, ...]:
    """Return the cards of open questions and of assumptions, in the order they are needed.

    Views to describe are on no card: their forms have a page.
    """
    questions_by_card: dict[tuple[Whose, str, str], list[AskedOnce]] = {}
    for once in once_each:
        owner = owner_of(once)
        if owner is None or once.asked.is_about_form:
            continue
        key = (owner, once.asked.kind, _card_of(once.asked))
        questions_by_card.setdefault(key, []).append(once)
    cards: list[QuestionCard] = []
    for (owner, kind, card), questions in questions_by_card.items():
        cards.append(QuestionCard(whose=owner, kind=kind, card=card, asked=tuple(questions)))
    return tuple(sorted(cards, key=lambda card: card.place))


def _card_of(question: AskedQuestion) -> str:
    """Return what a question has in common with others of its kind; its id where it is asked alone.

    Questions that compare the same rows, each from the side of another one, have these in common.
    """
    # A question that no rule asks, or that somebody put in words, is asked alone.
    form = question_words().get(question.kind, {"card": "each"})
    if question.compared and not question.words:
        rows = {(question.file, question.line)}
        rows |= {(row.file, row.line) for row in question.compared}
        return f"{question.column} {sorted(rows)}"
    is_alone = form.get("card") == "each" or bool(question.words)
    return question.question_id if is_alone else question.card


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """One thing to answer on a client's card: one row of a question, or several with one answer."""

    name: str
    """The name of its field in the form: ids of ticket and row, the same in every generation."""
    label: str
    """What the answer is for; empty where the card asks one thing only."""
    ask: str
    """The question; empty where the card itself asks it."""
    quote: str
    """What the specification says; empty where that is nothing that a client wrote or reads."""
    choices: tuple[str, ...]
    silence: str
    """What is built without an answer; empty where an answer is needed."""
    is_several: bool
    """Whether more than one of the choices may be chosen."""
    rows: tuple[SharedRow, ...]
    """The rows that an answer is proposed to."""
    parts: tuple["CardPart", ...]
    """The waiting rows one by one, where one answer is asked for several."""

    @property
    def is_decided(self) -> bool:
        """Whether none of its rows waits, while others of its question do."""
        return not any(row.is_waiting for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPart:
    """One of several rows that one answer is asked for, so that a client can answer it differently."""

    name: str
    """The name of its own field in the form."""
    label: str
    row: SharedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCard:
    """A card as a client sees it: things that are decided together."""

    name: str
    topic: str
    title: str
    ask: str
    rows: tuple[CardRow, ...]
    is_assumption: bool
    """Whether it is built as assumed unless the client objects."""

    @property
    def silence(self) -> str:
        """What is built for all its rows without an answer; empty where that differs by row."""
        silences = {row.silence for row in self.rows}
        return silences.pop() if len(silences) == 1 else ""


def client_cards(session: OpenSession) -> tuple[ClientCard, ...]:
    """Return the cards that a client's link shows: first what only a client can answer.

    Then come assumptions about the client's matters. Both are ordered by what blocks most.
    """
    of_client = []
    for card in cards_of(session.asked.once):
        if Whose.CLIENT in (card.whose, card.asked[0].asked.audience):
            of_client.append(card)
    alike = group_by(of_client, lambda card: (card.whose, *_heading(card)))
    cards = (_client_card(topic, title, same) for (_, topic, title), same in alike.items())
    return tuple(sorted(cards, key=_order_for_client))


def _order_for_client(card: ClientCard) -> tuple[bool, int, int]:
    """Return a sort key: questions before assumptions, then by topic, then the quickest first."""
    topic_place = _TOPICS.index(card.topic) if card.topic in _TOPICS else len(_TOPICS)
    return card.is_assumption, topic_place, sum(map(_seconds, card.rows))


def minutes_needed(cards: Iterable[ClientCard]) -> int:
    """Return how many minutes a client needs to read cards, choose and type; 0 for no cards."""
    seconds = 0.0
    for card in cards:
        texts = [card.title, card.ask, card.silence]
        for row in card.rows:
            texts += [row.label, row.ask, row.quote, *row.choices]
        seconds += len(" ".join(texts).split()) * 60 / WORDS_A_MINUTE
        seconds += sum(map(_seconds, card.rows))
    return max(1, round(seconds / 60)) if seconds else 0


def _seconds(row: CardRow) -> int:
    """Return how long answering takes, without reading."""
    if row.is_decided:
        return 0
    if row.is_several:  # each of its choices is decided about
        return TAP_SECONDS * len(row.choices)
    return TAP_SECONDS if row.choices else TYPED_SECONDS


def _words_for(question: AskedQuestion) -> Mapping[str, Any]:
    """Return how a question's kind is asked of a client: topic, title and form of the answer.

    Empty where a person put the question in words, and for one that an older version stored, which
    has no labels.
    """
    if question.words or not question.labels:
        return {}
    words: Mapping[str, Any] = question_words().get(question.kind, {}).get("client", {})
    return words


def _heading(card: QuestionCard) -> tuple[str, str]:
    """Return topic and title under which a client sees a card."""
    first = card.asked[0].asked
    words = _words_for(first)
    if words:
        return words["topic"], words["title"].replace("{card}", _plain(first.card))
    return "Other questions", _plain(first.words or first.question)


def _client_card(topic: str, title: str, cards: Sequence[QuestionCard]) -> ClientCard:
    """Make one client's card of several cards that have the same topic and title."""
    questions: list[AskedOnce] = []
    for card in cards:
        questions += card.asked
    asks = {_plain(question.asked.for_client) for question in questions}
    # Where the questions have different words, each row says its own.
    common_ask = asks.pop() if len(asks) == 1 else ""
    is_assumption = cards[0].whose is Whose.ASSUMED
    rows: list[CardRow] = []
    for question in questions:
        rows += _rows(question, is_asked=not common_ask, is_assumption=is_assumption)
    return ClientCard(
        name="".join(questions[0].asked.key),
        topic=topic,
        title=title,
        ask="" if common_ask == title else common_ask,
        rows=tuple(rows),
        is_assumption=is_assumption,
    )


def _rows(once: AskedOnce, *, is_asked: bool, is_assumption: bool) -> Iterator[CardRow]:
    """Yield what a question asks on a client's card: one answer for all its rows, or one for each.

    `is_asked` says that each states the question, because the card does not.
    """
    question = once.asked
    words = _words_for(question)
    silence = question_words()[question.kind].get("silence", "") if words else ""
    choices = question.client_choices or question.choices
    if is_assumption:
        silence = "we’ll build it this way"
        choices = (FINE,)
    ticket_id = question.ticket.ticket_id
    quotes = dict(zip(question.keys, question.client_quotes, strict=False))
    rows_by_answer = [once.shared_rows]
    if words and not words.get("is_joint") and len(once.shared_rows) > 1:
        rows_by_answer = [(row,) for row in once.shared_rows]
    for rows in rows_by_answer:
        first = rows[0].in_ticket(ticket_id)
        waiting = [row for row in rows if row.is_waiting] or rows
        labels = []
        if len(rows_by_answer) > 1 or question.labels:
            labels = [row.in_ticket(ticket_id).label for row in waiting]
        yield CardRow(
            name=f"{ticket_id}{first.row_id}",
            label="; ".join(labels),
            ask=_plain(question.for_client) if is_asked else "",
            quote=_plain(quotes.get(first.key, "")),
            choices=choices,
            silence=silence,
            is_several="ticks" in words,
            rows=rows,
            parts=tuple(map(_part, waiting)) if len(labels) > 1 else (),
        )


def _part(row: SharedRow) -> CardPart:
    ticket_id, first = row.rows[0]
    return CardPart(name=f"{ticket_id}.{first.row_id}", label=first.label, row=row)


def _plain(text: str) -> str:
    """Return a text without machine names and marks, which only developers read."""
    return _LITERAL.sub("", text)
