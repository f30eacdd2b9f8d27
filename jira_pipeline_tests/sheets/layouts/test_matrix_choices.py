"""Matrices as a person says them: what rows and columns are, and what each mark means."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import MarkMeaning, choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Merge, Place
from jira_pipeline.sheets.layouts.header_offers import tables_of_group
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.mark_grid_offers import name_in_quotes
from jira_pipeline.sheets.layouts.mark_offers import mark_offers
from jira_pipeline.sheets.layouts.name_offers import name_offers
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline.sheets.layouts.worksheet_groups import worksheet_groups
from jira_pipeline_tests.sheets.layouts.changed_workbooks import (
    NextVersion,
    Outcome,
    Reaction,
    outcomes_of_changed_cells,
    reactions_to_next_versions,
)
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of, rows_of
from jira_pipeline_tests.sheets.layouts.test_line_choices import cells_of, chosen, reading

TYPES = grid_of("Name | Type\nOrchard | Content type\nFish pond | Content type", "Types")
_FIELDS = grid_of(
    """
        | Places    |        |
No.     | Field     | Orchard | Pond | Remarks
        |           | O-1     | P-1  |
N1      | Depth     |         | M    | in metres
N2      | Planted   | M       | may  |
N3      | Opened    | -       | M    | a year
""",
    "Fields",
)
FIELDS = replace(_FIELDS, merges=(Merge(Place(0, 2), Place(0, 3)),))
"""A group of two columns."""
DETAILS = grid_of(
    """
No. | Field   | Kind of it | How many
N1  | Depth   | Number     | 1
N2  | Planted | Date       | 2
N3  | Opened  | Date       | 1
""",
    "Details",
)
STATES = grid_of(
    """
from / to | Sketch | Shown | Why
Sketch    | Keep   | Show  | as agreed
Shown     | Take back | -  |
""",
    "Steps",
)
RIGHTS = grid_of(
    """
On      | May   | Gardener | Keeper | Remarks
Orchard | Prune | x        | x      |
        | Fell  |          | own    | asks first
""",
    "Rights",
)
FIELD_MATRIX: Mapping[str, Any] = {
    "do": "set_shape",
    "worksheet": "Fields",
    "shape": "matrix",
    "rows": "fields",
    "across": "types",
    "marks_in": "C:D",
    "header_row": 2,
    "header_rows": 2,
    "header_below": 1,
}
MARKS = (
    {
        "do": "set_marks",
        "worksheet": "Fields",
        "marks": [{"text": "M", "means": "required"}, {"text": "may", "means": "optional"}],
    },
)
POND: Mapping[str, Any] = {
    "do": "set_name",
    "kind": "bundle",
    "name": "Pond",
    "means": "Fish pond",
}
SAID = (
    {"do": "set_shape", "worksheet": "Types", "shape": "types"},
    FIELD_MATRIX,
    *MARKS,
    POND,
    {"do": "set_shape", "worksheet": "Details", "shape": "field_details"},
    {
        "do": "set_meaning",
        "worksheet": "Details",
        "header": "Kind of it",
        "meanings": [{"kind": "field", "column": "Field type"}],
    },
    {
        "do": "set_meaning",
        "worksheet": "Details",
        "header": "How many",
        "meanings": [{"kind": "field", "column": "Vals."}],
    },
    {"do": "set_word", "holds": "field type", "word": "Number", "means": "Number (integer)"},
)
GRIDS = (TYPES, FIELDS, DETAILS)


def test_a_mark_says_that_a_type_has_a_field_and_may_say_required() -> None:
    """Fields across types were no shape: nobody could say what they belong to."""
    checked = reading(GRIDS, *SAID)

    fields = [row for row in rows_of(checked) if row["kind"] == "field"]
    assert [
        (row["Bundle"], row["Field label"], row["Field type"], row["Req'd"]) for row in fields
    ] == [
        ("Fish pond", "Depth", "Number (integer)", "y"),
        ("Orchard", "Planted", "Date", "y"),
        ("Fish pond", "Planted", "Date", "n"),
        ("Fish pond", "Opened", "Date", "y"),
    ]
    assert [finding.text for finding in checked.findings] == []


def test_no_cell_of_a_matrix_or_its_details_is_lost_without_a_word() -> None:
    outcomes = [*outcomes_of_changed_cells(chosen(GRIDS, *SAID), GRIDS)]

    assert [where for outcome, where in outcomes if outcome is Outcome.SILENT] == []


def test_a_matrix_holds_for_moved_columns_and_asks_about_new_ones() -> None:
    layout = chosen(GRIDS, *SAID)

    reactions = {
        version: reaction
        for title, version, reaction in reactions_to_next_versions(layout, GRIDS)
        if title == "Fields"
    }

    assert reactions[NextVersion.ROWS_ON_TOP] is Reaction.SAME
    assert reactions[NextVersion.COLUMN_MOVED] is Reaction.SAME
    assert reactions[NextVersion.COLUMN_ADDED] is Reaction.ASKED
    assert reactions[NextVersion.TEXT_BELOW] is Reaction.ASKED


def test_each_mark_and_each_name_that_nothing_has_is_offered_once() -> None:
    layout = chosen(GRIDS, *SAID[:2])
    region = layout.sheets[1].regions[0]

    offers = mark_offers(region, [FIELDS], {})

    assert [(offer.mark, offer.count, offer.means, offer.proposed) for offer in offers] == [
        ("M", 3, None, MarkMeaning.REQUIRED),
        ("may", 1, None, MarkMeaning.OPTIONAL),
        ("-", 1, MarkMeaning.NONE, None),
    ]
    (name,) = name_offers(apply_and_check(layout, GRIDS))
    assert (name.kind, name.name, name.listed) == ("bundle", "Pond", ("Orchard", "Fish pond"))


def test_a_name_is_known_in_worksheets_that_are_said_later() -> None:
    fields = grid_of("Bundle | Field label\nPond | Depth", "More fields")

    checked = reading(
        (*GRIDS, fields),
        *SAID,
        {"do": "set_shape", "worksheet": "More fields", "shape": "fields"},
    )

    assert cells_of(checked, "Bundle", "Field label")[-1] == ("Fish pond", "Depth")


def test_a_grid_of_states_is_a_workflow() -> None:
    checked = reading(
        [STATES],
        {
            "do": "set_shape",
            "worksheet": "Steps",
            "shape": "matrix",
            "rows": "from_states",
            "across": "to_states",
            "marks_in": "B:C",
        },
        {
            "do": "set_constant",
            "worksheet": "Steps",
            "kind": "workflow_transition",
            "column": "Workflow",
            "text": "Gardening",
        },
    )

    rows = rows_of(checked)
    assert [row["Label"] for row in rows if row["kind"] == "workflow"] == ["Gardening"]
    assert [row["Label"] for row in rows if row["kind"] == "workflow_state"] == ["Sketch", "Shown"]
    assert [
        (row["Label"], row["From state"], row["To state"])
        for row in rows
        if row["kind"] == "workflow_transition"
    ] == [
        ("Keep", "Sketch", "Sketch"),
        ("Show", "Sketch", "Shown"),
        ("Take back", "Shown", "Sketch"),
    ]
    assert checked.findings == ()


def test_what_roles_may_do_is_quoted_with_each_of_them() -> None:
    checked = reading(
        [RIGHTS],
        {
            "do": "set_shape",
            "worksheet": "Rights",
            "shape": "matrix",
            "rows": "quoted",
            "across": "roles",
            "marks_in": "C:D",
        },
        {"do": "set_blank", "worksheet": "Rights", "header": "On", "means": "above"},
    )

    assert cells_of(checked, "Name", "Notes") == [
        ("Gardener", "Permissions: Orchard Prune"),
        ("Keeper", "Permissions: Orchard Prune, own Orchard Fell asks first"),
    ]
    assert checked.findings == ()


def test_what_explains_a_mark_is_quoted_with_the_roles_that_have_it() -> None:
    """A note of one role's mark was a note of all roles of the row."""
    grid = grid_of(
        """
May    | Gardener | Keeper | Guest | Note
prune  | x        | (x)    |       | (x) = own trees only
fell   | x        |        | x     | ask first
"""
    )
    shape = {"do": "set_shape", "worksheet": "Sheet", "shape": "matrix", "rows": "quoted"}

    checked = reading([grid], {**shape, "across": "roles", "marks_in": "B:D"})

    assert cells_of(checked, "Name", "Notes") == [
        ("Gardener", "Permissions: prune, fell ask first"),
        ("Keeper", "Permissions: (x) prune (x) = own trees only"),
        ("Guest", "Permissions: fell ask first"),
    ]
    assert checked.findings == ()


