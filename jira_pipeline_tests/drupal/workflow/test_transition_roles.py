"""Who may use a transition."""

from jira_pipeline.drupal.workflow.transition import transitions_after
from jira_pipeline.drupal.workflow.transition_roles import (
    AllowedRoles,
    NoRolesNamed,
    check,
    roles_of,
)
from jira_pipeline_tests.drupal.made_rows import asked, sentences
from jira_pipeline_tests.drupal.made_workflows import (
    POST,
    SEND,
    STATES,
    ticket_of,
    workflow_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


def role(name: str, note: str = "", x: str = "a") -> Row:
    return {"Name": name, "Machine name": name.casefold(), "X": x, "Notes": note}


SKIPPER = role("Skipper")
MATE = role("Mate")
MAY_SEND = role("Pilot", "Permissions: use plain transition send, access content")
KEYS = ("lists.who", "lists.who_each")


def names_allowed(row: Row, *roles: Row) -> list[str]:
    workflow = workflow_of(row, roles=roles)
    (transition,) = transitions_after(workflow)
    match roles_of(transition, workflow.workflow, workflow.specification):
        case AllowedRoles(allowed):
            return [role.label for role in allowed]
        case NoRolesNamed():
            return []


# The fact.


@each(
    ("cells", "names"),
    [
        ({"Notes": "Skipper"}, ["Skipper"]),
        ({"Notes": "mate, skipper"}, ["Skipper", "Mate"]),
        ({"Who": "Skipper and Mate"}, ["Skipper", "Mate"]),
        ({"Notes": "Skipper or the pilot"}, []),
        ({"Notes": "Skipper, Cook"}, []),
        ({"Notes": ""}, []),
        ({"Label": "Skipper"}, []),
    ],
)
def test_a_cell_of_the_transition_lists_roles(cells: Row, names: list[str]) -> None:
    assert names_allowed(SEND | cells, SKIPPER, MATE) == names


def test_a_role_has_the_permission_of_the_transition() -> None:
    assert names_allowed(SEND, SKIPPER, MAY_SEND) == ["Pilot"]
    assert names_allowed(POST, SKIPPER, MAY_SEND) == []


def test_roles_come_in_the_order_of_their_sheet_from_both_places() -> None:
    assert names_allowed(SEND | {"Notes": "Mate"}, MAY_SEND, MATE) == ["Pilot", "Mate"]


def test_a_role_that_goes_may_use_nothing() -> None:
    assert names_allowed(SEND | {"Notes": "Mate"}, MATE | {"X": "d"}) == []


def test_one_letter_is_no_name_of_a_role() -> None:
    assert names_allowed(SEND | {"Notes": "m"}, role("M")) == []


# The questions.


def test_who_may_use_a_transition_is_asked() -> None:
    ticket = ticket_of(SEND, POST | {"Notes": "Skipper"}, roles=[SKIPPER])

    assert asked("lists.who", ticket) == ["Which roles may use “Send”? No row says."]
    assert asked("lists.who_each", ticket) == []


def test_where_no_cell_says_it_of_any_it_is_asked_once() -> None:
    ticket = ticket_of(SEND, POST)

    (question,) = [q for q in ticket.left_open if q.kind == "lists.who_each"]
    assert question.question == (
        "Which roles may use each of the 2 transitions of “Plain”? No row says."
    )
    assert question.subjects == ("send",)
    assert asked("lists.who", ticket) == []


def test_of_a_single_transition_it_is_asked_by_its_name() -> None:
    ticket = ticket_of(SEND)

    assert asked("lists.who", ticket) == ["Which roles may use “Send”? No row says."]


@each(
    ("steps", "roles"),
    [
        ([SEND | {"Notes": "The skipper sends it."}], []),
        ([SEND | {"X": "x"}], []),
        ([SEND, SEND | {"X": "d"}], []),
        ([SEND], [role("Mate", "Does what the skipper says.")]),
        ([SEND | {"Notes": "Mate"}], [MATE]),
    ],
)
def test_nothing_is_asked_that_a_cell_may_say(steps: list[Row], roles: list[Row]) -> None:
    ticket = ticket_of(*steps, status="c", roles=roles)

    assert [key for key in KEYS if asked(key, ticket)] == []


def test_roles_that_list_transitions_say_it_of_those_alone() -> None:
    described = role("Mate", "Does what the skipper says.")

    assert len(asked("lists.who", ticket_of(POST, SEND, roles=[MAY_SEND, described]))) == 1


# The checks.


def test_roles_that_may_use_the_same_transitions_are_named_together() -> None:
    workflow = workflow_of(
        SEND | {"Notes": "Skipper, Mate"},
        POST | {"Notes": "Pilot"},
        roles=[SKIPPER, MATE, role("Pilot")],
    )

    assert [sentence.partition(", ")[2] for sentence in sentences(check(workflow))] == [
        "Skipper and Mate have “Send” of “Plain”.",
        "Pilot has “Post” of “Plain”.",
    ]


def test_a_role_may_use_all_transitions() -> None:
    workflow = workflow_of(
        SEND | {"Notes": "Skipper"}, POST | {"Notes": "Skipper"}, roles=[SKIPPER]
    )

    assert [sentence.partition(", ")[2] for sentence in sentences(check(workflow))] == [
        "Skipper has all transitions of “Plain”."
    ]


def test_the_only_transition_goes_by_its_name() -> None:
    workflow = workflow_of(SEND | {"Notes": "Skipper"}, roles=[SKIPPER])

    (sentence,) = sentences(check(workflow))
    assert sentence.endswith("Skipper has “Send” of “Plain”.")


def test_a_transition_without_roles_is_as_its_note_says() -> None:
    workflow = workflow_of(SEND | {"Notes": "The skipper sends it."}, states=STATES)

    assert sentences(check(workflow)) == ["“Send” of “Plain” is as the note of its row says."]
