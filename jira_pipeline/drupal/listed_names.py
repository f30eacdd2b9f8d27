"""The names that one cell lists.

Belongs here: taking such a list apart. Does not: what a name stands for (`sheets/reading/references`,
`verification/names`), lists of options in notes (`meaning/notes`).
"""

import re
from collections.abc import Callable
from functools import lru_cache

from jira_pipeline.model.entities import case_folded

HEADING_OF_PERMISSIONS = r"(?:^|[.\n;(] *)permissions: "
"""What may be before a list of permissions, in a note that says more."""
_PIECES_OF_A_NAME_MAX = 6
"""So many commas and one more part a name has at most; the longest that was looked at has four."""
_BETWEEN_LOOSE_NAMES = re.compile(r"(?i)[,;/\n]|&|\band\b")


def split_names(text: str) -> tuple[str, ...]:
    """Split a list at commas and line feeds outside parentheses."""
    names = []
    start = 0
    for end in _ends_of_pieces(text):
        names.append(text[start:end].strip())
        start = end + 1
    return tuple(name for name in names if name)


def split_known_names(text: str, is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """Split a list as `split_names` does, but never inside a name that is known.

    The longest name that is known is taken first: `April, May and June` may be one label.
    """
    ends = _ends_of_pieces(text)
    names = []
    start = 0
    piece = 0
    while piece < len(ends):
        last = piece
        for candidate in range(min(piece + _PIECES_OF_A_NAME_MAX, len(ends)) - 1, piece, -1):
            if is_known(text[start : ends[candidate]].strip()):
                last = candidate
                break
        names.append(text[start : ends[last]].strip())
        start = ends[last] + 1
        piece = last + 1
    return tuple(name for name in names if name)


def _ends_of_pieces(text: str) -> list[int]:
    """Return where the commas, semicolons and line feeds outside parentheses are, and the end."""
    ends = []
    depth = 0
    for position, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif character in ",;\n" and depth == 0:
            ends.append(position)
    return [*ends, len(text)]


@lru_cache(4096)
def loose_names(cell: str) -> tuple[str, ...]:
    """Split a list as people write it, `A, B and C.`, into names in lower case."""
    heading = re.search(HEADING_OF_PERMISSIONS, cell, re.IGNORECASE)
    text = cell[heading.end() :] if heading else cell
    names = [case_folded(name.strip(" .-*•\t")) for name in _BETWEEN_LOOSE_NAMES.split(text)]
    return tuple(name for name in names if name)
