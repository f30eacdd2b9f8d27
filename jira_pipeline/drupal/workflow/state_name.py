"""The name of a state, which editors see beside content and choose below it.

Source: Drupal core, `states` of `workflows.workflow.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow

COLUMN = label_column("Label", "State")


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield the name of each state."""
    return facts_of_cell(COLUMN.name, workflow.states)


COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the state", is_wording=True)
RULE = Rule(key="workflow.state_name", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
