"""The view modes of a type."""

from jira_pipeline.drupal.bundle.view_modes import EnabledModes, check, facts, view_modes_of
from jira_pipeline_tests.drupal.made_bundles import (
    anchor,
    before_others,
    boat,
    bundles_of,
    plain,
)
from jira_pipeline_tests.drupal.made_rows import field
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

CARD = {"View Modes": "Card", "Entity Type": "Content type", "X": "a"}
CARD |= {"Entities Used On": "Boat (Content type)"}


@each(
    ("bundle", "mode", "labels"),
    [
        (boat(), CARD, ["Card"]),
        (boat(), CARD | {"X": "x"}, ["Card"]),
        (boat(), CARD | {"X": "d"}, []),
        (boat(), CARD | {"X": "w"}, []),
        (boat(), CARD | {"Entities Used On": ""}, []),
        (boat(status="x"), CARD, ["Card"]),
        (boat(status="x"), CARD | {"X": "x"}, []),  # it is ticked there already
        (boat(status="x"), CARD | {"X": "c"}, []),
    ],
)
def test_a_type_gets_the_modes_that_are_there_by_then(
    bundle: Row, mode: Row, labels: list[str]
) -> None:
    ticket = bundles_of(bundle, fields=[field()], view_modes=[mode]).ticket

    assert [mode.label for mode in view_modes_of(ticket.head, ticket)] == labels


@each(("status", "labels"), [("a", []), ("x", ["Card"])])
def test_the_ticket_of_a_later_mode_ticks_it_itself(status: str, labels: list[str]) -> None:
    bundles = bundles_of(boat(), fields=[field()], view_modes=[CARD | {"X": status}])
    ticket = before_others(bundles).ticket

    assert [mode.label for mode in view_modes_of(ticket.head, ticket)] == labels


def test_a_type_called_like_another_one_may_not_be_meant() -> None:
    other = anchor(name="Boat", machine_name="other_boat")
    ticket = bundles_of(boat(), other, fields=[field()], view_modes=[CARD]).ticket

    assert view_modes_of(ticket.head, ticket) == ()


def test_a_field_that_refers_to_a_type_is_no_view_mode() -> None:
    owner = field(
        "field_boats",
        bundle="Anchor (Content type)",
        status="x",
        type="Entity reference",
        target="Boat (Content type)",
    )
    ticket = bundles_of(boat(), anchor(status="x"), fields=[field(), owner]).ticket

    assert view_modes_of(ticket.head, ticket) == ()


def test_modes_are_ticked_and_are_as_their_notes_say() -> None:
    noted = CARD | {"Notes": "Boat: hull; Crew: name"}

    assert plain(check(bundles_of(boat(), fields=[field()], view_modes=[noted]))) == [
        "Manage display > Custom display settings has “Card” ticked.",
        '“Card” shows what its note says (<span class="citation">view_modes.csv:2</span>).',
    ]


def test_more_than_twelve_modes_are_counted_where_each_is_ticked() -> None:
    """A sentence had 21 names."""
    modes = [CARD | {"View Modes": f"Card {number}", "X": "x"} for number in range(13)]
    later = CARD | {"X": "a"}
    all_ticked = bundles_of(boat(), fields=[field()], view_modes=modes)
    one_later = before_others(bundles_of(boat(), fields=[field()], view_modes=[*modes, later]))

    (counted,) = plain(check(all_ticked))
    assert counted.endswith("has 13 view modes ticked: each that has “Boat” in “Entities Used On”.")
    (listed,) = plain(check(one_later))
    assert "“Card 0”, “Card 1”" in listed


def test_types_of_one_ticket_with_the_same_modes_share_a_sentence() -> None:
    mode = CARD | {"Entity Type": "Vocabulary", "X": "x"}
    mode |= {"Entities Used On": "Boat (Vocabulary), Anchor (Vocabulary)"}
    types = [boat(type="Vocabulary"), anchor(type="Vocabulary")]

    (sentence,) = plain(check(bundles_of(*types, view_modes=[mode])))

    assert "Boat and Anchor" in sentence
    assert "“Card”" in sentence


def test_nothing_is_ticked_without_modes() -> None:
    assert plain(check(bundles_of(boat(), fields=[field()]))) == []


def test_the_modes_that_are_ticked_are_a_fact_beside_their_rows() -> None:
    (stated,) = facts(bundles_of(boat(), fields=[field()], view_modes=[CARD]))

    assert stated.fact == EnabledModes(stated.rows[1:])
    assert [row.label for row in stated.rows] == ["Boat (Content type)", "Card"]
