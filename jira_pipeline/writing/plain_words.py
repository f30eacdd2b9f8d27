"""Words to compare by: in lower case, in the singular, with straight quotes.

Belongs here: normalising. Does not: lists of words (`question_wording`), what is compared.
"""

import re

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_STRAIGHT = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0xA0: " "}


def normalised(text: str) -> str:
    """Return a text on one line, with straight quotes."""
    return " ".join(text.translate(_STRAIGHT).split())


def singular(word: str) -> str:
    """Return a word in lower case, without a plural or possessive ending."""
    plain = re.sub(r"['’]s?$", "", word.casefold())
    if plain.endswith("ies") and len(plain) > len("ties"):
        return f"{plain[:-3]}y"
    if plain.endswith(("ses", "xes", "ches", "shes")):
        return plain[:-2]
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") else plain


def singular_words(text: str) -> frozenset[str]:
    """Return the words of a text in the singular."""
    return frozenset(singular(word) for word in WORD.findall(text))
