"""A display for which a permission is needed that no role has: administrators alone see it.

Mostly a role was forgotten. A page below `/admin` is not asked about: it is for administrators. The
role of administrators has every permission, so it is not among the roles looked at.

Source: Drupal core, the plugin `perm` of `@ViewsAccess`; `is_admin` of `user.role.*`.
"""

from collections.abc import Iterator, Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

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


# The fact: who has the permission for a display.


@dataclass(frozen=True, slots=True)
class HeldByNoRole:
    """No role but administrators has the permission for the display."""

    permission: str


@dataclass(frozen=True, slots=True)
class HeldByRole:
    """A row of a role lists the permission for the display."""


@dataclass(frozen=True, slots=True)
class UnknownHolders:
    """Nobody can tell, or it is nothing to ask about.

    The display needs no permission or is a page of administrators, some role does not list its
    permissions, or a role of everybody has no row.
    """


HoldersFact: TypeAlias = HeldByNoRole | HeldByRole | UnknownHolders


def holders_of_permission(display: Entity, specification: Specification) -> HoldersFact:
    """Read from the rows of a display and of all roles who has the permission for the display."""
    match access_of(display):
        case ForPermission(permission):
            given = _permissions_given(specification)
            if given is None or path_text(display).startswith(_ADMINISTRATION):
                return UnknownHolders()
            if permission.casefold() in given:
                return HeldByRole()
            return HeldByNoRole(permission)
        case _:
            return UnknownHolders()


def _permissions_given(specification: Specification) -> AbstractSet[str] | None:
    """Return the permissions of all roles but administrators, in lower case; None if not known.

    They are known where every role lists its permissions and the roles of everybody, those of visitors
    and of accounts, have rows.
    """
    given: set[str] = set()
    role_names = set()
    for role in specification.live[EntityKind.USER_ROLE]:
        role_names.add(role.machine_name)
        if role.machine_name in listed_in("roles", "with_every_permission"):
            continue
        match permissions_in(role):
            case ListedPermissions(permissions):
                given.update(permissions)
            case NoPermissions():
                continue
            case _:
                return None
    return given if role_names.issuperset(listed_in("roles")) else None


# What follows from it.


def ask(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask who is to see a display whose permission no role but administrators has.

    `page_1 asks for the permission “view boats”, which no role but administrators has: who is to
    see it?`
    """
    match holders_of_permission(display, rows.index.specification):
        case HeldByNoRole(permission):
            yield question_about(
                "views.permission_of_nobody",
                display,
                ACCESS.name,
                permission=f"“{plain(permission)}”",
            )
        case HeldByRole() | UnknownHolders():
            return


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield who has the permission that each display asks for."""
    for display in view.displays:
        holders = holders_of_permission(display, view.ticket.session.specification)
        yield StatedFact(fact=holders, rows=(display,))


RULE = Rule(key="view.permission_of_nobody", facts=facts, asked_rows=displays_set, ask=ask)
