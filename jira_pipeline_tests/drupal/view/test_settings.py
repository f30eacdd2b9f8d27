"""The settings of a display that its row gives."""

from jira_pipeline.drupal.view.settings import StatedSettings, check, settings_of
from jira_pipeline_tests.drupal.made_views import display, display_row, plain, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

SORTED = display(sort="created (desc)")


@each(
    ("row", "columns"),
    [
        (display(), ()),
        (SORTED, ("Sort",)),
        (display(sort="-"), ()),
        (display(sort="newest", filters="type (= Boat)"), ("Filters", "Sort")),
        (display(place="/boats", sort="newest"), ("Sort",)),
        (display(place="/boats"), ()),  # what a path opens is claimed by itself
        (display(plugin="Block", place="the sidebar"), ("Path or place",)),
    ],
)
def test_columns_give_settings_in_the_order_of_the_form(row: Row, columns: tuple[str, ...]) -> None:
    assert settings_of(display_row(row)) == StatedSettings(columns)


def test_displays_with_the_same_columns_are_claimed_together() -> None:
    block = display("block_1", "Block", sort="title (asc)", filters="type (= Boat)")

    assert plain(check(view_of(SORTED, display("page_2", sort="title (asc)"), block))) == [
        "page_1 and page_2 have the Sort of their rows.",
        "block_1 has the Filters and Sort of its row.",
    ]


@each("row", [display(), SORTED | {"X": "x"}])
def test_nothing_is_claimed_without_settings_or_of_a_display_on_the_site(row: Row) -> None:
    assert plain(check(view_of(row, head=view(x="c")))) == []
