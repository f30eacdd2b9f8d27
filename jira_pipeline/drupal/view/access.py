"""Who may see a display: everybody, or people with a permission or a role.

Source: Drupal core, `access` of `display_options` and the `@ViewsAccess` plugins.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_setting
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.forms_in_text import COLUMNS

COLUMN = Column("Access", holds=Holds.ANYTHING, is_of_tool=False)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield who may see each display."""
    return facts_of_setting(COLUMNS[COLUMN.name], view.displays)


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`access`, own or inherited",
    form=r"Everybody|(?:permission|roles) [a-z].*",
)
RULE = Rule(key="view.access", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
