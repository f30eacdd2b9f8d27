"""Cells that say nothing: the one place that decides it.

Belongs here: what is blank, and what names nothing. Does not: cells that leave open what is not
known yet, remarks behind the word of a closed set (`sheets/reading/cells`).
"""

import re
import unicodedata

from jira_pipeline.model.hidden_characters import UNSEEN

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d_ "
_NOT_APPLICABLE = frozenset({"n/a", "na", "notapplicable"})
"""As they are compared: without spaces and points, and without what is around them."""
_NO_NAME = frozenset({"none"})
"""Below a header that asks for names; elsewhere, such as below *Access*, it is a value."""
_AROUND = f" .,;!'\"`\u2019{DASHES}"
_IN_BRACKETS = re.compile(r"\((.+)\)")
_LONGEST = 40
"""Characters of the longest cell that is compared: no word above has more than 14 letters."""


def is_blank_cell(text: str) -> bool:
    """Tell whether a cell is empty, a dash, or a word for *not applicable*."""
    if len(text) > _LONGEST:
        return False
    return not text.strip(DASHES) or _compared(text) in _NOT_APPLICABLE


def is_dash(text: str) -> bool:
    """Tell whether a cell is empty, or a dash in place of a name."""
    return not text.strip(DASHES)


def names_nothing(text: str) -> bool:
    """Tell whether a cell, or one of its names, says that there is no such thing."""
    return is_blank_cell(text) or (len(text) <= _LONGEST and _compared(text) in _NO_NAME)


_UNDECIDED = frozenset({"?", "tbd", "tba", "tbc", "t.b.d"})
"""Before brackets, where one of a few words belongs."""


def undecided_words(text: str) -> str:
    """Return what a cell says in brackets beside a word for *not decided*: `tbc (a or b)`."""
    head, _, words = text.strip().partition("(")
    is_undecided = words.endswith(")") and head.strip(" .:").casefold() in _UNDECIDED
    return words.removesuffix(")").strip() if is_undecided else ""


def undecided_cell(words: str) -> str:
    """Return a cell that says nothing and keeps the words that somebody has to be asked about."""
    return f"? ({words})"


def _compared(text: str) -> str:
    """Return a cell as its letters, whatever its case, width and punctuation."""
    plain = UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold().strip(_AROUND)
    if in_brackets := _IN_BRACKETS.fullmatch(plain):
        plain = in_brackets[1].strip(_AROUND)
    return re.sub(r"[\s.]", "", plain)
