"""The names that one cell lists.

Belongs here: taking such a list apart. Does not: what a name stands for (`sheets/reading/references`,
`verification/names`), lists of options in notes (`meaning/notes`).
"""

import re
from functools import lru_cache

from jira_pipeline.model.entities import case_folded

HEADING_OF_PERMISSIONS = r"(?:^|[.\n;(] *)permissions: "
"""What may be before a list of permissions, in a note that says more."""
_BETWEEN_LOOSE_NAMES = re.compile(r"(?i)[,;/\n]|&|\band\b")


def split_names(text: str) -> tuple[str, ...]:
    """Split a list at commas and line feeds outside parentheses."""
    names: list[str] = []
    depth = 0
    start = 0
    for position, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif character in ",;\n" and depth == 0:
            names.append(text[start:position].strip())
            start = position + 1
    names.append(text[start:].strip())
    return tuple(name for name in names if name)


@lru_cache(4096)
def loose_names(cell: str) -> tuple[str, ...]:
    """Split a list as people write it, `A, B and C.`, into names in lower case."""
    heading = re.search(HEADING_OF_PERMISSIONS, cell, re.IGNORECASE)
    text = cell[heading.end() :] if heading else cell
    names = [case_folded(name.strip(" .-*•\t")) for name in _BETWEEN_LOOSE_NAMES.split(text)]
    return tuple(name for name in names if name)
