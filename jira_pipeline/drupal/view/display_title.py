"""The title of a display, by which the edit page of a view names it; visitors do not see it.

Source: Drupal core, `display_title` of `views.view.*.display.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds, Role

COLUMN = Column(
    "Title",
    ("Display title", "Display name", "Display"),
    Holds.LABEL,
    Role.LABEL,
    loss="the titles of displays",
)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield the title of each display."""
    return facts_of_cell(COLUMN.name, view.displays)


COUNTERPART = Counterpart(
    how=Comparison.WORDING,
    where="`display_title`",
    is_wording=True,
)
RULE = Rule(key="view.display_title", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
