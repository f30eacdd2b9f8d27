"""What a search compares: words, the texts of a ticket they are in, and where they are in a text.

Belongs here: the values, and how texts and queries become words: in one way, whatever the database.
Does not: which texts a ticket has (`tickets/documents/passages`), the index (`store/search_index`),
the search (`sessions/search`).

Words are compared without case, accents or endings: `Degrés` is found by `degre`, not by `degree`.
A word is found by its beginning, a machine name by that of each of its parts.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

WORD_MAX = 100
"""Characters of a word that count; PostgreSQL refuses one of more than 2,046 bytes."""
WORDS_BYTES_MAX = 500_000
"""Of one ticket; PostgreSQL refuses 1,048,576. The largest of five real specifications has 30,000."""
TERMS_MAX = 10
"""Words of a query that count."""
EXCERPT_MAX = 160
"""Characters of a text that are shown around its first match."""
_WORD = re.compile(r"\w+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


class NameRole(StrEnum):
    """What a ticket does with a machine name, the nearest first."""

    CREATES = "creates"
    REUSES = "reuses"
    """Of a field whose storage another ticket creates, or that is there already."""
    REFERS_TO = "refers to"
    """A row of it points there."""
    LISTS = "lists"
    """It has a row that it does not build: there already, on hold, to be removed."""
    MENTIONS = "mentions"


class PlaceKind(StrEnum):
    """Where a ticket says what was searched for."""

    NUMBER = "number"
    ISSUE = "issue"
    NAME = "name"
    TITLE = "title"
    QUESTION = "question"
    ANSWER = "answer"
    PROSE = "prose"
    CELL = "cell"


class Passage(NamedTuple):
    """One text of a ticket; kept as a list, since a ticket has hundreds."""

    kind: PlaceKind
    text: str
    part: str = ""
    """The name of a part of the prose, the column of a cell or question, the question of an answer."""
    role: NameRole | None = None
    file: str = ""
    line: int | None = None
    record: int | None = None
    """The row a spreadsheet program shows; None as in `OpenQuestion.record`."""


class Tier(StrEnum):
    """How near a word is to what a ticket is about, in the order in which hits are shown.

    The index has a word of a nearer tier twice: as `creates=date` and as `date`.
    """

    CREATES = "creates"
    REUSES = "reuses"
    TITLE = "title"
    REFERS_TO = "refers"
    LISTS = "lists"
    MENTIONS = "mentions"
    ANYWHERE = ""

    def word(self, word: str) -> str:
        """Return a word as the index has it in this tier; `=` is in no word itself."""
        return f"{self.value}={word}" if self.value else word


def tier_of(role: NameRole) -> Tier:
    return Tier[role.name]


def folded(text: str) -> str:
    """Return a text as it is compared: without case and accents.

    ASCII keeps its number of characters; other letters may become several, or none.
    """
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _BEYOND_ASCII.sub(_without_accent, plain)


def _without_accent(character: re.Match[str]) -> str:
    return "" if unicodedata.combining(character[0]) else character[0]


def words_of(text: str) -> Iterator[str]:
    """Yield the words a text is found by.

    Of a machine name these are `field_start_date`, `start_date` and `date`.
    """
    for whole_word in _WORD.findall(folded(text)):
        word = whole_word
        while word:
            yield word[:WORD_MAX]
            word = word.partition("_")[2].lstrip("_")


def indexed_words(passages: Collection[Passage]) -> str:
    """Return all words a ticket is found by, each once, with spaces between, names and title first.

    What exceeds `WORDS_BYTES_MAX` is cut off at a space.
    """
    texts = dict.fromkeys(passage.text for passage in passages)
    words: dict[str, None] = {}
    for passage in passages:
        if passage.kind is PlaceKind.TITLE or passage.role is not None:
            tier = Tier.TITLE if passage.role is None else tier_of(passage.role)
            words_of_passage = dict.fromkeys(words_of(passage.text))
            words |= dict.fromkeys(map(tier.word, words_of_passage)) | words_of_passage
    words |= dict.fromkeys(words_of("\n".join(texts)))
    text = " ".join(words)
    # A character takes four bytes at most: mostly it need not be encoded to see that it fits.
    if len(text) * 4 <= WORDS_BYTES_MAX or len(text.encode()) <= WORDS_BYTES_MAX:
        return text
    return text.encode()[:WORDS_BYTES_MAX].decode(errors="ignore").rpartition(" ")[0]


def terms_of(query: str) -> tuple[str, ...]:
    """Return the words of a query that a ticket must have, in any order, at most `TERMS_MAX`.

    A word that is the beginning of another one is left out, since it is found with that one.
    """
    written = (word[:WORD_MAX].strip("_") for word in _WORD.findall(folded(query)))
    words = [word for word in dict.fromkeys(written) if word]
    terms: list[str] = []
    for word in words:
        longer = [other for other in words if other.startswith(word) and other != word]
        if not longer:
            terms.append(word)
    return tuple(terms[:TERMS_MAX])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one ticket says what was searched for."""

    passage: Passage
    excerpt: str
    """Its text, or the part of it around the first match."""
    marks: tuple[tuple[int, int], ...]
    """Where terms are in the excerpt: positions of the first character and of the one after the last."""


