"""The type of a workflow: the plugin that says what its states and transitions are for.

Core has one type, Content Moderation: the states of its workflows say whether content is published.

Source: Drupal core, workflows `WorkflowTypeInterface`, content_moderation `ContentModeration`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.columns import Column, Holds, Role
from jira_pipeline.model.entities import Entity

COLUMN = Column("Type", holds=Holds.MODERATION, role=Role.KEY)


@dataclass(frozen=True, slots=True)
class ContentModeration:
    """It moderates content."""


@dataclass(frozen=True, slots=True)
class OtherType:
    """It is of a type of another module, or its row does not say its type."""


TypeFact: TypeAlias = ContentModeration | OtherType


def type_of(workflow: Entity) -> TypeFact:
    """Read the type of a workflow, by its label or its machine name."""
    if workflow.cell(COLUMN.name).casefold().replace("_", " ") == "content moderation":
        return ContentModeration()
    return OtherType()


def is_moderation(workflow: Entity) -> bool:
    """Tell whether a workflow is of Content Moderation."""
    return isinstance(type_of(workflow), ContentModeration)


COUNTERPART = Counterpart(how=Comparison.NAME, where="`type`")


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield the type of the workflow that a ticket is about."""
    yield StatedFact(fact=type_of(workflow.workflow), rows=(workflow.workflow,))


RULE = Rule(key="workflow.type", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
