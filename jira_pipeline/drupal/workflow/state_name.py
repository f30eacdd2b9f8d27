"""The name of a state, which editors see beside content and choose below it.

Source: Drupal core, `states` of `workflows.workflow.*`.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow

COLUMN = label_column("Label", "State")
COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the state", is_wording=True)
RULE: Rule[TicketWorkflow] = Rule(
    key="workflow.state_name", columns=(COLUMN,), counterpart=COUNTERPART
)
