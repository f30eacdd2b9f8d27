"""Which image styles a site needs, and where Drupal lists them."""

from jira_pipeline.drupal.image_style.listing import check, facts, say
from jira_pipeline.drupal.listed_things import InList
from jira_pipeline_tests.drupal.made_bundles import plain
from jira_pipeline_tests.drupal.made_rows import said_by, style, ticket_of_styles

SHIPPED = style("Media Library", **{"Machine name": "media_library"})


def test_the_site_needs_styles_that_nothing_brings() -> None:
    assert plain(say(ticket_of_styles(style(), SHIPPED))) == [
        "The site needs the new image style “Card”."
    ]
    assert plain(say(ticket_of_styles(SHIPPED))) == [
        "The site needs the image style “Media Library”."
    ]


def test_new_styles_are_listed() -> None:
    assert plain(check(ticket_of_styles(style(), style("Hero", X="c")))) == [
        "Configuration > Media > Image styles lists Card card."
    ]
    assert plain(check(ticket_of_styles(style(X="c")))) == []


def test_what_becomes_of_a_style_to_build_is_a_fact() -> None:
    ticket = ticket_of_styles(style(), style("Hero", X="c"), style("Wide", X="d"))

    assert said_by(facts(ticket)) == [(InList.ADDED, "card"), (InList.CHANGED, "hero")]
