"""Which view modes a site needs."""

from jira_pipeline.drupal.view_mode.story import say
from jira_pipeline_tests.drupal.made_bundles import plain
from jira_pipeline_tests.drupal.made_rows import ticket_of_view_modes, view_mode


def test_the_site_needs_modes_that_nothing_brings() -> None:
    assert plain(say(ticket_of_view_modes(view_mode(), view_mode("Teaser")))) == [
        "The site needs the new view mode “Card”."
    ]
    assert plain(say(ticket_of_view_modes(view_mode("Teaser")))) == [
        "The site needs the view mode “Teaser”."
    ]


def test_modes_that_change_and_go_are_named() -> None:
    ticket = ticket_of_view_modes(view_mode(status="c"), view_mode("Slim", status="d"))

    assert plain(say(ticket)) == [
        "The site needs changes to the view mode “Card” and the removal of the view mode “Slim”."
    ]
