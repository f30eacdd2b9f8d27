"""The workflow that a state or transition is of: its configuration has them all in one file.

Source: Drupal core, `type_settings` of `workflows.workflow.*`.
"""

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.columns import Column, Holds, Role

COLUMN = Column("Workflow", holds=Holds.LABEL, role=Role.OWNER, names="workflow", is_required=True)
COUNTERPART = Counterpart(how=Comparison.KEY, where="the name of its file")
RULE: Rule[TicketWorkflow] = Rule(key="workflow.owner", columns=(COLUMN,), counterpart=COUNTERPART)
