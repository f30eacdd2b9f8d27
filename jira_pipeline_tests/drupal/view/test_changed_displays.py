"""A display of a view that the site has already."""

from jira_pipeline.drupal.view.changed_displays import (
    ChangedAsNoted,
    ChangedColumns,
    DisplayChange,
    NotChanged,
    OpenChange,
    UnknownChange,
    change_of,
    check,
    facts,
    say,
)
from jira_pipeline.model.columns import CHANGED_COLUMNS
from jira_pipeline.model.entities import Status
from jira_pipeline_tests.drupal.made_rows import asked, said_by
from jira_pipeline_tests.drupal.made_views import display, display_row, plain, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

CHANGED = view(x="c")
SILENT = display(x="c")
BETWEEN_EXPORTS = display(x="c", note=f"{CHANGED_COLUMNS}Sort (was: None).")
TOLD = display(x="c", note="Only the fast ones.")


@each(
    ("row", "change"),
    [
        (display(), NotChanged(Status.APPROVED)),
        (display(note="Only the fast ones."), NotChanged(Status.APPROVED)),
        (SILENT, UnknownChange()),
        (TOLD, ChangedAsNoted("Only the fast ones.")),
        (BETWEEN_EXPORTS, ChangedColumns("Sort (was: None)")),
        (display(x="c", note="Only the fast ones?"), OpenChange()),
        (display(x="c", sort="created (desc)"), OpenChange()),
        (display(x="c", note="Path: /boats"), UnknownChange()),
        (display(x="c", place="/boats"), UnknownChange()),  # a path is how the row is found
        (display(x="c", note="No changes."), UnknownChange()),
    ],
)
def test_a_note_or_a_setting_says_what_changes(row: Row, change: DisplayChange) -> None:
    assert change_of(display_row(row)) == change


def test_what_becomes_of_a_display_that_goes_is_a_fact_too() -> None:
    assert said_by(facts(view_of(SILENT, display("page_2", x="d"), head=CHANGED))) == [
        (UnknownChange(), "page_1"),
        (NotChanged(Status.DELETED), "page_2"),
    ]


def test_what_changes_is_asked_where_the_row_does_not_say_it() -> None:
    assert asked("views.changed", view_of(SILENT, head=CHANGED).ticket) == [
        "What changes in `page_1` of “Boats”? It is marked as changed."
    ]


@each("row", [TOLD, BETWEEN_EXPORTS, display(x="x"), display()])
def test_nothing_is_asked_of_another_display(row: Row) -> None:
    assert asked("views.changed", view_of(row, head=CHANGED).ticket) == []


def test_a_display_stays_changes_or_goes() -> None:
    stays = display("block_1", "Block", x="x")
    goes = display("feed_1", "Feed", x="d")

    assert plain(say(view_of(SILENT, stays, goes, head=CHANGED))) == [
        "block_1 is there already.",
        "page_1 is there already; change it, do not add it anew.",
        "Delete the display feed_1, if it is there.",
    ]


def test_a_note_says_how_a_display_changes_and_what_to_check() -> None:
    ticket = view_of(TOLD, head=CHANGED)

    assert plain(say(ticket)) == [
        "Change page_1, which is there already, as its note says: “Only the fast ones”."
    ]
    assert plain(check(ticket)) == ["page_1 has changed as the note of its row says."]


@each("note", ["Perhaps the fast ones.", "Path: /boats"])
def test_a_note_that_leaves_it_open_is_not_quoted(note: str) -> None:
    ticket = view_of(display(x="c", note=note), head=CHANGED)

    assert plain(check(ticket)) == []
    assert plain(say(ticket)) == ["page_1 is there already; change it, do not add it anew."]


def test_nothing_is_said_of_the_displays_of_a_view_that_a_module_brings() -> None:
    head = view(label="Content", name="content")
    displays = [display(x="x"), display("page_9", x="d")]

    assert plain(say(view_of(*displays, head=head))) == []


def test_columns_that_changed_between_two_exports_are_named_by_another_rule() -> None:
    assert plain(say(view_of(BETWEEN_EXPORTS, head=CHANGED))) == []
