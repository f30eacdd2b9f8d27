"""Questions put together as people are asked them: by who can answer, what one answer may settle.

Belongs here: cards, how many questions wait for whom. Does not: whose a kind of question is and what
silence means (`tickets/questions/questions.toml`), who moves one (`answers.ask`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.model.grouped import grouped
from jira_pipeline.review.questions import AskedOnce
from jira_pipeline.tickets.questions.question_index import question_forms


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
        return question_forms().get(self.kind, {})

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
    return Whose.ASSUMED if any(q.is_assumed for q in once.everywhere) else None


def count_asked(once_each: Iterable[AskedOnce]) -> Mapping[Whose, int]:
    """Count questions, views to describe among them, by whose they are, all of `Whose` in its order.

    Those that people answer are together as many as there are to answer.
    """
    each = [whose(one) for one in once_each]
    return {one: each.count(one) for one in Whose}


def counts_text(once_each: Iterable[AskedOnce]) -> str:
    """Say how many questions wait for whom: `ours 53, client 10, developer 18, assumed 41`."""
    return ", ".join(f"{one.label} {count}" for one, count in count_asked(once_each).items())


def cards_of(once_each: Iterable[AskedOnce]) -> tuple[QuestionCard, ...]:
    """Put together questions that wait for somebody, and assumptions, in the order they are needed.

    Views to describe are none: their forms have a page.
    """
    waiting = (one for one in once_each if whose(one) and not one.asked.is_about_form)

    def card(once: AskedOnce) -> tuple[Whose, str, str]:
        question = once.asked
        # What no rule asks, and what somebody worded, is asked by itself, too.
        form = question_forms().get(question.kind, {"card": "each"})
        is_alone = form.get("card") == "each" or bool(question.words)
        return (
            Whose(question.audience) if once.is_open else Whose.ASSUMED,
            question.kind,
            question.question_id if is_alone else question.card,
        )

    cards = (
        QuestionCard(whose=owner, kind=kind, card=card, asked=tuple(questions))
        for (owner, kind, card), questions in grouped(waiting, card).items()
    )
    return tuple(sorted(cards, key=lambda card: card.place))
