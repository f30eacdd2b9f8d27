"""The name of a transition, by which its permission goes on *Permissions*.

Source: Drupal core, `transitions` of `workflows.workflow.*`.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow

COLUMN = label_column("Label", "Transition")
COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the transition", is_wording=True)
RULE: Rule[TicketWorkflow] = Rule(
    key="workflow.transition_name", columns=(COLUMN,), counterpart=COUNTERPART
)
