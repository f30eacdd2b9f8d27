"""The page on which Drupal lists responsive image styles, and the story of a ticket of these.

Source: Drupal core, responsive_image `entity.responsive_image_style.collection`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.listed_things import changes_of_list, claims_of_listed, story_of_list
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import EntityKind


def say(ticket: TicketRows) -> tuple[Claim, ...]:
    """Say which responsive image styles the site needs.

    `The site needs the responsive image style “Hero”.`
    """
    return story_of_list(ticket, ticket.to_build, noun=NOUNS[EntityKind.RESPONSIVE_IMAGE_STYLE])


def check(ticket: TicketRows) -> tuple[Claim, ...]:
    """Claim that the page *Responsive image styles* lists the new styles."""
    return claims_of_listed(ticket, ticket.to_build)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what the ticket does with each style."""
    return changes_of_list(ticket.to_build)


RULE = Rule(key="image_style.responsive_listing", facts=facts, say=say, check=check)
