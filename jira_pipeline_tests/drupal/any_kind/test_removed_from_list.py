"""Things of a list that go."""

from jira_pipeline.drupal.any_kind.removed_from_list import check, facts
from jira_pipeline.drupal.listed_things import InList, place_in_list
from jira_pipeline_tests.drupal.made_bundles import plain
from jira_pipeline_tests.drupal.made_rows import (
    style,
    ticket_of_styles,
    ticket_of_view_modes,
    view_mode,
)
from jira_pipeline_tests.tables import each


def test_the_page_of_the_list_has_them_no_longer() -> None:
    styles = ticket_of_styles(style(), style("Hero", X="d"), style("Wide", X="d"))
    modes = ticket_of_view_modes(view_mode(), view_mode("Slim", status="d"))

    assert plain(check(styles)) == [
        "Configuration > Media > Image styles does not list “Hero” and “Wide”."
    ]
    assert plain(check(modes)) == ["Structure > Display modes > View modes does not list “Slim”."]


def test_nothing_is_claimed_where_nothing_goes() -> None:
    assert plain(check(ticket_of_styles(style(), style("Hero", X="w")))) == []


@each(
    ("status", "places"),
    [("d", [InList.REMOVED]), ("w", []), ("x", []), ("c", [])],
)
def test_that_a_thing_goes_is_a_fact(status: str, places: list[InList]) -> None:
    ticket = ticket_of_styles(style(), style("Hero", X=status))

    assert [stated.fact for stated in facts(ticket)] == places


@each(
    ("status", "place"),
    [("a", InList.ADDED), ("c", InList.CHANGED), ("x", InList.KEPT), ("w", InList.PUT_OFF)],
)
def test_the_status_says_what_becomes_of_a_thing(status: str, place: InList) -> None:
    (_, hero) = ticket_of_styles(style(), style("Hero", X=status)).rows

    assert place_in_list(hero) is place
