"""The place of a state among the transitions of its workflow."""

from jira_pipeline.drupal.workflow.state_place import (
    End,
    Held,
    PlaceFact,
    Regular,
    Unreached,
    Unsaved,
    Unused,
    place_of,
)
from jira_pipeline_tests.drupal.made_rows import asked
from jira_pipeline_tests.drupal.made_workflows import (
    BACK,
    KEEP,
    MODERATION,
    POST,
    SEND,
    STATES,
    STAY,
    WHOLE,
    group_rows_of,
    state,
    step,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


def places(*steps: Row, states: list[Row] = STATES, type_: str = MODERATION) -> list[PlaceFact]:
    rows = group_rows_of(ticket_of(*steps, states=states, type_=type_))
    return [place_of(row, rows) for row in rows.states]


@each(
    ("steps", "draft", "waiting", "published"),
    [
        (WHOLE, Regular(), Regular(), Regular()),
        ([SEND, POST, KEEP, STAY], Regular(), Regular(), End()),
        ([SEND, POST, BACK, STAY], Unsaved(), Regular(), Regular()),
        ([SEND, POST, BACK, KEEP], Regular(), Held(), Regular()),
        (
            [SEND, KEEP, step("Down", "Waiting", "Draft")],
            Regular(),
            Regular(),
            Unreached(),
        ),
        (
            [
                POST,
                step("Down", "Published", "Waiting"),
                STAY,
                step("Hold", "Published", "Published"),
            ],
            Unused(),
            Regular(),
            Regular(),
        ),
        ([SEND, BACK, KEEP], Regular(), End(), Unreached()),
        ([KEEP, POST, BACK], End(), Unreached(), Regular()),
        ([KEEP, POST], Unused(), Unreached(), End()),
    ],
)
def test_transitions_give_each_state_its_place(
    steps: list[Row], draft: PlaceFact, waiting: PlaceFact, published: PlaceFact
) -> None:
    assert places(*steps) == [draft, waiting, published]


@each(
    "steps",
    [
        [],
        [SEND, step("Post", "Any", "Published")],
        [SEND, step("Post", "Harbour", "Published")],
        [SEND, step("Post", "Waiting", "Harbour")],
    ],
)
def test_nobody_can_tell_while_a_transition_is_not_certain(steps: list[Row]) -> None:
    assert places(*steps) == [Regular(), Regular(), Regular()]


def test_what_is_archived_stays_so() -> None:
    rows = [*STATES, state("Archived"), state("Kept")]
    steps = [*WHOLE, step("Shelve", "Published", "Archived"), step("Store", "Published", "Kept")]

    assert places(*steps, states=rows)[3:] == [Regular(), End()]


def test_of_a_workflow_of_another_type_nobody_knows_where_content_starts() -> None:
    steps = [SEND, step("Read", "Waiting", "Published")]

    assert places(*steps, type_="Shipping") == [Regular(), Regular(), End()]


def test_states_with_transitions_among_themselves_alone_are_not_reached() -> None:
    rows = [*STATES, state("Kept")]
    steps = [
        *(SEND, KEEP, step("Down", "Waiting", "Draft")),
        *(step("Store", "Published", "Kept"), step("Take", "Kept", "Published")),
    ]

    assert places(*steps, states=rows) == [Regular(), Regular(), Unreached(), Unreached()]


def test_a_state_that_nothing_enters_or_leaves_is_not_reached() -> None:
    rows = [*STATES, state("Kept")]

    assert places(*WHOLE, states=rows, type_="Shipping")[3] == Unreached()


@each(
    ("steps", "key", "text"),
    [
        (
            [SEND, POST, KEEP, STAY],
            "lists.end",
            "“Plain” has no transition out of “Published”: should such content stay there permanently?",
        ),
        (
            [SEND, KEEP, step("Down", "Waiting", "Draft")],
            "lists.unreached",
            (
                "In “Plain”, no chain of transitions that begins in “Draft” reaches “Published”: how "
                "does content get there?"
            ),
        ),
        (
            [SEND, POST, BACK, STAY],
            "lists.unsaved",
            (
                "“Draft” of “Plain”: a transition from there to itself is added, so that its content "
                "can be saved."
            ),
        ),
        (
            [SEND, POST, BACK, KEEP],
            "lists.held",
            (
                "“Waiting” of “Plain”: a transition from there to itself is added, so that its content "
                "can be saved."
            ),
        ),
        (
            [POST, step("Down", "Published", "Waiting")],
            "lists.untouched",
            "“Draft” of “Plain”: unused; no transition enters or leaves it.",
        ),
    ],
)
def test_an_odd_place_is_asked_about(steps: list[Row], key: str, text: str) -> None:
    assert asked(key, ticket_of(*steps)) == [text]


def test_without_an_initial_state_the_question_names_none() -> None:
    rows = [state("Waiting"), state("Published"), state("Kept")]
    steps = [POST, step("Down", "Published", "Waiting")]

    assert asked("lists.unreached", ticket_of(*steps, states=rows)) == [
        "In “Plain”, no chain of transitions reaches “Kept”: how does content get there?"
    ]


def test_nothing_is_asked_about_regular_places() -> None:
    keys = {question.kind for question in ticket_of(*WHOLE).left_open}

    assert keys.isdisjoint({"lists.end", "lists.unreached", "lists.unsaved", "lists.held"})
