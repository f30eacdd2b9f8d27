"""The label of a field: what forms and pages call it.

It is set for each bundle; of two bundles that share a storage each may have its own.

Source: Drupal core, `FieldConfig` (`label`).
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.model.columns import CUSTOM_LABEL_COLUMNS

COLUMN = replace(
    label_column("Field label"), loosely=(*CUSTOM_LABEL_COLUMNS, "Field", "Field name")
)
COUNTERPART = Counterpart(
    how=Comparison.WORDING, where="label of the field on its bundle", is_wording=True
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the label of each field to set."""
    return facts_of_cell(COLUMN.name, fields.set)


RULE = Rule(key="field.label", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
