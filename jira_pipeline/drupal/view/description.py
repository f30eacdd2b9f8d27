"""The description of a view, which the list of views shows beside its name.

Source: Drupal core, `description` of `views.view.*`.
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal import shared_columns
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.view.ticket_view import TicketView

COLUMN = replace(shared_columns.DESCRIPTION, spellings=("What it shows", "Shows", "Purpose"))


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield what its row says that the view is for."""
    return facts_of_cell(COLUMN.name, (view.head,))


COUNTERPART = Counterpart(
    how=Comparison.WORDING,
    where="description of the view",
    is_wording=True,
)
RULE = Rule(key="view.description", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
