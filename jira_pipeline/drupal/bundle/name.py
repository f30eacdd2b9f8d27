"""The name of a bundle, by which people choose it when they add content.

Source: Drupal core, `name` of `node.type.*`, `label` of `media.type.*` and others.
"""

from dataclasses import replace

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import label_column

COLUMN = replace(label_column("Name", "Bundle name"), loosely=("Label", "Title", "Component"))
COUNTERPART = Counterpart(how=Comparison.WORDING, where="label of the bundle", is_wording=True)
RULE: Rule[object] = Rule(key="bundle.name", columns=(COLUMN,), counterpart=COUNTERPART)
