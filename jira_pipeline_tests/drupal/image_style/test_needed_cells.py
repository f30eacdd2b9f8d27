"""What a responsive image style cannot do without."""

from jira_pipeline.drupal.image_style.needed_cells import MissingCell, missing_cells_of
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    responsive_style,
    ticket_of_responsive_styles,
)
from jira_pipeline_tests.tables import each

WHOLE = {"breakpoint_group": "Harbour", "fallback": "Small", "styles": "Small"}
FALLBACK = MissingCell("fallback image style", "Fallback Style")
IMAGE_STYLES = MissingCell("image styles", "Image Style Group(s)")
GROUP = MissingCell("breakpoint group", "Breakpoint Group")


@each(
    ("cells", "missing"),
    [
        (WHOLE, []),
        (WHOLE | {"fallback": ""}, [FALLBACK]),
        (WHOLE | {"styles": ""}, [IMAGE_STYLES]),
        (WHOLE | {"breakpoint_group": ""}, [GROUP]),
        ({}, [FALLBACK, IMAGE_STYLES, GROUP]),
        ({"note": "As on the quay."}, [FALLBACK]),
    ],
)
def test_a_row_lacks_what_no_cell_says(cells: dict[str, str], missing: list[MissingCell]) -> None:
    row = ticket_of_responsive_styles(responsive_style(**cells)).head

    assert list(missing_cells_of(row)) == missing


def test_each_missing_thing_is_asked_for() -> None:
    ticket = ticket_of_responsive_styles(responsive_style(**WHOLE | {"fallback": ""}))

    assert asked("lists.blank", ticket) == [
        "Which fallback image style does “Hero” have? Fallback Style is blank."
    ]


def test_nothing_is_asked_for_where_all_is_there() -> None:
    assert asked("lists.blank", ticket_of_responsive_styles(responsive_style(**WHOLE))) == []
