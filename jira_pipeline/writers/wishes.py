"""A description turned into what follows "I want": the grammar of the wish.

Belongs here: reading the shape of a description. Does not: roles and benefits (`user_story`).
"""

import re

from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.writers.english import is_plural, lowered, with_article, without_stop

_VERBS = frozenset(
    [
        "add",
        "build",
        "choose",
        "collect",
        "create",
        "define",
        "display",
        "embed",
        "enter",
        "explain",
        "find",
        "group",
        "highlight",
        "keep",
        "link",
        "list",
        "manage",
        "offer",
        "pick",
        "place",
        "present",
        "publish",
        "record",
        "search",
        "select",
        "share",
        "show",
        "store",
        "tag",
        "use",
        "write",
    ]
)
"""First words that are read as an instruction to the editor."""
_THIRD_PERSON = re.compile(r"^([A-Za-z]+?)(?:e?s)$")
_CAPABILITIES = frozenset({"allows", "lets", "controls", "holds", "contains", "provides", "sets"})
"""First words that say what the thing itself does."""
_CLAUSE = re.compile(
    r"\b(?:contains?|is|are|has|have|holds?|shows?|lets?|will|can)\b", re.IGNORECASE
)
_LONE_NOUN = re.compile(r"^(?=(?:list|group|set) of\b)", re.IGNORECASE)
_USED = re.compile(r"^(?:meant to be )?use(?:d)?\s+(to|for|in|as|by|when)\b\s*", re.IGNORECASE)
_WORDS_MAX = 28


def wish_of(description: str, *, noun: str) -> str:
    """Return what follows `I want`, or nothing where the description has no usable shape.

    Args:
        description: The cell as it is.
        noun: What the thing is called with its type, such as `Profile content type`.
    """
    sentences = sentences_of(description)
    if not sentences:
        return ""
    sentence = without_stop(sentences[0])
    wish = _shaped(sentence, noun)
    return wish if len(wish.split()) <= _WORDS_MAX else _first_clause(wish)


def pronoun_for(wish: str) -> str:
    """Return the pronoun for what a wish is about: `them` for several things."""
    match = re.match(r"^to [a-z]+ (?:[a-z]+ing )?(.*)$", wish)
    return "them" if is_plural(match.group(1) if match else wish) else "it"


def _shaped(sentence: str, noun: str) -> str:
    first, _, rest = sentence.partition(" ")
    word = first.casefold().strip(",.:")
    used = _USED.match(sentence)
    if used is not None:
        return _used(sentence, used, noun)
    if rest and word in _CAPABILITIES:
        return f"{with_article(noun)} that {lowered(sentence)}"
    is_noun = not rest or (rest.casefold().startswith("of ") and word.endswith("s"))
    if not is_noun and (verb := _verb(word)):
        return f"to {verb} {_LONE_NOUN.sub('a ', rest)}"
    return "" if word == "used" or _CLAUSE.search(sentence) else _noun_phrase(sentence)


def _used(sentence: str, match: re.Match[str], noun: str) -> str:
    preposition, rest = match.group(1).casefold(), sentence[match.end() :]
    if preposition == "to":
        return f"to {rest}"
    how = "" if preposition == "for" else "used "
    return f"{with_article(noun)} {how}{preposition} {rest}"


def _verb(word: str) -> str:
    if word in _VERBS:
        return word
    match = _THIRD_PERSON.match(word)
    for stem in (word[:-1], match.group(1) if match else ""):
        if word.endswith("s") and stem in _VERBS:
            return stem
    return ""


def _noun_phrase(sentence: str) -> str:
    phrase = lowered(sentence)
    if re.match(r"^(?:an?|the|all|every|each|any|some)\b", phrase, re.IGNORECASE) or is_plural(
        phrase
    ):
        return phrase
    return with_article(phrase)


def _first_clause(wish: str) -> str:
    clause = re.split(r"[,;:(]\s*| so that | because ", wish, maxsplit=1)[0].strip()
    return clause if len(clause.split()) <= _WORDS_MAX else ""
