"""The name of an image style, by which people choose it; its machine name is in addresses of images.

Source: Drupal core, `image.style.*` in `image.schema.yml`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN, label_column
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import UPKEEP_COLUMNS
from jira_pipeline.model.entities import Entity

COLUMN = label_column("Style name", "Image style name")
_NAMING_COLUMNS = frozenset({COLUMN.name, MACHINE_NAME_COLUMN, *UPKEEP_COLUMNS})


def filled_columns_beside_names(style: Entity) -> list[str]:
    """Return the columns in which a row says more of a style than what it is called."""
    return [name for name in style.cells if name not in _NAMING_COLUMNS and style.cell(name)]


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the name of each style."""
    return facts_of_cell(COLUMN.name, ticket.to_build)


COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the style", is_wording=True)
RULE = Rule(key="image_style.name", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
