"""The workflow that a state or transition is of: its configuration has them all in one file.

Source: Drupal core, `type_settings` of `workflows.workflow.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.columns import Column, Holds, Role

COLUMN = Column("Workflow", holds=Holds.LABEL, role=Role.OWNER, names="workflow", is_required=True)


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield the workflow that each state and each row of a transition names."""
    return facts_of_cell(COLUMN.name, workflow.ticket.group.members)


RULE = Rule(key="workflow.owner", columns=(COLUMN,), facts=facts)
