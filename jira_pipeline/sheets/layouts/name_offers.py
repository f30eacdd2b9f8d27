"""What a page offers about names of things that no table lists.

Belongs here: names, and what of the workbook they may be. Does not: what a layout becomes by a choice
(`name_choices`), words of closed columns (`word_offers`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

from jira_pipeline.model.columns import label_column_of, owner_column_of
from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.layout import CUSTOM, Per
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, is_listed
from jira_pipeline.sheets.layouts.texts import normal

_MADE_BY_MARKS = frozenset({"field", "view_display", "workflow_transition"})
"""A mark makes one of its own; it is no name of another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameOffer:
    """A name of something that no table lists, and what it may be."""

    kind: str
    name: str
    count: int
    worksheets: tuple[str, ...]
    listed: tuple[str, ...]
    """Names of that kind that are listed."""


@dataclass(frozen=True, slots=True)
class _ListedThings:
    """How tables call the things of a kind."""

    labels: tuple[str, ...]
    compared_names: AbstractSet[str]
    """Their labels, machine names and numbers, as they are compared."""


def name_offers(checked: CheckedLayout) -> list[NameOffer]:
    """Return names that rows belong to, or columns of a matrix have, and that no table lists."""
    places: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in checked.applied.rows:
        for kind, name in _names_in_row(row):
            places[kind, name][row.worksheet] += 1
    listed_by_kind = _listed_by_kind(checked.applied.rows)
    offers: list[NameOffer] = []
    for (kind, name), counts in places.items():
        listed = listed_by_kind.get(kind)
        if listed is None or is_listed(name, listed.compared_names):
            continue
        offer = NameOffer(
            kind=kind,
            name=name,
            count=counts.total(),
            worksheets=tuple(counts),
            listed=listed.labels,
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
    for row in rows:
        label = row.cells.get(label_column, "")
        if label:
            labels[label] = None
        for column in (label_column, "Machine name", "ID"):
            compared_names.add(normal(row.cells.get(column, "")))
    return _ListedThings(tuple(labels), compared_names)


def _names_in_row(row: CanonicalRow) -> Iterator[tuple[str, str]]:
    """Yield kind and name of what a row belongs to, and of itself where the column of a mark names it."""
    owner = None if row.kind == CUSTOM else owner_column_of(row.kind)
    if owner is not None and row.cells.get(owner.name):
        yield owner.names, row.cells[owner.name]
    label = label_column_of(row.kind)
    if row.record.per is Per.MARK and label is not None and row.kind not in _MADE_BY_MARKS:
        yield row.kind, row.cells.get(label, "")
