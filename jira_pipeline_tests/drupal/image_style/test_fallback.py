"""The fallback of a responsive image style."""

from jira_pipeline.drupal.image_style.fallback import (
    Fallback,
    FallbackFact,
    NoKnownFallback,
    check,
    fallback_of,
)
from jira_pipeline_tests.drupal.made_rows import (
    responsive_style,
    sentences,
    style,
    ticket_of_responsive_styles,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

SMALL, GONE = style("Small", Notes="Scale 80"), style("Huge", X="d")


@each(
    ("row", "fact"),
    [
        (responsive_style(fallback="Small"), Fallback("small")),
        (responsive_style(fallback="Huge"), NoKnownFallback()),
        (responsive_style(fallback="Empty image"), NoKnownFallback()),
        (responsive_style(fallback=""), NoKnownFallback()),
    ],
)
def test_the_fallback_is_an_image_style_that_stays_or_comes(row: Row, fact: FallbackFact) -> None:
    ticket = ticket_of_responsive_styles(row, image_styles=[SMALL, GONE])

    assert fallback_of(ticket.head, ticket.session.specification) == fact


def test_a_responsive_style_has_the_fallback_of_its_row() -> None:
    ticket = ticket_of_responsive_styles(
        responsive_style("Hero", fallback="Small"),
        responsive_style("Card", fallback="Huge"),
        image_styles=[SMALL, GONE],
    )

    assert sentences(check(ticket)) == ["hero has the fallback image style small."]


def test_nothing_is_claimed_of_a_fallback_that_is_not_known() -> None:
    ticket = ticket_of_responsive_styles(responsive_style(fallback="Huge"), image_styles=[GONE])

    assert sentences(check(ticket)) == []


def test_an_image_as_it_is_and_none_are_words_of_core_and_no_names_of_styles() -> None:
    ticket = ticket_of_responsive_styles(
        responsive_style("Hero", fallback="_original image_", styles="Small, _empty image_"),
        responsive_style("Card", fallback="Original image", styles="Small"),
        image_styles=[SMALL],
    )

    assert [reference.text for row in ticket.to_build for reference in row.references] == [
        "Small",
        "Small",
    ]
