"""Filters that users set on a block."""

from jira_pipeline.drupal.view.block_filters import BlockFilters, facts, say
from jira_pipeline_tests.drupal.made_rows import said_by
from jira_pipeline_tests.drupal.made_views import display, plain, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

FILTERED = "status (= 1); field_berth (set by users)"
BLOCK = display("block_1", "Block", filters=FILTERED, shows="Table: Name")
WITH_AJAX = BLOCK | {"Shows": "Table: Name; with AJAX"}
FILTERED_BY_VIEW = BLOCK | {"Filters": "status (= 1)"}
PAGE = display("page_1", filters=FILTERED, shows="Table: Name")


@each(
    ("row", "fact"),
    [
        (BLOCK, BlockFilters.NEED_AJAX),
        (WITH_AJAX, BlockFilters.SHOWN),
        (FILTERED_BY_VIEW, BlockFilters.NONE),
        (BLOCK | {"Filters": "Users set by users what they like"}, BlockFilters.NONE),
        (PAGE, BlockFilters.NONE),
    ],
)
def test_whether_core_shows_the_filters_of_a_block_is_a_fact(row: Row, fact: BlockFilters) -> None:
    assert said_by(facts(view_of(row))) == [(fact, row["Machine name"])]


def test_a_block_whose_filters_users_set_needs_ajax() -> None:
    assert plain(say(view_of(BLOCK, BLOCK | {"Machine name": "block_2"}))) == [
        "Core shows the filters that users set on the blocks block_1 and block_2 only with “Use AJAX” on."
    ]


@each("row", [WITH_AJAX, FILTERED_BY_VIEW, PAGE, BLOCK | {"X": "x"}])
def test_nothing_is_said_of_another_display(row: Row) -> None:
    assert plain(say(view_of(row))) == []
