"""Columns that hold nothing but marks, as a worksheet shows them."""

from collections.abc import Mapping

import pytest

from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_offers import tables_of_group
from jira_pipeline.sheets.layouts.mark_grid_offers import MarkGridOffer, mark_grid_offer
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline.sheets.layouts.row_offers import RowReading
from jira_pipeline.sheets.layouts.worksheet_groups import worksheet_groups
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of, rows_of
from jira_pipeline_tests.sheets.layouts.test_line_choices import chosen

FIELDS = """
What we plant, draft 3
Field   | Field type | Orchard | Fish pond | Hedge | Remarks
        |            | orchard | pond      | hedge |
Depth   | Number     | -       | M         |       | in metres
Planted | Date       | M       | may       | M     |
Opened  | Date       | M       | M         | -     | a year
Owner   | Text       | M       | M         | M     |
"""


def test_columns_of_marks_are_found_below_the_first_row_that_names_them() -> None:
    offer = mark_grid_offer([grid_of(FIELDS, "Fields")])
    assert offer is not None
    assert (offer.header_row, offer.header_below, offer.marks_in) == (2, 0, "C:E")
    assert offer.names == ("Orchard", "Fish pond", "Hedge")
    assert offer.marks == ("m", "-", "may")
    assert offer.is_of_fields


def test_names_of_columns_may_be_above_the_row_of_headers() -> None:
    """The button was refused: above the full names, nothing said what the rows are called."""
    text = """
      |            | Orchard | Fish pond | Hedge
No.   | What       | ORC     | PON       | HED
1     | Depth      | -       | M         | M
2     | Planted    | M       | may       | M
"""
    grid = grid_of(text, "Fields")
    offer = mark_grid_offer([grid])
    assert offer is not None
    assert (offer.header_row, offer.header_rows, offer.names_in) == (2, 2, -1)
    assert offer.names == ("Orchard", "Fish pond", "Hedge")

    choice = {
        "do": "set_shape",
        "worksheet": "Fields",
        "shape": "matrix",
        "rows": "fields",
        "across": "types",
        "header_row": offer.header_row,
        "header_rows": offer.header_rows,
        "header_below": offer.header_below,
        "names_in": offer.names_in,
        "marks_in": offer.marks_in,
    }
    rows = rows_of(apply_and_check(chosen([grid], choice), [grid]))

    assert {row["Bundle"] for row in rows} == {"Orchard", "Fish pond", "Hedge"}


@pytest.mark.parametrize(
    "text",
    [
        "Name | Required | Wide | Long\nDepth | y | 1 | 2\nPlanted | n | 3 | 4",
        "Name | Kind | Rows | Note\nDepth | Number | x | y\nPlanted | Date | x | z",
        "Name | A bird | A fish\nFeeds | x | -\nSwims | - | x",
    ],
    ids=["known headers and numbers", "words between two columns", "two columns"],
)
def test_a_list_with_a_few_short_columns_is_no_grid_of_marks(text: str) -> None:
    assert mark_grid_offer([grid_of(text, "List")]) is None


def test_a_list_of_many_columns_may_have_some_of_marks() -> None:
    wide = [f"Column {number} in words" for number in range(1, 8)]
    header = " | ".join([*wide, "Card", "Page"])
    row = " | ".join([*(f"{name} says something" for name in wide), "x", "x"])
    assert mark_grid_offer([grid_of(f"{header}\n{row}\n{row}", "List")]) is None


def test_columns_that_mean_something_are_none_of_a_grid() -> None:
    """The question stayed on the page of a list, and nothing took it away."""
    grid = grid_of("What | Short | Sort | Look\nDepth | dp | a | x\nTide | ti | b | x", "List")
    types = {"do": "set_shape", "worksheet": "List", "shape": "types", "header_row": 1}
    code = {
        "do": "set_meaning",
        "worksheet": "List",
        "header": "Short",
        "meanings": [{"kind": "bundle", "column": "Machine name"}],
    }

    assert [offered(grid, types) is None, offered(grid, types, code) is None] == [False, True]


def offered(grid: Grid, *choices: Mapping[str, object]) -> MarkGridOffer | None:
    layout = chosen([grid], *choices)
    checked = apply_and_check(layout, [grid])
    (group,) = worksheet_groups(layout, [grid], checked, unsettled=checked.findings)
    return RowReading(tables_of_group(group, layout, checked), []).mark_grid


def test_a_short_word_is_the_name_of_a_column_of_marks_beside_longer_ones() -> None:
    """Of four roles, the one of three letters was no part of the grid, and lost."""
    text = "        | Own | Guests | Keepers\nTo open | x   | -      | x\nTo dig  | -   | x      | x\nTo eat  | x   | x      | -"

    offer = mark_grid_offer([grid_of(text)])

    assert offer is not None
    assert (offer.marks_in, offer.names) == ("B:D", ("Own", "Guests", "Keepers"))
