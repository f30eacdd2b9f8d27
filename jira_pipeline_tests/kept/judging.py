"""What became of a gift: kept, named or lost, judged by its words and never by what the program says of it.

Belongs here: the three verdicts, and what counts as naming. Does not: where a gift stands while it is
kept (`gifts`), what is seen (`looking`).

*Kept*: the gift is in force where people gave it, and Jira has the words that it had. *Named*: it is not,
but one place that people look at has its words, its ticket and the command that brings it back, together.
All else is lost, even where a table still holds it: what nobody is shown is lost to people.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jira_pipeline_tests.kept.gifts import Gift
from jira_pipeline_tests.kept.looking import Look

COMMAND = "jira-pipeline "


class Verdict(StrEnum):
    KEPT = "kept"
    NAMED = "named"
    LOST = "LOST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict on one gift after one taker, with what explains it."""

    verdict: Verdict
    reason: str = ""
    """What is missing, and where the words still are; empty where the gift is kept."""


def judge(gift: Gift, jira_before: str, looks: Sequence[Look], *, ticket_id: str) -> Finding:
    """Say what became of a gift, by what Jira had before and the look after each act of a taker."""
    missing = []
    for number, look in enumerate(looks, start=1):
        if not gift.stands(look, gift, ticket_id):
            missing.append(f"not in force after act {number}")
        if gift.words in jira_before and gift.words not in look.jira:
            missing.append(f"not in Jira after act {number}")
    if not missing:
        return Finding(verdict=Verdict.KEPT)
    remains = {"rows": looks[-1].rows, "audit": looks[-1].audit, "Jira": looks[-1].jira}
    places = [name for name, text in remains.items() if gift.words in text]
    reason = f"{', '.join(missing)}; still in: {', '.join(places) or 'nothing'}"
    names = [name for look in looks for name in _places_naming(gift, look, ticket_id)]
    if names:
        return Finding(verdict=Verdict.NAMED, reason=f"{reason}; named by {names[0]}")
    return Finding(verdict=Verdict.LOST, reason=reason)


def _places_naming(gift: Gift, look: Look, ticket_id: str) -> Iterator[str]:
    """Return each place that shows the words with their ticket and a command, or its button."""
    page = look.ticket_pages.get(ticket_id, "")
    if gift.page_act and gift.words in page and gift.page_act in page:
        yield "the page of its ticket"
    if not gift.has_words:
        return
    for command, answer in look.answers.items():
        for record in _records_with(gift.words, answer):
            text = str(record)
            has_ticket = not gift.ticket or gift.ticket in text or "ticket" in text
            if has_ticket and COMMAND in text:
                yield command
    for command, text in look.shown.items():
        for block in text.split("\n\n"):
            words = " ".join(block.split())
            if gift.words in words and COMMAND in words:
                yield command


def _records_with(words: str, value: Any) -> Iterator[Mapping[str, Any]]:
    """Return the innermost records that hold the words, and the records that hold these."""
    if isinstance(value, Mapping):
        if words in str(value):
            for child in value.values():
                yield from _records_with(words, child)
            yield value
    elif isinstance(value, list):
        for child in value:
            yield from _records_with(words, child)
