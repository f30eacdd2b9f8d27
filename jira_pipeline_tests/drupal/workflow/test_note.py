"""The notes of a workflow and its states."""

from jira_pipeline.drupal.workflow.note import (
    NoProse,
    NoteFact,
    OpenNote,
    Prose,
    check,
    note_fact_of,
)
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_rows import sentences, ticket_of_list
from jira_pipeline_tests.drupal.made_workflows import state, workflow_of
from jira_pipeline_tests.sheets.made_specifications import bundle
from jira_pipeline_tests.tables import each

READ = "Somebody reads it first."


@each(
    ("note", "fact"),
    [
        (READ, Prose(READ)),
        ("Perhaps somebody reads it.", OpenNote()),
        ("", NoProse()),
        ("Default: 4", NoProse()),
    ],
)
def test_a_note_is_prose_leaves_something_open_or_says_nothing(note: str, fact: NoteFact) -> None:
    row = workflow_of(states=[state("Waiting", Notes=note)]).states[0]

    assert note_fact_of(row) == fact


def test_the_workflow_and_its_states_are_as_their_notes_say() -> None:
    rows = [
        state("Draft", Notes=READ),
        state("Waiting", Notes=READ),
        state("Kept", "x", Notes=READ),
    ]
    workflow = workflow_of(states=rows, note="For all boats.")

    assert sentences(check(workflow)) == [
        "“Plain” is as the note of its row says.",
        "“Draft” and “Waiting” of “Plain” are as the notes of their rows say.",
    ]


def test_nothing_is_claimed_of_notes_that_say_nothing_or_leave_it_open() -> None:
    rows = [state("Draft"), state("Waiting", Notes="Perhaps somebody reads it.")]

    assert sentences(check(workflow_of(states=rows))) == []


def test_nothing_is_claimed_of_the_note_of_a_workflow_that_lists_its_content() -> None:
    workflow = {"Label": "Plain", "Machine name": "plain", "X": "a", "Notes": "For all boats."}
    ticket = ticket_of_list(
        EntityKind.WORKFLOW,
        workflows=[workflow | {"Applies to": "Boat"}],
        bundles=[bundle("Boat", "boat")],
    )

    assert sentences(check(TicketWorkflow(ticket=ticket))) == []
