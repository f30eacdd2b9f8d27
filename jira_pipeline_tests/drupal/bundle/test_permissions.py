"""The permissions of roles on a type."""

from jira_pipeline.drupal.bundle.permissions import RolesWithPermissions, check, facts
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

MATE = {"Name": "Mate", "Machine name": "mate", "X": "a"}
MATE |= {"Notes": "create boat content, edit own boat content"}
COOK = MATE | {"Name": "Cook", "Machine name": "cook"}


def test_roles_of_earlier_tickets_get_what_their_rows_list() -> None:
    bundles = bundles_of(boat(), anchor(), fields=[field()], roles=[MATE, COOK])

    assert plain(check(bundles)) == [
        (
            "On People > Permissions, Mate and Cook have the permissions on Boat that their "
            "rows list."
        )
    ]


@each(
    ("bundle", "role"),
    [
        (boat(), MATE | {"Notes": "create anchor content"}),
        (boat(), MATE | {"X": "d"}),
        (boat(), MATE | {"X": "x"}),  # no ticket is about it
        (boat(status="c"), MATE),  # it is there: the ticket of the role grants them
    ],
)
def test_nothing_is_claimed_without_permissions_on_a_new_type(bundle: Row, role: Row) -> None:
    assert plain(check(bundles_of(bundle, fields=[field()], roles=[role]))) == []


def test_the_ticket_of_a_later_role_grants_them_itself() -> None:
    bundles = before_others(bundles_of(boat(), fields=[field()], roles=[MATE]))

    assert plain(check(bundles)) == []


def test_the_roles_that_get_permissions_are_a_fact_beside_their_rows() -> None:
    (stated,) = facts(bundles_of(boat(), anchor(), fields=[field()], roles=[MATE, COOK]))

    assert stated.fact == RolesWithPermissions(stated.rows[1:])
    assert [row.machine_name for row in stated.rows] == ["boat", "mate", "cook"]
