"""Tables without a header row: the first row is a thing, and columns are called by their letters."""

from collections.abc import Mapping
from typing import Any

import pytest

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choice_words import choice_words
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.missing_headers import looks_like_row
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of, rows_of

SIZES = "Deck | 300 x 200 | lists\nMast | 600 x 900 | top"
BELOW_OTHERS = f"Sort | Files\nChart | png\nLog | pdf\n\nHOW THEY ARE CUT\n{SIZES}"
WITHOUT_LINE = f"Sort | Files\nChart | png\nLog | pdf\n\n{SIZES}"
SORTS = (
    {"do": "set_shape", "shape": "types", "header_row": 1, "bundle_type": "Media type"},
    {
        "do": "set_meaning",
        "header": "Sort",
        "meanings": [{"kind": "bundle", "column": "Name"}],
    },
)


def sizes(header_row: int, do: str = "set_shape") -> Mapping[str, Any]:
    return {"do": do, "shape": "image_styles", "header_row": header_row, "header_rows": 0}


def layout_of_choices(grid: Grid, *said: Mapping[str, Any]) -> Layout:
    layout = Layout(sheets=())
    for choice in said:
        layout = with_choice(layout, [grid], choice_of({"worksheet": "Sheet", **choice}))
    assert read_layout(layout_yaml(layout).encode()) == layout
    return layout


def named_sizes(checked: CheckedLayout) -> list[tuple[str, str]]:
    rows = [row for row in rows_of(checked) if row["kind"] == "image_style"]
    return [(row["Style name"], row.get("Notes", "")) for row in rows]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SIZES, [sizes(1)]),
        (f"Our sizes\n\n{SIZES}", [sizes(3)]),
        (BELOW_OTHERS, [*SORTS, sizes(6, "add_table")]),
        (WITHOUT_LINE, [*SORTS, sizes(5, "add_table")]),
        (f"Our sizes\n{SIZES}", [{**sizes(2), "header_rows": 1}, sizes(2)]),
    ],
    ids=["alone", "below a title", "below a line", "below another table", "a header before"],
)
def test_the_first_row_of_a_table_without_a_header_is_a_thing(
    text: str, said: list[Mapping[str, Any]]
) -> None:
    """It was eaten as a header, and there was no way to say that it is none."""
    grid = grid_of(text)

    checked = apply_and_check(layout_of_choices(grid, *said), [grid])

    assert named_sizes(checked) == [("Deck", "300 x 200\nlists"), ("Mast", "600 x 900\ntop")]
    types = [row["Name"] for row in rows_of(checked) if row["kind"] == "bundle"]
    assert types == (["Chart", "Log"] if "Sort" in text else [])


def test_columns_without_a_header_get_meanings_by_their_letters() -> None:
    grid = grid_of(SIZES)
    ignored = {"do": "leave_out_header", "header": "$C", "reason": "not ours"}

    checked = apply_and_check(layout_of_choices(grid, sizes(1), ignored), [grid])

    assert named_sizes(checked) == [("Deck", "300 x 200"), ("Mast", "600 x 900")]
    assert not checked.findings
    assert choice_words(choice_of({"worksheet": "Sheet", **ignored})) == "“column C” left out"


def test_a_table_whose_first_thing_is_gone_is_asked_about() -> None:
    layout = layout_of_choices(grid_of(WITHOUT_LINE), *SORTS, sizes(5, "add_table"))

    checked = apply_and_check(layout, [grid_of(WITHOUT_LINE.replace("Deck", "Keel"))])

    assert any("Deck" in finding.text for finding in checked.findings)


@pytest.mark.parametrize(
    ("text", "is_row"),
    [
        ("Deck | 300\nMast | 600", True),
        ("Steer | yes | no\nCook | no | yes", True),
        ("Name | Width\nDeck | 300\nMast | 600", False),
        ("Name | x | y\nDeck | x | y\nMast | y | x", False),
        ("Deck | 300\nMast | 600\nDeck | 300", False),
    ],
    ids=["numbers", "words of a closed set", "words above numbers", "letters", "repeated"],
)
def test_a_row_that_holds_what_the_rows_below_hold_is_no_header(text: str, is_row: bool) -> None:
    assert looks_like_row(grid_of(text), 0) is is_row


def test_a_matrix_without_names_of_its_columns_is_refused() -> None:
    matrix = {**sizes(1), "shape": "matrix", "rows": "fields", "across": "types"}

    with pytest.raises(WrongUseError, match="needs the row that names its columns"):
        layout_of_choices(grid_of(SIZES), matrix)
