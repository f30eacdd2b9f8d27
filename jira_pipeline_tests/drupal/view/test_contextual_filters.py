"""Contextual filters that nothing gives a value."""

from jira_pipeline.drupal.view.contextual_filters import (
    ContextualFact,
    UnknownValues,
    WithoutValue,
    WithValue,
    facts,
)
from jira_pipeline_tests.drupal.made_rows import asked, said_by
from jira_pipeline_tests.drupal.made_views import display, view_of
from jira_pipeline_tests.tables import each


@each(
    ("place", "filters", "fact"),
    [
        ("/boats", "contextual nid", WithoutValue(("nid",))),
        ("/boats", "status (= 1); contextual nid; contextual uid", WithoutValue(("nid", "uid"))),
        ("/boats/%", "contextual nid; contextual uid", WithoutValue(("uid",))),
        ("/boats", "contextual nid, flag liked", WithoutValue(("nid",))),
        ("/boats/%/%", "contextual nid; contextual uid", WithValue()),
        ("/boats", "contextual uid (from current_user)", WithValue()),
        ("/boats", "status (= 1)", WithValue()),
        ("", "contextual nid", UnknownValues()),  # whatever shows it may give the value
        ("/boats", "Only the boats of the harbour", UnknownValues()),
    ],
)
def test_a_value_comes_from_the_path_or_a_default(
    place: str, filters: str, fact: ContextualFact
) -> None:
    assert said_by(facts(view_of(display(place=place, filters=filters)))) == [(fact, "page_1")]


def test_what_leads_there_and_what_is_listed_without_is_asked() -> None:
    ticket = view_of(display(place="/boats", filters="contextual nid; contextual uid")).ticket

    assert asked("views.no_value", ticket) == [
        (
            "`page_1` has the contextual filters `nid` and `uid` and no “%” in its path for the value: "
            "what leads to an address with one, and what is listed without?"
        )
    ]


def test_nothing_is_asked_where_the_path_has_the_value() -> None:
    ticket = view_of(display(place="/boats/%", filters="contextual nid")).ticket

    assert asked("views.no_value", ticket) == []
