"""Further tables of a worksheet, and worksheets that are said apart from those that look alike."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of, rows_of

BOAT = """
Boat
What  | How     | Must | Why
Name  | Text    | x    | it is painted on
Berth | Choice  | x    |

Sail  | may be there several times
What  | How     | Must
Cloth | Text    |
Area  | Number  | x
"""
OTHERS = {
    "Quay": "Quay\nWhat | How | Must | Why\nLength | Number | x | -",
    "Buoy": "Buoy\nWhat | How | Must | Why\nColour | Choice | | -",
}
ONE_TYPE = {
    "do": "set_shape",
    "worksheet": "Boat",
    "shape": "type_with_fields",
    "bundle_type": "Content type",
    "header_row": 2,
}
LABEL = {
    "do": "set_meaning",
    "worksheet": "Boat",
    "header": "What",
    "meanings": [{"kind": "field", "column": "Field label"}],
}
SAIL = {
    "do": "add_table",
    "worksheet": "Boat",
    "header_row": 7,
    "shape": "type_with_fields",
    "bundle_type": "Paragraph type",
    "is_named_above": True,
}


def harbour(boat: str = BOAT) -> list[Grid]:
    return [grid_of(boat, "Boat"), *(grid_of(text, title) for title, text in OTHERS.items())]


def chosen(grids: Sequence[Grid], *said: Mapping[str, Any]) -> Layout:
    layout = Layout(sheets=())
    for choice in said:
        layout = with_choice(layout, grids, choice_of(choice))
    assert read_layout(layout_yaml(layout).encode()) == layout
    return layout


def fields_by_type(layout: Layout, grids: Sequence[Grid]) -> dict[tuple[str, str], list[str]]:
    rows = rows_of(apply_and_check(layout, grids))
    types = {row["Name"]: row["Type"] for row in rows if row["kind"] == "bundle"}
    fields: dict[tuple[str, str], list[str]] = {(name, kind): [] for name, kind in types.items()}
    for row in rows:
        if row["kind"] == "field":
            fields[row["Bundle"], types[row["Bundle"]]].append(row["Field label"])
    return fields


@pytest.mark.parametrize("why", [" | Why", ""], ids=["with fewer headers", "with the same headers"])
def test_a_line_above_the_same_headers_names_a_type_of_its_own(why: str) -> None:
    """The headers were refused as those of the table above, and the fields went to its type."""
    grids = harbour(BOAT if why else BOAT.replace(" | Why", ""))

    layout = chosen(grids, ONE_TYPE, LABEL, SAIL)

    assert fields_by_type(layout, grids) == {
        ("Boat", "Content type"): ["Name", "Berth"],
        ("Sail", "Paragraph type"): ["Cloth", "Area"],
        **(
            {("Quay", "Content type"): ["Length"], ("Buoy", "Content type"): ["Colour"]}
            if why
            else {}
        ),
    }
    (sail,) = (row for row in rows_of(apply_and_check(layout, grids)) if row.get("Name") == "Sail")
    assert sail["Description"] == "may be there several times"


def test_a_further_table_takes_its_worksheet_apart_from_those_without_it() -> None:
    layout = chosen(harbour(), ONE_TYPE, LABEL, SAIL)

    assert [sheet.worksheets for sheet in layout.sheets] == [("Boat",), ("Quay", "Buoy")]


def test_a_further_table_with_other_headers_leaves_its_title_out() -> None:
    grids = [grid_of(BOAT + "\nCrew\nRank | Who\nMate | Ann\n", "Boat")]
    crew = {"do": "add_table", "worksheet": "Boat", "header_row": 12, "shape": "own_sheet"}

    checked = apply_and_check(chosen(grids, ONE_TYPE, LABEL, crew), grids)

    assert [row for row in rows_of(checked) if row["kind"] == "custom"] == [
        {"kind": "custom", "Rank": "Mate", "Who": "Ann"}
    ]
    assert "Crew" not in {row.get("Field label") for row in rows_of(checked)}


def test_a_single_text_is_no_header_of_a_further_table() -> None:
    grids = [grid_of(BOAT + "\nCrew\nMate | Ann\n", "Boat")]
    crew = {"do": "add_table", "worksheet": "Boat", "header_row": 11, "shape": "own_sheet"}

    with pytest.raises(WrongUseError, match="single filled cell, so that it is no header"):
        chosen(grids, ONE_TYPE, crew)


def test_worksheets_that_look_alike_are_said_apart_and_together_again() -> None:
    grids = harbour(BOAT.partition("\n\n")[0])
    apart = {"do": "set_apart", "worksheets": ["Buoy"], "bundle_type": "Media type"}
    again = {"do": "set_like", "worksheet": "Buoy", "like": "Boat"}

    parted = chosen(grids, ONE_TYPE, LABEL, apart)
    together = chosen(grids, ONE_TYPE, LABEL, apart, again)

    assert fields_by_type(parted, grids)["Buoy", "Media type"] == ["Colour"]
    assert fields_by_type(parted, grids)["Quay", "Content type"] == ["Length"]
    assert [sheet.regions[0].name for sheet in parted.sheets] == ["Buoy", "Boat"]
    assert fields_by_type(together, grids) == fields_by_type(chosen(grids, ONE_TYPE, LABEL), grids)


def test_the_last_of_worksheets_that_look_alike_is_not_taken_from_itself() -> None:
    grids = harbour(BOAT.partition("\n\n")[0])
    apart = {"do": "set_apart", "worksheets": ["Boat", "Quay", "Buoy"]}

    with pytest.raises(WrongUseError, match="leave at least one of them"):
        chosen(grids, ONE_TYPE, apart)


def test_a_header_is_renamed_in_the_table_that_lost_it() -> None:
    """The other table of the worksheet lost the header that it still had."""
    text = "Rank | Who\nMate | Ann\n\nPier | Who\nNorth | Ben"
    tables = (
        {"do": "set_shape", "worksheet": "Boat", "shape": "own_sheet", "header_row": 1},
        {"do": "add_table", "worksheet": "Boat", "shape": "own_sheet", "header_row": 4},
    )
    layout = chosen([grid_of(text, "Boat")], *tables)
    grids = [grid_of(text.replace("Pier | Who", "Pier | Guard"), "Boat")]
    rename = {"do": "rename_header", "worksheet": "Boat", "header": "Who", "now": "Guard"}

    renamed = with_choice(layout, grids, choice_of(rename))

    checked = apply_and_check(renamed, grids)
    assert [row["Who"] for row in rows_of(checked)] == ["Ann", "Ben"]
    assert "misfit" not in {finding.code for finding in checked.findings}


_TWO_TABLES = "Label | Type\nSeats | Number\n\nMoored\nLabel | Type\nRope | Text"
_FIELDS = {"do": "set_shape", "worksheet": "North", "shape": "fields"}
_MOORED = {
    "do": "add_table",
    "worksheet": "North",
    "header_row": 5,
    "shape": "fields",
    "is_named_above": True,
}


def test_worksheets_with_the_same_tables_stay_together() -> None:
    """The header in the first row was counted in one of them alone, and its table below was lost."""
    grids = [grid_of(_TWO_TABLES, title) for title in ("North", "South")]

    layout = chosen(grids, _FIELDS, _MOORED)

    assert [(sheet.worksheets, len(sheet.regions)) for sheet in layout.sheets] == [
        (("North", "South"), 2)
    ]


def test_a_table_is_added_once() -> None:
    """Two people, or one with two clicks, made two tables of one, of which none fitted."""
    grid = grid_of(_TWO_TABLES, "North")

    with pytest.raises(WrongUseError, match="Row 5 of “North” is the header of table 2 already"):
        chosen([grid], _FIELDS, _MOORED, _MOORED)


def test_the_line_above_a_table_that_is_taken_back_is_no_title_any_more() -> None:
    """It stayed left out, as the title of a table that nobody said to be there."""
    grid = grid_of("Label | Type\nSeats | Number\n\nMoored\nRole | Does\nMate | rows", "North")
    roles = {"do": "add_table", "worksheet": "North", "header_row": 5, "shape": "roles"}
    removed = {"do": "remove_table", "worksheet": "North", "table": 2}

    (with_table,) = chosen([grid], _FIELDS, roles).sheets
    (sheet,) = chosen([grid], _FIELDS, roles, removed).sheets

    assert [rule.texts for rule in with_table.regions[0].skip] == [("Moored",)]
    assert sheet.regions[0].skip == ()


def test_a_sentence_beside_the_name_of_a_thing_without_description_is_a_remark() -> None:
    """The choice that the page proposed was refused: a workflow has no such column."""
    text = "Role | Does\nMate | rows\n\nHow it gets ashore | the mate decides\nFrom | To\nAfloat | Moored"
    grid = grid_of(text, "North")
    roles = {"do": "set_shape", "worksheet": "North", "shape": "roles"}
    steps = {
        "do": "add_table",
        "worksheet": "North",
        "header_row": 5,
        "shape": "whole_workflow",
        "is_named_above": True,
    }

    rows = rows_of(apply_and_check(chosen([grid], roles, steps), [grid]))

    (workflow,) = (row for row in rows if row["kind"] == "workflow")
    assert workflow["Label"] == "How it gets ashore"
    assert "the mate decides" in workflow.values()


def test_worksheets_that_are_said_together_are_not_said_to_be_alike_again() -> None:
    """The page asked what the other one lists, which somebody had said."""
    grids = [grid_of(_TWO_TABLES, title) for title in ("North", "South")]
    like = {"do": "set_like", "worksheet": "South", "like": "North"}

    with pytest.raises(WrongUseError, match="list is said of both"):
        chosen(grids, _FIELDS, like)


def test_a_table_that_is_said_after_another_was_taken_back_is_quoted_by_itself() -> None:
    """Two tables had one name, and both were in one ticket, with the title of the next table."""
    grid = grid_of("A | B\nx | y\nOars\nC | D\nash | 2\nRopes\nE | F\nhemp | 9", "Loft")
    loft = {"worksheet": "Loft", "shape": "own_sheet"}
    oars = {**loft, "do": "add_table", "header_row": 4}

    layout = chosen(
        [grid],
        {**loft, "do": "set_shape", "header_row": 1},
        oars,
        {**oars, "header_row": 7},
        {"do": "remove_table", "worksheet": "Loft", "table": 2},
        oars,
    )

    assert [(row.sheet, row.cells) for row in apply_and_check(layout, [grid]).applied.rows] == [
        ("Loft", {"A": "x", "B": "y"}),
        ("Loft 3", {"E": "hemp", "F": "9"}),
        ("Loft 4", {"C": "ash", "D": "2"}),
    ]
