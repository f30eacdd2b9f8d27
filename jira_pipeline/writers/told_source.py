"""What may be said of one ticket: its told facts as texts, names, numbers and counts to look up.

Belongs here: what stands in the source, and what can be counted in it. Does not: which facts are
told (`told_facts`), or what is looked for in an answer (`provenance`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.entities import Entity
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.prose_words import NUMBER_WORDS
from jira_pipeline.writers.told_facts import ROWS, Told, told_facts

MARKED = re.compile(r"`([^`]*)`")
QUOTED = re.compile(
    r"“([^“”]*)”|\"([^\"]*)\"|(?<![\w’'])['\u2018]([^'\u2019\u2018]*)['\u2019](?!\w)"
)
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ELLIPSIS = re.compile(r"…|\.\.\.")
_AROUND_QUOTE = " .,;:!?"
_DIGITS = re.compile(r"\d+")


def normalised(text: str) -> str:
    """Return a text on one line, with straight quotes, to compare by."""
    straight = text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0xA0: " "})
    return " ".join(straight.split())


def singular(word: str) -> str:
    """Return a word to compare by: in lower case, without a plural or possessive ending."""
    plain = re.sub(r"['’]s?$", "", word.casefold())
    if plain.endswith("ies") and len(plain) > len("ties"):
        return f"{plain[:-3]}y"
    if plain.endswith(("ses", "xes", "ches", "shes")):
        return plain[:-2]
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") else plain


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Some text of the source."""

    text: str

    @cached_property
    def folded(self) -> str:
        """In lower case."""
        return self.text.casefold()

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word in the singular."""
        return frozenset(singular(word) for word in WORD.findall(self.text))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Every run of digits, and every number written as a word."""
        words = (NUMBER_WORDS.get(word) for word in self.words)
        return frozenset({*_DIGITS.findall(self.text), *(str(word) for word in words if word)})

    def has(self, text: str) -> bool:
        """Tell whether a text stands there as whole words, whatever its case."""
        return _is_in(normalised(text).casefold(), self.folded)

    def has_exactly(self, text: str) -> bool:
        """Tell whether a text stands there as whole words, letter by letter."""
        return _is_in(normalised(text), self.text)


def _is_in(text: str, passage: str) -> bool:
    start = passage.find(text) if text else -1
    while start >= 0:
        end = start + len(text)
        is_begun = not (_is_word(text[0]) and _is_word(passage[start - 1 : start]))
        is_ended = not (_is_word(text[-1]) and _is_word(passage[end : end + 1]))
        if is_begun and is_ended:
            return True
        start = passage.find(text, start + 1)
    return False


def _is_word(character: str) -> bool:
    """Tell whether a character goes on a word; there is none before the first one."""
    return character.isalnum() or character == "_"


