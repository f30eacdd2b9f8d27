"""A description turned into what follows "I want": the grammar of the wish.

Belongs here: reading the shape of a description. Does not: roles and benefits (`user_story`).
"""

import re

from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.writers.wording.english import (
    ENTITY,
    is_plural,
    lowered,
    with_article,
    without_stop,
)

_VERB_WORDS = """
    add advertise allow announce approve archive arrange ask assign attach book browse build
    categorise categorize choose classify collect combine compare compose configure connect
    control create define describe display document edit embed enable enter explain find gather
    give highlight import include inform insert introduce invite keep locate maintain manage
    navigate offer organise organize pick place present promote provide publish receive
    recommend reference register relate remove replace reuse review schedule select send show
    sort split store submit summarise summarize tag track update upload use wrap write
"""
_VERBS = frozenset(_VERB_WORDS.split())
"""First words that are read as an instruction to the editor."""
_AMBIGUOUS_WORDS = """
    feature file filter group label link list map mark name note order plan quote record report
    search share tell test view
"""
_VERBS_OR_NOUNS = frozenset(_AMBIGUOUS_WORDS.split())
"""First words that are an instruction only when what follows is clearly its object."""
_DETERMINER = re.compile(
    r"^(?:an?|the|all|any|each|every|one|two|several|multiple|some|more|your|its|their|this|these)\b",
    re.IGNORECASE,
)
_THIRD_PERSON = re.compile(r"^([A-Za-z]+?)(?:e?s)$")
_CAPABILITIES = frozenset({"allows", "lets", "controls", "holds", "contains", "provides", "sets"})
"""First words that say what the thing itself does."""
_CLAUSE = re.compile(
    r"\b(?:contains?|is|are|has|have|holds?|shows?|lets?|will|can)\b", re.IGNORECASE
)
_LONE_NOUN = re.compile(r"^(?=(?:list|group|set) of\b)", re.IGNORECASE)
_USED = re.compile(r"^(?:meant to be )?use(?:d)?\s+(to|for|in|as|by|when)\b\s*", re.IGNORECASE)
_FIRST_CLAUSE = re.compile(
    rf"(?:{ENTITY}|(?! so that | because )[^,;:(])*",
    re.IGNORECASE,
)
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
    if not re.search(r"\w", sentence):
        return ""
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
    if rest and (verb := _verb(word, rest)):
        return f"to {verb} {_LONE_NOUN.sub('a ', rest)}"
    return "" if word == "used" or _CLAUSE.search(sentence) else _noun_phrase(sentence)


def _used(sentence: str, match: re.Match[str], noun: str) -> str:
    preposition, rest = match.group(1).casefold(), sentence[match.end() :]
    if preposition == "to":
        return f"to {rest}"
    how = "" if preposition == "for" else "used "
    return f"{with_article(noun)} {how}{preposition} {rest}"


def _verb(word: str, rest: str) -> str:
    stems = [word]
    if match := _THIRD_PERSON.match(word):
        stems += [word[:-1], str(match.group(1))]
    for stem in stems:
        is_sure = stem in _VERBS and not rest.casefold().startswith("of ")
        if is_sure or (stem in _VERBS_OR_NOUNS and _DETERMINER.match(rest)):
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
    match = _FIRST_CLAUSE.match(wish)
    clause = match.group().strip() if match else ""
    return clause if len(clause.split()) <= _WORDS_MAX else ""
