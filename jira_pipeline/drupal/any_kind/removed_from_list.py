"""Things of a list that go: roles, image styles, responsive ones and view modes.

Nothing in Drupal has to be done first, and nothing else goes with them.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.listed_things import changes_of_list, claims_of_unlisted
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Status


def check(ticket: TicketRows) -> tuple[Claim, ...]:
    """Claim that the page of the list has none of them, such as *Roles* that of a skipper."""
    return claims_of_unlisted(ticket)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what the ticket does with each thing that goes."""
    return changes_of_list(ticket.with_status(Status.DELETED))


RULE = Rule(key="any_kind.removed_from_list", facts=facts, check=check)
