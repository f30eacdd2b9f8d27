"""What a page offers about lines of two or three cells: bars that say something of the rows below them.

Belongs here: which rows are such lines, how they are told from others, what their cells may say. Does
not: lines of one cell (`line_offers`), what a layout becomes by them (`line_choices`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jira_pipeline.sheets.layouts.choices import FURTHER_CELLS_MAX
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.line_choices import LinePart

BAR_CELLS_MIN = 2
BARS_MIN = 2
"""One such line may be a remark with a source beside it."""
FURTHER_PARTS = (
    LinePart.DESCRIPTION,
    LinePart.QUOTED,
    LinePart.MACHINE_NAME,
    LinePart.KIND,
    LinePart.STATUS,
)
"""What a further cell of a line may say, the usual ones first."""


@dataclass(frozen=True, slots=True)
class BarLook:
    """How lines of several cells are told from the rows between them."""

    looks: str
    """As a choice says it."""
    label: str
    examples: tuple[str, ...]
    """What their first cells say."""


@dataclass(frozen=True, slots=True)
class BarOffer:
    """A line of two or three cells that may say something of the rows below it."""

    further: tuple[str, ...]
    """Its cells but for the first."""
    parts: tuple[LinePart, ...]
    """What each of these may say."""
    looks: tuple[BarLook, ...]


def bar_offer(grid: Grid, row: int, parts: Sequence[LinePart]) -> BarOffer | None:
    """Return how a line of two or three cells may be about the rows below it.

    `parts` are what a line can say of these rows.
    """
    columns = grid.rows[row]
    parts_offered = tuple(part for part in FURTHER_PARTS if part in parts)
    if not _is_bar(columns) or not parts_offered:
        return None
    texts = tuple(grid[row, column].text for column in columns[1:])
    return BarOffer(texts, parts_offered, tuple(_looks_of(grid, row)))


def _is_bar(columns: Sequence[int]) -> bool:
    return BAR_CELLS_MIN <= len(columns) <= FURTHER_CELLS_MAX


def _looks_of(grid: Grid, row: int) -> Iterator[BarLook]:
    """Yield how rows like one may be told from others, the surest first."""
    cells_count = len(grid.rows[row])
    alike = [other for other, columns in grid.rows.items() if len(columns) == cells_count]
    below_blank = [other for other in alike if other - 1 not in grid.rows]
    fill = _fill_of(grid, row)
    with_fill = [other for other in alike if fill and _fill_of(grid, other) == fill]
    if row in below_blank:
        yield _look(grid, below_blank, "after_blank", "below a blank row")
    if fill:
        yield _look(grid, with_fill, f"fill:{fill}", "with this fill")
    yield _look(grid, alike, "", f"with {cells_count} filled cells")


def _look(grid: Grid, rows: Sequence[int], looks: str, words: str) -> BarLook:
    texts = tuple(grid[row, grid.rows[row][0]].text for row in rows)
    return BarLook(looks, f"all {len(rows)} {words}", texts)


def _fill_of(grid: Grid, row: int) -> str:
    """Return the fill of the first cell of a row; blank where it has none."""
    return grid.colours.get(Place(row, grid.rows[row][0]), "")


def bar_rows(grid: Grid, names_row: int | None) -> list[int]:
    """Return the rows of two or three cells with one fill, each with rows of another look below it."""
    by_fill: dict[str, list[int]] = {}
    for row in grid.rows:
        if row != names_row and _is_bar_below_blank(grid, row):
            by_fill.setdefault(_fill_of(grid, row), []).append(row)
    return max(by_fill.values(), key=len, default=[])


def _is_bar_below_blank(grid: Grid, row: int) -> bool:
    """Tell whether a row with a fill is below a blank row, and above one without that fill."""
    fill = _fill_of(grid, row)
    columns = grid.rows[row]
    # Cells with others between them are the beginnings of tables side by side.
    are_adjacent = columns[-1] - columns[0] == len(columns) - 1
    if not fill or not _is_bar(columns) or not are_adjacent:
        return False
    is_above_others = row + 1 in grid.rows and _fill_of(grid, row + 1) != fill
    return is_above_others and row - 1 not in grid.rows
