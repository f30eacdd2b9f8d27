"""Whether content in a state is published, and its revision the default one."""

from jira_pipeline.drupal.workflow.publishing import (
    Boxes,
    BoxesFact,
    FixedByCore,
    UnsaidBoxes,
    boxes_of,
    check,
)
from jira_pipeline_tests.drupal.made_rows import asked, sentences
from jira_pipeline_tests.drupal.made_workflows import (
    SEND,
    WHOLE,
    state,
    step,
    ticket_of,
    workflow_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

BOTH = {"Published": "y", "Default_revision": "y"}
STAYS_ONLINE = "Neither published nor the default revision"


@each(
    ("row", "fact"),
    [
        (state("Waiting", **BOTH), Boxes(published=True, default_revision=True)),
        (
            state("Waiting", Published="n", Default_revision="y"),
            Boxes(published=False, default_revision=True),
        ),
        (state("Waiting", Published="y"), UnsaidBoxes()),
        (state("Waiting", Default_revision="y"), UnsaidBoxes()),
        (state("Waiting"), UnsaidBoxes()),
        (state("Draft", **BOTH), FixedByCore()),
    ],
)
def test_a_row_says_how_both_boxes_are_set(row: Row, fact: BoxesFact) -> None:
    assert boxes_of(workflow_of(states=[row]).states[0]) == fact


def test_states_with_the_same_boxes_are_checked_together() -> None:
    rows = [
        state("Draft", Published="n", Default_revision="n"),
        state("Waiting", **BOTH),
        state("Kept", **BOTH),
        state("Left", Published="n", Default_revision="y"),
        state("There", "x", **BOTH),
        state("Odd", Published="y"),
    ]

    assert sentences(check(workflow_of(states=rows))) == [
        (
            "In each of the states Waiting and Kept of Plain plain, “Published” is ticked and “Default "
            "revision” is ticked."
        ),
        "In the state Left of Plain plain, “Published” is unticked and “Default revision” is ticked.",
    ]


def test_the_boxes_of_a_new_state_are_asked_for_with_what_is_usual() -> None:
    ticket = ticket_of(*WHOLE)

    (question,) = [q for q in ticket.left_open if q.kind == "lists.flags"]
    assert question.question.startswith("Is content in “Waiting” of “Plain” published?")
    assert question.suggested_answer == STAYS_ONLINE


@each(
    ("begin", "answer"),
    [("Published", ""), ("Draft", STAYS_ONLINE)],
)
def test_of_a_state_after_the_published_one_nothing_is_usual(begin: str, answer: str) -> None:
    ticket = ticket_of(*WHOLE, step("Pull", begin, "Waiting"))

    (question,) = [q for q in ticket.left_open if q.kind == "lists.flags"]
    assert question.suggested_answer == answer


def test_a_step_to_a_state_that_no_row_has_says_nothing_of_others() -> None:
    ticket = ticket_of(SEND, step("Pull", "Published", "Harbour"))

    (question,) = [q for q in ticket.left_open if q.kind == "lists.flags"]
    assert question.suggested_answer == STAYS_ONLINE


@each(
    "rows",
    [
        [state("Waiting", Notes="Somebody reads it first.")],
        [state("Waiting", "x")],
        [state("Waiting"), state("Draft", Published="n")],
        [state("Waiting"), state("Draft", **{"Default rev.": "n"})],
        [state("Archived")],
        [state("Draft"), state("Published")],
    ],
)
def test_nothing_is_asked_of_states_whose_boxes_are_known_or_told(rows: list[Row]) -> None:
    assert asked("lists.flags", ticket_of(SEND, states=rows)) == []


def test_a_workflow_of_another_type_has_no_boxes() -> None:
    assert asked("lists.flags", ticket_of(*WHOLE, type_="Shipping")) == []
