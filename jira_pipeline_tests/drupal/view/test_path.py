"""The path of a display."""

from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.path import (
    COLUMN,
    COUNTERPART,
    NoPath,
    Path,
    PathFact,
    Place,
    check,
    displays_by_path,
    file_format_of,
    path_column,
    path_of,
)
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_views import (
    compared,
    display,
    display_row,
    plain,
    view,
    view_of,
    view_row,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

BOATS = SiteCell(text="/boats", yaml="")
EXPORT = display("rest_1", "REST export", place="/boats")


# The fact.


@each(
    ("row", "fact", "column"),
    [
        (display(place="/boats"), Path("/boats"), "Path or place"),
        (display(place="boats"), Path("/boats"), "Path or place"),
        (display(plugin="Block", place="/boats"), Path("/boats"), "Path or place"),
        (display(plugin="Block", place="sidebar"), Place("sidebar"), "Path or place"),
        (display(place="the left column"), Place("the left column"), "Path or place"),
        (display(note="Path: /boats"), Path("/boats"), "Notes"),
        (display(place="-", note="Path: /boats"), Path("/boats"), "Path or place"),
        (display(), NoPath(), ""),
    ],
)
def test_a_path_is_in_a_column_or_in_the_note(row: Row, fact: PathFact, column: str) -> None:
    entity = display_row(row)

    assert (path_of(entity), path_column(entity)) == (fact, column)


@each(
    ("cells", "fact"),
    [
        ({"Path": "boats"}, Path("/boats")),
        ({"Notes": "Path: /boats"}, Path("/boats")),
        ({"Path": "the left column"}, Place("the left column")),
        ({"Displays": "Block", "Path": "boats"}, Path("/boats")),
        ({}, NoPath()),
    ],
)
def test_the_row_of_a_view_may_say_the_path_of_its_one_display(cells: Row, fact: PathFact) -> None:
    assert path_of(view_row(view() | cells)) == fact


@each(
    ("row", "file_format"),
    [
        (display(plugin="Data export", place="/boats.csv"), "csv"),
        (display(plugin="REST export", place="/api/boats_json"), "json"),
        (display(plugin="REST export", place="/api/boats"), ""),
        (display(plugin="Page", place="/boats.csv"), ""),
    ],
)
def test_an_export_names_its_format_at_the_end_of_its_path(row: Row, file_format: str) -> None:
    assert file_format_of(display_row(row)) == file_format


@each(
    ("head", "row", "is_listed"),
    [
        (view(), display(place="/boats"), True),
        (view(status="Disabled"), display(place="/boats"), False),
        (view(x="d"), display(place="/boats"), False),
        (view(), display(x="d", place="/boats"), False),
        (view(), display(place="/boats") | {"Status": "Disabled"}, False),
        (view(), display(), False),
    ],
)
def test_displays_that_go_or_are_disabled_have_no_path(
    head: Row, row: Row, *, is_listed: bool
) -> None:
    index = view_of(row, head=head).ticket.session.index

    assert list(displays_by_path(index)) == ([("page", "/boats")] if is_listed else [])


# The check.


def test_a_page_is_opened_and_another_display_returned() -> None:
    feed = display("feed_1", "Feed", place="/boats.rss")

    assert plain(check(view_of(display(place="/ships"), feed))) == [
        "/ships opens page_1.",
        "/boats.rss returns feed_1.",
    ]


def test_an_export_at_the_path_of_a_page_is_named_by_its_format() -> None:
    csv = display("csv", "Data export", place="/fleet/csv")

    assert plain(check(view_of(display(place="/boats"), EXPORT, csv))) == [
        "/boats opens page_1.",
        "/boats, which is the path of a page too, returns rest_1 when ?_format= names its format.",
        "/fleet/csv returns csv as CSV.",
    ]


@each(
    ("head", "row"),
    [
        (view(status="Disabled"), display(place="/boats")),
        (view(), display(place="/boats/%")),
        (view(label="Content", name="content"), display(place="/admin/content")),
    ],
)
def test_a_path_that_nobody_can_try_is_said_to_be_set(head: Row, row: Row) -> None:
    (sentence,) = plain(check(view_of(row, head=head)))

    assert sentence == f"The path of page_1 is {row['Path or place']}."


@each(
    "row",
    [display(), display(plugin="Block", place="sidebar"), display(x="x", place="/boats")],
)
def test_nothing_is_claimed_without_a_path_or_of_a_display_on_the_site(row: Row) -> None:
    assert plain(check(view_of(row, head=view(x="c")))) == []


def test_a_path_that_a_question_doubts_is_not_claimed() -> None:
    assert plain(check(view_of(display(place="/boats"), display("page_2", place="/boats")))) == []


# The comparison with a site.


@each(
    ("cell", "verdict"),
    [
        ("/boats", Verdict.MET),
        ("/ships", Verdict.DIFFERS),
        ("on the left", Verdict.NOT_COMPARABLE),
    ],
)
def test_a_path_is_compared_as_sheets_writes_it(cell: str, verdict: Verdict) -> None:
    assert compared(display(place=cell), COUNTERPART, COLUMN.name, BOATS) is verdict
