"""What a page offers about the marks of a matrix: each different one once.

Belongs here: marks with what they mean now, and what they may mean. Does not: what a layout becomes by
a choice (`mark_choices`), words of closed columns (`word_offers`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.sheets.layouts.choices import MarkMeaning
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.header_choices import header_of_region
from jira_pipeline.sheets.layouts.layout import Per, Region
from jira_pipeline.sheets.layouts.mark_choices import (
    lists_marked_fields,
    meaning_in_region,
    words_in_region,
)
from jira_pipeline.sheets.layouts.mark_meanings import meanings_offered, usual_meaning
from jira_pipeline.sheets.layouts.matrices import COUNT
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
    if region.marks.rows is None and not any(value.column for value in region.all_values):
        return []  # its cells are names
    if any(record.per is Per.TERM for record in region.records):
        return []
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
