"""The name of a transition."""

from jira_pipeline.drupal.workflow.transition import transitions_after
from jira_pipeline.drupal.workflow.transition_name import COLUMN, RULE
from jira_pipeline_tests.drupal.made_workflows import SEND, workflow_of


def test_a_transition_goes_by_its_label() -> None:
    (transition,) = transitions_after(workflow_of(SEND))

    assert transition.row.label == transition.row.cell(COLUMN.name) == "Send"


def test_its_label_is_compared_as_text() -> None:
    assert RULE.counterpart is not None
    assert RULE.counterpart.is_wording
