"""Lines of two or three cells that say something of the rows below them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.sheets.layouts.bar_offers import bar_rows
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of, rows_of

FILL = "FFCCDDEE"
BARS = """
What they are made of

Deck | where one walks
Part | Kind
Plank | Text

Mast | what holds the sails
Height | Number
Wood | Text
"""
CODES = """
Part | Kind | Remarks
Deck [deck] | draft
Plank | Text | oak
Mast [mast] | later
Height | Number | in feet
"""


def filled(text: str, *rows: int) -> Grid:
    """Return a worksheet in which the cells of some rows have a fill."""
    grid = grid_of(text)
    places = [place for place in grid.cells if place.row in rows]
    return replace(grid, colours=dict.fromkeys(places, FILL))


def reading(grid: Grid, header_row: int, **said: object) -> CheckedLayout:
    shape = {"do": "set_shape", "shape": "types_with_fields", "bundle_type": "Paragraph type"}
    part = {"header": "Part", "meanings": [{"kind": "field", "column": "Field label"}]}
    choices: list[Mapping[str, Any]] = [
        {**shape, "header_row": header_row},
        {"do": "set_meaning", **part},
        {"do": "set_lines", "line": "{name}", "alone": False, **said},
    ]
    layout = Layout(sheets=())
    for choice in choices:
        layout = with_choice(layout, [grid], choice_of({"worksheet": "Sheet", **choice}))
    assert read_layout(layout_yaml(layout).encode()) == layout
    return apply_and_check(layout, [grid])


@pytest.mark.parametrize("looks", ["after_blank", f"fill:{FILL}"])
def test_a_line_of_two_cells_is_the_type_of_the_rows_below_with_its_description(looks: str) -> None:
    """“The bar is the block”: no choice took a line of two cells, and seven types were lost."""
    grid = filled(BARS, 2, 6)

    checked = reading(grid, 4, further_parts=["description"], bar_sign=looks)

    named = [
        (row["kind"], row.get("Name") or row["Bundle"], row.get("Description"))
        for row in rows_of(checked)
    ]
    assert named == [
        ("bundle", "Deck", "where one walks"),
        ("field", "Deck", None),
        ("bundle", "Mast", "what holds the sails"),
        ("field", "Mast", None),
        ("field", "Mast", None),
    ]
    assert [finding.text for finding in checked.findings if finding.code == "not_read"] == [
        "What they are made of"
    ]


def test_each_cell_of_a_line_has_its_meaning() -> None:
    line = {"line": "{name} [{machine_name}]", "further_parts": ["status"]}

    checked = reading(grid_of(CODES), 1, **line)

    types = [row for row in rows_of(checked) if row["kind"] == "bundle"]
    assert [(row["Name"], row["Machine name"], row["X"]) for row in types] == [
        ("Deck", "deck", "draft"),
        ("Mast", "mast", "later"),
    ]


def test_lines_with_a_fill_of_their_own_are_proposed_and_tables_side_by_side_are_not() -> None:
    side_by_side = "Deck |  | Mast\nPlank | oak | Height\n\nHull |  | Keel\nRib | elm | Length"

    assert bar_rows(filled(BARS, 2, 6), 3) == [2, 6]
    assert bar_rows(filled(side_by_side, 0, 3), None) == []
    assert bar_rows(grid_of(BARS), 3) == []
    assert Place(2, 0) in filled(BARS, 2, 6).colours
