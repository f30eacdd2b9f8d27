"""Parts of cells, ditto marks and numbers of values, as a person says them."""

from jira_pipeline.sheets.layouts.header_offers import tables_of_group
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline.sheets.layouts.word_offers import words_offered
from jira_pipeline.sheets.layouts.worksheet_groups import worksheet_groups
from jira_pipeline_tests.sheets.layouts.changed_workbooks import (
    Outcome,
    outcomes_of_changed_cells,
)
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


def test_a_ditto_mark_is_offered_and_means_the_cell_above() -> None:
    grids = [PREFIXED]
    before = chosen(grids, FIELDS)
    checked = apply_and_check(before, grids)
    (group,) = worksheet_groups(before, grids, checked, unsettled=checked.findings)
    (table,) = tables_of_group(group, before, checked)
    assert [header.dittos for header in table.headers] == [(), (), (), ('"',)]

    layout = chosen(
        grids,
        FIELDS,
        {
            "do": "set_blank",
            "worksheet": "Sheet",
            "header": "Form widget",
            "means": "above",
            "texts": ['"'],
        },
    )

    assert [cells[0] for cells in cells_of(apply_and_check(layout, grids), "Form widget")] == [
        "slider",
        "slider",
        "swatch",
    ]
    outcomes = {at: outcome for outcome, at in outcomes_of_changed_cells(layout, grids)}
    assert Outcome.SILENT not in outcomes.values()


def test_a_number_of_values_in_words_offers_its_numbers() -> None:
    layout = chosen([PREFIXED], FIELDS)

    words = words_offered(layout, apply_and_check(layout, [PREFIXED]))

    (choices,) = [word.choices for word in words if word.word == "exactly 4"]
    assert [value for value, _ in choices] == ["4", "1", "*", ""]


def test_nothing_else_is_changed_by_texts_that_count_as_blank() -> None:
    checked = reading([PREFIXED], FIELDS)

    assert cells_of(checked, "Form widget")[1] == ('"',)
