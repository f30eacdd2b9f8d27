"""The page on which Drupal lists roles, and the story of a ticket of roles.

Source: Drupal core, user `entity.user_role.collection`.
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.listed_things import changes_of_list, claims_of_listed, story_of_list
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.role.provider import AddedByHand, FromCore, provider_of
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, EntityKind


def roles_added(ticket: TicketRows) -> Sequence[Entity]:
    """Return the roles to build that nothing brings; else those that a profile brings, else all."""
    added = [role for role in ticket.to_build if provider_of(role) == AddedByHand()]
    return added or _roles_not_of_core(ticket) or ticket.to_build


def _roles_not_of_core(ticket: TicketRows) -> list[Entity]:
    return [role for role in ticket.to_build if provider_of(role) != FromCore()]


def say(ticket: TicketRows) -> tuple[Claim, ...]:
    """Say which roles the site needs, `the role “Skipper” and the removal of the role “Mate”`."""
    return story_of_list(ticket, roles_added(ticket), noun=NOUNS[EntityKind.USER_ROLE])


def check(ticket: TicketRows) -> tuple[Claim, ...]:
    """Claim that the page *Roles* lists the new roles, but for those that every site has."""
    return claims_of_listed(ticket, _roles_not_of_core(ticket))


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what the ticket does with each role that it names."""
    return changes_of_list(roles_added(ticket))


RULE = Rule(key="role.listing", facts=facts, say=say, check=check)
