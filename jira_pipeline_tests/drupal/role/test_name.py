"""The name of a role."""

from jira_pipeline.drupal.role.name import COLUMN, RULE
from jira_pipeline_tests.drupal.made_roles import role, ticket_of


def test_a_role_goes_by_its_label() -> None:
    row = ticket_of(role()).head

    assert row.label == row.cell(COLUMN.name) == "Skipper"


def test_its_label_is_compared_as_text() -> None:
    assert RULE.counterpart is not None
    assert RULE.counterpart.is_wording
