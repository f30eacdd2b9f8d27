"""The name of a view, by which people find it in the list of views, under *Structure*.

Source: Drupal core, `label` of `views.view.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.view.ticket_view import TicketView

COLUMN = label_column("View name")


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield the name of the view."""
    return facts_of_cell(COLUMN.name, (view.head,))


COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the view", is_wording=True)
RULE = Rule(key="view.name", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
