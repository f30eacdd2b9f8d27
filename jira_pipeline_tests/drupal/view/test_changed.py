"""A view that changes while none of its displays does."""

from jira_pipeline.drupal.view.changed import ViewChange, ask, facts
from jira_pipeline.model.columns import CHANGED_COLUMNS
from jira_pipeline_tests.drupal.made_rows import asked, said_by
from jira_pipeline_tests.drupal.made_views import display, group_rows, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

STAYS = display(x="x")
BETWEEN_EXPORTS = f"{CHANGED_COLUMNS}Status (was: Disabled)."


def test_what_changes_is_asked_where_no_row_says_it() -> None:
    assert asked("views.changed_alone", view_of(STAYS, head=view(x="c")).ticket) == [
        "What changes in “Boats”? It is marked as changed, its displays are not."
    ]


@each(
    ("head", "row"),
    [
        (view(x="c", note="Only the fast ones."), STAYS),
        (view(x="c", note=BETWEEN_EXPORTS), STAYS),
        (view(x="c"), display(x="c")),
        (view(x="c"), display()),
        (view(x="x"), display(x="c")),
    ],
)
def test_nothing_is_asked_where_a_row_says_it(head: Row, row: Row) -> None:
    assert asked("views.changed_alone", view_of(row, head=head).ticket) == []


def test_a_note_of_a_path_alone_says_nothing_of_the_change() -> None:
    ticket = view_of(STAYS, head=view(x="c", note="Path: /boats")).ticket

    assert len(asked("views.changed_alone", ticket)) == 1


def test_nothing_is_asked_of_a_new_view() -> None:
    ticket = view_of(STAYS, head=view())

    assert list(ask(ticket.head, group_rows(ticket))) == []


@each(
    ("head", "row", "change"),
    [
        (view(), display(), ViewChange.NONE),
        (view(x="c"), display(), ViewChange.BY_DISPLAYS),
        (view(x="c", note="Only the fast ones."), STAYS, ViewChange.BY_ITS_ROW),
        (view(x="c"), STAYS, ViewChange.UNSAID),
    ],
)
def test_what_says_how_a_view_changes_is_a_fact(head: Row, row: Row, change: ViewChange) -> None:
    assert said_by(facts(view_of(row, head=head))) == [(change, "boats")]
