"""What a choice changes in worksheets: which cells of their things say something else.

Belongs here: comparing what two layouts make of the same worksheets, and saying it in words. Does not:
what has to be agreed to before it is saved (`choice_changes`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.column_words import label_of
from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.grid import Place
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout
from jira_pipeline.sheets.layouts.texts import line_shortened
from jira_pipeline.sheets.layouts.worksheet_groups import counted_things

COLUMNS_NAMED_MAX = 2
"""Of one worksheet; one choice seldom changes more."""
WORKSHEETS_NAMED_MAX = 6
_TEXT_MAX_CHARACTERS = 40
ThingPlace: TypeAlias = tuple[str, Place, int]
"""A thing by its kind, its first cell, and which of those it is that begin there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """A column of things of a worksheet that says something else."""

    kind: str
    column: str
    count: int
    before: str
    """Of the first of them."""
    now: str

    @property
    def words(self) -> str:
        was = _quoted(self.before)
        is_now = _quoted(self.now)
        things = counted_things({self.kind: self.count})
        return f"{label_of(self.kind, self.column)} of {things} ({was} is {is_now} now)"


def effects_in(
    before: CheckedLayout, after: CheckedLayout, worksheets: AbstractSet[str], *, of_filled: bool
) -> Mapping[str, Sequence[ColumnChange]]:
    """Return the columns of things that say something else, by worksheet.

    `of_filled` leaves out cells that were blank, and those of things that name others: what these are
    called may be said in another worksheet.
    """
    rows_before = things_by_place(before, worksheets)
    rows_after = things_by_place(after, worksheets)
    effects: dict[str, list[ColumnChange]] = {}
    for worksheet, rows in rows_before.items():
        rows_now = rows_after.get(worksheet, {})
        pairs = [(row, rows_now[key]) for key, row in rows.items() if key in rows_now]
        of_worksheet = [*_column_changes(pairs, of_filled=of_filled)]
        if of_worksheet:
            effects[worksheet] = of_worksheet
    return effects


def things_by_place(
    checked: CheckedLayout, worksheets: AbstractSet[str]
) -> Mapping[str, Mapping[ThingPlace, CanonicalRow]]:
    """Return the things of worksheets by what tells whether another layout makes the same of them."""
    rows: dict[str, dict[ThingPlace, CanonicalRow]] = defaultdict(dict)
    counts: Counter[tuple[str, str, Place]] = Counter()
    for row in checked.applied.rows:
        if row.worksheet in worksheets:
            number = counts[row.worksheet, row.kind, row.place]
            rows[row.worksheet][row.kind, row.place, number] = row
            counts[row.worksheet, row.kind, row.place] += 1
    return rows


def _column_changes(
    pairs: Sequence[tuple[CanonicalRow, CanonicalRow]], *, of_filled: bool
) -> Iterator[ColumnChange]:
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], tuple[str, str]] = {}
    for row, row_now in pairs:
        if of_filled and (row.record.has_lookups or row_now.record.has_lookups):
            continue
        for column in dict.fromkeys((*row.cells, *row_now.cells)):
            text = row.cells.get(column, "")
            text_now = row_now.cells.get(column, "")
            if text != text_now and (text or not of_filled):
                counts[row.kind, column] += 1
                examples.setdefault((row.kind, column), (text, text_now))
    for (kind, column), count in counts.items():
        before, now = examples[kind, column]
        yield ColumnChange(kind=kind, column=column, count=count, before=before, now=now)


def _quoted(text: str) -> str:
    return f"“{line_shortened(text, max_characters=_TEXT_MAX_CHARACTERS)}”" if text else "nothing"


def words_of_effects(effects: Sequence[ColumnChange]) -> str:
    """Say what changed in a worksheet; of many columns the first, and how many more."""
    words = [effect.words for effect in effects[:COLUMNS_NAMED_MAX]]
    further_count = len(effects) - len(words)
    if further_count:
        words.append(f"{further_count} more")
    return " and ".join(words) if len(words) < COLUMNS_NAMED_MAX + 1 else ", ".join(words)


def elsewhere_words(
    before: CheckedLayout, after: CheckedLayout, worksheets: AbstractSet[str]
) -> str:
    """Name each of some worksheets in which things changed, and what; blank where nothing did."""
    effects = effects_in(before, after, worksheets, of_filled=False)
    sentences = [
        f"“{worksheet}” changed, too: {words_of_effects(of_worksheet)}."
        for worksheet, of_worksheet in [*effects.items()][:WORKSHEETS_NAMED_MAX]
    ]
    kinds_before = kinds_by_worksheet(before)
    kinds_now = kinds_by_worksheet(after)
    for worksheet in sorted(worksheets):
        if kinds_before.get(worksheet) != kinds_now.get(worksheet):
            things = counted_things(kinds_now.get(worksheet, {})) or "nothing"
            things_before = counted_things(kinds_before.get(worksheet, {})) or "nothing"
            sentences.append(f"“{worksheet}” gives {things} now; it gave {things_before}.")
    if len(effects) > WORKSHEETS_NAMED_MAX:
        sentences.append(f"{len(effects) - WORKSHEETS_NAMED_MAX} more worksheets changed, too.")
    return " ".join(sentences)


def kinds_by_worksheet(checked: CheckedLayout) -> Mapping[str, Counter[str]]:
    """Return how many things of each kind every worksheet lists."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for row in checked.applied.rows:
        kinds[row.worksheet][row.kind] += 1
    return kinds
