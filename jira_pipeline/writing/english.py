"""English for generated sentences: counts, lists, articles, nouns for what rows are about.

Belongs here: grammar that knows nothing of tickets. Does not: content (`claims`) or markup
(`fragments`).
"""

import re
from collections.abc import Callable, Sequence

from jira_pipeline.model.entities import BundleType, Entity, EntityKind, sheet_noun
from jira_pipeline.sources.drupal.notes import number_words

_IN_WORDS_MAX = 12


def number(count: int) -> str:
    """Return a count as a word up to twelve, in digits above."""
    words = ("no", "one", *number_words())
    return words[count] if count <= _IN_WORDS_MAX else str(count)


def plural(noun: str) -> str:
    """Return the plural of a noun phrase by its last word."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(?:s|x|ch|sh)$", noun) else "s")


def count_of(count: int, noun: str) -> str:
    """Return a count with its noun: `one field`, `13 vocabularies`."""
    return f"{number(count)} {noun if count == 1 else plural(noun)}"


def listed(items: Sequence[str], *, at_most: int | None = None, word: str = "and") -> str:
    """Join items as a sentence does; above `at_most` the rest is counted."""
    shown = list(items[:at_most])
    if len(items) == len(shown) + 1:
        shown = list(items)  # one more name is no longer than its count
    if rest := len(items) - len(shown):
        shown.append(f"{number(rest)} more")
    if len(shown) < 2:  # noqa: PLR2004 - one or none needs no conjunction
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {word} {shown[-1]}"


def in_quotes(names: Sequence[str]) -> list[str]:
    """Return names for a list, so that each is seen to be one: `“Excepted estate, no form”`."""
    return [f"“{name}”" for name in names]


def capitalised(sentence: str) -> str:
    """Return the sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


def noun_of(head: Entity) -> str:
    """Return what a thing that a ticket is about is: `content type`, `view`, a sheet's own noun."""
    if head.kind is EntityKind.CUSTOM:
        return sheet_noun(head.source.file)
    return bundle_noun(head.bundle_type) if head.bundle_type else head.kind.value.replace("_", " ")


def kinds_named(heads: Sequence[Entity], *, called: Callable[[Entity], str]) -> str:
    """Name things beside what they are, as a view often has the name of what it lists."""
    kinds: dict[str, list[str]] = {}
    for head in heads:
        kinds.setdefault(noun_of(head), []).append(called(head))
    return listed(
        [
            f"the {noun if len(names) == 1 else plural(noun)} {listed(names)}"
            for noun, names in kinds.items()
        ]
    )


def bundle_noun(kind: BundleType | None) -> str:
    """Return the words for a type of bundle, such as `content type`."""
    return str(kind or "bundle").casefold()
