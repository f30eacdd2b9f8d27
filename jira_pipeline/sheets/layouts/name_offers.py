"""What a page offers about names of things that no table lists.

Belongs here: names, and what of the workbook they may be. Does not: what a layout becomes by a choice
(`name_choices`), words of closed columns (`word_offers`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
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


def name_offers(checked: CheckedLayout) -> list[NameOffer]:
    """Return names that rows belong to, or columns of a matrix have, and that no table lists."""
    rows = checked.applied.rows
    places: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        for kind, name in _names_in_row(row):
            places[kind, name][row.worksheet] += 1
    offers: list[NameOffer] = []
    for (kind, name), counts in places.items():
        listed = [row for row in rows if row.kind == kind and row.record.per is not Per.MARK]
        if not listed or is_listed(name, _names_of(listed)):
            continue
        label = label_column_of(kind) or ""
        labels = dict.fromkeys(row.cells.get(label, "") for row in listed)
        offer = NameOffer(
            kind=kind,
            name=name,
            count=counts.total(),
            worksheets=tuple(counts),
            listed=tuple(filter(None, labels)),
        )
        offers.append(offer)
    return offers


def _names_of(rows: Sequence[CanonicalRow]) -> set[str]:
    """Return the names, machine names and numbers of rows, as they are compared."""
    names: set[str] = set()
    for row in rows:
        for column in (label_column_of(row.kind), "Machine name", "ID"):
            names.add(normal(row.cells.get(column or "", "")))
    return names


def _names_in_row(row: CanonicalRow) -> Iterator[tuple[str, str]]:
    """Yield kind and name of what a row belongs to, and of itself where the column of a mark names it."""
    owner = None if row.kind == CUSTOM else owner_column_of(row.kind)
    if owner is not None and row.cells.get(owner.name):
        yield owner.names, row.cells[owner.name]
    label = label_column_of(row.kind)
    if row.record.per is Per.MARK and label is not None and row.kind not in _MADE_BY_MARKS:
        yield row.kind, row.cells.get(label, "")
