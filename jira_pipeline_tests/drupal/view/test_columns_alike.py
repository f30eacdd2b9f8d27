"""Columns of a table with one label."""

from jira_pipeline.drupal.view.columns_alike import (
    ColumnsAlike,
    ColumnsApart,
    ColumnsFact,
    facts,
)
from jira_pipeline_tests.drupal.made_rows import asked, said_by
from jira_pipeline_tests.drupal.made_views import display, view_of
from jira_pipeline_tests.tables import each


@each(
    ("cell", "fact"),
    [
        ("Table: Name, Berth, Berth, Berth", ColumnsAlike((("Berth", 3),))),
        ("Table: Berth, Name, Berth, Name; with AJAX", ColumnsAlike((("Berth", 2), ("Name", 2)))),
        ("Table: Name, Berth", ColumnsApart()),
        ("Table: nothing, nothing", ColumnsApart()),  # columns without a label
        ("Unformatted list: Berth, Berth", ColumnsApart()),
        ("Table", ColumnsApart()),
        ("", ColumnsApart()),
    ],
)
def test_labels_of_several_columns_are_counted(cell: str, fact: ColumnsFact) -> None:
    assert said_by(facts(view_of(display(shows=cell)))) == [(fact, "page_1")]


def test_which_field_each_of_them_shows_is_asked() -> None:
    ticket = view_of(display(shows="Table: Name, Berth, Berth, Berth")).ticket

    assert asked("views.columns_alike", ticket) == [
        "`page_1` has three columns “Berth”: which field does each of them show?"
    ]


def test_nothing_is_asked_of_other_columns() -> None:
    assert asked("views.columns_alike", view_of(display(shows="Table: Name, Berth")).ticket) == []
