"""Lines that say something of the rows below them, as a person says it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.line_choices import LinePart
from jira_pipeline.sheets.layouts.line_offers import line_offers
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of, rows_of

ONE_HEADER = """
What is grown | How
F1 Orchard
Height        | Number
Planted       | Date
F2 Pond (later)
Depth         | Number
"""
KINDS_ABOVE = """
Name  | Machine name
Content types
News  | news
Vocabularies
Topic | topic
"""
OWN_HEADERS = """
CONTENT TYPE – Orchard
Machine name | orchard
Field        | Machine name
Height       | field_height
PARAGRAPH – Bench
Machine name | bench
Field        | Machine name
Seats        | field_seats
"""
FIELDS = {"do": "set_shape", "worksheet": "Sheet", "shape": "fields"}
LABEL = {
    "do": "set_meaning",
    "worksheet": "Sheet",
    "header": "What is grown",
    "meanings": [{"kind": "field", "column": "Field label"}],
}


def chosen(grids: Sequence[Grid], *said: Mapping[str, Any]) -> Layout:
    layout = Layout(sheets=())
    for choice in said:
        layout = with_choice(layout, grids, choice_of(choice))
    assert read_layout(layout_yaml(layout).encode()) == layout
    return layout


def reading(grids: Sequence[Grid], *said: Mapping[str, Any]) -> CheckedLayout:
    return apply_and_check(chosen(grids, *said), grids)


def line(text: str, **others: object) -> Mapping[str, Any]:
    return {"do": "set_lines", "worksheet": "Sheet", "line": text, **others}


def cells_of(checked: CheckedLayout, *names: str) -> list[tuple[str, ...]]:
    return [tuple(row.get(name, "") for name in names) for row in rows_of(checked)]


def test_lines_below_one_header_name_what_the_rows_below_each_belong_to() -> None:
    """Fields below such lines belonged to nothing, and the lines could not be said."""
    grids = [grid_of(ONE_HEADER)]

    checked = reading(grids, FIELDS, LABEL, line("F{} {name}"), line("F{} {name} ({status})"))

    assert cells_of(checked, "Bundle", "X", "Field label") == [
        ("Orchard", "", "Height"),
        ("Orchard", "", "Planted"),
        ("Pond", "later", "Depth"),
    ]
    assert [finding.text for finding in checked.findings if finding.code == "not_read"] == []


@pytest.mark.parametrize(
    "moved",
    [
        """
State | What is grown | How
F1 Orchard
now   | Height        | Number
now   | Planted       | Date
F2 Pond (later)
later | Depth         | Number
""",
        """
State | What is grown | How
      | F1 Orchard    |
now   | Height        | Number
now   | Planted       | Date
      | F2 Pond (later)
