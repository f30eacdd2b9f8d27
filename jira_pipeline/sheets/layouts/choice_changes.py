"""What a choice makes of the things that are read, before it is saved.

Belongs here: kinds of things that go, things that would be there twice. Does not: what is read
(`applying`), what a choice makes of a layout (`choices_applied`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, counts_of_things
from jira_pipeline.sheets.layouts.worksheet_groups import counted_things


@dataclass(frozen=True, slots=True)
class ReadingChange:
    """What a choice makes of the things that are read, before it is saved."""

    gone: tuple[str, ...]
    """What some worksheets listed and do no longer, in sentences."""
    repeated: tuple[str, ...]
    """Things that would be there several times."""

    @property
    def is_to_be_confirmed(self) -> bool:
        return bool(self.gone or self.repeated)


def change_of(before: CheckedLayout, after: CheckedLayout) -> ReadingChange:
    """Return what is another kind, or there twice, by another layout."""
    gone: list[str] = []
    kinds_after = _kinds_by_worksheet(after)
    for worksheet, kinds in _kinds_by_worksheet(before).items():
        for kind, count in kinds.items():
            if not kinds_after.get(worksheet, Counter())[kind]:
                instead = counted_things(kinds_after.get(worksheet, {})) or "none of its own"
                things = counted_things({kind: count})
                gone.append(f"“{worksheet}” has {things} now, and would have {instead} instead.")
    return ReadingChange(tuple(gone), tuple(_repeated(before, after)))


def _repeated(before: CheckedLayout, after: CheckedLayout) -> Iterator[str]:
    """Name things that are there, and would be there more often; what is new may be twice in its sheet."""
    counts_before = counts_of_things(before.applied.rows)
    for thing, count in counts_of_things(after.applied.rows).items():
        if 0 < counts_before[thing] < count:
            kind, *cells = thing
            name = next(filter(None, cells), "without a name")
            yield f"{name}: {counted_things({kind: counts_before[thing]})} now, then {count}"


def _kinds_by_worksheet(checked: CheckedLayout) -> dict[str, Counter[str]]:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for row in checked.applied.rows:
        kinds[row.worksheet][row.kind] += 1
    return kinds
