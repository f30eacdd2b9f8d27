"""The breakpoint group of a responsive image style."""

from jira_pipeline.drupal.image_style.breakpoint_group import say
from jira_pipeline_tests.drupal.made_rows import (
    responsive_style,
    sentences,
    ticket_of_responsive_styles,
)


def test_what_has_the_group_is_enabled_first() -> None:
    ticket = ticket_of_responsive_styles(
        responsive_style("Hero", breakpoint_group="Harbour"),
        responsive_style("Card", breakpoint_group="Harbour"),
        responsive_style("Icon", breakpoint_group="responsive_image"),
        responsive_style("Row", breakpoint_group=""),
    )

    assert sentences(say(ticket)) == [
        "The theme or module that has the breakpoint group “Harbour” has to be enabled first.",
        "The breakpoint group “responsive_image” comes with the core module Responsive Image.",
    ]
