"""The estimate of a ticket, by the number of its rows: as wide as estimates of such work are."""

from bisect import bisect_left

from jira_pipeline.model.entities import EntityKind, Status
from jira_pipeline.model.entity_groups import GroupAction, GroupKind
from jira_pipeline.model.tickets import HOURS_BY_ROWS
from jira_pipeline.sources.drupal.view_displays import is_as_shipped
from jira_pipeline.sources.drupal.workflow_rows import ways_of
from jira_pipeline.sources.sharedo.component_use import main_items
from jira_pipeline.sources.sharedo.lexicon import group_of
from jira_pipeline.sources.sharedo.packages import ComponentGroup
from jira_pipeline.writing.group_facts import GroupFacts

_BAND_LIMITS = (5, 15)
"""Rows of all bands but the largest."""
_OPTIONS_AS_ONE, _FIELDS_AS_ONE = 5, 2


def estimated_hours(facts: GroupFacts) -> str:
    """Return the band for the number of rows to build, collapsed as the tables are.

    Where nothing is to be built the rows to remove count; where there is nothing at all, or a
    question decides whether there is, the hours are unknown and empty. So are those of a migration:
    its one row does not tell how much work it is. What a module ships and no row changes is no work.
    """
    group = facts.group
    if group.is_hollow or group.kind is GroupKind.MIGRATION:
        return ""
    if group.kind is GroupKind.VIEW and is_as_shipped(facts.head, facts.rows):
        return ""
    if group.action is GroupAction.REMOVE:
        count = len(group.heads)
    else:
        transitions = facts.of_kind(EntityKind.WORKFLOW_TRANSITION)
        count = (
            len(facts.to_build)
            - len(transitions)
            + len(ways_of(transitions, facts.session.specification))
        )
        if group.kind is GroupKind.COMPONENT:
            count = _weight(facts, count)
        count = count or len(facts.with_status(Status.DELETED))
    if not count and any(head.status is Status.CHANGED for head in group.heads):
        count = 1
    return HOURS_BY_ROWS[bisect_left(_BAND_LIMITS, count)] if count else ""


def _weight(facts: GroupFacts, count: int) -> int:
    """Count two fields inside the sections of a form as one row, and five options."""
    group = group_of(facts.head)
    if group is ComponentGroup.OPTION_SETS:
        return -(-count // _OPTIONS_AS_ONE)
    _, items = main_items(facts.head, facts.session.specification)
    return max(count, len(items) // _FIELDS_AS_ONE) if group is ComponentGroup.FORMS else count
