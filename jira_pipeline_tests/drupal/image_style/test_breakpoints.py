"""The breakpoints of a responsive image style."""

from jira_pipeline.drupal.image_style.breakpoints import (
    BreakpointsFact,
    BySizes,
    NoOrder,
    SameOrder,
    Settled,
    breakpoints_of,
)
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    responsive_style,
    ticket_of_responsive_styles,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

IN_ORDER = responsive_style(breakpoints="Narrow, Wide", styles="Small, Large")
WITHOUT_ORDER = responsive_style(breakpoints="Narrow, Wide", styles="Small, Large, Huge")
BY_SIZES = responsive_style(breakpoints="Any", styles="Small, Large")


@each(
    ("row", "fact"),
    [
        (IN_ORDER, SameOrder((("Narrow", "Small"), ("Wide", "Large")))),
        (WITHOUT_ORDER, NoOrder()),
        (BY_SIZES, BySizes()),
        (responsive_style(breakpoints="", styles="Small, Large"), Settled()),
        (responsive_style(breakpoints="Narrow, Wide", styles="Small"), Settled()),
        (responsive_style(breakpoints="Narrow", styles=""), Settled()),
        (IN_ORDER | {"Notes": "Wide: Large"}, Settled()),
    ],
)
def test_image_styles_belong_to_breakpoints_in_some_order(row: Row, fact: BreakpointsFact) -> None:
    assert breakpoints_of(ticket_of_responsive_styles(row).head) == fact


def test_the_order_is_taken_where_it_may_say_which_style_is_where() -> None:
    assert asked("lists.breakpoints", ticket_of_responsive_styles(IN_ORDER)) == [
        "“Hero”: image styles by breakpoint in the order of the row, Narrow: Small, Wide: Large."
    ]


def test_which_style_is_where_is_asked_without_such_an_order() -> None:
    (question,) = asked("lists.breakpoints", ticket_of_responsive_styles(WITHOUT_ORDER))

    assert question.startswith("Which image style does “Hero” use at each of its breakpoints?")


def test_sizes_are_those_of_drupal_where_a_browser_chooses() -> None:
    assert asked("lists.sizes", ticket_of_responsive_styles(BY_SIZES)) == [
        "“Hero”: `100vw` as `sizes` attribute, what Drupal sets."
    ]
    assert asked("lists.breakpoints", ticket_of_responsive_styles(BY_SIZES)) == []


def test_nothing_is_asked_about_one_style() -> None:
    ticket = ticket_of_responsive_styles(responsive_style(breakpoints="Any", styles="Small"))

    assert asked("lists.sizes", ticket) == asked("lists.breakpoints", ticket) == []
