"""Things of a list that go."""

from jira_pipeline.drupal.any_kind.removed_from_list import check
from jira_pipeline_tests.drupal.made_bundles import plain
from jira_pipeline_tests.drupal.made_rows import (
    style,
    ticket_of_styles,
    ticket_of_view_modes,
    view_mode,
)


def test_the_page_of_the_list_has_them_no_longer() -> None:
    styles = ticket_of_styles(style(), style("Hero", X="d"), style("Wide", X="d"))
    modes = ticket_of_view_modes(view_mode(), view_mode("Slim", status="d"))

    assert plain(check(styles)) == [
        "Configuration > Media > Image styles does not list “Hero” and “Wide”."
    ]
    assert plain(check(modes)) == ["Structure > Display modes > View modes does not list “Slim”."]


def test_nothing_is_claimed_where_nothing_goes() -> None:
    assert plain(check(ticket_of_styles(style(), style("Hero", X="w")))) == []
