"""Hours of a ticket, by a rule people can check.

Belongs here: the bands. Source: shared facts on writers, "What good ticket text is": up to five
rows one to three hours, up to fifteen two to six, more four to twelve.
"""

from jira_pipeline.domain.entities import EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.writers.group_facts import GroupFacts, transitions_of

_BANDS = ((5, "1-3"), (15, "2-6"))
_LARGEST = "4-12"


def estimated_hours(facts: GroupFacts) -> str:
    """Return the band for the number of rows to build, collapsed as the tables are.

    Where nothing is to be built the rows to remove count; where there is nothing at all, or a
    question decides whether there is, the hours are unknown and empty.
    """
    if facts.group.is_hollow:
        return ""
    if facts.group.action is GroupAction.REMOVE:
        return _band(len(facts.group.heads))
    transitions = facts.of_kind(EntityKind.WORKFLOW_TRANSITION)
    count = len(facts.to_build) - len(transitions) + len(transitions_of(transitions))
    count = count or len(facts.with_status(Status.DELETED))
    return _band(count) if count else ""


def _band(count: int) -> str:
    return next((band for limit, band in _BANDS if count <= limit), _LARGEST)
