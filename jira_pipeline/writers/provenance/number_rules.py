"""Numbers of a sentence, looked up where the sentence points.

Belongs here: finding numbers, and when one is in a cell or counts rows. Does not: what can be
counted (`ticket_counts`), other things a sentence names (`provenance`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.lexicon import number_words, word_list
from jira_pipeline.writers.provenance.countable import NumberInText, is_countable
from jira_pipeline.writers.provenance.looked_up import ADDRESS, LookedUp
from jira_pipeline.writers.provenance.plain_words import WORD, normalised, singular, singular_words
from jira_pipeline.writers.provenance.ticket_source import (
    MARKED,
    QUOTED,
    numbers_with_words,
    parts_of_quote,
    without_literals,
)

_TOKEN = re.compile(r"[\w×%]+(?:[.,:×-][\w×%]+)*")
_AROUND_WORDS = 4
"""As many as are taken of a cell (`numbers_with_words`)."""
_CLAUSE_END = re.compile(r"[.;:]")
_PLAIN_NUMBER = re.compile(r"\d+")


def unknown_numbers(looked: LookedUp) -> Iterator[str]:
    """Return numbers that are neither in a cell near by nor count anything in the facts.

    Clauses are looked at one by one: what one of them names says nothing of the next.
    """
    shown = without_literals(looked.sentence.text, looked.source, is_length_kept=True)
    start = 0
    for clause in shown.split(";"):
        text = looked.sentence.text[start : start + len(clause)]
        words = ADDRESS.sub(lambda m: " " * len(m.group()), clause)
        yield from _unknown_numbers(_Clause(words=words, text=text), looked)
        start += len(clause) + 1


@dataclass(frozen=True, kw_only=True)
class _Clause:
    """A part of a sentence between semicolons."""

    words: str
    """Names and founded quotations blanked out, addresses too; as long as what it says."""
    text: str

    @cached_property
    def cues(self) -> frozenset[str]:
        """Its words, and the names it marks or quotes."""
        quoted = (part for m in QUOTED.finditer(self.text) for part in parts_of_quote(m))
        names = {name.casefold() for name in (*MARKED.findall(self.text), *quoted)}
        return singular_words(self.text) | names


def _unknown_numbers(clause: _Clause, looked: LookedUp) -> Iterator[str]:
    for match in _TOKEN.finditer(clause.words):
        token = match.group()
        if not any(map(str.isdigit, token)):
            continue
        if _PLAIN_NUMBER.fullmatch(token):
            is_known = _is_number_known(token, match, clause, looked)
        else:
            is_known = looked.near.has(token)
        if not is_known:
            yield token
    for match in WORD.finditer(clause.words):
        word = singular(match.group())
        value = number_words().get(word)
        if word in word_list("fractions") and not looked.near.has(match.group()):
            yield match.group()
        if value is not None and not _is_number_known(str(value), match, clause, looked):
            yield match.group()


def _is_number_known(token: str, match: re.Match[str], clause: _Clause, looked: LookedUp) -> bool:
    """Tell whether a whole number is in a cell near by or is what can be counted."""
    around = next(
        (words for n, words in numbers_with_words(_window(clause, match)) if n == token),
        frozenset(),
    )
    if looked.near.has_number(token, around) or int(token) in _counts_meant(clause, match, looked):
        return True
    found = NumberInText(
        value=int(token),
        before=normalised(clause.text[: match.start()]),
        after=clause.words[match.end() :],
        cues=clause.cues,
        clause=normalised(clause.text).casefold(),
    )
    return is_countable(found, looked.source.collections)


def _window(clause: _Clause, match: re.Match[str]) -> str:
    """Return the number with what is around it."""
    words_before = clause.words[: match.start()].split()[-_AROUND_WORDS:]
    words_after = clause.words[match.end() :].split()[:_AROUND_WORDS]
    return " ".join([*words_before, match.group(), *words_after])


def _counts_meant(clause: _Clause, match: re.Match[str], looked: LookedUp) -> frozenset[int]:
    """Count the rows that say what the clause quotes, those it goes on to name, and those it means.

    `Two displays, a and b` names two; `three filter by harbour` means the rows with these words.
    """
    quotes = QUOTED.finditer(clause.text)
    found = [looked.source.rows_saying(parts_of_quote(quote)) for quote in quotes]
    after = clause.text[match.end() :]
    named = {name for name in MARKED.findall(after) if looked.source.rows_named(name)}
    words = singular_words(_CLAUSE_END.split(without_literals(after, looked.source), maxsplit=1)[0])
    content_words = (
        words
        - word_list("counted_nouns")
        - word_list("frequent_words")
        - word_list("after_a_bare_count")
    )
    meant = frozenset(word for word in content_words if not word.isdigit())
    counts = frozenset({len(named)}).union(*found, looked.source.rows_with(meant))
    return counts - {0}
