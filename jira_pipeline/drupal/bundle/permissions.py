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
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows
from jira_pipeline.model.entities import Entity, EntityKind
from jira_pipeline.model.grouped import group_pairs


@dataclass(frozen=True, slots=True)
class RoleOfTicket:
    """A role with the number of its ticket."""

    role: Entity
    ticket_number: int


def check(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim that roles of earlier tickets have the permissions on each type that their rows list."""
    roles_by_bundle = _roles_by_bundle(bundles.ticket.session)
    for bundle in bundles.set_up:
        earlier = []
        for of_ticket in roles_by_bundle.get(bundle.key, ()):
            if of_ticket.ticket_number < bundles.ticket.group.number:
                earlier.append(of_ticket.role)
        yield from claims_about("verification.granted", earlier, name=text(name_of(bundle)))


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


RULE = Rule(key="bundle.permissions", check=check)