def test_a_note_that_begins_with_an_equals_sign_explains_no_blank_cell() -> None:
    """Nothing read such a note, where a cell of the row had no mark."""
    grid = grid_of("May | Gardener | Keeper | Note\nprune | x | | = as last year")
    shape = {"do": "set_shape", "worksheet": "Sheet", "shape": "matrix", "rows": "quoted"}

    checked = reading([grid], {**shape, "across": "roles", "marks_in": "B:C"})

    assert cells_of(checked, "Name", "Notes") == [
        ("Gardener", "Permissions: prune = as last year"),
    ]
    assert checked.findings == ()


def test_marks_say_something_of_the_things_in_rows() -> None:
    grid = grid_of("Style name | Width | News | Jobs\nCard | 400 | x | x\nWide | 900 | | x")
    shape = {"do": "set_shape", "worksheet": "Sheet", "shape": "matrix", "rows": "image_styles"}

    checked = reading([grid], {**shape, "across": "quoted", "marks_in": "C:D"})

    assert cells_of(checked, "Style name", "Width", "Notes") == [
        ("Card", "400", "News, Jobs"),
        ("Wide", "900", "Jobs"),
    ]
    assert checked.findings == ()


@pytest.mark.parametrize(
    ("rows", "across", "marks_in"),
    [
        ("fields", "roles", "B:C"),
        ("quoted", "quoted", "B:C"),
        ("fields", "types", "A:D"),
        ("fields", None, "B"),
    ],
)
def test_a_matrix_of_which_nothing_can_be_made_is_refused(
    rows: str, across: str | None, marks_in: str
) -> None:
    grid = grid_of("May | Gardener | Keeper\nPrune | x | x")
    said = {"do": "set_shape", "worksheet": "Sheet", "shape": "matrix", "rows": rows}

    with pytest.raises(WrongUseError):
        with_choice(
            Layout(sheets=()), [grid], choice_of({**said, "across": across, "marks_in": marks_in})
        )


