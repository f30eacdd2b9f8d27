"""The description of a role: what somebody with it does, in words.

Drupal has no place for it. A role that may do everything may say so there (`permission`).
"""

from collections.abc import Iterator

from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import Column, Holds

COLUMN = Column("Description", holds=Holds.PROSE, is_of_tool=False)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the description of each role."""
    return facts_of_cell(COLUMN.name, ticket.to_build)


RULE = Rule(key="role.description", columns=(COLUMN,), facts=facts)
