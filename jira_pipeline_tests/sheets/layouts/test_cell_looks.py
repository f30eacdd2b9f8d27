"""Fills, colours of texts and lines through them: what things become by what people say they mean."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.model.entities import Specification
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.coverage import Unsettled
from jira_pipeline.sheets.layouts.explaining_lines import ExplainingLines
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.look_offers import look_offers
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of
from jira_pipeline_tests.sheets.layouts.test_declared_tickets import briefs, declared_reading
from jira_pipeline_tests.tickets.documents.made_tickets import faults_in, tickets_for

FILL = "FFFFC000"
TYPES = {"do": "set_shape", "worksheet": "Kinds", "shape": "types", "bundle_type": "Content type"}
FIELDS = {"do": "set_shape", "worksheet": "Details", "shape": "fields"}
KINDS = "Name | Why\nBoat | old\nRaft | new"
DETAILS = (
    "Bundle | Field label | Number of values | Help\nBoat | Mast | 3 | how high\nRaft | Rope | 2 |"
)


def looks(*meanings: tuple[str, str, str]) -> dict[str, Any]:
    listed = [{"look": look, "colour": colour, "means": means} for look, colour, means in meanings]
    return {"do": "set_looks", "looks": listed}


def chosen(grids: list[Grid], *said: Mapping[str, Any]) -> Layout:
    layout = Layout(sheets=())
    for fields in said:
        layout = with_choice(layout, grids, choice_of(fields))
    return read_layout(layout_yaml(layout).encode())


def reading(grids: list[Grid], *said: Mapping[str, Any]) -> CheckedLayout:
    return apply_and_check(chosen(grids, *said), grids)


def filled(grid: Grid, *addresses: tuple[int, int]) -> Grid:
    return replace(grid, colours={Place(*at): FILL for at in addresses})


@pytest.mark.parametrize(
    ("means", "status"),
    [("on_hold", "w"), ("removed", "d"), ("changed", "c"), ("approved", "a"), ("decoration", "")],
)
def test_the_look_of_a_name_says_how_far_its_thing_is(means: str, status: str) -> None:
    grid = filled(grid_of(KINDS, "Kinds"), (2, 0))

    checked = reading([grid], TYPES, looks(("fill", FILL, means)))

    rows = {row.cells["Name"]: row for row in checked.applied.rows}
    assert rows["Raft"].cells.get("X", "") == status
    assert rows["Boat"].cells.get("X", "") == ""
    assert [f for f in checked.findings if f.code is Unsettled.COLOUR_NOT_READ] == []


def test_a_name_that_looks_undecided_is_asked_about() -> None:
    """Orange could mean “on hold” or nothing, never that nobody knows."""
    grid = filled(grid_of(KINDS, "Kinds"), (2, 0))

    checked = reading([grid], TYPES, looks(("fill", FILL, "undecided")))

    (raft,) = [row for row in checked.applied.rows if row.cells["Name"] == "Raft"]
    assert raft.cells["X"] == "? (whether it is built, as the sheet marks it)"
    assert raft.copied_from.cells("X")[0].row == 2


def test_what_looks_undecided_is_asked_about_once_and_is_not_among_what_is_built() -> None:
    """It was told to be “treated as approved”, and listed with what is to be built."""
    grid = replace(filled(grid_of(KINDS, "Kinds"), (2, 0)), text_colours={Place(1, 0): "FF00AA00"})
    meanings = looks(("fill", FILL, "undecided"), ("text", "FF00AA00", "approved"))
    layout = layout_yaml(chosen([grid], {**TYPES, "bundle_type": "Vocabulary"}, meanings))

    read = read_entities(declared_reading(layout, grid).tables)
    made = tickets_for(Specification(entities=read.entities, captions=read.captions))
    titles = [table.title for ticket in made for table in tables_of(ticket.group)]
    questions = [one.question for brief in briefs(layout, grid) for one in brief.questions]

    assert [finding for finding in read.findings if finding.code == "status_blank"] == []
    assert titles == [
        "Vocabularies not decided: ask before you build (1)",
        "Vocabularies to build (1)",
    ]
    assert faults_in(made) == ()
    assert [question for question in questions if "decided" in question or "X" in question] == [
        (
            "The status of “Raft” is not decided; the sheet says "
            "“whether it is built, as the sheet marks it”: what holds?"
        )
    ]


@pytest.mark.parametrize(
    ("shape", "words", "struck"),
    [
        ("terms_beside", "List | Term\nWood | Oak\n | Ash\nRope | Hemp", [(2, 1), (3, 1)]),
        ("terms", "Wood | Rope\nOak | Hemp\nAsh |", [(2, 0), (1, 1)]),
        ("terms_below", "Wood\nOak\nAsh\n\nRope\nHemp", [(2, 0), (5, 0)]),
    ],
)
def test_a_dropped_term_of_a_list_is_no_term_and_is_quoted(
    shape: str, words: str, struck: list[tuple[int, int]]
) -> None:
    """It was still a term to build."""
    grid = replace(grid_of(words, "Lists"), struck=frozenset(Place(*at) for at in struck))
    choice = {"do": "set_shape", "worksheet": "Lists", "shape": shape}

    checked = reading([grid], choice, looks(("struck", "", "dropped")))

    (wood, rope) = checked.applied.rows
    dropped = "Dropped, as the sheet marks it: Notes about the type: “%s”."
    assert wood.cells["Settings/notes"] == "Terms:\nOak"
    assert wood.cells["Remarks"] == dropped % "Ash"
    assert wood.copied_from.cells("Remarks")[0].row == struck[0][0]
    assert rope.cells["Settings/notes"] == ""
    assert rope.cells["Remarks"] == dropped % "Hemp"


def test_a_cell_that_looks_undecided_is_asked_about_and_says_nothing() -> None:
    grid = filled(grid_of(DETAILS, "Details"), (1, 2), (1, 3))

    checked = reading([grid], FIELDS, looks(("fill", FILL, "undecided")))

    (mast, rope) = checked.applied.rows
    assert mast.cells["Vals."] == "? (3)"
    assert mast.cells["Remarks"].endswith("“how high”.")
    assert rope.cells["Vals."] == "2"
    assert rope.cells.get("Remarks", "") == ""


def test_what_was_dropped_is_not_built_and_what_belongs_to_it_neither() -> None:
    grids = [grid_of(KINDS, "Kinds"), grid_of(DETAILS, "Details")]
    grids[0] = replace(grids[0], struck=frozenset({Place(2, 0), Place(2, 1)}))

    checked = reading(grids, TYPES, FIELDS, looks(("struck", "", "dropped")))

    names = [row.cells.get("Name") or row.cells["Field label"] for row in checked.applied.rows]
    assert names == ["Boat", "Mast"]
    assert [thing.text for thing in checked.applied.dropped] == ["Raft", "Rope"]


def test_a_cell_that_was_dropped_says_nothing_and_is_quoted() -> None:
    grid = replace(grid_of(DETAILS, "Details"), struck=frozenset({Place(1, 2)}))

    checked = reading([grid], FIELDS, looks(("struck", "", "dropped")))

    mast = checked.applied.rows[0]
    assert mast.cells["Vals."] == ""
    assert mast.cells["Remarks"] == "Dropped, as the sheet marks it: How many values: “3”."


def test_of_several_looks_of_a_name_the_one_that_builds_least_counts() -> None:
    grid = filled(grid_of(KINDS, "Kinds"), (2, 0))
    grid = replace(grid, text_colours={Place(2, 0): "FF999999"})

    checked = reading(
        [grid], TYPES, looks(("fill", FILL, "undecided"), ("text", "FF999999", "on_hold"))
    )

    assert checked.applied.rows[1].cells["X"] == "w"


def test_a_column_with_the_status_goes_before_the_look_which_is_quoted() -> None:
    grid = filled(grid_of("Name | X\nBoat | a\nRaft | a", "Kinds"), (2, 0))

    checked = reading([grid], TYPES, looks(("fill", FILL, "on_hold")))

    raft = checked.applied.rows[1]
    assert raft.cells["X"] == "a"
    assert raft.cells["Remarks"] == "The sheet marks it as “on hold: not now”."


def test_the_look_of_one_line_among_others_is_asked_and_the_usual_one_is_not() -> None:
    """All bars had a colour, and that of a type that nobody had decided another one."""
    grid = grid_of("Field label | Help\nBoat\nMast | a\nRaft\nRope | b\nQuay\nStep | c", "Details")
    bars = {Place(1, 0): "FF0000AA", Place(3, 0): FILL, Place(5, 0): "FF0000AA"}
    grid = replace(grid, colours=bars)
    blocks = {
        "do": "set_blocks",
        "worksheet": "Details",
        "header_row": 1,
        "line": "{name}",
        "says": "types",
        "bundle_type": "Content type",
    }

    layout = chosen([grid], blocks)
    offers = look_offers(layout, [grid], apply_and_check(layout, [grid]).applied)
    checked = reading([grid], blocks, looks(("fill", FILL, "on_hold")))

    assert [(offer.words, offer.examples) for offer in offers] == [("Orange fill", ("Raft",))]
    statuses = {
        row.cells["Name"]: row.cells.get("X", "")
        for row in checked.applied.rows
        if row.kind == "bundle"
    }
    assert statuses == {"Boat": "", "Raft": "w", "Quay": ""}


def test_a_worksheet_of_which_something_is_said_later_has_the_meanings_of_looks_too() -> None:
    grids = [grid_of(KINDS, "Kinds"), filled(grid_of(DETAILS, "Details"), (1, 1))]

    checked = reading(grids, TYPES, looks(("fill", FILL, "on_hold")), FIELDS)

    (mast,) = [row for row in checked.applied.rows if row.cells.get("Field label") == "Mast"]
    assert mast.cells["X"] == "w"


def test_a_legend_says_beside_a_look_and_a_word_what_it_means_and_builds_nothing() -> None:
    legend = filled(
        grid_of("amber | ask the owner first\nT / TL | short text\nM = from the library", "Legend"),
        (0, 0),
    )
    grids = [filled(grid_of(KINDS, "Kinds"), (2, 0)), legend]
    explains = {
        "do": "leave_out_worksheets",
        "worksheets": ["Legend"],
        "reason": "it explains words",
        "explains": True,
    }

    layout = chosen(grids, TYPES, explains)
    checked = apply_and_check(layout, grids)
    (offer,) = look_offers(layout, grids, checked.applied)

    assert [row.worksheet for row in checked.applied.rows] == ["Kinds", "Kinds"]
    assert [said.text for said in offer.explanations] == ["amber: ask the owner first"]
    lines = ExplainingLines(layout, grids)
    assert [said.text for said in lines.of_word("tl")] == ["short text"]
    assert [said.text for said in lines.of_word("M")] == ["from the library"]
    assert lines.of_word("short") == ()


def test_a_row_that_looks_so_as_a_whole_is_asked_about_once() -> None:
    """Each of its cells was asked about, and each field of a type that looked undecided."""
    grid = filled(
        grid_of("Field label | Help\nBoat\nMast | a\nQuay\nStep | c", "Details"),
        (1, 0),
        (2, 0),
        (2, 1),
    )
    blocks = {
        "do": "set_blocks",
        "worksheet": "Details",
        "header_row": 1,
        "line": "{name}",
        "says": "types",
        "bundle_type": "Content type",
    }

    checked = reading([grid], blocks, looks(("fill", FILL, "undecided")))

    marked = [row.cells for row in checked.applied.rows if row.cells.get("X")]
    assert [cells["X"] for cells in marked] == ["? (whether it is built, as the sheet marks it)"]
    assert [row.cells["Remarks"] for row in checked.applied.rows if row.cells.get("Remarks")] == []


def test_a_line_of_text_says_what_it_is_marked_as_and_a_question_asks_anyway() -> None:
    lines = filled(grid_of("Boats are blue\nQuays | or not", "Ideas"), (0, 0), (1, 1))
    shape = {"do": "set_shape", "worksheet": "Ideas"}

    quoted = reading([lines], {**shape, "shape": "remarks"}, looks(("fill", FILL, "on_hold")))
    asked = reading(
        [lines], {**shape, "shape": "open_questions"}, looks(("fill", FILL, "undecided"))
    )

    assert [next(iter(row.cells.values())) for row in quoted.applied.rows] == [
        "Boats are blue (marked in the sheet: on hold: not now)",
        "Quays\nor not (marked in the sheet: “or not”: on hold: not now)",
    ]
    assert [next(iter(row.cells.values())) for row in asked.applied.rows] == [
        "Boats are blue",
        "Quays\nor not",
    ]
