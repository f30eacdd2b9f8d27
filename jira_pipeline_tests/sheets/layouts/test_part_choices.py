"""Parts of cells, ditto marks and numbers of values, as a person says them."""

from collections.abc import Mapping, Sequence

import pytest

from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_offers import tables_of_group
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline.sheets.layouts.word_offers import words_offered
from jira_pipeline.sheets.layouts.worksheet_groups import worksheet_groups
from jira_pipeline_tests.sheets.layouts.changed_workbooks import Outcome, outcomes_of_changed_cells
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of
from jira_pipeline_tests.sheets.layouts.test_line_choices import cells_of, chosen, reading

PREFIXED = grid_of(
    """
Bundle   | Field label | Vals.     | Form widget
orchard  | Height      | exactly 4 | slider
p:bench  | Seats       | 1         | "
t:colour | Code        | 1         | swatch
"""
)
FIELDS = {"do": "set_shape", "worksheet": "Sheet", "shape": "fields"}


def test_a_prefix_is_the_kind_only_where_there_is_one() -> None:
    """Owners such as `p:text` belonged to nothing; those without a prefix said nothing then."""
    grids = [PREFIXED]
    before = chosen(grids, FIELDS)
    checked = apply_and_check(before, grids)
    (group,) = worksheet_groups(before, grids, checked, unsettled=checked.findings)
    (table,) = tables_of_group(group, before, checked)

    (split,) = table.headers[0].splits
    meanings = [part.model_dump() for part in split.parts]
    layout = chosen(
        grids,
        FIELDS,
        {"do": "set_meaning", "worksheet": "Sheet", "header": "Bundle", "meanings": meanings},
        {"do": "set_word", "holds": "bundle type", "word": "p", "means": "Paragraph type"},
        {"do": "set_word", "holds": "bundle type", "word": "t", "means": "Vocabulary"},
        {"do": "set_word", "holds": "number of values", "word": "exactly 4", "means": "4"},
    )

    assert cells_of(apply_and_check(layout, grids), "Bundle", "Bundle type", "Vals.") == [
        ("orchard", "", "4"),
        ("bench", "Paragraph type", "1"),
        ("colour", "Vocabulary", "1"),
    ]
    outcomes = {at: outcome for outcome, at in outcomes_of_changed_cells(layout, grids)}
    assert Outcome.SILENT not in outcomes.values()


DITTOS = grid_of(
    """
Bundle  | Field label | Vals. | Form widget | Colour of ink
orchard | Height      | 4     | slider      | green
orchard | Seats       | 1     | "           | ″
orchard | Bark        | 1     |             |
orchard | Code        | 1     | "           | "
"""
)
DITTO = {"do": "set_ditto", "worksheet": "Sheet", "texts": ['"', "″"]}


def test_a_ditto_mark_means_the_cell_above_and_a_blank_cell_nothing() -> None:
    """The button for the mark filled blank cells, too, and no column of the sheet's own words."""
    grids = [DITTOS]
    of_widgets = {**DITTO, "header": "Form widget"}
    of_ink = {**DITTO, "header": "Colour of ink"}

    before = dittos_offered(grids, FIELDS)
    after = dittos_offered(grids, FIELDS, of_widgets, of_ink)
    layout = chosen(grids, FIELDS, of_widgets, of_ink)

    assert before == [(), (), (), ('"',), ("″", '"')]
    assert after == [(), (), (), (), ()]
    assert cells_of(apply_and_check(layout, grids), "Form widget", "Colour of ink") == [
        ("slider", "green"),
        ("slider", "green"),
        ("", ""),
        ("slider", "green"),
    ]
    outcomes = {at: outcome for outcome, at in outcomes_of_changed_cells(layout, grids)}
    assert Outcome.SILENT not in outcomes.values()


def test_a_ditto_mark_that_is_one_everywhere_is_one_in_a_worksheet_that_is_said_later() -> None:
    everywhere = {**DITTO, "header": "Form widget", "everywhere": True}
    alike = {"do": "set_shape", "worksheet": "Late", "shape": "own_sheet"}

    grids = [DITTOS, grid_of('Name|Form widget\nHut|box\nShed|"', "Late")]
    checked = reading(grids, FIELDS, everywhere, alike)

    assert cells_of(checked, "Form widget")[-2:] == [("box",), ("box",)]


