"""One path of two displays."""

from jira_pipeline.drupal.view.shared_path import OwnPath, SharedPath, facts
from jira_pipeline_tests.drupal.made_rows import asked
from jira_pipeline_tests.drupal.made_views import display, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

BOATS = display(place="/boats")
SHIPS = view(label="Ships", name="ships")
PAGE_OF_SHIPS = display("page_9", place="/boats") | {"View": "Ships"}


def test_which_of_two_displays_keeps_a_path_is_asked() -> None:
    ticket = view_of(BOATS, views=[SHIPS], others=[PAGE_OF_SHIPS]).ticket

    (question,) = [q for q in ticket.left_open if q.kind == "views.path_of_two"]

    assert question.question == (
        "`/boats` is the path of `page_1` here and of `page_9` of “Ships”: which one keeps it?"
    )
    assert question.choices == ("`page_1` of “Boats”", "`page_9` of “Ships”")
    assert question.disputes == "Path or place"


@each(
    "other",
    [
        display("rest_1", "REST export", place="/boats"),  # a page and its export share a path
        display("page_2", place="/ships"),
        display("page_2", x="d", place="/boats"),
        display("page_2"),
    ],
)
def test_nothing_is_asked_about_another_kind_or_path(other: Row) -> None:
    assert asked("views.path_of_two", view_of(BOATS, other).ticket) == []


def test_a_disabled_view_keeps_no_path_from_others() -> None:
    disabled = view_of(
        BOATS, head=view(status="Disabled"), views=[SHIPS], others=[PAGE_OF_SHIPS]
    ).ticket

    assert asked("views.path_of_two", disabled) == []


def test_a_display_that_a_module_brings_has_a_path_too() -> None:
    head = view(label="Content", name="content")
    adding = view_of(display("page_2", place="/admin/content"), head=head).ticket

    (question,) = asked("views.path_of_two", adding)

    assert "and of `page_1` of the installed view" in question


def test_a_display_of_a_module_is_named_once_though_it_has_a_row() -> None:
    head = view(label="Content", name="content")
    row = display("page_1", place="/admin/content", sort="title (asc)")
    ticket = view_of(row, display("page_2", place="/admin/content"), head=head).ticket

    questions = [q for q in ticket.left_open if q.kind == "views.path_of_two"]

    assert {len(question.choices) for question in questions} == {2}


@each("path", ["/ships", "/boats"])
def test_an_added_display_with_a_path_of_its_own_shares_nothing(path: str) -> None:
    head = view(label="Content", name="content")

    assert (
        asked("views.path_of_two", view_of(display("page_2", place=path), head=head).ticket) == []
    )


def test_a_view_that_a_module_brings_as_it_is_keeps_its_path_unasked() -> None:
    head = view(label="Content", name="content")
    page = display("page_1", place="/admin/content")
    other = display("page_9", place="/admin/content") | {"View": "Ships"}

    ticket = view_of(page, head=head, views=[SHIPS], others=[other]).ticket

    assert asked("views.path_of_two", ticket) == []


def test_a_shared_path_is_said_by_every_display_that_has_it() -> None:
    shared = view_of(BOATS, display("page_2"), views=[SHIPS], others=[PAGE_OF_SHIPS])

    (first, second) = facts(shared)

    assert isinstance(first.fact, SharedPath)
    assert [row.machine_name for row in first.rows] == ["page_1", "page_9"]
    assert second.fact == OwnPath()
    assert [row.machine_name for row in second.rows] == ["page_2"]
