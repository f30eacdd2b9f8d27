"""The name of a workflow."""

from jira_pipeline.drupal.comparisons import Comparison
from jira_pipeline.drupal.workflow.name import RULE
from jira_pipeline_tests.drupal.made_workflows import workflow_of


def test_a_workflow_goes_by_its_label() -> None:
    assert workflow_of().name == "“Plain”"


def test_its_label_is_compared_as_text() -> None:
    assert RULE.counterpart is not None
    assert RULE.counterpart.how is Comparison.WORDING
    assert RULE.counterpart.is_wording
