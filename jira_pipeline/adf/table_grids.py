"""The cells of a table on the grid of its columns.

Belongs here: which columns a cell covers, spans that fit the table, widths of columns. Does not:
reading spans or widths from HTML (`html/tables`).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

from jira_pipeline.adf.nodes import AdfNode

_MAX_COVERED = 1_000_000
# Places covered by spans; a table of a thousand rows and columns, some 0.3 s.

_Placed: TypeAlias = tuple[int, AdfNode]
"""A cell and the number of its first column."""


def fit_cells(rows: Sequence[AdfNode], column_widths: Sequence[int] = ()) -> None:
    """Let no cell reach past the last row or column, or into another, and set widths, in place.

    A cell that spans rows or columns nobody else has would make the editor add empty cells.
    """
    cells = [cell for row in rows for cell in row["content"]]
    has_spans = any("attrs" in cell for cell in cells)
    if not (has_spans or column_widths):
        return
    if has_spans:
        _clip_row_spans(rows)
        # Leave every cell in one place where spans cover more than anybody could look at.
        spanning = [cell["attrs"] for cell in cells if "attrs" in cell]
        covered = sum(a.get("colspan", 1) * a.get("rowspan", 1) for a in spanning)
        if covered > _MAX_COVERED:
            for attrs in spanning:
                attrs.pop("colspan", None)
                attrs.pop("rowspan", None)
    grid = _placed(rows)
    if has_spans:
        _clip_column_spans(grid)
    for row in grid:
        for column, cell in row:
            _finish_cell(cell, column, column_widths)


def _clip_row_spans(rows: Sequence[AdfNode]) -> None:
    for number, row in enumerate(rows):
        for cell in row["content"]:
            attrs = cell.get("attrs")
            if attrs and attrs.get("rowspan", 1) > len(rows) - number:
                attrs["rowspan"] = len(rows) - number


def _clip_column_spans(grid: Sequence[Sequence[_Placed]]) -> None:
    """Let cells reach no further than the widest row that needs its columns."""
    lasts = [row[-1] for row in grid if row]
    ends = (column + int((cell.get("attrs") or {}).get("colspan", 1)) for column, cell in lasts)
    width = max(max((column + 1 for column, _ in lasts), default=1), min(ends, default=1))
    for row in grid:
        for (column, cell), following in pairwise([*row, (width, {})]):
            limit = max(min(following[0], width) - column, 1)
            attrs = cell.get("attrs")
            if attrs and attrs.get("colspan", 1) > limit:
                attrs["colspan"] = limit


def _placed(rows: Sequence[AdfNode]) -> list[list[_Placed]]:
    """Find the first column of each cell, as HTML does: the next that no cell above covers."""
    covered: dict[int, int] = {}
    """For each column, how many more rows a cell above covers."""
    grid: list[list[_Placed]] = []
    for row in rows:
        starts: list[_Placed] = []
        column = 0
        following = {at: left - 1 for at, left in covered.items() if left > 1}
        for cell in row["content"]:
            while covered.get(column):
                column += 1
            starts.append((column, cell))
            # Take the columns of a cell, up to one that is taken; the answer is the next column.
            attrs = cell.get("attrs") or {}
            end = column + 1
            while end < column + attrs.get("colspan", 1) and not covered.get(end):
                end += 1
            if end - column < attrs.get("colspan", 1):
                attrs["colspan"] = end - column
            if attrs.get("rowspan", 1) > 1:
                following.update(dict.fromkeys(range(column, end), attrs["rowspan"] - 1))
            column = end
        covered = following
        grid.append(starts)
    return grid


def _finish_cell(cell: AdfNode, column: int, column_widths: Sequence[int]) -> None:
    """Leave out spans of one, and return the widths of the columns of a cell if all are known."""
    attrs: dict[str, Any] = cell.get("attrs") or {}
    span = attrs.get("colspan", 1)
    for name in ("colspan", "rowspan"):
        if attrs.get(name) == 1:
            del attrs[name]
    widths = attrs.pop("colwidth", None) or column_widths[column : column + span]
    if len(widths) == span and all(widths):
        attrs["colwidth"] = list(widths)
    if attrs and "attrs" not in cell:
        content = cell.pop("content")
        cell.update({"attrs": attrs, "content": content})
    elif not attrs:
        cell.pop("attrs", None)