PLANTS = grid_of(
    """
Plants across the garden
        |        | Content types
Detail  | Number | Tree | Herb | Moss
        |        | tree | herb | on hold
Height  | 1      | M    | may (3) | M
Smell   | 1      | ?    | M, only if it has one |
Colour  | 2      | -    | M+  | M
""",
    "Plants",
)
PLANT_MATRIX = (
    {
        "do": "set_shape",
        "worksheet": "Plants",
        "shape": "matrix",
        "rows": "fields",
        "across": "types",
        "marks_in": "C:E",
        "header_row": 3,
    },
    {"do": "set_listed", "worksheet": "Plants", "side": "across", "bundle_type": "Content type"},
    {"do": "set_column_line", "worksheet": "Plants", "row": 4, "column": "Machine name"},
    {
        "do": "set_meaning",
        "worksheet": "Plants",
        "header": "Number",
        "meanings": [{"kind": "field", "column": "Vals."}],
    },
    {
        "do": "set_marks",
        "worksheet": "Plants",
        "marks": [
            {"text": "M", "means": "required"},
            {"text": "may (3)", "means": "optional", "count": "3"},
            {"text": "M+", "means": "required", "count": "*"},
            {"text": "?", "means": "undecided"},
            {"text": "M, only if it has one", "means": "sometimes"},
        ],
    },
)


def test_the_columns_of_a_matrix_are_the_types_and_a_line_has_their_machine_names() -> None:
    """Fields of a matrix had no owner where its columns are named nowhere else."""
    checked = reading([PLANTS], *PLANT_MATRIX)

    types = [row for row in rows_of(checked) if row["kind"] == "bundle"]
    assert [
        (row["Name"], row.get("Machine name", ""), row["Type"], row.get("X", "")) for row in types
    ] == [
        ("Tree", "tree", "Content type", ""),
        ("Herb", "herb", "Content type", ""),
        ("Moss", "", "Content type", "on hold"),
    ]
    fields = [row for row in rows_of(checked) if row["kind"] == "field"]
    assert {(row["Bundle"], row["Bundle type"]) for row in fields} == {
        ("Tree", "Content type"),
        ("Herb", "Content type"),
        ("Moss", "Content type"),
    }
    assert [row["Field label"] for row in fields if row.get("X") == "on hold"] == [
        "Height",
        "Colour",
    ]


def test_a_mark_says_how_many_values_and_asks_in_its_own_words() -> None:
    """A number in a mark was lost, and so were the words beside it."""
    checked = reading([PLANTS], *PLANT_MATRIX)

    said = {
        (row["Field label"], row["Bundle"]): (
            row.get("Req'd", ""),
            row["Vals."],
            row.get("Remarks", ""),
        )
        for row in rows_of(checked)
        if row["kind"] == "field"
    }
    assert said["Height", "Tree"] == ("y", "1", "")
    assert said["Height", "Herb"] == ("n", "3", "")
    assert said["Colour", "Herb"] == ("y", "*", "")
    assert "ndecided" in said["Smell", "Tree"][2]
    assert "“M, only if it has one”" in said["Smell", "Herb"][2]
    assert [finding.text for finding in checked.findings if finding.code == "word_unread"] == []


def test_a_matrix_that_lists_its_types_loses_no_cell_without_a_word() -> None:
    outcomes = [*outcomes_of_changed_cells(chosen([PLANTS], *PLANT_MATRIX), [PLANTS])]

    assert [where for outcome, where in outcomes if outcome is Outcome.SILENT] == []


def test_what_is_not_decided_about_a_step_or_a_right_is_asked_of_what_it_is_about() -> None:
    """An undecided step was built, or left out without a question."""
    steps = grid_of("from / to | Sketch | Shown\nSketch | | Show\nShown | ? | ", "Steps")
    rights = grid_of("May | Gardener | Keeper\nPrune | x | x\nFell | ? | x", "Rights")
    undecided = [{"text": "?", "means": "undecided"}]
    checked = reading(
        [steps, rights],
        {
            "do": "set_shape",
            "worksheet": "Steps",
            "shape": "matrix",
            "rows": "from_states",
            "across": "to_states",
        },
        {"do": "set_marks", "worksheet": "Steps", "marks": undecided},
        {
            "do": "set_shape",
            "worksheet": "Rights",
            "shape": "matrix",
            "rows": "quoted",
            "across": "roles",
        },
        {"do": "set_marks", "worksheet": "Rights", "marks": undecided},
        {
            "do": "set_constant",
            "worksheet": "Steps",
            "kind": "workflow_transition",
            "column": "Workflow",
            "text": "Gardening",
        },
    )

    rows = rows_of(checked)
    assert [row["Label"] for row in rows if row["kind"] == "workflow_transition"] == ["Show"]
    states = [row for row in rows if row["kind"] == "workflow_state"]
    assert [(row["Workflow"], row["Label"]) for row in states] == [
        ("Gardening", "Sketch"),
        ("Gardening", "Shown"),
    ]
    assert "Shown: Sketch: Undecided" in states[1]["Remarks"]
    roles = {row["Name"]: row for row in rows if row["kind"] == "user_role"}
    assert roles["Gardener"]["Notes"] == "Permissions: Prune"
    assert "Fell: Gardener: Undecided" in roles["Gardener"]["Remarks"]
    assert roles["Keeper"]["Notes"] == "Permissions: Prune, Fell"


def cells_of_kind(checked: CheckedLayout, kind: str, *columns: str) -> list[tuple[str, ...]]:
    """Return some cells of the rows of a kind, blank where they say nothing."""
    rows = [row for row in rows_of(checked) if row["kind"] == kind]
    return [tuple(row.get(column, "") for column in columns) for row in rows]