later | Depth         | Number
""",
    ],
    ids=["in the first column", "where its name was"],
)
def test_lines_stay_with_their_rows_where_a_column_moves_before_them(moved: str) -> None:
    """The next version of a workbook lost nine types in this way."""
    layout = chosen(
        [grid_of(ONE_HEADER)], FIELDS, LABEL, line("F{} {name}"), line("F{} {name} ({status})")
    )

    checked = apply_and_check(layout, [grid_of(moved)])

    assert cells_of(checked, "Bundle", "X", "Field label") == [
        ("Orchard", "", "Height"),
        ("Orchard", "", "Planted"),
        ("Pond", "later", "Depth"),
    ]


def test_a_line_with_no_row_below_is_not_read() -> None:
    grids = [grid_of(ONE_HEADER + "F3 Shed\n")]

    checked = reading(grids, FIELDS, LABEL, line("F{} {name}"))

    assert [finding.text for finding in checked.findings if finding.code == "not_read"] == [
        "F3 Shed"
    ]


def test_lines_above_rows_of_types_are_their_kind() -> None:
    checked = reading(
        [grid_of(KINDS_ABOVE)],
        {"do": "set_shape", "worksheet": "Sheet", "shape": "types"},
        line("{kind}"),
    )

    assert cells_of(checked, "Name", "Type") == [
        ("News", "Content types"),
        ("Topic", "Vocabularies"),
    ]
    assert checked.findings == ()


def test_a_line_above_each_block_says_kind_and_name_of_its_type() -> None:
    checked = reading(
        [grid_of(OWN_HEADERS)],
        {"do": "set_shape", "worksheet": "Sheet", "shape": "types_with_fields", "header_row": 3},
        line("{kind} – {name}"),
    )

    assert cells_of(checked, "kind", "Name", "Type", "Bundle", "Bundle type", "Machine name") == [
        ("bundle", "Orchard", "CONTENT TYPE", "", "", "orchard"),
        ("field", "", "", "Orchard", "CONTENT TYPE", "field_height"),
        ("bundle", "Bench", "PARAGRAPH", "", "", "bench"),
        ("field", "", "", "Bench", "PARAGRAPH", "field_seats"),
    ]


@pytest.mark.parametrize("name", ["label", "header"])
def test_a_label_and_a_header_of_one_name_are_two_things(name: str) -> None:
    """Saying what the one means took the other away, in every worksheet."""
    grids = [grid_of(OWN_HEADERS)]
    shape = {
        "do": "set_shape",
        "worksheet": "Sheet",
        "shape": "types_with_fields",
        "header_row": 3,
    }
    about = {"worksheet": "Sheet", "header": "Machine name", "everywhere": True}
    choice = {
        **about,
        "do": "leave_out_header",
        "reason": "we name it",
        "is_label": name == "label",
    }

    checked = reading(grids, shape, line("{kind} – {name}"), choice)

    kept = [row["kind"] for row in rows_of(checked) if row.get("Machine name")]
    assert kept == (["field", "field"] if name == "label" else ["bundle", "bundle"])
    assert "not_read" not in {finding.code for finding in checked.findings}


@pytest.mark.parametrize(
    "text", ["F{} {label}", "F1 Orchard", "{name", "{kind} {machine_name}", "G{} {name}"]
)
def test_a_line_that_says_nothing_or_what_nobody_knows_is_refused(text: str) -> None:
    roles = [grid_of("Name | Notes\nEditor | Writes"), grid_of(ONE_HEADER, "Fields")]
    shape = {"do": "set_shape", "worksheet": "Sheet", "shape": "roles"}

    with pytest.raises(WrongUseError):
        chosen(roles, shape, line(text))


def test_lines_are_offered_with_what_they_would_say() -> None:
    offers = line_offers(["F1 Orchard", "F2 Pond (later)"], parts=[*LinePart])

    by_line = {offer.line: offer for offer in offers}
    assert by_line["F{#} {name}"].reads == {LinePart.NAME: "Orchard"}
    assert by_line["F{#} {name}"].count == 2
    assert by_line["F{#} {name} ({status})"].label == (
        "In “F2 Pond (later)” the name is “Pond” and how far it is is “later”"
    )


WORKFLOW = """
Called       | Gardening
Machine name | gardening
State        | Public
Sketch       | no
Shown        | yes

Anything else | that is said below
"""


def test_labels_above_a_table_describe_what_its_rows_belong_to() -> None:
    """A workflow or type of which labels above the table say the name could not be said."""
    grids = [grid_of(WORKFLOW)]
    name = {"worksheet": "Sheet", "header": "Called", "is_label": True}

    checked = reading(
        grids,
        {"do": "set_shape", "worksheet": "Sheet", "shape": "workflow_with_states", "header_row": 3},
        {"do": "set_end", "worksheet": "Sheet", "ends": "blank"},
        {"do": "set_labels", "worksheet": "Sheet", "row": 1},
        {**name, "do": "set_meaning", "meanings": [{"kind": "workflow", "column": "Label"}]},
    )

    assert cells_of(checked, "kind", "Workflow", "Label", "Machine name") == [
        ("workflow", "", "Gardening", "gardening"),
        ("workflow_state", "Gardening", "Sketch", ""),
        ("workflow_state", "Gardening", "Shown", ""),
    ]
    unread = [finding.text for finding in checked.findings if finding.code == "not_read"]
    assert unread == ["Anything else", "that is said below"]


def test_labels_of_a_worksheet_that_is_gone_are_refused() -> None:
    """They ended the request with an error of the program."""
    layout = chosen([grid_of(WORKFLOW)], FIELDS)
    choice = choice_of({"do": "set_labels", "worksheet": "Sheet", "row": 1})

    with pytest.raises(WrongUseError, match="No worksheet is called “Sheet”"):
        with_choice(layout, [grid_of(WORKFLOW, "Another")], choice)


def test_a_row_that_is_quoted_by_its_text_begins_no_block() -> None:
    grids = [grid_of(OWN_HEADERS + "Ada – ask her first\n")]
    shape = {"do": "set_shape", "worksheet": "Sheet", "shape": "type_with_fields", "header_row": 3}
    quoted = {"do": "set_rows", "worksheet": "Sheet", "rows": "text", "become": "remarks"}

    checked = reading(
        grids, shape, line("{kind} – {name}"), {**quoted, "text": "Ada – ask her first"}
    )

    assert "misfit" not in {finding.code for finding in checked.findings}
    assert [remark.text for remark in checked.applied.remarks] == ["Ada – ask her first"]


TITLED = """
{0} page
Purpose | {0} is shown
What    | How  | Why
Length  | Text | -

