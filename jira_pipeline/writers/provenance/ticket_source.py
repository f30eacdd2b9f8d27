"""What prose may say of one ticket: its prompt facts as texts, names, numbers and counts.

Belongs here: what is in the source, and what can be counted in it. Does not: which facts a
model gets (`prompt_facts`), or what is looked for in an answer (`provenance`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.lexicon import number_words, word_list
from jira_pipeline.domain.note_sentences import readable
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.plain_words import normalised, singular, singular_words
from jira_pipeline.writers.prompt_facts import (
    QUESTIONS,
    ROWS,
    ROWS_AROUND,
    ROWS_AROUND_MAX,
    FactValue,
    prompt_facts,
)
from jira_pipeline.writers.provenance.countable import Collection
from jira_pipeline.writers.provenance.ticket_counts import collections_of
from jira_pipeline.writers.related_work import rows_around

MARKED = re.compile(r"`([^`]*)`")
QUOTED = re.compile(
    r"“([^“”]*)”|\"([^\"]*)\"|(?<![\w’'])['\u2018]([^'\u2019\u2018]*)['\u2019](?!\w)"
)
_LITERAL = re.compile(rf"`[^`]*`|{QUOTED.pattern}")
"""Whichever begins first: a quotation may hold marks, and a mark quotation marks."""
_AS = r"\b(?:[Aa]s|[Ll]ike)(?: (?:in|on|for|of))? "
_ELLIPSIS = re.compile(r"…|\.\.\.")
_AROUND_QUOTE = " .,;:!?"
_NUMBER_OR_WORD = re.compile(r"\d+|[^\W\d_]+(?:['’][^\W_]+)*")
_LISTED = re.compile(r"[,;] ")
_NUMBERS_ALONE = re.compile(r"(\d+)(?: ?[-–] ?(\d+))?")
_LIST_CHARACTERS = 40
"""A longer cell with commas is prose, not a setting."""
_AROUND_WORDS = 4
"""`limited to 3 promoted stories`: what a number is about is no further away."""


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
        return singular_words(self.text)

    @cached_property
    def _number_places(self) -> Mapping[str, tuple[frozenset[str], ...]]:
        """The words around every number, by its digits."""
        found: dict[str, list[frozenset[str]]] = {}
        for cell in self.text.split("\n"):
            for number, around in numbers_with_words(cell):
                found.setdefault(number, []).append(around)
        return {number: tuple(places) for number, places in found.items()}

    @cached_property
    def _numbers_alone(self) -> frozenset[str]:
        """The numbers that are a whole cell, or all of an item of a short one: `Full, 24`."""
        items = (
            item
            for cell in self.text.split("\n")
            for item in (_LISTED.split(cell) if len(cell) <= _LIST_CHARACTERS else [cell])
        )
        found = (_NUMBERS_ALONE.fullmatch(item) for item in items)
        return frozenset(number for match in found if match for number in match.groups() if number)

    def has_decimal(self, number: str) -> bool:
        """Tell whether the source has a number with a point, also beside a sign or letter: x1.5."""
        return bool(re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", self.text))

    def has_number(self, number: str, around: AbstractSet[str]) -> bool:
        """Tell whether a number is alone in a cell or in an item of a list, or beside some word."""
        places = self._number_places.get(number, ())
        return number in self._numbers_alone or any(
            not words.isdisjoint(around) for words in places
        )

    def has(self, text: str) -> bool:
        """Tell whether the source has a text as whole words, whatever its case."""
        return _is_in(normalised(text).casefold(), self.folded)

    def has_exactly(self, text: str) -> bool:
        """Tell whether the source has a text as whole words, letter by letter."""
        return _is_in(normalised(text), self.text)


def numbers_with_words(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Return the whole numbers of a text as digits, each with the content words around it."""
    words = _NUMBER_OR_WORD.findall(text)
    plain = [word for word in words if not word.isdigit()]
    place = 0
    for word in words:
        # Numbers that are listed share the words around the list: `3-8 / more than 8 km`.
        is_plain = not word.isdigit()
        number = str(number_words().get(singular(word), word))
        if number.isdigit():
            around = plain[max(place - _AROUND_WORDS, 0) : place + is_plain + _AROUND_WORDS]
            content_words = (
                {singular(w) for w in around}
                - word_list("frequent_words")
                - word_list("counted_nouns")
            )
            yield number, frozenset(content_words - {singular(word)})
        place += is_plain


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


def _names_label(label: str, text: str) -> bool:
    """Tell whether a text says a label; one of several words also in lower case and in the plural."""
    if _is_in(label, text):
        return True
    small, plain = label.casefold(), text.casefold()
    return " " in label and (_is_in(small, plain) or _is_in(f"{small}s", plain))


def _is_word(character: str) -> bool:
    """Tell whether a character goes on a word; there is none before the first one."""
    return character.isalnum() or character == "_"


