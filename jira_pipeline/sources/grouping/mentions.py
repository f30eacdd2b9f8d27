"""Finding names in prose: which labels a note mentions.

Belongs here: the look-up of phrases by words. Does not: which names are looked for and what a
mention means (`connections`).
"""

import re
from collections.abc import Iterable

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
        self._lengths_of: dict[str, list[int]] = {}
        self._found: dict[str, tuple[str, ...]] = {}
        for phrase, subject in phrases:
            words = words_of(phrase)
            if words:
                known = self._subject_of.setdefault(words, subject)
                self._subject_of[words] = subject if known == subject else None
                lengths = self._lengths_of.setdefault(words[0], [])
                if len(words) not in lengths:
                    lengths.append(len(words))
                    lengths.sort(reverse=True)

    def found_in(self, text: str) -> tuple[str, ...]:
        """Return the subjects a text mentions, each once, in the order of the text."""
        if text not in self._found:
            words = words_of(text)
            found: dict[str, None] = {}
            place = 0
            while place < len(words):
                length = self._longest_at(words, place)
                if length:
                    subject = self._subject_of[words[place : place + length]]
                    if subject is not None:
                        found[subject] = None
                place += length or 1
            self._found[text] = tuple(found)
        return self._found[text]

    def _longest_at(self, words: tuple[str, ...], place: int) -> int:
        for length in self._lengths_of.get(words[place], ()):
            if words[place : place + length] in self._subject_of:
                return length
        return 0


def word_count(text: str) -> int:
    """Return how many words a phrase has."""
    return len(words_of(text))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as phrases are compared: folded case, no plural s."""
    return tuple(
        word[:-1] if len(word) >= _SHORTEST_PLURAL and word.endswith("s") else word
        for word in _WORD.findall(text.casefold())
    )
