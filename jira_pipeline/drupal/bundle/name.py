"""The name of a bundle, by which people choose it when they add content.

Source: Drupal core, `name` of `node.type.*`, `label` of `media.type.*` and others.
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column

COLUMN = replace(label_column("Name", "Bundle name"), loosely=("Label", "Title", "Component"))


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield the name of each bundle."""
    return facts_of_cell(COLUMN.name, bundles.heads)


COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the bundle", is_wording=True)
RULE = Rule(key="bundle.name", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
