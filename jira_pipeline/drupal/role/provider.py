"""What brings a role: core has two, and the installation profile Standard brings others.

One of these has every permission without listing any.

Source: Drupal core, user `config/install/user.role.*`, `recipes/administrator_role`,
`recipes/content_editor_role`, as `roles` of `drupal.toml` lists them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, Status

# The fact: what brings a role.


@dataclass(frozen=True, slots=True)
class FromCore:
    """Every site has it."""


@dataclass(frozen=True, slots=True)
class FromStandard:
    """A site has it that was installed with the profile Standard."""


@dataclass(frozen=True, slots=True)
class Administrator:
    """The role of that profile that may do everything."""


@dataclass(frozen=True, slots=True)
class AddedByHand:
    """Somebody adds the role, or it is there already."""


ProviderFact: TypeAlias = FromCore | FromStandard | Administrator | AddedByHand


def provider_of(role: Entity) -> ProviderFact:
    """Tell what brings a role, by its machine name."""
    name = role.machine_name
    if role.status is not Status.APPROVED:
        return AddedByHand()
    if name in listed_in("roles"):
        return FromCore()
    if name not in listed_in("roles", "of_standard"):
        return AddedByHand()
    if name in listed_in("roles", "with_every_permission"):
        return Administrator()
    return FromStandard()


# What follows from it.


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Say which roles nobody adds.

    `anonymous comes with Drupal: do not add it.`
    """
    of_core = []
    of_standard = []
    administrators = []
    for role in ticket.to_build:
        match provider_of(role):
            case FromCore():
                of_core.append(role)
            case FromStandard():
                of_standard.append(role)
            case Administrator():
                administrators.append(role)
            case AddedByHand():
                pass
    name = MACHINE_NAME_COLUMN
    yield from claims_about("analysis.roles_shipped", of_core, name)
    yield from claims_about("analysis.roles_of_standard", of_standard, name)
    yield from claims_about("analysis.role_of_administrators", administrators, name)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what brings each role to build."""
    return facts_by_row(provider_of, ticket.to_build)


RULE = Rule(key="role.provider", facts=facts, say=say)