May have
Rope    | of hemp
"""


def test_the_first_line_of_worksheets_that_look_alike_names_the_type_of_each() -> None:
    """A line below one of the tables was taken for the name, and all other fields lost their type."""
    grids = [grid_of(TITLED.format(title), title) for title in ("Boat", "Quay")]
    grids[1] = grid_of(TITLED.format("Quay").partition("\n\n")[0], "Quay")
    shape = {"do": "set_shape", "worksheet": "Boat", "shape": "type_with_fields", "header_row": 3}
    label = {**LABEL, "worksheet": "Boat", "header": "What"}
    first = {"do": "set_lines", "worksheet": "Boat", "line": "{name}", "is_first": True}

    checked = reading(grids, shape, label, first)

    names = cells_of(checked, "kind", "Name", "Bundle", "Field label")
    assert names == [
        ("bundle", "Boat page", "", ""),
        ("field", "", "Boat page", "Length"),
        ("field", "", "Boat page", "May have"),
        ("field", "", "Boat page", "Rope"),
        ("bundle", "Quay page", "", ""),
        ("field", "", "Quay page", "Length"),
    ]


def test_a_worksheet_apart_has_the_kind_that_its_label_says() -> None:
    """The kind that was chosen for types without one took the place of that of the label."""
    text = "Called | {}\nSort | Paragraph type\n\nField | Type\nHeight | Text\n"
    grids = [grid_of(text.format(name), name) for name in ("Marquee", "Stage")]
    said = (
        {
            "do": "set_shape",
            "worksheet": "Marquee",
            "shape": "type_with_fields",
            "header_row": 4,
        },
        {"do": "set_labels", "worksheet": "Marquee", "row": 1},
        {
            "do": "set_meaning",
            "worksheet": "Marquee",
            "header": "Sort",
            "is_label": True,
            "meanings": [{"kind": "bundle", "column": "Type"}],
        },
        {"do": "set_like", "worksheet": "Stage", "like": "Marquee"},
    )

    checked = reading(
        grids, *said, {"do": "set_apart", "worksheets": ["Stage"], "bundle_type": "Content type"}
    )

    assert ("Stage", "Paragraph type") in cells_of(checked, "Name", "Type")


def test_what_is_said_of_all_things_is_taken_back_and_takes_nothing_from_a_header() -> None:
    """It made a note of the header that says it."""
    grid = grid_of("Name | Type\nMarquee | Content type", "Types")
    said = {"do": "set_shape", "worksheet": "Types", "shape": "types"}
    nothing = {"do": "set_constant", "worksheet": "Types", "kind": "bundle", "column": "Type"}

    assert cells_of(reading([grid], said, nothing), "Type") == [("Content type",)]


def test_lines_that_are_above_the_header_said_anew_begin_its_blocks() -> None:
    """They were headings still, and the layout was another one once it was read again."""
    grid = grid_of("Draft | Stale\nBoats\nPart | How\nOar | wood\nSail | cloth", "Sheet")
    shape = {"do": "set_shape", "worksheet": "Sheet", "shape": "types_with_fields"}

    layout = chosen([grid], {**shape, "header_row": 1}, line("{name}"), {**shape, "header_row": 3})

    assert layout.sheets[0].regions[0].begins is not None