def test_a_filled_header_puts_its_column_on_hold_and_a_filled_row_its_fields() -> None:
    """The grey of a column was accepted and did nothing."""
    grid = grid_of("Detail | Tree | Herb\nHeight | x | x\nSmell | x | x\nColour | x | x", "Plants")
    fills = {Place(0, 2): "FFCCCCCC", Place(2, 0): "FFCCCCCC"}
    grids = [replace(grid, colours=fills)]
    matrix = {**PLANT_MATRIX[0], "marks_in": "B:C", "header_row": 1}
    fill = {"do": "set_colour", "worksheet": "Plants", "colour": "FFCCCCCC", "means": "w"}
    look = {"look": "fill", "colour": "FFCCCCCC", "means": "on_hold"}

    checked = reading(
        grids,
        matrix,
        PLANT_MATRIX[1],
        {**fill, "header": "Herb"},
        {"do": "set_looks", "looks": [look]},
    )

    assert cells_of_kind(checked, "bundle", "Name", "X") == [("Tree", ""), ("Herb", "w")]
    assert cells_of_kind(checked, "field", "Field label", "Bundle", "X") == [
        ("Height", "Tree", ""),
        ("Height", "Herb", "w"),
        ("Smell", "Tree", "w"),
        ("Smell", "Herb", "w"),
        ("Colour", "Tree", ""),
        ("Colour", "Herb", "w"),
    ]
    with pytest.raises(WrongUseError, match="“Detail” is no column of a matrix with such a look"):
        with_choice(chosen(grids, matrix), grids, choice_of({**fill, "header": "Detail"}))


def test_displays_below_lines_are_of_the_views_that_the_lines_name() -> None:
    """Displays in rows and types in columns could not be said."""
    grid = grid_of(
        "Display | Path | Tree | Herb\nWalks | | |\nMap | /map | x |\nList | /list | x | x", "Lists"
    )
    matrix = {**PLANT_MATRIX[0], "worksheet": "Lists", "marks_in": "C:D", "header_row": 1}

    checked = reading(
        [grid],
        {**matrix, "rows": "view_displays"},
        {
            "do": "set_rows",
            "worksheet": "Lists",
            "rows": "alone",
            "become": "left_out",
            "reason": "…so",
        },
        {"do": "set_lines", "worksheet": "Lists", "line": "{name}"},
    )

    assert cells_of_kind(checked, "view", "View name") == [("Walks",)]
    assert cells_of_kind(checked, "view_display", "View", "Title", "Notes") == [
        ("Walks", "Map", "Tree"),
        ("Walks", "List", "Tree, Herb"),
    ]


def test_types_down_take_what_is_beside_the_marks_and_fields_the_lines_above() -> None:
    """What was beside types was taken for their fields."""
    grid = grid_of(
        """
Type | Machine name | Height | Smell
     |              | Number (integer) | Text (plain)
Tree | tree         | M      | may
Herb | herb         |        | M
""",
        "Plants",
    )
    matrix = {**PLANT_MATRIX[0], "rows": "types", "across": "fields", "header_row": 1}

    checked = reading(
        [grid],
        matrix,
        {**PLANT_MATRIX[1], "side": "rows"},
        {"do": "set_column_line", "worksheet": "Plants", "row": 2, "column": "Field type"},
        {"do": "set_marks", "worksheet": "Plants", "marks": MARKS[0]["marks"]},
    )

    assert cells_of_kind(checked, "bundle", "Name", "Machine name") == [
        ("Tree", "tree"),
        ("Herb", "herb"),
    ]
    assert cells_of_kind(checked, "field", "Bundle", "Field label", "Field type", "Req'd") == [
        ("Tree", "Height", "Number (integer)", "y"),
        ("Tree", "Smell", "Text (plain)", "n"),
        ("Herb", "Smell", "Text (plain)", "y"),
    ]


_RENTED = {
    "do": "set_shape",
    "worksheet": "Rented",
    "shape": "matrix",
    "rows": "fields",
    "across": "types",
    "marks_in": "B:D",
}


@pytest.mark.parametrize(
    ("now", "types"),
    [("Canoe", ["Boat", "Canoe", "Raft"]), ("", ["Boat", "Raft"])],
    ids=["called otherwise", "gone"],
)
def test_a_column_of_a_matrix_is_called_otherwise_in_the_next_version(
    now: str, types: list[str]
) -> None:
    """The page asked about the header, and refused every answer: nothing was said of such a header."""
    first = grid_of("Field | Boat | Kayak | Raft\nSeats | x | x | x\nBerth | x |  | x", "Rented")
    column = f" {now} | " if now else ""
    mark = " x | " if now else ""
    then = grid_of(f"Field | Boat | {column}Raft\nSeats | x | {mark}x", "Rented")
    layout = with_choice(Layout(sheets=()), [first], choice_of(_RENTED))

    renamed = with_choice(
        layout,
        [then],
        choice_of({"do": "rename_header", "worksheet": "Rented", "header": "Kayak", "now": now}),
    )
    checked = apply_and_check(renamed, [then])

    assert cells_of(checked, "Field label", "Bundle") == [("Seats", name) for name in types]
    assert not checked.applied.misfits


_NEEDED = grid_of(
    "Field | Needed | Boat | Raft\nSeats | y | x | opt\nBerth | n | must | later", "Needed"
)
_SAID_OF_NEEDED = (
    {**_RENTED, "worksheet": "Needed", "marks_in": "C:D"},
    {
        "do": "set_meaning",
        "worksheet": "Needed",
        "header": "Needed",
        "meanings": [{"kind": "field", "column": "Req'd"}],
    },
    {
        "do": "set_marks",
        "worksheet": "Needed",
        "marks": [
            {"text": "x", "means": "plain"},
            {"text": "must", "means": "required"},
            {"text": "opt", "means": "optional"},
            {"text": "later", "means": "on_hold"},
        ],
    },
)


