"""How many items a display shows at once, and whether a pager leads to the others.

Source: Drupal core, `pager` of `display_options` and the `@ViewsPager` plugins.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_setting
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.forms_in_text import COLUMNS

COLUMN = Column("Items per page", holds=Holds.ANYTHING, is_of_tool=False)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield how many items each display shows at once."""
    return facts_of_setting(COLUMNS[COLUMN.name], view.displays)


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`pager`, own or inherited",
    form=r"All|\d+(?: \(\w+ pager\))?",
)
RULE = Rule(key="view.pager", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
