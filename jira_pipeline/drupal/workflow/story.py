"""The story of a workflow: what the site needs, with its states or with what changes of it."""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.changed_rows import ChangedRows, changes_in_words
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.workflow.state_name import COLUMN as STATE_NAME
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.transition import (
    new_transitions,
    removed_transitions,
    transitions_after,
)
from jira_pipeline.model.entities import EntityKind, Status


class WorkflowWork(StrEnum):
    """The fact: what a ticket does with its workflow."""

    CREATED = "the workflow is new"
    CHANGED = "the workflow is there, and something of it changes"


def work_on(workflow: TicketWorkflow) -> WorkflowWork:
    """Tell what a ticket does with its workflow."""
    return WorkflowWork.CREATED if workflow.is_new else WorkflowWork.CHANGED


def say(workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Say what the site needs, or what changes of a workflow that is there.

    `The site needs the workflow “Plain” with the states Draft and Published.`
    """
    name = workflow.name
    is_created = work_on(workflow) is WorkflowWork.CREATED
    if is_created and workflow.states:
        return claims_about("story.workflow", workflow.states, STATE_NAME.name, name=name)
    if is_created:
        return claims_about("story.workflow_alone", [workflow.workflow], name=name)
    changes = _changes_of(workflow)
    if changes:
        return claims_about("story.workflow_update", [workflow.workflow], name=name, what=changes)
    return claims_about("story.workflow_changed", [workflow.workflow], name=name)


def _changes_of(workflow: TicketWorkflow) -> str:
    """Say which states and transitions of a workflow that is there come, change and go."""
    states = workflow.ticket.of_kind(EntityKind.WORKFLOW_STATE)
    added = new_transitions(workflow)
    changed = []
    for transition in transitions_after(workflow):
        if transition.is_built_or_changed and transition.row not in added:
            changed.append(transition.row)
    removed = [transition.row for transition in removed_transitions(workflow)]
    new_states = [state for state in states if state.status is Status.APPROVED]
    changed_states = [state for state in states if state.status is Status.CHANGED]
    removed_states = workflow.removed(EntityKind.WORKFLOW_STATE)
    return changes_in_words(
        ChangedRows(phrase="new_rows", noun="state", rows=new_states),
        ChangedRows(phrase="new_rows", noun="transition", rows=added),
        ChangedRows(phrase="changed_rows", noun="state", rows=changed_states),
        ChangedRows(phrase="changed_rows", noun="transition", rows=changed),
        ChangedRows(phrase="removed_rows", noun="state", rows=removed_states),
        ChangedRows(phrase="removed_rows", noun="transition", rows=removed),
    )


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield what the ticket does with the workflow."""
    yield StatedFact(fact=work_on(workflow), rows=(workflow.workflow,))


RULE = Rule(key="workflow.story", facts=facts, say=say)
