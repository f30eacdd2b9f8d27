"""Tables beside each other in one worksheet, and what begins in a row of it: areas, as a layout says them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.area_offers import AreaOffer, area_offers, areas_of
from jira_pipeline.sheets.layouts.areas import divided_grids
from jira_pipeline.sheets.layouts.block_offers import block_offer
from jira_pipeline.sheets.layouts.choices import BlockLines, choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Grid, Merge, Place
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of, rows_of

GARDENS = """
What each place has
P: orchard   |         |      | | P: pond |        |
Told         | How     | Many | | Told    | How    | Many
Height       | Number  | 1    | | Depth   | Number | 1
Planted      | Date    | 1    | |         |        |
Fruits       | Text    | n    | |         |        |

P: shed      |         |      | |         |        |
Told         | How     | Many | |         |        |
Key          | Text    | 1    | |         |        |
"""
SIDES = """
Kinds of places |      |  | How pictures are cut
Called          | Code |  | Cut  | Wide | High
Orchard         | or   |  | wide | 16   | 9
Pond            | po   |  | tall | 3    | 4
Shed            | sh   |  |      |      |
"""
ABOVE = """
Who may do what
To do | Owner | Guest
Enter | x     | -

How a visit goes
Called | Code | | Step  | Comes from | Goes to
Asked  | as   | | agree | Asked      | Agreed
Agreed | ag   | | call  | Agreed     | Asked
Done   | do   | | end   | Agreed     | Done
"""


def offers_of(text: str) -> list[AreaOffer]:
    return [*area_offers([grid_of(text)])]


def divided(grid: Grid, *said: Mapping[str, Any]) -> tuple[Layout, tuple[Grid, ...]]:
    """Return the layout that choices make, and the worksheets that it makes of one."""
    layout = Layout(sheets=())
    grids: Sequence[Grid] = [grid]
    for choice in said:
        layout = with_choice(layout, grids, choice_of({"worksheet": "Sheet", **choice}))
        grids = divided_grids(layout.divided, [grid])
    # What a page makes is what a file may say.
    assert read_layout(layout_yaml(layout).encode()) == layout
    return layout, tuple(grids)


def parted(offer: AreaOffer) -> Mapping[str, Any]:
    """Return the choice of the button below the picture of tables beside each other."""
    return {"do": "divide_worksheet", "columns": offer.columns, "row": offer.row}


def applied(layout: Layout, grids: Sequence[Grid]) -> CheckedLayout:
    return apply_and_check(layout, grids)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        pytest.param(GARDENS, ("A:C", "E:G"), id="the same headers, each below a line"),
        pytest.param(SIDES, ("A:B", "D:F"), id="other headers and other rows"),
        pytest.param(
            "A|B||C|D||E|F\n1|2||a|b||x|y\n3|4||c|d||z|y\n|||e|f||w|y",
            ("A:B", "D:E", "G:H"),
            id="three of them",
        ),
        pytest.param(
            "A|B||C|D\n1|2||a|b\n3|4||c|d\n5|6||e|f", ("A:B", "D:E"), id="as many rows, each named"
        ),
        pytest.param(
            "A|B|||C|D\n1|2|look here||a|b\n3|4|||c|d\n||||e|f",
            ("A:C", "E:F"),
            id="remarks beside the left one",
        ),
    ],
)
def test_tables_beside_each_other_are_proposed_with_their_columns(
    text: str, columns: tuple[str, ...]
) -> None:
    (offer,) = offers_of(text)

    assert (offer.columns, offer.row) == (columns, None)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "A|B||C|D\n1|2||yes|b\n3|4||yes|b\n5|6||yes|b", id="a spacer, all cells filled"
        ),
        pytest.param("A|B||C|D\n1|2|||b\n3|4||a|\n5|6|||b", id="a spacer, notes here and there"),
        pytest.param("A|B||C\n1|2||a\n3|4||b\n5|6||c", id="remarks with one header"),
        pytest.param("A|B|C|D|E\n1|2||a|b\n3|4||c|d\n5|6||e|f\n7|8", id="a column without texts"),
        pytest.param("A|B||C|D\n1|2||a|b\n3|4|x|c|d\n5|6||e|f\n||||g", id="a text in the gap"),
    ],
)
def test_a_blank_column_inside_one_table_is_no_proposal(text: str) -> None:
    assert offers_of(text) == []


def test_one_press_makes_each_table_a_worksheet_and_the_same_headers_one_layout() -> None:
    grid = grid_of(GARDENS)
    types = grid_of("Name | Machine name\nOrchard | orchard\nPond | pond\nShed | shed", "Places")
    (offer,) = area_offers([grid])
    layout, grids = divided(grid, parted(offer))
    blocks = block_offer(grids, None, [types, *grids])
    assert blocks is not None
    layout = with_choice(
        layout,
        grids,
        choice_of(
            {
                "do": "set_blocks",
                "worksheet": blocks.worksheet,
                "header_row": blocks.header_row,
                "line": blocks.line_of_names,
                "says": blocks.says.value,
                "names": blocks.names_header,
            }
        ),
    )

    checked = applied(layout, grids)

    assert [grid.title for grid in grids] == ["Sheet (left)", "Sheet (right)"]
    assert (blocks.line_of_names, blocks.says) == ("P: {name}", BlockLines.OWNERS)
    fields = [(row["Bundle"], row["Field label"]) for row in rows_of(checked)]
    assert fields == [
        ("orchard", "Height"),
        ("orchard", "Planted"),
        ("orchard", "Fruits"),
        ("shed", "Key"),
        ("pond", "Depth"),
    ]
    # Cells keep the addresses that people know.
    assert checked.applied.rows[-1].place == Place(3, 4)


def test_a_table_above_stays_above_where_tables_begin_beside_each_other_below_it() -> None:
    grid = grid_of(ABOVE)
    (offer,) = area_offers([grid])

    _, grids = divided(grid, parted(offer))

    assert (offer.row, offer.columns) == (5, ("A:B", "D:F"))
    assert [(area.title, len(area.cells)) for area in grids] == [
        ("Sheet (above)", 7),
        ("Sheet (below) (left)", 9),
        ("Sheet (below) (right)", 12),
    ]


def test_what_is_in_the_gap_or_beside_belongs_to_an_area_and_is_told() -> None:
    grid = grid_of(SIDES)
    grid = replace(grid, cells={**grid.cells, Place(0, 2): "aside", Place(0, 8): "far"})
    (offer,) = area_offers([grid])

    layout, grids = divided(grid, parted(offer))

    assert sum(len(area.cells) for area in grids) == len(grid.cells)
    assert layout.divided[0].columns == ("A:B", "D:F")


def test_columns_that_moved_are_found_by_the_blank_column_again() -> None:
    (offer,) = area_offers([grid_of(SIDES)])
    layout, _ = divided(grid_of(SIDES), parted(offer))
    wider = grid_of("\n".join(f"No. | {line}" for line in SIDES.strip().split("\n")))

    left, right = divided_grids(layout.divided, [wider])

    assert left.texts_by_row[1] == {0: "No.", 1: "Called", 2: "Code"}
    assert right.texts_by_row[1] == {4: "Cut", 5: "Wide", 6: "High"}


def test_what_begins_in_a_row_is_an_area_until_the_row_says_something_else() -> None:
    text = "M | must\nO | may\n\nStill open\nWho pays?\nHow long?"
    layout, grids = divided(grid_of(text), {"do": "divide_worksheet", "row": 4})
    longer = f"A | added\n{text}"
    renamed = text.replace("Still open", "Open")

    assert [area.title for area in grids] == ["Sheet (above)", "Sheet (below)"]
    assert [len(area.rows) for area in divided_grids(layout.divided, [grid_of(longer)])] == [3, 3]
    assert divided_grids(layout.divided, [grid_of(renamed)]) == (grid_of(renamed),)


def test_one_press_joins_areas_again_with_what_was_divided_of_them() -> None:
    grid = grid_of(ABOVE)
    (offer,) = area_offers([grid])

    layout, grids = divided(grid, parted(offer), {"do": "join_worksheet"})

    assert (layout, grids) == (Layout(sheets=()), (grid,))


def test_of_an_area_that_was_divided_again_each_step_can_be_taken_back() -> None:
    (offer,) = offers_of(ABOVE)
    layout, _ = divided(grid_of(ABOVE), parted(offer))

    joinable = areas_of(layout.divided, ["Sheet (below) (right)"])

    assert [area.worksheet for area in joinable] == ["Sheet (below)", "Sheet"]


def test_a_title_merged_across_tables_is_a_title_of_the_first() -> None:
    grid = replace(grid_of(SIDES), merges=(Merge(Place(0, 0), Place(0, 5)),))
    (offer,) = area_offers([grid])

    _, (left, right) = divided(grid, parted(offer))

    assert (len(left.merges), right.merges) == (1, ())


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        pytest.param({"row": 1}, "Nothing is above row 1", id="the first row"),
        pytest.param({"row": 4}, "is blank", id="a blank row"),
        pytest.param({"row": 5}, "says what an earlier row says", id="a row that is there twice"),
        pytest.param({}, "Say which columns", id="nothing"),
        pytest.param({"columns": ("D:E", "A:B")}, "from left to right", id="from right to left"),
    ],
)
def test_what_cannot_be_divided_is_refused(choice: Mapping[str, Any], reason: str) -> None:
    grid = grid_of("A|B\n1|2\n3|4\n\n1|2")

    with pytest.raises(WrongUseError, match=reason):
        divided(grid, {"do": "divide_worksheet", **choice})


def test_what_was_said_of_a_table_stays_for_the_area_that_has_it() -> None:
    grid = grid_of("Name | Code\nOrchard | or\nPond | po\n\nOpen | Asked by\nWho pays? | Ada")
    listed = {"do": "set_shape", "shape": "types", "header_row": 1, "bundle_type": "Vocabulary"}

    layout, grids = divided(grid, listed, {"do": "divide_worksheet", "row": 5})

    assert [sheet.worksheets for sheet in layout.sheets] == [("Sheet (above)",)]
    named = [(row["Name"], row["Type"]) for row in rows_of(applied(layout, grids))]
    assert named == [("Orchard", "Vocabulary"), ("Pond", "Vocabulary")]


def test_a_table_of_which_no_area_has_all_headers_is_said_anew() -> None:
    (offer,) = offers_of(SIDES)
    listed = {"do": "set_shape", "shape": "types", "header_row": 2, "bundle_type": "Vocabulary"}

    layout, _ = divided(grid_of(SIDES), listed, parted(offer))

    assert layout.sheets == ()


def test_a_worksheet_that_is_left_out_stays_divided() -> None:
    grid = grid_of(SIDES)
    (offer,) = area_offers([grid])
    left_out = {"do": "leave_out_worksheets", "worksheets": ("Sheet",), "reason": "of another site"}

    layout, _ = divided(grid, parted(offer))
    ignored = with_choice(layout, [grid], choice_of(left_out))

    assert ignored.divided == layout.divided


def test_parts_of_cells_mean_in_a_further_table_what_they_mean_below_the_same_header() -> None:
    """Of two tables beside each other, the second had to be said all over again."""
    text = "Kind | Told     | How   |  | Sort | Told    | How\nA [a] | X [x] | Text  |  | B [b] | Y [y] | Date"
    grid = grid_of(f"{text}\nC [c] | Z [z] | Text")
    (offer,) = area_offers([grid])
    told = [
        {"kind": "field", "column": "Field label", "before": "["},
        {"kind": "field", "column": "Machine name", "after": "[", "before": "]"},
    ]

    layout, grids = divided(
        grid,
        parted(offer),
        {"do": "set_shape", "worksheet": "Sheet (left)", "shape": "types_with_fields"},
        {"do": "set_meaning", "worksheet": "Sheet (left)", "header": "Told", "meanings": told},
        {"do": "set_shape", "worksheet": "Sheet (right)", "shape": "types_with_fields"},
    )

    fields = [row for row in rows_of(applied(layout, grids)) if row["kind"] == "field"]
    assert [(row["Field label"], row["Machine name"]) for row in fields] == [
        ("X", "x"),
        ("Z", "z"),
        ("Y", "y"),
    ]
