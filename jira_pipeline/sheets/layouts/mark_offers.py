"""What a page offers about matrices: each different mark once, and names that no table lists.

Belongs here: marks with what they mean now, names with what they may be. Does not: what a layout
becomes by a choice (`mark_choices`), words of closed columns (`word_offers`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.columns import label_column_of, owner_column_of
from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.choices import MarkMeaning
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.header_choices import header_of_region
from jira_pipeline.sheets.layouts.layout import CUSTOM, Per, Region
from jira_pipeline.sheets.layouts.mark_choices import (
    lists_marked_fields,
    meaning_in_region,
    words_in_region,
)
from jira_pipeline.sheets.layouts.mark_meanings import (
    meanings_offered,
    usual_meaning,
)
from jira_pipeline.sheets.layouts.matrices import COUNT
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, is_listed
from jira_pipeline.sheets.layouts.texts import normal, normals
from jira_pipeline.sheets.layouts.use import CellUse
from jira_pipeline.sheets.layouts.word_offers import count_choices


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkOffer:
    """A text in the cells of a matrix."""

    mark: str
    count: int
    means: MarkMeaning | None
    """None where nobody said it yet."""
    proposed: MarkMeaning | None
    """What such a mark usually means."""
    choices: Sequence[tuple[MarkMeaning, str]]
    values: str
    """Of fields: how many values it says that they take."""
    value_counts: Sequence[tuple[str, str]]
    """Numbers of values that it may say."""


def mark_offers(
    region: Region | None, grids: Sequence[Grid], uses: Mapping[str, CellUse]
) -> list[MarkOffer]:
    """Return the different texts in the cells of a matrix whose marks can be said, the most usual first.

    Texts in rows of which nothing is read are no marks; `uses` says of each worksheet which these are.
    """
    if region is None or region.marks is None:
        return []
    if not any(value.column for value in region.all_values):
        return []  # its cells are names
    has_fields = lists_marked_fields(region)
    texts: Counter[str] = Counter()
    for grid in grids:
        texts.update(_texts_marked(region, grid, uses.get(grid.title)))
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for text, count in texts.most_common():
        counts[normal(text)] += count
        written.setdefault(normal(text), text)
    offered = meanings_offered(has_fields=has_fields)
    default = None if has_fields else MarkMeaning.QUOTED
    return [
        MarkOffer(
            mark=written[mark],
            count=count,
            means=meaning_in_region(region, written[mark]),
            proposed=_proposed(mark, offered) or default,
            choices=offered,
            values=words_in_region(region, mark).get(COUNT, ""),
            value_counts=count_choices(written[mark]) if has_fields else (),
        )
        for mark, count in counts.most_common()
    ]


def _proposed(mark: str, offered: Sequence[tuple[MarkMeaning, str]]) -> MarkMeaning | None:
    """Return what a mark usually means, where that is offered."""
    usual = usual_meaning(mark)
    return usual if usual in dict(offered) else None


def _texts_marked(region: Region, grid: Grid, use: CellUse | None) -> Iterator[str]:
    """Yield the texts below the headers of a matrix."""
    header = header_of_region(region, grid)
    if header is None or region.marks is None:
        return
    marked = normals(region.marks.headers)
    columns = [column.column for column in header.columns if normal(column.name) in marked]
    for row, texts in grid.texts_by_row.items():
        if row < header.span.rows.stop:
            continue
        if use is not None and not any(use.is_read(Place(row, column)) for column in texts):
            continue
        for column in columns:
            if column in texts:
                yield texts[column]


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


_MADE_BY_MARKS = frozenset({"field", "view_display", "workflow_transition"})
"""A mark makes one of its own; it is no name of another."""
