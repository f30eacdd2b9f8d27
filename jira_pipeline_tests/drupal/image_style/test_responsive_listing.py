"""Which responsive image styles a site needs, and where Drupal lists them."""

from jira_pipeline.drupal.image_style.responsive_listing import check, say
from jira_pipeline_tests.drupal.made_bundles import plain
from jira_pipeline_tests.drupal.made_rows import responsive_style, ticket_of_responsive_styles


def test_the_site_needs_styles() -> None:
    ticket = ticket_of_responsive_styles(responsive_style(), responsive_style("Wide", status="c"))

    assert plain(say(ticket)) == [
        (
            "The site needs the new responsive image style “Hero” and changes to the responsive image "
            "style “Wide”."
        )
    ]


def test_new_styles_are_listed() -> None:
    ticket = ticket_of_responsive_styles(responsive_style(), responsive_style("Wide", status="c"))

    assert plain(check(ticket)) == [
        "Configuration > Media > Responsive image styles lists Hero hero."
    ]
