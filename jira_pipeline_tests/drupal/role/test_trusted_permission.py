"""Permissions of a few that a role of everybody has."""

from jira_pipeline.drupal.role.trusted_permission import (
    GivenToAll,
    GivenToRole,
    facts,
)
from jira_pipeline_tests.drupal.made_roles import role, ticket_of
from jira_pipeline_tests.drupal.made_rows import asked, said_by
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

TRUSTED = "Permissions: access content, administer boats, view any unpublished content"


def test_whether_all_accounts_are_to_have_them_is_asked() -> None:
    assert asked("lists.permissions_of_all", ticket_of(role(TRUSTED, "Authenticated"))) == [
        (
            "By the row of “Authenticated”, everybody who logs in gets “administer boats” and “view any "
            "unpublished content”: is that meant?"
        )
    ]


def test_many_of_them_are_counted() -> None:
    names = ", ".join(f"administer deck {n}" for n in range(8))

    (question,) = asked(
        "lists.permissions_of_all", ticket_of(role(f"Permissions: {names}", "Anonymous"))
    )

    assert "every visitor gets “administer deck 0”" in question
    assert "and 2 more of the kind" in question


@each(
    "row",
    [
        role(TRUSTED),  # a group of people
        role("Permissions: access content, view own unpublished content", "Authenticated"),
        role("Permissions: execute entity:save block_content, access content", "Authenticated"),
        role("Looks after all boats.", "Authenticated"),
        role("", "Authenticated"),
    ],
)
def test_nothing_is_asked_of_other_roles_and_permissions(row: Row) -> None:
    assert asked("lists.permissions_of_all", ticket_of(row)) == []


def test_those_on_a_type_are_asked_in_its_ticket() -> None:
    everybody = role("Permissions: access content, edit any boat content", "Authenticated")
    ticket = ticket_of(everybody, bundles=[bundle("Boat", "boat")])

    assert asked("lists.permissions_of_all", ticket) == []


def test_they_are_a_fact_of_the_role() -> None:
    ticket = ticket_of(role(TRUSTED, "Authenticated"), role(TRUSTED))

    assert said_by(facts(ticket)) == [
        (GivenToAll(("administer boats", "view any unpublished content")), "authenticated"),
        (GivenToRole(), "skipper"),
    ]
