"""Cells that put off a row that is to be built."""

from jira_pipeline.drupal.any_kind.not_now import (
    BuildingTime,
    BuiltLater,
    BuiltNow,
    building_time_of,
)
from jira_pipeline_tests.drupal.made_rows import asked, style, style_of, ticket_of_styles
from jira_pipeline_tests.tables import each


@each(
    ("cells", "fact"),
    [
        ({"Wave": "2"}, BuiltLater("Wave", "2")),
        (
            {"Filter": "Phase 2, as the mast is late"},
            BuiltLater("Filter", "Phase 2, as the mast is late"),
        ),
        ({"Notes": "Crop 8x8. Phase 2."}, BuiltLater("Notes", "Phase 2.")),
        (
            {"Notes": "Phase 2, as the mast is late."},
            BuiltLater("Notes", "Phase 2, as the mast is late."),
        ),
        ({"Wave": "2", "Notes": "Phase 3."}, BuiltLater("Wave", "2")),
        ({"Notes": "!Phase 2"}, BuiltLater("Notes", "!Phase 2")),
        ({"Wave": "1"}, BuiltNow()),
        ({"Filter": "2"}, BuiltNow()),
        ({"Notes": "Crop 8x8, for phase 2 of the harbour."}, BuiltNow()),
    ],
)
def test_a_cell_says_that_a_row_is_not_built_now(cells: dict[str, str], fact: BuildingTime) -> None:
    assert building_time_of(style_of(style(**cells))) == fact


def test_whether_it_is_built_now_is_asked() -> None:
    assert asked("rows.not_now", ticket_of_styles(style(Wave="2"), style("Hero", Wave="1"))) == [
        "“Wave” of “Card” says “2”: is it to be built now?"
    ]
