"""The story of a ticket of view modes.

Which of them Drupal lists, below which heading, is claimed of their names (`name`).
"""

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.listed_things import story_of_list
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view_mode.provider import modes_added_by_hand
from jira_pipeline.model.entities import EntityKind


def say(ticket: TicketRows) -> tuple[Claim, ...]:
    """Say which modes the site needs; of those that something brings only where there is no other."""
    modes = modes_added_by_hand(ticket) or ticket.to_build
    return story_of_list(ticket, modes, noun=NOUNS[EntityKind.VIEW_MODE])


RULE = Rule(key="view_mode.story", say=say)
