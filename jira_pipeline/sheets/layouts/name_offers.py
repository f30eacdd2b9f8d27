"""What a page offers about names of things that no table lists.

Belongs here: names, and what of the workbook they may be. Does not: what a layout becomes by a choice
(`name_choices`), words of closed columns (`word_offers`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

from jira_pipeline.drupal.columns import columns_of, label_column_of, owner_column_of
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.codes import CODE_COLUMNS, MADE_BY_MARKS
from jira_pipeline.sheets.layouts.layout import CUSTOM, Per
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, is_listed
from jira_pipeline.sheets.layouts.short_names import ShortNames
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.references import is_called_like_core, parts_of_name


@dataclass(frozen=True, slots=True, kw_only=True)
class NameOffer:
    """A name of something that no table lists, and what it may be."""

    kind: str
    name: str
    count: int
    worksheets: tuple[str, ...]
    listed: tuple[str, ...]
    """Names of that kind that are listed."""
    with_code: tuple[str, ...]
    """Those of them that have it as a code, where several do."""
    proposed: str = ""
    """The one of them that has what is behind a prefix as its code or label: `outage` of `n.outage`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListedThings:
    """How tables call the things of a kind."""

    labels: tuple[str, ...]
    compared_names: AbstractSet[str]
    """Their labels, machine names and numbers, as they are compared."""
    compared_labels: AbstractSet[str]
    labels_by_code: Mapping[str, Sequence[str]]
    """By machine name or number, those that have it."""

    def labels_with(self, name: str) -> Sequence[str]:
        """Return those of which a name is the code; none where one is called so."""
        code = normal(name)
        return () if code in self.compared_labels else self.labels_by_code.get(code, ())


def name_offers(checked: CheckedLayout) -> list[NameOffer]:
    """Return names that rows belong to, or columns of a matrix have, and that no table lists."""
    places: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in checked.applied.rows:
        for kind, name in _names_in_row(row):
            places[kind, name][row.worksheet] += 1
    listed_by_kind = _listed_by_kind(checked.applied.rows)
    for row in checked.applied.rows:
        for kind, name in _targets_in_row(row, listed_by_kind):
            places[kind, name][row.worksheet] += 1
    short_names = ShortNames(checked.applied.rows, [*places])
    offers: list[NameOffer] = []
    for (kind, name), counts in places.items():
        listed = listed_by_kind.get(kind)
        if listed is None:
            continue
        with_code = listed.labels_with(name)
        if len(with_code) <= 1 and is_listed(name, listed.compared_names):
            continue
        offer = NameOffer(
            kind=kind,
            name=name,
            count=counts.total(),
            worksheets=tuple(counts),
            listed=listed.labels,
            with_code=tuple(with_code),
            proposed=short_names.thing_named(kind, name),
        )
        offers.append(offer)
    return offers


def _listed_by_kind(rows: Sequence[CanonicalRow]) -> Mapping[str, _ListedThings]:
    """Return how things are called, by their kind; what marks make is listed nowhere."""
    rows_by_kind: dict[str, list[CanonicalRow]] = defaultdict(list)
    for row in rows:
        if row.record.per is not Per.MARK:
            rows_by_kind[row.kind].append(row)
    return {kind: _listed_things(kind, of_kind) for kind, of_kind in rows_by_kind.items()}


def _listed_things(kind: str, rows: Sequence[CanonicalRow]) -> _ListedThings:
    label_column = label_column_of(kind) or ""
    labels: dict[str, None] = {}
    compared_names: set[str] = set()
    labels_by_code: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        label = row.cells.get(label_column, "")
        if label:
            labels[label] = None
        compared_names.add(normal(label))
        for column in CODE_COLUMNS:
            code = normal(row.cells.get(column, ""))
            compared_names.add(code)
            if code and label and label not in labels_by_code[code]:
                labels_by_code[code].append(label)
    return _ListedThings(
        labels=tuple(labels),
        compared_names=compared_names,
        compared_labels={normal(label) for label in labels},
        labels_by_code=labels_by_code,
    )


def _targets_in_row(
    row: CanonicalRow, listed_by_kind: Mapping[str, _ListedThings]
) -> Iterator[tuple[str, str]]:
    """Yield kind and name of what a row refers to, but for what Drupal has, or reads in other words."""
    if row.kind == CUSTOM:
        return
    for column in columns_of(row.kind):
        listed = listed_by_kind.get(column.names)
        if listed is None or not column.names_several:
            continue
        for name in split_names(row.cells.get(column.name, "")):
            parts = parts_of_name(name)
            is_read = all(is_listed(part, listed.compared_names) for part in parts)
            if not is_read and not is_called_like_core(name):
                yield column.names, name


def _names_in_row(row: CanonicalRow) -> Iterator[tuple[str, str]]:
    """Yield kind and name of what a row belongs to, and of itself where the column of a mark names it."""
    if row.kind == CUSTOM:
        return
    owner = owner_column_of(row.kind)
    if owner is not None:
        owner_name = row.cells.get(owner.name, "")
        if owner_name:
            yield owner.names, owner_name
    label = label_column_of(row.kind)
    is_named_by_mark = row.record.per is Per.MARK and row.kind not in MADE_BY_MARKS
    if label is not None and is_named_by_mark:
        yield row.kind, row.cells.get(label, "")
