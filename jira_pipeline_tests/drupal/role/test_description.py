"""The description of a role."""

from jira_pipeline.drupal.role.description import COLUMN, RULE
from jira_pipeline_tests.drupal.made_roles import role, ticket_of


def test_a_role_may_be_described() -> None:
    assert ticket_of(role(Description="Steers.")).head.cell(COLUMN.name) == "Steers."


def test_a_site_has_no_place_for_it() -> None:
    assert RULE.counterpart is None
