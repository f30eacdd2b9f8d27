"""States and transitions that go from a workflow."""

from jira_pipeline.drupal.workflow.removed import check, say
from jira_pipeline_tests.drupal.made_rows import sentences
from jira_pipeline_tests.drupal.made_workflows import SEND, STATES, state, step, workflow_of

GONE = state("Gone", "d")
POST_GONE = step("Post", "Waiting", "Published", "d")


def test_content_has_to_leave_a_state_that_goes() -> None:
    workflow = workflow_of(POST_GONE, status="c", states=[*STATES, GONE])

    assert sentences(say(workflow)) == [
        "Drupal deletes gone only when no content is in that state."
    ]


def test_what_goes_is_there_no_longer() -> None:
    workflow = workflow_of(POST_GONE, status="c", states=[*STATES, GONE])

    assert sentences(check(workflow)) == ["The workflow does not have Gone gone or Post post."]


def test_a_transition_that_another_row_builds_stays() -> None:
    workflow = workflow_of(SEND | {"X": "d"}, step("Send", "Published", "Waiting"), status="c")

    assert sentences(check(workflow)) == []
    assert sentences(say(workflow)) == []
