"""What a display shows where it has no item to list.

Source: Drupal core, `empty` of `display_options` and the `@ViewsArea` plugins.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_setting
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.forms_in_text import COLUMNS

COLUMN = Column("When empty", holds=Holds.ANYTHING, is_of_tool=False)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield what each display shows where it has no item."""
    return facts_of_setting(COLUMNS[COLUMN.name], view.displays)


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`empty`, own or inherited",
    is_wording=True,
)
RULE = Rule(key="view.when_empty", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
