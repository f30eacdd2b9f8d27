"""What a page offers about a worksheet takes time in proportion to its rows, or looks at the first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from time import process_time

import pytest

from jira_pipeline.sheets.layouts.applying import apply_layout
from jira_pipeline.sheets.layouts.areas import tables_beside
from jira_pipeline.sheets.layouts.block_offers import block_offer
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.form_offers import form_offer
from jira_pipeline.sheets.layouts.grid import Grid, RowCells
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    Layout,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.mark_grid_offers import mark_grid_offer
from jira_pipeline.sheets.layouts.term_offers import lists_offers
from jira_pipeline.sheets.layouts.worksheet_groups import WorksheetGroup, worksheets_to_be_like

BLOCKS_COUNT = 8_000
LOOPS_MAX = 15
"""How often a loop of two million steps may run meanwhile: each looks as long as 1 to 7 such loops.

Each took 4 to 130 times as long where rows were compared with blocks, or all of them were looked up.
"""


def _worksheet(rows: Iterator[Sequence[str]], title: str = "Sheet") -> Grid:
    """Return a worksheet; a row without texts is blank."""
    cells: dict[int, Mapping[int, str]] = {}
    for row, texts in enumerate(rows):
        if texts:
            cells[row] = dict(enumerate(texts))
    return Grid(title=title, cells=RowCells(cells))


def _lines_in_table() -> Iterator[Sequence[str]]:
    yield "Label", "How told", "Remarks"
    for number in range(BLOCKS_COUNT):
        yield (f"Bed {number}",)
        for part in range(4):
            yield f"Plant {number} {part}", "Text of some words", "as usual"


def _headers_repeated() -> Iterator[Sequence[str]]:
    for number in range(BLOCKS_COUNT):
        yield (f"Bed {number}",)
        yield "Label", "How told", "Remarks"
        yield f"Plant {number}", "Text of some words", "as usual"
        yield f"Tree {number}", "Text of some words", "as usual"
        yield ()


def _forms() -> Iterator[Sequence[str]]:
    for number in range(BLOCKS_COUNT):
        yield (f"Bed {number}",)
        for label in ("Found at", "Order", "Shows"):
            yield label, f"{label} {number}"
        yield ()


def _one_block_with_many_things() -> Iterator[Sequence[str]]:
    yield "Project", "Garden"
    for number in range(BLOCKS_COUNT // 2):
        yield "Tags", f"Tag {number}"
        yield "Display plugin", "Page"


def _narrow_list() -> Iterator[Sequence[str]]:
    yield "Plant", "Told by"
    for number in range(5 * BLOCKS_COUNT):
        yield f"Plant {number}", f"Person {number % 50}"


def _wide_list() -> Iterator[Sequence[str]]:
    yield [f"Header {column}" for column in range(30)]
    for number in range(BLOCKS_COUNT):
        yield [f"Plant {number}", *(f"text {column}" for column in range(29))]


WORKSHEETS = {
    "lines": _lines_in_table,
    "headers repeated": _headers_repeated,
    "forms": _forms,
    "narrow": _narrow_list,
    "wide": _wide_list,
}


def _seconds_of_loop() -> float:
    """Return what a loop costs now: beside other work a machine is slower for both."""
    start = process_time()
    sum(number * number for number in range(2_000_000))
    return process_time() - start


@pytest.mark.parametrize("rows", [*WORKSHEETS.values()], ids=[*WORKSHEETS])
def test_a_long_worksheet_is_looked_at_quickly(rows: Callable[[], Iterator[Sequence[str]]]) -> None:
    grid = _worksheet(rows())
    start = process_time()

    form_offer([grid], None)
    block_offer([grid], None, [grid])
    mark_grid_offer([grid])
    tables_beside(grid)
    lists_offers([grid])

    assert process_time() - start < LOOPS_MAX * _seconds_of_loop()


def test_a_form_with_many_things_in_one_block_is_read_quickly() -> None:
    """What labels say of the block was put together with the labels of each thing anew: 2.4 s."""
    choice = {"do": "set_form", "worksheet": "Sheet", "shape": "views_with_displays"}
    grid = _worksheet(_one_block_with_many_things())
    layout = with_choice(Layout(sheets=()), [grid], choice_of(choice))
    start = process_time()

    rows = apply_layout(layout, [grid]).rows

    assert process_time() - start < LOOPS_MAX * _seconds_of_loop()
    assert [row.kind for row in rows].count("view_display") == BLOCKS_COUNT // 2


def _group(grid: Grid, *headers: str) -> WorksheetGroup:
    """Return a worksheet of which some headers are said, or nothing where there are none."""
    sheet: SheetLayout | None = None
    if headers:
        columns = {header: (Value(column=header),) for header in headers}
        record = Record(into=CUSTOM, sheet=grid.title, columns=columns)
        region = Region(name=grid.title, records=(record,))
        sheet = SheetLayout(worksheets=(grid.title,), regions=(region,))
    return WorksheetGroup(grids=(grid,), sheet=sheet, counts={}, unsettled=(), faults=())


def test_a_long_worksheet_is_quickly_compared_with_those_that_it_may_be_like() -> None:
    said: list[WorksheetGroup] = []
    for number in range(40):
        headers = ["Header 0", f"Plant of {number}"]
        said.append(_group(_worksheet(iter([headers]), f"Sheet {number}"), *headers))
    like = _group(_worksheet(iter([["Header 3", "Header 4"]]), "Like"), "Header 3", "Header 4")
    long = _group(_worksheet(_wide_list(), "Long"))
    start = process_time()

    offered = worksheets_to_be_like(long, [*said, like, long])

    assert process_time() - start < LOOPS_MAX * _seconds_of_loop()
    assert offered == [like, *said]
