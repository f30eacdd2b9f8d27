"""Which image styles a site needs, and where Drupal lists them."""

from jira_pipeline.drupal.image_style.listing import check, say
from jira_pipeline_tests.drupal.made_bundles import plain
from jira_pipeline_tests.drupal.made_rows import style, ticket_of_styles

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