def test_ditto_marks_stay_where_a_worksheet_is_said_anew() -> None:
    of_widgets = {**DITTO, "header": "Form widget"}

    checked = reading([DITTOS], FIELDS, of_widgets, {**FIELDS, "header_row": 1})

    assert cells_of(checked, "Form widget")[1] == ("slider",)


def dittos_offered(grids: Sequence[Grid], *choices: Mapping[str, object]) -> list[tuple[str, ...]]:
    layout = chosen(grids, *choices)
    checked = apply_and_check(layout, grids)
    (group,) = worksheet_groups(layout, grids, checked, unsettled=checked.findings)
    (table,) = tables_of_group(group, layout, checked)
    return [header.dittos for header in table.headers]


def test_a_number_of_values_in_words_offers_its_numbers() -> None:
    layout = chosen([PREFIXED], FIELDS)

    words = words_offered(layout, apply_and_check(layout, [PREFIXED]))

    (choices,) = [word.choices for word in words if word.word == "exactly 4"]
    assert [value for value, _ in choices][:4] == ["4", "1", "*", "2"]


TYPED = """
Bundle  | Field label | Field type
orchard | Sketch      | entity_reference:media
orchard | Soil        | {}
"""


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("Pick: Soils", ["Before the colon is the type, after it what the field refers to"]),
        ("Pick one: wet / dry", ["Before the colon is the type, after it the choices"]),
        ("Pick: something else", []),
        ("entity_reference:node", []),
    ],
)
def test_what_is_after_a_colon_is_a_reference_where_the_workbook_lists_it(
    cell: str, labels: list[str]
) -> None:
    """Kinds of entities and choices were offered as types that nothing lists."""
    grids = [
        grid_of(TYPED.replace("{}", cell)),
        grid_of("Name | Type\nSoils | Vocabulary", "Kinds"),
    ]
    layout = chosen(grids, FIELDS, {"do": "set_shape", "worksheet": "Kinds", "shape": "types"})
    checked = apply_and_check(layout, grids)
    groups = worksheet_groups(layout, grids, checked, unsettled=checked.findings)
    (table,) = tables_of_group(groups[0], layout, checked)

    assert [split.label for split in table.headers[2].splits] == labels


def test_brackets_after_most_names_are_offered_as_their_machine_name() -> None:
    """They were offered as the kind of type alone, whatever they said."""
    grids = [grid_of("Vocabulary | Word\nCrop (crop) | Fruit\nSoil (soil_kind) | Sand", "Sheet")]
    said = {"do": "set_shape", "worksheet": "Sheet", "shape": "terms_beside"}
    before = chosen(grids, said)
    checked = apply_and_check(before, grids)
    (group,) = worksheet_groups(before, grids, checked, unsettled=checked.findings)
    (table,) = tables_of_group(group, before, checked)

    (split,) = table.headers[0].splits
    meanings = [part.model_dump() for part in split.parts]
    header = {"do": "set_meaning", "worksheet": "Sheet", "header": "Vocabulary"}
    layout = chosen(grids, said, {**header, "meanings": meanings})

    assert split.label == "In brackets after the name is its machine name"
    assert cells_of(apply_and_check(layout, grids), "Name", "Machine name") == [
        ("Crop", "crop"),
        ("Soil", "soil_kind"),
    ]


def test_a_header_that_says_what_rows_belong_to_names_what_the_same_table_lists() -> None:
    """It was saved, and then nothing said what the rows belong to: its source said nothing."""
    grids = [grid_of("Ship | Berth | Sorted\nFleet | page | by name\n | block | by age")]
    table = {"do": "set_shape", "worksheet": "Sheet", "shape": "views_with_displays"}
    owner = {"kind": "view_display", "column": "View"}
    meaning = {"do": "set_meaning", "worksheet": "Sheet", "header": "Ship", "meanings": [owner]}

    checked = apply_and_check(chosen(grids, table, meaning), grids)

    assert cells_of(checked, "View name", "View") == [("", "Fleet"), ("", "Fleet"), ("Fleet", "")]
