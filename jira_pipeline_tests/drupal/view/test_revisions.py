"""A view of revisions."""

from jira_pipeline.drupal.view.revisions import ListedRevisions, facts, say
from jira_pipeline_tests.drupal.made_views import display, plain, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

OF_REVISIONS = view(table="node_field_revision")
LATEST = display(filters="latest_revision (= 1)")
SHIPPED = view(label="Moderated", name="moderated_content", table="node_field_revision")


def test_a_view_of_revisions_lists_every_revision() -> None:
    assert plain(say(view_of(display(), head=OF_REVISIONS))) == [
        "A view of revisions lists every revision of an item unless it is filtered to one."
    ]


@each(
    ("head", "row"),
    [
        (view(), display()),
        (view(table="tides"), display()),
        (OF_REVISIONS | {"X": "c"}, display(x="c")),
        (OF_REVISIONS, LATEST),
        (SHIPPED, display("moderated_content", "Page")),  # as the module brings it
    ],
)
def test_nothing_is_said_of_another_view(head: Row, row: Row) -> None:
    assert plain(say(view_of(row, head=head))) == []


@each(
    ("head", "row", "listed"),
    [
        (OF_REVISIONS, display(), ListedRevisions.EVERY_REVISION),
        (OF_REVISIONS, LATEST, ListedRevisions.LATEST_ONLY),
        (view(), display(), ListedRevisions.ONCE),
    ],
)
def test_how_often_an_item_is_listed_is_a_fact(
    head: Row, row: Row, listed: ListedRevisions
) -> None:
    assert [stated.fact for stated in facts(view_of(row, head=head))] == [listed]
