"""The base table of a view."""

from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.base_table import (
    COLUMN,
    COUNTERPART,
    BaseTable,
    NoTable,
    SearchIndex,
    UnknownTable,
    base_table_of,
    say,
    type_named_by,
)
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_views import compared, plain, view, view_of, view_row
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, specification_of
from jira_pipeline_tests.tables import each

ON_SITE = SiteCell(text="Content", values=("node_field_data",), yaml="")


# The fact.


@each("cell", ["Content", "content", "node_field_data"])
def test_a_table_is_known_by_its_name_and_by_what_sheets_call_it(cell: str) -> None:
    table = base_table_of(view_row(view(table=cell)))

    assert isinstance(table, BaseTable)
    assert (table.name, table.lists) == ("node_field_data", "content")


@each(
    ("cell", "fact"),
    [
        ("Index fleet", SearchIndex("fleet")),
        ("search_api_index_fleet", SearchIndex("fleet")),
        ("tides", UnknownTable("tides")),
        ("", NoTable()),
    ],
)
def test_a_view_may_list_an_index_or_what_nobody_knows(cell: str, fact: object) -> None:
    assert base_table_of(view_row(view(table=cell))) == fact


@each(
    ("row", "is_named"),
    [
        (view(name="boats"), True),
        (view(name="boat"), True),
        (view(name="ships"), False),
        (view(name="boats", table="Files"), False),
    ],
)
def test_a_view_of_content_has_the_name_of_a_type(row: Row, *, is_named: bool) -> None:
    specification = specification_of(bundles=[bundle("Boat", "boat")], views=[row])
    (view_entity,) = [
        e
        for e in specification.entities
        if e.machine_name == row["Machine name"] and e.kind == "view"
    ]

    named = type_named_by(view_entity, specification)

    assert (named is not None) is is_named


# The sentence.


def test_a_search_index_has_to_be_there_before_a_new_view() -> None:
    (sentence,) = plain(say(view_of(head=view(table="Index fleet"))))

    assert sentence.startswith("“fleet” is a search index: Search API, its server and this index")


@each("row", [view(), view(table="tides"), view(table="Index fleet", x="c")])
def test_nothing_is_said_of_another_table_or_of_a_view_on_the_site(row: Row) -> None:
    assert plain(say(view_of(head=row))) == []


# The comparison with a site.


@each(
    ("cell", "verdict"),
    [
        ("Content", Verdict.MET),
        ("node_field_data", Verdict.MET),
        ("Files", Verdict.DIFFERS),
        ("A list of boats", Verdict.NOT_COMPARABLE),
    ],
)
def test_a_table_is_compared_by_its_name(cell: str, verdict: Verdict) -> None:
    assert compared(view(table=cell), COUNTERPART, COLUMN.name, ON_SITE) is verdict