def test_a_mark_says_that_a_field_is_required_beside_a_header_that_does() -> None:
    """It did nothing, and the page asked what the mark means again."""
    checked = reading([_NEEDED], *_SAID_OF_NEEDED)

    assert cells_of(checked, "Field label", "Bundle", "Req'd", "X") == [
        ("Seats", "Boat", "y", ""),
        ("Seats", "Raft", "n", ""),
        ("Berth", "Boat", "y", ""),
        ("Berth", "Raft", "n", "w"),
    ]


def test_marks_that_were_said_are_not_asked_about_beside_a_header_of_what_is_required() -> None:
    (sheet,) = chosen([_NEEDED], *_SAID_OF_NEEDED).sheets

    offers = mark_offers(sheet.regions[0], [_NEEDED], {})

    assert {offer.mark: offer.means for offer in offers} == {
        "x": MarkMeaning.PLAIN,
        "opt": MarkMeaning.OPTIONAL,
        "must": MarkMeaning.REQUIRED,
        "later": MarkMeaning.ON_HOLD,
    }


def test_a_word_of_a_list_does_not_change_what_a_mark_means() -> None:
    """“R” was said to be required in the matrix, and to be no in a list: the matrix lost it."""
    matrix = grid_of("Field | Boat | Raft\nSeats | R | R\nBerth | R | R", "Rented")
    listed = grid_of("Label | Type | Required\nOar | Text | R", "Listed")
    said = (
        {**_RENTED, "marks_in": "B:C"},
        {"do": "set_marks", "worksheet": "Rented", "marks": [{"text": "R", "means": "required"}]},
        {"do": "set_shape", "worksheet": "Listed", "shape": "fields"},
        {
            "do": "set_meaning",
            "worksheet": "Listed",
            "header": "Required",
            "meanings": [{"kind": "field", "column": "Req'd"}],
        },
    )

    checked = reading(
        [matrix, listed], *said, {"do": "set_word", "holds": "yes or no", "word": "R", "means": "n"}
    )

    assert [required for (required,) in cells_of(checked, "Req'd")] == ["y", "y", "y", "y", "n"]


def test_a_matrix_said_anew_keeps_its_marks_what_it_lists_and_the_table_below() -> None:
    """To correct its columns took back all that was said, and the table below was rows of it."""
    grid = grid_of(
        "Field | Boat | Raft | Punt\nSeats | R | x | x\nBerth | x | R | x\n\nRole | Does\nMate | rows",
        "Rented",
    )
    said = (
        {**_RENTED, "marks_in": "B:C"},
        {
            "do": "set_marks",
            "worksheet": "Rented",
            "marks": [{"text": "x", "means": "optional"}, {"text": "R", "means": "required"}],
        },
        {
            "do": "set_listed",
            "worksheet": "Rented",
            "side": "across",
            "bundle_type": "Content type",
        },
        {"do": "add_table", "worksheet": "Rented", "shape": "roles", "header_row": 5},
    )

    checked = reading([grid], *said, _RENTED)

    assert [(row["kind"], row.get("Req'd", "")) for row in rows_of(checked)] == [
        ("field", "y"),
        ("field", "n"),
        ("field", "n"),
        ("field", "n"),
        ("field", "y"),
        ("field", "n"),
        ("user_role", ""),
        ("bundle", ""),
        ("bundle", ""),
        ("bundle", ""),
    ]


def test_a_status_in_place_of_a_machine_name_counts_in_each_worksheet() -> None:
    """Only the line of the first worksheet was looked at, in the row of the chosen one."""
    text = "Field | Boat | Raft\n | {} | {}\nSeats | x | x\nBerth | x | x"
    grids = [
        grid_of(text.format("boat", "raft"), "Rented"),
        grid_of("What we lend\n" + text.format("canoe", "Later"), "Lent"),
    ]
    said = (
        {**_RENTED, "marks_in": "B:C"},
        {"do": "set_listed", "worksheet": "Rented", "side": "across", "bundle_type": "Media type"},
        {"do": "set_column_line", "worksheet": "Rented", "row": 2, "column": "Machine name"},
    )

    checked = reading(grids, *said)

    assert ("Raft", "raft", "Later") in cells_of(checked, "Name", "Machine name", "X")


def test_the_filled_header_of_a_matrix_that_lists_its_columns_is_no_further_header() -> None:
    """The page asked whether the header is the header of a further table."""
    grid = grid_of("Field | Boat | Raft\nSeats | x | x\nBerth | x | x", "Rented")
    filled = replace(grid, colours={Place(0, column): "FFCCCCCC" for column in range(3)})
    listed = {"do": "set_listed", "worksheet": "Rented", "side": "across"}

    checked = reading([filled], {**_RENTED, "marks_in": "B:C"}, listed)

    assert "row_unclear" not in {finding.code.value for finding in checked.findings}


_LENT = grid_of(
    "Field | Boat | Raft | Punt\n | boat | raft | punt\n | Now | Later | Now\n"
    "Seats | x | x | x\nBerth | x | x |",
    "Rented",
)
_SAID_OF_LENT = (
    {**_RENTED, "marks_in": "B:C"},
    {"do": "set_listed", "worksheet": "Rented", "side": "across", "bundle_type": "Content type"},
    {"do": "set_column_line", "worksheet": "Rented", "row": 2, "column": "Machine name"},
    {"do": "set_column_line", "worksheet": "Rented", "row": 3, "column": "X"},
)


