"""Words of other languages for headers, sheets and cells, read from `translations.toml`.

Belongs here: the file, which language the headers of a sheet are in, and letters that are compared.
Does not: which column a header is (`sheet_kinds`), what is made of a cell (`cells`).

A language counts for a sheet only where one of its headers is a word of that language and of no
other header in English: `Migration` in an English sheet stays the column of migrations.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from jira_pipeline.model.toml_tables import toml_tables

Made = TypeVar("Made")
CHARACTERS_MAX, TEXTS_KEPT = 80, 8_192
"""Longer ones seldom come again, and would fill the memory."""
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
FLAGS, DITTO, TOTALS, MONTHS = "flags", "ditto", "totals", "months"
"""Words that may be in any column: yes and no, as above, what a row adds up, beginnings of months."""
TITLES = "titles"
"""Words that are names of worksheets."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Language:
    """The words of one language, as `plain_letters` reduces them."""

    name: str
    headers: Mapping[str, frozenset[str]]
    """To the English headers they stand for."""
    labels: frozenset[str]
    """Headers of the column that names what a sheet lists, whichever sheet it is."""
    titles: Mapping[str, tuple[str, ...]]
    """Parts of the names of files and worksheets, by kind of sheet."""
    cells: Mapping[str, Mapping[str, str]]
    """Words of closed sets and the English ones, by column, or those of any."""
    types: Mapping[str, str]
    """To the types of bundles."""
    everything: frozenset[str]
    """What stands for every bundle."""


class _Remembered(dict[str, Made]):
    """What was made of texts; a dictionary answers for a known one without a call in Python."""

    def __init__(self, make: Callable[[str], Made]) -> None:
        self._make = make

    def __missing__(self, text: str) -> Made:
        made = self._make(text)
        if len(text) <= CHARACTERS_MAX:
            if len(self) >= TEXTS_KEPT:
                self.clear()
            self[text] = made
        return made


def once_each_text(make: Callable[[str], Made]) -> Callable[[str], Made]:
    """Have a function of nothing but a text remember what it made of short ones."""
    return _Remembered(make).__getitem__


@once_each_text
def plain_letters(text: str) -> str:
    """Reduce a text to its letters and digits, in lower case and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return _NOT_ALPHANUMERIC.sub("", "".join(c for c in decomposed if not unicodedata.combining(c)))


@cache
def known_languages() -> tuple[Language, ...]:
    """Return all languages; the file is read once in a process."""
    read = toml_tables(__package__, "translations.toml")
    found = []
    for name, words in read.items():
        headers: dict[str, set[str]] = {}
        for english, foreign in words["headers"].items():
            for word in foreign:
                headers.setdefault(plain_letters(word), set()).add(english)
        found.append(
            Language(
                name=name,
                headers={word: frozenset(english) for word, english in headers.items()},
                labels=frozenset(map(plain_letters, words["labels"])),
                titles={
                    kind: tuple(map(plain_letters, parts))
                    for kind, parts in words["titles"].items()
                },
                cells={column: _by_word(listed) for column, listed in words["cells"].items()},
                types=_by_word(words["types"]),
                everything=frozenset(map(plain_letters, words["all"])),
            )
        )
    return tuple(found)


def _by_word(listed: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    return {plain_letters(word): english for english, words in listed.items() for word in words}


def languages_of(headers: Sequence[str], *, english: Collection[str]) -> tuple[Language, ...]:
    """Return the language that most headers are in; several where as many are in each, or none.

    `english` are headers that say nothing of the language, reduced to plain letters.
    """
    words = {plain_letters(header) for header in headers} - set(english)
    counts = {
        language: len(words & (language.headers.keys() | language.labels))
        for language in known_languages()
    }
    most = max(counts.values())
    return tuple(language for language, count in counts.items() if count == most > 0)


@cache
def words_for(column: str, english: str) -> frozenset[str]:
    """Return words of any language for one of a closed set; a single letter may mean anything."""
    words = (one.cells.get(column, {}).items() for one in known_languages())
    return frozenset(
        word for each in words for word, meant in each if meant == english and len(word) > 1
    )
