"""What somebody says of all worksheets, of comments, of terms and of further tables."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import apply_layout
from jira_pipeline.sheets.layouts.grid import Place
from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline_tests.sheets.layouts.made_grids import findings_of, grid_of, rows_of
from jira_pipeline_tests.sheets.layouts.test_line_choices import cells_of, chosen, reading

EARLY = grid_of("Name | Why\nShed | old\nas agreed", "Early")
LATE = grid_of("Role | Why\nKeeper | new\nto be seen", "Late")
EVERYWHERE = (
    {"do": "set_shape", "worksheet": "Early", "shape": "types", "bundle_type": "Content type"},
    {
        "do": "set_rows",
        "worksheet": "Early",
        "rows": "alone",
        "become": "left_out",
        "reason": "remarks of ours",
        "everywhere": True,
    },
    {
        "do": "leave_out_header",
        "worksheet": "Early",
        "header": "Why",
        "reason": "nothing is built by it",
        "everywhere": True,
    },
    {"do": "leave_out_comments", "reason": "talk between us"},
)
LATER = {"do": "set_shape", "worksheet": "Late", "shape": "roles"}


def test_what_is_said_of_all_worksheets_counts_for_one_that_is_said_later() -> None:
    """It counted for those alone that were said before, and nothing said so."""
    late = replace(LATE, comments={Place(1, 0): "who is it?"})

    checked = reading([EARLY, late], *EVERYWHERE, LATER)

    assert findings_of(checked) == []
    assert cells_of(checked, "Name", "Why") == [("Shed", ""), ("Keeper", "")]


def test_a_header_that_means_something_everywhere_is_no_longer_left_out_later() -> None:
    meaning = {"kind": "bundle", "column": "Description"}
    choice = {"do": "set_meaning", "worksheet": "Early", "header": "Why", "everywhere": True}

    checked = reading([EARLY, LATE], *EVERYWHERE, {**choice, "meanings": [meaning]}, LATER)

    assert cells_of(checked, "Description") == [("old",), ("new",)]


def test_comments_are_quoted_with_the_things_of_their_rows() -> None:
    grid = replace(EARLY, comments={Place(1, 1): "ask first"})

    checked = reading([grid], *EVERYWHERE[:2], {"do": "quote_comments"})

    assert findings_of(checked) == []
    assert [row["Settings/notes"] for row in rows_of(checked)] == ["ask first"]


def test_terms_are_a_note_also_where_each_has_a_row() -> None:
    lists = grid_of("Name | Kept by | Entries\nSoil | Ada | Sand\n | | Clay\nShade | Ben | Full")
    meaning = {"kind": "bundle", "column": "Terms"}

    checked = reading(
        [lists],
        {"do": "set_shape", "worksheet": "Sheet", "shape": "types", "bundle_type": "Vocabulary"},
        {"do": "set_meaning", "worksheet": "Sheet", "header": "Entries", "meanings": [meaning]},
        {"do": "set_blank", "worksheet": "Sheet", "header": "Name", "means": "above"},
    )

    assert cells_of(checked, "Name", "Kept by", "Settings/notes") == [
        ("Soil", "Ada", "Terms: Sand\nTerms: Clay"),
        ("Shade", "Ben", "Terms: Full"),
    ]
    assert findings_of(checked) == []


def test_quoted_tables_are_sheets_of_their_own_and_can_be_taken_back() -> None:
    grid = grid_of("Tool | Owner\nSpade | Ada\n\nSeason | Work\nMay | Sowing")
    quoted = {"do": "set_shape", "worksheet": "Sheet", "shape": "own_sheet", "header_row": 1}
    further = {"do": "add_table", "worksheet": "Sheet", "shape": "own_sheet", "header_row": 4}

    two = apply_and_check(chosen([grid], quoted, further), [grid])
    back = chosen([grid], quoted, further, {"do": "remove_table", "worksheet": "Sheet", "table": 2})

    assert [row.sheet for row in two.applied.rows] == ["Sheet", "Sheet 2"]
    assert len(back.sheets[0].regions) == 1
    with pytest.raises(WrongUseError, match="no further table"):
        chosen([grid], quoted, {"do": "remove_table", "worksheet": "Sheet", "table": 1})


def test_what_was_said_of_headers_and_rows_stays_when_a_worksheet_lists_something_else() -> None:
    """Somebody tried what a worksheet may list, and ten choices about its rows were gone."""
    grids = [grid_of("Place | For whom\nShed | all\nby the pond", "Rooms")]
    about = {"worksheet": "Rooms"}
    layout = chosen(
        grids,
        {**about, "do": "set_shape", "shape": "roles"},
        {
            **about,
            "do": "set_meaning",
            "header": "Place",
            "meanings": [{"kind": "user_role", "column": "Name"}],
        },
        {**about, "do": "set_rows", "rows": "text", "text": "by the pond", "become": "left_out"},
        {**about, "do": "set_shape", "shape": "types", "bundle_type": "Vocabulary"},
    )

    rows = apply_and_check(layout, grids).applied.rows
    assert [(row.kind, row.cells["Name"], row.cells["Type"]) for row in rows] == [
        ("bundle", "Shed", "Vocabulary")
    ]


def test_further_ditto_marks_of_all_worksheets_take_no_earlier_one_back() -> None:
    first = grid_of('Bundle | Label\nShed | Door\n" | Roof\nsame | Wall', "First")
    second = grid_of('Bundle | Label | Type\nShed | Lamp | Text\n" | Key | Text', "Second")
    said: list[Mapping[str, Any]] = [{"do": "set_shape", "worksheet": "First", "shape": "fields"}]
    for text in ('"', "same"):
        ditto = {"do": "set_ditto", "worksheet": "First", "header": "Bundle", "texts": [text]}
        said.append({**ditto, "everywhere": True})

    checked = reading(
        [first, second], *said, {"do": "set_shape", "worksheet": "Second", "shape": "fields"}
    )

    assert cells_of(checked, "Bundle") == [("Shed",)] * 5


@pytest.mark.parametrize(
    "at", [(0, 1), (3, 0), (4, 0), (5, 0)], ids=["header", "quoted", "left", "bare"]
)
def test_comments_of_cells_in_no_row_of_a_thing_are_quoted_beside_its_table(
    at: tuple[int, int],
) -> None:
    """“Nothing was changed: the workbook is read that way already”, and it could not be confirmed."""
    kinds = grid_of("Name | Why\nBoat | old\nRaft | new\nSee below |\nOld stuff |", "Kinds")
    grid = replace(kinds, comments={Place(*at): "ask Ada"})
    rows = {"do": "set_rows", "worksheet": "Kinds", "rows": "text"}
    said = (
        {"do": "set_shape", "worksheet": "Kinds", "shape": "types", "bundle_type": "Vocabulary"},
        {**rows, "text": "See below", "become": "remarks"},
        {**rows, "text": "Old stuff", "become": "left_out", "reason": "gone"},
    )

    before = reading([grid], *said)
    checked = reading([grid], *said, {"do": "quote_comments"})

    quoted = [remark.text for remark in checked.applied.remarks if "ask Ada" in remark.text]
    assert ("comment_not_read", "ask Ada") in findings_of(before)
    assert ("comment_not_read", "ask Ada") not in findings_of(checked)
    assert len(quoted) == 1


def test_the_comment_of_a_cell_below_no_header_is_quoted_with_the_thing_of_its_row() -> None:
    grid = replace(EARLY, comments={Place(1, 7): "ask first"})

    checked = reading([grid], *EVERYWHERE[:2], {"do": "quote_comments"})

    assert findings_of(checked) == []
    assert [row["Remarks"] for row in rows_of(checked)] == ["Comment: ask first"]


def test_the_comment_of_a_question_in_a_worksheet_of_text_is_asked_with_it() -> None:
    grid = replace(grid_of("Who paints the boat?", "Asked"), comments={Place(0, 0): "ask Ada"})
    shape = {"do": "set_shape", "worksheet": "Asked", "shape": "open_questions"}

    checked = reading([grid], shape, {"do": "quote_comments"})

    assert [row["Open question"] for row in rows_of(checked)] == [
        "Who paints the boat?\nComment on “Who paints the boat?”: ask Ada"
    ]


def test_the_comment_of_a_cell_is_quoted_with_the_thing_of_its_column_in_a_turned_table() -> None:
    """A comment on the name of one was quoted with all, and any other beside the table."""
    region = """{name: kinds, turned: true, header: [Called], records: [{into: bundle,
      columns: {Name: Called, Description: Told, Type: {text: Vocabulary}}}]}"""
    layout = f"sheets: [{{worksheets: Kinds, quotes_comments: true, regions: [{region}]}}]"
    kinds = grid_of("Called | Boat | Raft\nTold | afloat | of wood", "Kinds")
    comments = {Place(0, 1): "ask Ada", Place(1, 2): "ask Ben"}

    applied = apply_layout(read_layout(layout.encode()), [replace(kinds, comments=comments)])

    assert [row.cells["Remarks"] for row in applied.rows] == [
        "Comment on “Boat”: ask Ada",
        "Comment on “of wood”: ask Ben",
    ]
    assert applied.remarks == []
