"""Lines that are about the rows below them, as a page proposes them and a person says so."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from jira_pipeline.sheets.layouts.block_offers import BlockOffer, block_offer
from jira_pipeline.sheets.layouts.choices import BlockLines, choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of, rows_of

GARDEN = """
Our garden

What is grown | How told | Remarks
1. Orchard
It is old. Nobody counts the trees.
Height        | Number   | in metres
Planted       | Date     | once
2. Pond (later)
Water stands in it.
Depth         | Number   | in metres
3. Shed
Nothing is told of it.
"""
KINDS = """
What we build
Called   | Code | Remarks
News     | news | with pictures
MEDIA
Image    | img  | as usual
BLOCK TYPES
Notice   | note | at the top
"""


def offered(grid: Grid, *others: Grid) -> BlockOffer:
    offer = block_offer([grid], None, [grid, *others])
    assert offer is not None
    return offer


def types_with_fields(**others: object) -> Mapping[str, Any]:
    """Return the choice by which somebody says that a worksheet lists types with their fields."""
    return {"do": "set_shape", "worksheet": "Sheet", "shape": "types_with_fields", **others}


def proposed(offer: BlockOffer, **others: object) -> Mapping[str, Any]:
    """Return the choice that the first button of a proposal makes."""
    return {
        "do": "set_blocks",
        "worksheet": offer.worksheet,
        "header_row": offer.header_row,
        "line": "{kind}" if offer.says is BlockLines.KINDS else offer.line_of_names,
        "is_first": offer.is_first,
        "has_description": offer.has_description,
        "says": offer.says,
        "bundle_type": offer.bundle_type,
        "names": offer.names_header,
        **others,
    }


def reading(grids: Sequence[Grid], *said: Mapping[str, Any]) -> CheckedLayout:
    layout = Layout(sheets=())
    for choice in said:
        layout = with_choice(layout, grids, choice_of(choice))
    assert read_layout(layout_yaml(layout).encode()) == layout
    return apply_and_check(layout, grids)


def cells_of(checked: CheckedLayout, *names: str) -> list[tuple[str, ...]]:
    return [tuple(row.get(name, "") for name in names) for row in rows_of(checked)]


def test_a_title_and_a_sentence_above_each_block_are_types_with_descriptions() -> None:
    """Sentences looked like titles, and a type that nothing is told of was lost."""
    grid = grid_of(GARDEN)
    offer = offered(grid)

    checked = reading([grid], proposed(offer, in_brackets="status"))

    assert (offer.line_of_names, offer.says, offer.in_brackets) == (
        "{#}. {name}",
        BlockLines.TYPES,
        "later",
    )
    assert cells_of(checked, "kind", "Name", "Type", "X", "Description", "Bundle") == [
        ("bundle", "Orchard", "Content type", "", "It is old. Nobody counts the trees.", ""),
        ("field", "", "", "", "", "Orchard"),
        ("field", "", "", "", "", "Orchard"),
        ("bundle", "Pond", "Content type", "later", "Water stands in it.", ""),
        ("field", "", "", "", "", "Pond"),
        ("bundle", "Shed", "Content type", "", "Nothing is told of it.", ""),
    ]


def test_titles_without_numbers_are_the_first_of_the_lines_above_each_block() -> None:
    text = GARDEN.replace("1. ", "").replace("2. ", "").replace("3. ", "")
    grid = grid_of(text)
    offer = offered(grid)

    checked = reading([grid], proposed(offer))

    names = [name for kind, name in cells_of(checked, "kind", "Name") if kind == "bundle"]
    assert (offer.line_of_names, offer.is_first) == ("{name}", True)
    assert names == ["Orchard", "Pond (later)", "Shed"]


def test_lines_that_name_what_another_worksheet_lists_are_no_types_of_their_own() -> None:
    grid = grid_of(GARDEN)
    types = grid_of("Name | Type\nOrchard | Content type\nPond | Content type", "Types")
    offer = offered(grid, types)

    checked = reading([grid, types], proposed(offer, in_brackets="status"))

    assert offer.says is BlockLines.OWNERS
    assert cells_of(checked, "kind", "Bundle") == [
        ("field", "Orchard"),
        ("field", "Orchard"),
        ("field", "Pond"),
    ]


def test_lines_that_are_kinds_say_the_kind_of_the_types_below() -> None:
    """The title above the header was taken for such a line, and every type lost its kind."""
    grid = grid_of(KINDS)
    offer = offered(grid)
    kinds = {"kinds": offer.kinds, "kind_before": "Content type", "names": "Called"}

    checked = reading([grid], proposed(offer, **kinds))

    assert cells_of(checked, "Name", "Type") == [
        ("News", "Content type"),
        ("Image", "Media type"),
        ("Notice", "Custom block type"),
    ]


def test_what_was_said_of_the_headers_stays_where_lines_are_said() -> None:
    grid = grid_of(GARDEN)
    shape = types_with_fields(header_row=3, bundle_type="Paragraph type")
    meaning = {
        "do": "set_meaning",
        "worksheet": "Sheet",
        "header": "How told",
        "meanings": [{"kind": "field", "column": "Field type"}],
    }

    layout = with_choice(Layout(sheets=()), [grid], choice_of(shape))
    offer = block_offer([grid], layout.sheets[0].regions[0], [grid])
    assert offer is not None

    checked = reading([grid], shape, meaning, proposed(offer))

    assert cells_of(checked, "Type", "Field type")[:2] == [("Paragraph type", ""), ("", "Number")]


def test_types_with_their_fields_stay_what_they_are_where_nothing_names_a_type() -> None:
    """They became one type with its fields, called like the worksheet, and the sheet was clear."""
    grid = grid_of("What is told | How\nHeight | Number\nPlanted | Date")
    shape = types_with_fields()
    label = {
        "do": "set_meaning",
        "worksheet": "Sheet",
        "header": "What is told",
        "meanings": [{"kind": "field", "column": "Field label"}],
    }

    checked = reading([grid], shape, label)

    assert cells_of(checked, "kind", "Bundle") == [("field", ""), ("field", "")]
    assert ("owner_blank", "2 rows say nothing of what they belong to") in [
        (finding.code, finding.text) for finding in checked.findings
    ]


def test_lines_stay_where_the_worksheet_is_said_anew() -> None:
    """Types became fields of nothing again where somebody saved the same once more."""
    grid = grid_of(GARDEN)
    blocks = proposed(offered(grid), in_brackets="status")
    again = types_with_fields(header_row=3, bundle_type="Paragraph type")

    once, twice = reading([grid], blocks), reading([grid], blocks, again)

    names = ("kind", "Name", "X", "Description", "Bundle", "Field label")
    assert cells_of(twice, *names) == cells_of(once, *names)
    assert {kind for (kind,) in cells_of(twice, "Type")} == {"Paragraph type", ""}


def test_the_kind_of_lines_counts_where_the_table_had_none() -> None:
    grid = grid_of(GARDEN)

    checked = reading([grid], types_with_fields(header_row=3), proposed(offered(grid)))

    assert {kind for (kind,) in cells_of(checked, "Type")} == {"Content type", ""}


def test_short_cells_beside_words_are_no_marks() -> None:
    """A worksheet with many *yes* and *1* was taken for a matrix."""
    text = GARDEN.replace("| in metres", "| yes").replace("| once", "| no")

    assert offered(grid_of(text)).says is BlockLines.TYPES


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("What | Ann | Ben\nRead\nNews | x | x\nWrite\nNews | x | -", id="marks"),
        pytest.param("Bundle | Label | Type\n--\nNews | Title | Text\n---\nX | Y | Z", id="owner"),
        pytest.param("What | How | When\nTitle | Text | now\nSee also\nLead | Text | -", id="one"),
    ],
)
def test_other_lines_between_rows_are_not_proposed(text: str) -> None:
    assert block_offer([grid_of(text)], None, []) is None


def test_lines_that_no_longer_fit_name_nothing() -> None:
    grid = grid_of(GARDEN)
    views = {"do": "set_shape", "worksheet": "Sheet", "shape": "views", "header_row": 3}

    checked = reading([grid], proposed(offered(grid)), views)

    assert {name for (name,) in cells_of(checked, "View name")} == {""}


MARQUEES = """
Part   | How told | Remarks
Marquee
Poles  | Number   | of wood
Colour | Text     | once
Stage
Height | Number   | in metres
"""


def test_the_kind_of_blocks_goes_before_what_was_said_of_all_of_them() -> None:
    """Lines were said to be paragraph types, and stayed the content types that the worksheet was."""
    grid = grid_of(MARQUEES)
    listed = types_with_fields(bundle_type="Content type")
    offer = offered(grid)

    checked = reading([grid], listed, proposed(offer, bundle_type="Paragraph type"))

    assert cells_of(checked, "Name", "Type") == [
        ("Marquee", "Paragraph type"),
        ("", ""),
        ("", ""),
        ("Stage", "Paragraph type"),
        ("", ""),
    ]


def test_types_that_lines_name_are_of_the_kind_that_the_worksheet_is_called_like() -> None:
    """Somebody said so first, and said the lines then: the types had no kind any more."""
    grid = grid_of(MARQUEES, "Paragraph types")
    listed = types_with_fields(worksheet=grid.title, bundle_type="title")

    checked = reading(
        [grid], listed, {"do": "set_lines", "worksheet": grid.title, "line": "{name}"}
    )

    assert ("Marquee", "Paragraph type") in cells_of(checked, "Name", "Type")


def test_lines_above_a_header_that_each_block_repeats_are_proposed_with_the_words_before_the_name() -> (
    None
):
    text = """
What each place has
P: orchard
Told    | How    | Many
Height  | Number | 1
Planted | Date   | 1

P: shed (later)
Told    | How    | Many
Key     | Text   | 1
"""
    offer = offered(grid_of(text))

    assert [line.text for line in offer.lines] == ["P: orchard", "P: shed (later)"]
    assert [line.rows_count for line in offer.lines] == [2, 1]
    assert (offer.line_of_names, offer.in_brackets) == ("P: {name}", "")
    assert [(row.number, row.is_header) for row in offer.rows][:3] == [
        (2, False),
        (3, True),
        (4, False),
    ]
