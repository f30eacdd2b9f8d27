"""The description of a bundle: what it is for, which the page *Add content* shows below its name.

Source: Drupal core, `description` of `node.type.*`.
"""

from dataclasses import replace

from jira_pipeline.drupal import shared_columns
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule

COLUMN = replace(
    shared_columns.DESCRIPTION, spellings=("What is it for", "What it is for", "Purpose")
)
COUNTERPART = Counterpart(
    how=Comparison.WORDING, where="description of the bundle", is_wording=True
)
RULE: Rule[object] = Rule(key="bundle.description", columns=(COLUMN,), counterpart=COUNTERPART)
