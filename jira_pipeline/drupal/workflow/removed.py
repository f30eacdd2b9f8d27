"""States and transitions that go from a workflow.

Drupal deletes a state only when no content is in it. A transition that other rows build stays.

Source: Drupal core, workflows `WorkflowStateDeleteForm`, content_moderation
`ContentModeration::workflowStateHasData`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import label_and_name, listed
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.transition import removed_transitions
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import Entity, EntityKind


@dataclass(frozen=True, slots=True)
class Removed:
    """The fact: a state or transition goes."""


def removed_rows(workflow: TicketWorkflow) -> list[Entity]:
    """Return the states that go, then the transitions."""
    transitions = [transition.row for transition in removed_transitions(workflow)]
    return [*removed_states(workflow), *transitions]


def removed_states(workflow: TicketWorkflow) -> list[Entity]:
    return workflow.removed(EntityKind.WORKFLOW_STATE)


def say(workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Say that Drupal deletes a state only when no content is in it.

    `Drupal deletes waiting only when no content is in that state.`
    """
    return claims_about("analysis.state_in_use", removed_states(workflow), STATUS_COLUMN)


def check(workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Claim that the workflow does not have the removed states and transitions any more.

    `The workflow does not have “Waiting” and “Send”.`
    """
    removed = removed_rows(workflow)
    names = listed(map(label_and_name, removed), word="or")
    return claims_about("verification.workflow_without", removed, STATUS_COLUMN, names=names)


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield each state and transition that goes."""
    for row in removed_rows(workflow):
        yield StatedFact(fact=Removed(), rows=(row,))


RULE = Rule(key="workflow.removed", facts=facts, say=say, check=check)
