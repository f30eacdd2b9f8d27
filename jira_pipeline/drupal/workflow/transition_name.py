"""The name of a transition, by which its permission goes on *Permissions*.

Source: Drupal core, `transitions` of `workflows.workflow.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.entities import EntityKind

COLUMN = label_column("Label", "Transition")


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield the name of each row of a transition."""
    return facts_of_cell(COLUMN.name, workflow.ticket.live(EntityKind.WORKFLOW_TRANSITION))


COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the transition", is_wording=True)
RULE = Rule(key="workflow.transition_name", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
