"""Lists inside of one cell: its lines, each without the number or bullet that is before it.

Belongs here: what a mark before a line is, and where the name in a line ends. Does not: which cells are
read as lists (`listed_fields`), what a record takes of one (`values`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

_BULLETS = frozenset("•▪·‣◦")
_DASHES = frozenset("-–—*")
"""A bullet only where a space is after it: in a text, a dash begins a number or a word."""
_AFTER_NUMBERS = (".", ")")
_NUMBER_MAX_DIGITS = 3
"""A longer one is a year, or a number that the text is about."""
_BEFORE_NOTES = ("(", "[", ": ")
"""Between what a line names and what it says of that."""


@dataclass(frozen=True, slots=True)
class ListedLine:
    """A line of a list in a text."""

    text: str
    """Without its mark."""
    start: int
    """Where it begins in the text, with its mark."""
    end: int
    """Where it ends there, with the separator after it."""
    is_marked: bool


def listed_lines(text: str, separator: str) -> Iterator[ListedLine]:
    """Yield the lines of a list; blank ones are none."""
    start = 0
    for line in text.split(separator):
        end = min(start + len(line) + len(separator), len(text))
        plain = line.strip()
        mark = _mark_before(plain)
        unmarked = plain.removeprefix(mark).strip()
        if unmarked:
            yield ListedLine(unmarked, start, end, is_marked=bool(mark))
        start = end


def _mark_before(line: str) -> str:
    """Return the number, letter or bullet before a line; `1.5 km` and `e.g. this` begin with none."""
    if not line:
        return ""
    if line[0] in _BULLETS:
        return line[0]
    words = line.split(maxsplit=1)
    if len(words) == 1:
        return ""
    first_word = words[0]
    if first_word in _DASHES or _is_number(first_word):
        return first_word
    return ""


def _is_number(word: str) -> bool:
    """Tell whether a word is a number or letter of a list: `1.`, `2)`, `(3)`, `a)`."""
    inner = word.removeprefix("(")[:-1]
    is_letter = len(inner) == 1 and inner.isalpha() and word.endswith(")")
    is_number = inner.isdecimal() and len(inner) <= _NUMBER_MAX_DIGITS
    return word.endswith(_AFTER_NUMBERS) and (is_number or is_letter)


def end_of_name(line: str) -> int:
    """Return where the name in a line ends: before a bracket or a colon, else with the line."""
    ends = [line.find(mark) for mark in _BEFORE_NOTES]
    return min((end for end in ends if end > 0), default=len(line))
