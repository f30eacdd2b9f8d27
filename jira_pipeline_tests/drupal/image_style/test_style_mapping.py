"""The image styles of a responsive image style."""

from jira_pipeline.drupal.image_style.style_mapping import check
from jira_pipeline_tests.drupal.made_rows import (
    responsive_style,
    sentences,
    style,
    ticket_of_responsive_styles,
)

SMALL, LARGE = style("Small", Notes="Scale 80"), style("Large", Notes="Scale 160")


def test_a_responsive_style_uses_the_image_styles_of_its_row() -> None:
    ticket = ticket_of_responsive_styles(
        responsive_style("Hero", breakpoints="Any", styles="Small"),
        responsive_style("Icon", styles="", note="As the designers say"),
        image_styles=[SMALL, LARGE],
    )

    assert sentences(check(ticket)) == [
        "At its breakpoints, hero uses the image styles of its row."
    ]


def test_nothing_is_claimed_of_image_styles_that_are_asked_for() -> None:
    ticket = ticket_of_responsive_styles(
        responsive_style("Hero", breakpoints="Narrow, Wide", styles="Small, Large"),
        responsive_style("Card", breakpoints="Any", styles="Small, Large"),  # asked: by which sizes
        image_styles=[SMALL, LARGE],
    )

    assert sentences(check(ticket)) == [
        "At its breakpoints, card uses the image styles of its row."
    ]
