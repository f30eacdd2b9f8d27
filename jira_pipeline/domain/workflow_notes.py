"""Which bundles a workflow means, by its column for them, its note, or the notes of bundles.

Belongs here: reading names and labels out of cells, and what is left for `all other types`. Does
not: what follows from it (questions, dependencies, wording).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.note_sentences import TEXTS_KEPT, sentences_of

APPLIES_TO = "Applies to"
"""The column of workflows that holds nothing but bundles."""

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


NONE_STATED: Mapping[str, Sequence[str]] = {}


def workflows_of(
    types: Iterable[str],
    notes: Mapping[str, str],
    *,
    stated: Mapping[str, Sequence[str]] = NONE_STATED,
) -> Mapping[str, MeantBy]:
    """Return which workflow means each content type, as far as the cells settle that.

    What several workflows mean is settled by none. `All other types` are those that are left where
    one note says so and every other note says which types it means.

    Args:
        types: Names of the content types that are moderated, without type.
        notes: What each workflow says of its bundles, by its key, in sheet order.
        stated: Keys of the workflows that list a type, or that its own note names, by its name.
    """
    names = list(types)
    found: dict[str, MeantBy] = {}
    meant: dict[str, list[MeantBy]] = {}
    for name in names:
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
        named = [key for key, note in notes.items() if word.search(without_exceptions(note))]
        named = list(stated.get(name, ())) or named
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


def bundles_text(workflow: Entity) -> str:
    """Return what a workflow says of the bundles it is for: its column for them, else its note."""
    return workflow.cell(APPLIES_TO) or workflow.note


def is_listed(bundle: Entity, workflow: Entity) -> bool:
    """Tell whether the column of a workflow lists a bundle by its name, label or machine name."""
    names = {bundle.label, bundle.label.rpartition(" (")[0], bundle.machine_name} - {""}
    items = _items_of(workflow.cell(APPLIES_TO))
    return any(spelt in items for name in names for spelt in _spellings(name.casefold()))


def _spellings(name: str) -> tuple[str, ...]:
    return (name, f"{name}s", f"{name}es", re.sub(r"y$", "ies", name))


@lru_cache(TEXTS_KEPT)
def _items_of(cell: str) -> frozenset[str]:
    """Return the items of a list, with and without splitting what `and` or a slash joins."""
    parts = (*re.split(r"[,;:\n]", cell), *re.split(r"[,;:/\n]|&| and ", cell))
    return frozenset(part.strip(" .-*•").casefold() for part in parts)


def workflows_named_by(bundle: Entity, workflows: Sequence[Entity]) -> tuple[str, ...]:
    """Return the keys of the workflows that the note of a bundle names: `workflow: editorial`.

    They go by label, by machine name, or by a first word of the label that no other begins with.
    """
    sentences = [
        s for s in sentences_of(bundle.note) if _WORKFLOW.search(s) and not _NOT_NAMED.search(s)
    ]
    firsts = [workflow.label.casefold().partition(" ")[0] for workflow in workflows]
    found = []
    for workflow, first in zip(workflows, firsts, strict=True) if sentences else ():
        names = {workflow.label.casefold(), workflow.machine_name.casefold()}
        names |= {first} if firsts.count(first) == 1 else set()
        name = "|".join(map(re.escape, sorted(names - {"", "workflow"}, key=len, reverse=True)))
        pattern = rf"\b(?:wf|workflow)\W{{1,3}}(?:{name})\b|\b(?:{name})\W{{1,2}}(?:wf|workflow)\b"
        if name and any(re.search(pattern, s, re.IGNORECASE) for s in sentences):
            found.append(workflow.key)
    return tuple(found)


_WORKFLOW = re.compile(r"\b(?:wf|workflow)\b", re.IGNORECASE)
_NOT_NAMED = re.compile(r"\?|\b(?:not|no|without|until|instead|never)\b", re.IGNORECASE)
"""What says that a workflow is not the one, or not yet."""


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
_ASKED = re.compile(r"(?<![^.;,\n?])[^.;,\n?]*\?+")


def is_meant_by_label(label: str, note: str) -> bool:
    """Tell whether a note speaks of the types whose labels hold a word, and this is one."""
    match = _IN_LABEL.search(note)
    if match is None:
        return False
    words = label.casefold().split()
    excepted = _WORDS.findall((match[2] or "").casefold())
    return match[1].casefold() in words and not any(word in words for word in excepted)
