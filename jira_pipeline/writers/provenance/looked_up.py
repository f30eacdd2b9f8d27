"""One sentence of an answer beside what it is held against.

Belongs here: which rows a sentence names, its words without literals, addresses in it. Does not:
the rules (`provenance`, `number_rules`), the source (`ticket_source`).
"""

import re
from dataclasses import dataclass

from jira_pipeline.writers.provenance.ticket_source import (
    MARKED,
    QUOTED,
    Passage,
    TicketSource,
    parts_of_quote,
    without_literals,
)
from jira_pipeline.writers.provenance.unfounded import Sentence

ADDRESS = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:|www\.|(?<![\w./])//?)[^\s`“”\"<>()]*[\w/]"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+[\w.-]*\w",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """One sentence with the source it is looked up in."""

    sentence: Sentence
    near: Passage
    """The facts of the rows it names and of the ticket; all of these, where it names none."""
    source: TicketSource
    words: str
    """Without marked names and founded quotations."""


def looked_up(sentence: Sentence, source: TicketSource) -> LookedUp:
    """Find the rows a sentence names and their facts."""
    quotes = [part for m in QUOTED.finditer(sentence.text) for part in parts_of_quote(m)]
    names = [*MARKED.findall(sentence.text), *quotes]
    rows = tuple(row for name in names for row in source.rows_named(name))
    return LookedUp(
        sentence=sentence,
        near=source.near(rows, source.rows_around_named(sentence.text, names)),
        source=source,
        words=without_literals(sentence.text, source),
    )
