"""Text that others may cite: what it has, whole word by whole word, and the marks of what is cited.

Belongs here: looking names and quotations up; words to compare by, in lower case, in the singular,
with straight quotes. Does not: lists of words, what becomes of a citation that is not there
(`writing/completion`).
"""

import re
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.meaning.notes import singular
from jira_pipeline.model.hidden_characters import without_hidden

MARKED = re.compile(r"`([^`]*)`")
QUOTED = re.compile(
    r"“([^“”]*)”|\"([^\"]*)\"|(?<![\w’'])['\u2018]([^'\u2019\u2018]*)['\u2019](?!\w)"
)
LITERAL = re.compile(rf"`[^`]*`|{QUOTED.pattern}")
"""Whichever begins first: a quotation may hold marks, and a mark quotation marks."""
ADDRESS = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://|www\.|(?<![\w./])//?(?=\w))[^\s`“”\"<>()]*[\w/]"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+[\w.-]*\w",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"…|\.\.\.")
_AROUND_QUOTE = " .,;:!?"

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_STRAIGHT = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0xA0: " "}


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Some text, normalised."""

    text: str

    @cached_property
    def folded(self) -> str:
        """In lower case."""
        return self.text.casefold()

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(singular(word) for word in WORD.findall(self.text))

    def has(self, text: str) -> bool:
        """Tell whether it has a text as whole words, whatever its case."""
        return _is_in(normalised(text).casefold(), self.folded)

    def has_exactly(self, text: str) -> bool:
        """Tell whether it has a text as whole words, letter by letter."""
        return _is_in(normalised(text), self.text)


def parts_of_quote(match: re.Match[str]) -> list[str]:
    """Return what is between quotation marks, in parts where an ellipsis leaves words out."""
    quote = next(group for group in match.groups() if group is not None)
    parts = [part.strip(_AROUND_QUOTE) for part in _ELLIPSIS.split(quote)]
    return [part for part in parts if part]


def _is_in(text: str, passage: str) -> bool:
    start = passage.find(text) if text else -1
    while start >= 0:
        end = start + len(text)
        is_begun = not (_is_word(text[0]) and _is_word(passage[start - 1 : start]))
        is_ended = not (_is_word(text[-1]) and _is_word(passage[end : end + 1]))
        if is_begun and is_ended:
            return True
        start = passage.find(text, start + 1)
    return False


def _is_word(character: str) -> bool:
    """Tell whether a character goes on a word; there is none before the first one."""
    return character.isalnum() or character == "_"


def normalised(text: str) -> str:
    """Return a text on one line, with straight quotes, without characters that nobody sees."""
    return " ".join(without_hidden(text).translate(_STRAIGHT).split())
