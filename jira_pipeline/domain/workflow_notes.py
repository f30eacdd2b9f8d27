"""Which bundles a workflow means, by its column for them, its note, or the notes of bundles.

Belongs here: reading names and labels out of cells, and what is left for `all other types`. Does
not: what follows from it (questions, dependencies, wording).
"""

import re
from enum import StrEnum
from functools import lru_cache

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.note_sentences import TEXTS_KEPT

APPLIES_TO = "Applies to"
"""The column of workflows that holds nothing but bundles."""

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


_ASKED = re.compile(r"(?<![^.;,\n?])[^.;,\n?]*\?+")
