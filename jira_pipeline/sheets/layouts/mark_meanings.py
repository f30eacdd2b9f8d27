"""What a mark of a matrix may mean, declared once: its words for people, and what each cell then says.

Belongs here: the meanings, and what is quoted of a mark that says more. Does not: what a layout becomes
by one (`mark_choices`), which marks a matrix has (`mark_offers`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.sheets.layouts.choices import MarkMeaning
from jira_pipeline.sheets.layouts.drafts import REMARKS
from jira_pipeline.sheets.layouts.matrices import COUNT, REQUIRED
from jira_pipeline.sheets.layouts.texts import normal

ASKED = {
    MarkMeaning.UNDECIDED: "Undecided whether this is so: the matrix says “{}”",
    MarkMeaning.SOMETIMES: "Only sometimes, and when needs confirmation: the matrix says “{}”",
}
"""What asks people, as a remark: its words are those of sentences that somebody has yet to decide."""
_QUOTED = "The matrix says “{}”"
COLUMNS_OF_MARKS = (REQUIRED, STATUS_COLUMN, REMARKS, COUNT)
"""What a mark may say of a field."""


@dataclass(frozen=True, slots=True)
class DeclaredMeaning:
    """A meaning that a mark may have."""

    means: MarkMeaning
    of_fields: str = ""
    """How people are told where a matrix lists fields; blank where it is not offered of these."""
    of_others: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    """What it says of a field, by column."""


DECLARED_MEANINGS = (
    DeclaredMeaning(
        MarkMeaning.REQUIRED, "the field is there, and required", words={REQUIRED: "y"}
    ),
    DeclaredMeaning(
        MarkMeaning.OPTIONAL, "the field is there, and not required", words={REQUIRED: "n"}
    ),
    DeclaredMeaning(MarkMeaning.PLAIN, "the field is there", "yes"),
    DeclaredMeaning(MarkMeaning.QUOTED, of_others="yes, and quoted"),
    DeclaredMeaning(
        MarkMeaning.ON_HOLD, "the field is on hold: not now", words={STATUS_COLUMN: "w"}
    ),
    DeclaredMeaning(
        MarkMeaning.SOMETIMES,
        "only sometimes: ask",
        "only sometimes: ask",
        words={REMARKS: ASKED[MarkMeaning.SOMETIMES]},
    ),
    DeclaredMeaning(
        MarkMeaning.UNDECIDED,
        "not decided: ask",
        "not decided: ask",
        words={REMARKS: ASKED[MarkMeaning.UNDECIDED]},
    ),
    DeclaredMeaning(MarkMeaning.NONE, "the field is not there", "no"),
)
_USUAL: Mapping[MarkMeaning, Sequence[str]] = {
    MarkMeaning.REQUIRED: ("r", "req", "required", "m", "mandatory", "must"),
    MarkMeaning.OPTIONAL: ("o", "opt", "optional", "may", "can"),
    MarkMeaning.UNDECIDED: ("?", "??", "tbd", "tbc"),
}


def _declared(means: MarkMeaning) -> DeclaredMeaning:
    return next(declared for declared in DECLARED_MEANINGS if declared.means is means)


def label_of_mark(means: MarkMeaning) -> str:
    """Return how people are told what a mark means, whatever its matrix lists."""
    declared = _declared(means)
    return declared.of_others or declared.of_fields


def meanings_offered(*, has_fields: bool) -> Sequence[tuple[MarkMeaning, str]]:
    """Return what the marks of a matrix may mean, and how people are told."""
    offered: list[tuple[MarkMeaning, str]] = []
    for declared in DECLARED_MEANINGS:
        words = declared.of_fields if has_fields else declared.of_others
        if words:
            offered.append((declared.means, words))
    return offered


def words_of_mark(mark: str, means: MarkMeaning, count: str) -> Mapping[str, str]:
    """Return what a mark says of a field, by column; blank where it says nothing there."""
    declared = _declared(means)
    words = {column: declared.words.get(column, "") for column in COLUMNS_OF_MARKS}
    words[COUNT] = count
    if not words[REMARKS] and _says_more(mark, count):
        words[REMARKS] = _QUOTED
    words[REMARKS] = words[REMARKS].replace("{}", mark)
    return words


def meaning_of_words(mark: str, words: Mapping[str, str]) -> MarkMeaning | None:
    """Return the meaning by which a mark says of a field what it does; None where none does."""
    for declared in DECLARED_MEANINGS:
        if not declared.of_fields or declared.means is MarkMeaning.NONE:
            continue
        of_meaning = words_of_mark(mark, declared.means, words.get(COUNT, ""))
        if all(words.get(column, "") == of_meaning[column] for column in COLUMNS_OF_MARKS):
            return declared.means
    return None


def usual_meaning(mark: str) -> MarkMeaning | None:
    """Return what a mark usually means, as a proposal; None where its word is not usual."""
    for means, marks in _USUAL.items():
        if normal(mark) in marks:
            return means
    return None


def _says_more(mark: str, count: str) -> bool:
    """Tell whether a mark has words beside it, or a number that is not how many values there are."""
    words = "".join(letter if letter.isalpha() else " " for letter in mark).split()
    has_number = any(map(str.isdecimal, mark))
    return len(words) > 1 or (has_number and not count)
