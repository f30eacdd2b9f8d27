"""Short prefixes of names, such as `n.` of `n.outage`: each is the sort of type that is behind it.

Belongs here: the one thing that is listed under what is behind a prefix. Does not: which names are asked
about (`name_offers`), marks between a sort and a name that a header says (`split_offers`).
"""

from collections import defaultdict
from collections.abc import Sequence, Set as AbstractSet
from dataclasses import dataclass

from jira_pipeline.drupal.columns import label_column_of
from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.codes import CODE_COLUMNS
from jira_pipeline.sheets.layouts.layout import CUSTOM, Per
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.labels import bundle_type_of

_MARKS = (".", ":", "/")
"""Between a prefix and what a thing is called."""
_PREFIX_MAX_CHARACTERS = 4
"""A longer one is a word of its own: `images.large`."""


@dataclass(frozen=True, slots=True)
class _ListedThing:
    label: str
    sort: str
    """Of a type: which; blank of other things."""


class ShortNames:
    """What is listed under the names behind prefixes."""

    def __init__(self, rows: Sequence[CanonicalRow], names: Sequence[tuple[str, str]]) -> None:
        self._things = _things_by_name(rows)
        self._sorts: dict[tuple[str, str], set[str]] = defaultdict(set)
        for kind, name in names:
            prefix, _ = _parted(name)
            things = self._things_behind(kind, name)
            if prefix and len(things) == 1:
                self._sorts[kind, prefix] |= {thing.sort for thing in things}

    def thing_named(self, kind: str, name: str) -> str:
        """Return the label of the one thing behind a prefix; blank where none or several may be meant.

        Where several have the name, it is the one of the sort that the prefix has at all other names.
        """
        prefix, _ = _parted(name)
        things = self._things_behind(kind, name)
        sorts = self._sorts.get((kind, prefix), set())
        if len(sorts) > 1:
            return ""
        if len(things) > 1:
            things = {thing for thing in things if thing.sort in sorts}
        labels = {thing.label for thing in things}
        return labels.pop() if len(labels) == 1 else ""

    def _things_behind(self, kind: str, name: str) -> AbstractSet[_ListedThing]:
        prefix, rest = _parted(name)
        return self._things.get((kind, normal(rest)), frozenset()) if prefix else frozenset()


def _parted(name: str) -> tuple[str, str]:
    """Return the prefix of a name with its mark, and what is behind it; blanks where it has none."""
    for mark in _MARKS:
        prefix, found_mark, rest = name.strip().partition(mark)
        if found_mark and rest.strip() and 0 < len(prefix.strip()) <= _PREFIX_MAX_CHARACTERS:
            return normal(prefix + mark), rest.strip()
    return "", ""


def _things_by_name(
    rows: Sequence[CanonicalRow],
) -> dict[tuple[str, str], set[_ListedThing]]:
    """Return what is listed, by kind and label, machine name or number."""
    things: dict[tuple[str, str], set[_ListedThing]] = defaultdict(set)
    for row in rows:
        label = row.cells.get(label_column_of(row.kind) or "", "") if row.kind != CUSTOM else ""
        if not label or row.record.per is Per.MARK:
            continue
        thing = _ListedThing(label, str(bundle_type_of(row.cells.get("Type", "")) or ""))
        for name in (label, *(row.cells.get(column, "") for column in CODE_COLUMNS)):
            if name:
                things[row.kind, normal(name)].add(thing)
    return things
