"""What the provenance check returns: one place of an answer that has no source.

Belongs here: the value, its kinds, and the places of an answer. Does not: finding them
(`check`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.writers.answers import TicketAnswer


class UnfoundedKind(StrEnum):
    """What is wrong with a place of an answer."""

    NAME = "name"
    """A machine name, label or other name that is not in the prompt facts."""
    QUOTATION = "quotation"
    """Words between quotation marks that no cell of these rows holds."""
    ADDRESS = "address"
    NUMBER = "number"
    """Neither in a cell of the rows it speaks of nor countable."""
    FILE_TYPE = "file type"
    ROLE = "role"
    CLAIM = "claim"
    """It contradicts a cell of the row it names."""
    ANSWER = "answered"
    """No row that was given answers a question in these words, or the list of answers lacks it."""
    STATED = "stated already"
    """A row that a question names says this of the other thing it names, and it does not quote it."""
    FORMAT = "format"
    """Markup, odd characters, or not the form asked for."""
    LANGUAGE = "language"
    INSTRUCTIONS = "instructions"
    """It repeats the instructions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfounded:
    """One thing an answer says that the sheets don't."""

    text: str
    where: str
    """Such as `analysis 2`."""
    kind: UnfoundedKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One text of an answer with its place."""

    where: str
    text: str


def sentences_of_answer(answer: TicketAnswer) -> Iterator[Sentence]:
    """Return every text people will read, in order."""
    yield Sentence(where="user_story", text=answer.user_story)
    for number, text in enumerate(answer.analysis, start=1):
        yield Sentence(where=f"analysis {number}", text=text)
    for number, text in enumerate(answer.verification, start=1):
        yield Sentence(where=f"verification {number}", text=text)
    for number, question in enumerate(answer.questions, start=1):
        yield Sentence(where=f"question {number}", text=question.question)
    for number, dependency in enumerate(answer.dependencies, start=1):
        yield Sentence(where=f"dependency {number}", text=dependency.reason)
