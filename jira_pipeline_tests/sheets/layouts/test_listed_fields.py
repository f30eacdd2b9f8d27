"""Cells whose lines are fields of the type that their row is about."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.header_offers import tables_of_group
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.listed_fields import ListedFieldsOffer
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline.sheets.layouts.worksheet_groups import worksheet_groups
from jira_pipeline_tests.sheets.layouts.made_grids import findings_of, rows_of

TYPES: Mapping[str, Any] = {
    "do": "set_shape",
    "worksheet": "Parts",
    "shape": "types",
    "bundle_type": "Paragraph",
}
CALLED: Mapping[str, Any] = {
    "do": "set_meaning",
    "worksheet": "Parts",
    "header": "Part",
    "meanings": [{"kind": "bundle", "column": "Name"}],
}


def parts(*holds: str) -> Grid:
    cells = {Place(0, 0): "Part", Place(0, 1): "It holds"}
    for row, text in enumerate(holds, start=1):
        cells |= {Place(row, 0): f"Part {row}", Place(row, 1): text}
    return Grid(title="Parts", cells=cells)


def chosen(grid: Grid, *said: Mapping[str, Any]) -> Layout:
    layout = Layout(sheets=())
    for choice in (TYPES, CALLED, *said):
        layout = with_choice(layout, [grid], choice_of(choice))
    assert read_layout(layout_yaml(layout).encode()) == layout
    return layout


def offer_in(grid: Grid, layout: Layout) -> ListedFieldsOffer | None:
    checked = apply_and_check(layout, [grid])
    (group,) = worksheet_groups(layout, [grid], checked, unsettled=[])
    (table,) = tables_of_group(group, layout, checked)
    return {header.name: header.listed_fields for header in table.headers}["It holds"]


def pressed(grid: Grid, *said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the choice that the offer of the header makes."""
    offer = offer_in(grid, chosen(grid, *said))
    assert offer is not None
    return {
        "do": "set_listed_fields",
        "worksheet": "Parts",
        "header": offer.header,
        "separator": offer.separator,
        "only_marked": offer.only_marked,
        "has_notes": offer.has_notes,
    }


def fields_of(checked: CheckedLayout) -> list[tuple[str, str, str]]:
    rows = [row for row in rows_of(checked) if row["kind"] == "field"]
    return [(row["Bundle"], row["Field label"], row.get("Settings/notes", "")) for row in rows]


def unread_in(checked: CheckedLayout) -> list[tuple[str, str]]:
    """Return what is left to settle but that nothing says the types of the fields, which is right."""
    unsaid = {"column_unsaid", "cell_blank"}
    return [finding for finding in findings_of(checked) if finding[0] not in unsaid]


NUMBERED = parts(
    "1. Heading (may be empty)\n2. Words: bold, links (must)",
    "Drawn from the dates.",
    "Below all pages:\n1) One sentence\n2) A link",
    "- Only this",
)


def test_each_line_of_a_cell_is_a_field_by_one_press() -> None:
    """All of them were one note of their type, and none was built."""
    layout = chosen(NUMBERED, pressed(NUMBERED))
    checked = apply_and_check(layout, [NUMBERED])

    assert fields_of(checked) == [
        ("Part 1", "Heading (may be empty)", ""),
        ("Part 1", "Words: bold, links (must)", ""),
        ("Part 3", "One sentence", ""),
        ("Part 3", "A link", ""),
        ("Part 4", "Only this", ""),
    ]


def test_what_is_no_field_is_quoted_with_the_type() -> None:
    checked = apply_and_check(chosen(NUMBERED, pressed(NUMBERED)), [NUMBERED])

    types = [row for row in rows_of(checked) if row["kind"] == "bundle"]
    assert [row.get("Settings/notes") for row in types] == [
        None,
        "It holds: Drawn from the dates.",
        "It holds: Below all pages:",
        None,
    ]
    assert unread_in(checked) == []


