"""Numbers of a sentence, looked up where the sentence points.

Belongs here: finding numbers, and when one is in a cell or counts rows. Does not: what can be
counted (`ticket_counts`), other things a sentence names (`provenance`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.lexicon import number_words, word_list
from jira_pipeline.writers.plain_words import WORD, normalised, singular, singular_words
from jira_pipeline.writers.provenance.countable import NumberInText, is_countable
from jira_pipeline.writers.provenance.looked_up import ADDRESS, LookedUp
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
_DECIMAL = re.compile(r"\d+[.,]\d+")
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
        before = looked.sentence.text[:start]
        yield from _unknown_numbers(_Clause(words=words, text=text, before=before), looked)
        start += len(clause) + 1


@dataclass(frozen=True, kw_only=True)
class _Clause:
    """A part of a sentence between semicolons."""

    words: str
    """Names and founded quotations blanked out, addresses too; as long as what it says."""
    text: str
    before: str
    """What the sentence says in earlier clauses."""

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
            is_known = looked.near.has(token) or (
                bool(_DECIMAL.fullmatch(token)) and looked.near.has_decimal(token)
            )
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
        (words for n, words in numbers_with_words(_window(clause.words, match)) if n == token),
        frozenset(),
    )
    around |= singular_words(" ".join(ADDRESS.findall(_window(clause.text, match))))
    around |= _words_of_what_is_counted(clause.words[match.end() :], looked)
    if looked.near.has_number(token, around) or int(token) in _counts_meant(clause, match, looked):
        return True
    found = NumberInText(
        value=int(token),
        before=normalised(clause.text[: match.start()]),
        after=clause.words[match.end() :],
        cues=clause.cues,
        clause=normalised(clause.text).casefold(),
        so_far=clause.before + clause.text[: match.start()],
    )
    return is_countable(found, looked.source.collections) or _is_of_the_text(found, looked)


def _words_of_what_is_counted(after: str, looked: LookedUp) -> frozenset[str]:
    """Return the words of a name after `22 nodes of`: its row may say `22 areas`."""
    counted = _CONTENT_OF.match(after)
    words = WORD.findall(after[counted.end() :]) if counted else []
    names = (" ".join(words[:size]) for size in range(_NAME_WORDS, 0, -1))
    return next((singular_words(n) for n in names if looked.source.rows_meant(n)), frozenset())


_CONTENT_OF = re.compile(r" (?:nodes?|items?|terms?|entries|entities) of (?:the )?")
_NAME_WORDS = 6
"""Longer names are quoted or marked."""


def _is_of_the_text(found: NumberInText, looked: LookedUp) -> bool:
    """Tell whether a number says or counts what its own text names or quotes.

    `These six` are those named so far, `the first two` begin a quoted list, `two ways` are said
    after a colon, and what is quoted may be said again.
    """
    text = looked.sentence.text
    quoted = _founded_quotes(text, looked)
    listed = [_items_in(quote) for quote in quoted]
    if found.value in map(_items_in, _quotes_counted(text, found, looked)):
        return found.value > 1
    following = found.following[:1]
    is_bare = not following or following[0] in word_list("after_a_bare_count")
    is_bare |= bool(_ONE_OR.search(found.before))
    if found.value == _UNCOUNTED and _BETWEEN.search(found.before):
        return True
    if _THESE.search(found.before):
        named = {n for n in MARKED.findall(found.so_far) if looked.source.rows_meant(n)}
        return found.value == len(named)
    if _FIRST.search(found.before):
        return any(found.value < count for count in listed)
    if following and following[0] in {singular(f"{n}s") for n in word_list("nouns_of_discourse")}:
        is_explained = bool(_EXPLAINED.search(text, len(found.so_far)))
        return (is_explained and found.value == _UNCOUNTED) or found.value in listed
    return any(
        number == str(found.value) and (is_bare or not words.isdisjoint(following))
        for quote in quoted
        for number, words in numbers_with_words(quote)
    )


def _quotes_counted(text: str, found: NumberInText, looked: LookedUp) -> list[str]:
    """Return the quotation that lists what a number counts: after its noun, with no verb between.

    `Three values: “a, b, c”`, not `three displays leave out “a, b, c”`.
    """
    match = _LISTED_AFTER.match(text, len(found.so_far))
    return _founded_quotes(match[1], looked) if match else []


def _founded_quotes(text: str, looked: LookedUp) -> list[str]:
    parts = (part for match in QUOTED.finditer(text) for part in parts_of_quote(match))
    return [part for part in parts if looked.near.has(part)]


def _items_in(quote: str) -> int:
    return sum(bool(item.strip()) for item in _BETWEEN_LISTED.split(quote))


_LISTED_AFTER = re.compile(r"[\w.]+(?:(?: [\w-]+){1,4}(?:: ?|, | \()| [\w-]+ )(“[^“”]*”)")
_THESE = re.compile(r"\b(?:these|those|all)$", re.IGNORECASE)
_FIRST = re.compile(r"\b(?:first|last)$", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween$", re.IGNORECASE)
_ONE_OR = re.compile(r"\bone \w+ or$", re.IGNORECASE)
_EXPLAINED = re.compile(r"[:“]")
_BETWEEN_LISTED = re.compile(r"[,;|\n]| / | and | or ")
_UNCOUNTED = 2
"""Of ways, purposes and languages; more are counted."""


def _window(words: str, match: re.Match[str]) -> str:
    """Return the number with what is around it."""
    words_before = words[: match.start()].split()[-_AROUND_WORDS:]
    words_after = words[match.end() :].split()[:_AROUND_WORDS]
    return " ".join([*words_before, match.group(), *words_after])


def _named_of_kind(after: str, looked: LookedUp) -> int:
    """Count the names that follow a noun and are of its kind: `three migrations read this: …`."""
    noun = next(map(singular, WORD.findall(after)), "")
    rows = {n: looked.source.rows_meant(n)[:1] for n in dict.fromkeys(MARKED.findall(after))}
    return sum(noun in row.kind.value.split("_") for one in rows.values() for row in one)


def _counts_meant(clause: _Clause, match: re.Match[str], looked: LookedUp) -> frozenset[int]:
    """Count the rows that say what the clause quotes, those it goes on to name, and those it means.

    `Two displays, a and b` names two; `three filter by harbour` means the rows with these words.
    """
    quotes = QUOTED.finditer(clause.text)
    found = [looked.source.rows_saying(parts_of_quote(quote)) for quote in quotes]
    after = clause.text[match.end() :]
    named = {name for name in MARKED.findall(after) if looked.source.rows_named(name)}
    marked = {name for name in MARKED.findall(after) if looked.source.whole.has_exactly(name)}
    words = singular_words(_CLAUSE_END.split(without_literals(after, looked.source), maxsplit=1)[0])
    content_words = (
        words
        - word_list("counted_nouns")
        - word_list("frequent_words")
        - word_list("after_a_bare_count")
    )
    meant = frozenset(word for word in content_words if not word.isdigit())
    counts = frozenset({len(named), len(marked), _named_of_kind(after, looked)}).union(
        *found, looked.source.rows_with(meant)
    )
    return counts - {0}