@pytest.mark.parametrize(
    ("header_below", "status"), [(2, "Later"), (1, "")], ids=["both lines", "one line"]
)
def test_a_matrix_said_anew_keeps_the_lines_that_are_said_to_be_below_its_header(
    header_below: int, status: str
) -> None:
    checked = reading([_LENT], *_SAID_OF_LENT, {**_RENTED, "header_below": header_below})

    types = cells_of_kind(checked, "bundle", "Name", "Machine name", "X")
    fields = cells_of_kind(checked, "field", "Field label", "Bundle", "X")
    assert ("Raft", "raft", status) in types
    assert ("Seats", "Raft", status) in fields


def test_a_matrix_said_anew_keeps_what_its_rows_list() -> None:
    grid = grid_of(
        "Type | Why | Seats | Berth\nBoat | old | x | x\nRaft | new | x | x", "Types of boats"
    )
    matrix = {
        **_RENTED,
        "worksheet": grid.title,
        "rows": "types",
        "across": "fields",
        "marks_in": "C:D",
        "bundle_type": "Content type",
    }
    listed = {"do": "set_listed", "worksheet": grid.title, "side": "rows"}
    meaning = {
        "do": "set_meaning",
        "worksheet": grid.title,
        "header": "Why",
        "meanings": [{"kind": "bundle", "column": "Description"}],
    }

    checked = reading([grid], matrix, listed, meaning, matrix)

    assert cells_of_kind(checked, "bundle", "Name", "Type", "Description") == [
        ("Boat", "Content type", "old"),
        ("Raft", "Content type", "new"),
    ]


def test_the_kind_of_listed_rows_is_asked_for_below_a_header_of_their_names() -> None:
    """Below “Type” was the name of each type, and it was its kind, too."""
    grid = grid_of("Type | Seats | Berth\nBoat | x | x\nRaft | x | x", "Lent")
    matrix = {**_RENTED, "worksheet": "Lent", "rows": "types", "across": "fields"}
    listed = {"do": "set_listed", "worksheet": "Lent", "side": "rows"}

    checked = reading([grid], {**matrix, "marks_in": "B:C"}, listed)

    assert cells_of_kind(checked, "bundle", "Name", "Type") == [("Boat", ""), ("Raft", "")]


def test_a_filled_header_counts_where_the_names_are_in_the_row_above_it() -> None:
    """The fill was looked for in one row and read in the other, and did nothing."""
    grid = grid_of("| Boat | Raft\nField | b | r\nSeats | x | x\nBerth | x | x", "Lent")
    filled = replace(grid, colours={Place(1, 2): "FFCCCCCC"})
    matrix = {**_RENTED, "worksheet": "Lent", "marks_in": "B:C", "header_row": 2, "header_rows": 2}
    fill = {"do": "set_colour", "worksheet": "Lent", "header": "Raft / r", "colour": "FFCCCCCC"}

    checked = reading([filled], {**matrix, "names_in": -1}, {**fill, "means": "w"})

    assert cells_of(checked, "Field label", "Bundle", "X") == [
        ("Seats", "Boat", ""),
        ("Seats", "Raft", "w"),
        ("Berth", "Boat", ""),
        ("Berth", "Raft", "w"),
    ]


def test_a_matrix_that_does_not_say_where_its_names_are_has_them_in_the_row_of_its_headers() -> (
    None
):
    """Layouts that were written before say nothing of it: its types were called like their groups."""
    grid = grid_of("| Afloat | Afloat\nField | Boat | Raft\nSeats | x | x\nBerth | x | x", "Lent")
    matrix = {**_RENTED, "worksheet": "Lent", "marks_in": "B:C", "header_row": 2, "header_rows": 2}
    (sheet,) = chosen([grid], matrix).sheets
    (region,) = sheet.regions
    assert region.marks is not None
    older = changed(region, marks=changed(region.marks, names_row=None))
    layout = Layout(sheets=(changed(sheet, regions=(older,)),))
    listed = {
        "do": "set_listed",
        "worksheet": "Lent",
        "side": "across",
        "bundle_type": "Media type",
    }

    checked = apply_and_check(with_choice(layout, [grid], choice_of(listed)), [grid])

    assert cells_of_kind(checked, "bundle", "Name") == [("Boat",), ("Raft",)]


def test_a_matrix_needs_no_header_above_what_its_rows_are_called() -> None:
    """Two strangers left that corner blank, and their grids of rights were refused."""
    grid = grid_of(" | Gardener | Keeper\nPrune | x | x\nFell |  | x", "Rights")
    rights = {
        "do": "set_shape",
        "worksheet": "Rights",
        "shape": "matrix",
        "rows": "quoted",
        "across": "roles",
        "header_row": 1,
    }

    for marks_in in ("", "B:C"):
        checked = apply_and_check(chosen([grid], {**rights, "marks_in": marks_in}), [grid])

        assert [(row["Name"], row["Notes"]) for row in rows_of(checked)] == [
            ("Gardener", "Permissions: Prune"),
            ("Keeper", "Permissions: Prune, Fell"),
        ]


def test_the_text_of_merged_cells_is_of_all_rows_beside_them() -> None:
    """The page said where to say so, and had no control there: groups of 36 fields were lost."""
    grid = grid_of(
        "Group | Field | Orchard | Pond | Hedge\nWater | Depth | x | x | -\n | Tide | - | x | x\n"
        "Soil | Kind of it | x | - | x",
        "Fields",
    )
    merged = replace(grid, merges=(Merge(Place(1, 0), Place(2, 0)),))
    matrix = {**FIELD_MATRIX, "header_row": 1, "header_rows": 1, "marks_in": "C:E", "names_in": 0}
    filled = {"do": "set_blank", "worksheet": "Fields", "header": "Group", "means": "merged"}

    layout = chosen([merged], {**matrix, "header_below": 0}, filled)

    checked = apply_and_check(layout, [merged])
    (group,) = worksheet_groups(layout, [merged], checked, unsettled=checked.findings)
    (table,) = tables_of_group(group, layout, checked)
    assert {header.name: header.merged_count for header in table.headers if header.fill} == {
        "Group": 1
    }
    rows = rows_of(checked)
    groups = {row["Field label"]: row["Field group"] for row in rows if row["kind"] == "field"}
    assert groups == {"Depth": "Water", "Tide": "Water", "Kind of it": "Soil"}


