"""What a display lists."""

from jira_pipeline.drupal.view.lists import items_listed
from jira_pipeline_tests.drupal.made_views import display, display_row, view, view_row
from jira_pipeline_tests.tables import each

PLAIN = display_row(display())
BY_TYPE = display_row(display(filters="type (= Boat)"))
DEFAULT = display_row(display("default", "Default", filters="type (= Ship)"))


@each(
    ("table", "items"),
    [
        ("Content", "content, types: ?"),
        ("watchdog", "log messages"),
        ("Index fleet", "items in the search index fleet: ?"),
        ("tides", "entries of tides"),
        ("", "?"),
    ],
)
def test_the_base_table_says_what_is_listed(table: str, items: str) -> None:
    assert items_listed(PLAIN, view=view_row(view(table=table)), shared=[]) == items


def test_a_filter_by_type_says_of_which_types_its_own_before_an_inherited_one() -> None:
    content = view_row(view())

    assert items_listed(BY_TYPE, view=content, shared=[DEFAULT]) == "content, types: Boat"
    assert items_listed(PLAIN, view=content, shared=[DEFAULT]) == "content, types: Ship"


def test_of_revisions_it_is_open_which_ones() -> None:
    revisions = view_row(view(table="node_field_revision"))

    listed = items_listed(BY_TYPE, view=revisions, shared=[])

    assert listed.endswith("; all revisions of an item, the current one or the latest: ?")
