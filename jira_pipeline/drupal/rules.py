"""Every rule, by the kind of thing it is about, in the order of the ticket.

Sentences of a ticket come in this order. Questions do, too, within a rank (`words.toml`).

Belongs here: the lists, and finding a rule in them. Does not: any one rule, what a rule is (`rule`).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jira_pipeline.drupal.comparisons import Counterpart
from jira_pipeline.drupal.field import default_value, required, target, widget
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.image_style import effects, name, size
from jira_pipeline.drupal.role import permission
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.workflow import transition
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.entities import EntityKind

FIELD_RULES: Sequence[Rule[TicketFields]] = (
    widget.RULE,
    required.RULE,
    target.RULE,
    default_value.RULE,
)
IMAGE_STYLE_RULES: Sequence[Rule[TicketRows]] = (name.RULE, effects.RULE, size.RULE)
ROLE_RULES: Sequence[Rule[TicketRows]] = (permission.RULE,)
WORKFLOW_RULES: Sequence[Rule[TicketWorkflow]] = (transition.RULE,)
RULES: Mapping[EntityKind, Sequence[Rule[Any]]] = {
    EntityKind.FIELD: FIELD_RULES,
    EntityKind.IMAGE_STYLE: IMAGE_STYLE_RULES,
    EntityKind.USER_ROLE: ROLE_RULES,
    EntityKind.WORKFLOW_TRANSITION: WORKFLOW_RULES,
}


@cache
def rules_by_key() -> Mapping[str, Rule[Any]]:
    """Return every rule by its key, such as `field.widget`."""
    return {rule.key: rule for rules in RULES.values() for rule in rules}


@cache
def counterparts_of(kind: EntityKind) -> Mapping[str, Counterpart]:
    """Return what the columns of a kind of thing are compared with, by their names."""
    counterparts = {}
    for rule in RULES.get(kind, ()):
        if rule.counterpart is not None:
            for column in rule.columns:
                counterparts[column.name] = rule.counterpart
        counterparts.update(rule.counterparts)
    return counterparts
