"""English for generated sentences: counts, lists, articles, sentence shapes.

Belongs here: grammar that knows nothing of tickets. Does not: what is said (the modules of the
parts) or markup (`html_fragments`).
"""

import re
from collections.abc import Sequence

_WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_AFTER_HEAD = re.compile(
    r"\s+(?:for|of|to|that|which|with|in|inside|into|on|from|by|at|as|about|around|between|above|"
    r"below|under|over|when|where|used|per)\b"
)
ENTITY = r"&(?:[a-z][a-z0-9]*|#\d+|#x[0-9a-f]+);"
"""An HTML entity: its semicolon ends no clause."""
_ENTITY_MAX_LENGTH = 40
_ENTITY_AT_END = re.compile(ENTITY + r"$", re.IGNORECASE)
_UNCOUNTABLE_ENDINGS = ("ss", "us", "is")


def number(count: int) -> str:
    """Return a count as a word up to twelve, in digits above."""
    return _WORDS[count] if count < len(_WORDS) else str(count)


def plural(noun: str) -> str:
    """Return the plural of a noun phrase by its last word."""
    if " or " in noun:
        return " or ".join(plural(part) for part in noun.split(" or "))
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(?:s|x|ch|sh)$", noun) else "s")


def count_of(count: int, noun: str) -> str:
    """Return a count with its noun: `one field`, `13 vocabularies`."""
    return f"{number(count)} {noun if count == 1 else plural(noun)}"


def all_of(count: int) -> str:
    """Return the words for all things of a count: `it`, `both`, `all four`."""
    return {1: "it", 2: "both"}.get(count, f"all {number(count)}")


def is_or_are(count: int) -> str:
    """Return the verb that goes with a count."""
    return "is" if count == 1 else "are"


def listed(items: Sequence[str], *, at_most: int | None = None, word: str = "and") -> str:
    """Join items as a sentence does; above `at_most` the rest is counted."""
    shown = list(items[:at_most])
    rest = len(items) - len(shown)
    if rest:
        shown.append(f"{number(rest)} more")
    if len(shown) < 2:  # noqa: PLR2004 - one or none needs no conjunction
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {word} {shown[-1]}"


def with_article(noun: str) -> str:
    """Put the indefinite article before a noun phrase."""
    is_acronym = re.match(r"^[FHLMNRSX](?=[A-Z0-9])", noun)
    has_vowel_sound = re.match(
        r"^(?:[aeioAEIO]|[uU](?!ni|se|tility|RL|rl)|[hH]our|[hH]onest)", noun
    )
    return f"{'an' if is_acronym or has_vowel_sound else 'a'} {noun}"


def is_plural(noun: str) -> bool:
    """Tell whether a noun phrase is in the plural, judging by its head noun."""
    if re.match(r"(?:an?|one|each|every)\b", noun, re.IGNORECASE):
        return False
    head = _AFTER_HEAD.split(noun, maxsplit=1)[0]
    last = head.split()[-1].casefold().strip(".,;:") if head.split() else ""
    return last.endswith("s") and not last.endswith(_UNCOUNTABLE_ENDINGS)


def capitalised(sentence: str) -> str:
    """Return the sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


def lowered(phrase: str) -> str:
    """Lower the first letter of a phrase unless its first word is a name or an acronym."""
    first = phrase.split(" ", 1)[0]
    is_ordinary = first[1:] == first[1:].lower()
    return phrase[:1].lower() + phrase[1:] if is_ordinary and first != "I" else phrase


def without_stop(sentence: str) -> str:
    """Return a sentence without its full stop, stray dots and spaces."""
    stripped = sentence.strip()
    while stripped.endswith((" ", ";", ",")) and not _ENTITY_AT_END.search(
        stripped[-_ENTITY_MAX_LENGTH:]
    ):
        stripped = stripped[:-1]
    return stripped if stripped.casefold().endswith("etc.") else stripped.rstrip(". ")