@dataclass(frozen=True, kw_only=True)
class TicketSource:
    """Everything the model got about one ticket."""

    facts: GroupFacts

    @cached_property
    def shown(self) -> Mapping[str, FactValue]:
        """What the model gets, before anything is left out for length."""
        return prompt_facts(self.facts)

    @cached_property
    def whole(self) -> Passage:
        """All of it but the questions: they name what the sheets leave out."""
        return self._without({QUESTIONS})

    @cached_property
    def own(self) -> Passage:
        """The same without the rows of other tickets: what is said of none of them is looked up here."""
        return self._without({QUESTIONS, ROWS_AROUND})

    @cached_property
    def frame(self) -> Passage:
        """What is not about one row: heads, what is waited for and mentioned, who uses it."""
        return self._without({ROWS, QUESTIONS, ROWS_AROUND})

    def _without(self, parts: AbstractSet[str]) -> Passage:
        shown = {name: value for name, value in self.shown.items() if name not in parts}
        return Passage(text=_joined([*_texts(shown), *self._borrowed]))

    @cached_property
    def _borrowed(self) -> Sequence[str]:
        """The cells of rows around that a cell of the ticket goes by: `as in Open days`."""
        own = (*self.facts.group.heads, *self.facts.group.members)
        cells = " ".join(cell for row in own for cell in row.cells.values())
        models = (
            row
            for row in self._rows_around
            if row.label and re.search(rf"{_AS}{re.escape(row.label)}(?!\w)", cells)
        )
        return [cell for row in models for cell in row.cells.values()]

    @cached_property
    def collections(self) -> tuple[Collection, ...]:
        """What can be counted."""
        return collections_of(self.facts)

    @cached_property
    def _rows_by_name(self) -> Mapping[str, tuple[Entity, ...]]:
        found: dict[str, list[Entity]] = {}
        for row in (*self.facts.group.heads, *self.facts.group.members):
            for name in {row.machine_name, row.label}:
                if name not in {"", "-"}:
                    found.setdefault(normalised(name), []).append(row)
        for row, name in self.facts.settled_names:
            found.setdefault(name, []).append(row)
        return {name: tuple(rows) for name, rows in found.items()}

    def rows_named(self, name: str) -> tuple[Entity, ...]:
        """Return the rows of a machine name or label."""
        return self._rows_by_name.get(normalised(name), ())

    @cached_property
    def _rows_around(self) -> Sequence[Entity]:
        return rows_around(self.facts)[:ROWS_AROUND_MAX]

    @cached_property
    def _rows_around_by_name(self) -> Mapping[str, tuple[Entity, ...]]:
        found: dict[str, list[Entity]] = {}
        for row in self._rows_around:
            for name in {row.machine_name, row.label, name_of(row)} - {"", "-"}:
                found.setdefault(normalised(name), []).append(row)
        return {name: tuple(rows) for name, rows in found.items()}

    def rows_meant(self, name: str) -> tuple[Entity, ...]:
        """Return the rows of a machine name or label: those of the ticket, else those around."""
        return self.rows_named(name) or self._rows_around_by_name.get(normalised(name), ())

    def rows_around_named(self, text: str, names: Iterable[str]) -> tuple[Entity, ...]:
        """Return the rows of other tickets that a text names: marked, quoted whole, or by a label.

        A field is also named by its label beside what owns it. Where a row of the ticket has the
        same name, the owner or the kind has to be named as well: `the view News` of a type News;
        but a field and what it refers to may both be meant.
        """
        marked = {normalised(name) for name in names}
        plain = normalised(QUOTED.sub(" ", MARKED.sub(" ", text)))
        found = []
        for row in self._rows_around:
            called = {normalised(n) for n in (row.machine_name, row.label, name_of(row)) if n}
            labels = {name for name in called if name[:1].isupper() and _names_label(name, plain)}
            used = labels | (called & marked)
            is_ambiguous = used <= self._rows_by_name.keys() or (
                row.kind is EntityKind.FIELD and called.isdisjoint(marked)
            )
            is_ambiguous &= row.key not in self._targets_of(used)
            if used and (not is_ambiguous or self._is_distinguished(row, plain)):
                found.append(row)
        return tuple(found)

    def elsewhere_named(self, fields: Sequence[Entity], text: str) -> tuple[Entity, ...]:
        """Return the same fields on other bundles that a text names: `optional on Page`."""
        names = {field.machine_name for field in fields}
        plain = normalised(text)
        return tuple(
            row
            for row in self._rows_around
            if row.kind is EntityKind.FIELD and row.machine_name in names
            if self._is_distinguished(row, plain)
        )

    def _targets_of(self, names: Iterable[str]) -> frozenset[str | None]:
        rows = (row for name in names for row in self.rows_named(name))
        return frozenset(reference.target_key for row in rows for reference in row.references)

    def _is_distinguished(self, row: Entity, text: str) -> bool:
        owners = self.facts.session.specification.by_key.get(row.owner_key or "", ())[:1]
        if owners:
            return _is_in(normalised(name_of(owners[0])), text)
        kind = row.bundle_type or row.kind.value.replace("_", " ")
        return _is_in(kind.casefold(), text.casefold())

    def is_title(self, text: str) -> bool:
        """Tell whether a text is the title of a ticket of the session."""
        return text in self._titles

    @cached_property
    def _titles(self) -> frozenset[str]:
        return frozenset(group.title for group in self.facts.session.groups.values())

    def is_in_cell(self, quote: str, rows: Sequence[Entity]) -> bool:
        """Tell whether one cell holds some words letter by letter; of all rows where none is given.

        Spaces and line breaks may differ.
        """
        known = rows or (*self.facts.group.heads, *self.facts.group.members)
        words = " ".join(quote.split())
        return any(words in " ".join(cell.split()) for row in known for cell in row.cells.values())

    def label_before(self, text: str) -> str:
        """Return the longest label of a row that a text ends with, empty if none."""
        before = text.rstrip(' "(“')
        found = (label for label in self._labels if before.endswith(label))
        return next(
            (label for label in found if not _is_word(before[-len(label) - 1 : -len(label)])), ""
        )

    def label_at_start(self, text: str) -> str:
        """Return the longest label of a row that a text begins with, empty if none."""
        found = (label for label in self._labels if text.startswith(label))
        return next((label for label in found if not _is_word(text[len(label) :][:1])), "")

    @cached_property
    def _labels(self) -> tuple[str, ...]:
        rows = (*self.facts.group.heads, *self.facts.group.members)
        return tuple(sorted({normalised(row.label) for row in rows if row.label}, key=len))[::-1]

    def rows_saying(self, phrases: Sequence[str]) -> frozenset[int]:
        """Count the rows that say all of some phrases: of all, to build, and approved."""
        return frozenset(
            sum(all(row.has(phrase) for phrase in phrases) for row in rows)
            for rows in self._row_passages
        )

    def rows_with(self, words: AbstractSet[str]) -> frozenset[int]:
        """Count the rows that have all of some words; without words, none are meant."""
        if not words:
            return frozenset()
        return frozenset(sum(words <= row.words for row in rows) for rows in self._row_passages)

    @cached_property
    def _row_passages(self) -> tuple[tuple[Passage, ...], ...]:
        every = (*self.facts.group.heads, *self.facts.group.members)
        approved = [row for row in every if row.status is Status.APPROVED]
        return tuple(
            tuple(Passage(text=_joined(row.cells.values())) for row in rows)
            for rows in (every, self.facts.to_build, approved)
        )

    def near(self, rows: Sequence[Entity], around: Sequence[Entity]) -> Passage:
        """Return the facts of some rows of the ticket and around it, and of the ticket as a whole.

        Where no row of the ticket is named, any of them may be meant.
        """
        if not around:
            return self._about(rows) if rows else self.own
        return Passage(
            text=f"{self._about((*rows, *around)).text}\n{'' if rows else self.own.text}"
        )

    def _about(self, rows: Iterable[Entity]) -> Passage:
        cells = [text for row in rows for text in (*row.cells, *row.cells.values())]
        cells += [seen for text in cells if (seen := readable(text)) != text]
        return Passage(text=f"{_joined(cells)}\n{self.frame.text}")


