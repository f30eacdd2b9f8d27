"""What a layout makes of a workbook that somebody changed, and what a wrong layout makes of it.

Belongs here: changes of one cell, next versions of a worksheet, layouts with a fault, and what comes
of each. Tests ask it of made worksheets, the benchmark `declared_layouts` of real ones.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from jira_pipeline.sheets.layouts.applying import apply_layout
from jira_pipeline.sheets.layouts.coverage import LayoutFinding, texts_left_out
from jira_pipeline.sheets.layouts.grid import Grid, Merge, Place
from jira_pipeline.sheets.layouts.layout import Layout, Record
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check

_MARK_BEFORE = "Zq"
_MARK_AFTER = "Qz"


class Outcome(StrEnum):
    """What becomes of a change."""

    IN_A_CELL = "in a canonical cell"
    QUOTED = "quoted"
    LEFT_OUT = "left out with a reason"
    ASKED = "asked about"
    SILENT = "nothing says it"


class NextVersion(StrEnum):
    """What people do to a worksheet."""

    ROWS_ON_TOP = "three blank rows on top"
    COLUMN_MOVED = "a column moved to the end"
    ROW_ADDED = "a row added before the last"
    COLUMN_ADDED = "a new column with a text"
    TEXT_BELOW = "a sentence below"


class Reaction(StrEnum):
    """What a layout says of the next version of a worksheet."""

    SAME = "the same"
    MORE_ROWS = "more rows, no question"
    ASKED = "asked about"
    OTHER_CELLS = "other cells, no question"
    """Right only where a cell is gathered of several rows, or a text belongs to what is quoted."""


@dataclass(frozen=True, slots=True)
class _Baseline:
    """What a layout makes of the worksheets before something is changed."""

    reading: CheckedLayout
    questions: frozenset[tuple[str, str]]

    def is_asked_more(self, reading: CheckedLayout) -> bool:
        return not _questions(reading.findings) <= self.questions


def _questions(findings: Sequence[LayoutFinding]) -> frozenset[tuple[str, str]]:
    return frozenset((finding.code.value, finding.text) for finding in findings)


def baseline_of(layout: Layout, grids: Sequence[Grid]) -> _Baseline:
    reading = apply_and_check(layout, grids)
    return _Baseline(reading, _questions(reading.findings))


def outcomes_of_changed_cells(
    layout: Layout, grids: Sequence[Grid], *, every: int = 1
) -> Iterator[tuple[Outcome, str]]:
    """Change each cell of a workbook alone, or some of them; yield what becomes of it, and where it is."""
    baseline = baseline_of(layout, grids)
    number = 0
    for at, grid in enumerate(grids):
        for place, text in grid.cells.items():
            number += 1
            if number % every:
                continue
            changed = {**grid.cells, place: f"{_MARK_BEFORE}{text}{_MARK_AFTER}"}
            version = [*grids[:at], replace(grid, cells=changed), *grids[at + 1 :]]
            reading = apply_and_check(layout, version)
            yield _outcome(reading, baseline, grid, place), f"{grid.title}!{place.address}"


def _outcome(reading: CheckedLayout, baseline: _Baseline, grid: Grid, place: Place) -> Outcome:
    applied = reading.applied
    before, after = _MARK_BEFORE.casefold(), _MARK_AFTER
    for row in applied.rows:
        for text in row.cells.values():
            if before in text.casefold() or after in text:
                return Outcome.IN_A_CELL
    if any(_MARK_BEFORE in remark.text for remark in applied.remarks):
        return Outcome.QUOTED
    if place in applied.uses[grid.title].left_out:
        return Outcome.LEFT_OUT
    if baseline.is_asked_more(reading):
        return Outcome.ASKED
    return Outcome.SILENT


def next_versions(grid: Grid, header_row: int) -> Mapping[NextVersion, Grid]:
    """Return what people make of a worksheet whose header is in a row."""
    last = max(place.row for place in grid.cells)
    width = 1 + max(place.column for place in grid.cells)
    copied = {
        Place(last, column): f"{grid.cells[Place(last - 1, column)]}X"
        for column in range(width)
        if Place(last - 1, column) in grid.cells
    }
    added = {Place(header_row, width): "New thing", Place(last, width): "new text"}
    return {
        NextVersion.ROWS_ON_TOP: _moved(grid, rows_down=3),
        NextVersion.COLUMN_MOVED: _moved(grid, column_to_end=1),
        NextVersion.ROW_ADDED: _with(_moved(grid, rows_down=1, from_row=last), copied),
        NextVersion.COLUMN_ADDED: _with(grid, added),
        NextVersion.TEXT_BELOW: _with(grid, {Place(last + 3, 0): "one more sentence for you"}),
    }


def _with(grid: Grid, cells: Mapping[Place, str]) -> Grid:
    return replace(grid, cells={**grid.cells, **cells})


def _moved(
    grid: Grid, *, rows_down: int = 0, from_row: int = 0, column_to_end: int | None = None
) -> Grid:
    width = 1 + max(place.column for place in grid.cells)

    def moved(place: Place) -> Place:
        row = place.row + rows_down if place.row >= from_row else place.row
        return Place(row, width if place.column == column_to_end else place.column)

    return replace(
        grid,
        cells={moved(place): text for place, text in grid.cells.items()},
        merges=tuple(Merge(moved(merge.first), moved(merge.last)) for merge in grid.merges),
        struck=frozenset(moved(place) for place in grid.struck),
        comments={moved(place): text for place, text in grid.comments.items()},
        colours={moved(place): colour for place, colour in grid.colours.items()},
        text_colours={moved(place): colour for place, colour in grid.text_colours.items()},
    )


def reactions_to_next_versions(
    layout: Layout, grids: Sequence[Grid]
) -> Iterator[tuple[str, NextVersion, Reaction]]:
    """Yield what a confirmed layout says of each next version of each worksheet that it reads."""
    left_out = texts_left_out(apply_layout(layout, grids), grids)
    layout = layout.model_copy(update={"left": left_out})
    baseline = baseline_of(layout, grids)
    for at, grid in enumerate(grids):
        use = baseline.reading.applied.uses[grid.title]
        if not use.read or not grid.cells:
            continue
        header_row = max((place.row for place in use.structure), default=0)
        for version, changed in next_versions(grid, header_row).items():
            reading = apply_and_check(layout, [*grids[:at], changed, *grids[at + 1 :]])
            yield grid.title, version, _reaction(reading, baseline)


def _reaction(reading: CheckedLayout, baseline: _Baseline) -> Reaction:
    before, after = _texts(baseline.reading), _texts(reading)
    if baseline.is_asked_more(reading):
        return Reaction.ASKED
    if before == after:
        return Reaction.SAME
    if before <= after:
        return Reaction.MORE_ROWS
    return Reaction.OTHER_CELLS


def _texts(reading: CheckedLayout) -> Counter[tuple[str, frozenset[tuple[str, str]]]]:
    """Return the rows that are read, and the sentences that are quoted."""
    rows = Counter(
        (row.kind, frozenset((name, text) for name, text in row.cells.items() if text))
        for row in reading.applied.rows
    )
    for remark in reading.applied.remarks:
        rows["remark", frozenset([("", remark.text)])] += 1
    return rows


@dataclass(frozen=True, slots=True)
class WrongLayout:
    """A layout with one fault, and what the fault is."""

    layout: Layout
    fault: str


def layouts_with_exchanged_columns(layout: Layout) -> Iterator[WrongLayout]:
    """Yield the layout with each two columns of each record exchanged."""
    for sheet_at, region_at, record_at, record in _records_of(layout):
        for first, second in combinations(record.columns, 2):
            columns = {
                **record.columns,
                first: record.columns[second],
                second: record.columns[first],
            }
            wrong = _with_columns(layout, sheet_at, region_at, record_at, columns)
            yield WrongLayout(wrong, f"{first} and {second} exchanged")


def layouts_with_a_forgotten_column(layout: Layout) -> Iterator[WrongLayout]:
    """Yield the layout without each column of each record."""
    for sheet_at, region_at, record_at, record in _records_of(layout):
        for forgotten in record.columns if len(record.columns) > 1 else ():
            columns = {name: of for name, of in record.columns.items() if name != forgotten}
            wrong = _with_columns(layout, sheet_at, region_at, record_at, columns)
            yield WrongLayout(wrong, f"{forgotten} forgotten")


def _records_of(layout: Layout) -> Iterator[tuple[int, int, int, Record]]:
    for sheet_at, sheet in enumerate(layout.sheets):
        for region_at, region in enumerate(sheet.regions):
            for record_at, record in enumerate(region.records):
                yield sheet_at, region_at, record_at, record


def _with_columns(
    layout: Layout, sheet_at: int, region_at: int, record_at: int, columns: Mapping[str, object]
) -> Layout:
    value = layout.model_dump(by_alias=True)
    record = value["sheets"][sheet_at]["regions"][region_at]["records"][record_at]
    record["columns"] = {
        name: [each.model_dump(by_alias=True) for each in of]  # type: ignore[attr-defined]
        for name, of in columns.items()
    }
    for key in ("needs", "needs_any", "same_by"):
        record[key] = [name for name in record[key] if name in columns]
    return Layout.model_validate(value)


def is_named(wrong: WrongLayout, grids: Sequence[Grid], baseline: _Baseline) -> bool:
    """Tell whether the checks name the fault of a wrong layout, or it changes no canonical cell."""
    reading = apply_and_check(wrong.layout, grids)
    return baseline.is_asked_more(reading) or _texts(reading) == _texts(baseline.reading)
