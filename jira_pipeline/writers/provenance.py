"""The provenance check: whatever a model writes must stand in the rows it was told of.

Belongs here: what counts as unfounded, and the words of the second request. Does not: which facts
a model is told (`told_facts`), or what becomes of an answer that fails twice (`model`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.writers.answers import TicketAnswer
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.prompt import as_data
from jira_pipeline.writers.told_facts import Told, told_facts

_MARKED = re.compile(r"`([^`]*)`")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s`“”\"<>]+|[\w.+-]+@[\w-]+\.[\w.-]+")
_DIGITS = re.compile(r"\d+")
_MARKUP = re.compile(r"<[a-zA-Z/!]|\*\*|^#+ |\]\(|```|\n")


class UnfoundedKind(StrEnum):
    """What an answer names without a source."""

    NAME = "name"
    ADDRESS = "address"
    NUMBER = "number"
    FORMAT = "format"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfounded:
    """One thing an answer says that the sheets don't."""

    text: str
    where: str
    """Such as `analysis 2`."""
    kind: UnfoundedKind


def unfounded_in(answer: TicketAnswer, facts: GroupFacts) -> tuple[Unfounded, ...]:
    """Return what an answer says without a source, in its order; empty when all is founded."""
    told = told_facts(facts)
    source = " ".join("\n".join(_texts(told)).split())
    numbers = {*_DIGITS.findall(source)}
    return tuple(
        Unfounded(text=text, where=where, kind=kind)
        for where, sentence in _sentences(answer)
        for kind, text in _complaints(sentence, source=source, numbers=numbers)
    )


def second_request(answer: TicketAnswer, unfounded: Sequence[Unfounded]) -> str:
    """Ask once more for the same ticket, naming what has no source."""
    del answer
    listed = as_data([{"where": u.where, "kind": u.kind.value, "text": u.text} for u in unfounded])
    return (
        "Your answer says things that are not in the specification. "
        f"Write the whole answer again without them: {listed}"
    )


def _texts(told: Told) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, Sequence):
        for item in told:
            yield from _texts(item)
    else:
        for value in told.values():
            yield from _texts(value)


def _sentences(answer: TicketAnswer) -> Iterator[tuple[str, str]]:
    yield "user_story", answer.user_story
    yield from ((f"analysis {n}", text) for n, text in enumerate(answer.analysis, start=1))
    yield from ((f"verification {n}", text) for n, text in enumerate(answer.verification, start=1))
    for n, question in enumerate(answer.questions, start=1):
        yield f"question {n}", question.question
    for n, dependency in enumerate(answer.dependencies, start=1):
        yield f"dependency {n}", dependency.reason


def _complaints(
    sentence: str, *, source: str, numbers: set[str]
) -> Iterator[tuple[UnfoundedKind, str]]:
    for found in _MARKUP.findall(sentence):
        yield UnfoundedKind.FORMAT, found
    for name in _MARKED.findall(sentence):
        if name not in source:
            yield UnfoundedKind.NAME, name
    for address in _ADDRESS.findall(sentence):
        if address.rstrip(".,;:?") not in source:
            yield UnfoundedKind.ADDRESS, address
    for number in _DIGITS.findall(_MARKED.sub("", sentence)):
        if number not in numbers:
            yield UnfoundedKind.NUMBER, number
