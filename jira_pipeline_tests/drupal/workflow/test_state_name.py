"""The name of a state."""

from jira_pipeline.drupal.workflow.state_name import COLUMN, RULE
from jira_pipeline_tests.drupal.made_workflows import state, workflow_of


def test_a_state_goes_by_its_label() -> None:
    (row,) = workflow_of(states=[state("Waiting")]).states

    assert row.label == row.cell(COLUMN.name) == "Waiting"


def test_its_label_is_compared_as_text() -> None:
    assert RULE.counterpart is not None
    assert RULE.counterpart.is_wording
