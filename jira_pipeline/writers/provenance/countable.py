"""Counts as sentences say them: a number, what is around it, and what it may be a count of.

Belongs here: when a number speaks of a collection. Does not: which collections a ticket has
(`ticket_counts`), numbers that are in cells (`ticket_source`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jira_pipeline.domain.lexicon import word_list
from jira_pipeline.writers.plain_words import WORD, singular

_COUNTED_WITHIN_WORDS = 3
"""The noun of a count is the third word after it at most: `three new responsive styles`."""
_CLAUSE_END = re.compile(r"[.;:,()`]")
_MORE = re.compile(r"\s+(?:more|further)\b", re.IGNORECASE)
_OTHER = re.compile(r"\s+others?\b", re.IGNORECASE)
_THE_OTHER = re.compile(r"\b(?:other|remaining)$", re.IGNORECASE)
_BETWEEN_SIGNS = re.compile(r"[`“\"]([^`“”\"]+)[`”\"]")
_LIST_SIGNS = re.compile(r"(?:[\s,`\"'()]|\b(?:and|or))+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberInText:
    """A number a sentence says, with what is around it."""

    value: int
    before: str
    after: str
    cues: frozenset[str]
    """Words of its clause in the singular, and the names it marks or quotes, in lower case."""
    clause: str
    """In lower case."""
    so_far: str
    """What the text says before it, names in backticks and quotation marks included."""

    @property
    def is_rest(self) -> bool:
        """It counts what is left of a list, as in `A, B and nine more`."""
        return bool(_MORE.match(self.after))

    @property
    def is_of_others(self) -> bool:
        """It counts things beside the one that is spoken of, as in `six other types`."""
        return bool(_OTHER.match(self.after))

    @property
    def is_of_the_rest(self) -> bool:
        """It counts what a text has not named so far, as in `the other eight fields`."""
        return bool(_THE_OTHER.search(self.before))

    @property
    def is_in_brackets(self) -> bool:
        """It is alone in brackets, as in `field_a` (6)."""
        return self.before.endswith("(") and self.after.startswith(")")

    @property
    def following(self) -> list[str]:
        """The next words of the clause, in the singular."""
        clause = _CLAUSE_END.split(self.after, maxsplit=1)[0]
        return [singular(word) for word in WORD.findall(clause)][:_COUNTED_WITHIN_WORDS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Some things of a ticket that can be counted."""

    items: tuple[frozenset[str], ...]
    """The names of each, in lower case."""
    nouns: frozenset[str]
    """What one of them is called."""
    cues: frozenset[str] = frozenset()
    """A clause that counts them has one of these; none: no cue is needed."""
    other_cues: frozenset[str] = frozenset()
    """A clause with one of these counts something else."""
    is_noun_needed: bool = False
    """They are not what the ticket is about: `all seven` does not speak of them."""
    owner: str = ""
    """In lower case, the one thing they belong to, such as the field that bundles share."""

    def has_number(self, found: NumberInText) -> bool:
        """Tell whether a number is their count, or that of the rest beside those it names."""
        if not self._is_cued(found):
            return False
        named = 0
        if found.is_rest:
            named = self._named_in(found.before)
        elif found.is_of_the_rest:
            named = self._named_anywhere_in(found.so_far)
        if (found.is_rest or found.is_of_the_rest) and not named:
            return False
        return found.value == len(self.items) - named and self._is_meant(found)

    def _is_cued(self, found: NumberInText) -> bool:
        if not self.other_cues.isdisjoint(found.cues):
            return False
        if not self.cues or not self.cues.isdisjoint(found.cues):
            return True
        return any(" " in cue and cue in found.clause for cue in self.cues)

    def _is_meant(self, found: NumberInText) -> bool:
        """Tell `three fields` and `all three` from `three promoted stories`."""
        following = found.following
        if found.is_rest or (found.is_of_others and self.owner):
            return True
        if not (self.nouns | self.cues).isdisjoint(following):
            return True
        is_bare = not following or following[0] in word_list("after_a_bare_count") | word_list(
            "nouns_of_anything"
        )
        return (
            is_bare
            and not self.is_noun_needed
            and word_list("counted_nouns").isdisjoint(following[:1])
        )

    def _named_in(self, text: str) -> int:
        """Count those a text ends with as a list: `A, B and` names two."""
        found: set[int] = set()
        named = [(name, place) for place, names in enumerate(self.items) for name in names]
        longest_first = sorted(named, key=lambda item: -len(item[0]))
        rest = _LIST_SIGNS.sub("", text.casefold())
        while ended := next((item for item in longest_first if _ends_with(rest, item[0])), None):
            found.add(ended[1])
            rest = _LIST_SIGNS.sub("", rest[: -len(ended[0])])
        return len(found)

    def _named_anywhere_in(self, text: str) -> int:
        """Count those a text names: between signs, or with a capital letter."""
        marked = {name.strip(" .,").casefold() for name in _BETWEEN_SIGNS.findall(text)}
        return sum(
            not names.isdisjoint(marked) or any(_is_capitalised_in(text, name) for name in names)
            for names in self.items
        )


def _is_capitalised_in(text: str, name: str) -> bool:
    place = text.casefold().find(name)
    is_capital = place >= 0 and text[place : place + 1].isupper()
    return is_capital and _ends_with(text[: place + len(name)].casefold(), name)


def _ends_with(text: str, name: str) -> bool:
    """Tell whether a text ends with a name, and not with a word that ends like it."""
    before = text[: -len(name)][-1:]
    return text.endswith(name) and not (before.isalnum() or before == "_")


def is_countable(found: NumberInText, collections: Iterable[Collection]) -> bool:
    """Tell whether a number is a count of something in the facts.

    In brackets, or before `other`, it counts what belongs to the names beside it, if anything does.
    """
    known = tuple(collections)
    if found.is_in_brackets or found.is_of_others:
        owned = tuple(c for c in known if c.owner and c.owner in found.cues)
        return any(collection.has_number(found) for collection in owned or known)
    return any(collection.has_number(found) for collection in known)
