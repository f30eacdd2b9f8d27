"""Lists inside of one cell: its lines, each without the number or bullet that is before it.

Belongs here: what a mark before a line is, and where the name in a line ends. Does not: which cells are
read as lists (`listed_fields`), what a record takes of one (`values`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = re.compile(r"\s*(?:\(?\d{1,3}[.)]\s+|\(?[a-z]\)\s+|[-–—*]\s+|[•▪·‣◦]\s*)")
"""A number, a letter with a bracket, a dash or a bullet before a line; `1.5 km` begins with none."""
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
        mark = _MARK.match(line)
        unmarked = line[mark.end() :].strip() if mark else line.strip()
        if unmarked:
            yield ListedLine(unmarked, start, end, is_marked=mark is not None)
        start = end


def end_of_name(line: str) -> int:
    """Return where the name in a line ends: before a bracket or a colon, else with the line."""
    ends = [line.find(mark) for mark in _BEFORE_NOTES]
    return min((end for end in ends if end > 0), default=len(line))
