"""A display that asks for a permission which no role has: administrators alone see it.

A role whose work is a page, and that lacks the permission for it, cannot do the work. Pages of
administration are left out: administrators are whom those are for.

Source: Drupal core, the plugin `perm` of `@ViewsAccess`; `is_admin` of `user.role.*`.
"""

from collections.abc import Iterator, Set as AbstractSet
from enum import StrEnum

from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.role.permission import (
    ListedPermissions,
    NoPermissions,
    permissions_in,
)
from jira_pipeline.drupal.row_names import plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.access import COLUMN as ACCESS, ForPermission, access_of
from jira_pipeline.drupal.view.path import path_text
from jira_pipeline.drupal.view.shipped_views import displays_set
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity, EntityKind, Specification

_ADMINISTRATION = "/admin"


class Holders(StrEnum):
    """The fact: who has the permission that a display asks for."""

    SOME_ROLE = "a role of the sheets"
    NO_ROLE = "no role but administrators"
    UNKNOWN = "it asks for none, or not every role lists its permissions"


def holders_of_permission(display: Entity, specification: Specification) -> Holders:
    """Read from the rows of a display and of all roles who has the permission it asks for."""
    match access_of(display):
        case ForPermission(permission):
            given = _permissions_given(specification)
            if given is None or path_text(display).startswith(_ADMINISTRATION):
                return Holders.UNKNOWN
            return Holders.SOME_ROLE if permission.casefold() in given else Holders.NO_ROLE
        case _:
            return Holders.UNKNOWN


def _permissions_given(specification: Specification) -> AbstractSet[str] | None:
    """Return the permissions of all roles but administrators; None where a role does not list them.

    Visitors and accounts are roles too: without their rows nobody knows what everybody may do.
    """
    given: set[str] = set()
    names = set()
    for role in specification.live[EntityKind.USER_ROLE]:
        names.add(role.machine_name)
        if role.machine_name in listed_in("roles", "with_every_permission"):
            continue
        match permissions_in(role):
            case ListedPermissions(permissions):
                given.update(permissions)
            case NoPermissions():
                continue
            case _:
                return None
    return given if names.issuperset(listed_in("roles")) else None


# What follows from it.


def ask(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask who is to see a display for which no role has the permission."""
    if holders_of_permission(display, rows.index.specification) is Holders.NO_ROLE:
        match access_of(display):
            case ForPermission(permission):
                yield question_about(
                    "views.permission_of_nobody",
                    display,
                    ACCESS.name,
                    permission=f"“{plain(permission)}”",
                )
            case _:
                return


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield of each display who has the permission it asks for."""
    for display in view.displays:
        holders = holders_of_permission(display, view.ticket.session.specification)
        yield StatedFact(fact=holders, rows=(display,))


RULE = Rule(key="view.permission_of_nobody", facts=facts, asked_rows=displays_set, ask=ask)
