"""The workflow that a state or transition is of."""

from jira_pipeline_tests.drupal.made_workflows import state, workflow_of


def test_states_of_another_workflow_are_not_in_its_ticket() -> None:
    other = state("Kept") | {"Workflow": "Odd"}

    assert [row.label for row in workflow_of(states=[state("Waiting"), other]).states] == [
        "Waiting"
    ]