CODED = grid_of(
    """
Code | Name        | Type
OR   | Orchard     | Content type
FP   | Fish pond   | Content type
XX   | Field path  | Content type
XX   | Field track | Content type
""",
    "Places",
)
ALLOWED = grid_of(
    """
Bench | OR | fp | XX
Stone | x  | x  |
Wood  | x  |    | x
""",
    "Allowed",
)
CODE = {"do": "set_meaning", "worksheet": "Places", "header": "Code"}
BY_CODE: tuple[Mapping[str, Any], ...] = (
    {"do": "set_shape", "worksheet": "Places", "shape": "types"},
    {**CODE, "meanings": [{"kind": "bundle", "column": "ID"}]},
    {
        "do": "set_shape",
        "worksheet": "Allowed",
        "shape": "matrix",
        "rows": "quoted",
        "across": "types",
    },
)


def test_a_code_above_marks_names_the_one_thing_that_has_it() -> None:
    """A type `OR` was made of it beside the one that has the code."""
    checked = reading([CODED, ALLOWED], *BY_CODE)

    assert cells_of(checked, "Name", "ID", "Notes") == [
        ("Orchard", "OR", "Stone, Wood"),
        ("Fish pond", "FP", "Stone"),
        ("Field path", "XX", ""),
        ("Field track", "XX", ""),
        ("XX", "", "Wood"),
    ]


def test_a_code_of_two_things_is_asked_about_with_both() -> None:
    (offer,) = name_offers(reading([CODED, ALLOWED], *BY_CODE))

    assert (offer.name, offer.with_code) == ("XX", ("Field path", "Field track"))


def test_a_thing_that_is_called_like_a_code_is_that_thing() -> None:
    called = replace(CODED, cells={**CODED.cells, Place(3, 1): "OR"})

    checked = reading([called, ALLOWED], *BY_CODE)

    assert ("OR", "XX", "Stone, Wood") in cells_of(checked, "Name", "ID", "Notes")


WHO_MAY = grid_of(
    """
from / to | Sketch            | Shown
Sketch    |                   | Show (KP, Gardener)
Shown     | Take back (KP)    |
""",
    "Steps",
)
KEEPERS = grid_of("Role | Code\nKeeper | KP\nGardener | GA", "People")
STEPS: tuple[Mapping[str, Any], ...] = (
    {
        "do": "set_shape",
        "worksheet": "Steps",
        "shape": "matrix",
        "rows": "from_states",
        "across": "to_states",
    },
)
PEOPLE: tuple[Mapping[str, Any], ...] = (
    {"do": "set_shape", "worksheet": "People", "shape": "roles"},
    {
        "do": "set_meaning",
        "worksheet": "People",
        "header": "Code",
        "meanings": [{"kind": "user_role", "column": "ID"}],
    },
)


def test_in_brackets_after_a_step_is_who_may_take_it_by_name_or_code() -> None:
    """The brackets stayed in the name of the transition."""
    grids = [KEEPERS, WHO_MAY]
    layout = chosen(grids, *PEOPLE, *STEPS)
    checked = apply_and_check(layout, grids)
    groups = worksheet_groups(layout, grids, checked, unsettled=checked.findings)
    (table,) = tables_of_group(groups[1], layout, checked)
    assert table.matrix is not None
    assert table.matrix.step_with_roles == "Show (KP, Gardener)"

    said = reading(grids, *PEOPLE, *STEPS, {"do": "set_mark_parts", "worksheet": "Steps"}, *STEPS)

    steps = [row for row in rows_of(said) if row["kind"] == "workflow_transition"]
    assert [(row["Label"], row["Notes"]) for row in steps] == [
        ("Show", "Keeper\nGardener"),
        ("Take back", "Keeper"),
    ]
    assert [finding.text for finding in said.findings] == []


def test_the_first_line_of_a_mark_is_the_name_and_the_next_ones_are_notes() -> None:
    """Transitions were called “Show KP GA”, and checks demanded that word."""
    cells = {**WHO_MAY.cells, Place(1, 2): "Show\nKP GA\nonce a day", Place(2, 1): "Take back\nKP"}
    grids = [KEEPERS, replace(WHO_MAY, cells=cells)]
    layout = chosen(grids, *PEOPLE, *STEPS)
    checked = apply_and_check(layout, grids)
    groups = worksheet_groups(layout, grids, checked, unsettled=checked.findings)
    (table,) = tables_of_group(groups[1], layout, checked)
    lines = {"do": "set_mark_parts", "worksheet": "Steps", "mark_part": "lines"}

    said = reading(grids, *PEOPLE, *STEPS, lines, *STEPS)

    assert table.matrix is not None
    assert table.matrix.name_with_lines == "Show\nKP GA\nonce a day"
    steps = [row for row in rows_of(said) if row["kind"] == "workflow_transition"]
    assert [(row["Label"], row["Notes"]) for row in steps] == [
        ("Show", "KP GA\nonce a day"),
        ("Take back", "Keeper"),
    ]


