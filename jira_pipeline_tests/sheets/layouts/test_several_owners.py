"""Cells that name two or more things that their row belongs to."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline.sheets.layouts.several_owners import several_offers
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of, rows_of

TYPES = """
Name        | Machine name | Type
Tree        | tree         | Content type
Bush        | bush         | Content type
Root + leaf | root_leaf    | Content type
"""
FIELDS = """
Bundle      | Field label | Field type
Tree + Bush | Height      | Number
            | Age         | Number
Root + leaf | Shape       | Text
Tree        | Fruit       | Text
"""
SEVERAL = {"do": "set_several", "worksheet": "Fields", "header": "Bundle", "separator": " + "}
ABOVE = {"do": "set_blank", "worksheet": "Fields", "header": "Bundle", "means": "above"}


def garden(fields: str = FIELDS) -> list[Grid]:
    return [grid_of(TYPES, "Types"), grid_of(fields, "Fields")]


def chosen(grids: Sequence[Grid], *said: Mapping[str, Any]) -> Layout:
    layout = Layout(sheets=())
    types = {"do": "set_shape", "worksheet": "Types", "shape": "types"}
    fields = {"do": "set_shape", "worksheet": "Fields", "shape": "fields"}
    for choice in (types, fields, *said):
        layout = with_choice(layout, grids, choice_of(choice))
    assert read_layout(layout_yaml(layout).encode()) == layout
    return layout


def owners(checked: CheckedLayout) -> list[tuple[str, str]]:
    return [
        (row.get("Bundle", ""), row["Field label"])
        for row in rows_of(checked)
        if row["kind"] == "field"
    ]


def test_a_row_counts_for_each_thing_that_its_cell_names() -> None:
    """One of two types could be chosen, and the other lost its fields without a word."""
    grids = garden()

    checked = apply_and_check(chosen(grids, ABOVE, SEVERAL), grids)

    assert owners(checked) == [
        ("Tree", "Height"),
        ("Bush", "Height"),
        ("Tree", "Age"),
        ("Bush", "Age"),
        ("Root + leaf", "Shape"),
        ("Tree", "Fruit"),
    ]
    assert [finding.text for finding in checked.findings] == []


def test_cells_are_offered_whose_parts_are_names_and_which_are_none_themselves() -> None:
    grids = garden()
    layout = chosen(grids)

    (offer,) = several_offers(layout.sheets[1].regions[0], grids[1:], grids)

    assert (offer.text, offer.separator, offer.names) == ("Tree + Bush", " + ", ("Tree", "Bush"))
    assert several_offers(chosen(grids, SEVERAL).sheets[1].regions[0], grids[1:], grids) == []


def test_words_between_names_are_read_with_them() -> None:
    grids = garden(FIELDS.replace("Tree + Bush", "Tree and Bush"))

    checked = apply_and_check(chosen(grids, ABOVE, {**SEVERAL, "separator": " and "}), grids)

    assert owners(checked)[:2] == [("Tree", "Height"), ("Bush", "Height")]
    assert [finding.text for finding in checked.findings] == []


def test_a_header_that_names_no_owner_is_refused() -> None:
    with pytest.raises(WrongUseError, match="says what rows belong to"):
        chosen(garden(), {**SEVERAL, "header": "Field type"})


def test_a_cell_with_bullets_lists_the_fields_of_the_type_of_its_row() -> None:
    """All of them were text of one field, or of the type, and none was built."""
    grid = Grid(
        title="Types",
        cells={
            Place(0, 0): "Name",
            Place(0, 1): "Made of",
            Place(1, 0): "Tree",
            Place(1, 1): "• Height\n• Age (if known)",
            Place(2, 0): "Bush",
            Place(2, 1): "• Shape",
        },
    )
    label = [{"kind": "field", "column": "Field label"}]
    name = [{"kind": "bundle", "column": "Name"}]
    choices = (
        {"do": "set_shape", "worksheet": "Types", "shape": "types_with_fields"},
        {"do": "set_meaning", "worksheet": "Types", "header": "Name", "meanings": name},
        {"do": "set_meaning", "worksheet": "Types", "header": "Made of", "meanings": label},
    )
    layout = Layout(sheets=())
    for choice in choices:
        layout = with_choice(layout, [grid], choice_of(choice))
    (offer,) = several_offers(layout.sheets[0].regions[0], [grid], [grid])
    bullets = {"do": "set_several", "worksheet": "Types", "header": "Made of"}

    whole = with_choice(layout, [grid], choice_of({**bullets, "separator": offer.separator}))

    assert offer.are_fields
    assert offer.names == ("Height", "Age (if known)")
    assert owners(apply_and_check(whole, [grid])) == [
        ("Tree", "Height"),
        ("Tree", "Age (if known)"),
        ("Bush", "Shape"),
    ]


def test_a_row_whose_name_is_two_fields_is_offered_as_two() -> None:
    """`From / To` was one field of that name, and nothing warned of it."""
    grids = garden(FIELDS.replace("Height ", "From / To"))
    layout = chosen(grids, ABOVE, SEVERAL)
    (offer,) = several_offers(layout.sheets[1].regions[0], grids[1:], grids)
    pressed = {**SEVERAL, "header": offer.header, "separator": offer.separator}

    assert (offer.are_fields, offer.names) == (True, ("From", "To"))
    untouched = [label for _, label in owners(apply_and_check(layout, grids))]
    assert untouched[:2] == ["From / To", "From / To"]
    assert owners(apply_and_check(chosen(grids, ABOVE, SEVERAL, pressed), grids))[:4] == [
        ("Tree", "From"),
        ("Tree", "To"),
        ("Bush", "From"),
        ("Bush", "To"),
    ]
