"""Workflows told by their steps: remarks in brackets, states after arrows."""

from collections.abc import Mapping
from typing import Any

from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.header_offers import HeaderReading, tables_of_group
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline.sheets.layouts.row_offers import RowReading
from jira_pipeline.sheets.layouts.worksheet_groups import worksheet_groups
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of, rows_of

STEPS = grid_of(
    """
    Now   | What one does      | Who
    Dock  | Sail → Sea         | Mate
    Sea (or Bay) | Moor → Dock | Mate
    Wreck | (the end: nobody sails it again) |
    """
)
SAID: list[Mapping[str, Any]] = [
    {"do": "set_shape", "shape": "whole_workflow", "header_row": 1},
    {
        "do": "set_meaning",
        "header": "What one does",
        "meanings": [{"kind": "workflow_transition", "column": "Label"}],
    },
    {
        "do": "set_meaning",
        "header": "Now",
        "meanings": [{"kind": "workflow_transition", "column": "From state"}],
    },
]


def reading(*said: Mapping[str, Any]) -> tuple[CheckedLayout, HeaderReading]:
    layout = Layout(sheets=())
    for choice in said:
        layout = with_choice(layout, [STEPS], choice_of({"worksheet": "Sheet", **choice}))
    checked = apply_and_check(layout, [STEPS])
    (group,) = worksheet_groups(layout, [STEPS], checked, unsettled=checked.findings)
    (table,) = tables_of_group(group, layout, checked)
    return checked, table


def test_words_in_brackets_where_names_are_may_be_quoted() -> None:
    """“(end. Only the site manager …)” became a step to build."""
    _, before = reading(*SAID)
    offers = RowReading([before]).in_brackets
    quoted = {"do": "set_rows", "rows": "brackets", "text": offers[0].header, "become": "remarks"}

    checked, after = reading(*SAID, quoted)

    assert [offer.texts for offer in offers] == [("(the end: nobody sails it again)",)]
    steps = [row for row in rows_of(checked) if row["kind"] == "workflow_transition"]
    assert [row["Label"] for row in steps] == ["Sail → Sea", "Moor → Dock"]
    assert [remark.text for remark in checked.applied.remarks] == [
        "Wreck | (the end: nobody sails it again)"
    ]
    assert RowReading([after]).in_brackets == []


def test_a_state_after_an_arrow_and_a_note_after_a_state_are_offered() -> None:
    _, table = reading(*SAID)

    offers = [split for header in table.headers for split in header.splits]

    assert [(offer.label, offer.parts[1].column) for offer in offers] == [
        ("In brackets after the state is a note", "Notes"),
        ("Before the arrow is the step, after it the state it leads to", "To state"),
    ]
