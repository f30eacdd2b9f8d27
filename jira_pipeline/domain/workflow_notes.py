"""Which content types the note of a workflow means.

Belongs here: reading names and labels out of notes, and what is left for `all other types`. Does
not: what follows from it (questions, dependencies, wording).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

_IN_LABEL = re.compile(
    r"\bwith [^\w\s]?(\w+)[^\w\s]? in (?:the|their|its) (?:title|name|label)s?"
    r"(?: ?\(?except(?: for)? ([^).]+))?",
    re.IGNORECASE,
)
"""A note such as `types with 'Library' in the title (except contact and hours)`."""
_EXCEPTION = re.compile(r"\bexcept\b.*?(?=[.;]|$)", re.IGNORECASE | re.DOTALL)
_OTHERS = re.compile(
    r"\b(?:all (?:the )?(?:others?|remaining)|everything else"
    r"|all (?:the )?(?:moderated )?(?:content )?types (?:except|but|other than)|the (?:rest|others?))\b",
    re.IGNORECASE,
)
"""Words for what no other workflow is used on."""
_WORDS = re.compile(r"(?!(?:and|or|the)\b)\b\w+")


class Meaning(StrEnum):
    """How a note says that it means a content type."""

    NAMED = "named"
    BY_LABEL = "by a word in its label"
    LEFT = "as one of all others"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeantBy:
    """Which workflow means a content type, and how its note says so."""

    workflow: str
    """Key of the workflow."""
    meaning: Meaning


def workflows_of(types: Iterable[str], notes: Mapping[str, str]) -> Mapping[str, MeantBy]:
    """Return which workflow means each content type, as far as the notes settle that.

    What several workflows mean is settled by none. `All other types` are those that are left where
    one note says so and every other note says which types it means.

    Args:
        types: Names of the content types that are moderated, without type.
        notes: The note of each workflow, by its key, in sheet order.
    """
    names = list(types)
    found: dict[str, MeantBy] = {}
    meant: dict[str, list[MeantBy]] = {}
    for name in names:
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
        named = [key for key, note in notes.items() if word.search(without_exceptions(note))]
        labelled = [key for key, note in notes.items() if is_meant_by_label(name, note)]
        meaning = Meaning.NAMED if named else Meaning.BY_LABEL
        meant[name] = [MeantBy(workflow=key, meaning=meaning) for key in named or labelled]

    for name, ways in meant.items():
        if len(ways) == 1:
            found[name] = ways[0]
    rest = [key for key, note in notes.items() if _OTHERS.search(note)]
    mentioned = {way.workflow for ways in meant.values() for way in ways}
    mentioned |= {key for key, note in notes.items() if _IN_LABEL.search(note)}
    if len(rest) == 1 and mentioned >= set(notes) - set(rest):
        left = MeantBy(workflow=rest[0], meaning=Meaning.LEFT)
        excepted = " ".join(_EXCEPTION.findall(notes[rest[0]]))
        for name, ways in meant.items():
            word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
            if not ways and not word.search(excepted):
                found[name] = left
    return found


def without_exceptions(note: str) -> str:
    """Return what a note says without what it excepts or only asks."""
    return _ASKED.sub(" ", _EXCEPTION.sub(" ", note))


def is_for_all(note: str, *, but: str, is_content: bool) -> bool:
    """Tell whether a note means every moderated type and does not except this one.

    Args:
        note: What the workflow says of itself.
        but: Name of the type.
        is_content: Whether it is a content type; `all content types` means no other.
    """
    name = re.compile(rf"(?<!\w){re.escape(but)}(?!\w)", re.IGNORECASE)
    every = (m for m in _EVERY.finditer(without_exceptions(note)) if is_content or not m["content"])
    return next(every, None) is not None and not any(map(name.search, _EXCEPTION.findall(note)))


_EVERY = re.compile(
    r"(?<!not )(?<!not for )(?<!not on )\b(?:all|every) (?:moderated )?(?P<content>content )?"
    r"(?:types?|bundles?)(?= ?(?:[.,;)(]|$)| (?:with|whose|where) Mod\b| that are moderated)",
    re.IGNORECASE | re.MULTILINE,
)
_ASKED = re.compile(r"[^.;,\n?]*\?+")


def is_meant_by_label(label: str, note: str) -> bool:
    """Tell whether a note speaks of the types whose labels hold a word, and this is one."""
    match = _IN_LABEL.search(note)
    if match is None:
        return False
    words = label.casefold().split()
    excepted = _WORDS.findall((match[2] or "").casefold())
    return match[1].casefold() in words and not any(word in words for word in excepted)
