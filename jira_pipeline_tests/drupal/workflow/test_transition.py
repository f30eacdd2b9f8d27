"""The transitions of a workflow."""

from dataclasses import replace

from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.transition import (
    Transition,
    are_all_transitions_known,
    check,
    facts,
    kept_although_gone,
    new_transitions,
    removed_transitions,
    say,
    transitions_after,
)
from jira_pipeline_tests.drupal.made_rows import sentences
from jira_pipeline_tests.drupal.made_workflows import (
    BACK,
    KEEP,
    MODERATION,
    POST,
    SEND,
    STATES,
    STAY,
    WHOLE,
    state,
    step,
    ticket_of,
    workflow_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


def transition_of(*steps: Row, states: list[Row] = STATES) -> Transition:
    (transition,) = transitions_after(workflow_of(*steps, states=states))
    return transition


# The fact.


def test_rows_of_one_name_and_end_are_one_transition() -> None:
    transition = transition_of(
        step("Send", "Draft", "Waiting"), step("Send", "Published", "Waiting")
    )

    assert [row.label for row in transition.from_states] == ["Draft", "Published"]
    assert transition.to_state is not None
    assert transition.to_state.label == "Waiting"


@each(
    "steps",
    [
        [step("Send", "Draft", "Waiting"), step("Send", "Draft", "Published")],
        [step("Send", "Draft", "Waiting"), step("Mail", "Draft", "Waiting")],
        [step("Send", "Draft", "Waiting", name="-"), step("Mail", "Draft", "Waiting", name="-")],
        [step("Send", "Draft", "Waiting"), step("Send", "Published", "Waiting", name="mail")],
    ],
)
def test_rows_of_another_name_or_end_are_another_transition(steps: list[Row]) -> None:
    assert len(transitions_after(workflow_of(*steps))) == 2


@each(
    ("row", "is_certain"),
    [
        (SEND, True),
        (step("Send", "Any", "Waiting"), True),
        (step("Send", "Draught", "Waiting"), False),
        (step("Send", "Draft", "Weighting"), False),
        (step("Send", "Draft", "Gone"), False),
        (step("Send", "Gone", "Waiting"), False),
        (step("Send", "", "Waiting"), False),
        (step("Send", "Draft", ""), False),
    ],
)
def test_a_transition_is_certain_whose_states_are_all_there(row: Row, *, is_certain: bool) -> None:
    states = [*STATES, state("Gone", "d")]

    assert transition_of(row, states=states).is_certain is is_certain


def test_a_transition_that_names_a_state_that_no_row_has_is_not_certain() -> None:
    assert not transition_of(SEND, step("Send", "Draught", "Waiting")).is_certain


def test_a_state_is_no_transition_that_is_kept() -> None:
    workflow = workflow_of(SEND, states=[*STATES, state("Gone", "d"), state("Gone")])

    assert kept_although_gone(workflow.ticket.group.members) == ()


def test_a_transition_that_a_row_removes_and_another_builds_is_kept() -> None:
    removing = step("Send", "Draft", "Waiting", "d")
    building = step("Send", "Published", "Waiting")
    gone = step("Post", "Waiting", "Published", "d")
    workflow = workflow_of(removing, building, gone, status="c")

    kept = kept_although_gone(workflow.ticket.group.members)

    assert [(row.status.value, other.status.value) for row, other in kept] == [("d", "a")]
    assert [t.row.label for t in removed_transitions(workflow)] == ["Post"]
    assert [row.label for row in new_transitions(workflow)] == []


@each(
    ("rows", "new"),
    [
        ([SEND], ["Send"]),
        ([SEND | {"X": "c"}], []),
        ([SEND, step("Send", "Published", "Waiting", "x")], []),
    ],
)
def test_a_transition_is_new_whose_rows_are_all_new(rows: list[Row], new: list[str]) -> None:
    assert [row.label for row in new_transitions(workflow_of(*rows, status="c"))] == new


# The sentences.


def test_each_transition_leads_from_its_states_to_its_end() -> None:
    assert sentences(check(workflow_of(*WHOLE))) == [
        "“Send” (send) leads from Draft to Waiting.",
        "“Post” (post) leads from Waiting to Published.",
        "“Back” (back) leads from Published to Draft.",
        "“Keep” (keep) leads from Draft to Draft.",
        "“Stay” (stay) leads from Waiting to Waiting.",
        "The workflow has no transitions but these five.",
    ]


@each("begin", ["Any", "Draft, Waiting, Published"])
def test_a_transition_may_lead_from_every_state(begin: str) -> None:
    steps = [step("Post", one, "Published") for one in begin.split(", ")]

    first, *_ = sentences(check(workflow_of(*steps)))

    assert first == "“Post” (post) leads from each of the three states to Published."


def test_a_single_state_is_named() -> None:
    first, *_ = sentences(check(workflow_of(step("Keep", "Draft", "Draft"), states=STATES[:1])))

    assert first == "“Keep” (keep) leads from Draft to Draft."


def test_a_transition_to_a_state_that_nobody_knows_makes_none_certain() -> None:
    assert sentences(check(workflow_of(SEND, step("Post", "Waiting", "Harbour")))) == [
        "“Send” (send) leads from Draft to Waiting."
    ]


def test_a_state_that_no_transition_leaves_may_bring_another_one() -> None:
    assert not are_all_transitions_known(workflow_of(SEND, POST, KEEP, STAY))
    assert are_all_transitions_known(workflow_of(*WHOLE))


def test_of_declared_worksheets_nobody_knows_whether_rows_are_all() -> None:
    ticket = ticket_of(*WHOLE)
    members = tuple(replace(row, is_declared=True) for row in ticket.group.members)
    declared = replace(ticket, group=replace(ticket.group, members=members))

    assert not are_all_transitions_known(TicketWorkflow(ticket=declared))


def test_of_a_new_workflow_transitions_that_are_there_are_checked_too() -> None:
    there = [row | {"X": "x"} for row in WHOLE]

    assert len(sentences(check(workflow_of(*there)))) == len([*WHOLE, "no others"])


def test_a_workflow_that_is_there_may_have_transitions_that_no_row_has() -> None:
    changed = [row | {"X": "c"} for row in WHOLE]

    assert len(sentences(check(workflow_of(*changed, status="c")))) == len(WHOLE)


def test_of_a_workflow_that_is_there_only_what_changes_is_checked() -> None:
    there = [row | {"X": "x"} for row in (SEND, POST)]

    assert sentences(check(workflow_of(*there, BACK, status="c"))) == [
        "“Back” (back) leads from Published to Draft."
    ]


def test_transitions_of_core_that_no_row_has_are_unwanted() -> None:
    assert sentences(say(workflow_of(*WHOLE))) == [
        (
            "A new workflow of this type also has the transitions create_new_draft and publish: "
            "remove them."
        )
    ]


def test_a_start_of_a_transition_of_core_that_no_row_has_is_unwanted() -> None:
    publish = step("Publish", "Waiting", "Published", name="publish")
    create = [
        step("Create", begin, "Draft", name="create_new_draft") for begin in ("Draft", "Published")
    ]

    assert sentences(say(workflow_of(SEND, publish, *create, STAY))) == [
        "Content Moderation’s own publish also leads from draft or published: untick that under From."
    ]


@each(
    ("status", "type_", "rows"),
    [
        ("c", MODERATION, WHOLE),  # what is there has what it has
        ("a", "Shipping", WHOLE),  # of another type core brings nothing
        ("a", MODERATION, []),
        ("a", MODERATION, [SEND]),  # questions ask for more
    ],
)
def test_nothing_of_core_is_unwanted_where_it_may_be_right(
    status: str, type_: str, rows: list[Row]
) -> None:
    assert sentences(say(workflow_of(*rows, status=status, type_=type_))) == []


def test_from_any_state_no_start_is_unwanted() -> None:
    steps = [
        SEND,
        STAY,
        step("Publish", "Any", "Published", name="publish"),
        step("Create", "Any", "Draft", name="create_new_draft"),
    ]

    assert sentences(say(workflow_of(*steps))) == []


def test_a_transition_that_two_rows_name_stays() -> None:
    removing = step("Send", "Draft", "Waiting", "d")
    building = step("Send", "Published", "Waiting")

    assert sentences(say(workflow_of(removing, building, status="c"))) == [
        (
            "Rows to remove and rows to build both name send, and differ only in From state: keep it, "
            "do not delete it."
        )
    ]


def test_two_rows_that_differ_in_their_status_alone_say_so() -> None:
    (sentence,) = sentences(say(workflow_of(SEND, SEND | {"X": "d"}, status="c")))

    assert "differ only in X" in sentence


def test_transitions_are_facts_of_their_rows_those_that_go_last() -> None:
    gone = step("Drop", "Draft", "Draft", x="d")

    stated = list(facts(workflow_of(gone, SEND, POST)))

    assert [type(one.fact) for one in stated] == [Transition] * 3
    assert [one.rows[0].label for one in stated] == ["Send", "Post", "Drop"]