class Matcher:
    """Finds the terms of one query in texts."""

    def __init__(self, terms: Sequence[str]) -> None:
        self.terms = frozenset(terms)
        self._expressions = []
        for term in terms:
            # At the beginning of a word, or of a part of a name after an underscore.
            self._expressions.append((term, re.compile(rf"(?<![^\W_]){re.escape(term)}")))

    def terms_in(self, text: str) -> frozenset[str]:
        """Return the terms that words of a text begin with."""
        plain = folded(text)
        return frozenset(term for term, pattern in self._expressions if pattern.search(plain))

    def marks_in(self, text: str) -> tuple[tuple[int, int], ...]:
        """Return where terms are in a text, as `Place.marks`, in order and without overlap."""
        plain = text.casefold()
        place_in_text: Sequence[int] = range(len(text))
        if not text.isascii():
            # Folding makes several letters of some, and none of others.
            letters: list[str] = []
            places: list[int] = []
            for place, character in enumerate(text):
                for letter in folded(character):
                    letters.append(letter)
                    places.append(place)
            plain = "".join(letters)
            place_in_text = places
        spans: list[tuple[int, int]] = []
        for _, expression in self._expressions:
            for match in expression.finditer(plain):
                last = place_in_text[match.end() - 1]
                spans.append((place_in_text[match.start()], last + 1))
        marks: list[tuple[int, int]] = []
        for begin, end in sorted(spans):
            if marks and begin <= marks[-1][1]:
                begin_before, end_before = marks.pop()
                marks.append((begin_before, max(end, end_before)))
            else:
                marks.append((begin, end))
        return tuple(marks)

    def place_in(self, passage: Passage) -> Place:
        """Return a passage with the excerpt around its first match, cut at spaces where there are any."""
        text = passage.text
        marks = self.marks_in(passage.text)
        first = marks[0][0] if marks else 0
        # A third of the excerpt is before the match.
        begin = 0 if len(text) <= EXCERPT_MAX else max(0, first - EXCERPT_MAX // 3)
        if begin:
            begin = text.find(" ", begin, first) + 1 or begin
        end = begin + EXCERPT_MAX
        if end < len(text):
            end = max(text.rfind(" ", first, end), 0) or end
        before = "… " if begin else ""
        after = " …" if end < len(text) else ""
        shift = len(before) - begin
        shown = tuple((a + shift, b + shift) for a, b in marks if begin <= a and b <= end)
        return Place(passage=passage, excerpt=f"{before}{text[begin:end]}{after}", marks=shown)