def parts_of_quote(match: re.Match[str]) -> list[str]:
    """Return what is between quotation marks, in parts where an ellipsis leaves words out."""
    quote = next(group for group in match.groups() if group is not None)
    parts = [part.strip(_AROUND_QUOTE) for part in _ELLIPSIS.split(quote)]
    return [part for part in parts if part]


def without_literals(text: str, source: TicketSource, *, is_length_kept: bool = False) -> str:
    """Return the words of a sentence without marked names and quotations the source has."""

    def blank(match: re.Match[str]) -> str:
        if is_length_kept:
            return "`" * len(match.group())
        return " `. " if match.group()[-2:-1] in {".", "!", "?"} else " ` "

    def unless_unknown(match: re.Match[str]) -> str:
        if match.group().startswith("`") or all(map(source.whole.has, parts_of_quote(match))):
            return blank(match)
        return MARKED.sub(blank, match.group())

    return _LITERAL.sub(unless_unknown, text)


def _joined(texts: Iterable[str]) -> str:
    return "\n".join(normalised(text) for text in texts)


def _texts(fact: FactValue) -> Iterator[str]:
    """Return names and texts; counts are looked up as such."""
    if isinstance(fact, int):
        return
    if isinstance(fact, str):
        yield fact
        if (seen := readable(fact)) != fact:
            yield seen
    elif isinstance(fact, Mapping):
        for name, value in fact.items():
            yield name
            yield from _texts(value)
    else:
        for item in fact:
            yield from _texts(item)
