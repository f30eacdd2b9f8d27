"""The story of a workflow."""

from jira_pipeline.drupal.workflow.story import say
from jira_pipeline_tests.drupal.made_rows import sentences
from jira_pipeline_tests.drupal.made_workflows import POST, SEND, STATES, state, step, workflow_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

THERE = [row | {"X": "x"} for row in STATES]


def test_a_new_workflow_comes_with_its_states() -> None:
    assert sentences(say(workflow_of(SEND))) == [
        "The site needs the workflow “Plain” with the states Draft, Waiting and Published."
    ]
    assert sentences(say(workflow_of(states=[]))) == ["The site needs the workflow “Plain”."]


@each(
    ("states", "steps", "changes"),
    [
        ([*THERE, state("Kept")], [], "the new state “Kept”"),
        ([*THERE, state("Kept", "c")], [], "changes to the state “Kept”"),
        ([*THERE, state("Kept", "d")], [], "the removal of the state “Kept”"),
        (THERE, [SEND], "the new transition “Send”"),
        (THERE, [SEND | {"X": "c"}], "changes to the transition “Send”"),
        (THERE, [SEND | {"X": "d"}], "the removal of the transition “Send”"),
        (
            THERE,
            [step("Send", "Draft", "Waiting", "x"), step("Send", "Published", "Waiting")],
            "changes to the transition “Send”",
        ),
        (
            [*THERE, state("Kept")],
            [SEND, POST | {"X": "x"}],
            "the new state “Kept” and the new transition “Send”",
        ),
    ],
)
def test_a_workflow_that_is_there_needs_what_changes(
    states: list[Row], steps: list[Row], changes: str
) -> None:
    workflow = workflow_of(*steps, status="c", states=states)

    assert sentences(say(workflow)) == [f"The workflow “Plain” needs {changes}."]


def test_a_workflow_of_which_no_row_changes_needs_changes() -> None:
    assert sentences(say(workflow_of(status="c", states=THERE))) == [
        "The workflow “Plain” needs changes."
    ]
