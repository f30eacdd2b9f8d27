"""The name of a responsive image style, by which people choose it for a field or in an editor.

Source: Drupal core, `responsive_image.styles.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.ticket_rows import TicketRows

COLUMN = label_column("Responsive style", "Responsive image style")


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the name of each style."""
    return facts_of_cell(COLUMN.name, ticket.to_build)


COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the style", is_wording=True)
RULE = Rule(
    key="image_style.responsive_name", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART
)
