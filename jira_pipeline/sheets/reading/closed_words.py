"""A cell that says one of a few words, with a sign, a code or a remark beside the word.

Belongs here: how every column of a closed set compares its cells. Does not: which words there are, and
what they mean (`cells`, `labels`).

A cell is looked up as it stands. Otherwise signs around the word come off (`🔴 Delete`), and a code is
split from it at the first separator (`d – Delete`): both halves have to mean the same, unless the
code is no word of the set and abbreviates the other one (`v: Vocabulary`). A remark in
brackets may say anything but another word of the set. What is not certain means nothing: a question
mark, brackets around all of it, a sign that means the opposite.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from jira_pipeline.model.hidden_characters import UNSEEN
from jira_pipeline.sheets.reading.translations import once_each_text

Meaning = TypeVar("Meaning")
_CHARACTERS_MAX = 80
"""Longer texts are prose."""
_AROUND = " .,;!'\"`“”\u2018’"
_BESIDE_SIGNS = " /|:;=·•–—-"
"""What may be between a sign and its word."""
_WHOLE = re.compile(r"(-?\d{1,9})[.,]0{1,2}")
"""A whole number as a program writes it that takes all numbers for decimal ones."""
_DOUBTS = re.compile("[?❓❔]")
_IN_BRACKETS = re.compile(r"\([^()]*\)|[\[{<].[\]}>]")
"""A word that is perhaps so, and a box with a tick."""
_REMARK = re.compile(r"(?P<word>.*\S)\s*\((?P<remark>[^()]*)\)", re.DOTALL)
_SIGN_IN_LETTERS = re.compile(r":[a-z0-9_+-]+:|[0-9#*]\u20e3")
"""Signs in letters or digits: `:red_circle:` of chats and wikis, a digit on a key."""
_BULLET = re.compile(r"[-*•·▪◦‣–—](?=\s)")
_SIGNS = frozenset({"So", "Sk", "Me", "Ps", "Pe", "Co", "Cn"})
"""Categories of Unicode: pictures and their parts, brackets, what this Unicode does not know yet."""
_ROUND_BRACKETS = frozenset("()")
_ANGLES = frozenset("<>«»")
_SEPARATOR = re.compile(r"[^\w\s'’]+")
_BLANK = re.compile(r"\s+")
_JOINTS = re.compile(r"[_\u2010-\u2015-]+")
"""Between words of a label: `on-hold`, `in_scope`."""


@once_each_text
def plain_code(text: str) -> str:
    """Reduce a cell to what is compared: no case, width or unseen character; `1.0` is `1`."""
    plain = UNSEEN.sub("", unicodedata.normalize("NFKC", text)).replace("\u2212", "-")
    plain = plain.casefold().strip()
    number = _WHOLE.fullmatch(plain)
    return number[1] if number else plain


def meaning_of_cell(text: str, meaning_of: Callable[[str], Meaning | None]) -> Meaning | None:
    """Return what a cell says of a closed set; None if nobody knows.

    `meaning_of` is given words as `plain_code` reduces them.
    """
    plain = plain_code(text)
    if len(plain) > _CHARACTERS_MAX:
        return meaning_of(plain)
    return _meaning(plain, meaning_of)


def _meaning(text: str, meaning_of: Callable[[str], Meaning | None]) -> Meaning | None:
    if not text or _DOUBTS.search(text):
        return None
    meaning = meaning_of(text)
    if meaning is not None or _IN_BRACKETS.fullmatch(text):
        return meaning
    bare = text.strip(_AROUND)
    if bare != text:
        return _meaning(bare, meaning_of)
    if remark := _REMARK.fullmatch(text):
        meaning = _meaning(remark["word"], meaning_of)
        meaning_of_remark = _meaning(remark["remark"], meaning_of)
        return meaning if meaning_of_remark in (None, meaning) else None
    start, end = _word_without_signs(text)
    if end - start < len(text):
        return _meaning_beside_signs(text, start, end, meaning_of)
    if not _BLANK.search(text):
        meaning = meaning_of(_JOINTS.sub(" ", text))
        if meaning is not None:
            return meaning
    return _meaning_of_halves(text, meaning_of)


def _meaning_beside_signs(
    text: str, start: int, end: int, meaning_of: Callable[[str], Meaning | None]
) -> Meaning | None:
    """Return what the word between signs means, unless one of these means something else."""
    word = text[start:end].strip(_BESIDE_SIGNS)
    meaning = _meaning(word, meaning_of)
    for sign in (text[:start].strip(), text[end:].strip()):
        meaning_of_sign = meaning_of(sign) if sign else None
        if meaning_of_sign not in (None, meaning):
            return None
    return meaning


def _meaning_of_halves(text: str, meaning_of: Callable[[str], Meaning | None]) -> Meaning | None:
    """Return what a code and the word after it both mean: `w – Wait`, `(w) Wait`, `W Wait`."""
    separator = _SEPARATOR.search(text, 1) or _BLANK.search(text)
    if separator is None or separator.end() == len(text):
        return None
    code = text[: separator.start()].strip("( ")
    word = text[separator.end() :].strip()
    meaning = _meaning(code, meaning_of)
    if meaning is None and not _abbreviates(code, word):
        return None
    meaning_of_word = _meaning(word, meaning_of)
    return meaning_of_word if meaning in (None, meaning_of_word) else None


def _abbreviates(code: str, word: str) -> bool:
    """Tell whether a code is the first letters of a word or of its words: `v` or `ct`."""
    initials = "".join(part[0] for part in word.split())
    return code.isalpha() and (word.startswith(code) or code == initials)


def without_signs(text: str) -> str:
    """Return a text without the signs before and after it, such as emoji, ticks and bullets."""
    start, end = _word_without_signs(text)
    return text[start:end]


def _word_without_signs(text: str) -> tuple[int, int]:
    """Return where the word between signs begins and ends; all of a text of nothing but signs."""
    start = 0
    while start < len(text):
        code = _SIGN_IN_LETTERS.match(text, start) or _BULLET.match(text, start)
        if code is not None:
            start = code.end()
        elif _is_sign(text[start]) or (start > 0 and text[start].isspace()):
            start += 1
        else:
            break
    end = len(text)
    while end > start and (_is_sign(text[end - 1]) or text[end - 1].isspace()):
        end -= 1
    return (start, end) if start < end else (0, len(text))


def _is_sign(character: str) -> bool:
    """Tell whether a character is a picture, an arrow or a bracket other than a round one."""
    if character in _ROUND_BRACKETS:
        return False
    is_arrow = "\u2190" <= character <= "\u21ff"
    return is_arrow or character in _ANGLES or unicodedata.category(character) in _SIGNS
