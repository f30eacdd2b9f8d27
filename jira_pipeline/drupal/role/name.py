"""The name of a role, by which people give it to others on *People*.

Source: Drupal core, `label` in `user.role.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.ticket_rows import TicketRows

COLUMN = label_column("Name", "Role", "Role name")


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the name of each role."""
    return facts_of_cell(COLUMN.name, ticket.to_build)


COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the role", is_wording=True)
RULE = Rule(key="role.name", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