PARTS = grid_of(
    """
Name       | Code | Type
Bench part | BP   | Paragraph type
Sign part  | SP   | Paragraph type
Orchard    | OR   | Content type
Fish pond  | FP   | Content type
""",
    "Places",
)
PART_FIELDS = grid_of(
    "Bundle | Field | Refers to\nOrchard | Parts | P3\nFish pond | Depth |", "List"
)
STAND_IN = grid_of(
    """
Part | OR | FP | Remark
BP   | x  | x1 | of oak
SP   | x  | ?  |
""",
    "P3 Parts",
)
COMPONENTS: tuple[Mapping[str, Any], ...] = (
    {"do": "set_shape", "worksheet": "Places", "shape": "types"},
    {**CODE, "meanings": [{"kind": "bundle", "column": "ID"}]},
    {"do": "set_shape", "worksheet": "List", "shape": "fields"},
    {
        "do": "set_meaning",
        "worksheet": "List",
        "header": "Refers to",
        "meanings": [{"kind": "field", "column": "Ref. bundle"}],
    },
    {
        "do": "set_shape",
        "worksheet": "P3 Parts",
        "shape": "matrix",
        "rows": "components",
        "across": "types",
        "marks_in": "B:C",
        "called": "Parts",
    },
    {
        "do": "set_marks",
        "worksheet": "P3 Parts",
        "marks": [{"text": "x1", "means": "quoted"}, {"text": "?", "means": "undecided"}],
    },
)


def test_components_marked_for_types_are_what_a_field_of_these_refers_to() -> None:
    """No kind of matrix said so: ten presses made four content types of their codes."""
    grids = [PARTS, PART_FIELDS, STAND_IN]

    checked = reading(grids, *COMPONENTS)

    fields = [row for row in rows_of(checked) if row["kind"] == "field"]
    assert [
        (row["Bundle"], row["Field label"], row.get("Ref. bundle", ""), row.get("Remarks", ""))
        for row in fields
    ] == [
        ("Orchard", "Parts", "Bench part, Sign part", ""),
        ("Fish pond", "Depth", "", ""),
        (
            "Fish pond",
            "Parts",
            "Bench part",
            "BP: x1\nSP: Undecided whether this is so: the matrix says “?”",
        ),
    ]
    types = [row for row in rows_of(checked) if row["kind"] == "bundle"]
    assert [(row["Name"], row.get("Remarks", "")) for row in types] == [
        ("Bench part", "of oak"),
        ("Sign part", ""),
        ("Orchard", ""),
        ("Fish pond", ""),
    ]
    assert {finding.column for finding in checked.findings} <= {"", "Field type"}
    assert not any("not read" in finding.text for finding in checked.findings)


NAMED_COMPONENTS = grid_of(
    """
No. | Part       | Name for machines | OR | FP | Remark
C1  | Bench part | bench             | x  |    |
C2  | Sign part  | sign              | x  | x  | of oak
""",
    "P3 Named",
)
WITH_NAMES: tuple[Mapping[str, Any], ...] = (
    *COMPONENTS[:-2],
    {**COMPONENTS[-2], "worksheet": "P3 Named", "marks_in": "D:E"},
)


def test_components_named_below_another_header_stay_with_what_is_marked_for_them() -> None:
    """Only those with a remark stayed, and the fields lost what they refer to."""
    grids = [PART_FIELDS, PARTS, NAMED_COMPONENTS]
    named = {
        "do": "set_meaning",
        "worksheet": "P3 Named",
        "header": "Part",
        "meanings": [{"kind": "bundle", "column": "Name"}],
    }
    kept = {"do": "keep_header", "worksheet": "P3 Named", "header": "No."}

    after_keeping = rows_of(reading(grids, *WITH_NAMES, kept, named))
    before_keeping = rows_of(reading(grids, *WITH_NAMES, named, kept))

    assert after_keeping == before_keeping
    types = [row["Name"] for row in after_keeping if row["kind"] == "bundle"]
    assert {*types} == {"Bench part", "Sign part", "Orchard", "Fish pond"}
    assert [
        (row["Bundle"], row.get("Ref. bundle", ""))
        for row in after_keeping
        if row.get("Field label") == "Parts"
    ] == [("Orchard", "Bench part, Sign part"), ("Fish pond", "Sign part")]


def test_the_kind_of_components_is_not_that_of_the_types_that_have_them() -> None:
    """Whoever only narrowed the marks moved the fields of five content types to paragraph types."""
    grids = [PARTS, PART_FIELDS, STAND_IN]
    layout = chosen(grids, *COMPONENTS)
    checked = apply_and_check(layout, grids)
    groups = worksheet_groups(layout, grids, checked, unsettled=checked.findings)
    (group,) = [group for group in groups if "P3 Parts" in group.titles]
    (table,) = tables_of_group(group, layout, checked)

    assert table.bundle_type == ""


def test_a_matrix_of_components_needs_the_field_that_they_stand_in() -> None:
    without_field = {**COMPONENTS[-2], "called": " "}

    with pytest.raises(WrongUseError, match="in which field"):
        reading([PARTS, STAND_IN], without_field)


def test_a_workflow_of_steps_is_called_as_somebody_says() -> None:
    """It was called like its worksheet."""
    checked = reading([STATES], {**STEPS[0], "called": "Showing"})

    assert {row["Label"] for row in rows_of(checked) if row["kind"] == "workflow"} == {"Showing"}
    assert name_in_quotes(grid_of("Steps of “Showing”\n\nfrom | A | B", "Steps"), 2) == "Showing"
