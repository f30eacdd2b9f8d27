"""The page on which Drupal lists image styles, and the story of a ticket of these.

Source: Drupal core, image `entity.image_style.collection`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.image_style.provider import styles_added_by_hand
from jira_pipeline.drupal.listed_things import changes_of_list, claims_of_listed, story_of_list
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import EntityKind


def say(ticket: TicketRows) -> tuple[Claim, ...]:
    """Say which styles the site needs; those that modules bring only if the ticket has no others.

    `The site needs the image style “Card”.`
    """
    styles = styles_added_by_hand(ticket) or ticket.to_build
    return story_of_list(ticket, styles, noun=NOUNS[EntityKind.IMAGE_STYLE])


def check(ticket: TicketRows) -> tuple[Claim, ...]:
    """Claim that the page *Image styles* lists the new styles."""
    return claims_of_listed(ticket, ticket.to_build)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what the ticket does with each style."""
    return changes_of_list(ticket.to_build)


RULE = Rule(key="image_style.listing", facts=facts, say=say, check=check)