def test_what_is_in_brackets_or_after_a_colon_is_a_note_of_the_field_by_a_second_press() -> None:
    once = pressed(NUMBERED)
    twice = pressed(NUMBERED, once)

    layout = chosen(NUMBERED, once, twice)
    checked = apply_and_check(layout, [NUMBERED])

    assert fields_of(checked)[:3] == [
        ("Part 1", "Heading", "(may be empty)"),
        ("Part 1", "Words", "bold, links (must)"),
        ("Part 3", "One sentence", ""),
    ]
    assert unread_in(checked) == []
    assert offer_in(NUMBERED, layout) is None
    assert chosen(NUMBERED, once, twice, twice) == layout


def test_the_offer_shows_the_first_fields_that_it_would_give() -> None:
    offer = offer_in(NUMBERED, chosen(NUMBERED))

    assert offer is not None
    assert (offer.cell_count, offer.field_count) == (2, 5)
    assert offer.names == ("Heading (may be empty)", "Words: bold, links (must)", "One sentence")


@pytest.mark.parametrize(
    ("holds", "labels"),
    [
        pytest.param(["Height\nAge", "Shape"], ["Height", "Age", "Shape"], id="bare-lines"),
        pytest.param(
            ["Height; Age", "Shape; Bark"], ["Height", "Age", "Shape", "Bark"], id="semicolon"
        ),
        pytest.param(["• Height\n\n• 1.5 m high"], ["Height", "1.5 m high"], id="bullets"),
        pytest.param(["a)\tHeight\nb) e-mail"], ["Height", "e-mail"], id="letters"),
    ],
)
def test_lists_are_told_by_their_shape(holds: Sequence[str], labels: Sequence[str]) -> None:
    grid = parts(*holds)
    checked = apply_and_check(chosen(grid, pressed(grid)), [grid])

    assert [label for _, label, _ in fields_of(checked)] == labels
    assert unread_in(checked) == []


@pytest.mark.parametrize(
    "holds",
    [
        pytest.param(["It is large.\nIt has leaves."], id="sentences"),
        pytest.param(["Height", "Age; if it is known", "Shape"], id="one-semicolon"),
        pytest.param(["1.5 m"], id="number-of-its-own"),
    ],
)
def test_prose_is_not_offered_as_a_list(holds: Sequence[str]) -> None:
    grid = parts(*holds)

    assert offer_in(grid, chosen(grid)) is None


def test_terms_of_a_vocabulary_are_no_fields() -> None:
    grid = parts("Apple\nPear")
    vocabularies = {**TYPES, "bundle_type": "Vocabulary"}

    assert offer_in(grid, chosen(grid, vocabularies, CALLED)) is None


def test_lines_are_no_fields_where_another_column_names_them() -> None:
    fields = {**TYPES, "shape": "types_with_fields"}
    named = {**CALLED, "meanings": [{"kind": "field", "column": "Field label"}]}
    choice = {
        "do": "set_listed_fields",
        "worksheet": "Parts",
        "header": "It holds",
        "separator": "\n",
    }

    with pytest.raises(WrongUseError, match="say first that its rows are types"):
        chosen(NUMBERED, fields, named, choice)


def test_a_single_field_that_a_column_named_becomes_one_for_each_line() -> None:
    """People say first what the column is: that gave one field whose name was the whole list."""
    fields = {**TYPES, "shape": "types_with_fields"}
    label = {
        **CALLED,
        "header": "It holds",
        "meanings": [{"kind": "field", "column": "Field label"}],
    }
    said = (fields, CALLED, label)

    checked = apply_and_check(chosen(NUMBERED, *said, pressed(NUMBERED, *said)), [NUMBERED])

    assert [label for _, label, _ in fields_of(checked)][-3:] == [
        "One sentence",
        "A link",
        "Only this",
    ]
    assert unread_in(checked) == []


def test_lines_stay_fields_where_the_worksheet_is_said_to_list_what_it_did() -> None:
    press = pressed(NUMBERED)
    again = {**TYPES, "shape": "types_with_fields"}

    assert chosen(NUMBERED, press, again) == chosen(NUMBERED, press)
