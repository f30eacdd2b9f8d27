"""Finds the names of things in notes, as people write them: in any case, of one thing or of several.

Belongs here: what counts as the same words. Does not: which names are looked for, and what follows
from finding one (`rules`).
"""

import re
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"\w+|[^\w\s]")
_SHORTEST_PLURAL = 4


class PhraseIndex:
    """Finds known phrases in texts, longest first, in one pass over the words of a text.

    Case and a plural s make no difference; a word that belongs to a longer phrase is not found
    again (`Night Editor` is not a mention of `Editor`). Punctuation counts: `tide, wind` is not
    `Tide/Wind`.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """Take pairs of phrase and subject; a phrase of several subjects finds none of them."""
        self._subject_of: dict[tuple[str, ...], str | None] = {}
        self._longest_of: dict[str, int] = {}
        """Of the phrases that begin with a word, the words of the longest."""
        self._found: dict[str, tuple[str, ...]] = {}
        for phrase, subject in phrases:
            words = words_of(phrase)
            if not words:
                continue
            first_subject = self._subject_of.setdefault(words, subject)
            if first_subject != subject:
                self._subject_of[words] = None
            first_word = words[0]
            self._longest_of[first_word] = max(len(words), self._longest_of.get(first_word, 0))

    def found_in(self, text: str) -> tuple[str, ...]:
        """Return the subjects a text mentions, each once, in the order of the text."""
        if text not in self._found:
            self._found[text] = tuple(dict.fromkeys(self._subjects_in(words_of(text))))
        return self._found[text]

    def _subjects_in(self, words: tuple[str, ...]) -> Iterator[str]:
        """Yield the subjects of the phrases in a text, from left to right; a phrase of several has none."""
        place = 0
        while place < len(words):
            phrase = self._phrase_at(place, words)
            subject = self._subject_of.get(phrase)
            if subject is not None:
                yield subject
            place += len(phrase) or 1

    def _phrase_at(self, place: int, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return the longest phrase that begins with a word; empty where none does."""
        longest = self._longest_of.get(words[place], 0)
        for count in range(longest, 0, -1):
            phrase = words[place : place + count]
            if phrase in self._subject_of:
                return phrase
        return ()


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as phrases are compared: folded case, no plural s."""
    words = []
    for word in _WORD.findall(text.casefold()):
        is_plural = len(word) >= _SHORTEST_PLURAL and word.endswith("s")
        words.append(word[:-1] if is_plural else word)
    return tuple(words)
