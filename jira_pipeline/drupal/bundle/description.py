"""The description of a bundle: what it is for, which the page *Add content* shows below its name.

Source: Drupal core, `description` of `node.type.*`.
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal import shared_columns
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact

COLUMN = replace(
    shared_columns.DESCRIPTION, spellings=("What is it for", "What it is for", "Purpose")
)


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield what each row says that its bundle is for."""
    return facts_of_cell(COLUMN.name, bundles.heads)


COUNTERPART = Counterpart(
    how=Comparison.WORDING, where="description of the bundle", is_wording=True
)
RULE = Rule(key="bundle.description", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
