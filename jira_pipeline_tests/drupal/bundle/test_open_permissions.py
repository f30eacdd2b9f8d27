"""A type whose items everybody may change or delete."""

from jira_pipeline.drupal.bundle.open_permissions import OpenTo, facts
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of
from jira_pipeline_tests.drupal.made_roles import role
from jira_pipeline_tests.drupal.made_rows import asked, field
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

ANY = "Permissions: create boat content, edit any boat content, delete any boat content"


def test_whether_all_accounts_are_to_change_what_others_wrote_is_asked() -> None:
    roles = [role(ANY, "Authenticated")]

    assert asked(
        "bundles.open_to_all", bundles_of(boat(), fields=[field()], roles=roles).ticket
    ) == [
        (
            "By the row of “Authenticated”, everybody who logs in may change and delete every item of "
            "“Boat”, whoever wrote it: is that meant?"
        )
    ]


def test_so_it_is_of_visitors_and_terms() -> None:
    vocabulary = boat(type="Vocabulary")
    roles = [role("Permissions: edit terms in boat, access content", "Anonymous")]

    (question,) = asked(
        "bundles.open_to_all", bundles_of(vocabulary, fields=[], roles=roles).ticket
    )

    assert "every visitor may change every item of “Boat”" in question


@each(
    "row",
    [
        role(ANY),  # a group of people
        role("Permissions: create boat content, edit own boat content", "Authenticated"),
        role("Permissions: edit any ship content, access content", "Authenticated"),
        role("", "Authenticated"),
        role(ANY, "Authenticated") | {"X": "d"},
    ],
)
def test_nothing_is_asked_of_other_roles_and_permissions(row: Row) -> None:
    ticket = bundles_of(boat(), fields=[field()], roles=[row]).ticket

    assert asked("bundles.open_to_all", ticket) == []


def test_the_role_is_said_with_the_type() -> None:
    roles = [role(ANY, "Authenticated"), role(ANY)]

    (stated,) = facts(bundles_of(boat(), fields=[field()], roles=roles))

    assert isinstance(stated.fact, OpenTo)
    assert stated.fact.acts == ("change", "delete")
    assert [row.machine_name for row in stated.rows] == ["boat", "authenticated"]
