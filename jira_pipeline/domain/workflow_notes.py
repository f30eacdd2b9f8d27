"""Which content types the note of a workflow means.

Belongs here: reading names and labels out of a note. Does not: what follows from it (questions,
dependencies, wording).
"""

import re

_IN_LABEL = re.compile(
    r"\bwith [^\w\s]?(\w+)[^\w\s]? in (?:the|their|its) (?:title|name|label)s?"
    r"(?: ?\(?except(?: for)? ([^).]+))?",
    re.IGNORECASE,
)
"""A note such as `types with 'Library' in the title (except contact and hours)`."""
_WORDS = re.compile(r"(?!(?:and|or|the)\b)\b\w+")


def is_meant_by_label(label: str, note: str) -> bool:
    """Tell whether a note speaks of the types whose labels hold a word, and this is one."""
    match = _IN_LABEL.search(note)
    if match is None:
        return False
    words = label.casefold().split()
    excepted = _WORDS.findall((match[2] or "").casefold())
    return match[1].casefold() in words and not any(word in words for word in excepted)
