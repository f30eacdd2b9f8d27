"""A display that asks for a permission which no role has."""

from collections.abc import Sequence

from jira_pipeline.drupal.view.permission_of_nobody import (
    HeldByNoRole,
    HeldByRole,
    HoldersFact,
    UnknownHolders,
    facts,
)
from jira_pipeline_tests.drupal.made_roles import role
from jira_pipeline_tests.drupal.made_rows import asked
from jira_pipeline_tests.drupal.made_views import display, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

PAGE = display(place="/boats", access="permission see boats")
OF_ALL = [
    role("1 permissions. Permissions: access content", "Anonymous"),
    role("1 permissions. Permissions: access content", "Authenticated"),
    role("Every permission", "Administrator"),
]
SKIPPER = role("2 permissions. Permissions: moor boats, See Boats")


@each(
    ("page", "roles", "fact"),
    [
        (PAGE, OF_ALL, HeldByNoRole("see boats")),
        (PAGE, [*OF_ALL, role("0 permissions")], HeldByNoRole("see boats")),
        (PAGE, [*OF_ALL, SKIPPER], HeldByRole()),
        (PAGE, [*OF_ALL, role("Looks after boats.")], UnknownHolders()),
        (PAGE, OF_ALL[1:], UnknownHolders()),  # what visitors may do nobody knows
        (PAGE, [], UnknownHolders()),
        (PAGE | {"Path or place": "/admin/boats"}, OF_ALL, UnknownHolders()),
        (PAGE | {"Access": "roles skipper"}, OF_ALL, UnknownHolders()),
        (PAGE | {"Access": "Everybody"}, OF_ALL, UnknownHolders()),
    ],
)
def test_who_has_it_is_known_where_every_role_lists_its_permissions(
    page: Row, roles: Sequence[Row], fact: HoldersFact
) -> None:
    assert [stated.fact for stated in facts(view_of(page, roles=roles))] == [fact]


def test_who_is_to_see_it_is_asked() -> None:
    assert asked("views.permission_of_nobody", view_of(PAGE, roles=OF_ALL).ticket) == [
        (
            "`page_1` asks for the permission “see boats”, which no role but administrators has: "
            "who is to see it?"
        )
    ]


def test_nothing_is_asked_where_a_role_has_it() -> None:
    ticket = view_of(PAGE, roles=[*OF_ALL, SKIPPER]).ticket

    assert asked("views.permission_of_nobody", ticket) == []
