"""Questions put together as people are asked them: by who can answer, what one answer may settle.

Belongs here: cards, how many questions wait for whom; those of a client, in whose words, what a
link may show and how long that takes. Does not: whose a kind of question is, its words and what
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
"""Of reading."""
TAP_SECONDS = 3
"""For one choice."""
TYPED_SECONDS = 20
"""For some ten words, where there is no choice."""
FINE = "That is fine"
"""What nobody has to be told of: an assumption holds without it."""
_TOPICS = ("People", "Publishing", "Existing content", "What pages hold", "Files", "Numbers")
"""What blocks most comes first."""
_LITERAL = re.compile(r" ?\(`[^`]*`\)|`")
"""Machine names beside a label, which say nothing to a client, and marks of literal text."""


class Whose(StrEnum):
    """Where a card is: with whoever can answer it, or among the assumptions."""

    AGENCY = "agency"
    CLIENT = "client"
    DEVELOPER = "developer"
    ASSUMED = "assumed"

    @property
    def label(self) -> str:
        return "ours" if self is Whose.AGENCY else self.value


_ORDER = ("estimate", "build", "during", "launch", "")
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
    """What its questions have in common beside their kind."""
    asked: tuple[AskedOnce, ...]

    @property
    def _form(self) -> Mapping[str, str]:
        return question_words().get(self.kind, {})

    @property
    def topic(self) -> str:
        return self._form.get("topic", "other questions")

    @property
    def when(self) -> str:
        """Until when it has to be answered, for people; empty where nobody says."""
        return _WHEN.get(self._form.get("by", ""), "")

    @property
    def silence(self) -> str:
        """What is built where nobody answers; empty where it has to be answered."""
        return self._form.get("silence", "")

    @property
    def is_first(self) -> bool:
        """It changes the estimate: what it leaves open has to be known before all else."""
        return self._form.get("by") == "estimate"

    @property
    def place(self) -> tuple[int, str]:
        """Sort cards by when they are needed, those of a topic together."""
        return _ORDER.index(self._form.get("by", "")), self.topic


def whose(once: AskedOnce) -> Whose | None:
    """Return with whom a question waits, or that it is assumed; None: it is answered or left out."""
    if once.is_open:
        return Whose(once.asked.audience)
    is_assumed = any(question.is_assumed for question in once.everywhere)
    return Whose.ASSUMED if is_assumed else None


def count_asked(once_each: Iterable[AskedOnce]) -> Mapping[Whose, int]:
    """Count questions, views to describe among them, by whose they are, all of `Whose` in its order.

    Those that people answer are together as many as there are to answer.
    """
    owners = [whose(once) for once in once_each]
    return {owner: owners.count(owner) for owner in Whose}


def counts_text(once_each: Iterable[AskedOnce]) -> str:
    """Say how many questions wait for whom: `ours 53, client 10, developer 18, assumed 41`."""
    counts = count_asked(once_each)
    return ", ".join(f"{owner.label} {count}" for owner, count in counts.items())


def cards_of(once_each: Iterable[AskedOnce]) -> tuple[QuestionCard, ...]:
    """Put together questions that wait for somebody, and assumptions, in the order they are needed.

    Views to describe are none: their forms have a page.
    """
    questions_by_card: dict[tuple[Whose, str, str], list[AskedOnce]] = {}
    for once in once_each:
        owner = whose(once)
        if owner is None or once.asked.is_about_form:
            continue
        key = (owner, once.asked.kind, _card_of(once.asked))
        questions_by_card.setdefault(key, []).append(once)
    cards: list[QuestionCard] = []
    for (owner, kind, card), questions in questions_by_card.items():
        cards.append(QuestionCard(whose=owner, kind=kind, card=card, asked=tuple(questions)))
    return tuple(sorted(cards, key=lambda card: card.place))


def _card_of(question: AskedQuestion) -> str:
    """Return what a question has in common with others of its kind, else what names it alone."""
    # What no rule asks, and what somebody worded, is asked by itself, too.
    form = question_words().get(question.kind, {"card": "each"})
    is_alone = form.get("card") == "each" or bool(question.words)
    return question.question_id if is_alone else question.card


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """One thing to answer on a card: a row of a question, or several that one answer is asked for."""

    name: str
    """Opaque, and the same in every generation: the question and row that an answer is written to."""
    label: str
    """Empty where the card asks one thing only."""
    ask: str
    """Empty where the card says it."""
    quote: str
    """What the specification says; empty: nothing that a client wrote or reads."""
    choices: tuple[str, ...]
    silence: str
    """What is built if nothing is said; empty where an answer is needed."""
    is_several: bool
    """Of the choices more than one may hold."""
    rows: tuple[SharedRow, ...]
    """An answer is proposed to each."""
    parts: tuple["CardPart", ...]
    """Those that wait, one by one, where one answer is asked for several."""

    @property
    def is_decided(self) -> bool:
        """People answered it, while other rows of its question wait."""
        return not any(row.is_waiting for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPart:
    """One of several rows that one answer is asked for, to be answered otherwise than the others."""

    name: str
    """As that of a `CardRow`, and another one."""
    label: str
    row: SharedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCard:
    """What a client decides at once."""

    name: str
    topic: str
    title: str
    ask: str
    rows: tuple[CardRow, ...]
    is_assumption: bool
    """It is built so unless the client objects."""

    @property
    def silence(self) -> str:
        """What is built of all its rows if nothing is said; empty where that differs."""
        silences = {row.silence for row in self.rows}
        return silences.pop() if len(silences) == 1 else ""


def client_cards(session: OpenSession) -> tuple[ClientCard, ...]:
    """Return what only the client can answer, what blocks most first, then what is assumed of them."""
    of_client = [
        card
        for card in cards_of(session.asked.once)
        if Whose.CLIENT in (card.whose, card.asked[0].asked.audience)
    ]
    alike = group_by(of_client, lambda card: (card.whose, *_heading(card)))
    cards = (_client_card(topic, title, same) for (_, topic, title), same in alike.items())
    return tuple(sorted(cards, key=_order_for_client))


def _order_for_client(card: ClientCard) -> tuple[bool, int, int]:
    """Sort what has to be answered before assumptions, then by topic, then the quickest first."""
    topic_place = _TOPICS.index(card.topic) if card.topic in _TOPICS else len(_TOPICS)
    return card.is_assumption, topic_place, sum(map(_seconds, card.rows))


def minutes(cards: Iterable[ClientCard]) -> int:
    """Return how long a client needs for cards, by words to read, choices and texts."""
    seconds = 0.0
    for card in cards:
        texts = [card.title, card.ask, card.silence]
        for row in card.rows:
            texts += [row.label, row.ask, row.quote, *row.choices]
        seconds += len(" ".join(texts).split()) * 60 / WORDS_A_MINUTE
        seconds += sum(map(_seconds, card.rows))
    return max(1, round(seconds / 60)) if seconds else 0


def _seconds(row: CardRow) -> int:
    if row.is_decided:
        return 0
    if row.is_several:  # each of its choices is decided about
        return TAP_SECONDS * len(row.choices)
    return TAP_SECONDS if row.choices else TYPED_SECONDS


def _words_for(asked: AskedQuestion) -> Mapping[str, Any]:
    """Return how its kind is asked of a client; nothing where a person worded it, or nobody did.

    An older version kept a question without them.
    """
    is_worded = asked.labels and not asked.words
    return question_words().get(asked.kind, {}).get("client", {}) if is_worded else {}


def _heading(card: QuestionCard) -> tuple[str, str]:
    first = card.asked[0].asked
    if words := _words_for(first):
        return words["topic"], words["title"].replace("{card}", _plain(first.card))
    return "Other questions", _plain(first.words or first.question)


def _client_card(topic: str, title: str, cards: Sequence[QuestionCard]) -> ClientCard:
    """Make one card for a client of several that have the same topic and title."""
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
    """Yield the rows of a card that a question comes to: one, or one for each of its rows."""
    question = once.asked
    words = _words_for(question)
    silence = question_words()[question.kind].get("silence", "") if words else ""
    choices = question.client_choices or question.choices
    if is_assumption:
        silence = "it is built so"
        choices = (FINE,)
    ticket_id = question.ticket.ticket_id
    quotes = dict(zip(question.keys, question.client_quotes, strict=False))
    together = [once.shared_rows]
    if words and not words.get("is_joint") and len(once.shared_rows) > 1:
        together = [(row,) for row in once.shared_rows]
    for rows in together:
        first = rows[0].in_ticket(ticket_id)
        waiting = [row for row in rows if row.is_waiting] or rows
        labels = []
        if len(together) > 1 or question.labels:
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
    """Return words without what only developers read."""
    return _LITERAL.sub("", text)
