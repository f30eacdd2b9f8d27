"""The states of a workflow."""

from dataclasses import replace

from jira_pipeline.drupal.workflow.states import NoStates, States, check, say, states_of
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline_tests.drupal.made_rows import asked, sentences
from jira_pipeline_tests.drupal.made_workflows import SEND, STATES, state, ticket_of, workflow_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

WAITING = state("Waiting")
NAMELESS = WAITING | {"Machine name": "-"}


def states(workflow: TicketWorkflow) -> States:
    fact = states_of(workflow)
    assert isinstance(fact, States)
    return fact


# The fact.


@each(
    ("rows", "type_", "names"),
    [
        (STATES, "Content moderation", ("draft", "published")),
        ([WAITING], "Content moderation", ("draft", "published")),
        ([NAMELESS], "Content moderation", ()),
        ([NAMELESS, state("Draft")], "Content moderation", ("draft",)),
        (STATES, "Shipping", ()),
    ],
)
def test_content_moderation_brings_two_states(
    rows: list[Row], type_: str, names: tuple[str, ...]
) -> None:
    assert states(workflow_of(states=rows, type_=type_)).names_of_core == names


def test_a_new_workflow_has_the_states_of_its_rows_and_no_others() -> None:
    assert states(workflow_of()).is_complete
    assert not states(workflow_of(status="c")).is_complete
    assert not states(workflow_of(states=[WAITING])).is_complete


def test_of_declared_worksheets_nobody_knows_whether_rows_are_all() -> None:
    ticket = ticket_of()
    members = tuple(replace(row, is_declared=True) for row in ticket.group.members)
    declared = replace(ticket, group=replace(ticket.group, members=members))

    assert not states(TicketWorkflow(ticket=declared)).is_complete


def test_a_workflow_without_rows_has_no_states() -> None:
    assert states_of(workflow_of(states=[])) == NoStates()


# What follows from it.


def test_what_core_brings_is_told_from_what_is_added() -> None:
    assert sentences(say(workflow_of())) == [
        "draft and published come with Content Moderation, with fixed settings; waiting is added."
    ]
    assert sentences(say(workflow_of(states=[state("Draft"), state("Published")]))) == [
        "draft and published come with Content Moderation, with fixed settings."
    ]
    assert sentences(say(workflow_of(states=[NAMELESS, state("Draft")]))) == [
        "draft comes with Content Moderation, with fixed settings; “Waiting” is added."
    ]


def test_nothing_is_brought_to_a_workflow_that_is_there_or_of_another_type() -> None:
    assert sentences(say(workflow_of(status="c"))) == []
    assert sentences(say(workflow_of(type_="Shipping"))) == []
    assert sentences(say(workflow_of(states=[]))) == []


def test_the_states_are_listed_exactly_where_there_are_no_others() -> None:
    (exactly,) = sentences(check(workflow_of()))
    (at_least,) = sentences(check(workflow_of(status="c")))
    (alone,) = sentences(check(workflow_of(states=[])))

    assert exactly.endswith(
        "lists Plain plain with exactly the states Draft draft, Waiting waiting and Published published."
    )
    assert at_least.endswith("has the states Draft draft, Waiting waiting and Published published.")
    assert alone.endswith("Workflows lists Plain plain.")


@each(
    ("steps", "rows", "missing"),
    [
        ([SEND], STATES, None),
        ([], STATES, "transitions"),
        ([SEND], [], "states"),
    ],
)
def test_missing_states_and_transitions_are_asked_for(
    steps: list[Row], rows: list[Row], missing: str | None
) -> None:
    question = f"Which {missing} does “Plain” have? No row says."

    assert asked("lists.states", ticket_of(*steps, states=rows)) == [question] * bool(missing)


def test_nothing_is_asked_for_of_a_workflow_that_is_there_or_hollow() -> None:
    assert asked("lists.states", ticket_of(status="c")) == []
    assert asked("lists.states", ticket_of(states=[WAITING | {"X": "w"}])) == []
