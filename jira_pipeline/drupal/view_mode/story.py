"""The story of a ticket of view modes.

Which of them Drupal lists, below which heading, is claimed of their names (`name`).
"""

from collections.abc import Iterator

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.listed_things import changes_of_list, story_of_list
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view_mode.provider import modes_added_by_hand
from jira_pipeline.model.entities import EntityKind


def say(ticket: TicketRows) -> tuple[Claim, ...]:
    """Say which view modes the site needs; those that come anyway only if there are no others.

    `The site needs the view mode “Card”.`
    """
    modes = modes_added_by_hand(ticket) or ticket.to_build
    return story_of_list(ticket, modes, noun=NOUNS[EntityKind.VIEW_MODE])


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what the ticket does with each view mode."""
    return changes_of_list(ticket.to_build)


RULE = Rule(key="view_mode.story", facts=facts, say=say)
