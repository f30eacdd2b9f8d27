"""Words of closed columns that a page asks about, once each.

Belongs here: words that mean nothing yet, those that are understood, those that somebody declared, and
what each may mean. Does not: what words mean (`reading/cells`).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.drupal.meaning.modules_and_types import types_meant
from jira_pipeline.model.columns import Holds
from jira_pipeline.model.entities import AnyBundleType, BundleType
from jira_pipeline.sheets.layouts.choices import ASKED, SetWord
from jira_pipeline.sheets.layouts.layout import CUSTOM, Layout
from jira_pipeline.sheets.layouts.record_drafts import BUNDLE
from jira_pipeline.sheets.layouts.row_checks import (
    HOLDS_OF_WORDS,
    CheckedLayout,
    is_of_mark,
    is_word_read,
)
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.word_choices import asked_text, declared_words
from jira_pipeline.sheets.reading.cells import (
    DISPLAY_PLUGINS,
    FIELD_TYPES,
    count_spelled,
    flag_spelled,
    status_spelled,
)
from jira_pipeline.sheets.reading.labels import bundle_type_of, folded

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
    Holds.COUNT: (
        ("1", "1"),
        ("*", "any number"),
        *((str(number), str(number)) for number in range(2, 11)),
        ("", "says nothing"),
    ),
    Holds.BUNDLE_TYPE: tuple((kind.value, kind.value) for kind in BundleType),
    Holds.FIELD_TYPE: tuple((name, name) for name in sorted(FIELD_TYPES)),
    Holds.DISPLAY_PLUGIN: tuple((name, name) for name in DISPLAY_PLUGINS),
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
    if means == ASKED:
        return _ASK_LABELS.get(holds, _ASK_LABEL)
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
    AMBIGUOUS = "may mean several"
    """Of a field type: tickets ask which one is meant, for each field, until somebody says it once."""
    DECLARED = "declared"
    UNDERSTOOD = "understood"


_DESCRIBED_TYPES: Mapping[str, str] = {
    "Text (plain)": "one line, as it is typed",
    "Text (plain, long)": "several lines, as they are typed",
    "Text (formatted)": "one line, in which words may be bold",
    "Text (formatted, long)": "several lines, in which words may be bold",
    "Text (formatted, long, with summary)": "words may be bold, and it has a summary",
    "List (text)": "one of a few words",
    "Number (integer)": "whole numbers",
    "Number (decimal)": "numbers with digits after the point",
    "Number (float)": "numbers with any digits after the point",
    "Date": "a day, perhaps with a time",
    "Date range": "from a day to another",
    "Timestamp": "a moment that the site notes",
}
"""What people who know no Drupal are told of types between which a word leaves the choice."""


def _types_meant(word: str) -> Sequence[str]:
    return types_meant().get(folded(word), ())


def _described_type(name: str) -> str:
    described = _DESCRIBED_TYPES.get(name)
    return f"{name}: {described}" if described else name


_ASK_LABELS: Mapping[Holds, str] = {
    Holds.FLAG: "only sometimes, or not decided: ask",
}
_ASK_LABEL = "not decided: ask"
_WORDS_OF_MEANING_MAX = 2
"""A cell of more words says more than what it is said to mean: `yes, unless it is online`."""


@dataclass(frozen=True, slots=True)
class WordChoice:
    """What a word may mean: as a choice says it, perhaps with one thing that it refers to."""

    means: str
    target: str
    label: str

    @property
    def value(self) -> str:
        """What a form sends: the meaning, and the target after a bar."""
        return f"{self.means}|{self.target}" if self.target else self.means


@dataclass(frozen=True, slots=True)
class WordChoices:
    """Meanings that belong together."""

    label: str
    choices: tuple[WordChoice, ...]


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
    refers_to: tuple[str, ...] = ()
    values: str = ""
    """How many values it says a field has."""
    is_quoted: bool = False
    targets: tuple[WordChoices, ...] = ()
    """Of a field type: what of the workbook it may refer to."""

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        """What it may mean; of a number of values, the numbers that it names, too."""
        if self.holds is not Holds.COUNT:
            return WORDS_OFFERED[self.holds]
        return count_choices(self.word)

    @property
    def groups(self) -> Sequence[WordChoices]:
        """All that it may mean, what of the workbook it may refer to first."""
        plain = [WordChoice(means, "", label) for means, label in self.choices]
        label = _ASK_LABELS.get(self.holds, _ASK_LABEL)
        plain.append(WordChoice(ASKED, "", label))
        groups = (*self.targets, WordChoices(self.about.capitalize(), tuple(plain)))
        if self.state is not WordState.AMBIGUOUS:
            return groups
        likely = [WordChoice(name, "", _described_type(name)) for name in _types_meant(self.word)]
        return (WordChoices(f"“{self.word}” may be", tuple(likely)), *groups)

    @property
    def is_open(self) -> bool:
        """Somebody is asked what it means."""
        return self.state in {WordState.UNREAD, WordState.AMBIGUOUS}

    @property
    def value(self) -> str:
        """What a select shows as chosen; blank where nobody knows."""
        target = self.refers_to[0] if len(self.refers_to) == 1 else ""
        return WordChoice(self.means, target, "").value

    @property
    def is_quoting_proposed(self) -> bool:
        """Its own words are quoted unless somebody says that they say no more."""
        if self.state is not WordState.UNREAD:
            return self.is_quoted
        letters = "".join(letter if letter.isalpha() else " " for letter in self.word)
        return len(letters.split()) > _WORDS_OF_MEANING_MAX

    @property
    def about(self) -> str:
        return WORDS_ARE[self.holds]


def count_choices(word: str) -> Sequence[tuple[str, str]]:
    """Return the numbers of values that a word may mean: first those that it names."""
    offered = WORDS_OFFERED[Holds.COUNT]
    numbers = dict.fromkeys("".join(c if c.isdecimal() else " " for c in word).split())
    named = [(number, number) for number in numbers]
    return (*named, *(choice for choice in offered if choice not in named))


def words_offered(layout: Layout, checked: CheckedLayout) -> list[WordOffer]:
    """Return words of closed columns, once each: those that mean nothing yet come first."""
    declared = declared_words(layout)
    targets = _targets(checked)
    offers = [_declared_offer(word, targets) for word in declared]
    # A cell whose word was declared says what that means, and is no further word.
    meanings = {(word.holds, normal(word.means)) for word in declared}
    asked_about = {normal(asked_text(word.word)) for word in declared}
    for (holds, word), places in _words_in(checked).items():
        is_read = is_word_read(holds, word)
        is_meaning = is_read and (holds, normal(word)) in meanings
        if not is_meaning and normal(word) not in asked_about:
            offer = _offer_of_workbook(holds, word, is_read=is_read, places=places, targets=targets)
            offers.append(offer)
    order = [*WordState]
    return sorted(offers, key=lambda offer: order.index(offer.state))


def _declared_offer(word: SetWord, targets: tuple[WordChoices, ...]) -> WordOffer:
    """Return a word with what somebody said that it means."""
    return WordOffer(
        holds=word.holds,
        word=word.word,
        state=WordState.DECLARED,
        means=word.means,
        count=0,
        worksheets=(),
        refers_to=word.refers_to,
        values=word.count,
        is_quoted=word.is_quoted,
        targets=targets if word.holds is Holds.FIELD_TYPE else (),
    )


def _offer_of_workbook(
    holds: Holds,
    word: str,
    *,
    is_read: bool,
    places: Counter[str],
    targets: tuple[WordChoices, ...],
) -> WordOffer:
    """Return a word of the workbook of which nobody said what it means."""
    state = WordState.UNDERSTOOD if is_read else WordState.UNREAD
    if holds is Holds.FIELD_TYPE and len(_types_meant(word)) > 1:
        state = WordState.AMBIGUOUS
    return WordOffer(
        holds=holds,
        word=word,
        state=state,
        means=_understood(holds, word) if state is WordState.UNDERSTOOD else "",
        count=places.total(),
        worksheets=tuple(places),
        targets=targets if holds is Holds.FIELD_TYPE else (),
    )


_REFERENCES: Mapping[BundleType, tuple[str, str]] = {
    BundleType.VOCABULARY: ("One of the lists", "Taxonomy term reference"),
    BundleType.MEDIA: ("From the media library", "Media reference"),
    BundleType.CONTENT: ("One of the pages", "Content reference"),
    BundleType.PARAGRAPH: ("Building blocks in it", "Entity reference revisions"),
}
"""By the kind of type, what people call a reference to such, and its field type."""
_MEDIA_OF_CORE = ("Image", "Document", "Video", "Remote video", "Audio")
"""Source: core `recipes/*_media_type`, which the profile Standard applies."""


def _targets(checked: CheckedLayout) -> tuple[WordChoices, ...]:
    """Return what a field of the workbook may refer to; media types of core where it lists none."""
    names: dict[AnyBundleType, dict[str, None]] = {kind: {} for kind in _REFERENCES}
    for row in checked.applied.rows:
        kind = bundle_type_of(row.cells.get("Type", "")) if row.kind == BUNDLE else None
        name = row.cells.get("Name", "")
        if kind is not None and kind in names and name:
            names[kind][name] = None
    if not names[BundleType.MEDIA]:
        names[BundleType.MEDIA] = dict.fromkeys(_MEDIA_OF_CORE)
    groups: list[WordChoices] = []
    for of_type, (label, field_type) in _REFERENCES.items():
        choices = [WordChoice(field_type, f"{name} ({of_type})", name) for name in names[of_type]]
        choices.append(WordChoice(field_type, "", "another column says which, or ask"))
        groups.append(WordChoices(label, tuple(choices)))
    return tuple(groups)


def _words_in(checked: CheckedLayout) -> Mapping[tuple[Holds, str], Counter[str]]:
    """Return how often each worksheet has each word."""
    places: dict[tuple[Holds, str], Counter[str]] = defaultdict(Counter)
    for row in checked.applied.rows:
        for column in () if row.kind == CUSTOM else columns_of(row.kind):
            text = row.cells.get(column.name, "")
            if column.holds in HOLDS_OF_WORDS and text and not is_of_mark(row, column.name):
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
            return str(bundle_type_of(word) or "")
        case _:
            return word
