"""The state in which new content starts."""

from jira_pipeline.drupal.workflow.initial_state import (
    NoStart,
    OpenStart,
    StatedStart,
    start_of,
    usual_start,
)
from jira_pipeline_tests.drupal.made_rows import asked
from jira_pipeline_tests.drupal.made_workflows import (
    BACK,
    POST,
    SEND,
    STATES,
    WHOLE,
    group_rows_of,
    state,
    step,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


def start(*steps: Row, states: list[Row] = STATES) -> OpenStart:
    fact = start_of(group_rows_of(ticket_of(*steps, states=states)))
    assert isinstance(fact, OpenStart)
    return fact


def labels(*steps: Row, states: list[Row] = STATES) -> list[str]:
    return [row.label for row in start(*steps, states=states).candidates]


# The fact.


def test_content_may_start_in_a_state_with_a_transition_out_of_it() -> None:
    assert labels(SEND, POST) == ["Draft", "Waiting"]
    assert labels() == ["Draft", "Waiting", "Published"]


def test_the_usual_state_is_that_of_core() -> None:
    usual = start(SEND).usual
    assert usual is not None
    assert usual.label == "Draft"
    assert start(states=[state("Waiting")]).usual is None
    assert usual_start(group_rows_of(ticket_of(SEND, type_="Shipping"))) is None


@each(
    "rows",
    [
        [state("Draft", Notes="Where it starts.")],
        [state("Waiting"), state("Draft", Initial_state="y")],
        [state("Draft", Start="yes")],
        [state("Draft", **{"Default state": "yes"})],
    ],
)
def test_a_column_or_a_note_may_say_it(rows: list[Row]) -> None:
    assert start_of(group_rows_of(ticket_of(SEND, states=rows))) == StatedStart()


def test_a_workflow_of_another_type_or_without_states_has_no_start() -> None:
    assert start_of(group_rows_of(ticket_of(SEND, type_="Shipping"))) == NoStart()
    assert start_of(group_rows_of(ticket_of(states=[]))) == NoStart()


# The question.


def test_the_usual_state_is_assumed() -> None:
    assert asked("lists.first_state", ticket_of(*WHOLE)) == [
        "“Plain”: new content starts in Draft."
    ]


def test_a_usual_state_that_nothing_leaves_is_not_assumed() -> None:
    (question,) = [
        q
        for q in ticket_of(POST, BACK | {"To state": "Waiting"}).left_open
        if q.kind == "lists.first_state"
    ]

    assert question.question == (
        "In which state does new content start under “Plain”? “Draft”, the usual one, has no "
        "transition out of it."
    )
    assert question.choices == ("Waiting", "Published")


def test_without_a_usual_state_it_is_asked() -> None:
    rows = [state("Waiting"), state("Read")]

    assert asked("lists.first_state", ticket_of(step("Read", "Waiting", "Read"), states=rows)) == [
        "In which state does new content start under “Plain”?"
    ]


def test_nothing_is_asked_of_a_workflow_that_is_there() -> None:
    assert asked("lists.first_state", ticket_of(*WHOLE, status="c")) == []
