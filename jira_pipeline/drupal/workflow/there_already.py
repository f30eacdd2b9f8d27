"""What a workflow that the site has contains already: states and transitions that nobody touches."""

from collections.abc import Iterator
from dataclasses import dataclass

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.transition import transitions_after
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import Entity, Status


@dataclass(frozen=True, slots=True)
class ThereAlready:
    """The fact: it is on the site as its row says."""


def rows_there(workflow: TicketWorkflow) -> list[Entity]:
    """Return the states, then the transitions that are there as their rows say."""
    rows = [state for state in workflow.states if state.status is Status.IMPLEMENTED]
    for transition in transitions_after(workflow):
        if not transition.is_built_or_changed:
            rows.append(transition.row)
    return rows


def say(workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Say which states and transitions of a workflow that is on the site are there and stay.

    `draft and published are there already and stay.`
    """
    if workflow.is_new:
        return ()
    return claims_about("analysis.workflow_there", rows_there(workflow), STATUS_COLUMN)


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield each state and transition that is there."""
    for row in rows_there(workflow):
        yield StatedFact(fact=ThereAlready(), rows=(row,))


RULE = Rule(key="workflow.there_already", facts=facts, say=say)
