"""The display `default` of a view."""

from jira_pipeline.drupal.view.default_display import DefaultDisplay, facts, say
from jira_pipeline_tests.drupal.made_rows import said_by
from jira_pipeline_tests.drupal.made_views import display, plain, view_of

DEFAULT = display("default", "Default")


def test_a_view_with_no_other_display_is_not_shown() -> None:
    assert plain(say(view_of(DEFAULT))) == [
        "default is its only display: nothing shows the view until code, a field or another module does."
    ]


def test_nothing_is_said_beside_another_display() -> None:
    assert plain(say(view_of(DEFAULT, display()))) == []


def test_a_display_to_remove_does_not_show_the_view() -> None:
    assert len(plain(say(view_of(DEFAULT, display(x="d"))))) == 1


def test_whether_another_display_inherits_is_a_fact_of_the_default_display() -> None:
    shared = display("default", "Default")

    assert said_by(facts(view_of(shared))) == [(DefaultDisplay.ALONE, "default")]
    assert said_by(facts(view_of(shared, display()))) == [(DefaultDisplay.INHERITED, "default")]
