"""The bundles that a view mode is used on."""

from jira_pipeline.drupal.view_mode.used_on import bundles_there, bundles_using, check, say
from jira_pipeline_tests.drupal.made_rows import sentences, ticket_of_view_modes, view_mode
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

BOAT, CREW = (
    bundle("Boat", "boat", "Content type", "x"),
    bundle("Crew", "crew", "Content type", "x"),
)
GONE = bundle("Raft", "raft", "Content type", "d")
LATER = bundle("Sail", "sail")
BUNDLES = [BOAT, CREW, GONE, LATER]


@each(
    ("row", "labels"),
    [
        (view_mode(used_on="Boat, Crew"), ["Boat (Content type)", "Crew (Content type)"]),
        (view_mode(used_on="Boat, Raft"), ["Boat (Content type)"]),
        (view_mode(used_on="Keel"), []),
        (view_mode(used_on=""), []),
    ],
)
def test_bundles_that_stay_or_come_use_a_mode(row: Row, labels: list[str]) -> None:
    ticket = ticket_of_view_modes(row, bundles=BUNDLES)

    assert [user.label for user in bundles_using(ticket.head, ticket)] == labels


def test_bundles_that_are_there_have_their_modes_ticked() -> None:
    ticket = ticket_of_view_modes(
        view_mode("Card", used_on="Boat, Crew, Sail"),
        view_mode("Row", used_on="Boat, Crew"),
        view_mode("Tile", used_on="Crew"),
        bundles=BUNDLES,
    )

    assert [user.label for user in bundles_there(ticket)] == [
        "Boat (Content type)",
        "Crew (Content type)",
    ]
    assert sentences(check(ticket)) == [
        "Manage display \u203a Custom display settings of Boat has “Card” and “Row” ticked.",
        "Manage display \u203a Custom display settings of Crew has “Card”, “Row” and “Tile” ticked.",
    ]


def test_bundles_with_the_same_modes_share_a_sentence() -> None:
    ticket = ticket_of_view_modes(view_mode(used_on="Boat, Crew"), bundles=BUNDLES)

    assert len(sentences(check(ticket))) == 1


def test_a_bundle_that_a_later_ticket_makes_is_not_there() -> None:
    ticket = ticket_of_view_modes(
        view_mode("Card", used_on="Boat, Sail"), view_mode("Row", used_on="Crew"), bundles=BUNDLES
    )

    (claim,) = say(ticket)

    assert sentences([claim]) == ["Sail does not exist yet: its ticket switches its view modes on."]
    assert [mode.label for mode in claim.rows] == ["Card"]
