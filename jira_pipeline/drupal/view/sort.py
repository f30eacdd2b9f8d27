"""In which order a display lists its items.

Source: Drupal core, `sorts` of `display_options`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_setting
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.forms_in_text import COLUMNS

COLUMN = Column("Sort", holds=Holds.ANYTHING, is_of_tool=False)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield in which order each display lists its items."""
    return facts_of_setting(COLUMNS[COLUMN.name], view.displays)


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`sorts`, own or inherited",
    form=r"None|(?:[a-z]\w* \((?:asc|desc)\)(?:; |$))+",
)
RULE = Rule(key="view.sort", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
