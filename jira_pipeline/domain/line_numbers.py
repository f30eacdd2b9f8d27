"""Numbers of lines in source files, and of tickets, as people say them."""

import re
from collections.abc import Collection

_CITATION = re.compile(r'<(strong|span) class="citation">.*?</\1>', re.DOTALL)
"""As generated; what people edit loses the class, and stays as they left it."""


def line_ranges(lines: Collection[int], *, to: str = "–") -> str:
    """Say numbers shortly, in order: `2`, `2, 5–9`."""
    ranges: list[list[int]] = []
    for line in sorted(set(lines)):
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}{to}{b}" for a, b in ranges)


def lines_in_words(lines: Collection[int]) -> str:
    """Say line numbers with their noun: `line 2`, `lines 2, 5–9`; nothing of no lines."""
    if not lines:
        return ""
    is_one = min(lines) == max(lines)
    return f"line{'' if is_one else 's'} {line_ranges(lines)}"


def without_citations(fragment: str) -> str:
    """Return generated HTML without the places in the sheets that it cites."""
    return _CITATION.sub("", fragment)


def tickets_in_words(numbers: Collection[int]) -> str:
    """Say ticket numbers with their noun, as commands take them: `ticket 2`, `tickets 2, 5-9`."""
    return f"ticket{'' if len(set(numbers)) == 1 else 's'} {line_ranges(numbers, to='-')}"
