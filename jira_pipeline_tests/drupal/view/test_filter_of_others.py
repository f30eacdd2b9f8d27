"""A display without the filter that all others of its kind have."""

from collections.abc import Sequence

from jira_pipeline.drupal.view.filter_of_others import LikeOthers, MissingFilter, facts
from jira_pipeline_tests.drupal.made_rows import asked
from jira_pipeline_tests.drupal.made_views import display, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

AFLOAT = "status (= 1); afloat (= 1)"


def pages(*filters: str) -> Sequence[Row]:
    """Return a page with each of some filters."""
    return [display(f"page_{n}", filters=text) for n, text in enumerate(filters, 1)]


def test_the_one_without_it_is_asked_about() -> None:
    ticket = view_of(*pages(AFLOAT, AFLOAT, "status (= 1)", AFLOAT)).ticket

    assert asked("views.filter_of_others", ticket) == [
        (
            "`page_3` alone does not filter by `afloat (= 1)`, as all other displays of its kind in the "
            "view do: is that meant?"
        )
    ]


@each(
    "filters",
    [
        (AFLOAT, AFLOAT, "status (= 1)"),  # too few to make a rule
        (AFLOAT, AFLOAT, "status (= 1)", "status (= 1)"),
        (AFLOAT, AFLOAT, AFLOAT, "status (= 1); afloat (= 0)"),
        (AFLOAT, AFLOAT, "status (= 1); afloat (= 0)", "status (= 1)"),
        (AFLOAT, AFLOAT, AFLOAT, "All that float"),
        (AFLOAT, AFLOAT, AFLOAT, ""),
        ("title (set by users)", "title (set by users)", "title (set by users)", "None"),
        ("contextual nid", "contextual nid", "contextual nid", "None"),
    ],
)
def test_nothing_is_asked_where_others_lack_it_too_or_differ(filters: tuple[str, ...]) -> None:
    assert asked("views.filter_of_others", view_of(*pages(*filters)).ticket) == []


def test_displays_of_another_kind_are_no_others() -> None:
    blocks = [display(f"block_{n}", "Block", filters=AFLOAT) for n in range(3)]
    ticket = view_of(*blocks, display(filters="status (= 1)")).ticket

    assert asked("views.filter_of_others", ticket) == []


def test_what_one_lacks_is_a_fact() -> None:
    stated = [fact.fact for fact in facts(view_of(*pages("None", AFLOAT, AFLOAT, AFLOAT)))]

    assert stated == [MissingFilter(("status (= 1)", "afloat (= 1)")), *[LikeOthers()] * 3]
