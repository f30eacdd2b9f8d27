"""What a workflow that is there contains already."""

from jira_pipeline.drupal.workflow.there_already import say
from jira_pipeline_tests.drupal.made_rows import sentences
from jira_pipeline_tests.drupal.made_workflows import POST, SEND, state, workflow_of

DRAFT = state("Draft", "x")
WAITING = state("Waiting")


def test_states_and_transitions_that_are_there_stay() -> None:
    workflow = workflow_of(SEND | {"X": "x"}, POST, status="c", states=[DRAFT, WAITING])

    assert sentences(say(workflow)) == ["draft and send are there already and stay."]


def test_of_what_changes_nothing_stays_as_it_is() -> None:
    assert sentences(say(workflow_of(SEND | {"X": "c"}, status="c", states=[WAITING]))) == []


def test_of_a_new_workflow_nothing_is_there() -> None:
    assert sentences(say(workflow_of(SEND | {"X": "x"}, states=[DRAFT]))) == []
