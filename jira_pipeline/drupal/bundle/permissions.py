"""The permissions of roles on a type: they exist from the moment when the type does.

A role whose ticket comes first cannot get them there, so the ticket of the type grants them.

Source: Drupal core, `NodePermissions`, `MediaPermissions` and others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.role.permission import permissions_of
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows, TicketRows
from jira_pipeline.model.entities import Entity, EntityKind
from jira_pipeline.model.grouped import group_pairs


@dataclass(frozen=True, slots=True)
class RoleOfTicket:
    """A role with the number of its ticket."""

    role: Entity
    ticket_number: int


@dataclass(frozen=True, slots=True)
class RolesWithPermissions:
    """The fact: the roles that get their permissions on a type in its ticket, not in their own."""

    roles: tuple[Entity, ...]


def roles_with_permissions_of(bundle: Entity, ticket: TicketRows) -> RolesWithPermissions:
    """Read from the rows of roles in earlier tickets which have permissions on a type of this one."""
    earlier = []
    for of_ticket in _roles_by_bundle(ticket.session).get(bundle.key, ()):
        if of_ticket.ticket_number < ticket.group.number:
            earlier.append(of_ticket.role)
    return RolesWithPermissions(tuple(earlier))


# What follows from it.


def check(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim that roles of earlier tickets have their permissions on the types of this one.

    `… Permissions, Skipper has the permissions on “Boat” that its row lists.`
    """
    for bundle in bundles.set_up:
        granted = roles_with_permissions_of(bundle, bundles.ticket)
        yield from claims_about("verification.granted", granted.roles, name=text(name_of(bundle)))


@once_per_session
def _roles_by_bundle(session: SessionRows) -> Mapping[str, Sequence[RoleOfTicket]]:
    """Return the roles that a ticket builds, by the keys of what they have permissions on."""
    pairs = []
    for role in session.specification.live[EntityKind.USER_ROLE]:
        group = session.building.get(role.source)
        if group is None:
            continue
        for key in {thing.key for _, thing in permissions_of(role, session.specification)}:
            pairs.append((key, RoleOfTicket(role, group.number)))
    return group_pairs(pairs)


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield the roles that get their permissions on each type here, with their rows."""
    for bundle in bundles.set_up:
        granted = roles_with_permissions_of(bundle, bundles.ticket)
        yield StatedFact(fact=granted, rows=(bundle, *granted.roles))


RULE = Rule(key="bundle.permissions", facts=facts, check=check)
