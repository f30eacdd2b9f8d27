"""Whether a view is to be built at all."""

from jira_pipeline.drupal.view.to_build import Wanted, facts
from jira_pipeline_tests.drupal.made_rows import asked, said_by
from jira_pipeline_tests.drupal.made_views import display, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

DISABLED = view(status="Disabled")
SAID = display(
    place="/boats",
    lists="Boats",
    shows="Teaser",
    filters="None",
    sort="None",
    pager="All",
    access="Everybody",
    empty="None",
)


@each("row", [display(), SAID])
def test_whether_a_disabled_view_is_to_be_used_is_asked(row: Row) -> None:
    """Readers missed it where a description says what a disabled view is for."""
    (question,) = asked("views.disabled", view_of(row, head=DISABLED).ticket)

    assert question.endswith("is it to be enabled, built and left disabled, or left out?")


@each(
    ("head", "row"),
    [
        (view(), display()),
        (view(status="Enabled"), display()),
        (view(status="Disabled", note="Comes later."), display()),
        (view(status="Disabled", x="c"), display(x="c")),  # there is nothing to build
    ],
)
def test_nothing_is_asked_of_another_view(head: Row, row: Row) -> None:
    assert asked("views.disabled", view_of(row, head=head).ticket) == []


def test_a_view_whose_displays_all_go_is_asked_about() -> None:
    assert asked("views.no_display", view_of(display(x="d")).ticket) == [
        "No display of “Boats” is to be built: should the view be built at all?"
    ]


@each("displays", [[], [display()], [display(x="d"), display("page_2")]])
def test_a_view_with_a_display_to_build_or_no_row_is_built(displays: list[Row]) -> None:
    assert asked("views.no_display", view_of(*displays).ticket) == []


def test_what_speaks_against_building_a_view_is_a_fact_of_its_row() -> None:
    assert said_by(facts(view_of(display(), head=view(status="Disabled")))) == [
        (Wanted.DISABLED, "boats")
    ]
