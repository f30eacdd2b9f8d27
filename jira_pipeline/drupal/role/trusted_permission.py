"""Permissions of a few that a role of everybody has: to administer, to get round access, to see any.

`anonymous` and `authenticated` are no groups of people: whoever visits the site, or has an
account, has them. Those on all items of one type are asked about in the ticket of the type.

Source: Drupal core, `restrict access` in `*.permissions.yml`; Views Bulk Operations, `actions_permissions`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import roles_to_build
from jira_pipeline.drupal.meaning.modules_and_types import facts_of, listed_in
from jira_pipeline.drupal.role.permission import (
    COLUMN,
    ListedPermissions,
    permissions_in,
    permissions_of,
)
from jira_pipeline.drupal.row_names import joined, plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.entities import Entity, Specification

_TRUSTED = re.compile(
    r"(?:administer|bypass) .+|(?:view|edit|update|delete) any .+"
    r"|execute \S*(?:delete|cancel|role|block_user)\S*.*"
)
_NAMED_MAX = 6
"""More names make a question nobody reads."""

# The fact: which permissions of a few everybody has.


@dataclass(frozen=True, slots=True)
class GivenToAll:
    """A role of everybody has them, in the order of its row."""

    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GivenToRole:
    """The role has none of them, or is one of some people."""


TrustedFact: TypeAlias = GivenToAll | GivenToRole


def trusted_permissions_of(role: Entity, specification: Specification) -> TrustedFact:
    """Read from the row of a role that everybody has which permissions meant for trusted roles it has."""
    if role.machine_name not in listed_in("roles"):
        return GivenToRole()
    match permissions_in(role):
        case ListedPermissions(names):
            on_types = dict(permissions_of(role, specification))
            trusted = []
            for name in names:
                if _TRUSTED.fullmatch(name) and name not in on_types:
                    trusted.append(name)
            return GivenToAll(tuple(trusted)) if trusted else GivenToRole()
        case _:
            return GivenToRole()


# What follows from it.


def ask(role: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether visitors or all accounts are really to have permissions meant for trusted roles.

    `By the row of “Guest”, every visitor gets administer nodes: is that meant?`
    """
    match trusted_permissions_of(role, rows.index.specification):
        case GivenToAll(permissions):
            names = [f"“{plain(name)}”" for name in permissions[:_NAMED_MAX]]
            left = len(permissions) - len(names)
            if left:
                names.append(f"{left} more of the kind")
            yield question_about(
                "lists.permissions_of_all",
                role,
                COLUMN.name,
                people=facts_of("roles", "people")[role.machine_name],
                permissions=joined(names),
            )
        case GivenToRole():
            return


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield which permissions meant for trusted roles everybody has by each role."""
    for role in ticket.to_build:
        trusted = trusted_permissions_of(role, ticket.session.specification)
        yield StatedFact(fact=trusted, rows=(role,))


RULE = Rule(key="role.trusted_permission", facts=facts, asked_rows=roles_to_build, ask=ask)
