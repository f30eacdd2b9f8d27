"""The name of a workflow, by which people choose it on *Workflows*.

Source: Drupal core, `label` in `workflows.workflow.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow

COLUMN = label_column("Label")


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield the name of the workflow."""
    return facts_of_cell(COLUMN.name, [workflow.workflow])


COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the workflow", is_wording=True)
RULE = Rule(key="workflow.name", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
