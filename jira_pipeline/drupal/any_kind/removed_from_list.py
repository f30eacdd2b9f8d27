"""Things of a list that go: roles, image styles, responsive ones and view modes.

Nothing in Drupal has to be done first, and nothing else goes with them.
"""

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.listed_things import claims_of_unlisted
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import TicketRows


def check(ticket: TicketRows) -> tuple[Claim, ...]:
    """Claim that the page of the list has none of them, such as *Roles* that of a skipper."""
    return claims_of_unlisted(ticket)


RULE = Rule(key="any_kind.removed_from_list", check=check)
