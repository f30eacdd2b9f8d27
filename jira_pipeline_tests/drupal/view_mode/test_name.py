"""The name of a view mode."""

from jira_pipeline.drupal.view_mode.name import check
from jira_pipeline_tests.drupal.made_rows import sentences, ticket_of_view_modes, view_mode


def test_new_view_modes_are_listed_below_their_heading() -> None:
    changed = view_mode("Row", status="c")

    assert sentences(check(ticket_of_view_modes(view_mode("Card"), changed))) == [
        "Structure \u203a Display modes \u203a View modes lists “Card” under Content."
    ]
    assert sentences(check(ticket_of_view_modes(changed))) == []
