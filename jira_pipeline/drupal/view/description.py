"""The description of a view, which the list of views shows beside its name.

Source: Drupal core, `description` of `views.view.*`.
"""

from dataclasses import replace

from jira_pipeline.drupal import shared_columns
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule

COLUMN = replace(shared_columns.DESCRIPTION, spellings=("What it shows", "Shows", "Purpose"))
COUNTERPART = Counterpart(
    how=Comparison.WORDING,
    where="description of the view",
    is_wording=True,
)
RULE: Rule[object] = Rule(key="view.description", columns=(COLUMN,), counterpart=COUNTERPART)
