"""The label of a field: what forms and pages call it.

It is set for each bundle; of two bundles that share a storage each may have its own.

Source: Drupal core, `FieldConfig` (`label`).
"""

from dataclasses import replace

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.model.columns import CUSTOM_LABEL_COLUMNS

COLUMN = replace(
    label_column("Field label"), loosely=(*CUSTOM_LABEL_COLUMNS, "Field", "Field name")
)
COUNTERPART = Counterpart(
    how=Comparison.WORDING, where="label of the field on its bundle", is_wording=True
)
RULE: Rule[TicketFields] = Rule(key="field.label", columns=(COLUMN,), counterpart=COUNTERPART)