@dataclass(frozen=True, kw_only=True)
class TicketSource:
    """Everything that was told of one ticket."""

    facts: GroupFacts

    @cached_property
    def told(self) -> Mapping[str, Told]:
        """What the model was told, before anything was left out for length."""
        return told_facts(self.facts)

    @cached_property
    def whole(self) -> Passage:
        """All of it."""
        return Passage(text=_joined(_texts(self.told)))

    @cached_property
    def frame(self) -> Passage:
        """What is not about one row: heads, what is waited for and mentioned, who uses it."""
        told = {name: value for name, value in self.told.items() if name != ROWS}
        return Passage(text=_joined(_texts(told)))

    @cached_property
    def counts(self) -> frozenset[int]:
        """What can be counted.

        Rows of each table; in a table the values of each column, the rows of each value, and the
        rows with and without one (`-` is none); the length of each list.
        """
        return frozenset(_counts(self.told))

    @cached_property
    def _rows_by_name(self) -> Mapping[str, tuple[Entity, ...]]:
        found: dict[str, list[Entity]] = {}
        for row in (*self.facts.group.heads, *self.facts.group.members):
            for name in {row.machine_name, row.label}:
                if name not in {"", "-"}:
                    found.setdefault(normalised(name), []).append(row)
        return {name: tuple(rows) for name, rows in found.items()}

    def rows_named(self, name: str) -> tuple[Entity, ...]:
        """Return the rows of a machine name or label."""
        return self._rows_by_name.get(normalised(name), ())

    def label_before(self, text: str) -> str:
        """Return the longest label of a row that a text ends with, empty if none."""
        before = text.rstrip(' "(“')
        found = (label for label in self._labels if before.endswith(label))
        return next(
            (label for label in found if not _is_word(before[-len(label) - 1 : -len(label)])), ""
        )

    @cached_property
    def _labels(self) -> tuple[str, ...]:
        rows = (*self.facts.group.heads, *self.facts.group.members)
        return tuple(sorted({normalised(row.label) for row in rows if row.label}, key=len))[::-1]

    @cached_property
    def value_counts(self) -> frozenset[tuple[str, int]]:
        """How many rows of a table have a value, by value in lower case."""
        return frozenset(_value_counts(self.told))

    def rows_saying(self, phrases: Sequence[str]) -> frozenset[int]:
        """Count the rows that say all of some phrases: of all, and of those to build."""
        return frozenset(
            sum(all(row.has(phrase) for phrase in phrases) for row in rows)
            for rows in self._row_passages
        )

    @cached_property
    def _row_passages(self) -> tuple[tuple[Passage, ...], ...]:
        every = (*self.facts.group.heads, *self.facts.group.members)
        return tuple(
            tuple(Passage(text=_joined(row.cells.values())) for row in rows)
            for rows in (every, self.facts.to_build)
        )

    def about(self, rows: Iterable[Entity]) -> Passage:
        """Return what is told of some rows, and of the ticket as a whole."""
        cells = [text for row in rows for text in (*row.cells, *row.cells.values())]
        return Passage(text=f"{_joined(cells)}\n{self.frame.text}")


def parts_of_quote(match: re.Match[str]) -> list[str]:
    """Return what stands between quotation marks, in parts where an ellipsis leaves words out."""
    quote = next(group for group in match.groups() if group is not None)
    parts = [part.strip(_AROUND_QUOTE) for part in _ELLIPSIS.split(quote)]
    return [part for part in parts if part]


def without_literals(text: str, source: TicketSource) -> str:
    """Return the words of a sentence without marked names and quotations the source has."""
    return QUOTED.sub(
        lambda m: " ` " if all(map(source.whole.has, parts_of_quote(m))) else m.group(),
        MARKED.sub(" ` ", text),
    )


def _joined(texts: Iterable[str]) -> str:
    return "\n".join(normalised(text) for text in texts)


def _texts(told: Told) -> Iterator[str]:
    if isinstance(told, str | int):
        yield str(told)
    elif isinstance(told, Mapping):
        for name, value in told.items():
            yield name
            yield from _texts(value)
    else:
        for item in told:
            yield from _texts(item)


def _counts(told: Told) -> Iterator[int]:
    if isinstance(told, int):
        yield told
    elif isinstance(told, Mapping):
        yield len(told)
        for value in told.values():
            yield from _counts(value)
    elif not isinstance(told, str):
        yield len(told)
        yield from _column_counts([row for row in told if isinstance(row, Mapping)])
        for item in told:
            yield from _counts(item)


def _column_counts(rows: Sequence[Mapping[str, Told]]) -> Iterator[int]:
    for values in _columns(rows):
        yield len(values)
        yield values.total()
        yield len(rows) - values.total()
        yield from values.values()


def _columns(rows: Sequence[Mapping[str, Told]]) -> Iterator[Counter[str]]:
    for column in dict.fromkeys(name for row in rows for name in row):
        yield Counter(str(row[column]) for row in rows if row.get(column, "-") != "-")


def _value_counts(told: Told) -> Iterator[tuple[str, int]]:
    if isinstance(told, Mapping):
        for value in told.values():
            yield from _value_counts(value)
    elif not isinstance(told, str | int):
        for values in _columns([row for row in told if isinstance(row, Mapping)]):
            yield from ((normalised(value).casefold(), n) for value, n in values.items())
