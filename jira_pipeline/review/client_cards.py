"""What a client is asked: cards, each one thing to say about the site in words of its own.

Belongs here: the cards of a session, how long they take to answer. Does not: the page
(`web/pages/client_page`), whose link shows which (`sessions/client_links`).
"""

import hashlib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import AskedQuestion

_MACHINE_NAME = re.compile(r"(?<=”) \(`\w+`\)")
"""After a label, which says the same to a client."""
WORDS_A_MINUTE, TAP_SECONDS, TYPED_WORD_SECONDS = 200, 3, 2
TYPED_WORDS = 10
"""Of an answer that is not chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """One thing to answer on a card."""

    name: str
    """Names the questions that an answer is written to; the same in every look."""
    label: str
    """Empty where the card asks one thing only."""
    quote: str
    """What the specification says, quoted; empty: nothing."""
    choices: tuple[str, ...]
    """The first is what is built where nothing is said, if the card says what silence means."""
    questions: tuple[AskedQuestion, ...]
    """An answer is proposed to each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCard:
    """What stands on one screen of a client."""

    name: str
    topic: str
    title: str
    ask: str
    silence: str
    """What is built if nothing is said; empty where an answer is needed."""
    rows: tuple[CardRow, ...]
    is_assumption: bool
    """It is assumed unless the client objects, and comes at the end."""


def client_cards(session: OpenSession) -> tuple[ClientCard, ...]:
    """Return what the client of a session is asked, in the order of answering."""
    once = [one for one in session.asked.once if one.is_open and not one.asked.is_about_form]
    return tuple(_card_of(one.asked) for one in once)


def _card_of(asked: AskedQuestion) -> ClientCard:
    name = hashlib.sha256(" ".join(asked.key).encode()).hexdigest()[:16]
    row = CardRow(
        name=name,
        label="",
        quote=asked.quote if " " in asked.quote else "",
        choices=tuple(filter(None, (asked.suggested_answer, *asked.other_choices))),
        questions=(asked,),
    )
    return ClientCard(
        name=name,
        topic="Your website",
        title=_MACHINE_NAME.sub("", asked.question).replace("`", ""),
        ask="",
        silence="",
        rows=(row,),
        is_assumption=False,
    )


def minutes(cards: Iterable[ClientCard]) -> int:
    """Return how long cards take to read and to answer, in minutes, rounded up."""
    return math.ceil(sum(map(_seconds, cards)) / 60)


def _seconds(card: ClientCard) -> float:
    texts = [card.title, card.ask, card.silence]
    texts += (text for row in card.rows for text in (row.label, row.quote, *row.choices))
    reading = 60 / WORDS_A_MINUTE * sum(len(text.split()) for text in texts)
    typing = TYPED_WORDS * TYPED_WORD_SECONDS
    return reading + TAP_SECONDS + sum(TAP_SECONDS if row.choices else typing for row in card.rows)
