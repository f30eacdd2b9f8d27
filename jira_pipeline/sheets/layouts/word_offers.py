"""Words of closed columns that a page asks about, once each.

Belongs here: words that mean nothing yet, those that are understood, those that somebody declared, and
what each may mean. Does not: what words mean (`reading/cells`).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.model.columns import Holds, columns_of
from jira_pipeline.model.entities import BundleType
from jira_pipeline.sheets.layouts.layout import CUSTOM, Layout
from jira_pipeline.sheets.layouts.layout_parts import values_in
from jira_pipeline.sheets.layouts.record_drafts import holds_of
from jira_pipeline.sheets.layouts.row_checks import HOLDS_OF_WORDS, CheckedLayout, is_word_read
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.cells import (
    DISPLAY_PLUGINS,
    FIELD_TYPES,
    count_spelled,
    flag_spelled,
    status_spelled,
)
from jira_pipeline.sheets.reading.labels import bundle_type_of

WORDS_OFFERED: Mapping[Holds, Sequence[tuple[str, str]]] = {
    Holds.STATUS: (
        ("a", "to build"),
        ("c", "exists, and changes"),
        ("x", "exists"),
        ("w", "on hold: not now"),
        ("d", "to remove"),
        ("", "says nothing"),
    ),
    Holds.FLAG: (("y", "yes"), ("n", "no"), ("", "says nothing")),
    Holds.COUNT: (("1", "1"), ("*", "any number"), ("", "says nothing")),
    Holds.BUNDLE_TYPE: tuple((each.value, each.value) for each in BundleType),
    Holds.FIELD_TYPE: tuple((each, each) for each in sorted(FIELD_TYPES)),
    Holds.DISPLAY_PLUGIN: tuple((each, each) for each in DISPLAY_PLUGINS),
}
"""What words may mean, and how people are told."""
WORDS_ARE: Mapping[Holds, str] = {
    Holds.STATUS: "how far something is",
    Holds.FLAG: "yes or no",
    Holds.COUNT: "how many values",
    Holds.BUNDLE_TYPE: "kind of type",
    Holds.FIELD_TYPE: "field type",
    Holds.DISPLAY_PLUGIN: "kind of display",
}


def label_of_meaning(holds: Holds, means: str) -> str:
    """Return how people are told what a word means: `on hold: not now` for `w`."""
    return dict(WORDS_OFFERED.get(holds, ())).get(means, means)


def words_of_column(kind: str, name: str) -> Sequence[tuple[str, str]]:
    """Return what a column may say, where it is one of a few words, and how people are told."""
    holds = next((column.holds for column in columns_of(kind) if column.name == name), None)
    return [] if holds is None else words_of_cells(holds)


def words_of_cells(holds: Holds) -> Sequence[tuple[str, str]]:
    """Return the few words that some cells may say, and how people are told; none of other cells."""
    return [(value, label) for value, label in WORDS_OFFERED.get(holds, ()) if value]


class WordState(StrEnum):
    """What is known of a word."""

    UNREAD = "not known"
    DECLARED = "declared"
    UNDERSTOOD = "understood"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordOffer:
    """A word that a closed column has, and how often."""

    holds: Holds
    word: str
    state: WordState
    means: str
    """As a choice says it; blank where it says nothing, or nobody knows."""
    count: int
    worksheets: tuple[str, ...]

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        """What it may mean; of a number of values, the numbers that it names, too."""
        if self.holds is not Holds.COUNT:
            return WORDS_OFFERED[self.holds]
        return count_choices(self.word)

    @property
    def about(self) -> str:
        return WORDS_ARE[self.holds]


def count_choices(word: str) -> Sequence[tuple[str, str]]:
    """Return the numbers of values that a word may mean: first those that it names."""
    offered = WORDS_OFFERED[Holds.COUNT]
    numbers = dict.fromkeys("".join(c if c.isdecimal() else " " for c in word).split())
    named = [(number, number) for number in numbers if number not in dict(offered)]
    return (*named, *offered)


def words_offered(layout: Layout, checked: CheckedLayout) -> list[WordOffer]:
    """Return words of closed columns, once each: those that mean nothing yet come first."""
    declared = _declared_words(layout)
    meanings = {(holds, normal(means)) for (holds, _), means in declared.items()}
    offers = [
        WordOffer(
            holds=holds, word=word, state=WordState.DECLARED, means=means, count=0, worksheets=()
        )
        for (holds, word), means in declared.items()
    ]
    for (holds, word), places in _words_in(checked).items():
        is_read = is_word_read(holds, word)
        if is_read and (holds, normal(word)) in meanings:
            continue  # what a declared word means
        offers.append(
            WordOffer(
                holds=holds,
                word=word,
                state=WordState.UNDERSTOOD if is_read else WordState.UNREAD,
                means=_understood(holds, word) if is_read else "",
                count=sum(places.values()),
                worksheets=tuple(places),
            )
        )
    order = (WordState.UNREAD, WordState.DECLARED, WordState.UNDERSTOOD)
    return sorted(offers, key=lambda offer: order.index(offer.state))


def _words_in(checked: CheckedLayout) -> Mapping[tuple[Holds, str], Counter[str]]:
    """Return how often each worksheet has each word."""
    places: dict[tuple[Holds, str], Counter[str]] = defaultdict(Counter)
    for row in checked.applied.rows:
        for column in () if row.kind == CUSTOM else columns_of(row.kind):
            text = row.cells.get(column.name, "")
            if column.holds in HOLDS_OF_WORDS and text:
                places[column.holds, text][row.worksheet] += 1
    return places


def _understood(holds: Holds, word: str) -> str:
    """Return what a word is read as, as a choice says it; the word itself where that is what it says."""
    match holds:
        case Holds.STATUS:
            return status_spelled(word) or ""
        case Holds.FLAG:
            flag = flag_spelled(word)
            return "" if flag is None else "y" if flag else "n"
        case Holds.COUNT:
            count = count_spelled(word)
            return "*" if count == -1 else "" if count is None else str(count)
        case Holds.BUNDLE_TYPE:
            return bundle_type_of(word) or ""
        case _:
            return word


def _declared_words(layout: Layout) -> Mapping[tuple[Holds, str], str]:
    """Return the words that somebody declared of cells, by what the cells hold."""
    words: dict[tuple[Holds, str], str] = {}
    for record, name, value in values_in(layout):
        holds = holds_of(record, name)
        if holds in HOLDS_OF_WORDS and value.column is not None:
            words |= {(holds, word): means for word, means in value.words.items()}
    return words
