"""What a choice changes in worksheets: which cells of their things say something else.

Belongs here: comparing what two layouts make of the same worksheets, and saying it in words. Does not:
what has to be agreed to before it is saved (`choice_changes`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.model.column_words import label_of
from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.grid import Place
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout
from jira_pipeline.sheets.layouts.texts import line_shortened
from jira_pipeline.sheets.layouts.worksheet_groups import counted_things

COLUMNS_NAMED_MAX = 2
"""Of one worksheet; one choice seldom changes more."""
WORKSHEETS_NAMED_MAX = 6
_TEXT_MAX_CHARACTERS = 40
_Row: TypeAlias = tuple[str, Place, int]
"""A thing by its kind, its first cell, and which of those it is that begin there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEffect:
    """A column of things of a worksheet that says something else."""

    kind: str
    column: str
    count: int
    before: str
    """Of the first of them."""
    now: str

    @property
    def words(self) -> str:
        texts = [
            line_shortened(text, max_characters=_TEXT_MAX_CHARACTERS)
            for text in (self.before, self.now)
        ]
        was, is_now = (f"“{text}”" if text else "nothing" for text in texts)
        things = counted_things({self.kind: self.count})
        return f"{label_of(self.kind, self.column)} of {things} ({was} is {is_now} now)"


def effects_in(
    before: CheckedLayout, after: CheckedLayout, worksheets: AbstractSet[str], *, of_filled: bool
) -> Mapping[str, Sequence[ColumnEffect]]:
    """Return the columns of things that say something else, by worksheet.

    `of_filled` leaves out cells that were blank, and those of things that name others: what these are
    called may be said in another worksheet.
    """
    rows_before = _rows(before, worksheets)
    rows_after = _rows(after, worksheets)
    effects: dict[str, list[ColumnEffect]] = {}
    for worksheet, rows in rows_before.items():
        pairs = [
            (row, rows_after[worksheet][key])
            for key, row in rows.items()
            if key in rows_after.get(worksheet, {})
        ]
        of_worksheet = [*_column_effects(pairs, of_filled=of_filled)]
        if of_worksheet:
            effects[worksheet] = of_worksheet
    return effects


def _rows(
    checked: CheckedLayout, worksheets: AbstractSet[str]
) -> Mapping[str, Mapping[_Row, CanonicalRow]]:
    rows: dict[str, dict[_Row, CanonicalRow]] = defaultdict(dict)
    counts: Counter[tuple[str, str, Place]] = Counter()
    for row in checked.applied.rows:
        if row.worksheet in worksheets:
            number = counts[row.worksheet, row.kind, row.place]
            rows[row.worksheet][row.kind, row.place, number] = row
            counts[row.worksheet, row.kind, row.place] += 1
    return rows


def _column_effects(
    pairs: Sequence[tuple[CanonicalRow, CanonicalRow]], *, of_filled: bool
) -> Iterator[ColumnEffect]:
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
        yield ColumnEffect(kind=kind, column=column, count=count, before=before, now=now)


def words_of_effects(effects: Sequence[ColumnEffect]) -> str:
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
    kinds_before = Counter((row.worksheet, row.kind) for row in before.applied.rows)
    kinds_now = Counter((row.worksheet, row.kind) for row in after.applied.rows)
    for worksheet in sorted(worksheets):
        was = {kind: count for (title, kind), count in kinds_before.items() if title == worksheet}
        gives = {kind: count for (title, kind), count in kinds_now.items() if title == worksheet}
        if was != gives:
            things = counted_things(gives) or "nothing"
            things_before = counted_things(was) or "nothing"
            sentences.append(f"“{worksheet}” gives {things} now; it gave {things_before}.")
    if len(effects) > WORKSHEETS_NAMED_MAX:
        sentences.append(f"{len(effects) - WORKSHEETS_NAMED_MAX} more worksheets changed, too.")
    return " ".join(sentences)
