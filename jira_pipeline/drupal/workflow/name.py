"""The name of a workflow, by which people choose it on *Workflows*.

Source: Drupal core, `label` in `workflows.workflow.*`.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow

COLUMN = label_column("Label")
COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the workflow", is_wording=True)
RULE: Rule[TicketWorkflow] = Rule(key="workflow.name", columns=(COLUMN,), counterpart=COUNTERPART)
