"""The plainest facts of a row: words or nothing."""

from jira_pipeline.drupal.cell_facts import BlankCell, CellFact, CellWords
from jira_pipeline.drupal.plain_facts import facts_of_cell, facts_of_setting
from jira_pipeline_tests.drupal.made_rows import field, row_of, said_by
from jira_pipeline_tests.drupal.made_views import display, display_row
from jira_pipeline_tests.tables import each


@each(
    ("cell", "fact"),
    [("A long hull", CellWords("A long hull")), ("-", BlankCell()), ("", BlankCell())],
)
def test_a_cell_says_something_in_its_own_words_or_nothing(cell: str, fact: CellFact) -> None:
    rows = [row_of(field(help=cell))]

    assert said_by(facts_of_cell("Help text", rows)) == [(fact, "field_hull")]


def test_a_column_that_the_sheet_lacks_is_blank() -> None:
    assert said_by(facts_of_cell("Colour", [row_of(field())])) == [(BlankCell(), "field_hull")]


@each(
    ("cell", "fact"),
    [("status (= 1)", CellWords("status (= 1)")), ("-", BlankCell())],
)
def test_a_setting_of_a_display_is_read_from_whichever_column_has_it(
    cell: str, fact: CellFact
) -> None:
    rows = [display_row(display(filters=cell))]

    assert said_by(facts_of_setting("filters", rows)) == [(fact, "page_1")]
